"""Texts in the making, one or several side by side, between the thread that makes them and the screen.

It knows neither models nor widgets: pieces come out of an iterator and wait here until they are taken.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from lstm_tui import files
from lstm_tui.app.dials import Way
from lstm_tui.errors import UserError
from lstm_tui.runs import checkpoint, generations
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig

# Seconds in which a key that is pressed may be meant for what has just ended.
_MOMENT = 1.0


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

    @property
    def nats_per_token(self) -> float | None: ...

    @property
    def nats_per_character(self) -> float | None: ...

    def change(self, sampling: SamplingConfig) -> None: ...

    def steps(self) -> Iterator[list[str]]: ...

    def longest_copy(self, stream: int = 0) -> Copied: ...

    def output(self, *, whole: bool, copy: int | None = None) -> Output: ...


class Models:
    """Begins texts on the CPU, where a few tokens at a time are faster than on a GPU; the model loaded last is kept."""

    def __init__(self) -> None:
        self._loaded: tuple[object, Any] = None, None

    def __call__(self, run: Run, prompt: str | None, way: Way) -> Pieces:
        from lstm_tui.jobs.generating import Generation, Writer

        kind = way.checkpoint or run.saved or "last"
        key = run.folder, kind, files.stamp(run.checkpoint_path(kind))
        if self._loaded[0] != key:
            self._loaded = key, Writer(run, kind)
        return Generation(run, prompt, way.sampling, seed=way.seed, streams=way.streams, writer=self._loaded[1])


def not_saved(training: bool) -> str:
    """Of a run that has no checkpoint yet; `training`: it is being trained here."""
    then = "press c on Train (3), then n here." if training else "press r on Runs (5) to train it."
    return f"This run has not saved yet; {then}"


def random_slice(run: Run, sampling: SamplingConfig) -> str:
    """A prompt from anywhere in the text that was learnt, another one each time."""
    from lstm_tui.jobs.generating import new_seed
    from lstm_tui.jobs.prompts import random_slice as slice_at

    return slice_at(run, sampling, new_seed())


@dataclass(frozen=True)
class Saved:
    """A checkpoint that a run has.

    Attributes:
        loss: nats per token: the best one's, and of the last one what it reached in training.
        of: what was scored: "validation" or "training".
    """

    kind: str
    step: int | None
    loss: float | None
    of: str

    def __str__(self) -> str:
        step = "" if self.step is None else f", step {self.step:,}"
        train = "train " if self.of == "training" else ""
        return f"{self.kind}{step}" + ("" if self.loss is None else f", {train}{self.loss:.3f}")


def saved(run: Run) -> dict[str, Saved]:
    """The checkpoints that a run has, the one to take first; one that cannot be read says no more than its name."""
    found: dict[str, Saved] = {}
    infos: dict[str, Mapping[str, Any]] = {}
    for kind in ("best", "last"):
        if files.is_file(run.checkpoint_path(kind)):
            infos[kind] = {}
            with contextlib.suppress(UserError):
                infos[kind] = checkpoint.read_info(run.checkpoint_path(kind))
    for kind, info in infos.items():
        if kind == "best":
            # What was scored in pieces is scored as a whole at the end.
            whole = _figure(infos.get("last", {}).get("best_validation_loss"))
            held_out = info.get("held_out", True)
            loss = whole if held_out and whole is not None else _figure(info.get("loss"))
            found[kind] = Saved(kind, info.get("step"), loss, "validation" if held_out else "training")
        else:
            found[kind] = Saved(kind, info.get("step"), _figure(info.get("train_loss")), "training")
    return found


def _figure(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


@dataclass
class Writing:
    """What has been made and not been taken, how far it is, and whether it shall go on.

    Attributes:
        run: which one writes, and keeps it.
        way: the settings that count now.
        seed: of the text, where the settings have none; None draws one.
        sliced: whether its prompt is a random slice of what was learnt.
        pieces: what each step added to each text.
        copied: what of each text stands in the text that was learnt, looked up one by one once they have ended.
        marked: whether it shall be kept as a marked one.
        output: what was kept of it, once it has ended.
        changed_at: how many tokens there were when other settings last came.
        ended_at: when it was done, on `time.monotonic`'s clock.
        lost: why it could not be kept.
    """

    run: Run
    way: Way
    seed: int | None = None
    sliced: bool = False
    pieces: deque[list[str]] = field(default_factory=deque)
    source: Pieces | None = None
    saved: Mapping[str, Saved] = field(default_factory=dict)
    begun: bool = False
    done: bool = False
    changed_at: int = 0
    ended_at: float = 0.0
    shown: bool = False
    stopped: bool = False
    marked: bool = False
    error: BaseException | None = None
    lost: UserError | None = None
    output: Output | None = None
    copied: list[Copied] = field(default_factory=list)

    def work(self, generate: Callable[[Run, str | None, Way], Pieces], prompt: str | None, training: bool) -> None:
        """In the thread: until the texts are whole, or somebody stops it.

        Args:
            generate: loads the model, and begins.
            prompt: None takes the run's own.
            training: whether the run is being trained here.
        """
        try:
            self.saved = saved(self.run)
            if self.run.saved is None:
                raise UserError(not_saved(training))
            way = self.way if self.seed is None or self.way.seed is not None else replace(self.way, seed=self.seed)
            source = generate(self.run, random_slice(self.run, way.sampling) if self.sliced else prompt, way)
            self.source = source
            source.change(self.way.sampling)  # which may be others since
            for pieces in source.steps():
                self.pieces.append(pieces)
                if self.stopped:
                    break
            with contextlib.suppress(UserError):  # the text was written without the ids that were learnt
                for stream in range(self.way.streams):
                    self.copied.append(source.longest_copy(stream))
            if source.tokens:
                self._keep(source)
        except Exception as error:
            self.error = error
        self.ended_at = time.monotonic()
        self.done = True

    def _keep(self, source: Pieces) -> None:
        copy = max((copied.length for copied in self.copied), default=None)
        output = replace(source.output(whole=not self.stopped, copy=copy), marked=self.marked)
        try:
            generations.append(self.run.folder, output)
        except UserError as error:
            self.lost = error
        self.output = output

    def change(self, way: Way) -> None:
        """Other settings: what of them can count at once does so from the next token on."""
        self.way = self.way.following(way)
        if self.source is not None:
            self.changed_at = self.source.tokens
            self.source.change(self.way.sampling)

    def take(self) -> list[str]:
        """What has come of each text since the last time."""
        taken = [self.pieces.popleft() for _ in range(len(self.pieces))]
        return ["".join(pieces) for pieces in zip(*taken, strict=True)] or [""] * self.way.streams

    @property
    def busy(self) -> bool:
        return not self.done and not self.stopped

    @property
    def stoppable(self) -> bool:
        """Busy, or at its end since a moment: who meant to stop it means no more than that."""
        return not self.stopped and (not self.done or time.monotonic() - self.ended_at < _MOMENT)

    @property
    def unheard(self) -> bool:
        """Whether it ended before any of it was written by the settings that came last."""
        return not self.stopped and self.source is not None and 0 < self.changed_at == self.source.tokens

    @property
    def longest(self) -> tuple[int, Copied] | None:
        """The longest copy so far, and which text it is of, counted from 0."""
        return max(enumerate(self.copied), key=lambda found: found[1].length, default=None)

    @property
    def so_far(self) -> Output | None:
        """What there is of it now; None where nothing is."""
        if self.output is not None:
            return self.output
        return self.source.output(whole=False) if self.source and self.source.tokens else None
