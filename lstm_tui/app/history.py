"""A course of values that never grows beyond a bound: its resolution is halved when it is full."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeVar

Points = tuple[tuple[int, float], ...]
At = TypeVar("At", int, float)


class Moment(NamedTuple):
    """What a line of metrics says beside the loss; None where it did not say, or what is no number.

    Attributes:
        seconds: of training up to `step`.
        clipped: the share of steps whose gradient was clipped.
        speed: tokens a second.
    """

    step: int
    epoch: float
    seconds: float
    rate: float | None = None
    gradient_norm: float | None = None
    clipped: float | None = None
    speed: float | None = None


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

    def points(self) -> Points:
        """All of it, oldest first; what waits to be joined is the last point."""
        return (*self._points, self._joined(self._bucket)) if self._bucket else tuple(self._points)

    def _joined(self, points: list[tuple[int, float]]) -> tuple[int, float]:
        if self._join == "lowest":
            return min(points, key=lambda point: point[1])
        return _mean(points)


class Course:
    """The same for Moments: when there are `size`, every second one goes, and from then on as many of the new.

    They need no mean: what is read off them is where a step lies in epochs and seconds, and how a figure moved.
    """

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._stride = 1
        self._passed = 0
        self._moments: list[Moment] = []
        self._latest: Moment | None = None

    def append(self, moment: Moment) -> None:
        self._latest = moment
        self._passed += 1
        if self._passed < self._stride:
            return
        self._passed = 0
        self._moments.append(moment)
        if len(self._moments) == self._size:
            self._moments = self._moments[1::2]
            self._stride *= 2

    def moments(self) -> tuple[Moment, ...]:
        """All that are kept, oldest first, and the latest."""
        if self._latest is None or self._moments[-1:] == [self._latest]:
            return tuple(self._moments)
        return (*self._moments, self._latest)


def thin(points: Sequence[tuple[At, float]], columns: int) -> list[tuple[At, float]]:
    """At most `columns` points, each the mean of its share of `points`: what a drawing can show."""
    if len(points) <= columns:
        return list(points)
    if columns < 1:
        return []
    cuts = [number * len(points) // columns for number in range(columns + 1)]
    return [_mean(points[start:end]) for start, end in pairwise(cuts)]


def smooth(points: Sequence[tuple[At, float]], share: float = 0.03) -> list[tuple[At, float]]:
    """An exponential moving average that remembers about `share` of the course, free of its start's pull.

    The weights of the mean are what has been seen: early points are means of few, not of a made-up zero (the
    bias correction of Kingma & Ba 2015).
    """
    keep = 1 - 1 / max(1.0, share * len(points))
    smoothed: list[tuple[At, float]] = []
    total = weight = 0.0
    for at, value in points:
        total, weight = keep * total + value, keep * weight + 1
        smoothed.append((at, total / weight))
    return smoothed


def _mean(points: Sequence[tuple[At, float]]) -> tuple[At, float]:
    return points[-1][0], sum(value for _, value in points) / len(points)
