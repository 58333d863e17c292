"""Keys that arrive together, as a driver posts them: none waits for what the one before it does."""

import asyncio
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static, TextArea

from lstm_tui.app.app import LstmTui
from lstm_tui.app.one_at_a_time import OneAtATimeApp
from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.plain import Palette
from tests.app.conftest import TRAINING, app_of, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script

scripted = pytest.fixture(autouse=True)(by_script)

_NAMES = {
    "/": "slash",
    ":": "colon",
    "?": "question_mark",
    "+": "plus",
    " ": "space",
    "\r": "enter",
    "\x1b": "escape",
    "\x1a": "ctrl+z",
}


def together(app: OneAtATimeApp, *typed: str | events.Paste) -> None:
    """All of it at once; keys by their characters."""
    driver = app._driver
    assert driver is not None
    for each in typed:
        for event in [each] if isinstance(each, events.Paste) else [events.Key(_NAMES.get(it, it), it) for it in each]:
            driver.process_message(event)


def field(app: LstmTui) -> tuple[str | None, str]:
    """The field that has the focus, and what stands in it."""
    focused = app.focused
    text = focused.value if isinstance(focused, Input) else focused.text if isinstance(focused, TextArea) else ""
    return focused.id if focused else None, text


async def test_what_follows_the_key_that_opens_a_field_is_typed_into_it() -> None:
    make_run("one")
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        together(app, "/qx1")
        await wait_until(pilot, lambda: field(app) == ("find", "qx1"))
        together(app, "\x1b2\r640\r+\x1b")  # to Configure, and back from there
        await wait_until(pilot, lambda: app.choice.overrides == {"model.hidden": "768"})
        await wait_until(pilot, lambda: app.current_mode == "corpus")
        together(app, "5/dx")
        await wait_until(pilot, lambda: (app.current_mode, *field(app)) == ("runs", "find", "dx"))
        assert isinstance(app.screen, Frame)
        together(app, "\x1b4q 5t")
        await wait_until(pilot, lambda: field(app) == (None, "q 5t") and "one · last" in shown(app))
        together(app, "\rn")
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert [made.given for made in Scripted.made] == ["q 5t"] * 2


async def test_what_follows_the_key_that_opens_a_dialog_or_a_screen_is_for_that() -> None:
    make_run("one")
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        together(app, "a/no/q", events.Paste("where: it "), "is", "?")
        await wait_until(pilot, lambda: field(app) == ("what", "/no/qwhere: it is?"))
        assert isinstance(app.screen, AddText)
        together(app, "\x1b:quit 1")
        await wait_until(pilot, lambda: isinstance(app.screen, Palette) and field(app)[1] == "quit 1")
        together(app, "\x1b??\x1b3?")
        await wait_until(pilot, lambda: app.current_mode == "train" and isinstance(app.screen, HelpScreen))
        together(app, "\x1b\x1azqs")  # what a question asks is answered at once
        await wait_until(pilot, lambda: source.requested == ["pause", "save", "stop"])


class Slow(OneAtATimeApp):
    """A field beside what waits for the next key while it handles one."""

    class Waiting(Static, can_focus=True):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "app.focus('field')")]

        def __init__(self) -> None:
            super().__init__()
            self.next = asyncio.Event()

        async def on_key(self, event: events.Key) -> None:
            if event.key == "w":
                await self.next.wait()

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "next", priority=True)]

    def compose(self) -> ComposeResult:
        yield self.Waiting()
        yield Input(id="field")

    def action_next(self) -> None:
        self.query_one(self.Waiting).next.set()


async def test_a_key_that_waits_for_the_next_is_not_waited_for_long() -> None:
    app = Slow()
    async with app.run_test() as pilot:
        together(app, "wnf" + "held down " * 20)
        await wait_until(pilot, lambda: app.query_one(Input).value == "held down " * 20)
