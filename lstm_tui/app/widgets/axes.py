"""From figures to places: what a chart's axes reach, where their ticks stand and what is written there. Pure."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from lstm_tui.app.figures import duration
from lstm_tui.app.history import Moment
from lstm_tui.app.snapshot import Snapshot

By = Literal["step", "epoch", "time"]
BY: tuple[By, ...] = ("step", "epoch", "time")
# So much of the width a curve has at the least, however long its run will be.
_FILLED = 0.25
_CLOCK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
# Of a logarithmic axis, the most wanted first: each joins where it stands clear of those before it.
_LOG_TICKS = (1, 2, 5, 3, 1.5, 7, 4, 2.5, 1.2, 6, 8, 1.7, 9, 3.5, 4.5, 2.2, 2.8, 1.1, 1.3, 1.4, 1.6, 1.8, 1.9)


@dataclass(frozen=True)
class View:
    """How the course of a loss is looked at."""

    by: By = "step"
    logarithmic: bool = False
    smoothed: bool = False

    def __str__(self) -> str:
        """For a title: `by epoch, log, smoothed`."""
        words = [f"by {self.by}", "log" if self.logarithmic else "", "smoothed" if self.smoothed else ""]
        return ", ".join(word for word in words if word)


@dataclass(frozen=True)
class Scale:
    """From low to high; `share` says how far along a value is, 0 to 1 and beyond."""

    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        if self.logarithmic:
            return math.log(max(value, 1e-9) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> list[float]:
        """Round values within, at most so many, as far apart as that asks."""
        if most < 1:
            return []
        if not self.logarithmic:
            return _multiples(self.low, self.high, _round_step((self.high - self.low) / most))
        powers = [10.0**power for power in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)))]
        chosen: list[float] = []
        for value in (digit * power for digit in _LOG_TICKS for power in powers):
            clear = all(abs(self.share(value) - self.share(other)) > 1 / (most + 1) for other in chosen)
            if self.low <= value <= self.high and clear:
                chosen.append(value)
        return sorted(chosen)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is no less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= least * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def clock_ticks(high: float, most: int) -> list[float]:
    """Seconds from 0 on, at times that a clock's face has."""
    least = high / max(most, 1)
    step = next((step for step in _CLOCK_STEPS if step >= least), 86400.0 * math.ceil(least / 86400))
    return _multiples(0.0, high, step)


def label_of(by: By) -> Callable[[float], str]:
    """How a place on the axis is written: `1.5k`, `2.5`, `1:30`."""
    if by == "time":
        return duration
    return lambda value: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def places(course: Sequence[Moment], by: By) -> Callable[[float], float]:
    """Step → where it lies on the axis: between the moments that are known in a straight line, and on with the last.

    Where nothing is known, by step.
    """
    if by == "step" or not course:
        return lambda step: step
    steps = [0.0, *(float(moment.step) for moment in course)]
    values = [0.0, *(moment.epoch if by == "epoch" else moment.seconds for moment in course)]

    def place(step: float) -> float:
        at = min(max(bisect_left(steps, step), 1), len(steps) - 1)
        run = steps[at] - steps[at - 1]
        return values[at] if run <= 0 else values[at - 1] + (step - steps[at - 1]) / run * (values[at] - values[at - 1])

    return place


def reach(snapshot: Snapshot, by: By) -> float:
    """Where the axis ends: at the run's end, so far as it is known. While a curve would have less than `_FILLED` of the
    width, at a half of that, or a half of a half and so on."""
    place = places(snapshot.course, by)
    now = place(max(snapshot.step, 1))
    if by == "time" and snapshot.course:
        end = max(now + (snapshot.seconds_left or 0.0), 1.0)
    else:
        end = max(place(max(snapshot.horizon or 0, snapshot.step, 1)), 1e-9)
    return end / 2 ** math.ceil(math.log2(end * _FILLED / now)) if 0 < now < end * _FILLED else end


def losses_reach(snapshot: Snapshot) -> tuple[float, float]:
    """The lowest and the highest loss to draw; rounded, so that the axes rarely move.

    The n-gram's loss is among them, what is higher only where the curve is as high: it would be squashed.
    """
    values = [value for _, value in (*snapshot.curve, *snapshot.validation)]
    if snapshot.baselines is not None and snapshot.baselines.ngram is not None:
        values.append(snapshot.baselines.ngram)
    low, high = min(values, default=0.0), max(values, default=1.0)
    grain = 0.5 if high - low > 0.5 else 0.1
    low, high = math.floor(low / grain) * grain, math.ceil(high / grain + 1e-9) * grain
    return low, high if high > low else low * 1.001  # of a loss that is very large, the grain is nothing


def losses_scale(snapshot: Snapshot, logarithmic: bool) -> Scale:
    low, high = losses_reach(snapshot)
    if logarithmic and low <= 0:  # a loss may come close to nought
        values = [value for _, value in (*snapshot.curve, *snapshot.validation) if value > 0]
        low = max(min(values, default=0.1) * 0.9, high * 1e-4)
    return Scale(low, high, logarithmic)


def levels(snapshot: Snapshot) -> list[tuple[str, float]]:
    """The losses to beat that lie within the axis, by name; the one that counts most first."""
    low, high = losses_reach(snapshot)
    named = snapshot.baselines.named() if snapshot.baselines else {}
    return [(name, loss) for name, loss in named.items() if low < loss < high]
