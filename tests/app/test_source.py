"""How events become a Snapshot, and how a job is driven."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lstm_tui import devices
from lstm_tui.app.fold import Fold
from lstm_tui.app.history import History, thin
from lstm_tui.app.source import LiveSource
from lstm_tui.app.standing import findings
from lstm_tui.errors import UserError
from lstm_tui.jobs import training
from lstm_tui.jobs.events import (
    Event,
    Failed,
    Finished,
    Planned,
    Progress,
    Rated,
    Sampled,
    Saved,
    Scored,
    Scoring,
    Started,
    Warned,
)
from lstm_tui.progress import Tell
from lstm_tui.recipes import find
from lstm_tui.runs.run import Run

NOON = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
STARTED = Started("r", "/r", "cpu", 1000, 60, 9000, 1000)


def progress(step: int, loss: float = 2.0) -> Progress:
    return Progress(step, step / 100, loss, 0.005, 0.5, 1000.0, step / 10)


def folded(*events: Event) -> Fold:
    fold = Fold(now=lambda: NOON)
    for event in events:
        fold.take(event)
    return fold


def test_a_course_is_halved_when_full_and_keeps_its_shape() -> None:
    history = History(size=8)
    for step in range(100):
        history.append(step, float(step))
    points = history.points()
    assert len(points) <= 9
    assert points[-1][0] == 99
    assert sorted(points) == list(points)
    assert all(step - 16 <= value <= step for step, value in points)


def test_the_lowest_value_survives_halving() -> None:
    history = History(size=4, join="lowest")
    for step in range(64):
        history.append(step, 0.5 if step == 13 else 3.0)
    assert (13, 0.5) in history.points()


def test_values_that_are_not_finite_are_passed_over() -> None:
    snapshot = folded(STARTED, progress(1), progress(2, float("nan")), Scored(2, float("inf"), False)).snapshot()
    assert snapshot.curve == ((1, 2.0),)
    assert snapshot.validation == ()
    assert snapshot.train_loss is None
    assert snapshot.step == 2


@pytest.mark.parametrize("columns", [0, 1, 3, 10, 200])
def test_thin_gives_no_more_than_asked(columns: int) -> None:
    points = [(step, float(step)) for step in range(100)]
    thinned = thin(points, columns)
    assert len(thinned) <= columns
    assert not thinned or thinned[-1][0] == 99


def test_events_add_up() -> None:
    fold = folded(
        STARTED,
        Planned(1, 200, 50, 10, "fp32", 2),
        progress(50),
        Scored(50, 1.9, True),
        progress(100),
        Scored(100, 2.1, False),
        Sampled(100, "text"),
        Saved("last", 100),
        Warned("careful"),
    )
    snapshot = fold.snapshot()
    assert (snapshot.state, snapshot.step, snapshot.horizon) == ("training", 100, 200)
    assert (snapshot.validation_loss, snapshot.best_validation_loss, snapshot.best_step) == (2.1, 1.9, 50)
    assert snapshot.seconds_left == pytest.approx(10.0)
    assert [sample.text for sample in snapshot.samples] == ["text"]
    assert snapshot.log[-1] == "12:00:00 careful"
    assert snapshot.saved_at is not None
    fold.take(Scoring(5_000_000))
    snapshot = fold.snapshot()
    assert (snapshot.state, snapshot.message, snapshot.busy) == ("scoring", "", True)
    assert snapshot.log[-1] == "12:00:00 scores the best on all 5,000,000 tokens that are held out"
    fold.take(Finished("r", "stopped", 100, 2.0, 1.9, 10.0))
    assert (fold.snapshot().state, fold.snapshot().complete) == ("finished", False)
    assert "stopped at step 100" in fold.snapshot().message


def test_a_line_of_another_day_stands_beneath_its_date() -> None:
    """What an earlier version wrote has no time; what is no time is none."""
    times: list[Any] = [None, "noon", 1e300, NOON - 86_400, NOON - 86_340, NOON - 60]
    lines = [
        {"event": "scored", "step": step, "validation_loss": 2.0, "when": when} for step, when in enumerate(times, 1)
    ]
    fold = Fold(now=lambda: NOON)
    fold.recall([*lines, {**asdict(Rated(7, 2.0, 2.0)), "event": "rated", "when": NOON}], [], {})
    assert fold.snapshot().log == (
        "         step 1: validation 2.000, the best so far",
        "         step 2: validation 2.000",
        "         step 3: validation 2.000",
        "2026-11-20",
        "12:00:00 step 4: validation 2.000",
        "12:01:00 step 5: validation 2.000",
        "2026-11-21",
        "11:59:00 step 6: validation 2.000",
        "12:00:00 step 7: learning rate times 2, as asked",
    )


def test_pausing_is_known_by_its_order() -> None:
    fold = folded(STARTED)
    fold.requested("pause")
    fold.take(progress(1))
    assert fold.snapshot().state == "paused"
    fold.requested("go on")
    assert fold.snapshot().state == "training"


def test_scoring_does_not_pause() -> None:
    fold = folded(STARTED, Planned(1, 200, 50, 10, "fp32", 2))
    fold.requested("pause")  # too late
    fold.take(Scoring(5_000_000))
    fold.requested("pause")
    assert fold.snapshot().state == "scoring" and not fold.snapshot().log[-1].endswith("paused")
    fold.requested("stop")
    assert (fold.snapshot().state, fold.snapshot().message) == ("scoring", "stopping")


def test_a_resumed_run_brings_its_course() -> None:
    fold = Fold()
    fold.recall(
        [
            {"event": "progress", "step": 10, "train_loss": 3.0},
            {"event": "progress", "step": 20, "train_loss": None},
            {"event": "scored", "step": 20, "validation_loss": 2.5, "best": True},
        ],
        [{"event": "sampled", "step": 20, "text": "old"}, {"step": "damaged"}],
        {},
    )
    snapshot = fold.snapshot()
    assert snapshot.curve == ((10, 3.0),)
    assert (snapshot.best_validation_loss, snapshot.best_step) == (2.5, 20)
    assert [sample.text for sample in snapshot.samples] == ["old"]


def test_a_sitting_is_not_measured_by_one_before_it() -> None:
    """It may have had another device: what this one began with is all that it slows down from."""
    lines = [
        {**asdict(progress(step)), "event": "progress", "tokens_per_second": 90_000.0} for step in range(10, 410, 10)
    ]
    fold = Fold()
    fold.describe(cast("Run", FakeRun()))
    fold.recall(lines, [], {})
    slow = [replace(progress(step), tokens_per_second=9000.0) for step in range(410, 600, 10)]
    fold.take(STARTED)
    for event in slow:
        fold.take(event)
    assert fold.snapshot().begun_at == 400
    assert "slow" not in [finding.name for finding in findings(fold.snapshot())]
    for step in range(600, 700, 10):
        fold.take(replace(progress(step), tokens_per_second=900.0))
    assert "slow" in [finding.name for finding in findings(fold.snapshot())]


class FakeRun:
    """As much of a Run as a source looks at."""

    id, corpus, recipe, folder = "r", "text", "quick", "/r"
    config = find("words").config()
    baselines = parent = None
    characters, scored = 5.2, [0] * 10
    vocabulary = SimpleNamespace(unknown_share=lambda ids: 0.2)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        yield from ()

    def checkpoint_path(self, kind: str) -> Path:
        return Path("/nowhere")


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A job that runs until it is told to stop, and the orders it took."""
    taken: list[str] = []

    def train(run: Run, device: str, requests: Any) -> Iterator[Event]:
        yield STARTED
        while "stop" not in taken:
            taken.append(requests._queue.get(timeout=5).verb)
        yield Finished("r", "stopped", 1, None, None, 0.0)

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(devices, "choose", lambda name: SimpleNamespace(name="cpu"))
    return taken


def run(_tell: Tell) -> Run:
    return cast(Run, FakeRun())


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_orders_reach_the_job_even_those_given_before_it_stands(job: list[str]) -> None:
    source, ready = LiveSource(), threading.Event()

    def prepare(tell: Tell) -> Run:
        assert ready.wait(5)
        return run(tell)

    assert source.start(prepare, "auto")
    assert source.snapshot().state == "preparing"
    source.request("sample")
    assert not source.start(run, "auto")  # a second one is not begun
    assert source.busy
    ready.set()
    wait_for(lambda: source.snapshot().state == "training")
    assert (source.snapshot().characters, source.snapshot().unknown) == (5.2, 0.2)
    source.request("stop")
    wait_for(lambda: not source.busy)
    assert job == ["sample", "stop"]
    assert source.snapshot().state == "finished"


def test_a_stop_right_after_the_start_is_not_lost(job: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    imported = threading.Event()
    monkeypatch.setattr(devices, "choose", lambda name: imported.wait(5) and SimpleNamespace(name="cpu"))
    prepared: list[bool] = []
    source = LiveSource()
    source.start(lambda tell: prepared.append(True) or run(tell), "auto")  # type: ignore[func-returns-value]
    source.interrupt()
    imported.set()
    wait_for(lambda: not source.busy)
    assert not prepared and not job
    assert (source.snapshot().state, source.snapshot().run) == ("idle", "")


def test_a_stop_while_preparing_is_seen_and_nothing_is_trained(job: list[str]) -> None:
    source, ready = LiveSource(), threading.Event()
    source.start(lambda tell: (ready.wait(5), run(tell))[1], "auto")
    source.request("stop")
    assert source.snapshot().message == "stopping"
    ready.set()
    wait_for(lambda: not source.busy)
    assert not job
    assert "stopped before it began" in source.snapshot().refused


def test_preparing_says_how_far_it_is_and_ends_when_it_is_called_off(job: list[str]) -> None:
    source, told, off = LiveSource(), threading.Event(), threading.Event()

    def prepare(tell: Tell) -> Run:
        tell("encoding big.txt", 0.34)
        told.set()
        off.wait(5)
        tell("encoding big.txt", 0.35)
        raise AssertionError("it went on")

    source.start(prepare, "auto")
    assert told.wait(5)
    assert (source.snapshot().state, source.snapshot().message) == ("preparing", "encoding big.txt, 34 %")
    source.request("stop")
    off.set()
    wait_for(lambda: not source.busy)
    assert not job
    assert "stopped before it began" in source.snapshot().refused


def test_a_stop_while_the_model_is_built_stays_in_sight(job: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    building, built, ending = threading.Event(), threading.Event(), threading.Event()

    def train(*_: object) -> Iterator[Event]:
        building.set()
        built.wait(5)
        yield STARTED
        ending.wait(5)
        yield Finished("r", "stopped", 1, None, None, 0.0)

    monkeypatch.setattr(training, "train", train)
    source = LiveSource()
    source.start(run, "auto")
    building.wait(5)
    source.request("stop")
    built.set()
    wait_for(lambda: source.snapshot().state == "training")
    assert source.snapshot().message == "stopping"
    ending.set()
    wait_for(lambda: not source.busy)
    assert "stopped at step 1" in source.snapshot().message


@pytest.mark.parametrize(
    ("error", "words"),
    [(UserError("The disk is full."), "The disk is full."), (KeyError("x"), "went wrong (KeyError)")],
)
def test_what_goes_wrong_before_the_job_is_a_sentence_and_the_last_run_stays(
    error: Exception, words: str, job: list[str]
) -> None:
    source = LiveSource()

    def prepare(_tell: Tell) -> Run:
        raise error

    source.start(prepare, "auto")
    wait_for(lambda: not source.busy)
    assert source.snapshot().state == "idle"
    assert words in source.snapshot().refused

    source.start(run, "auto")
    wait_for(lambda: source.snapshot().state == "training")
    assert not source.snapshot().refused
    source.request("stop")
    wait_for(lambda: not source.busy)
    before = source.snapshot()
    source.start(prepare, "auto")
    wait_for(lambda: not source.busy)
    after = source.snapshot()
    assert words in after.refused
    assert replace(after, refused="", log=()) == replace(before, log=())


def test_a_failed_job_says_why(job: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "train", lambda *rest: iter([STARTED, Failed("too little memory")]))
    source = LiveSource()
    source.start(run, "cpu")
    wait_for(lambda: not source.busy)
    assert (source.snapshot().state, source.snapshot().message) == ("failed", "too little memory")


def test_the_log_says_from_which_step_a_run_goes_on() -> None:
    assert folded(STARTED).snapshot().log[-1].startswith("12:00:00 started on cpu: 1,000 parameters")
    again = folded(STARTED, progress(4015), STARTED).snapshot().log[-1]
    assert again.startswith("12:00:00 goes on from step 4,015 on cpu: 1,000 parameters")
