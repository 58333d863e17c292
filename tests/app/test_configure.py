"""The Configure screen: recipes, the form over them, and what would be trained."""

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.widgets.form import Field, Form
from lstm_tui.app.widgets.outlook import Asked
from lstm_tui.devices import Device
from lstm_tui.errors import UserError
from lstm_tui.fields import nest
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.recipes import RECIPES, Figures, find
from lstm_tui.text import library
from tests.app.conftest import app_of, said, shown, wait_until

ASKED: list[Asked] = []


def planned(asked: Asked, tell: Tell) -> Any:
    """A preview as `jobs.preparing` would make it of a text of 50,000 characters."""
    ASKED.append(asked)
    _, recipe, overrides = asked
    assert isinstance(recipe, str)
    config = find(recipe).config(Figures(50_000, 60), nest(overrides))
    return SimpleNamespace(
        config=config,
        parameters=config.model.hidden * 1000,
        steps_per_epoch=48.8,
        train_tokens=50_000,
        validation_tokens=5_000,
        vocabulary=60,
        notes=(),
    )


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    ASKED.clear()
    found = [
        Device("cuda:1", "cuda:1 H100, 71 G free", "most free memory"),
        Device("cpu", "cpu, 2 threads", "asked for"),
    ]
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(planned))
    monkeypatch.setattr(ConfigureScreen, "devices", staticmethod(lambda: found))


async def opened(pilot: Pilot[None]) -> ConfigureScreen:
    app = pilot.app
    assert isinstance(app, LstmTui)
    app.show_screen("configure")
    await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen) and "parameters" in shown(app))
    await wait_until(pilot, lambda: app.screen.query_one(Form).path == "model.hidden")
    screen = app.screen
    assert isinstance(screen, ConfigureScreen)
    return screen


async def test_recipes_stand_at_the_left_with_the_text_their_author_used() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = shown(app)
        for recipe in RECIPES.values():
            line = next(line for line in screen.splitlines() if f" {recipe.name} " in line[:20])
            assert recipe.text in line[:27]
        assert "The best loss in a" in screen


async def test_at_80_by_24_nothing_is_cut_off() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        there = ("auto: cpu, 2 threads (PyTorch sees no GPU here)", "Units of", "105 MB", "an epoch takes", "held out")
        await wait_until(pilot, lambda: all(part in shown(app) for part in there))
        lines = shown(app).splitlines()
        assert any("Units of each recurrent layer. More remember" in line for line in lines)
        assert any("cost grows as their square." in line for line in lines)
        assert any("384,000 parameters · 105 MB · 49 steps an epoch" in line for line in lines)
        assert any("an epoch takes about 1.0 s, the budget 12 s" in line for line in lines)
        assert any("50,000 characters, 5,000 held out · 60 kinds" in line for line in lines)
        assert "Help" in lines[-1]


async def test_a_change_is_in_the_apps_choice_and_marked() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("plus")
        await wait_until(pilot, lambda: app.choice.overrides == {"model.hidden": "512"})
        await wait_until(pilot, lambda: "was 384" in shown(app) and "512,000 parameters" in shown(app))
        await pilot.press("r")
        await wait_until(pilot, lambda: app.choice.overrides == {} and "was 384" not in shown(app))


async def test_it_is_checked_while_one_types_and_training_is_refused() -> None:
    app = app_of()
    trained: list[bool] = []
    app.start_training = lambda: trained.append(True)  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("enter", "0")
        sentence = "model.hidden: expected 1 or more"
        await wait_until(pilot, lambda: sentence in str(screen.query_one("#help", Static).content))
        await pilot.press("f5")
        await pilot.pause()
        assert not trained
        # Of the last value that was well, nothing is said.
        await wait_until(pilot, lambda: "no figures while a value is wrong" in shown(app))
        assert "parameters" not in shown(app)
        await pilot.press("escape", "t")
        await wait_until(pilot, lambda: trained and "384,000 parameters" in shown(app))
        assert app.choice.overrides == {}


async def test_a_recipe_is_chosen_with_the_arrows_and_changes_stay() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("plus", "left", "left", "left")
        await wait_until(pilot, lambda: screen.query_one("#recipes", OptionList).has_focus)
        await pilot.press("down", "down")
        await wait_until(pilot, lambda: app.choice.recipe == "many-to-one")
        assert app.choice.overrides == {"model.hidden": "512"}
        await wait_until(pilot, lambda: "its text: Alice" in shown(app))
        await pilot.press("right")
        assert screen.query_one(Form).has_focus_within
        await pilot.press("R")
        await wait_until(pilot, lambda: app.choice.overrides == {} and "R again brings it back" in said(app))
        await pilot.press("R")
        await wait_until(pilot, lambda: app.choice.overrides == {"model.hidden": "512"})


async def test_enter_then_f5_trains_at_once_whatever_is_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    trained: list[str] = []
    app.start_training = lambda: trained.append(app.choice.recipe)  # type: ignore[method-assign]

    def never(asked: Asked, tell: Tell) -> Any:
        raise UserError("still loading")

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(never))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("enter", "f5")
        await wait_until(pilot, lambda: trained == ["quick"])


async def test_another_text_is_planned_when_one_comes_back(home: Path) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.show_screen("corpus")
        app.choice.entry = library.built_in()[1]
        app.show_screen("configure")
        await wait_until(pilot, lambda: ASKED[-1][0].name == "verses" and "Verses, quick" in shown(app))


async def test_a_text_that_cannot_be_learnt_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(asked: Asked, tell: Tell) -> Any:
        raise UserError("The text is too short: 12 characters.")

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(short))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("configure")
        await wait_until(pilot, lambda: "The text is too short: 12 characters." in shown(app))


async def test_the_device_is_chosen_with_its_reason_shown() -> None:
    app = app_of()
    chosen: list[str] = []
    app.choose_device = chosen.append  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("v")
        await wait_until(pilot, lambda: "Takes cuda:1: most free memory." in shown(app))
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: chosen[-1:] == ["cpu"])


async def test_a_wide_terminal_opens_more_sections_and_says_what_the_recipe_sets() -> None:
    app = app_of()
    async with app.run_test(size=(160, 48)) as pilot:
        await opened(pilot)
        assert "shortest" in shown(app) and "epochs" in shown(app)
        sets = "It sets, beside the defaults:"
        await wait_until(pilot, lambda: sets in shown(app) and "│ weight drop 0.2 " in shown(app))
        # Form and facts are two boxes beside one another, and one where they stand beneath.
        assert "╮╭─ hidden " in shown(app)
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: sets not in shown(app) and "├─ hidden " in shown(app))
        assert len(shown(app).splitlines()[-1].rstrip()) < 80 and "Help" in shown(app)


async def test_a_budget_in_words_is_the_first_row_of_its_section() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.form.put("budget")
        await pilot.press("enter", *"soon")
        await wait_until(pilot, lambda: "budget: expected such as 90s, 2h30" in shown(app))
        await pilot.press("escape", "enter", *"8h", "enter")
        await wait_until(pilot, lambda: "was 12 ep" in shown(app) and "quick, 1 changed" in shown(app))
        assert app.choice.overrides == {"budget.minutes": "480.0"}
        await wait_until(pilot, lambda: "the budget 29,508" in shown(app))
        await pilot.press("r")
        await wait_until(pilot, lambda: app.choice.overrides == {})


async def test_a_list_of_devices_that_comes_late_opens_nowhere_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()
    found = [Device("cpu", "cpu, 2 threads", "asked for")]
    monkeypatch.setattr(ConfigureScreen, "devices", staticmethod(lambda: loaded.wait(5) and found))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("v", "v", "1")
        loaded.set()
        await pilot.pause(0.3)
        assert app.current_mode == "corpus" and len(app.screen_stack) == 1
        await pilot.press("2", "v", "v")
        await wait_until(pilot, lambda: "Takes cpu" in shown(app))
        await pilot.pause(0.2)
        assert len(app.screen_stack) == 2


async def test_another_text_does_not_keep_the_figures_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()

    def slow(asked: Asked, tell: Tell) -> Any:
        return planned(asked, tell) if asked[0].name == "fables" or read.wait(5) else None

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(slow))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.show_screen("corpus")
        app.choice.entry = library.built_in()[1]
        app.show_screen("configure")
        await wait_until(pilot, lambda: "reading the text" in shown(app))
        assert "parameters" not in shown(app)
        read.set()
        await wait_until(pilot, lambda: "parameters" in shown(app))


async def test_figures_that_are_stale_make_way_for_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = threading.Event()

    def slow(asked: Asked, tell: Tell) -> Any:
        if "text.tokens" in asked[2]:
            tell("counting big.txt", 0.3)
            counted.wait(5)
        return planned(asked, tell)

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(slow))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.form.open("text")
        screen.form.put("text.tokens")
        await pilot.press("plus")
        await wait_until(pilot, lambda: "counting big.txt, 30 %" in shown(app) and "parameters" not in shown(app), 2)
        counted.set()
        await wait_until(pilot, lambda: "parameters" in shown(app))


async def test_what_goes_wrong_unexpectedly_does_not_stay_at_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(lambda asked, tell: 1 / 0))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("configure")
        await wait_until(pilot, lambda: "could not be worked out" in shown(app))


async def test_the_warning_of_a_device_is_read_where_the_run_is_planned() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await wait_until(pilot, lambda: app.device)
        warning = "There is a GPU (H100), but this PyTorch, built without CUDA, cannot use it: install another."
        app.device = Device("cpu", "cpu, 2 threads", "PyTorch sees no GPU here", warning)
        await wait_until(pilot, lambda: "another." in shown(app))


async def test_a_terminal_that_loses_the_focus_leaves_the_field_open() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("enter", "7")
        app.post_message(events.AppBlur())
        await pilot.pause(0.1)
        app.post_message(events.AppFocus())
        await pilot.pause(0.1)
        assert screen.form.editing
        await pilot.press("7", "escape")
        await wait_until(pilot, lambda: not screen.query_one(Field).display)
        assert not screen.query_one(Field).has_focus
        await pilot.press("3")
        await wait_until(pilot, lambda: app.current_mode == "train")


async def test_what_belongs_to_a_text_lies_over_the_recipe_and_under_what_is_typed() -> None:
    library.set_text(library.built_in()[0], {"held_out": "0.3", "lower": "true"})
    app = app_of()
    app.choice.overrides = {"text.lower": "false"}
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.choice.entry.text)
        screen = await opened(pilot)
        screen.form.open("text")
        assert screen.form.put("text.held_out")
        await wait_until(pilot, lambda: "held out  " in shown(app))
        line = next(line for line in shown(app).splitlines() if "held out  " in line)
        assert "0.3" in line and "was" not in line
        screen.form.put("text.lower")
        await wait_until(pilot, lambda: "was true" in shown(app))


async def test_what_is_wrong_beside_a_text_breaks_nothing() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        app.choice.entry = replace(library.built_in()[0], text=(("nonsense", "1"),))
        await opened(pilot)


async def test_reading_a_large_text_says_how_far_it_is_and_ends_where_another_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, ended = threading.Event(), threading.Event()

    def slow(asked: Asked, tell: Tell) -> Any:
        if asked[0].name != "fables":
            return planned(asked, tell)
        tell("encoding Fables", 0.34)
        assert seen.wait(5)
        try:
            while True:
                tell("encoding Fables", 0.35)
        except Cancelled:
            ended.set()
            raise

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(slow))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("configure")
        await wait_until(pilot, lambda: "encoding Fables, 34 %" in shown(app))
        app.show_screen("corpus")
        app.choice.take(library.built_in()[1])
        app.show_screen("configure")
        seen.set()
        await wait_until(pilot, ended.is_set)
        await wait_until(pilot, lambda: "Verses, quick" in shown(app) and "parameters" in shown(app))
