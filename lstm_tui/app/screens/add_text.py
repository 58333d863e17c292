"""The dialog that adds a file to the texts: its path, and beneath it at once what is wrong with it."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Footer, Input

from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError
from lstm_tui.text import library

LOG = logging.getLogger(__name__)


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
            for entry in os.scandir(Path(folder or ".").expanduser())
            if entry.name.startswith(begun) and entry.name.isprintable()
        )
    except (OSError, RuntimeError):
        return None
    return value + names[0][len(begun) :] if names else None


class AddText(ModalScreen[None]):
    """Asks for a path.

    Args:
        added: told of the text, be it after the dialog was left.
    """

    DEFAULT_CSS = """
    AddText { align: center middle; background: $background 60%; }
    AddText Panel {
        width: 72; max-width: 100%; height: auto; padding: 1 2 0 2; border: round $primary; background: $background;
    }
    AddText #sentence { height: 3; margin-top: 1; color: $quiet; &.wrong { color: $error; } }
    AddText Footer { dock: none; margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="add.leave", key_display="Esc", tooltip="Close, and add nothing"),
    ]
    _ADVICE = "A copy is kept, so the file itself may go. UTF-8 or another encoding, plain text or CSV."

    def __init__(self, added: Callable[[library.Entry], None]) -> None:
        super().__init__()
        self._added = added

    def compose(self) -> ComposeResult:
        with Panel(title="add a text"):
            path = Input(placeholder="path of a text file, such as ~/books/alice.txt", suggester=PathSuggester())
            path.cursor_blink = False
            yield path
            yield Words(self._ADVICE, id="sentence")
            yield Footer(show_command_palette=False, compact=True)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._say(self._ADVICE)

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        path = message.value.strip().strip("'\"")
        if path:
            self._say("Reading it.")
            self._add(path)
        else:
            self._say("Type the path of a text file.", wrong=True)

    @work(thread=True, group="add", exclusive=True, exit_on_error=False)
    def _add(self, path: str) -> None:
        app = self.app  # a dialog that was left since does not know it any more
        try:
            entry = library.add(Path(path))
        except UserError as error:
            app.call_from_thread(self._say, str(error), True)
        except Exception as error:
            LOG.exception("adding a text")
            app.call_from_thread(self._say, f"{path} could not be read ({error}).", True)
        else:
            app.call_from_thread(self._done, entry)

    def _done(self, entry: library.Entry) -> None:
        self._added(entry)
        if self.app.screen is self:  # or somebody else's dialog would be closed
            self.dismiss()
        else:
            self._say(f"{entry.title} is among your texts.")

    def _say(self, sentence: str, wrong: bool = False) -> None:
        if self.is_attached:
            shown = self.query_one("#sentence", Words)
            shown.set_class(wrong, "wrong")
            shown.show(sentence)

    def action_leave(self) -> None:
        self.dismiss()
