"""A run's plan, and what follows from it: the learning rate, and when to record, to score and to end.

The clock decides a plan once and again at recorded steps; with a plan in hand, everything is a function of
the step. That is what makes a run repeatable and a checkpoint a promise.
"""

import math
from dataclasses import dataclass

from lstm_tui.sections import LearningConfig

# What share of the rate a one-cycle begins with (Smith & Topin 2019 and PyTorch's OneCycleLR).
_CYCLE_BEGINS = 1 / 25
ENDING = ("cosine", "one-cycle")
"""The schedules that end, so that something else may follow."""


@dataclass(frozen=True)
class Plan:
    """What was measured and decided.

    Attributes:
        horizon: steps of the whole run; None while it is not known yet.
        score_every: steps between scorings; None: not known yet.
        record_every: steps between lines of metrics; None: not known yet.
        precision: "fp32" or "bf16".
        threads: processor threads.
    """

    horizon: int | None
    score_every: int | None
    record_every: int | None
    precision: str
    threads: int

    def ends(self, step: int) -> bool:
        return self.horizon is not None and step >= self.horizon

    def records(self, step: int) -> bool:
        """Whether a line of metrics is written after `step`; powers of two before the plan is made."""
        if self.record_every is None:
            return step & (step - 1) == 0 or self.ends(step)
        return step % self.record_every == 0 or self.ends(step)

    def scores(self, step: int) -> bool:
        return self.score_every is not None and (step % self.score_every == 0 or self.ends(step))


def learning_rate(config: LearningConfig, plan: Plan, step: int, *, epochs: float = 0.0, falls: int = 0) -> float:
    """The rate of the step after `step` steps: a linear warm-up to where the schedule begins, then the schedule.

    - constant: `rate`.
    - step: multiplied by `fall` after every `fall_epochs` epochs (Zaremba et al. 2014).
    - plateau: multiplied by `fall` for each of `falls`.
    - cosine: from `rate` at the end of the warm-up to `rate * final_rate` at the end of the schedule. Before that is
      known, the rate stays at its highest.
    - one-cycle: from a 25th of `rate` up to it along half a cosine, which takes the share `rise` of what is left
      after the warm-up, and down to `rate * final_rate` along another (Smith 2018; the momentum stays). Before
      the end is known, the rate stays where it begins.

    The schedule of these two ends at the horizon; or after `hold_from` steps, and its last rate is held; or after
    `restart_at` steps, where it begins anew without a warm-up, to end at the horizon (SGDR: Loshchilov & Hutter 2017).

    Args:
        epochs: passes over the training text before the step.
        falls: how often scores have stopped improving.
    """
    cycle = config.schedule == "one-cycle"
    highest = config.rate
    if config.schedule == "step":
        highest *= config.fall ** int(epochs / config.fall_epochs)
    elif config.schedule == "plateau":
        highest *= config.fall**falls
    if step < config.warmup and (config.restart_at is None or step < config.restart_at):
        return highest * (_CYCLE_BEGINS if cycle else 1.0) * (step + 1) / config.warmup
    if config.schedule not in ENDING:
        return highest
    begin, end = _leg(config, plan.horizon, step)
    if end is None:
        return highest * (_CYCLE_BEGINS if cycle else 1.0)
    done = min(1.0, (step - begin) / max(1, end - begin))
    if not cycle:
        return highest * _between(1.0, config.final_rate, done)
    if done < config.rise:
        return highest * _between(_CYCLE_BEGINS, 1.0, done / config.rise)
    return highest * _between(1.0, config.final_rate, (done - config.rise) / (1 - config.rise))


def gives_back(config: LearningConfig, plan: Plan, step: int) -> bool:
    """Whether a warm restart has raised the rate just now, so that scores are meant to be worse: in the first half of
    what it began. No while its end is not known: a run without one may end by its scores alone."""
    if config.schedule not in ENDING or config.restart_at is None or step < config.restart_at:
        return False
    begin, end = _leg(config, plan.horizon, step)
    return end is not None and step < (begin + end) // 2


def has_ended(config: LearningConfig, horizon: int | None, step: int) -> bool:
    """Whether a schedule that ends has come to its final rate after `step` steps.

    Args:
        horizon: steps of the whole run; None where that is not known.
    """
    _, end = _leg(config, horizon, step)
    return end is not None and step >= end


def _leg(config: LearningConfig, horizon: int | None, step: int) -> tuple[int, int | None]:
    """The steps from which to which the schedule runs that `step` is in; the end is None while nothing sets it."""
    restart = config.restart_at
    if restart is None or step < restart:
        ends = [end for end in (config.hold_from, restart, horizon) if end is not None]
        return config.warmup, min(ends, default=None)
    held = config.hold_from is not None and config.hold_from > restart
    ends = [end for end in (config.hold_from if held else None, horizon) if end is not None]
    return restart, min(ends, default=None)


def _between(first: float, last: float, done: float) -> float:
    """From `first` to `last` along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * done)) / 2
