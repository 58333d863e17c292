"""The field for a prompt: Enter says it, alt+Enter or a paste brings a new line, up and down earlier prompts."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, work
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from lstm_tui.app import prompts
from lstm_tui.app.widgets.words import readable
from lstm_tui.errors import UserError, no_control_characters

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

# Esc and a carriage return is what most terminals send for alt+Enter; Textual 8.2 drops the alt of it, and the prompt
# would be written with half of it typed.
cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)["\x1b\r"] = (SimpleNamespace(value="alt+enter"),)


class Prompt(TextArea):
    """A few lines of text; letters and digits are text in it, Enter, Tab and Esc leave it. It grows with its text."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto; min-height: 2; max-height: 8; border: none; padding: 0; background: transparent;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Write", key_display="Enter", id="prompt.write", tooltip="Let the model go on"),
        Binding(
            "alt+enter", "new_line", "New line", key_display="Alt+Enter", id="prompt.line", tooltip="Begin a new line"
        ),
        Binding(
            "up",
            "earlier",
            "Earlier",
            key_display="Up",
            id="prompt.earlier",
            tooltip="A line up; from the first, to the prompt before",
        ),
        Binding("down", "later", "Later", id="prompt.later", tooltip="A line down; from the last, on", show=False),
        Binding("escape", "leave", "Leave", key_display="Esc", id="prompt.leave", tooltip="Leave the field"),
    ]

    class Submitted(Message):
        """Enter."""

    class Left(Message):
        """Escape."""

    def __init__(self) -> None:
        super().__init__(compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self._past = prompts.History()

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, group="prompts", exit_on_error=False)
    def _read(self) -> None:
        self.app.call_from_thread(self._past.begin, prompts.read())

    def used(self) -> None:
        """What stands there was said: keep it."""
        if self._past.add(self.text):
            self._keep(self.text)

    @work(thread=True, group="prompts", exit_on_error=False)
    def _keep(self, prompt: str) -> None:
        try:
            prompts.keep(prompt)
        except UserError as error:
            self.app.call_from_thread(cast("LstmTui", self.app).report, error)

    def put(self, prompt: str) -> None:
        """Another prompt; the cursor at its end."""
        self.text = readable(prompt)
        self.move_cursor(self.document.end)

    def offer(self, own: str | None) -> None:
        """What is taken where nothing is typed: the run's own prompt."""
        # As Content: a str would be read as markup.
        hint = Content(no_control_characters(own, keep="")) if own else "nothing: it begins like a line of its text"
        self.placeholder = hint

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

    def action_earlier(self) -> None:
        if not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
        elif (prompt := self._past.earlier(self.text)) is not None:
            self.put(prompt)

    def action_later(self) -> None:
        if not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
        elif (prompt := self._past.later()) is not None:
            self.put(prompt)

    def action_leave(self) -> None:
        self.post_message(self.Left())
