"""What Textual brings, as our terminals need it: scrollbars and stand-ins in ASCII, a calm palette, lists that bear any
key; and without what it does again to no end.
"""

from typing import ClassVar

from rich.segment import Segment
from textual import work
from textual.binding import Binding
from textual.color import Color
from textual.command import CommandList, CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Footer, OptionList

from lstm_tui.app.widgets.glyphs import in_ascii, is_ascii


class PlainScrollBar(ScrollBarRender):
    """Without the blocks of a fraction of a line: its bar is reversed spaces."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def choose_scrollbars() -> None:
    """For the whole program, before the first picture."""
    ScrollBar.renderer = PlainScrollBar if is_ascii() else ScrollBarRender


class StandIns(LineFilter):
    """What stands in for a character, as it is drawn: the one place that all that is drawn passes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


class Sheets(Stylesheet):
    """Textual's, which parses every style sheet anew whenever a screen is shown for the first time."""

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """What was parsed with these variables stays."""
        self.parse()


class Keys(Footer):
    """Textual's, which makes its keys anew at every move of a cursor; this one, where others are to be shown."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._shown: list[tuple[Binding, bool]] = []

    async def recompose(self) -> None:
        if self.is_attached:
            keys = self.screen.active_bindings.values()
            shown = [(key.binding, key.enabled) for key in keys if key.binding.show]
            if shown != self._shown:
                self._shown = shown
                await super().recompose()


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

    def _action_command_list(self, action: str) -> None:
        """The same of a list that is not open yet, or found nothing."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
