"""The field that narrows a list: Enter goes to the list, Esc shows all of it again; so it does in the list."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from lstm_tui.app.widgets.frame import Frame


class Find(Input):
    """Not seen until `open`, and no more once it is empty and left.

    Args:
        of: the list, as a selector.
    """

    DEFAULT_CSS = "Find { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "To the list", id="find.leave", key_display="Enter", tooltip="To the list"),
        Binding("tab,down", "leave", "To the list", id="find.down", tooltip="To the list", show=False),
        Binding("escape", "clear", "List all", id="find.clear", key_display="Esc", tooltip="List all again"),
    ]

    def __init__(self, placeholder: str, of: str) -> None:
        super().__init__(placeholder=placeholder, id="find")
        self.cursor_blink = False
        self._of = of

    def open(self) -> None:
        self.display = True
        self.focus()

    def action_leave(self) -> None:
        self.display = bool(self.value)
        self.screen.query_one(self._of).focus()

    def action_clear(self) -> None:
        self.value = ""
        self.action_leave()


class ListFrame(Frame):
    """A screen whose list a Find narrows: while it does, Esc shows all again, and goes back the next time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "list_all", "List all", id="list.all", tooltip="List all again", show=False),
    ]

    @property
    def narrowed(self) -> str:
        """For the title of the list."""
        return ", Esc lists all" if self.query_one(Find).value else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.narrowed) if action == "list_all" else True

    def action_list_all(self) -> None:
        self.query_one(Find).action_clear()
