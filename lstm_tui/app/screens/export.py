"""Export: asks where a run is to be written, and says how far it is; Esc calls it off."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from lstm_tui.app.underway import Underway
from lstm_tui.app.widgets.ask import Ask, PathLine
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.runs.export import export, left_out
from lstm_tui.runs.run import Run

_ADVICE = (
    "A folder, or a file that ends in .zip: lstm-tui generate reads both, anywhere. One that ends in .csv takes the "
    "metrics alone."
)


class ExportDialog(Ask[str]):
    """A sentence on what was written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="export.leave", key_display="Esc", tooltip="Call the export off"),
    ]

    def __init__(self, run: Run) -> None:
        self._underway = Underway()
        super().__init__(f"export {run.id}", f"~/{run.id}.zip", _ADVICE, self._export)
        self._run = run

    def compose(self) -> ComposeResult:
        with Panel(title=self._title):
            yield PathLine(self._value)
            yield Words(self._advice)
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.set_interval(0.2, self._tell)

    def _export(self, typed: str) -> str:
        self._underway = underway = Underway()
        written = export(self._run, typed, underway.tell)
        return f"Exported: {written}\n{left_out(self._run, written)}".strip()

    def _tell(self) -> None:
        doing, share = self._underway.now
        if self._taking and doing:
            self.query_one(Words).show(f"{doing}, {share * 100:.0f} %; Esc calls it off.")

    def on_unmount(self) -> None:
        self._underway.off = True  # the program would not end before it

    def action_leave(self) -> None:
        if self._taking:
            self._underway.off = True
        else:
            self.dismiss(None)
