"""Help: every key of the screen it was called from, by its bindings' tooltips."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.panel import Panel


class HelpScreen(ModalScreen[None]):
    """A list of keys over the screen that asked for it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen Panel {
        width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $primary; background: $background;
    }
    HelpScreen VerticalScroll { height: auto; max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", id="help.close", tooltip="Close the help"),
    ]

    def __init__(self, asked_from: Frame) -> None:
        super().__init__()
        self._title = f"keys: {asked_from.TITLE_WORD}"
        # Taken now: once this screen covers it, the other one has no focus and no bindings.
        self._here = _keys(asked_from)

    def compose(self) -> ComposeResult:
        with Panel(title=self._title) as panel, VerticalScroll(can_focus=True):
            panel.border_subtitle = "Esc closes"
            yield Static(self._here)


def _keys(screen: Frame) -> Table:
    """One line per action with all its keys: those of the screen, then those that work everywhere."""
    here: dict[str, tuple[list[str], str]] = {}
    everywhere: dict[str, tuple[list[str], str]] = {}
    for node, binding, _enabled, tooltip in screen.active_bindings.values():
        if binding.id and tooltip:
            group = everywhere if node is screen.app else here
            group.setdefault(binding.action, ([], tooltip))[0].append(_name(binding))
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column()
    for heading, group in (("on this screen", here), ("everywhere", everywhere)):
        table.add_row("", Text(heading, style=screen.app.theme_variables["quiet"]))
        for keys, tooltip in group.values():
            table.add_row(" ".join(sorted(keys, key=len)), tooltip)
    return table


def _name(binding: Binding) -> str:
    names = {"escape": "Esc", "enter": "Enter", "space": "Space", "colon": ":", "question_mark": "?", "slash": "/"}
    named = names.get(binding.key)
    return named or (binding.key.upper() if binding.key[0] == "f" and binding.key[1:].isdigit() else binding.key)
