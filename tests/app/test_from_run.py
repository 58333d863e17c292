"""Runs, n: a run that begins from another is configured, planned and trained."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from textual.pilot import Pilot

from lstm_tui.app.app import LstmTui
from lstm_tui.app.choice import Choice
from lstm_tui.app.fold import Fold
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.origins import Origins
from lstm_tui.config import check
from lstm_tui.fields import merge
from lstm_tui.jobs import preparing
from lstm_tui.progress import silent
from lstm_tui.runs import parents, store
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.runs.summary import changes_of
from lstm_tui.text import library
from tests.app.conftest import TRAINING, app_of, shown, wait_until
from tests.app.runs import make_run


def scored(name: str, **sampling: Any) -> Run:
    """A run that says that it has saved its best weights."""
    run = make_run(name, **sampling)
    run.write_checkpoint("best", Checkpoint({"model.x": np.zeros(1)}, {"step": 740, "loss": 1.548, "held_out": True}))
    return run


def child(parent: Run, **sampling: Any) -> Run:
    """A run that says that it began from another."""
    run = make_run("child", **sampling)
    before = parents.values_before(parent, run.config)
    said = {"run": parent.id, "checkpoint": "best", "step": 5, "before": before}
    (run.folder / "run.toml").write_text(tomli_w.dumps({**run.about, "parent": said}))
    return Run(run.folder)


async def chosen(pilot: Pilot[None], name: str) -> ConfigureScreen:
    """Go to Runs, press n, and see Configure with that run."""
    app = pilot.app
    assert isinstance(app, LstmTui)
    app.show_screen("runs")
    await wait_until(pilot, lambda: f"─ {name} ─" in shown(app))
    await pilot.press("n")
    await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen) and f"from {name}" in shown(app))
    assert isinstance(app.screen, ConfigureScreen)
    return app.screen


async def test_n_configures_a_run_from_the_one_under_the_cursor() -> None:
    run = scored("small", temperature=1.5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chosen(pilot, "small")
        assert screen.query_one(Origins).highlighted == 0
        await wait_until(pilot, lambda: "begins from small, its best weights (step" in shown(app))
        lines = shown(app)
        assert "Fables and tales, from small" in lines and "changed" not in lines
        assert "The settings, the" in lines and "its text: fables" in lines
        assert "kinds of characters beside the" in lines
        screen.form.open("sampling")
        screen.form.put("sampling.temperature")
        await wait_until(pilot, lambda: any("temperature" in row and "1.5" in row for row in shown(app).splitlines()))
        assert app.choice.parent is not None and app.choice.parent.folder == run.folder


async def test_what_would_change_the_network_is_wrong_where_it_stands() -> None:
    scored("small")
    app = app_of()
    trained: list[bool] = []
    app.start_training = lambda: trained.append(True)  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await chosen(pilot, "small")
        await wait_until(pilot, lambda: app.screen.query_one(Form).path == "model.hidden")
        await pilot.press("plus")
        await wait_until(pilot, lambda: "small has 384, which its weights" in shown(app))
        await pilot.press("f5")
        await pilot.pause()
        assert not trained
        await pilot.press("r", "f5")
        await wait_until(pilot, lambda: trained)


async def test_f5_trains_from_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scored("small")
    source = ScriptedSource()
    app = app_of(source)
    asked: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await chosen(pilot, "small")
        await pilot.press("3")
        await wait_until(pilot, lambda: "trains Fables and tales from small" in shown(app))
        await pilot.press("2", "f5")
        await wait_until(pilot, lambda: source.started)
    monkeypatch.setattr(preparing, "prepare", lambda entry, origin, *_, **__: asked.extend((entry.name, origin)))
    source.started[0][0](silent)
    assert asked == ["fables", app.choice.parent]


async def test_a_recipe_leaves_it_and_what_was_typed_stays_with_each() -> None:
    scored("small")
    app = app_of()
    app.choice.overrides |= {"model.hidden": "512", "text.encoding": "utf-8"}
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chosen(pilot, "small")
        assert app.choice.overrides == {"text.encoding": "utf-8"}  # how the text is read is the text's
        screen.form.open("learning")
        screen.form.put("learning.rate")
        await pilot.press("plus")
        await wait_until(pilot, lambda: "learning.rate" in app.choice.overrides)
        typed = dict(app.choice.overrides)
        screen.query_one(Origins).focus()
        await pilot.press("down")
        await wait_until(pilot, lambda: app.choice.parent is None and "tales, quick, 2 changed" in shown(app))
        assert app.choice.overrides == {"model.hidden": "512", "text.encoding": "utf-8"}
        await pilot.press("up")  # still there, until another screen was seen
        await wait_until(pilot, lambda: app.choice.parent is not None and "tales, from small" in shown(app))
        assert app.choice.overrides == typed
        await pilot.press("down", "1", "2")
        await wait_until(pilot, lambda: "tales, quick" in shown(app) and "from small" not in shown(app))
        assert screen.query_one(Origins).highlighted == 0


@pytest.mark.parametrize("last", ["run", "recipe"])
def test_what_is_typed_of_a_text_stays_with_both_it_and_the_origin(last: str) -> None:
    """text.kinds is for a run and a text; text.encoding for a text, whatever it is learnt with."""
    fables, verses = library.find("fables"), library.find("verses")
    run, other = scored("small"), scored("other")
    choice = Choice(fables)
    choice.overrides |= {"text.lower": "true", "text.encoding": "utf-8", "seed": "5"}
    choice.begin_from(run)
    assert choice.overrides == {"text.encoding": "utf-8"}
    choice.overrides["text.kinds"] = "18"
    choice.take(verses)
    assert choice.overrides == {}
    if last == "recipe":
        choice.begin_from("quick")
        assert choice.overrides == {"seed": "5"}
        choice.take(fables)
        assert choice.overrides == {"text.lower": "true", "text.encoding": "utf-8", "seed": "5"}
    else:
        choice.take(fables)
        assert choice.overrides == {"text.encoding": "utf-8", "text.kinds": "18"}
        choice.begin_from(other)
        assert choice.overrides == {"text.encoding": "utf-8"}


def test_what_is_typed_goes_with_a_text_that_is_renamed_and_not_with_one_that_is_gone() -> None:
    fables, verses = library.find("fables"), library.find("verses")
    choice = Choice(fables)
    choice.overrides |= {"text.lower": "true", "text.encoding": "utf-8"}
    choice.take(verses)
    named = replace(fables, name="tales")
    choice.follow(fables, named)
    choice.take(named)
    assert choice.overrides == {"text.lower": "true", "text.encoding": "utf-8"}
    choice.take(verses)
    choice.follow(named, None)
    choice.take(named)
    assert choice.overrides == {}


async def test_another_run_takes_its_place() -> None:
    scored("one")
    scored("two")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chosen(pilot, "two")
        app.show_screen("runs")
        await wait_until(pilot, lambda: "─ two ─" in shown(app))
        await pilot.press("down")
        await wait_until(pilot, lambda: "─ one ─" in shown(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: "tales, from one" in shown(app) and "from two" not in shown(app))
        await wait_until(pilot, lambda: "begins from one" in shown(app))
        assert screen.query_one(Origins).highlighted == 0


async def test_what_has_no_weights_is_no_beginning() -> None:
    (make_run("hurt").folder / "run.toml").write_text("format = = 1")
    make_run("new", saved=False)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("runs")
        await wait_until(pilot, lambda: "nothing is saved yet; r goes on" in shown(app))
        await pilot.press("n", "down", "n")
        await wait_until(pilot, lambda: "cannot be read; x deletes it" in shown(app))
        assert app.current_mode == "runs" and app.choice.parent is None


async def test_nothing_begins_from_a_run_that_was_deleted() -> None:
    scored("small")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await chosen(pilot, "small")
        app.show_screen("runs")
        await wait_until(pilot, lambda: "─ small ─" in shown(app))
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete small?" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.choice.parent is None and not store.runs())
        app.show_screen("configure")
        await wait_until(pilot, lambda: "tales, quick" in shown(app))


async def test_the_list_says_whose_child_a_run_is_where_there_is_room() -> None:
    parent = scored("small", temperature=1.5)
    run = child(parent, temperature=0.7)
    app = app_of()
    async with app.run_test(size=(160, 48)) as pilot:
        app.show_screen("runs")
        await wait_until(pilot, lambda: "quick from small: temperature 0.7" in shown(app))
        await pilot.press("slash", *"from sm")
        await wait_until(pilot, lambda: "runs, 1 of 2" in shown(app))
    store.delete(parent)
    assert changes_of(Run(run.folder)) == "temperature 0.7"
    fold = Fold()
    fold.describe(run)
    assert (fold.snapshot().title, fold.snapshot().parent) == ("fables: quick", "small")


async def test_while_it_trains_it_says_whose_child_it_is() -> None:
    app = app_of(ScriptedSource(replace(TRAINING, parent="small")))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("train")
        await wait_until(pilot, lambda: "─ loss, nats, by step, from small ─" in shown(app))


def test_what_is_other_than_the_parent_is_said(home: Path) -> None:
    parent = scored("small", temperature=1.5, length=77)
    run = child(parent, temperature=1.5, length=88)
    assert changes_of(Run(run.folder)) == "length 88"
    # Against what the parent was then: not as it is now, nor another run of its name, nor the recipe.
    parent.replan(check(merge(parent.config.model_dump(), {"budget": {"steps": 7, "minutes": None, "epochs": None}})))
    assert changes_of(Run(run.folder)) == "length 88"
    store.delete(parent)
    scored("small", temperature=0.1)
    assert changes_of(Run(run.folder)) == "length 88"
    run.replan(check(merge(run.config.model_dump(), {"budget": {"steps": 9, "minutes": None, "epochs": None}})))
    assert changes_of(Run(run.folder)) == "budget 9 steps, length 88"


async def test_what_clears_a_texts_setting_is_no_word_in_the_form() -> None:
    library.set_text(library.built_in()[0], {"separator": "none"})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.choice.entry.text)
        app.show_screen("configure")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen) and "parameters" in shown(app))
        assert isinstance(app.screen, ConfigureScreen)
        app.screen.form.open("text")
        app.screen.form.put("text.separator")
        await wait_until(pilot, lambda: any("separator" in row for row in shown(app).splitlines()))
        (line,) = [row for row in shown(app).splitlines() if "   separator" in row]
        assert '"none"' not in line and "none" in line
