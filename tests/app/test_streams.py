"""The Generate screen with several texts at once, and with long ones."""

import threading

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.long_text import LongText, Passage
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


@pytest.mark.parametrize("streams", [1, 2])
async def test_it_follows_the_writing_until_one_scrolls_up_and_again_from_the_end(
    streams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run("one")
    gate = Scripted.gate = threading.Semaphore(60)
    monkeypatch.setattr(Scripted, "pieces", tuple(f"{number}\n" for number in range(200)))
    app = app_of()
    app.memory.set("generate.streams", streams)
    async with app.run_test(size=(80, 24)) as pilot:
        stream = (await opened(pilot, "one · last")).query_one(Stream)

        async def written(lines: int) -> None:
            await wait_until(pilot, lambda: stream.texts and stream.texts[-1].count("\n") == lines)
            await pilot.pause(0.02)

        async def grown(lines: int) -> None:
            gate.release(lines)
            await written(stream.texts[-1].count("\n") + lines)

        await pilot.press("enter")
        await written(60)
        await wait_until(pilot, lambda: stream.max_scroll_y and stream.scroll_y == stream.max_scroll_y)
        await grown(20)
        await wait_until(pilot, lambda: stream.scroll_y == stream.max_scroll_y)
        await pilot.press("up", "pageup")
        there = stream.scroll_y
        assert there < stream.max_scroll_y - 5
        await grown(20)
        assert stream.scroll_y == there
        await pilot.press("end")
        await wait_until(pilot, lambda: stream.scroll_y == stream.max_scroll_y)
        await grown(20)
        await wait_until(pilot, lambda: stream.scroll_y == stream.max_scroll_y)
        height = stream.size.height
        await pilot.press("up", "end")
        await pilot.resize_terminal(80, 20)
        await wait_until(pilot, lambda: stream.size.height < height and stream.scroll_y == stream.max_scroll_y)
        stream.action_scroll_home()
        stream.append(*["in that very moment\n"] * streams)
        await wait_until(pilot, lambda: stream.scroll_y == 0)
        gate.release(200)


async def test_what_is_marked_with_the_mouse_is_what_was_written() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        stream = (await opened(pilot, "one · last")).query_one(Stream)
        stream.begin("The ", 2)
        stream.append("one " * 20, "first\nsecond\nthird")
        await wait_until(pilot, lambda: "third" in shown(app))
        await pilot.mouse_down(stream, offset=(2, 5))
        await pilot.hover(stream, offset=(3, 6))
        await pilot.mouse_up(stream, offset=(3, 6))
        await wait_until(pilot, lambda: app.screen.get_selected_text() == "rst\nseco")
        (marked, rest, *_) = stream.render_line(6)
        assert (marked.text, rest.text) == ("seco", "nd") and marked.style and rest.style
        assert marked.style.color != marked.style.bgcolor != rest.style.bgcolor


@pytest.mark.parametrize(
    ("begin", "end", "said"), [((0, 2), (5, 2), ""), ((0, 1), (6, 1), "second"), (None, None, None)]
)
async def test_lines_that_are_marked_are_those_that_are_seen(
    begin: tuple[int, int] | None, end: tuple[int, int] | None, said: str | None
) -> None:
    """Other characters than line breaks end a line for Python, and after the last break there is one more to see."""
    text = "a\u2028b\x1ec\nsecond\n"
    long = LongText()
    long.parts = [Passage(text)]
    selection = Selection(begin and Offset(*begin), end and Offset(*end))
    assert long.get_selection(selection) == (text if said is None else said, "\n")


@pytest.mark.parametrize("piece", ["word ", "字"])
async def test_a_text_without_lines_is_laid_out_once_too(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run("one")
    monkeypatch.setattr(Scripted, "pieces", (piece,) * (12_000 // len(piece)))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        stream = (await opened(pilot, "one · last")).query_one(Stream)
        await pilot.press("enter")
        await wait_until(pilot, lambda: stream.texts and len(stream.texts[0]) >= 12_000)
        (text,) = stream.parts
        assert isinstance(text, Passage) and text.laid_out < 2 * len(text) + 200
