"""Lines drawn one by one as they come into view, so that five hundred cost those that are seen, and a cursor on one.

What a line shows, and what Enter on it means, is said by whoever inherits.
"""

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lstm_tui.app.keys import key


def moving(id: str, line: str) -> list[BindingType]:
    """The keys of the cursor, for the bindings of a list `id` whose lines are called `line`."""
    return [
        key("up", "move(-1)", "Up", f"The {line} above", f"{id}.up"),
        key("down", "move(1)", "Down", f"The {line} below", f"{id}.down"),
        key("pageup", "page(-1)", "Page up", "A page up", f"{id}.page-up"),
        key("pagedown", "page(1)", "Page down", "A page down", f"{id}.page-down"),
        key("home", "move(-999999)", "First", f"To the first {line}", f"{id}.first"),
        key("end", "move(999999)", "Last", f"To the last {line}", f"{id}.last"),
    ]


class Lines(ScrollView, can_focus=True):
    """See the module."""

    DEFAULT_CSS = """
    Lines { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent; }
    Lines > .lines--cursor { background: $block-cursor-blurred-background; }
    Lines:focus > .lines--cursor { background: $block-cursor-background; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
    NAME: ClassVar[str]
    """Before the names of its component classes."""
    HEAD: ClassVar[int] = 0
    """How many lines stand above the others and do not scroll."""

    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0

    @property
    def row_count(self) -> int:
        """How many there are."""
        raise NotImplementedError

    # Drawing.

    def part(self, name: str) -> Style:
        """How a part of a line is written; without the background, for the cursor's line brings its own."""
        style = self.get_component_rich_style(f"{self.NAME}--{name}", partial=True)
        return Style(color=style.color, bold=style.bold)

    def drawn(self, segments: Iterable[Segment], number: int) -> Strip:
        """A line as it stands on the screen; nothing is under the cursor where there is no line of that number."""
        width, style = self.scrollable_content_region.width, self.rich_style
        if number == self.cursor and number < self.row_count:
            cursor = self.get_component_rich_style("lines--cursor")
            style += Style(bgcolor=cursor.bgcolor, reverse=cursor.reverse, underline=cursor.underline)
        strip = Strip(segments).adjust_cell_length(width)
        return Strip(Segment.apply_style(strip, style), width)

    # Moving.

    def on_resize(self) -> None:
        self.keep_in_sight()  # where what stands below grew

    def keep_in_sight(self) -> None:
        rows, top = max(1, self.size.height - self.HEAD), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False, force=True)

    def move_to(self, row: int) -> None:
        """The cursor on that line, or the nearest there is."""
        before, self.cursor = self.cursor, max(0, min(self.row_count - 1, row))
        if self.cursor != before:
            self.refresh_line(before + self.HEAD)
            self.refresh_line(self.cursor + self.HEAD)
            self.keep_in_sight()
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.size.height - self.HEAD - 1))
