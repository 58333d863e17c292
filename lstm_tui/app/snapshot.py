"""What the screens see of a run: one frozen value, folded from the events of its job.

Knows nothing of threads or widgets; `source.py` keeps the lock.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from lstm_tui.app.history import History
from lstm_tui.jobs.events import (
    Event,
    Failed,
    Finished,
    Planned,
    Progress,
    Sampled,
    Saved,
    Scored,
    Scoring,
    Started,
    Warned,
)
from lstm_tui.jobs.losses import counted

if TYPE_CHECKING:  # both bring NumPy, and the first picture comes without
    from lstm_tui.jobs.events import Reason
    from lstm_tui.jobs.requests import Verb
    from lstm_tui.runs.run import Run
    from lstm_tui.text.ngram import Baselines

State = Literal["idle", "preparing", "training", "paused", "scoring", "finished", "failed"]
Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Snapshot:
    """What is known of the run at one moment. Losses are nats per token; what is not known is None.

    Attributes:
        parent: the run that it began from; empty where there is none.
        message: what is prepared, that it stops, how it ended, or why it failed.
        refused: why the last order to train did not come to a run; all else is as it was before.
        reason: why it ended.
        tokens: what the losses count.
        characters: of a token, on average over what is scored.
        unknown: the share of that which is `<unk>`.
        best_step: where the best validation loss was.
        curve: (step, training loss), of bounded length however long the run; `validation` the same.
        samples: the last ones, oldest first.
        log: what happened, oldest first, each with its time of day.
        saved_at: of the last saving, on `time.monotonic`'s clock.
        baselines: the losses to beat on its text.
    """

    state: State = "idle"
    run: str = ""
    title: str = ""
    parent: str = ""
    directory: str = ""
    device: str = ""
    message: str = ""
    refused: str = ""
    reason: "Reason | None" = None
    tokens: Literal["characters", "words", "words and punctuation"] = "characters"
    characters: float = 1.0
    unknown: float = 0.0
    step: int = 0
    horizon: int | None = None
    epoch: float = 0.0
    train_loss: float | None = None
    validation_loss: float | None = None
    best_validation_loss: float | None = None
    best_step: int | None = None
    learning_rate: float | None = None
    gradient_norm: float | None = None
    tokens_per_second: float | None = None
    elapsed: float = 0.0
    seconds_left: float | None = None
    curve: Points = ()
    validation: Points = ()
    samples: tuple[Sampled, ...] = ()
    log: tuple[str, ...] = ()
    saved_at: float | None = None
    parameters: int | None = None
    validation_tokens: int | None = None
    baselines: "Baselines | None" = None

    @property
    def busy(self) -> bool:
        """Whether a job has begun whose last event has not come yet."""
        return self.state in {"preparing", "training", "paused", "scoring"}

    @property
    def complete(self) -> bool:
        """Whether it ended by itself, so that there is nothing to go on with."""
        return self.reason not in {None, "stopped"}


class Fold:
    """Takes events one by one and gives the Snapshot that they add up to.

    Args:
        now: the time of day in a line of the log.
    """

    def __init__(self, now: Callable[[], str] = lambda: time.strftime("%H:%M:%S")) -> None:
        self._now = now
        self._state = self._before = Snapshot()
        self._curve = History()
        self._validation = History(join="lowest")
        self._samples: deque[Sampled] = deque(maxlen=50)
        self._log: deque[str] = deque(maxlen=200)
        self._pace: deque[tuple[int, float]] = deque(maxlen=60)

    def snapshot(self) -> Snapshot:
        return replace(
            self._state,
            curve=self._curve.points(),
            validation=self._validation.points(),
            samples=tuple(self._samples),
            log=tuple(self._log),
            seconds_left=self._seconds_left(),
        )

    def preparing(self, what: str) -> None:
        """Another run is on its way; this one comes back where it does not come to that."""
        if self._state.state != "preparing":
            self._before = self._state
            self._set(state="preparing", message=what, refused="")
        elif self._state.message != _STOPPING:
            self._set(message=what)

    def describe(self, run: "Run") -> None:
        """What no event says of a run."""
        what = counted(run)
        self._set(
            title=f"{run.corpus}: {run.recipe}",
            parent=run.parent.run if run.parent else "",
            tokens=what.tokens,
            characters=what.characters,
            unknown=what.unknown,
            baselines=run.baselines,
        )

    def recall(self, metrics: Iterable[Mapping[str, Any]], samples: Iterable[Mapping[str, Any]]) -> None:
        """Fold what earlier sittings of the run wrote."""
        for line in metrics:
            match line:
                case {"event": "progress", "step": int(step), "train_loss": float(loss)}:
                    self._curve.append(step, loss)
                case {"event": "scored", "step": int(step), "validation_loss": float(loss)}:
                    self._score(step, loss)
        for line in samples:
            match line:
                case {"step": int(step), "text": str(text)}:
                    self._samples.append(Sampled(step, text))

    def requested(self, verb: "Verb") -> None:
        """No event says that a run rests: the order itself does."""
        if verb == "pause" and self._state.state == "training":
            self._set(state="paused")
            self._note("paused")
        elif verb == "stop" and self._state.busy:
            self._set(message=_STOPPING)
        elif verb == "go on" and self._state.state == "paused":
            self._set(state="training")
            self._note("goes on")

    def failed(self, sentence: str) -> None:
        if self._state.state == "preparing":
            self._state = replace(self._before, refused=sentence)
        else:
            self._set(state="failed", message=sentence)
        self._note(f"failed: {sentence}")

    def take(self, event: Event) -> None:
        """One event of the job."""
        match event:
            case Started():
                about = {name: getattr(event, name) for name in _STARTED}
                self._set(state="training", saved_at=time.monotonic(), **about)
                self._note(f"started on {event.device}: {event.parameters:,} parameters, {event.vocabulary:,} kinds")
            case Planned():
                self._set(horizon=event.horizon)
                self._note(f"planned: {event.horizon:,} steps, {event.precision}")
            case Progress():
                values = {name: _finite(getattr(event, name)) for name in _PROGRESS}
                self._set(step=event.step, epoch=event.epoch, elapsed=event.elapsed, **values)
                self._curve.append(event.step, event.train_loss)
                self._pace.append((event.step, event.elapsed))
            case Scored(step, float(loss), best):
                self._score(step, loss)
                self._note(f"step {step:,}: validation {loss:.3f}{', the best so far' if best else ''}")
            case Scoring():
                self._set(state="scoring")
                self._note(f"scores the best on all {event.tokens:,} tokens that are held out")
            case Sampled():
                self._samples.append(event)
            case Saved():
                self._set(saved_at=time.monotonic())
            case Warned():
                self._note(event.message)
            case Failed():
                self.failed(event.message)
            case Finished():
                ending, reason = _ending(event), event.reason
                self._set(state="finished", step=event.step, elapsed=event.elapsed, message=ending, reason=reason)
                self._note(ending)

    def _set(self, **values: Any) -> None:
        self._state = replace(self._state, **values)

    def _note(self, what: str) -> None:
        self._log.append(f"{self._now()} {what}")

    def _score(self, step: int, loss: float) -> None:
        if not math.isfinite(loss):
            return
        self._validation.append(step, loss)
        best = self._state.best_validation_loss
        if best is None or loss < best:
            self._set(best_validation_loss=loss, best_step=step)
        self._set(validation_loss=loss)

    def _seconds_left(self) -> float | None:
        """By the pace of the last minute or so; None before it is known."""
        if self._state.horizon is None or len(self._pace) < 2 or not self._state.busy:
            return None
        (first, begun), (last, now) = self._pace[0], self._pace[-1]
        if last <= first or now <= begun:
            return None
        return max(self._state.horizon - last, 0) * (now - begun) / (last - first)


_STOPPING = "stopping"
_STARTED = ("run", "directory", "device", "parameters", "validation_tokens")
_PROGRESS = ("train_loss", "learning_rate", "gradient_norm", "tokens_per_second")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ending(event: Finished) -> str:
    loss = event.best_validation_loss
    best = "" if loss is None else f"; best validation {loss:.3f}"
    match event.reason:
        case "budget":
            return f"finished after {event.step:,} steps{best}"
        case "early stop":
            return f"ended early at step {event.step:,}: it no longer got better{best}"
        case "diverged":
            return f"diverged at step {event.step:,}: the loss grew without end; try a lower learning rate"
        case "stopped":
            return f"stopped at step {event.step:,}, saved{best}"
