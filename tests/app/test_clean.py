"""The cleaning panel: before and after at once, what was taken out of the whole, and keeping it with the text."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.clean import CleanText
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.text import library
from tests.app.conftest import app_of, shown, wait_until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(lambda entry, tell, found: None))


async def opened(pilot: Pilot[None], name: str = "fables") -> CleanText:
    app = pilot.app
    assert isinstance(app, LstmTui)
    await wait_until(pilot, lambda: "to download" in shown(app))
    await pilot.press("slash", *name, "enter", "c")
    await wait_until(pilot, lambda: isinstance(app.screen, CleanText) and "Nothing is taken out" in shown(app))
    assert isinstance(app.screen, CleanText)
    return app.screen


async def test_a_step_shows_before_and_after_and_what_it_changed_and_is_kept() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "s Keep" in shown(app) and shown(app).splitlines()[-1].rstrip().endswith("? Help")
        await pilot.press("down", "down", "down", "down", "enter")  # lower
        await wait_until(pilot, lambda: "the lamplighter of orme" in shown(app))
        await wait_until(pilot, lambda: "The Lamplighter of Orme" in shown(app))
        await wait_until(pilot, lambda: "made small" in shown(app))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, CorpusScreen))
        await wait_until(pilot, lambda: library.find("fables").text == (("lower", "true"),))
        await wait_until(pilot, lambda: app.choice.entry.text == (("lower", "true"),))
        await wait_until(pilot, lambda: "the lamplighter of orme" in shown(app))
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, CleanText) and "lower        true" in shown(app))
        await pilot.press("down", "down", "down", "down", "r", "s")
        await wait_until(pilot, lambda: library.find("fables").text == ())


async def test_leaving_asks_where_something_was_changed() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, CorpusScreen))
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, CleanText) and app.screen is not screen)
        await pilot.press("enter", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, CorpusScreen))
        assert library.find("fables").text == ()


async def test_an_encoding_that_does_not_fit_is_named_and_the_column_is_offered_for_a_table(home: Path) -> None:
    folder = home / "data" / "corpora"
    folder.mkdir(parents=True)
    (folder / "table.csv").write_text("id,text\n1,first words\n2,second words\n")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "table")
        assert [path.removeprefix("text.") for path in screen._paths][-2:] == ["column", "separator"]
        await pilot.press("end", "up", "enter", *"text", "enter")
        await wait_until(pilot, lambda: "id,text" not in shown(app) and "2 records" in shown(app))
        await pilot.press("enter", *["backspace"] * 4, *"none-such", "enter")
        await wait_until(pilot, lambda: "no column" in shown(app))
        await pilot.press("up", "up", "enter", *"utf-99", "enter")
        await wait_until(pilot, lambda: "no encoding" in shown(app))


async def test_t_keeps_it_and_trains_it() -> None:
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "verses")
        await pilot.press("down", "down", "down", "down", "enter", "t")
        await wait_until(pilot, lambda: source.started)
        await wait_until(pilot, lambda: library.find("verses").text == (("lower", "true"),))
        await wait_until(pilot, lambda: app.choice.entry == library.find("verses"))


async def test_keys_in_a_burst_mean_the_rows_they_were_pressed_on() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for key in ("down", "down", "down", "down", "enter", "down", "enter", "down", "enter"):
            app.simulate_key(key)
        await wait_until(pilot, lambda: screen.text == {"lower": "true", "letters": "true", "blank_lines": "true"})


async def test_it_is_opened_once() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, CorpusScreen) and app.screen._list.entry)
        await pilot.press("c", "c")
        await wait_until(pilot, lambda: isinstance(app.screen, CleanText))
        await wait_until(pilot, lambda: not [it for it in app.workers if it.node is app.screen_stack[0]])
        assert len(app.screen_stack) == 2
