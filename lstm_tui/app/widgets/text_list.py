"""The texts to choose from, under the headings of where they come from; those that can be fetched are last.

It knows names and sizes; what stands in a text it does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets.option_list import Option

from lstm_tui.app.figures import size
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import one_line, shortened
from lstm_tui.text import library


@dataclass(frozen=True)
class Offer:
    """What can be fetched.

    Attributes:
        what: a Gutenberg number; nothing where it is asked for first.
        title: what the list shows.
        about: where it comes from, or what will be asked.
    """

    what: str
    title: str
    about: str

    @property
    def name(self) -> str:
        """Never that of a text."""
        return f"/{self.what or self.title}"


Row = library.Entry | Offer
_YOURS_EMPTY = "  a adds a text"


class TextList(Options):
    """See the module. The rows keep their place by their names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "Use",
            id="corpus.use",
            key_display="Enter",
            tooltip="On a text here: use it, and configure",
        ),
        Binding(
            "enter",
            "fetch",
            "Fetch it",
            id="corpus.fetch",
            key_display="Enter",
            tooltip="On one to download: fetch it (network)",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(id="texts")
        self._rows: dict[int, Row] = {}

    def show(self, groups: Mapping[str, Sequence[Row]], chosen: str, here: str | None, narrowed: bool) -> None:
        """List the rows under their headings, mark the `chosen` text, and put the cursor on the row `here`."""
        self.clear_options()
        self._rows = {}
        options = []
        for heading, rows in groups.items():
            if rows:
                options.append(Option(Text(heading), disabled=True))
            elif heading == "yours" and not narrowed:
                options += [Option(Text(heading), disabled=True), Option(Text(_YOURS_EMPTY), disabled=True)]
            for row in rows:
                self._rows[len(options)] = row
                options.append(Option(_Line(row, row.name == chosen)))
        if not self._rows:
            options = [Option(Text("nothing has that name"), disabled=True)]
        self.add_options(options)
        places = {row.name: number for number, row in self._rows.items()}
        if places:
            self.highlighted = places.get(here or "", next(iter(places.values())))

    def show_chosen(self, chosen: str) -> None:
        """Move the mark."""
        for number, row in self._rows.items():
            self.replace_option_prompt_at_index(number, _Line(row, row.name == chosen))

    @property
    def row(self) -> Row | None:
        """What the cursor is on."""
        return None if self.highlighted is None else self._rows.get(self.highlighted)

    @property
    def entry(self) -> library.Entry | None:
        """The same, where it is a text that is here."""
        return self.row if isinstance(self.row, library.Entry) else None

    def beside(self, name: str) -> str | None:
        """The row that the cursor is on; where that is the text `name`, the text after it, or the one before."""
        if self.row is None or self.row.name != name:
            return self.row.name if self.row else None
        names = [row.name for row in self._rows.values() if isinstance(row, library.Entry)]
        place = names.index(name)
        return next(iter([*names[place + 1 :], *names[:place][::-1]]), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"select", "fetch"}:
            return isinstance(self.row, Offer) == (action == "fetch")
        return True

    def action_fetch(self) -> None:
        self.action_select()


class _Line(Visual):
    """The mark of the chosen text, a title, cut where it must be, and a size at the right. A table of Rich's would take
    as long as all else of the first picture's list.
    """

    def __init__(self, row: Row, chosen: bool) -> None:
        self._left = f"{glyphs().marker if chosen else ' '} {one_line(row.title)}"
        self._right = f" {size(row.size)}" if isinstance(row, library.Entry) else ""

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        room = max(width - len(self._right), 0)
        left = set_cell_size(shortened(self._left, room), room)
        return Content(left + self._right).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        return 1
