"""A question that is answered in a field, and the fields that dialogs use."""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Footer, Input

from lstm_tui import files
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError

LOG = logging.getLogger(__name__)
Answer = TypeVar("Answer")
# A folder far away may be slow.
_PATIENCE_SECONDS = 0.5


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

    async def action_complete(self) -> None:
        """Looks for itself: a suggestion comes a moment after the last letter. The next keys wait, not for long."""
        whole = None
        with suppress(TimeoutError):
            whole = await asyncio.wait_for(asyncio.to_thread(_completed, self.value), _PATIENCE_SECONDS)
        if not self.is_attached:  # the dialog has closed meanwhile
            return
        if whole and whole != self.value:
            self.value = whole
            self.action_end()
        else:
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


class Ask(ModalScreen[Answer | None], Generic[Answer]):
    """Stays until what was typed is taken; its answer is what comes of that, None where it was left.

    Args:
        title: what is asked.
        value: what stands in the field at first.
        advice: a sentence beneath it; in its place comes what is wrong.
        take: makes the answer of what was typed, without the white space around it, in a thread; a UserError
            of it is what is wrong.
    """

    field: type[Line] = Line
    DEFAULT_CSS = """
    Ask { align: center middle; background: $background 60%; }
    Ask Panel {
        width: 60; max-width: 100%; height: auto; padding: 1 2 0 2; border: round $primary; background: $background;
    }
    Ask Words { margin: 1 0; color: $quiet; &.wrong { color: $error; } }
    Ask Footer { dock: none; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="ask.leave", key_display="Esc", tooltip="Close, and change nothing"),
    ]

    def __init__(self, title: str, value: str, advice: str, take: Callable[[str], Answer]) -> None:
        super().__init__()
        self._title, self._value, self._advice = title, value, advice
        self._take, self._taking = take, False

    def compose(self) -> ComposeResult:
        with Panel(title=self._title):
            yield self.field(self._value)
            yield Words(self._advice)
            yield Footer(show_command_palette=False, compact=True)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        typed = message.value.strip()
        if not typed:
            self.dismiss(None)
        elif not self._taking:
            self._taking = True
            self._try(typed)

    @work(thread=True, group="take", exit_on_error=False)
    def _try(self, typed: str) -> None:
        app = self.app
        try:
            answer = self._take(typed)
        except UserError as error:
            app.call_from_thread(self._refused, str(error))
        except Exception as error:
            LOG.exception("taking what was typed")
            app.call_from_thread(self._refused, f"That did not work ({type(error).__name__}).")
        else:
            app.call_from_thread(self._taken, answer)

    def _taken(self, answer: Answer) -> None:
        self._taking = False
        if self.app.screen is self:  # or somebody else's dialog would be closed
            self.dismiss(answer)

    def _refused(self, sentence: str) -> None:
        self._taking = False
        words = self.query_one(Words)
        words.add_class("wrong")
        words.show(sentence)

    def action_leave(self) -> None:
        if not self._taking:
            self.dismiss(None)


class AskPath(Ask[Answer]):
    """The same for a path, which Tab completes."""

    field = PathLine
