"""A run's plan, and what follows from it: the learning rate, and when to record, to score and to end.

The clock decides a plan once and again at recorded steps; with a plan in hand, everything is a function of
the step. That is what makes a run repeatable and a checkpoint a promise.
"""

import math
from dataclasses import dataclass

from lstm_tui.config import LearningConfig


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


def learning_rate(config: LearningConfig, plan: Plan, step: int) -> float:
    """The rate of the step after `step` steps: a linear warm-up, then constant or half a cosine.

    The cosine falls from `rate` at the end of the warm-up to `rate * final_rate` at the horizon (Loshchilov &
    Hutter 2017, without restarts). Before the horizon is known, the rate stays at its highest.
    """
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    if config.schedule == "constant" or plan.horizon is None:
        return config.rate
    done = (step - config.warmup) / max(1, plan.horizon - config.warmup)
    fall = (1 + math.cos(math.pi * min(1.0, done))) / 2
    return config.rate * (config.final_rate + (1 - config.final_rate) * fall)
