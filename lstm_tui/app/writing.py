"""One text in the making, between the thread that makes it and the screen that shows it.

It knows neither models nor widgets: pieces come out of an iterator and wait here until they are taken.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lstm_tui.config import SamplingConfig
from lstm_tui.runs.run import Run


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


def generate(run: Run, prompt: str | None, sampling: SamplingConfig, seed: int | None) -> Pieces:
    """Load the model: on the CPU, where a few tokens at a time are faster there than on a GPU."""
    from lstm_tui.jobs.generating import Generation

    return Generation(run, prompt, sampling, seed=seed)


@dataclass
class Writing:
    """What has been made and not been taken, how far it is, and whether it shall go on."""

    pieces: deque[str] = field(default_factory=deque)
    source: Pieces | None = None
    begun: bool = False
    done: bool = False
    shown: bool = False
    stopped: bool = False
    error: BaseException | None = None

    def work(self, load: Callable[[], Pieces]) -> None:
        """In the thread: until the text is whole, or somebody stops it."""
        try:
            self.source = load()
            for piece in self.source:
                self.pieces.append(piece)
                if self.stopped:
                    break
        except Exception as error:
            self.error = error
        self.done = True

    def take(self) -> str:
        """What has come since the last time."""
        return "".join(self.pieces.popleft() for _ in range(len(self.pieces)))
