"""The dialog that adds a text: what it understands, how far it is, calling off, trying again, agreeing."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens import add_text
from lstm_tui.app.screens.add_text import AddText, Kind, kind_of, understood
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.widgets import ask
from lstm_tui.app.widgets.ask import PathSuggester
from lstm_tui.progress import Tell
from lstm_tui.text import library
from lstm_tui.text.decoding import Malformed
from lstm_tui.text.download import Unfetched
from tests.app.conftest import app_of, said, shown, wait_until

BOOK = library.Entry("pg11.txt", "pg11.txt", "from there", 150_000, "yours", (Path("/nowhere/pg11.txt"),))
Bring = Callable[[Kind, str, dict[str, str], Tell], library.Entry]


async def opened(pilot: Pilot[None], typed: str = "") -> LstmTui:
    app = pilot.app
    assert isinstance(app, LstmTui)
    await pilot.press("a")
    await wait_until(pilot, lambda: isinstance(app.screen, AddText))
    app.screen.query_one("#what", Input).value = typed
    return app


def words(app: LstmTui) -> str:
    """What is shown, be it wrapped."""
    return " ".join(shown(app).replace("│", " ").split())


def bringing(monkeypatch: pytest.MonkeyPatch, bring: Bring) -> None:
    monkeypatch.setattr(add_text, "bring", bring)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "There is no file"), (b"", "is empty"), (bytes(range(256)) * 4, "binary"), (b" \n", "white space")],
)
async def test_a_file_that_cannot_be_learnt_is_named_beneath_the_path(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "some.txt"
    if content is not None:
        path.write_bytes(content)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, str(path))
        await pilot.press("enter")
        await wait_until(pilot, lambda: sentence in words(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen.query("#texts"))


async def test_an_added_text_is_listed_under_the_cursor_and_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "evil.txt"
    path.write_text("plain \x1b[31mred \u202etext\n" * 50 + "\x07")
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, f"'{path}'")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "plain" in shown(app))
        await wait_until(pilot, lambda: not any(character in shown(app) for character in "\x1b\u202e"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.current_mode == "configure")
        assert app.choice.entry.name == "evil.txt"


async def test_a_folder_is_taken_by_its_pattern_and_says_what_that_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text("hidden")
    for name in ("a.txt", "b.txt", "c.py"):
        (folder / name).write_text("words\n" * 20)
    asked: list[tuple[str, dict[str, str]]] = []

    def bring(_kind: Kind, what: str, text: dict[str, str], _tell: Tell) -> library.Entry:
        asked.append((what, text))
        return BOOK

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, str(folder))
        await wait_until(pilot, lambda: "3 files match" in words(app) and "is left out" in words(app))
        app.screen.query_one("#pattern", Input).value = "*.txt"
        await wait_until(pilot, lambda: "2 files match" in words(app))
        app.screen.query_one("#pattern", Input).value = "*.md"
        await wait_until(pilot, lambda: "set another pattern." in words(app))
        app.screen.query_one("#pattern", Input).value = "*.txt"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is among your texts now" in said(app))
    assert asked == [(str(folder), {"pattern": "*.txt"})]


async def test_fetching_says_how_far_it_is_and_escape_calls_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def bring(_kind: Kind, _what: str, _text: dict[str, str], tell: Tell) -> library.Entry:
        tell("downloading pg11.txt", 0.48)
        assert go_on.wait(5)
        tell("downloading pg11.txt", 0.49)
        raise AssertionError("it went on")

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "11")
        await wait_until(pilot, lambda: "Book 11 of Project Gutenberg" in words(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "48 %  downloading pg11.txt" in shown(app))
        await wait_until(pilot, lambda: "Esc Cancel" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "calling it off" in shown(app) and "Esc Leave it" in shown(app))
        go_on.set()
        await wait_until(pilot, lambda: "nothing was added" in words(app))
        assert isinstance(app.screen, AddText)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, AddText))


async def test_what_could_not_be_fetched_is_tried_again_by_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def bring(_kind: Kind, what: str, _text: dict[str, str], _tell: Tell) -> library.Entry:
        tried.append(what)
        if len(tried) == 1:
            why = "Could not fetch https://example.org/a.txt: it breaks. Copy it (or: lstm-tui add FILE)."
            raise Unfetched(why, may_pass=True)
        return BOOK

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "https://example.org/a.txt")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "it breaks. Copy it." in words(app) and "Enter tries again" in words(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is among your texts now" in said(app))
    assert tried == ["https://example.org/a.txt"] * 2


async def test_where_there_is_nothing_no_other_try_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def bring(*_: object) -> library.Entry:
        raise Unfetched("Could not fetch https://example.org/a.txt: there is nothing at that address.", may_pass=False)

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "https://example.org/a.txt")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "there is nothing at that address" in words(app))
        assert "tries again" not in words(app)


async def test_what_no_other_try_can_mend_is_not_offered_one() -> None:
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "gopher://example.org/a b")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "nor an address" in words(app) and app.screen.query("#sentence.wrong"))
        assert "tries again" not in words(app)


async def test_malformed_text_is_read_once_one_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "broken.txt"
    path.write_text("x")
    asked: list[dict[str, str]] = []

    def bring(_kind: Kind, _what: str, text: dict[str, str], _tell: Tell) -> library.Entry:
        asked.append(text)
        if not text:
            raise Malformed("broken.txt", "utf-8", 1234, 12)
        return BOOK

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, str(path))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "malformed" in words(app) and "Enter reads it" in words(app))
        assert "--text" not in words(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is among your texts now" in said(app))
    assert asked == [{}, {"malformed": "true"}]


async def test_an_answer_that_comes_late_closes_nobody_elses_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def bring(_kind: Kind, _what: str, _text: dict[str, str], _tell: Tell) -> library.Entry:
        asked.set()
        answered.wait(5)
        return BOOK

    bringing(monkeypatch, bring)
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, "11")
        await pilot.press("enter")
        await wait_until(pilot, asked.is_set)
        await pilot.press("escape", "escape", "question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        answered.set()
        await wait_until(pilot, lambda: "is among your texts now" in said(app))
        assert isinstance(app.screen, HelpScreen)


async def test_a_dialog_may_close_while_a_path_is_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, closed = threading.Event(), threading.Event()

    def slowly(value: str) -> str:
        looked.set()
        closed.wait(5)
        return value

    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("n")
        monkeypatch.setattr(ask, "_completed", slowly)
        app.simulate_key("tab")
        await wait_until(pilot, looked.is_set)
        field = app.screen.query_one("#what", Input)
        app.screen.dismiss(None)
        await wait_until(pilot, lambda: not field.is_attached)
        closed.set()
        await pilot.press("2")
        await wait_until(pilot, lambda: app.current_mode == "configure")


async def test_tab_completes_a_path(tmp_path: Path) -> None:
    (tmp_path / "alice.txt").write_text("words")
    async with app_of().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, f"{tmp_path}/al")
        field = app.screen.query_one("#what", Input)
        await wait_until(pilot, lambda: field._suggestion)
        await pilot.press("tab")
        assert field.value == f"{tmp_path}/alice.txt"


async def test_a_path_is_completed_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "alice.txt").touch()
    (tmp_path / "al\x1b[31m").touch()
    (tmp_path / "books").mkdir()
    suggester = PathSuggester()
    assert await suggester.get_suggestion(f"{tmp_path}/al") == f"{tmp_path}/alice.txt"
    assert await suggester.get_suggestion(f"{tmp_path}/b") == f"{tmp_path}/books/"
    for nothing in ("", f"{tmp_path}/", f"{tmp_path}/x", "/no/such/folder/x", "~nobody-of-that-name/x"):
        assert await suggester.get_suggestion(nothing) is None


def test_what_was_typed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 2000)
    assert kind_of(str(tmp_path)) == "folder"
    assert kind_of(str(tmp_path / "a.txt")) == "file"
    assert kind_of("24264") == "number"
    assert kind_of("HTTPS://example.org/x") == "address"
    assert {kind_of(what) for what in ("", "x", "-1")} == {"nothing"}
    assert understood("file", str(tmp_path / "a.txt"), "*") == "A file of 2k bytes."
    assert understood("nothing", "x", "*") == ""
