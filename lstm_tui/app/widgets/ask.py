"""A question that is answered in a field, and the fields that dialogs use."""

import asyncio
import os
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Footer, Input

from lstm_tui import files
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words


class Line(Input):
    """A field of a dialog: the footer says what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", id="line.take", key_display="Enter", tooltip="Take what is typed"),
    ]

    def __init__(self, value: str = "", placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id)
        self.cursor_blink = False


class PathLine(Line):
    """The same for a path: Tab completes it, and goes on to the next field where there is nothing to complete."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", id="path.complete", key_display="Tab", tooltip="Complete the path"),
    ]

    def __init__(self, value: str = "", placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder, id)
        self.suggester = PathSuggester()

    def action_complete(self) -> None:
        before = self.value
        self.action_end()
        self.action_cursor_right()  # takes what is suggested
        if self.value == before:
            self.screen.focus_next()


class PathSuggester(Suggester):
    """Completes a path by what is in its folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(_completed, value)


def _completed(value: str) -> str | None:
    folder, begun = os.path.split(value)
    if not begun:
        return None
    try:
        names = sorted(
            entry.name + ("/" if entry.is_dir() else "")
            for entry in os.scandir(files.typed_path(folder or "."))
            if entry.name.startswith(begun) and entry.name.isprintable()
        )
    except OSError:
        return None
    return value + names[0][len(begun) :] if names else None


class Ask(ModalScreen[str | None]):
    """What was typed, without the white space around it; None where it was left.

    Args:
        title: what is asked.
        value: what stands in the field at first.
        advice: a sentence beneath it.
    """

    DEFAULT_CSS = """
    Ask { align: center middle; background: $background 60%; }
    Ask Panel {
        width: 60; max-width: 100%; height: auto; padding: 1 2 0 2; border: round $primary; background: $background;
    }
    Ask Words { margin: 1 0; color: $quiet; }
    Ask Footer { dock: none; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="ask.leave", key_display="Esc", tooltip="Close, and change nothing"),
    ]

    def __init__(self, title: str, value: str, advice: str) -> None:
        super().__init__()
        self._title, self._value, self._advice = title, value, advice

    def compose(self) -> ComposeResult:
        with Panel(title=self._title):
            yield Line(self._value)
            yield Words(self._advice)
            yield Footer(show_command_palette=False, compact=True)

    @on(Input.Submitted)
    def _take(self, message: Input.Submitted) -> None:
        self.dismiss(message.value.strip() or None)

    def action_leave(self) -> None:
        self.dismiss(None)
