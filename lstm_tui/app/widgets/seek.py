"""The field that leads to a setting by its name: Enter goes to it, and to the next; Esc leaves the cursor there."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from lstm_tui.app.widgets.find import Find
from lstm_tui.app.widgets.form import Form

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui


class Seek(Find):
    """Not seen until `open`. It goes through the form that stands on its screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "seek", "Next", id="seek.next", key_display="Enter", tooltip="To the next of that name"),
        Binding("tab,down", "clear", "Settings", id="seek.down", tooltip="To the settings", show=False),
        Binding("escape", "clear", "Settings", id="seek.leave", key_display="Esc", tooltip="To the settings"),
    ]

    def __init__(self) -> None:
        super().__init__("part of a name: hidden, drop, learning", of="Rows")

    def action_seek(self) -> None:
        if not self.screen.query_one(Form).seek(self.value.strip()):
            cast("LstmTui", self.app).say(f"No setting and no section is called {self.value.strip()}.")
