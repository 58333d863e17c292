"""The clock's only say: a run's plan, decided after its first seconds and again where a time budget drifts."""

import dataclasses
import math
import time
from dataclasses import dataclass

import torch

from lstm_tui import devices
from lstm_tui.config import RunConfig
from lstm_tui.lstm.batches import steps_per_epoch
from lstm_tui.lstm.loss import mean_nats
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.plan import Plan

# How long a run trains before it decides; the first steps of all are not counted, they set things up.
MEASURING_SECONDS = 2.0
_WARMING_STEPS = 3
# A line of metrics, so often that figures change at every look, twice a second; but at most so many in a run.
_RECORD_SECONDS = 0.3
_MOST_RECORDS = 20_000
# Scorings in a run, and the largest share of the training time that they may take. A long run is scored each minute, so
# that one sees it learn; but not where scorings are counted to end it, or to lower its rate: so soon they are noise.
_SCORINGS = 40
_SCORING_SHARE = 0.1
_LONGEST_WAIT_SECONDS = 60.0
# More steps than any run makes; a budget beyond is cut to it.
_ENDLESS = 10**12
# A new horizon is only taken where it differs by more than this.
_DRIFT = 0.02
# Where no product is wider, bfloat16 gained nothing in any measurement, and probing it only costs time.
_NARROW = 1024


@dataclass(frozen=True)
class Standing:
    """Where a run stands: steps done, seconds of training they took, and seconds that a step takes now."""

    step: int
    elapsed: float
    step_seconds: float


def first_plan(config: RunConfig, train_tokens: int, vocabulary: int, device: torch.device) -> Plan:
    """What is known before the first step: all that the config fixes; a time budget may yet shorten the horizon."""
    threads = config.plan.threads or devices.threads()
    torch.set_num_threads(threads)
    return Plan(
        horizon=_steps_allowed(config, train_tokens),
        score_every=config.plan.score_every,
        record_every=config.plan.record_every,
        precision=config.plan.precision or _faster_precision(config, vocabulary, device),
        threads=threads,
    )


def on_this_machine(plan: Plan, config: RunConfig, device: torch.device) -> Plan:
    """A stored plan where the run goes on now: no more threads than there are, and bf16 on a processor alone.

    (CUDA's LSTM under autocast to bfloat16 computes in float16, which wants a loss scale.)
    """
    threads = plan.threads if config.plan.threads else min(plan.threads, devices.threads())
    precision = plan.precision if device.type == "cpu" else "fp32"
    return dataclasses.replace(plan, threads=threads, precision=precision)


def _steps_allowed(config: RunConfig, train_tokens: int) -> int | None:
    """The steps that the budget's steps and epochs allow; None where neither is set."""
    limits = [] if config.budget.steps is None else [config.budget.steps]
    if config.budget.epochs is not None:
        steps = config.budget.epochs * steps_per_epoch(train_tokens, config.batches, config.learning.accumulate)
        limits.append(max(1, round(min(steps, _ENDLESS))))
    return min(limits, default=None)


def is_complete(plan: Plan) -> bool:
    """Whether nothing is left to be measured."""
    return None not in (plan.horizon, plan.score_every, plan.record_every)


def complete(plan: Plan, config: RunConfig, train_tokens: int, standing: Standing, *, scoring_seconds: float) -> Plan:
    """The plan after measuring: how long a step takes, and scoring, sampling and saving once."""
    horizon = with_horizon(plan, config, train_tokens, standing).horizon
    assert horizon is not None
    every_epoch = max(1, round(steps_per_epoch(train_tokens, config.batches, config.learning.accumulate)))
    affordable = scoring_seconds / _SCORING_SHARE / standing.step_seconds
    counted = config.learning.patience is not None or config.learning.schedule == "plateau"
    longest = math.inf if counted else _LONGEST_WAIT_SECONDS / standing.step_seconds
    wanted = every_epoch if config.text.held_out == 0 else min(horizon / _SCORINGS, longest)
    records = max(1, round(_RECORD_SECONDS / standing.step_seconds), horizon // _MOST_RECORDS)
    return dataclasses.replace(
        plan,
        horizon=horizon,
        score_every=plan.score_every or max(1, round(max(wanted, affordable))),
        record_every=plan.record_every or records,
    )


def with_horizon(plan: Plan, config: RunConfig, train_tokens: int, standing: Standing) -> Plan:
    """The plan with the horizon that the budget allows at this speed; the same plan where it hardly differs."""
    allowed = _steps_allowed(config, train_tokens)
    if config.budget.minutes is not None:
        left = max(0.0, config.budget.minutes * 60 - standing.elapsed)
        by_time = max(1, standing.step + round(min(left / standing.step_seconds, _ENDLESS)))
        allowed = by_time if allowed is None else min(allowed, by_time)
    if plan.horizon is not None and allowed is not None and abs(allowed - plan.horizon) <= _DRIFT * plan.horizon:
        return plan
    return dataclasses.replace(plan, horizon=allowed)


def _faster_precision(config: RunConfig, vocabulary: int, device: torch.device) -> str:
    """bf16 where this processor has it and a probe finds it faster for this network; else fp32.

    The probe runs a network of its own on drawn tokens: the training does not notice it.
    """
    widest = max(4 * config.model.hidden, vocabulary)
    if device.type != "cpu" or widest < _NARROW or not _has_bf16():
        return "fp32"
    seconds = {precision: _probe(config, vocabulary, precision) for precision in ("fp32", "bf16")}
    return min(seconds, key=lambda precision: seconds[precision])


def _has_bf16() -> bool:
    """Whether this processor multiplies bfloat16 itself, and this PyTorch lets oneDNN use it."""
    instructions = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return bool(instructions and has_onednn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _probe(config: RunConfig, vocabulary: int, precision: str) -> float:
    """Seconds of the fastest of a few forward and backward passes."""
    last = config.batches.targets == "last"
    generator = torch.Generator().manual_seed(0)
    model = LanguageModel(config.model, vocabulary, generator)
    shape = (config.batches.length, config.batches.size)
    ids = torch.empty(shape, dtype=torch.int64).random_(0, vocabulary, generator=generator)
    fastest, spent = float("inf"), 0.0
    while spent < 0.25 or fastest == spent:
        began = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits, _ = model(ids, dropout=generator, last_only=last)
        torch.autograd.backward(mean_nats(logits.view(-1, vocabulary), ids[-1] if last else ids.flatten()))
        seconds = time.perf_counter() - began
        fastest, spent = min(fastest, seconds), spent + seconds
    return fastest


class Pace:
    """Seconds a step takes, the first few left out: they set things up."""

    def __init__(self, step: int) -> None:
        self._first = step
        self._counted_from: int | None = None
        self._step = step
        self.seconds = 0.0

    def add(self, step: int, seconds: float) -> None:
        if self._counted_from is not None:
            self.seconds += seconds
        elif step - self._first >= _WARMING_STEPS:
            self._counted_from = step
        self._step = step

    @property
    def step_seconds(self) -> float | None:
        """None until there is something to go by."""
        if self._counted_from is None or self._step == self._counted_from:
            return None
        return self.seconds / (self._step - self._counted_from)
