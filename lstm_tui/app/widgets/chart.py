"""The course of the loss: training and validation by step, the best validation marked, the losses to beat.

Imported by the Train screen alone: textual-plot brings NumPy.
"""

import math
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual_plot import HiResMode, PlotWidget
from textual_plot.axis_formatter import NumericAxisFormatter

from lstm_tui.app.history import Points, thin
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.glyphs import is_ascii

_NAMES, _ROOM_FOR_NAMES = 8, 40


class Steps(NumericAxisFormatter):
    """`0`, `500`, `1k`, `1.5k`: short, so that ticks do not touch."""

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [f"{tick / 1000:g}k" if abs(tick) >= 1000 else f"{tick:g}" for tick in ticks]


class LossChart(Horizontal):
    """Draws a Snapshot; in ASCII, where that is asked for."""

    DEFAULT_CSS = """
    LossChart PlotWidget > .plot--axis { color: $structure 50%; }
    LossChart PlotWidget > .plot--tick { color: $quiet; text-style: none; }
    LossChart > * { width: 1fr; }
    LossChart > Names { width: 8; color: $quiet; display: none; }
    LossChart.-levels > Names { display: block; }
    """

    def compose(self) -> ComposeResult:
        if is_ascii():
            yield PlainChart()
        else:
            yield LineChart()
            yield Names()

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot = Snapshot()

    def on_resize(self) -> None:
        self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.visible = bool(snapshot.curve)
        self.set_class(names_fit(snapshot, self.size.width), "-levels")
        for part in self.query("PlainChart, LineChart, Names"):
            assert isinstance(part, PlainChart | LineChart | Names)
            part.show(snapshot)


def limits(snapshot: Snapshot) -> tuple[float, float, float]:
    """The last step, the lowest and the highest loss to draw; rounded, so that the axes rarely move.

    The n-gram's loss is among them, what is higher only where the curve is as high: it would be squashed.
    """
    values = [value for _, value in (*snapshot.curve, *snapshot.validation)]
    if snapshot.baselines is not None and snapshot.baselines.ngram is not None:
        values.append(snapshot.baselines.ngram)
    low, high = min(values, default=0.0), max(values, default=1.0)
    grain = 0.5 if high - low > 0.5 else 0.1
    last = max(snapshot.horizon or 0, snapshot.step, 1)
    return last, math.floor(low / grain) * grain, math.ceil(high / grain + 1e-9) * grain


def levels(snapshot: Snapshot) -> list[tuple[str, float]]:
    """The losses to beat that lie within the limits, by name; the one that counts most first."""
    _, low, high = limits(snapshot)
    named = snapshot.baselines.named() if snapshot.baselines else {}
    return [(name, loss) for name, loss in named.items() if low < loss < high]


def names_fit(snapshot: Snapshot, width: int) -> bool:
    """Whether there are losses to beat, and room for their names beside the chart."""
    return snapshot.baselines is not None and width >= _ROOM_FOR_NAMES


class Drawn(Widget):
    """Draws the last snapshot that it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot = Snapshot()

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.refresh()


class Names(Drawn):
    """What the losses to beat are called, each at the right end of its line."""

    def render(self) -> Text:
        _, low, high = limits(self._snapshot)
        lines = [""] * self.size.height
        # The chart beside it has a border above and below, and the steps under that.
        inner = self.size.height - 3
        for name, loss in reversed(levels(self._snapshot)) if inner > 0 else ():
            lines[1 + int((high - loss) / (high - low) * inner)] = f" {name}"
        return Text("\n".join(lines), no_wrap=True)


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
        for _, loss in levels(snapshot):
            dots = [(column + 0.25) / columns * last for column in range(columns)]
            self.scatter(dots, [loss] * columns, marker_style=colours["structure"], hires_mode=HiResMode.BRAILLE)
        self._line(thin(snapshot.curve, columns * 2), colours["primary"])
        self._line(thin(snapshot.validation, columns * 2), colours["accent"])
        if snapshot.best_step is not None and snapshot.best_validation_loss is not None:
            # The last step lies on the frame, where nothing is drawn.
            step = min(snapshot.best_step, last * (1 - 0.5 / columns))
            mark = f"bold {colours['foreground']}"
            self.scatter([step], [snapshot.best_validation_loss], marker="*", marker_style=mark)

    def _line(self, points: Sequence[tuple[int, float]], colour: str) -> None:
        if points:
            steps, losses = zip(*points, strict=True)
            self.plot(steps, losses, line_style=colour, hires_mode=HiResMode.BRAILLE)


class PlainChart(Drawn):
    """One character a column: `.` training, `o` validation, `*` the best, `- -` the losses to beat."""

    def render(self) -> Text:
        margin, beside = 5, _NAMES if names_fit(self._snapshot, self.size.width) else 0
        width, height = self.size.width - margin - beside, self.size.height - 1
        if width < 4 or height < 2:
            return Text()
        last, low, high = limits(self._snapshot)
        cells = [[" "] * width for _ in range(height)]
        names = [""] * height

        def row_of(loss: float) -> int:
            return min(max(round((high - loss) / (high - low) * (height - 1)), 0), height - 1)

        def put(points: Points, character: str) -> None:
            for step, loss in points:
                cells[row_of(loss)][min(int(step / last * (width - 1)), width - 1)] = character

        for name, loss in reversed(levels(self._snapshot)):
            row = row_of(loss)
            names[row], cells[row] = name, list("- " * width)[:width]

        put(self._snapshot.curve, ".")
        put(self._snapshot.validation, "o")
        if self._snapshot.best_step is not None and self._snapshot.best_validation_loss is not None:
            put(((self._snapshot.best_step, self._snapshot.best_validation_loss),), "*")
        losses = [high - (high - low) * row / (height - 1) for row in range(height)]
        lines = [
            f"{loss:4.2f} {''.join(row)} {name if beside else ''}".rstrip()
            for loss, row, name in zip(losses, cells, names, strict=True)
        ]
        return Text("\n".join([*lines, f"{'':{margin}}0{last:>{width - 1},}"]), no_wrap=True)
