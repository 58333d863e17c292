"""A course of values that never grows beyond a bound: its resolution is halved when it is full."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal


class History:
    """(step, value) points. When there are `size`, neighbours are joined, and from then on every new point
    joins twice as many values: the whole course stays, evenly coarse.

    Args:
        size: the most points kept; an even number.
        join: `mean` for a noisy curve; `lowest` where the best value must not be lost.
    """

    def __init__(self, size: int = 2000, join: Literal["mean", "lowest"] = "mean") -> None:
        self._size = size
        self._join = join
        self._stride = 1
        self._points: list[tuple[int, float]] = []
        self._bucket: list[tuple[int, float]] = []

    def append(self, step: int, value: float) -> None:
        """Add a value; one that is not finite is passed over."""
        if not math.isfinite(value):
            return
        self._bucket.append((step, value))
        if len(self._bucket) < self._stride:
            return
        self._points.append(self._joined(self._bucket))
        self._bucket = []
        if len(self._points) == self._size:
            self._points = [self._joined(self._points[at : at + 2]) for at in range(0, self._size, 2)]
            self._stride *= 2

    def points(self) -> tuple[tuple[int, float], ...]:
        """All of it, oldest first; what waits to be joined is the last point."""
        return (*self._points, self._joined(self._bucket)) if self._bucket else tuple(self._points)

    def _joined(self, points: list[tuple[int, float]]) -> tuple[int, float]:
        if self._join == "lowest":
            return min(points, key=lambda point: point[1])
        return _mean(points)


def thin(points: Sequence[tuple[int, float]], columns: int) -> list[tuple[int, float]]:
    """At most `columns` points, each the mean of its share of `points`: what a drawing can show."""
    if len(points) <= columns:
        return list(points)
    if columns < 1:
        return []
    cuts = [number * len(points) // columns for number in range(columns + 1)]
    return [_mean(points[start:end]) for start, end in pairwise(cuts)]


def _mean(points: Sequence[tuple[int, float]]) -> tuple[int, float]:
    return points[-1][0], sum(value for _, value in points) / len(points)
