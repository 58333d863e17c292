"""Going on with a run: at once where it can, and by a dialog where it has ended."""

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from lstm_tui.app.app import LstmTui
from lstm_tui.app.longer import Longer, Standing, longer, standing, until, ways
from lstm_tui.app.screens import go_on
from lstm_tui.app.screens.go_on import GoOn
from lstm_tui.app.source import ScriptedSource
from lstm_tui.config import check
from lstm_tui.errors import UserError
from lstm_tui.progress import silent
from lstm_tui.recipes import find
from lstm_tui.runs.run import Run
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run


def ended(name: str, reason: str | None = "budget", **learning: Any) -> Run:
    """A run that has ended after 740 steps, 12 epochs and 72 seconds."""
    run = make_run(name)
    if learning:
        run.replan(check({**run.config.model_dump(), "learning": {**run.config.learning.model_dump(), **learning}}))
    shutil.rmtree(run.folder / "last.safetensors", ignore_errors=True)
    again = make_run(f"{name}-done", info={"reason": reason, "epochs": 12.0, "budget": run.config.budget.model_dump()})
    shutil.copy(again.folder / "last.safetensors", run.folder / "last.safetensors")
    shutil.rmtree(again.folder)
    return run


def test_the_amount_comes_beside_what_was_used() -> None:
    here = Standing("small", find("quick").config(), "budget", 740, 12.0, 72.0)
    assert here.amount == "12 epochs or 90s"
    chosen = longer(here, "+12 epochs or 90s")
    assert chosen == Longer({"epochs": 24.0, "minutes": 2.7})
    assert until(here, chosen) == "It ends at 24.0 epochs or 2:42 of training, all told."
    more = longer(here, "1k steps, until validation stops improving")
    assert more == Longer({"steps": 1740}, 5) and until(here, more).endswith("or when validation stops improving.")
    for typed in ("none", "", "soon", "until validation stops improving", "0 steps", "9" * 400 + " steps"):
        with pytest.raises(UserError):
            longer(here, typed)


def test_each_way_says_what_the_rate_does() -> None:
    here = Standing("small", find("quick").config(), "budget", 740, 12.0, 72.0)
    lines = {way: f"{words}: {what}" for way, words, what in ways(here, longer(here, "740 steps"))}
    assert lines == {
        "hold": "hold the final rate: 0.00035 from here on",
        "restart": "a new cosine: a warm restart: 0.007 again, down to 0.00035",
        "stretch": "the old one, longer: over all of it: 0.0039 now, down to 0.00035",
    }
    early = Standing("small", find("quick").config(), "early stop", 740, 12.0, 72.0)  # its final rate was not reached
    assert [way for way, _, _ in ways(early, None)] == ["restart", "stretch"]
    constant = check({"learning": {"schedule": "constant"}})
    assert ways(Standing("small", constant, "budget", 1, 1.0, 1.0), None) == []


def test_a_run_that_can_go_on_has_not_ended() -> None:
    for name, reason in (("stopped", "stopped"), ("diverged", "diverged"), ("crashed", None)):
        assert standing(ended(name, reason).id) is None
    run = ended("longer")
    assert standing(run.id) is not None
    run.replan(check({**run.config.model_dump(), "budget": {"minutes": 9}}))
    assert standing(run.id) is None  # it was given more since
    assert standing(make_run("new", saved=False).id) is None
    assert standing(ended("early", "early stop").id) is not None


async def test_a_run_that_was_stopped_goes_on_at_once_and_one_that_ended_asks(home: Path) -> None:
    ended("stopped", "stopped")
    run = ended("done")
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_on("done")
        await wait_until(pilot, lambda: isinstance(app.screen, GoOn) and "a new cosine" in shown(app))
        await wait_until(pilot, lambda: "Go on" in shown(app))
        for words in (
            "go on with done",
            "It has used its budget: 740 steps, 12.0 epochs, 1:12 of training.",
            "12 epochs or 90s",
            "It ends at 24.0 epochs or 2:42 of training, all told.",
            "▸ hold the final rate  0.00035 from here on",
        ):
            assert words in shown(app)
        await pilot.press("9", "x", "enter")
        await wait_until(pilot, lambda: "not '9x'" in shown(app))
        assert isinstance(app.screen, GoOn) and not source.started
        await pilot.press("backspace", *"h", "down", "enter")
        await wait_until(pilot, lambda: source.started)
        prepare, _ = source.started.pop()
        assert prepare(silent).folder == run.folder
        config = Run(run.folder).config
        assert config.budget.minutes == pytest.approx(541.2) and config.learning.restart_at == 740
        source.show(source.snapshot().__class__())
        app.go_on("stopped")
        await wait_until(pilot, lambda: source.started)
        app.go_on("gone")
        await wait_until(pilot, lambda: "gone" in said(app))


async def test_a_schedule_that_goes_on_by_itself_offers_no_choice() -> None:
    run = ended("plain", schedule="constant")
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_on("plain")
        await wait_until(pilot, lambda: "goes on as its schedule, constant, says" in shown(app))
        await pilot.press("down", "escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, GoOn))
        app.go_on("plain")
        await wait_until(pilot, lambda: isinstance(app.screen, GoOn) and "constant" in shown(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: source.started)
        source.started.pop()[0](silent)
        assert Run(run.folder).config.learning.hold_from is None


async def test_it_is_asked_once_and_only_where_the_person_still_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ended("done")
    gate, asked, answered = threading.Semaphore(0), list[str](), list[str]()
    begin = go_on.begin

    def slowly(run_id: str) -> Standing | None:
        asked.append(run_id)
        gate.acquire(timeout=5)
        return standing(run_id)

    def told(app: LstmTui, run_id: str, asked_on: Screen[Any]) -> None:
        begin(app, run_id, asked_on)
        answered.append(run_id)

    monkeypatch.setattr(go_on, "standing", slowly)
    monkeypatch.setattr(go_on, "begin", told)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_on("done")
        await wait_until(pilot, lambda: len(asked) == 1)
        app.go_on("done")
        await wait_until(pilot, lambda: len(asked) == 2)
        gate.release(2)
        await wait_until(pilot, lambda: len(answered) == 2)
        await wait_until(pilot, lambda: isinstance(app.screen, GoOn))
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        app.go_on("done")
        app.show_screen("configure")
        gate.release()
        await wait_until(pilot, lambda: len(answered) == 3)
        await pilot.pause()
        assert not isinstance(app.screen, GoOn)
