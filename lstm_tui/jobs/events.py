"""What a job says, as frozen values: lines of `--json`, lines of `metrics.jsonl`, and what the app folds.

Losses are nats per token; `elapsed` is seconds inside training steps, over all sittings of a run.
"""

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

Reason = Literal["budget", "stopped", "early stop", "diverged"]


@dataclass(frozen=True)
class _Event:
    event: ClassVar[str]

    def to_json(self, when: int | None = None) -> str:
        """One line of JSON, `event` first. Numbers that are not finite become null.

        Args:
            when: seconds since 1970, the last of the line: for one that is read on another day.
        """
        values = {"event": self.event, **dataclasses.asdict(self), **({} if when is None else {"when": when})}
        return json.dumps({key: _finite(value) for key, value in values.items()}, ensure_ascii=False)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Started(_Event):
    """The run's folder stands and the model is built. `validation_tokens` is null where none are held out."""

    event = "started"
    run: str
    directory: str
    device: str
    parameters: int
    vocabulary: int
    train_tokens: int
    validation_tokens: int | None


@dataclass(frozen=True)
class Progress(_Event):
    """Means over the steps since the last one. `gradient_norm` is before clipping; `epoch` counts fractions.

    `clipped` is the share of these steps, 0 to 1, whose gradient was clipped; null where the config clips nothing.
    """

    event = "progress"
    step: int
    epoch: float
    train_loss: float
    learning_rate: float
    gradient_norm: float
    tokens_per_second: float
    elapsed: float
    clipped: float | None = None


@dataclass(frozen=True)
class Rated(_Event):
    """The learning rate was multiplied by `factor` after `step`, as asked; by `rate_factor` in all, so far."""

    event = "rated"
    step: int
    factor: float
    rate_factor: float


@dataclass(frozen=True)
class Planned(_Event):
    """The run measured its speed, or counted its time anew: it will end at `horizon` (not a line of `--json`)."""

    event = "planned"
    step: int
    horizon: int
    score_every: int
    record_every: int
    precision: str
    threads: int


@dataclass(frozen=True)
class Scored(_Event):
    """The model, dropout off, on the held-out part (null where there is none). `best`: better than ever before."""

    event = "scored"
    step: int
    validation_loss: float | None
    best: bool


@dataclass(frozen=True)
class Scoring(_Event):
    """Training has ended; the best model is read on all that is held out, so many tokens, which may take long
    (not a line of `--json`)."""

    event = "scoring"
    tokens: int


@dataclass(frozen=True)
class Sampled(_Event):
    event = "sampled"
    step: int
    text: str


@dataclass(frozen=True)
class Saved(_Event):
    event = "saved"
    kind: Literal["last", "best"]
    step: int


@dataclass(frozen=True)
class Warned(_Event):
    event = "warned"
    message: str


@dataclass(frozen=True)
class Failed(_Event):
    """The job ended with an error; `message` is for a person. Nothing follows it."""

    event = "failed"
    message: str


@dataclass(frozen=True)
class Finished(_Event):
    """The job ended and everything is saved. Nothing follows it."""

    event = "finished"
    run: str
    reason: Reason
    step: int
    train_loss: float | None
    best_validation_loss: float | None
    elapsed: float


Event = Started | Planned | Progress | Rated | Scored | Scoring | Sampled | Saved | Warned | Failed | Finished


def in_json(event: Event) -> bool:
    """Whether an event is a line of `--json`: other programs rely on the set."""
    return not isinstance(event, Planned | Scoring)


def describe(event: Event, beside: Callable[[float], str] = lambda loss: "") -> str:
    """An event as a line for a person; "" for one that a person need not read.

    Args:
        beside: what is said beside a loss, such as its perplexity.
    """
    match event:
        case Started():
            held = "nothing" if event.validation_tokens is None else f"{event.validation_tokens:,}"
            return (
                f"{event.run} on {event.device}: {event.parameters:,} parameters, {event.vocabulary:,} kinds of "
                f"tokens,\n{event.train_tokens:,} tokens to learn, {held} held out"
            )
        case Planned():
            return f"planned {event.horizon:,} steps, {event.precision}, {event.threads} threads"
        case Progress():
            return (
                f"step {event.step:>7,}  epoch {event.epoch:6.2f}  train {event.train_loss:.4f}  "
                f"rate {event.learning_rate:.5f}  {event.tokens_per_second:9,.0f} tok/s {_clock(event.elapsed):>8}"
            )
        case Rated():
            return (
                f"step {event.step:>7,}  learning rate times {event.factor:g}, as asked: {event.rate_factor:g} in all"
            )
        case Scored():
            loss = event.validation_loss
            score = "scored on the training text" if loss is None else f"valid {loss:.4f}{beside(loss)}"
            return f"step {event.step:>7,}  {score}{'  best so far' if event.best else ''}"
        case Scoring():
            return f"scoring the best on all {event.tokens:,} tokens that are held out"
        case Sampled():
            return f"\n{event.text}\n"
        case Saved():
            return ""
        case Warned() | Failed():
            return event.message
        case Finished():
            train, best = event.train_loss, event.best_validation_loss
            losses = [] if train is None else [f"train {train:.4f}{beside(train) if best is None else ''}"]
            losses += [] if best is None else [f"best validation {best:.4f}{beside(best)}"]
            follows = f"resume {event.run}" if event.reason == "stopped" else f"generate {event.run} --prompt ..."
            return (
                f"{_ENDS[event.reason]} after {event.step:,} steps and {event.elapsed:.1f} s\n"
                f"{', '.join(losses)}{chr(10) * bool(losses)}lstm-tui {follows}"
            )


def _clock(seconds: float) -> str:
    """Minutes and seconds, and hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


_ENDS = {
    "budget": "Done",
    "stopped": "Stopped and saved",
    "early stop": "Done: validation stopped improving",
    "diverged": "Ended: the loss was lost",
}
