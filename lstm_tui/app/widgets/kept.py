"""The texts of a run that were marked, a line each: how they were drawn, and how they begin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import work
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import overflow
from lstm_tui.app.widgets.words import one_line
from lstm_tui.errors import UserError
from lstm_tui.runs import generations
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

# A beginning is no longer than a terminal is wide.
_BEGINNING = 200


def beginning(output: Output) -> str:
    """The first words of a text, prompt included, in one line."""
    text = (output.prompt[:_BEGINNING] + output.texts[0][:_BEGINNING]).strip()
    return one_line(" ".join(text.split()))


class Kept(Widget):
    """So many of them as there is room for, the newest first. Its screen has the class `-marks` while there are any."""

    DEFAULT_CSS = "Kept { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._outputs: Sequence[Output] = ()

    def show(self, outputs: Sequence[Output]) -> None:
        if outputs != self._outputs:
            self._outputs = outputs
            self.screen.set_class(bool(outputs), "-marks")
            self.refresh()

    @work(thread=True, group="outputs", exit_on_error=False)
    def mark(self, run: Run, output: Output) -> None:
        """One more of them."""
        try:
            if not output.marked:  # or it was when it was kept
                generations.mark(run.folder, output.id)
        except UserError as error:
            self.app.call_from_thread(cast("LstmTui", self.app).report, error)
            return
        self.app.call_from_thread(self.show, generations.marked(run.folder))

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
