"""What Textual draws by itself, as our terminals need it: scrollbars in ASCII, and a palette that does not blink."""

from typing import ClassVar

from textual.command import CommandPalette
from textual.scrollbar import ScrollBar, ScrollBarRender

from lstm_tui.app.widgets.glyphs import is_ascii


class PlainScrollBar(ScrollBarRender):
    """Without the blocks of a fraction of a line: its bar is reversed spaces."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def choose_scrollbars() -> None:
    """For the whole program, before the first picture."""
    ScrollBar.renderer = PlainScrollBar if is_ascii() else ScrollBarRender


class Palette(CommandPalette):
    """Textual's, with neither emoji nor ellipsis; the look is in the app's style sheet."""

    def __init__(self) -> None:
        super().__init__(placeholder="a word of what you want to do", id="--command-palette")
