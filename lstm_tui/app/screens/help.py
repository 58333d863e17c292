"""Help: every key of the screen it was called from, by its bindings' tooltips."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Static

from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.panel import Panel

_NAMES = {"escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "left": "Left", "right": "Right"}
_NAMES |= {"up": "Up", "down": "Down", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End"}


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
    """One line per action with all its keys: those of the screen and of what is on it, then those that work everywhere.

    Those that have nothing to do just now are there, too.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column()
    everywhere = _named(screen.app)
    here: dict[str, list[str]] = {}
    for node in (screen, *screen.walk_children()):
        for tooltip, keys in _named(node).items():
            here.setdefault(tooltip, []).extend(key for key in keys if key not in here.get(tooltip, ()))
    for heading, group in (("on this screen", here), ("everywhere", everywhere)):
        table.add_row("", Text(heading, style=screen.app.theme_variables["quiet"]))
        for tooltip, keys in group.items():
            if group is everywhere or tooltip not in everywhere:
                table.add_row(" ".join(sorted(keys, key=len)), tooltip)
    return table


def _named(node: DOMNode) -> dict[str, list[str]]:
    """What a widget's own keys do → the keys' names."""
    named: dict[str, list[str]] = {}
    for key, binding in node._bindings:
        if binding.id:
            named.setdefault(binding.tooltip, []).append(_name(key))
    return named


def _name(key: str) -> str:
    """As it stands on a keyboard: `?`, `+`, `F5`, `Esc`, `ctrl+q`."""
    if key in _NAMES or "+" in key:
        return _NAMES.get(key, key)
    name = format_key(key)
    return name.upper() if name[0] == "f" and name[1:].isdigit() else name
