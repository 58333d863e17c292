"""Boxes with a title in their border, and rows of figures in them."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lstm_tui.app.glossary import meaning
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii, overflow
from lstm_tui.errors import no_control_characters

Row = tuple[str, str | Text]
_JOINTS = str.maketrans("╭╮", "├┤")
_ELLIPSIS = "…"


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
        self._title: Content | None = None
        self._note: Content | str = ""
        self.entitle(title)

    def entitle(self, title: str) -> None:
        """Names of texts and runs come here: they are no markup. Cheap where it is called so already."""
        content = Content(no_control_characters(title, keep=""))
        if content != self._title:
            self._title = self.border_title = content

    def note(self, words: Content | str) -> None:
        """What stands in the lower border."""
        if words != self._note:
            self._note = self.border_subtitle = words

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        if crop.y == 0 and strips and self.has_class("-joined"):
            strips[0] = _translated(strips[0], _JOINTS)
        if is_ascii():  # Textual cuts a long title with an ellipsis
            strips = [_translated(strip, str.maketrans(_ELLIPSIS, glyphs().ellipsis)) for strip in strips]
        return strips


def _translated(strip: Strip, table: dict[int, int]) -> Strip:
    segments = [Segment(text.translate(table), style, control) for text, style, control in strip]
    return Strip(segments, strip.cell_length)


class Figures(Widget):
    """Rows of a label and a value, the value at the right edge: digits may change, nothing else moves. Under the mouse,
    a row says what it means.

    Args:
        columns: how many label-and-value pairs stand in one line; it may change with the width.
    """

    DEFAULT_CSS = "Figures { height: auto; }"

    def __init__(self, columns: int = 1, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = columns
        self.rows: tuple[Row, ...] = ()

    @property
    def explained(self) -> list[tuple[str, str]]:
        """For the help screen."""
        return [(label, str(value)) for label, value in self.rows]

    def show(self, rows: Iterable[Row]) -> None:
        before, self.rows = self.rows, tuple(rows)
        if len(before) != len(self.rows):
            self.refresh(layout=True)
            return
        pairs = enumerate(zip(before, self.rows, strict=True))
        lines = {number // self.columns for number, (old, new) in pairs if old != new}
        if lines:  # only these: few bytes to the terminal
            self.refresh(*(Region(0, line, self.size.width, 1) for line in sorted(lines)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        column = min(event.x * self.columns // max(self.size.width, 1), self.columns - 1)
        number = event.y * self.columns + column
        label = self.rows[number][0] if number < len(self.rows) else ""
        means = meaning(label, getattr(self.screen, "TITLE_WORD", "")) if label else ""
        self.tooltip = Content(f"{label}: {means}") if means else None

    def render(self) -> Text:
        width, gap = self.content_size.width, 3
        each = (width - gap * (self.columns - 1)) // self.columns
        text = Text(no_wrap=True, overflow="crop")
        for number, (label, value) in enumerate(self.rows):
            column = number % self.columns
            shown = value if isinstance(value, Text) else Text(value)
            left = Text(label, style=self.app.theme_variables["quiet"])
            left.truncate(max(each - shown.cell_len - 1, 0), overflow=overflow(), pad=False)
            text.append_text(left).append(" " * max(each - left.cell_len - shown.cell_len, 0)).append_text(shown)
            if column < self.columns - 1:
                text.append(" " * gap)
            elif number < len(self.rows) - 1:
                text.append("\n")
        return text

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return -(-len(self.rows) // self.columns)
