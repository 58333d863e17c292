"""The field for a prompt: Enter says it, alt+Enter or a paste brings a new line."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from lstm_tui.app.widgets.words import readable


class Prompt(TextArea):
    """A few lines of text; letters and digits are text in it, Enter, Tab and Esc leave it."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus { height: 3; border: none; padding: 0; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Write", key_display="Enter", id="prompt.write", tooltip="Let the model go on"),
        Binding(
            "alt+enter", "new_line", "New line", key_display="Alt+Enter", id="prompt.line", tooltip="Begin a new line"
        ),
        Binding("escape", "leave", "Leave", key_display="Esc", id="prompt.leave", tooltip="Leave the field"),
    ]

    class Submitted(Message):
        """Enter."""

    class Left(Message):
        """Escape."""

    def __init__(self) -> None:
        super().__init__(compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        # TextArea takes Enter as a new line before any binding sees it.
        if event.key == "enter":
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = readable(event.text)

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def action_new_line(self) -> None:
        self.insert("\n")

    def action_leave(self) -> None:
        self.post_message(self.Left())
