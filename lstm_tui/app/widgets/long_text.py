"""Text of any length that scrolls: of its rows only those in view are drawn, and only where they are others.

A Static would lay out and draw all of it anew whenever a word of it or its width is another.
"""

from collections.abc import Iterable
from typing import Protocol

from rich.style import Style
from rich.text import Text
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from lstm_tui.app.widgets.words import readable
from lstm_tui.app.wrapping import Wrapped


class Part(Protocol):
    """What stands in it, one below the other."""

    def __len__(self) -> int:
        """Rows."""
        ...

    def wrap(self, width: int) -> None:
        """Take that width."""
        ...

    def drawn(self, row: int, on: Widget) -> Text:
        """A row as it looks."""
        ...

    def place(self, row: int) -> tuple[int, int]:
        """The line of `text` that a row stands in, and where in it: what is marked with the mouse is told so."""
        ...

    @property
    def text(self) -> str: ...

    @property
    def line_count(self) -> int: ...


class Passage(Wrapped):
    """A text, of which so many characters at its beginning are the prompt; or a sentence that is none of the text."""

    def __init__(self, text: str = "", prompt: int = 0, aside: bool = False) -> None:
        super().__init__(text)
        self._prompt = prompt
        self._aside = aside

    def drawn(self, row: int, on: Widget) -> Text:
        colours = on.app.theme_variables
        line = Text(self.row(row), colours["quiet"] if self._aside else "", end="")
        if self._prompt > self.begins(row):
            line.stylize(f"bold {colours['primary']}", 0, self._prompt - self.begins(row))
        return line


class LongText(ScrollView):
    """See the module. It follows the end of what grows, once told to, until one scrolls away from it, and again once
    one returns to it.
    """

    DEFAULT_CSS = """
    LongText { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.parts: list[Part] = []
        self._follows = False
        self._end = 0  # how far down one could scroll when that was last measured

    def show(self, parts: Iterable[Part], follow: bool = False) -> None:
        """These from now on, from their beginning; or from their end, and follow it."""
        self.parts = list(parts)
        self._follows, self._end = follow, 0
        if not follow:
            self.scroll_to(y=0, animate=False, force=True)
        self._lay_out()

    def read(self, text: str) -> None:
        """One text from now on, laid out only where it is another; it stays scrolled to where it is."""
        text = readable(text)
        if text != self.text:
            self.parts = [Passage(text)]
            self._lay_out()

    def grown(self, since: int) -> None:
        """There is more from that row on."""
        if self._rows > self.container_size.height and not self.show_vertical_scrollbar:
            self._lay_out()
        else:
            self.refresh_lines(since, max(self._rows - since, 1))
            self._measure()

    @property
    def text(self) -> str:
        """All that stands there."""
        return "\n".join(part.text for part in self.parts)

    def top(self, part: Part) -> int:
        """The row at which a part begins."""
        return sum(len(it) for it in self.parts[: self.parts.index(part)])

    @property
    def _rows(self) -> int:
        return sum(map(len, self.parts))

    def _lay_out(self) -> None:
        """All rows, beside a scrollbar where they are more than there is room for."""
        size = self.container_size
        narrow = size.width - self.styles.scrollbar_size_vertical
        if narrow <= 0:
            return  # it is not seen
        long = sum(len(part.text) for part in self.parts) > size.area  # which need not be tried
        for width in (narrow,) if long else (size.width, narrow):
            for part in self.parts:
                part.wrap(width)
            if self._rows <= size.height:
                break
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        # Where it goes counts, not where it is: a key is not lost to what comes in the moment after it. And where the
        # end was, not where it is: another size moves it.
        stays = self._follows and self.scroll_target_y >= min(self._end, self.max_scroll_y)
        self.virtual_size = Size(0, self._rows)
        self._end = self.max_scroll_y
        if stays:
            self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)

    def on_resize(self) -> None:
        self._lay_out()

    # Drawing.

    def render_line(self, y: int) -> Strip:
        width, style = self.scrollable_content_region.width, self.rich_style
        blank = Style(bgcolor=style.bgcolor)
        row, line = y + self.scroll_offset.y, 0
        for part in self.parts:
            if row < len(part):
                within, column = part.place(row)
                text = part.drawn(row, self)
                self._mark(text, line + within, column)
                strip = Strip(text.render(self.app.console)).apply_style(style)
                return strip.apply_offsets(column, line + within).adjust_cell_length(width, blank)
            row -= len(part)
            line += part.line_count
        return Strip.blank(width, blank)

    def _mark(self, text: Text, line: int, column: int) -> None:
        """Show what is marked with the mouse."""
        selection = self.text_selection
        span = selection.get_span(line) if selection else None
        if span is not None:
            begin, end = span[0] - column, len(text) if span[1] == -1 else span[1] - column
            if end > 0:
                marked = VisualStyle.from_styles(self.screen.get_component_styles("screen--selection"))
                text.stylize((self.visual_style + marked).rich_style, max(begin, 0), end)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        # Textual's own knows other ends of lines than those that are seen, and no line after the last end.
        lines = self.text.split("\n")
        begin = selection.start or Offset(0, 0)
        end = selection.end or Offset(len(lines[-1]), len(lines) - 1)
        marked = lines[begin.y : end.y + 1]
        if end.y < len(lines):
            marked[-1:] = [line[: end.x] for line in marked[-1:]]
        marked[:1] = [line[begin.x :] for line in marked[:1]]
        return "\n".join(marked), "\n"
