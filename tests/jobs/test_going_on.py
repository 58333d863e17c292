"""A checkpoint is a promise: from `last` a run goes on exactly as if it had not stopped."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_tui.jobs import training
from lstm_tui.jobs.events import Event, Finished, Planned, Progress, Rated, Saved
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.runs.run import Run
from tests.jobs.conftest import MakeRun

CUTS = ("streams", "windows", "random lengths")
TIMINGS = {"tokens_per_second", "elapsed", "when"}


def whole(run: Run) -> list[Event]:
    return list(train(run, "cpu", Requests()))


def stopped_at(run: Run, step: int) -> list[Event]:
    """Train until about `step`, as SIGINT and the key `s` do: a request to stop."""
    requests, events = Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Progress) and event.step >= step:
            requests.put("stop")
    return events


def metrics(run: Run) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k not in TIMINGS} for line in run.lines("metrics")]


def assert_same(one: Run, other: Run) -> None:
    """Weights, optimiser, random states and every column of the metrics but the timings."""
    for kind in ("last", "best"):
        a, b = one.read_checkpoint(kind), other.read_checkpoint(kind)
        assert a.tensors.keys() == b.tensors.keys()
        for name in a.tensors:
            np.testing.assert_array_equal(a.tensors[name], b.tensors[name], err_msg=name)
    assert one.read_checkpoint("last").info["position"] == other.read_checkpoint("last").info["position"]
    assert metrics(one) == metrics(other)
    assert list(one.lines("samples")) == list(other.lines("samples"))


@contextmanager
def global_draws() -> Iterator[None]:
    """Another thread that draws from torch's global generator all the time."""
    over = threading.Event()

    def draw() -> None:
        while not over.wait(0.0005):
            torch.rand(100)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("cut", CUTS)
def test_stopped_and_resumed_equals_one_go(make_run: MakeRun, cut: str) -> None:
    overrides = {"batches": {"cut": cut, "shortest": 5}}
    one = make_run(overrides)
    assert isinstance(whole(one)[-1], Finished)
    other = make_run(overrides)
    first = stopped_at(other, 100)[-1]
    assert isinstance(first, Finished) and first.reason == "stopped" and 100 <= first.step < 200
    last = whole(other)[-1]
    assert isinstance(last, Finished) and last.reason == "budget" and last.step == 200
    assert_same(one, other)


@pytest.mark.parametrize("targets", ["every", "last"])
def test_other_draws_scorings_and_generations_change_nothing(make_run: MakeRun, targets: str) -> None:
    overrides = {"batches": {"targets": targets}}
    one = make_run(overrides)
    whole(one)
    other = make_run(overrides)
    requests = Requests()
    generated = 0
    with global_draws():
        for event in train(other, "cpu", requests):
            if isinstance(event, Progress):
                requests.put("save")
                if other.checkpoint_path("best").exists():
                    generated += len(list(Generation(other, "The", seed=1)))
    assert generated > 0
    assert_same(one, other)


def test_samples_by_request_change_nothing_that_is_learnt(make_run: MakeRun) -> None:
    one, other = make_run(), make_run()
    whole(one)
    requests = Requests()
    for event in train(other, "cpu", requests):
        if isinstance(event, Progress):
            requests.put("sample")
    assert len(list(other.lines("samples"))) > len(list(one.lines("samples")))
    assert metrics(one) == metrics(other)


def test_how_often_the_trainer_gives_a_value_changes_nothing(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_run(), make_run()
    whole(one)
    monkeypatch.setattr(training, "_YIELD_SECONDS", 0.0)
    whole(other)
    assert_same(one, other)


def test_a_crash_goes_on_from_the_last_save(make_run: MakeRun) -> None:
    one, other = make_run(), make_run()
    whole(one)
    requests = Requests()
    job = train(other, "cpu", requests)
    for event in job:
        if isinstance(event, Progress) and event.step == 80:
            requests.put("save")
        if isinstance(event, Progress) and event.step == 130:
            break
    # The process dies here: the generator is dropped, `last` is of step 80, the metrics go further.
    job.close()  # type: ignore[attr-defined]
    assert other.read_checkpoint("last").info["step"] == 80
    whole(other)
    assert_same(one, other)


def test_a_copied_run_goes_on_without_its_corpus(make_run: MakeRun, tmp_path: Path) -> None:
    one, other = make_run(), make_run()
    whole(one)
    stopped_at(other, 60)
    copy = Run(tmp_path / "elsewhere" / other.id)
    shutil.copytree(other.folder, copy.folder)
    shutil.rmtree(other.folder)
    assert whole(copy)[-1].event == "finished"
    assert_same(one, copy)


def test_pausing_saves_and_changes_nothing(make_run: MakeRun) -> None:
    one, other = make_run(), make_run()
    whole(one)
    requests = Requests()
    saved_while_paused = False
    for event in train(other, "cpu", requests):
        if isinstance(event, Progress) and event.step == 40:
            requests.put("pause")
        if isinstance(event, Saved) and event.step == 40:
            saved_while_paused = True
            requests.put("go on")
    assert saved_while_paused
    assert_same(one, other)


def test_orders_of_another_process_are_obeyed(make_run: MakeRun) -> None:
    run = make_run({"learning": {"schedule": "constant", "warmup": 0}})
    for event in train(run, "cpu", Requests()):
        if isinstance(event, Progress) and event.step == 30:
            run.request("rate 0.5")
            run.request("stop")
    assert isinstance(event, Finished) and event.reason == "stopped" and event.step < 200
    assert run.read_checkpoint("last").info["rate_factor"] == 0.5
    # The factor is part of the run: it goes on with it.
    rates = [line["learning_rate"] for line in run.lines("metrics") if line["event"] == "progress"]
    whole(run)
    after = [line["learning_rate"] for line in run.lines("metrics") if line["event"] == "progress"]
    assert after[len(rates)] == pytest.approx(rates[-1] / 2)


def halved_at(run: Run, step: int, stop: bool = False) -> list[Event]:
    """Train, the learning rate halved after `step`, as the key `-` does; and stopped 20 steps later."""
    requests, events = Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Progress) and event.step == step:
            requests.put("rate", 0.5)
        if stop and isinstance(event, Progress) and event.step == step + 20:
            requests.put("stop")
    return events


def test_a_rate_that_was_halved_is_recorded_and_goes_on_exactly(make_run: MakeRun) -> None:
    plain, one, other = make_run(), make_run(), make_run()
    whole(plain)
    events = halved_at(one, 80)
    assert Rated(80, 0.5, 0.5) in events
    assert halved_at(other, 80, stop=True)[-1].event == "finished"
    assert other.read_checkpoint("last").info["step"] < 200
    whole(other)
    assert_same(one, other)
    assert [line for line in metrics(other) if line["event"] == "rated"] == [
        {"event": "rated", "step": 80, "factor": 0.5, "rate_factor": 0.5}
    ]

    def rates(run: Run) -> list[float]:
        return [line["learning_rate"] for line in run.lines("metrics") if line["event"] == "progress"]

    expected = [rate / (1 if (at + 1) * 10 <= 80 else 2) for at, rate in enumerate(rates(plain))]
    assert rates(one) == pytest.approx(expected)


def test_a_rate_that_was_halved_outlives_a_crash(make_run: MakeRun) -> None:
    run = make_run()
    job = train(run, "cpu", requests := Requests())
    for event in job:
        if isinstance(event, Progress) and event.step == 80:
            requests.put("save")
            requests.put("rate", 0.5)
        if isinstance(event, Progress) and event.step == 100:
            break
    job.close()  # type: ignore[attr-defined]
    info = run.read_checkpoint("last").info
    assert (info["step"], info["rate_factor"]) == (80, 0.5)


def test_a_crash_while_a_new_rate_is_kept_leaves_one_truth(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run, requests = make_run({"budget": {"steps": 20}}), Requests()
    append = Run.append

    def crash(self: Run, name: str, line: str) -> None:
        if '"rated"' in line:
            raise KeyboardInterrupt
        append(self, name, line)

    monkeypatch.setattr(Run, "append", crash)
    with pytest.raises(KeyboardInterrupt):
        for event in train(run, "cpu", requests):
            if isinstance(event, Progress):
                requests.put("rate", 0.5)
    assert run.read_checkpoint("last").info["rate_factor"] == 0.5


def test_the_share_of_clipped_steps_is_counted_exactly(make_run: MakeRun) -> None:
    """A line of metrics for each step says whether its norm was above the limit; a line for ten, how often."""
    clip = {"learning": {"clip": 0.6}}
    plan = {"score_every": 50, "precision": "fp32", "threads": 1}
    each, tens = make_run({**clip, "plan": {**plan, "record_every": 1}}), make_run(clip)
    singles = [event for event in whole(each) if isinstance(event, Progress)]
    assert {event.clipped for event in singles} == {0.0, 1.0}
    assert all(event.clipped == (event.gradient_norm > 0.6) for event in singles)
    stopped_at(tens, 60)
    whole(tens)
    for line in tens.lines("metrics"):
        if line["event"] == "progress":
            ten = singles[line["step"] - 10 : line["step"]]
            assert line["clipped"] == pytest.approx(sum(event.clipped or 0 for event in ten) / 10)
    none = [event for event in whole(make_run({"learning": {"clip": None}})) if isinstance(event, Progress)]
    assert all(event.clipped is None for event in none)


def test_bfloat16_is_repeatable_too(make_run: MakeRun) -> None:
    overrides = {
        "model": {"hidden": 64, "layers": 1},
        "plan": {"precision": "bf16", "threads": 2},
        "budget": {"steps": 30},
    }
    one, other = make_run(overrides), make_run(overrides)
    whole(one)
    stopped_at(other, 10)
    whole(other)
    assert_same(one, other)


def test_a_time_budget_measures_plans_and_ends(make_run: MakeRun) -> None:
    nothing = {"score_every": None, "record_every": None, "precision": None, "threads": None}
    run = make_run({"plan": nothing, "budget": {"steps": None, "minutes": 0.06}, "text": {"held_out": 0.1}})
    events = whole(run)
    planned = [event for event in events if isinstance(event, Planned)]
    assert planned
    last = events[-1]
    assert isinstance(last, Finished) and last.reason == "budget"
    assert last.step == run.read_checkpoint("last").info["plan"]["horizon"] == planned[-1].horizon
    # A machine that is busy with other tests changes its pace meanwhile; without a plan the run would never end.
    assert 2.0 < last.elapsed < 3 * 3.6
