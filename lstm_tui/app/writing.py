"""One text in the making, between the thread that makes it and the screen that shows it.

It knows neither models nor widgets: pieces come out of an iterator and wait here until they are taken.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lstm_tui.errors import UserError
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig


class Copied(Protocol):
    """A stretch of a text that stands in the text that was learnt, and its length in tokens."""

    @property
    def length(self) -> int: ...

    @property
    def text(self) -> str: ...


class Pieces(Protocol):
    """What the Generate screen needs of a `jobs.generating.Generation`."""

    prompt: str
    seed: int

    @property
    def tokens(self) -> int: ...

    @property
    def unknown_note(self) -> str: ...

    @property
    def tokens_per_second(self) -> float: ...

    def __iter__(self) -> Iterator[str]: ...

    def longest_copy(self) -> Copied: ...


def generate(run: Run, prompt: str | None, sampling: SamplingConfig, seed: int | None) -> Pieces:
    """Load the model: on the CPU, where a few tokens at a time are faster there than on a GPU."""
    from lstm_tui.jobs.generating import Generation

    return Generation(run, prompt, sampling, seed=seed)


def random_slice(run: Run, sampling: SamplingConfig) -> str:
    """A prompt from anywhere in the text that was learnt, another one each time."""
    from lstm_tui.jobs.generating import new_seed
    from lstm_tui.jobs.generating import random_slice as slice_at

    return slice_at(run, sampling, new_seed())


@dataclass
class Writing:
    """What has been made and not been taken, how far it is, and whether it shall go on.

    Attributes:
        copied: what of the text stands in the text that was learnt; None until it has ended and was looked up.
    """

    pieces: deque[str] = field(default_factory=deque)
    source: Pieces | None = None
    begun: bool = False
    done: bool = False
    shown: bool = False
    stopped: bool = False
    error: BaseException | None = None
    copied: Copied | None = None

    def work(self, load: Callable[[], Pieces]) -> None:
        """In the thread: until the text is whole, or somebody stops it."""
        try:
            self.source = load()
            for piece in self.source:
                self.pieces.append(piece)
                if self.stopped:
                    break
            with contextlib.suppress(UserError):  # the text was written without the ids that were learnt
                self.copied = self.source.longest_copy()
        except Exception as error:
            self.error = error
        self.done = True

    def take(self) -> str:
        """What has come since the last time."""
        return "".join(self.pieces.popleft() for _ in range(len(self.pieces)))
