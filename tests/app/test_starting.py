"""Recipes of one's own, TOML files and earlier runs: into the form and out of it."""

from pathlib import Path
from typing import Any

import pytest
import tomli_w
from textual.pilot import Pilot
from textual.widgets import Input

from lstm_tui import own_recipes, settings
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.widgets.origins import Origins
from lstm_tui.config import check
from lstm_tui.recipes import find
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run
from tests.app.test_configure import opened, planned


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(planned))


async def to_own(pilot: Pilot[None], screen: ConfigureScreen, name: str) -> None:
    """The cursor of the recipes on one's own."""
    origins = screen.query_one(Origins)
    origins.focus()
    await wait_until(pilot, lambda: f" {name} " in shown(pilot.app))
    origins.highlighted = origins.get_option_index(name)


async def test_settings_are_saved_as_a_recipe_and_that_is_deleted_again() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("plus", "w")
        await wait_until(pilot, lambda: "save these settings as your recipe" in shown(app))
        await pilot.press(*"quick", "enter")
        await wait_until(pilot, lambda: "quick is a recipe that is built in" in shown(app))
        app.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Fables and tales, mine" in shown(app) and " yours " in shown(app))
        await wait_until(pilot, lambda: "Saved as mine: quick with hidden 512." in said(app))
        assert app.choice.recipe == "mine" and app.choice.overrides == {}
        assert find("mine").config().model.hidden == 512
        # Over it, with another value; it asks.
        await pilot.press("plus", "w", *"mine", "enter")
        await wait_until(pilot, lambda: "There is a recipe mine already." in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: own_recipes.read("mine").changed == {"model.hidden": 640})
        await wait_until(pilot, lambda: "Fables and tales, mine" in shown(app) and "changed" not in shown(app))
        await pilot.press("x")  # in the form it is no key
        screen = app.screen
        assert isinstance(screen, ConfigureScreen)
        await to_own(pilot, screen, "mine")
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete your recipe mine?" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: not own_recipes.exists("mine") and app.choice.recipe == "quick")
        await wait_until(pilot, lambda: " yours " not in shown(app))


async def test_a_damaged_recipe_is_listed_as_such_and_changes_nothing(home: Path) -> None:
    own_recipes.save("well", "poems", {"model.hidden": 7})
    own_recipes.path_of("broken").write_text("base = 3")
    settings.remember({"configure.recipe": "broken"})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "base: expected one of quick" in said(app) and app.choice.recipe == "quick"
        await wait_until(pilot, lambda: " broken " in shown(app))
        line = next(line for line in shown(app).splitlines() if "broken" in line[:20])
        assert "damaged" in line[:27]
        await to_own(pilot, screen, "broken")
        await wait_until(pilot, lambda: "─ damaged ─" in shown(app) and app.choice.recipe == "quick")
        await to_own(pilot, screen, "well")
        await wait_until(pilot, lambda: app.choice.recipe == "well" and "poems with hidden 7." in shown(app))


async def test_a_toml_file_becomes_the_changes_and_what_is_wrong_stands_at_its_field(home: Path) -> None:
    path = home / "some.toml"
    path.write_text(tomli_w.dumps({"model": {"layers": 99, "width": 1}, "learning": {"rate": 0.002}}))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("plus", "o")
        await wait_until(pilot, lambda: "Tab completes" in shown(app))
        app.screen.query_one(Input).value = str(home / "none.toml")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "There is no file" in shown(app))
        app.screen.query_one(Input).value = str(home / "so")
        await pilot.press("end", "m")
        await wait_until(pilot, lambda: app.screen.query_one(Input)._suggestion.endswith("some.toml"))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: screen.form.path == "model.layers" and "8 or less" in shown(app))
        await wait_until(pilot, lambda: "model.width: there is no such setting." in said(app))
        await wait_until(
            pilot, lambda: f"1 setting set by {path}; 3 changed from quick." in said(app) and "8 or less" in said(app)
        )
        assert app.choice.overrides == {"model.hidden": "512", "model.layers": "99", "learning.rate": "0.002"}
        # Nothing of it can be taken: all stays; and Tab does not wait for what is suggested.
        (home / "bad.toml").write_text("speed = 1")
        await pilot.press("o")
        app.screen.query_one(Input).value = str(home / "ba")
        await pilot.press("end", "d", "tab", "enter")
        await wait_until(pilot, lambda: "Nothing is changed" in said(app) and "bad.toml" in said(app))
        assert app.choice.overrides == {"model.hidden": "512", "model.layers": "99", "learning.rate": "0.002"}


async def test_a_new_run_from_the_last_with_one_value_changed_takes_five_keys(home: Path) -> None:
    run = make_run("older", recipe="poems")
    values: dict[str, Any] = run.config.model_dump()
    values["learning"] |= {"rate": 0.0012345678, "clip": None}
    values["text"] |= {"column": "Joke"}
    run.replan(check(values))
    app = app_of()
    trained: list[dict[str, str | None]] = []
    app.start_training = lambda: trained.append(dict(app.choice.overrides))  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen) and "parameters" in shown(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: "poems on fables, 740 steps, best validation 1.548" in shown(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "set by the run older; 2 changed from poems" in said(app))
        screen = app.screen
        assert isinstance(screen, ConfigureScreen) and screen.form.path == "model.hidden"
        await pilot.press("enter", "9", "9", "f5")
        await wait_until(pilot, lambda: trained)
    assert app.choice.recipe == "poems"
    assert trained == [{"learning.rate": "0.0012345678", "learning.clip": None, "model.hidden": "99"}]


async def test_without_runs_it_says_what_to_do() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.query_one(Origins).focus()
        await pilot.press("end")
        await wait_until(pilot, lambda: "an earlier run" in shown(app))
        assert app.choice.recipe == "quick"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "There are no runs yet" in said(app))


async def test_what_was_chosen_is_taken_up_at_the_next_start(home: Path) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.query_one(Origins).highlighted = 2
        await wait_until(pilot, lambda: app.choice.recipe == "many-to-one")
        screen.form.open("learning")
        screen.form.put("learning.patience")
        await pilot.press("enter", "7", "enter")
        screen.form.put("batches.size")
        await pilot.press("enter", *"many", "enter")
        await wait_until(pilot, lambda: "batches.size" in app.choice.overrides)
    again = app_of()
    async with again.run_test(size=(80, 24)) as pilot:
        assert again.choice.recipe == "many-to-one"
        assert again.choice.overrides == {"learning.patience": "7", "batches.size": "many"}
        again.show_screen("configure")
        await wait_until(pilot, lambda: "many-to-one, 2 changed" in shown(again))
        await wait_until(pilot, lambda: "batches.size: expected a whole number" in shown(again))
        there = again.screen
        assert isinstance(there, ConfigureScreen) and there.form.opened == ["batches", "learning", "model"]
