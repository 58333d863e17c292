"""What Textual brings, as our terminals need it: scrollbars in ASCII, a calm palette, lists that bear any key."""

from typing import ClassVar

from textual import work
from textual.command import CommandList, CommandPalette
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import OptionList

from lstm_tui.app.widgets.glyphs import is_ascii


class PlainScrollBar(ScrollBarRender):
    """Without the blocks of a fraction of a line: its bar is reversed spaces."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def choose_scrollbars() -> None:
    """For the whole program, before the first picture."""
    ScrollBar.renderer = PlainScrollBar if is_ascii() else ScrollBarRender


class Options(OptionList):
    """Textual's, whose page keys bring the app down where a small terminal leaves the list no line."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class Palette(CommandPalette):
    """Textual's, with neither emoji nor ellipsis; the look is in the app's style sheet."""

    def __init__(self) -> None:
        super().__init__(placeholder="a word of what you want to do", id="--command-palette")

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP, exit_on_error=False)
    async def _gather_commands(self, search_value: str) -> None:
        """Textual's, which brings the app down where the palette is closed before it has begun."""
        if self.query(CommandList):
            await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]
