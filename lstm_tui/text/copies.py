"""Memorised or made? The longest stretch of a text that stands, token for token, in the text that was learnt.

Windows of 1, 2, 4, … tokens get numbers, equal windows the same one (Karp, Miller & Rosenberg 1972): a window of
twice the length is a pair of numbers. Of the text that was learnt only what still agrees with some window is
followed, which soon is little; then the longest agreement is stretched by 2ᵏ, …, 2, 1 tokens. Exact, in NumPy, a
piece of the learnt text at a time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PIECE = 1 << 20
# Up to so many pairs of numbers, a table of all is made: sooner looked up than searched.
_LARGEST_TABLE = 1 << 22
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Copy:
    """Where the longest copy begins in the text that was made, and how many tokens it has; 0 where there is none."""

    start: int
    length: int


def longest_copy(made: NDArray[Any], learnt: NDArray[Any]) -> Copy:
    """The longest stretch of `made` that stands in `learnt`; of several, one of those that come first there.

    Args:
        made: ids, (tokens,).
        learnt: ids, (tokens,), which may lie on the disk.
    """
    if not len(made) or not len(learnt):
        return Copy(0, 0)
    windows = _Windows(made.astype(np.int64))
    best = Copy(0, 0)
    # A copy is no longer than what was made: in pieces that overlap by so much, none is cut.
    for start in range(0, len(learnt), _PIECE):
        found = windows.longest_in(np.asarray(learnt[start : start + _PIECE + len(made)]), best.length)
        best = found or best
    return best


class _Pairs:
    """Windows in what was made that follow each other, as pairs of their numbers, and these numbered.

    Attributes:
        numbers: of the pairs, by where they begin.

    Args:
        first: the numbers of the windows of one length, by where they begin.
        second: those of another length.
        length: of the first windows: where the second ones begin, as seen from them.
    """

    def __init__(self, first: Numbers, second: Numbers, length: int) -> None:
        self._width = int(second.max()) + 1
        count = len(second) - length
        self._keys, numbers = np.unique(first[:count] * self._width + second[length:], return_inverse=True)
        self.numbers: Numbers = numbers.astype(np.int64)
        size = (int(first.max()) + 1) * self._width
        self._table = np.full(size, -1, np.int64) if size <= _LARGEST_TABLE else None
        if self._table is not None:
            self._table[self._keys] = np.arange(len(self._keys))

    def find(self, first: Numbers, second: Numbers) -> Numbers:
        """The numbers of other pairs; -1 for those that do not occur."""
        codes = first * self._width + second
        if self._table is not None:
            return np.asarray(self._table[codes])
        places = np.minimum(self._keys.searchsorted(codes), len(self._keys) - 1)
        return np.where(self._keys[places] == codes, places, -1)


class _Windows:
    """The windows of 1, 2, 4, … tokens in what was made."""

    def __init__(self, made: Numbers) -> None:
        self._size = len(made)
        kinds, numbers = np.unique(made, return_inverse=True)
        self._table = np.full(int(kinds[-1]) + 2, -1, np.int64)
        self._table[kinds] = np.arange(len(kinds))
        self._levels = [numbers.astype(np.int64)]
        self._doublings: list[_Pairs] = []
        length = 1
        while 2 * length <= self._size:
            self._doublings.append(_Pairs(self._levels[-1], self._levels[-1], length))
            self._levels.append(self._doublings[-1].numbers)
            length *= 2

    def longest_in(self, learnt: NDArray[Any], least: int) -> Copy | None:
        """The longest copy from a piece of the learnt text; None where it is not longer than `least`."""
        # The windows of the piece at each level, by where they begin; -1 for those that were not made.
        levels = [self._table[np.minimum(learnt, len(self._table) - 1)]]
        places = np.flatnonzero(levels[0] >= 0)
        length = 1
        for doubling in self._doublings:
            below = levels[-1]
            ahead = places[places < len(learnt) - length]
            ahead = ahead[below[ahead + length] >= 0]
            found = doubling.find(below[ahead], below[ahead + length])
            there = found >= 0
            if not there.any():
                break
            places = ahead[there]
            levels.append(np.full(len(learnt), -1, np.int64))
            levels[-1][places] = found[there]
            length *= 2
        if not len(places) or 2 * length <= least:
            return None
        return self._stretched(levels, places, length, least)

    def _stretched(self, levels: list[Numbers], places: Numbers, length: int, least: int) -> Copy | None:
        """The longest of the copies of `length` tokens and more that begin at `places`, less than twice as long."""
        made, numbers = self._levels[len(levels) - 1], levels[-1][places]
        for depth in range(len(levels) - 2, -1, -1):
            more = 1 << depth
            if length + more > self._size:
                continue
            ahead = places < len(levels[depth]) - length
            ahead[ahead] = levels[depth][places[ahead] + length] >= 0
            if not ahead.any():
                continue
            pairs = _Pairs(made, self._levels[depth], length)
            found = pairs.find(numbers[ahead], levels[depth][places[ahead] + length])
            if (found >= 0).any():
                places, numbers = places[ahead][found >= 0], found[found >= 0]
                made, length = pairs.numbers, length + more
        return Copy(int(np.flatnonzero(made == numbers[0])[0]), length) if length > least else None
