"""How the events of a job add up to the Snapshot that screens see.

Knows nothing of threads or widgets; `source.py` keeps the lock.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lstm_tui.app.history import Course, History, Moment
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.jobs.events import (
    Event,
    Failed,
    Finished,
    Planned,
    Progress,
    Rated,
    Sampled,
    Saved,
    Scored,
    Scoring,
    Started,
    Warned,
)
from lstm_tui.jobs.losses import counted

if TYPE_CHECKING:
    from lstm_tui.jobs.requests import Verb
    from lstm_tui.runs.run import Run


class Fold:
    """Takes events one by one and gives the Snapshot that they add up to.

    Args:
        now: seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._state = self._before = Snapshot()
        self._curve = History()
        self._validation = History(join="lowest")
        self._course = Course()
        self._samples: deque[Sampled] = deque(maxlen=200)
        self._log: deque[tuple[float | None, str]] = deque(maxlen=200)
        self._pace: deque[tuple[int, float]] = deque(maxlen=60)
        self._made: Snapshot | None = None  # of the state as it is

    def snapshot(self) -> Snapshot:
        """The same object as before where nothing has happened since: many look, twice a second."""
        if self._made is None:
            self._made = replace(
                self._state,
                curve=self._curve.points(),
                validation=self._validation.points(),
                course=self._course.moments(),
                samples=tuple(self._samples),
                log=_told(self._log, self._now()),
                seconds_left=self._seconds_left(),
            )
        return self._made

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
            run=run.id,
            directory=str(run.folder),
            config=run.config,
            title=f"{run.corpus}: {run.recipe}",
            parent=run.parent.run if run.parent else "",
            tokens=what.tokens,
            characters=what.characters,
            unknown=what.unknown,
            baselines=run.baselines,
        )

    def expect(self, tokens_per_second: float | None) -> None:
        """What a probe promised."""
        self._set(expected_speed=tokens_per_second)

    def recall(
        self, metrics: Iterable[Mapping[str, Any]], samples: Iterable[Mapping[str, Any]], info: Mapping[str, Any]
    ) -> None:
        """Fold what earlier sittings of the run wrote; a line that is damaged is passed over.

        Args:
            info: of the checkpoint it goes on from, which decides what the rate is multiplied by.
        """
        for line in metrics:
            match line:
                case {"event": "progress", "step": int(step)}:
                    self._progress(step, {name: _number(line.get(name)) for name in (*_PROGRESS, *_CLOCKS)})
                case {"event": "scored", "step": int(step), "validation_loss": float(loss)}:
                    self._score(step, loss, _moment(line.get("when")))
                case {"event": "rated", "step": int(step), "factor": float(factor), "rate_factor": float(total)}:
                    self._rate(Rated(step, factor, total), _moment(line.get("when")))
        for line in samples:
            match line:
                case {"step": int(step), "text": str(text)}:
                    self._sample(Sampled(step, text))
        self._set(rate_factor=_number(info.get("rate_factor")) or self._state.rate_factor)
        self._pace.clear()  # another machine's, maybe

    def rest(self, info: Mapping[str, Any], validation_tokens: int | None) -> None:
        """The run is not in training: it stands as its checkpoint `last` says, so far as that is known."""
        plan, reason, best = info.get("plan"), info.get("reason"), _number(info.get("best_validation_loss"))
        step = info["step"] if isinstance(info.get("step"), int) else self._state.step
        ended = Finished(self._state.run, reason, step, None, best, 0.0) if reason in _ENDINGS else None
        self._set(
            state="finished",
            step=step,
            horizon=plan.get("horizon") if isinstance(plan, Mapping) else None,
            elapsed=_number(info.get("elapsed")) or self._state.elapsed,
            reason=reason if ended else None,
            message=_ending(ended) if ended else f"not ended: last saved at step {step:,}",
            validation_tokens=validation_tokens,
        )

    def heard(self) -> None:
        """Why the last order was refused is known by now."""
        if self._state.refused:
            self._set(refused="")

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
                here = self._state.step
                self._set(state="training", saved_at=time.monotonic(), begun_at=here, **about)
                begins = f"goes on from step {here:,}" if here else "started"
                size = f"{event.parameters:,} parameters, {event.vocabulary:,} kinds"
                self._note(f"{begins} on {event.device}: {size}")
            case Planned():
                self._set(horizon=event.horizon)
                self._note(f"planned: {event.horizon:,} steps, scored every {event.score_every:,}, {event.precision}")
            case Progress():
                self._progress(event.step, {name: _number(getattr(event, name)) for name in (*_PROGRESS, *_CLOCKS)})
            case Rated():
                self._rate(event, self._now())
            case Scored(step, float(loss)):
                self._score(step, loss, self._now())
            case Scoring():
                self._set(state="scoring")
                self._note(f"scores the best on all {event.tokens:,} tokens that are held out")
            case Sampled():
                self._sample(event)
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
        self._made = None

    def _note(self, what: str) -> None:
        self._note_at(self._now(), what)

    def _note_at(self, when: float | None, what: str) -> None:
        self._log.append((when, what))
        self._made = None

    def _progress(self, step: int, figures: dict[str, float | None]) -> None:
        epoch, elapsed = figures.pop("epoch"), figures.pop("elapsed")
        self._set(step=step, **figures)
        if epoch is not None and elapsed is not None:  # of a line that is whole
            self._set(epoch=epoch, elapsed=elapsed)
            rate, norm, clipped = (figures[name] for name in ("learning_rate", "gradient_norm", "clipped"))
            self._course.append(Moment(step, epoch, elapsed, rate, norm, clipped, figures["tokens_per_second"]))
            self._pace.append((step, elapsed))
        if (loss := figures["train_loss"]) is not None:
            self._curve.append(step, loss)

    def _score(self, step: int, loss: float, when: float | None) -> None:
        if not math.isfinite(loss):
            return
        self._validation.append(step, loss)
        best = self._state.best_validation_loss
        better = best is None or loss < best
        if better:
            self._set(best_validation_loss=loss, best_step=step)
        self._set(validation_loss=loss)
        self._note_at(when, f"step {step:,}: validation {loss:.3f}{', the best so far' if better else ''}")

    def _rate(self, event: Rated, when: float | None) -> None:
        # Before the next line says the rate, this is what it will be, as far as the schedule stands still.
        rate = self._state.learning_rate
        self._set(rate_factor=event.rate_factor, learning_rate=None if rate is None else rate * event.factor)
        self._note_at(when, f"step {event.step:,}: learning rate times {event.factor:g}, as asked")

    def _sample(self, event: Sampled) -> None:
        self._samples.append(event)
        self._set(sampled=self._state.sampled + 1)

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
_PROGRESS = ("train_loss", "learning_rate", "gradient_norm", "clipped", "tokens_per_second")
_CLOCKS = ("epoch", "elapsed")
_LATEST = 2**32  # seconds since 1970 that every system has a date for
_ENDINGS = ("budget", "early stop", "diverged", "stopped")


def _told(log: Iterable[tuple[float | None, str]], now: float) -> tuple[str, ...]:
    """Each line with its time of day, or with room for it where an earlier version did not write it; a day that is
    another than the one before it, or than today, in a line of its own."""
    lines, day = list[str](), _date(now)
    for when, what in log:
        if when is not None and (date := _date(when)) != day:
            day = date
            lines.append(day)
        lines.append(f"{'' if when is None else time.strftime('%H:%M:%S', time.localtime(when)):8} {what}")
    return tuple(lines)


def _date(when: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(when))


def _moment(value: object) -> float | None:
    """When a line of metrics was written; None where it does not say, or says nothing that could be."""
    when = _number(value)
    return when if when is not None and 0 < when < _LATEST else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


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
