"""The texts that were marked, a line each: how they were drawn, and how they begin."""

from collections.abc import Sequence

from rich.text import Text
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import overflow
from lstm_tui.app.widgets.words import one_line
from lstm_tui.runs.generations import Output

# A beginning is no longer than a terminal is wide.
_BEGINNING = 200


def beginning(output: Output) -> str:
    """The first words of a text, prompt included, in one line."""
    text = (output.prompt[:_BEGINNING] + output.texts[0][:_BEGINNING]).strip()
    return one_line(" ".join(text.split()))


class Kept(Widget):
    """So many of them as there is room for, the newest first."""

    DEFAULT_CSS = "Kept { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._outputs: Sequence[Output] = ()

    def show(self, outputs: Sequence[Output]) -> None:
        if outputs != self._outputs:
            self._outputs = outputs
            self.refresh()

    def render(self) -> Text:
        lines = Text(no_wrap=True, overflow="crop")
        if not self._outputs:
            return lines.append("* keeps a text here", self.app.theme_variables["quiet"])
        for number, output in enumerate(self._outputs[: self.content_size.height]):
            heat = output.temperatures.replace(" ", "")
            line = Text.assemble((f"{heat:<4}", self.app.theme_variables["accent"]), f' "{beginning(output)}')
            line.truncate(self.content_size.width, overflow=overflow())
            lines.append("\n" if number else "").append_text(line)
        return lines
