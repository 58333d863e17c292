"""What the first picture has: it is read ahead, nothing is made twice for it, and what cannot be read is said."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.css import stylesheet
from textual.widgets._footer import FooterKey

from lstm_tui.app import first_look, looking
from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.widgets.text_list import TextList
from lstm_tui.app.widgets.text_view import TextView
from lstm_tui.text import library
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.test_corpus import measured, own


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(measured))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread has read all before the screen is made."""

    class Now:
        def __init__(self, target: Callable[[str], None], args: tuple[str], **_: object) -> None:
            self.start = lambda: target(*args)

    monkeypatch.setattr(first_look, "Thread", Now)


@pytest.mark.usefixtures("at_once")
async def test_list_and_text_are_drawn_first_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Mock(side_effect=library.entries)
    monkeypatch.setattr(library, "entries", listed)
    monkeypatch.setattr(TextView, "_read", lambda *_: pytest.fail("it was read ahead"))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.screen.query_one(TextList).row == app.choice.entry
        assert looking.beginning(app.choice.entry).text.split()[0] in shown(app)
        await pilot.pause()
    listed.assert_called_once()


@pytest.mark.usefixtures("at_once")
async def test_what_cannot_be_read_ahead_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    app.memory.set("corpus", "empty.txt")
    own(home, "empty.txt", "")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "empty.txt is empty" in shown(app))

    begun: list[LstmTui] = []
    monkeypatch.setattr(library, "entries", lambda: int("no number"))
    monkeypatch.setattr(LstmTui, "first_picture_shown", lambda app: begun.append(app))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Something went wrong (ValueError)" in said(app) and begun == [app])


async def test_keys_and_style_sheets_are_not_made_again_to_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "t Train" in shown(app).splitlines()[-1])
        keys = list(app.screen.query(FooterKey))
        app.screen.refresh_bindings()
        await pilot.pause()
        assert list(app.screen.query(FooterKey)) == keys
        parsed = Mock(return_value=[])
        monkeypatch.setattr(stylesheet, "parse", parsed)
        app.refresh_css()
        parsed.assert_not_called()
        app.choose_theme("ansi-light")
        await wait_until(pilot, lambda: parsed.called)
