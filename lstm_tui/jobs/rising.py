"""Whether a course has risen since its lowest value, by more than its noise explains. Pure; it knows nothing of losses.

Noise may wander, each value near the one before it, and then looks like a rise for a while; or it does not, and then
hides none. So both are asked how likely they make the course: level with noise that wanders as much as suits it best,
and a rise with such noise.
"""

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise
from operator import mul
from typing import NamedTuple

from lstm_tui.jobs.courses import noise_around

# The second half of the values since the lowest, so many at the least, must lie by this share above the three around
# it, and noise must not explain that: it is so many deviations of a single value, or a rise is so much likelier (as a
# logarithm), and more so soon after the lowest, as the lowest of many lies low by chance. Of level courses of 10 to
# 200 values, asked once, 1 of 1,000 rises where noise is independent, and 3 of 100 at the most where neighbours
# correlate by 0.8; of rises by 3 % in 20 values, with noise of 0.5 %, 4 of 5 are found as they end, 9 of 10 soon after.
_FEWEST, _SHARE, _DEVIATIONS, _SURELY, _SOON = 5, 0.01, 8.0, 5.5, 14.0
# How near each value may be to the one before it, for noise.
_NEAR = (0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.85)
# A rise goes on until now, or ended after this share of the time since it began.
_ENDED = (1.0, 0.5, 0.2)
# A value is known to so much, however smooth its course. Of more than so many, neighbours are joined.
_KNOWN, _MOST = 1e-4, 120


class Rise(NamedTuple):
    """A rise, in figures.

    Attributes:
        since: which value is the lowest.
        now: the mean of those that lie above it.
        noise: the deviation of a single value.
    """

    since: int
    now: float
    noise: float


def rise_of(values: Sequence[float]) -> Rise | None:
    """How a course of positive values has risen since its lowest; None where it has not, surely."""
    lowest = min(range(len(values)), key=values.__getitem__, default=0)
    since = len(values) - lowest - 1
    if since < _FEWEST:
        return None
    around = statistics.fmean(values[max(lowest - 1, 0) : lowest + 2])
    last = values[-max(_FEWEST, since // 2) :]
    now, noise = statistics.fmean(last), noise_around(values, lowest)
    if min(last) <= around or now - around <= _SHARE * around:
        return None
    if now - around <= _DEVIATIONS * noise:
        # What came before it was down there for the first time belongs to its fall, and says nothing of its noise.
        down = next(at for at, value in enumerate(values) if value <= around + (now - around) / 10 or at == lowest)
        down = max(down, lowest - 3 * since)
        if likelier(values[down:], lowest - down) <= _SURELY + _SOON / since:
            return None
    return Rise(lowest, now, noise)


def likelier(values: Sequence[float], lowest: int) -> float:
    """How much likelier, as a logarithm, a course is where it rises from its lowest value on than where it is level.

    Noise is an autoregressive process, either time the one that suits the course best. The likelihood is exact (Beach &
    MacKinnon 1978, by the transformation of Prais & Winsten 1954); the level is integrated out (Harville 1974), or the
    noise of few values would seem to wander less than it does.
    """
    stride = -(-len(values) // _MOST)
    joined = [statistics.fmean(values[at : at + stride]) for at in range(0, len(values), stride)]
    since = [at * stride + (stride - 1) / 2 - lowest for at in range(len(joined))]
    ends = [(len(values) - 1 - lowest) * share for share in _ENDED]
    ramps = [[min(max(at / end, 0.0), 1.0) for at in since] for end in ends]
    unknown, free = len(joined) * (_KNOWN * (1 + values[lowest])) ** 2, len(joined) - 1
    level = rise = -math.inf
    for near in _NEAR:
        ones = _new_in([1.0] * len(joined), near)
        left = _beside(_new_in(joined, near), ones)
        shapes = [_beside(_new_in(ramp, near), ones) for ramp in ramps]
        squares = _product(left, left) + unknown
        explained = max(max(_product(left, shape), 0.0) ** 2 / _product(shape, shape) for shape in shapes)
        scale = math.log((1 - near * near) / _product(ones, ones)) / 2
        level = max(level, scale - free * math.log(squares) / 2)
        rise = max(rise, scale - free * math.log(squares - explained) / 2)
    return rise - level


def _new_in(values: Sequence[float], near: float) -> list[float]:
    """What is new in each value, where each depends so much on the one before it."""
    return [values[0] * math.sqrt(1 - near * near), *(value - near * before for before, value in pairwise(values))]


def _beside(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """What is left of values beside the nearest multiple of others."""
    times = _product(values, others) / _product(others, others)
    return [value - times * other for value, other in zip(values, others, strict=True)]


def _product(values: Sequence[float], others: Sequence[float]) -> float:
    return math.fsum(map(mul, values, others))
