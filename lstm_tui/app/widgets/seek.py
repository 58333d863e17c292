"""The field that leads to a setting by its name: Enter goes to it, Down to one after the other; Esc stays there."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from lstm_tui.app.widgets.find import Find
from lstm_tui.app.widgets.form import Form

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui


class Seek(Find):
    """Not seen until `open`. It goes through the form that stands on its screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "To it", id="seek.take", key_display="Enter", tooltip="To the setting of that name"),
        Binding("down", "next", "Next", id="seek.next", key_display="Down", tooltip="Look at the next of that name"),
        Binding("tab", "clear", "Settings", id="seek.tab", tooltip="To the settings", show=False),
        Binding("escape", "clear", "Settings", id="seek.leave", key_display="Esc", tooltip="To the settings"),
    ]

    def __init__(self) -> None:
        super().__init__("part of a name: hidden, drop, learning", of="Rows")
        self._looked_at = ""

    def action_take(self) -> None:
        """Enter takes what Down has led to, else goes to the next of that name."""
        if self.value.strip() == self._looked_at or self.action_next():
            self.action_clear()

    def action_next(self) -> bool:
        word = self.value.strip()
        found = self.screen.query_one(Form).seek(word)
        if not found:
            cast("LstmTui", self.app).say(f"No setting and no section is called {word}.")
        self._looked_at = word if found else ""
        return found

    def action_clear(self) -> None:
        self._looked_at = ""
        super().action_clear()
