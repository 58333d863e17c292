"""The course of a run, drawn: the losses with the best marked and the losses to beat, and what steers them.

A chart draws a Snapshot as a View wants it. Only lines that have changed are drawn anew: few bytes to the terminal.
"""

from collections.abc import Callable

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lstm_tui.app.history import Points, smooth
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.axes import Scale, View, clock_ticks, label_of, levels, losses_scale, places, reach
from lstm_tui.app.widgets.glyphs import is_ascii
from lstm_tui.app.widgets.plot import Picture, spread, text_of

_MARGIN, _NAMES, _ROOM_FOR_NAMES = 6, 9, 40


class Chart(Widget):
    """Base: keeps its lines, and says which of them are others. `drawn` makes them."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot, self._view = Snapshot(), View()
        self._lines: list[Text] = []

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self._recolour, init=False)

    def _recolour(self) -> None:
        self.call_after_refresh(self.on_resize)

    def show(self, snapshot: Snapshot, view: View | None = None) -> None:
        """Draw a run; as before, where no view is given."""
        self._snapshot, self._view = snapshot, view or self._view
        before, self._lines = self._lines, self.drawn(*self.size) if self.size.height > 2 else []
        if len(before) != len(self._lines):
            self.refresh()
            return
        changed = [row for row, (old, new) in enumerate(zip(before, self._lines, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))

    def drawn(self, width: int, height: int) -> list[Text]:
        raise NotImplementedError

    def on_resize(self) -> None:
        self._lines = []
        self.show(self._snapshot)

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, style)
        segments = self._lines[y].render(self.app.console)
        return Strip(segments).adjust_cell_length(width).apply_style(style)


class LossChart(Chart):
    """Training and validation loss, nats."""

    def drawn(self, width: int, height: int) -> list[Text]:
        seen, view, colours = self._snapshot, self._view, self.app.theme_variables
        if not seen.curve:
            return []
        named = levels(seen) if width >= _ROOM_FOR_NAMES else []
        gutter = _NAMES if seen.baselines is not None and width >= _ROOM_FOR_NAMES else 0
        picture = Picture(width - _MARGIN - gutter, height - 1, is_ascii())
        scale = losses_scale(seen, view.logarithmic)
        across = _across(seen, view)

        def placed(points: Points) -> list[tuple[float, float]]:
            return [(across(step), scale.share(loss)) for step, loss in points]

        picture.line(placed(tuple(smooth(seen.curve)) if view.smoothed else seen.curve), colours["primary"], ".")
        picture.line(placed(seen.validation), colours["accent"], "o")
        for _, loss in levels(seen):
            picture.level(scale.share(loss), colours["structure"])
        if seen.best_step is not None and seen.best_validation_loss is not None:
            up = scale.share(seen.best_validation_loss)
            picture.mark(across(seen.best_step), up, "*", f"bold {colours['foreground']}")
        names = {picture.row(scale.share(loss)): name for name, loss in reversed(named)}
        ticks = {picture.row(scale.share(tick)): f"{tick:.4g}" for tick in scale.ticks(max(height // 2, 2))}
        return _framed(picture, ticks, names, _below(seen, view, picture.width), colours["quiet"])


class SteeringChart(Chart):
    """Over the same axis: the learning rate, and the share of clipped steps; the gradient's norm where none are."""

    def drawn(self, width: int, height: int) -> list[Text]:
        seen, view, colours = self._snapshot, self._view, self.app.theme_variables
        rates = tuple((moment.step, moment.rate) for moment in seen.course if moment.rate is not None)
        if not rates:
            return []
        other, unit = _other(seen)
        picture = Picture(width - _MARGIN - 2 - len(" 100 %"), height - 1, is_ascii())
        across = _across(seen, view)
        rows = {1.0: picture.row(1.0), 0.0: picture.row(0.0)}
        highest = max(max(value for _, value in rates), 1e-9)
        most = 1.0 if unit == "%" else max((value for _, value in other), default=1.0) or 1.0
        for points, high, colour, mark in (
            (other, most, colours["accent"], "o"),
            (rates, highest, colours["primary"], "."),
        ):
            shown = smooth(points) if view.smoothed else points
            picture.line([(across(step), value / high) for step, value in shown], colour, mark)
        left = {rows[share]: f"{share * highest:.5f}" if share else "0" for share in rows}
        right = {rows[share]: f"{share * 100:.0f} %" if unit == "%" else f"{share * most:.3g}" for share in rows}
        return _framed(picture, left, right, _below(seen, view, picture.width), colours["quiet"], _MARGIN + 2)


def steering_words(snapshot: Snapshot) -> tuple[str, str]:
    """What the second chart shows: its two curves."""
    return "rate", "clipped" if _other(snapshot)[1] == "%" else "gradient"


def _other(seen: Snapshot) -> tuple[Points, str]:
    clipped = tuple((moment.step, moment.clipped) for moment in seen.course if moment.clipped is not None)
    norms = tuple((moment.step, moment.gradient_norm) for moment in seen.course if moment.gradient_norm is not None)
    return (clipped, "%") if clipped else (norms, "")


def _across(seen: Snapshot, view: View) -> Callable[[float], float]:
    """Step → how far along the axis, 0 to 1."""
    place, end = places(seen.course, view.by), reach(seen, view.by)
    return lambda step: place(step) / end


def _below(seen: Snapshot, view: View, width: int) -> str:
    end, most = reach(seen, view.by), max(width // 9, 1)
    ticks = clock_ticks(end, most) if view.by == "time" else Scale(0.0, end).ticks(most)
    label = label_of(view.by)
    return spread(((tick / end, label(tick)) for tick in ticks), width)


def _framed(
    picture: Picture, left: dict[int, str], right: dict[int, str], below: str, quiet: str, margin: int = _MARGIN
) -> list[Text]:
    """The lines of a widget: the picture, labels at both sides by their row, the axis below."""
    edge, tick = ("|", "+") if is_ascii() else ("│", "┤")
    lines = []
    for row, cells in enumerate(picture.cells):
        label = left.get(row, "")
        line = Text(f"{label:>{margin - 1}}", quiet, no_wrap=True, end="").append(tick if label else edge, quiet)
        lines.append(line.append_text(text_of(cells)).append(f" {right.get(row, '')}", quiet))
    return [*lines, Text(f"{'':{margin}}{below}", quiet, no_wrap=True, end="")]
