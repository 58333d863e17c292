"""Boxes with a title in their border, and rows of figures in them."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.text import Text
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import overflow
from lstm_tui.errors import no_control_characters

Row = tuple[str, str | Text]
_JOINTS = str.maketrans("╭╮", "├┤")


class Panel(Vertical):
    """A box. One with the class `-joined` stands right under another with the class `-open`: its upper
    border becomes the line between the two, as in one box with two parts.
    """

    DEFAULT_CSS = """
    Panel {
        border: round $structure;
        border-title-color: $quiet;
        border-subtitle-color: $quiet;
        padding: 0 1;
        &:focus-within { border-title-color: $primary; border-title-style: bold; }
        &.-open { border-bottom: none; }
    }
    """

    def __init__(self, *children: Widget, title: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(*children, id=id, classes=classes)
        self._title = ""
        self.entitle(title)

    def entitle(self, title: str) -> None:
        """Names of texts and runs come here: they are no markup. The same title draws nothing anew."""
        if title != self._title:  # Textual draws the whole box again whenever it is set
            self._title = title
            self.border_title = Content(no_control_characters(title, keep=""))

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        if crop.y == 0 and strips and self.has_class("-joined"):
            strips[0] = Strip(
                [Segment(text.translate(_JOINTS), style, control) for text, style, control in strips[0]],
                strips[0].cell_length,
            )
        return strips


class Figures(Widget):
    """Rows of a label and a value, the value at the right edge: digits may change, nothing else moves.

    Args:
        columns: how many label-and-value pairs stand in one line.
    """

    DEFAULT_CSS = "Figures { height: auto; }"

    def __init__(self, columns: int = 1, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._rows: tuple[Row, ...] = ()

    def show(self, rows: Iterable[Row]) -> None:
        new = tuple(rows)
        if new != self._rows:
            self.refresh(layout=len(new) != len(self._rows))
            self._rows = new

    def render(self) -> Text:
        width, gap = self.content_size.width, 3
        each = (width - gap * (self._columns - 1)) // self._columns
        text = Text(no_wrap=True, overflow="crop")
        for number, (label, value) in enumerate(self._rows):
            column = number % self._columns
            shown = value if isinstance(value, Text) else Text(value)
            left = Text(label, style=self.app.theme_variables["quiet"])
            left.truncate(max(each - shown.cell_len - 1, 0), overflow=overflow(), pad=False)
            text.append_text(left).append(" " * max(each - left.cell_len - shown.cell_len, 0)).append_text(shown)
            if column < self._columns - 1:
                text.append(" " * gap)
            elif number < len(self._rows) - 1:
                text.append("\n")
        return text

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return -(-len(self._rows) // self._columns)
