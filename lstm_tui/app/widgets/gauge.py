"""How far some work is: a bar, the share, and what is being done."""

from rich.text import Text
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import bar, overflow
from lstm_tui.errors import no_control_characters

_BAR_WIDTH = 16


class Gauge(Widget):
    """One line: `━━━━━━━━────────  48 %  downloading pg11.txt`; empty while nothing is done."""

    DEFAULT_CSS = "Gauge { height: 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._line = Text()

    def show(self, doing: str, share: float) -> None:
        """Cheap where nothing has changed that is seen."""
        line = gauge(doing, share, self.app.theme_variables) if doing else Text()
        if line != self._line:
            self._line = line
            self.refresh()

    def render(self) -> Text:
        return self._line


def gauge(doing: str, share: float, colours: dict[str, str]) -> Text:
    """The line; digits may change, nothing else moves."""
    full, empty = bar(share, _BAR_WIDTH)
    return Text.assemble(
        (full, colours["accent"]),
        (empty, colours["structure"]),
        f" {min(max(share, 0.0), 1.0) * 100:3.0f} %  {no_control_characters(doing, keep='')}",
        no_wrap=True,
        overflow=overflow(),
    )
