"""The course of the loss: training and validation by step, the best validation marked.

Imported by the Train screen alone: textual-plot brings NumPy.
"""

import math
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual_plot import HiResMode, PlotWidget
from textual_plot.axis_formatter import NumericAxisFormatter

from lstm_tui.app.history import thin
from lstm_tui.app.snapshot import Points, Snapshot
from lstm_tui.app.widgets.glyphs import is_ascii


class Steps(NumericAxisFormatter):
    """`0`, `500`, `1k`, `1.5k`: short, so that ticks do not touch."""

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [f"{tick / 1000:g}k" if abs(tick) >= 1000 else f"{tick:g}" for tick in ticks]


class LossChart(Container):
    """Draws a Snapshot; in ASCII, where that is asked for."""

    DEFAULT_CSS = """
    LossChart PlotWidget > .plot--axis { color: $structure 50%; }
    LossChart PlotWidget > .plot--tick { color: $quiet; text-style: none; }
    """

    def compose(self) -> ComposeResult:
        yield PlainChart() if is_ascii() else LineChart()

    def show(self, snapshot: Snapshot) -> None:
        chart = self.query_one("PlainChart, LineChart")
        assert isinstance(chart, PlainChart | LineChart)
        chart.visible = bool(snapshot.curve)
        chart.show(snapshot)


def limits(snapshot: Snapshot) -> tuple[float, float, float]:
    """The last step, the lowest and the highest loss to draw; rounded, so that the axes rarely move."""
    values = [value for _, value in (*snapshot.curve, *snapshot.validation)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    grain = 0.5 if high - low > 0.5 else 0.1
    last = max(snapshot.horizon or 0, snapshot.step, 1)
    return last, math.floor(low / grain) * grain, math.ceil(high / grain + 1e-9) * grain


class LineChart(PlotWidget, can_focus=False):
    """Braille lines, two points a column."""

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)
        self._snapshot = Snapshot()

    def on_mount(self) -> None:
        self.margin_top, self.margin_bottom, self.margin_left = 0, 1, 5
        self.set_x_formatter(Steps())

    def on_resize(self) -> None:
        self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        colours = self.app.theme_variables
        last, low, high = limits(snapshot)
        self.clear()
        self.set_xlimits(0, last)
        self.set_ylimits(low, high)
        columns = max(self.size.width - 7, 8)
        self._line(thin(snapshot.curve, columns * 2), colours["primary"])
        self._line(thin(snapshot.validation, columns * 2), colours["accent"])
        if snapshot.best_step is not None and snapshot.best_validation_loss is not None:
            best = [snapshot.best_step], [snapshot.best_validation_loss]
            self.scatter(*best, marker="*", marker_style=f"bold {colours['foreground']}")

    def _line(self, points: Sequence[tuple[int, float]], colour: str) -> None:
        if points:
            steps, losses = zip(*points, strict=True)
            self.plot(steps, losses, line_style=colour, hires_mode=HiResMode.BRAILLE)


class PlainChart(Widget):
    """One character a column: `.` training, `o` validation, `*` the best."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot = Snapshot()

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.refresh()

    def render(self) -> Text:
        margin = 5
        width, height = self.size.width - margin, self.size.height - 1
        if width < 4 or height < 2:
            return Text()
        last, low, high = limits(self._snapshot)
        cells = [[" "] * width for _ in range(height)]

        def put(points: Points, character: str) -> None:
            for step, loss in points:
                column = min(int(step / last * (width - 1)), width - 1)
                row = round((high - loss) / (high - low) * (height - 1))
                cells[min(max(row, 0), height - 1)][column] = character

        put(self._snapshot.curve, ".")
        put(self._snapshot.validation, "o")
        if self._snapshot.best_step is not None and self._snapshot.best_validation_loss is not None:
            put(((self._snapshot.best_step, self._snapshot.best_validation_loss),), "*")
        losses = [high - (high - low) * row / (height - 1) for row in range(height)]
        lines = [f"{loss:4.2f} {''.join(row)}" for loss, row in zip(losses, cells, strict=True)]
        return Text("\n".join([*lines, f"{'':{margin}}0{last:>{width - 1},}"]), no_wrap=True)
