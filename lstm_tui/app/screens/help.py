"""Help: two pages over the screen that asked: what its keys do, by its bindings' tooltips, and what its figures mean.

`?` goes from the one to the other.
"""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from lstm_tui.app.glossary import GLOSSARY, meaning
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import one_line

_NAMES = {"escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "left": "Left", "right": "Right"}
_NAMES |= {"up": "Up", "down": "Down", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End"}
_NAMES |= {"equals_sign": "="}


class HelpScreen(ModalScreen[None]):
    """Keys and figures of the screen that asked for it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen Panel {
        width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $primary; background: $background;
    }
    HelpScreen VerticalScroll { height: auto; max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", id="help.close", tooltip="Close the help"),
        Binding("question_mark,f1", "turn", "Other page", id="help.turn", tooltip="From the keys to the figures"),
    ]

    def __init__(self, asked_from: Frame) -> None:
        super().__init__()
        self._word, self._quiet = asked_from.TITLE_WORD, asked_from.app.theme_variables["quiet"]
        # Taken now: once this screen covers it, the other one has no focus and no bindings.
        self._pages = (
            ("keys", "? its figures, Esc closes", _keys(asked_from)),
            ("figures", "? its keys, Esc closes", self._figures(asked_from.figures)),
        )
        self._page = 0

    def compose(self) -> ComposeResult:
        with Panel(), VerticalScroll(can_focus=True):
            yield Static(id="page")

    def on_mount(self) -> None:
        self._show()

    def action_turn(self) -> None:
        self._page = 1 - self._page
        self._show()

    def _show(self) -> None:
        title, keys, page = self._pages[self._page]
        panel = self.query_one(Panel)
        panel.entitle(f"{title}: {self._word}")
        panel.border_subtitle = keys
        self.query_one("#page", Static).update(page)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _figures(self, figures: Iterable[tuple[str, str]]) -> Table:
        """Each label and its value now, and what it means; all there are, where none stands on the screen."""
        table = Table.grid(padding=(0, 2, 1, 0))
        table.add_column(width=18)
        table.add_column()
        known = {label: value for label, value in figures if meaning(label, self._word)}
        for label, value in (known or dict.fromkeys(GLOSSARY, "")).items():
            shown = Text.assemble((one_line(label), "bold"), "\n", (one_line(value).strip(" *"), self._quiet))
            table.add_row(shown, meaning(label, self._word) or GLOSSARY[label])
        return table


def _keys(screen: Frame) -> Table:
    """One line per action with all its keys: those of the screen and its lists, those in a field, and those that
    work everywhere.

    Those that have nothing to do just now are there, too. No key stands twice under a heading: one that does this
    now and that later (`p` pauses, then goes on) has one line for both.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column()
    quiet, nodes = screen.app.theme_variables["quiet"], list(screen.walk_children())
    fields = [node for node in nodes if isinstance(node, Input | TextArea)]
    here = _rows([screen, *(node for node in nodes if node not in fields)])
    known = {key for keys, _ in here for key in keys}
    everywhere = [([key for key in keys if key not in known], told) for keys, told in _rows([screen.app])]
    for heading, rows in (("on this screen", here), ("in a field", _rows(fields)), ("everywhere", everywhere)):
        if rows:
            table.add_row("", Text(f"\n{heading}" if table.row_count else heading, style=quiet))
        for keys, told in rows:
            if keys:
                table.add_row(" ".join(sorted(keys, key=len)), "; ".join(told))
    return table


Rows = list[tuple[list[str], list[str]]]


def _rows(nodes: Iterable[DOMNode]) -> Rows:
    """Keys, and what they do: all keys of one action together, and all actions of one key."""
    keys_of: dict[str, list[str]] = {}
    for node in nodes:
        for key, binding in node._bindings:
            name = _name(key)
            if binding.id and name not in keys_of.setdefault(binding.tooltip, []):
                keys_of[binding.tooltip].append(name)
    rows: Rows = []
    for tooltip, keys in keys_of.items():
        new = [key for key in keys if not any(key in known for known, _ in rows)]
        if new:
            rows.append((new, [tooltip]))
        else:
            told = next(told for known, told in rows if keys[0] in known)
            told.append(tooltip[:1].lower() + tooltip[1:])
    return rows


def _name(key: str) -> str:
    """As it stands on a keyboard: `?`, `+`, `F5`, `Esc`, `ctrl+q`."""
    if key in _NAMES or "+" in key:
        return _NAMES.get(key, key)
    name = format_key(key)
    return name.upper() if name[0] == "f" and name[1:].isdigit() else name
