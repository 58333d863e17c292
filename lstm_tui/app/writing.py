"""Texts in the making, one or several side by side, between the thread that makes them and the screen.

It knows neither models nor widgets: pieces come out of an iterator and wait here until they are taken.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lstm_tui.app.dials import Way
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

    def steps(self) -> Iterator[list[str]]: ...

    def longest_copy(self, stream: int = 0) -> Copied: ...


def generate(run: Run, prompt: str | None, way: Way) -> Pieces:
    """Load the model: on the CPU, where a few tokens at a time are faster there than on a GPU."""
    from lstm_tui.jobs.generating import Generation

    return Generation(run, prompt, way.sampling, seed=way.seed, streams=way.streams)


def random_slice(run: Run, sampling: SamplingConfig) -> str:
    """A prompt from anywhere in the text that was learnt, another one each time."""
    from lstm_tui.jobs.generating import new_seed
    from lstm_tui.jobs.generating import random_slice as slice_at

    return slice_at(run, sampling, new_seed())


@dataclass
class Writing:
    """What has been made and not been taken, how far it is, and whether it shall go on.

    Attributes:
        way: the settings that it was begun with, and keeps.
        pieces: what each step added to each text.
        copied: what of each text stands in the text that was learnt, looked up one by one once they have ended.
    """

    way: Way
    pieces: deque[list[str]] = field(default_factory=deque)
    source: Pieces | None = None
    begun: bool = False
    done: bool = False
    shown: bool = False
    stopped: bool = False
    error: BaseException | None = None
    copied: list[Copied] = field(default_factory=list)

    def work(self, load: Callable[[], Pieces]) -> None:
        """In the thread: until the texts are whole, or somebody stops it."""
        try:
            self.source = load()
            for pieces in self.source.steps():
                self.pieces.append(pieces)
                if self.stopped:
                    break
            with contextlib.suppress(UserError):  # the text was written without the ids that were learnt
                for stream in range(self.way.streams):
                    self.copied.append(self.source.longest_copy(stream))
        except Exception as error:
            self.error = error
        self.done = True

    def take(self) -> list[str]:
        """What has come of each text since the last time."""
        taken = [self.pieces.popleft() for _ in range(len(self.pieces))]
        return ["".join(pieces) for pieces in zip(*taken, strict=True)] or [""] * self.way.streams

    @property
    def longest(self) -> tuple[int, Copied] | None:
        """The longest copy so far, and which text it is of, counted from 0."""
        return max(enumerate(self.copied), key=lambda found: found[1].length, default=None)
