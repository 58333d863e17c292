"""The ways of cutting ids into batches: streams, windows, random lengths. NumPy; it never sees the ids.

A batch is named by where its pieces start and how long they are, and cut out of the ids on the device. The
target of a token is always the true next one, the last of a piece included. Where a cutter stands is a
small value that JSON can hold; set again, it goes on exactly.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.errors import UserError
from lstm_tui.lstm.permutation import Permutation
from lstm_tui.sections import BatchesConfig

# The order of more windows is computed rather than stored: so many take 64 MB.
MOST_STORED = 1 << 24
# Pieces of random lengths are counted in a stream of up to so many of the longest; beyond, the mean is a straight line.
_COUNTED_PIECES = 64


@dataclass(frozen=True)
class Cut:
    """One batch: ids[start : start + length + 1] for each start; the last is a target only.

    Attributes:
        starts: (batch,) int64.
        length: tokens that enter.
        fresh: (batch,) bool: which pieces begin from the zero state rather than where the last batch left theirs.
    """

    starts: NDArray[np.int64]
    length: int
    fresh: NDArray[np.bool_]


class Cutter(ABC):
    """What the three ways share: the epoch, and the position in it."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        self.epoch = 0
        self.offset = 0
        # How the generator stood when the epoch began: a shuffled order is drawn again, not stored.
        self._epoch_state = generator.bit_generator.state

    total: int
    """Tokens of a stream, or windows: what `offset` runs through in an epoch."""

    @property
    def epochs(self) -> float:
        """Passes made, with the fraction of the one under way."""
        return self.epoch + self.offset / self.total

    @abstractmethod
    def next(self) -> Cut:
        """The next batch; the epoch after the last begins by itself."""

    def _advance(self, by: int) -> None:
        self.offset += by
        if self.offset >= self.total:
            self.offset = 0
            self.epoch += 1
            self._epoch_state = self.generator.bit_generator.state
            self._begin_epoch()

    @abstractmethod
    def _begin_epoch(self) -> None:
        """What is drawn once an epoch."""

    def position(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "offset": self.offset,
            "epoch_state": self._epoch_state,
            "state": self.generator.bit_generator.state,
        }

    def set_position(self, position: Mapping[str, Any]) -> None:
        self.epoch, self.offset = position["epoch"], position["offset"]
        self._epoch_state = position["epoch_state"]
        self.generator.bit_generator.state = self._epoch_state
        self._begin_epoch()
        self.generator.bit_generator.state = position["state"]


class Streams(Cutter):
    """`size` parallel streams, each read in order in pieces of `length`: truncated BPTT with carried state.

    Rolled, all streams begin some tokens later, as many as are drawn at each epoch. The last one then meets the text's
    end on its way, where all pieces are cut short, and goes on at its beginning from the zero state: every token is
    still predicted once an epoch, and none from what stands elsewhere.
    """

    def __init__(self, tokens: int, config: BatchesConfig, generator: np.random.Generator) -> None:
        super().__init__(generator)
        self.config = config
        self.total = (tokens - 1) // config.size
        self._bases = np.arange(config.size, dtype=np.int64) * self.total
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._rolled = int(self.generator.integers(self.total)) if self.config.roll else 0

    def _length(self) -> int:
        return self.config.length

    def next(self) -> Cut:
        # Where the last stream stands at the text's end; not in the epoch's midst where nothing is rolled.
        turn = self.total - self._rolled
        end = turn if self.offset < turn else self.total
        length = min(self._length(), end - self.offset)
        starts = (self._bases + self._rolled + self.offset) % (self.config.size * self.total)
        fresh = np.full(self.config.size, self.offset == 0)
        fresh[-1] |= self.offset == turn
        if self.config.reset:
            fresh |= self.generator.random(self.config.size) < self.config.reset
        self._advance(length)
        return Cut(starts, length, fresh)


class RandomLengths(Streams):
    """Streams in pieces of a random length from `shortest` to `length`."""

    def _length(self) -> int:
        return int(self.generator.integers(self.config.shortest, self.config.length + 1))


class Windows(Cutter):
    """Every window of `length` tokens (stride 1), shuffled anew at each epoch; the state begins at zero."""

    def __init__(self, tokens: int, config: BatchesConfig, generator: np.random.Generator) -> None:
        super().__init__(generator)
        self.config = config
        self.total = tokens - config.length
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._order: NDArray[np.uint32] | Permutation | None = None
        if self.config.shuffle and self.total > MOST_STORED:
            self._order = Permutation(self.total, self.generator)
        elif self.config.shuffle:
            self._order = np.arange(self.total, dtype=np.uint32)
            self.generator.shuffle(self._order)

    def next(self) -> Cut:
        end = min(self.offset + self.config.size, self.total)
        if self._order is None:
            starts = np.arange(self.offset, end, dtype=np.int64)
        else:
            starts = self._order[self.offset : end].astype(np.int64)
        self._advance(len(starts))
        return Cut(starts, self.config.length, np.full(len(starts), True))


_WAYS: Mapping[str, Callable[[int, BatchesConfig, np.random.Generator], Cutter]] = {
    "streams": Streams,
    "windows": Windows,
    "random lengths": RandomLengths,
}


def cutter(tokens: int, config: BatchesConfig, seed: int) -> Cutter:
    """The cutter that a config names, for a training text of `tokens` tokens.

    Raises:
        UserError: where the text is too short for one batch.
    """
    require(tokens, config)
    return _WAYS[config.cut](tokens, config, np.random.default_rng(seed))


def require(tokens: int, config: BatchesConfig) -> None:
    """Refuse a training text that is too short for one batch.

    Raises:
        UserError: with what is needed.
    """
    windows = config.cut == "windows"
    need = config.length + 1 if windows else config.size * config.length + 1
    if tokens < need:
        batch = f"a window of {config.length}" if windows else f"a batch of {config.size} × {config.length}"
        raise UserError(
            f"The text has {tokens:,} tokens to train on, and {batch} needs {need:,}: choose a longer text, "
            f"or a smaller {'' if windows else 'batches.size or '}batches.length."
        )


def steps_per_epoch(tokens: int, config: BatchesConfig, accumulate: int = 1) -> float:
    """Steps of `accumulate` batches in one pass over the text; for random lengths and rolled streams, on average."""
    if config.cut == "windows":
        return math.ceil((tokens - config.length) / config.size) / accumulate
    stream = (tokens - 1) // config.size
    pieces, shorter = _pieces(stream, config)
    if config.roll:
        # In two parts, each with its own last piece: the mean over all places where the text's end may cut the streams.
        pieces = (2 * shorter + pieces) / stream
    return pieces / accumulate


def _pieces(stream: int, config: BatchesConfig) -> tuple[float, float]:
    """How many pieces a stream of so many tokens is cut into, on average; and the sum of that over all shorter ones."""
    shortest, longest = config.shortest if config.cut == "random lengths" else config.length, config.length
    if shortest == longest:
        whole, rest = divmod(stream - 1, longest)
        return whole + 1, longest * whole * (whole + 1) // 2 + rest * (whole + 1)
    # The first piece, and those of what is left after it, whatever its length was.
    kinds = longest - shortest + 1
    last = min(stream, _COUNTED_PIECES * longest)
    sums = [0.0]
    for tokens in range(1, last + 1):
        left = sums[max(0, tokens - shortest)] - sums[max(0, tokens - longest - 1)]
        sums.append(sums[-1] + 1 + left / kinds)
    if stream == last:
        return sums[-1] - sums[-2], sums[-2]
    # Far from its beginning each token more is so many pieces more; and the last piece's lost part is always the same.
    mean = (shortest + longest) / 2
    lost = sum(length * (length - 1) for length in range(shortest, longest + 1)) / kinds / (2 * mean)
    more = stream - 1 - last
    return (stream + lost) / mean, sums[-1] + more * ((last + 1 + stream - 1) / 2 + lost) / mean
