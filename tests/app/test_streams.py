"""The Generate screen with several texts at once."""

import threading

import pytest

from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.stream import Stream
from tests.app.conftest import app_of, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script, opened

scripted = pytest.fixture(autouse=True)(by_script)


async def test_several_texts_are_written_side_by_side_each_under_its_number() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "m", "backspace", "3", "enter", "n")
        await wait_until(pilot, lambda: "longest copy 7" in shown(app) and "Longest copy (in 3)" in shown(app))
        assert [made.streams for made in Scripted.made] == [3]
        page = [line[1:48].strip(" ─") for line in shown(app).splitlines()]
        at = page.index("The")
        expected = "1 ─ longest copy 5", "a lamp and a fox", "2 ─ longest copy 6", "a lamp1 and a1 fox"
        for line, words in zip(page[at + 1 :], expected, strict=False):
            assert line.startswith(words)
        assert screen.query_one(Stream).texts[2].startswith("The a lamp2 and a2 fox")
        assert ["characters", "9"] in [line[51:79].split() for line in shown(app).splitlines()]  # of all three
        await pilot.press("m", "backspace", "1", "enter", "n")
        await wait_until(pilot, lambda: "The a lamp and a fox" in shown(app) and "Longest copy:" in shown(app))


async def test_the_number_of_texts_stays_within_its_limits_and_for_every_run() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "m", "backspace", *"99", "enter", "n")
        await wait_until(pilot, lambda: "streams: expected 1 to" in shown(app))
        assert not Scripted.made
        await pilot.press("m", *["backspace"] * 2, *"15", "enter")
        screen.query_one(Form).focus()
        await pilot.press("plus", "plus", "plus")
        assert screen._dials.way and screen._dials.way.streams == 16
        make_run("two")
        screen.choose("two")
        await wait_until(pilot, lambda: "two · last" in shown(app))
        assert screen._dials.way.streams == 16
        await pilot.press("m", *["backspace"] * 2, "escape")
        assert screen._dials.way.streams == 16  # as it was


async def test_all_of_several_texts_are_stopped() -> None:
    make_run("one")
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "m", "backspace", "2", "enter", "n")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["The a lamp", "The a lamp1"])
        await pilot.press("escape")
        gate.release(5)
        await wait_until(pilot, lambda: "longest copy 6" in shown(app) and "Esc Stop" not in shown(app))
        assert not Scripted.made[0].ended
