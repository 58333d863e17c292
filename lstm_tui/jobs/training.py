"""train(run, device, requests): drives the Trainer, keeps the run's folder, and says what happens.

The job is an iterator: whoever drives it is the thread that trains. Between two values of the Trainer it
takes requests, records, scores, samples and saves; none of that changes what is computed.
"""

import dataclasses
import math
import time
import traceback
from collections.abc import Callable, Generator, Iterator

import torch

from lstm_tui.errors import UserError
from lstm_tui.jobs import planning
from lstm_tui.jobs.ending import mark_diverged, score_whole
from lstm_tui.jobs.evaluating import load_model
from lstm_tui.jobs.events import (
    Event,
    Failed,
    Finished,
    Planned,
    Progress,
    Rated,
    Reason,
    Sampled,
    Saved,
    Scored,
    Started,
    Warned,
)
from lstm_tui.jobs.generating import sample
from lstm_tui.jobs.memory import enough_memory
from lstm_tui.jobs.patience import Patience
from lstm_tui.jobs.prompts import as_read, opening
from lstm_tui.jobs.requests import Requests
from lstm_tui.lstm import evaluation, trainer
from lstm_tui.lstm.ids import on_device
from lstm_tui.lstm.plan import Plan, gives_back
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run

SAVE_SECONDS = 30.0
# The Trainer gives a value this often, so that an order is taken soon.
_YIELD_SECONDS = 0.2
# A longer held-out part is scored in evenly spread pieces while training, and whole at the end.
_MOST_SCORED = 131_072
_SAMPLE_LENGTH = 300


def train(run: Run, device: str, requests: Requests) -> Iterator[Event]:
    """Train a run from where it stands to its budget, or until a request stops it.

    Args:
        run: new, or with a `last` checkpoint to go on from.
        device: as torch calls it.
        requests: orders, taken by this thread.

    Yields:
        Events; the last is `Finished` or `Failed`. Nothing is raised.
    """
    try:
        with run.locked():
            run.take_requests()  # what was asked of an earlier sitting is not for this one
            with enough_memory(device):
                yield from _Training(run, device, requests).events()
    except UserError as error:
        yield Failed(str(error))
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        try:
            run.log(traceback.format_exc())
            message += f" (more in {run.folder / 'run.log'})"
        except UserError as disk:
            message += f" ({disk})"
        yield Failed(f"Training broke off: {message}")


class _Training:
    """One sitting of a run."""

    def __init__(self, run: Run, device: str, requests: Requests) -> None:
        self.run = run
        self.requests = requests
        self.config = run.config
        self.train_tokens = run.train_tokens
        self.holds_out = len(run.part("validation")) > 0
        self.elapsed = 0.0
        self.train_loss: float | None = None
        self.best_score = math.inf
        self.scored_step = 0
        self.patience = Patience(self.config.learning)
        self.saved_at = time.monotonic()
        self.recorded_at = (0.0, 0)  # seconds and tokens at the last line of metrics
        self.whole_score: float | None = None
        self.disk_warned = False
        self.prompt = as_read(run, opening(run, self.config.seed))
        sampling = self.config.sampling
        self.sampling = sampling.model_copy(update={"length": min(sampling.length, _SAMPLE_LENGTH)})
        at = torch.device(device)
        earlier = self._earlier()
        kinds = len(run.vocabulary)
        plan = (
            Plan(**earlier.info["plan"]) if earlier else planning.first_plan(self.config, self.train_tokens, kinds, at)
        )
        plan = planning.on_this_machine(plan, self.config, at)
        torch.set_num_threads(plan.threads)
        ids = run.part("training")
        self.trainer = Trainer(self.config, plan, ids, kinds, at, run.reset_at)
        self.scored_ids = on_device(run.part("validation") if self.holds_out else ids, at)
        self.new_budget = False
        if earlier:
            self._go_on(earlier)
        elif run.parent:
            self.trainer.model.load_state_dict(load_model(run, "start", "cpu").state_dict())

    # Where it begins.

    def _earlier(self) -> Checkpoint | None:
        """The checkpoint to go on from; None for a run that has not saved yet."""
        if not self.run.checkpoint_path("last").exists():
            self.run.rewind(0)
            return None
        return self.run.read_checkpoint("last")

    def _go_on(self, earlier: Checkpoint) -> None:
        info = earlier.info
        try:
            self.trainer.load(earlier.tensors, info)
        except (KeyError, ValueError, RuntimeError) as error:
            raise UserError(f"The checkpoint last of {self.run.id} does not fit its run.toml: {error}.") from error
        self.elapsed = info["elapsed"]
        self.train_loss = info["train_loss"]
        self.best_score = math.inf if info["best_score"] is None else info["best_score"]
        self.scored_step = info["scored_step"]
        self.patience.go_on(info.get("waited", 0))  # a checkpoint of an earlier version does not say
        self.recorded_at = (info["recorded_elapsed"], info["recorded_tokens"])
        self.new_budget = info["budget"] != self.config.budget.model_dump()
        self.run.rewind(self.trainer.step)

    def events(self) -> Iterator[Event]:
        yield Started(
            run=self.run.id,
            directory=str(self.run.folder),
            device=str(self.trainer.device),
            parameters=self.trainer.model.parameter_count,
            vocabulary=len(self.run.vocabulary),
            train_tokens=self.train_tokens,
            validation_tokens=len(self.scored_ids) if self.holds_out else None,
        )
        if self.new_budget:
            self.trainer.plan = dataclasses.replace(self.trainer.plan, horizon=None)
            yield from self._replan(self.elapsed / max(1, self.trainer.step))
        else:
            yield from self._planned()
        reason = yield from self._train()
        yield from self._finish(reason)

    # The loop.

    def _train(self) -> Generator[Event, None, Reason]:
        """Train until the plan ends or a request does; returns the reason."""
        values = iter(self.trainer)
        pace = planning.Pace(self.trainer.step)
        while True:
            began = time.perf_counter()
            progress = next(values, None)
            if progress is None:
                return "budget"
            spent = time.perf_counter() - began
            self.elapsed += spent
            pace.add(progress.step, spent)
            if not (math.isfinite(progress.train_loss) and math.isfinite(progress.gradient_norm)):
                return "diverged"
            if progress.recorded:
                yield from self._record(progress)
            if scores := self.trainer.plan.scores(progress.step):
                yield from self._score()
            if pace.step_seconds is not None:
                self.trainer.stride = max(1, round(_YIELD_SECONDS / pace.step_seconds))
                if planning.is_complete(self.trainer.plan):
                    if scores:
                        yield from self._replan(pace.step_seconds)
                elif pace.seconds >= planning.MEASURING_SECONDS:
                    yield from self._complete_plan(pace.step_seconds)
            if self.patience.ended and not self.trainer.plan.ends(progress.step):
                return "early stop"
            if time.monotonic() - self.saved_at >= SAVE_SECONDS:
                yield from self._save()
            if (yield from self._obey()):
                return "stopped"

    def _record(self, progress: trainer.Progress) -> Iterator[Event]:
        """A line of metrics."""
        seconds, tokens = self.recorded_at
        self.recorded_at = (self.elapsed, progress.tokens)
        self.train_loss = progress.train_loss
        event = Progress(
            step=progress.step,
            epoch=progress.epoch,
            train_loss=progress.train_loss,
            learning_rate=progress.learning_rate,
            gradient_norm=progress.gradient_norm,
            tokens_per_second=(progress.tokens - tokens) / max(1e-9, self.elapsed - seconds),
            elapsed=self.elapsed,
            clipped=progress.clipped,
        )
        yield event
        yield from self._keep(lambda: self.run.append("metrics", event.to_json()))

    def _rate(self, factor: float) -> Iterator[Event]:
        """Learn faster or slower from here on."""
        self.trainer.rate_factor *= factor
        event = Rated(self.trainer.step, factor, self.trainer.rate_factor)
        yield event
        yield from self._save()  # first: what the run goes on with after a crash is what the checkpoint says
        yield from self._note(event)

    # The plan.

    def _complete_plan(self, step_seconds: float) -> Iterator[Event]:
        """Decide what the config left open, now that the speed is known. Scoring is measured by doing it, but where the
        config says when."""
        began = time.perf_counter()
        if self.trainer.plan.score_every is None:
            yield from self._score()
        scoring_seconds = time.perf_counter() - began
        self.trainer.plan = planning.complete(
            self.trainer.plan,
            self.config,
            self.train_tokens,
            self._standing(step_seconds),
            scoring_seconds=scoring_seconds,
        )
        yield from self._planned()

    def _replan(self, step_seconds: float) -> Iterator[Event]:
        """Another horizon, where the budget is new, or one of time has drifted."""
        plan = planning.with_horizon(self.trainer.plan, self.config, self.train_tokens, self._standing(step_seconds))
        if plan != self.trainer.plan:
            self.trainer.plan = plan
            yield from self._planned()

    def _standing(self, step_seconds: float) -> planning.Standing:
        return planning.Standing(self.trainer.step, self.elapsed, step_seconds)

    def _planned(self) -> Iterator[Event]:
        """The plan, once it is complete."""
        plan = self.trainer.plan
        if plan.horizon is not None and plan.score_every is not None and plan.record_every is not None:
            yield Planned(
                self.trainer.step, plan.horizon, plan.score_every, plan.record_every, plan.precision, plan.threads
            )

    # Scoring, sampling, saving.

    def _score(self) -> Iterator[Event]:
        """Score the model, keep it if it is the best so far, and let it speak."""
        step = self.trainer.step
        score = evaluation.as_trained(self.trainer.averaged, self.scored_ids, self.config.batches, _MOST_SCORED)
        self.scored_step = step
        best = score.nats < self.best_score
        if gives_back(self.config.learning, self.trainer.plan, step):
            self.patience.begin_anew()
        else:
            self.trainer.falls += self.patience.count(best)
        event = Scored(step, score.nats if self.holds_out else None, best)
        yield event
        yield from self._note(event)
        if best:
            weights = {f"model.{name}": array for name, array in self.trainer.weights().items()}
            content = Checkpoint(weights, {"step": step, "loss": score.nats, "held_out": self.holds_out})
            if (yield from self._keep(lambda: self.run.write_checkpoint("best", content))):
                self.best_score = score.nats
                yield Saved("best", step)
        yield from self._sample()

    def _sample(self) -> Iterator[Event]:
        """A text from the same prompt each time, so that one sees the model learn."""
        step = self.trainer.step
        text = sample(self.trainer.averaged, self.run.vocabulary, self.prompt, self.sampling, self.config.seed + step)
        event = Sampled(step, text)
        yield event
        yield from self._keep(lambda: self.run.append("samples", event.to_json()))

    def _save(self) -> Iterator[Event]:
        """Write `last`; where that fails, training goes on and it is tried again."""
        self.saved_at = time.monotonic()
        content = self._checkpoint(None)
        if (yield from self._keep(lambda: self.run.write_checkpoint("last", content))):
            yield Saved("last", self.trainer.step)

    def _checkpoint(self, reason: Reason | None) -> Checkpoint:
        """Everything that the run goes on from."""
        arrays, info = self.trainer.state()
        info |= {
            "plan": dataclasses.asdict(self.trainer.plan),
            "budget": self.config.budget.model_dump(),
            "epochs": self.trainer.cutter.epochs,
            "elapsed": self.elapsed,
            "train_loss": self.train_loss,
            "best_score": self.best_score if math.isfinite(self.best_score) else None,
            "best_validation_loss": self._best_validation_loss(),
            "scored_step": self.scored_step,
            "waited": self.patience.waited,
            "recorded_elapsed": self.recorded_at[0],
            "recorded_tokens": self.recorded_at[1],
            "reason": reason,
        }
        return Checkpoint(arrays, info)

    def _best_validation_loss(self) -> float | None:
        if not self.holds_out or not math.isfinite(self.best_score):
            return None
        return self.best_score if self.whole_score is None else self.whole_score

    def _note(self, event: Rated | Scored) -> Iterator[Event]:
        """A line of metrics with the time of day: one of those that a person reads as the run's log."""
        yield from self._keep(lambda: self.run.append("metrics", event.to_json(when=int(time.time()))))

    def _keep(self, write: Callable[[], None]) -> Generator[Event, None, bool]:
        """Write something; whether it went well. A disk that is full does not end the training."""
        try:
            write()
        except UserError as error:
            if not self.disk_warned:
                self.disk_warned = True
                yield Warned(f"{error} Training goes on, and tries again.")
            return False
        self.disk_warned = False
        return True

    # Orders, and the end.

    def _obey(self) -> Generator[Event, None, bool]:
        """Do what was asked for since last time; whether to stop."""
        paused = False
        while True:
            for request in self.requests.take(self.run, wait=0.2 if paused else 0.0):
                match request.verb:
                    case "stop":
                        return True
                    case "pause":
                        paused = True
                        yield from self._save()
                    case "go on":
                        paused = False
                    case "save":
                        yield from self._save()
                    case "sample":
                        yield from self._sample()
                    case "rate":
                        yield from self._rate(request.factor)
            if not paused:
                return False

    def _finish(self, reason: Reason) -> Iterator[Event]:
        """Score and save what the end leaves to do."""
        if reason == "diverged":
            yield from mark_diverged(self.run, self.trainer.step)
        else:
            if reason in ("budget", "early stop"):
                if self.scored_step < self.trainer.step or self._in_pieces:
                    yield from self._save()  # what follows may take long, or break off
                if self.scored_step < self.trainer.step:
                    yield from self._score()
                if self._in_pieces:
                    at = str(self.trainer.device)
                    self.whole_score = yield from score_whole(self.run, self.scored_ids, at, self.requests)
            self.run.write_checkpoint("last", self._checkpoint(reason))
            yield Saved("last", self.trainer.step)
        yield Finished(
            run=self.run.id,
            reason=reason,
            step=self.trainer.step,
            train_loss=self.train_loss,
            best_validation_loss=self._best_validation_loss(),
            elapsed=self.elapsed,
        )

    @property
    def _in_pieces(self) -> bool:
        return self.holds_out and len(self.scored_ids) > _MOST_SCORED
