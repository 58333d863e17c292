"""A list over the screen, of which one is chosen; what the chosen one means is the asker's affair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import no_control_characters


@dataclass(frozen=True)
class Pick:
    """One line of the list: what is handed back, what is shown, and a sentence shown beneath the list."""

    value: str
    label: str
    about: str = ""


class Picker(ModalScreen[str | None]):
    """The value of what was chosen, or None."""

    DEFAULT_CSS = """
    Picker { align: center middle; background: $background 60%; }
    Picker Panel {
        width: 72; max-width: 96%; height: auto; max-height: 90%; border: round $primary; background: $background;
    }
    Picker OptionList { height: auto; max-height: 14; background: $background; }
    Picker Words { height: 3; margin-top: 1; color: $quiet; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="picker.leave", tooltip="Close the list, change nothing"),
    ]

    def __init__(self, title: str, picks: Sequence[Pick], chosen: str) -> None:
        super().__init__()
        self._title, self._picks = title, picks
        self._at = next((number for number, pick in enumerate(picks) if pick.value == chosen), 0)

    def compose(self) -> ComposeResult:
        with Panel(title=self._title) as box:
            box.border_subtitle = "Enter takes it, Esc leaves it"
            yield Options(
                *(Option(Text(no_control_characters(pick.label, keep=""), no_wrap=True)) for pick in self._picks)
            )
            yield Words()

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._at

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, message: OptionList.OptionHighlighted) -> None:
        self.query_one(Words).show(self._picks[message.option_index].about)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._picks[message.option_index].value)

    def action_leave(self) -> None:
        self.dismiss(None)
