"""The Corpus screen: what is listed and shown, using, finding and adding a text."""

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lstm_tui.app.screens.add_text import AddText, PathSuggester
from lstm_tui.app.screens.corpus import size
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.text import corpus, library
from tests.app.conftest import app_of, said, shown, wait_until


async def test_the_list_the_preview_and_the_figures() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "utf-8" in shown(app))
        for words in ("built in", "Fables and tales", "Python source", "a adds a file", "Lamplighter of Orme"):
            assert words in shown(app)
        figures = corpus.figures(corpus.preview(app.choice.entry, 10**7))
        for count in (figures.characters, figures.kinds, figures.words, figures.lines):
            assert f" {count:,} " in shown(app)
        await pilot.press("down", "down")
        await wait_until(pilot, lambda: "records of the column Joke" in shown(app))


async def test_t_trains_the_text_under_the_cursor() -> None:
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("down", "t")
        await wait_until(pilot, lambda: source.started)
        assert app.choice.entry.name == "verses"
        assert app.current_mode == "train"


async def test_find_narrows_the_list() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("slash", *"python")
        await wait_until(pilot, lambda: "Verses" not in shown(app))
        assert "Python manual" in shown(app)
        await pilot.press("z")
        await wait_until(pilot, lambda: "nothing has that name" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Verses" in shown(app))


async def _enter_path(pilot: Pilot[None], path: str) -> None:
    pilot.app.screen.query_one(Input).value = path
    await pilot.press("enter")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "There is no file"), (b"", "is empty"), (b"a\0b" * 100, "binary data"), (b" \n", "white space")],
)
async def test_a_file_that_cannot_be_learnt_is_named_beneath_the_path(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "some.txt"
    if content is not None:
        path.write_bytes(content)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText))
        await _enter_path(pilot, str(path))
        await wait_until(pilot, lambda: sentence in " ".join(shown(app).split()))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen.query("#texts"))


async def test_an_added_text_is_listed_under_the_cursor_and_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "evil.txt"
    path.write_text("plain \x1b[31mred \u202etext\n" * 50 + "\x07")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText))
        await _enter_path(pilot, f"'{path}'")
        await wait_until(pilot, lambda: "plain" in shown(app))
        assert not any(character in shown(app) for character in "\x1b\u202e")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.current_mode == "configure")
        assert app.choice.entry.name == "evil.txt"


async def test_an_answer_that_comes_late_closes_nobody_elses_dialog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked, answered = tmp_path / "late.txt", threading.Event(), threading.Event()
    path.write_text("some text\n" * 50)
    add = library.add

    def slow(path: Path) -> library.Entry:
        asked.set()
        answered.wait(5)
        return add(path)

    monkeypatch.setattr(library, "add", slow)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText))
        await _enter_path(pilot, str(path))
        await wait_until(pilot, asked.is_set)
        await pilot.press("escape", "question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        answered.set()
        await wait_until(pilot, lambda: "is among your texts now" in said(app))
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: "late.txt" in shown(app))


async def test_markup_in_a_name_and_a_text_is_text(home: Path) -> None:
    folder = home / "data" / "corpora"
    folder.mkdir(parents=True)
    (folder / "[red]x[b].txt").write_text("[bold]not bold[/bold] [/] [@click=app.quit]x")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "[red]x[b].txt" in shown(app))
        await pilot.press("up")
        await wait_until(pilot, lambda: "[bold]not bold" in shown(app))


async def test_a_path_is_completed_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "alice.txt").touch()
    (tmp_path / "al\x1b[31m").touch()
    (tmp_path / "books").mkdir()
    suggester = PathSuggester()
    assert await suggester.get_suggestion(f"{tmp_path}/al") == f"{tmp_path}/alice.txt"
    assert await suggester.get_suggestion(f"{tmp_path}/b") == f"{tmp_path}/books/"
    for nothing in ("", f"{tmp_path}/", f"{tmp_path}/x", "/no/such/folder/x", "~nobody-of-that-name/x"):
        assert await suggester.get_suggestion(nothing) is None


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (999, "999"), (70_349, "70k"), (999_700, "1.0M"), (15_000_000, "15M"), (3e9, "3.0G")]
)
def test_size(count: float, words: str) -> None:
    assert size(count) == words
