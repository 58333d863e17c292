"""What people come for, by the keyboard alone, as lists of keys: none may take more than is written beside it.

What is typed into a field is one `Typed`, and no key. What was started is read where it is prepared.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.jobs import preparing
from lstm_tui.progress import silent
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.app.conftest import app_of, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script
from tests.app.test_from_run import scored
from tests.conftest import TEXT

scripted = pytest.fixture(autouse=True)(by_script)


class Typed(str):
    """Text that is typed into the field that has the focus."""


Step = str | Callable[[], object]
"""A key, text that is typed, or what a person waits for before the next key."""


async def journey(pilot: Pilot[None], steps: Sequence[Step], most: int) -> None:
    """Press the keys one after the other; there must not be more of them than `most`."""
    keys = [step for step in steps if isinstance(step, str) and not isinstance(step, Typed)]
    assert len(keys) <= most, keys
    for step in steps:
        if isinstance(step, Typed):
            await pilot.press(*step)
        elif isinstance(step, str):
            await pilot.press(step)
        else:
            await wait_until(pilot, step)


class Prepared:
    """What the app would train: it asks `jobs.preparing`, which is stood in for here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, source: ScriptedSource) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._source = source
        monkeypatch.setattr(preparing, "prepare", lambda *given, **_: self.calls.append(given))
        monkeypatch.setattr(preparing, "reopen", lambda *given, **_: self.calls.append(given))

    def started(self) -> tuple[Any, ...]:
        """Prepare the only run that was started; what was asked for."""
        ((prepare, _),) = self._source.started
        prepare(silent)
        (call,) = self.calls
        return call


@pytest.fixture
def source() -> ScriptedSource:
    return ScriptedSource()


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch, source: ScriptedSource) -> Prepared:
    return Prepared(monkeypatch, source)


def on(app: LstmTui, mode: str, *words: str) -> Callable[[], object]:
    """Whether a screen is showing, with these words."""
    return lambda: app.current_mode == mode and all(word in shown(app) for word in words)


def at(app: LstmTui, setting: str) -> Callable[[], object]:
    """Whether the cursor of the form stands on a setting."""
    return lambda: isinstance(app.screen, ConfigureScreen) and app.screen.form.path == setting


async def test_from_the_start_to_training_one_s_own_file_with_hidden_512(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: ScriptedSource, prepared: Prepared
) -> None:
    (tmp_path / "fox.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, on(app, "corpus", "Verses"))
        await journey(
            pilot,
            [
                "a",
                lambda: isinstance(app.screen, AddText),
                Typed("fox.txt"),
                "enter",
                lambda: not isinstance(app.screen, AddText) and "fox.txt" in shown(app),
                "enter",
                at(app, "model.hidden"),
                "enter",
                "ctrl+u",
                Typed("512"),
                "enter",
                "t",
                lambda: source.started,
            ],
            most=12,
        )
    entry, recipe, values = prepared.started()
    assert (entry.name, recipe, values) == ("fox.txt", "quick", {"model": {"hidden": "512"}})


async def test_the_last_run_goes_on(source: ScriptedSource, prepared: Prepared) -> None:
    make_run("early", info={"reason": "stopped"})
    make_run("late", info={"reason": "stopped"})
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await journey(pilot, ["5", on(app, "runs", "─ late ─"), "r", lambda: source.started], most=3)
    run, values = prepared.started()
    assert (run.id, values) == ("late", {})


async def test_a_model_is_heard_at_another_temperature() -> None:
    make_run("one", temperature=0.8)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        there, ended = on(app, "generate", "one · last"), lambda: Scripted.made[-1:] and Scripted.made[0].ended
        await journey(pilot, ["4", there, "enter", ended, "plus", lambda: len(Scripted.made) == 2], most=3)
    first, second = (made.way.sampling.temperature for made in Scripted.made)
    assert first == 0.8 < second


async def test_a_new_run_begins_from_the_last_with_one_value_changed(
    source: ScriptedSource, prepared: Prepared
) -> None:
    scored("last")
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await journey(
            pilot,
            [
                "5",
                on(app, "runs", "─ last ─"),
                "n",
                at(app, "model.hidden"),
                "end",
                at(app, "seed"),
                "plus",
                "t",
                lambda: source.started,
            ],
            most=6,
        )
    _, origin, values = prepared.started()
    assert isinstance(origin, Run) and origin.id == "last"
    assert values == {"seed": "2"}


async def test_the_settings_of_last_time_with_one_value_changed(source: ScriptedSource, prepared: Prepared) -> None:
    app = app_of(source)
    app.choice.overrides["learning.clip"] = "2"
    async with app.run_test(size=(80, 24)) as pilot:
        await journey(pilot, ["2", at(app, "model.hidden"), "plus", "t", lambda: source.started], most=6)
    _, recipe, values = prepared.started()
    assert recipe == "quick" and values == {"learning": {"clip": "2"}, "model": {"hidden": "512"}}
    assert not store.runs()
