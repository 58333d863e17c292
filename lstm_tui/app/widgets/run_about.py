"""The run under the cursor: what was changed, what it is to beat, where it is; then its curve and its last sample.

Curve and sample are read from the run's folder in a thread; of the run that is being trained here, its Snapshot is
taken, and its folder need not be read again and again.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.worker import get_current_worker

from lstm_tui.app.history import thin
from lstm_tui.app.run_look import DAMAGED, Look, look_at
from lstm_tui.app.run_rows import more_of
from lstm_tui.app.widgets.chart import LossChart
from lstm_tui.app.widgets.glyphs import sparkline
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.runs.store import Summary

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

_UNSAVED = "It was begun, and nothing is saved yet; r goes on with it."
# Passing over runs with the arrows reads none of them.
_SETTLED_SECONDS = 0.15
_SPARK = 16


class RunAbout(Panel):
    """See the module."""

    DEFAULT_CSS = """
    RunAbout { height: 8; }
    RunAbout #chart { display: none; width: 1fr; height: 1fr; margin-right: 1; }
    RunAbout #words { width: 1fr; }
    RunAbout #changed { height: auto; max-height: 2; }
    RunAbout #more, RunAbout #to-beat, RunAbout #folder { height: auto; max-height: 2; color: $quiet; }
    RunAbout #words .-none { display: none; }
    RunAbout #sample { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(classes="-joined")
        self._run: Summary | None = None
        self._look: Look | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield LossChart(id="chart")
            with Vertical(id="words"):
                yield Words(id="changed")
                yield Words(id="more")
                yield Words(id="to-beat")
                yield Words(id="folder")
                yield Words(id="sample")

    @property
    def look(self) -> Look | None:
        """What is known so far of the run, for whoever shows more of it."""
        return self._look or (Look(Path(self._run.directory)) if self._run else None)

    def tell(self, run: Summary | None, columns: Sequence[str]) -> None:
        """Say what the table's `columns` do not; the rest comes after."""
        self._run = run
        self.entitle(one_line(run.run) if run else "")
        said = f"{run.origin}: {run.changed}" if run and run.changed else run.origin if run else ""
        self.query_one("#changed", Words).show(DAMAGED if run and run.state == "damaged" else one_line(said))
        self._say("#more", more_of(run, columns) if run else "")
        self._say("#folder", one_line(run.directory) if run else "")
        if self._look and (run is None or str(self._look.folder) != run.directory):
            self._look = None
        self._show()
        self._find_out()

    def tell_again(self) -> None:
        """Now and then, of a run that is being trained."""
        if self._run and self._run.state == "training":
            self._find_out()

    def _find_out(self) -> None:
        live = cast("LstmTui", self.app).source.snapshot()
        if self._run and live.busy and live.run == self._run.run:
            self._look = replace(self._look or Look(Path(self._run.directory)), snapshot=live)
            self._show()
        elif self._run:
            self._read(self._run.directory)

    @work(thread=True, group="look", exclusive=True, exit_on_error=False)
    def _read(self, directory: str) -> None:
        worker = get_current_worker()
        time.sleep(_SETTLED_SECONDS)
        if not worker.is_cancelled:
            look = look_at(Path(directory), self._look)
            if look is not self._look:
                self.app.call_from_thread(self._seen, look)

    def _seen(self, look: Look) -> None:
        if self._run and self._run.directory == str(look.folder):
            self._look = look
            self._show()

    def _show(self) -> None:
        run, look = self._run, self._look
        losses = run.baselines.named() if run and run.baselines else {}
        named = "to beat: " + ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items()) if losses else ""
        curve = look.snapshot.validation or look.snapshot.curve if look else ()
        spark = sparkline([loss for _, loss in thin(curve, _SPARK)], _SPARK) if len(curve) > 1 else ""
        self._say("#to-beat", "  ".join(part for part in (spark, named) if part))
        unsaved = _UNSAVED if run and run.state == "new" else ""
        self.query_one("#sample", Words).show((look.sample if look else "") or unsaved)
        chart = self.query_one(LossChart)
        chart.visible = run is not None
        if look:
            chart.show(look.snapshot)

    def _say(self, where: str, words: str) -> None:
        """A line that takes no room where it says nothing."""
        line = self.query_one(where, Words)
        line.show(words)
        line.set_class(not words, "-none")
