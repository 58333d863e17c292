"""A shuffled order of any length that is computed, not stored: place → number, one to one."""

import numpy as np
from numpy.typing import NDArray

# Four rounds make a Feistel network look random (Luby & Rackoff 1988); two more for their simple function.
_ROUNDS = 6


class Permutation:
    """The numbers from 0 to `length` - 1 in an order that the generator draws: 6 numbers are all it keeps.

    A balanced Feistel network over the next power of four, and where that leads beyond `length`, again
    (cycle walking: Black & Rogaway 2002, "Ciphers with arbitrary finite domains").
    """

    def __init__(self, length: int, generator: np.random.Generator) -> None:
        self.length = length
        self._half = np.uint64(max(1, (max(1, length - 1).bit_length() + 1) // 2))
        self._mask = (np.uint64(1) << self._half) - np.uint64(1)
        self._keys = generator.integers(0, 2**64, _ROUNDS, dtype=np.uint64)

    def __getitem__(self, places: slice) -> NDArray[np.int64]:
        """The numbers at some places in turn, int64."""
        numbers = self._mixed(np.arange(*places.indices(self.length), dtype=np.uint64))
        while len(beyond := np.flatnonzero(numbers >= self.length)):
            numbers[beyond] = self._mixed(numbers[beyond])
        return numbers.astype(np.int64)

    def _mixed(self, numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
        left, right = numbers >> self._half, numbers & self._mask
        for key in self._keys:
            left, right = right, left ^ (_hash(right ^ key) & self._mask)
        return left << self._half | right


def _hash(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit from every bit: the finaliser of splitmix64 (Steele, Lea & Flood 2014), modulo 2^64."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
