"""A course of noisy values in figures: its noise, its end, its level, its slope. Pure, and it judges nothing.

Noise is the median of the absolute second differences, which neither a trend nor a single spike moves (a second
difference of independent noise has √6 times its deviation, and the median of a normal deviation's size is 0.6745 of
it).
"""

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

# With so many degrees of freedom a deviation counts twice: chosen so that runs with noise that wanders are left alone.
_UNSURE = 6
Points = Sequence[tuple[int, float]]


def noise_of(values: Sequence[float]) -> float:
    """The deviation of independent noise on a smooth course; 0 of fewer than five values."""
    if len(values) < 5:
        return 0.0
    seconds = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return statistics.median(seconds) / (0.6745 * math.sqrt(6))


def noise_around(values: Sequence[float], lowest: int) -> float:
    """The deviation of noise on a course that falls to its lowest value and rises from there, however it does.

    Noise may depend on the value before (an autoregressive process): it is measured on what is left beside the nearest
    falling and rising course, not between neighbours. Each of its levels takes a degree of freedom (Meyer & Woodroofe
    2000); where few are left, the deviation is given larger, as it is not well known.
    """
    fallen, falls = _beside_falling(values[: lowest + 1])
    risen, rises = _beside_falling(values[:lowest:-1])
    free = max(len(values) - falls - rises, 1)
    return math.sqrt((fallen + risen) / free) * (1 + _UNSURE / free)


def _beside_falling(values: Sequence[float]) -> tuple[float, int]:
    """The squares beside the nearest course that never rises, summed, and its levels (pool adjacent violators: Ayer et
    al. 1955)."""
    levels: list[tuple[int, float, float]] = []  # how many, their sum, the squares beside their mean
    for value in values:
        count, total, squares = 1, value, 0.0
        while levels and levels[-1][1] * count < total * levels[-1][0]:
            before, below, others = levels.pop()
            apart = below / before - total / count
            squares += others + apart * apart * before * count / (before + count)
            count, total = count + before, total + below
        levels.append((count, total, squares))
    return sum(squares for _, _, squares in levels), len(levels)


def latest(points: Points, share: float, of: int | None = None) -> Points:
    """Those of the last so-and-so much of the steps."""
    if not points:
        return ()
    begins = (points[-1][0] if of is None else of) * (1 - share)
    return [point for point in points if point[0] > begins]


def level_of(points: Points) -> float:
    """Where a course stands: the mean of its last tenth, at least five points, where there are so many."""
    last = points[-max(len(points) // 10, 5) :]
    return statistics.fmean(value for _, value in last)


def trend_of(points: Points) -> tuple[float, float]:
    """Slope per step by least squares, and its standard error; (0, inf) of fewer than six points.

    Where what is left beside the line wanders, each value near the one before it, so many values say as much as fewer
    that do not: their effective number (Santer et al. 2000) makes the error larger.
    """
    count = len(points)
    if count < 6:
        return 0.0, math.inf
    steps, values = [float(step) for step, _ in points], [value for _, value in points]
    if steps[0] == steps[-1]:
        return 0.0, math.inf
    slope, start = statistics.linear_regression(steps, values)
    left = [value - start - slope * step for step, value in zip(steps, values, strict=True)]
    squares = sum(value * value for value in left)
    near = max(sum(a * b for a, b in pairwise(left)) / squares, 0.0) if squares else 0.0
    middle = statistics.fmean(steps)
    spread = sum((step - middle) ** 2 for step in steps)
    return slope, math.sqrt(squares / (count - 2) / spread * (1 + near) / (1 - near))
