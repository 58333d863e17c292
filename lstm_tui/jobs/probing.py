"""How long a step takes on a device, before anything is trained: a few real steps of the network on drawn tokens.

It trains a network of its own with generators of its own: a training that runs meanwhile draws what it would
have drawn. Whoever asks decides when it is worth the processor's time.
"""

import statistics
import time
from collections.abc import Callable, Hashable, Iterator

import numpy as np
import torch

from lstm_tui.config import RunConfig
from lstm_tui.jobs import planning
from lstm_tui.jobs.memory import enough_memory
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.progress import Cancelled
from lstm_tui.sections import BatchesConfig

# How long the steps are timed, and how many at the most; the first ones set things up, and are not counted.
_SECONDS, _STEPS, _WARMING = 1.0, 60, 2
# What is timed is no more than this (multiplications and additions of a step): a step that would take longer than the
# whole probe may is cut short, and its time multiplied.
_MOST_WORK = {"cpu": 3e10, "cuda": 4e12, "mps": 5e11}
# What a step begins with weighs too much in shorter ones: of 2 × 512 at batch 64 on a processor, a token of 16 in a row
# takes as long as one of 64, of 8 or 4 half as long again; and smaller batches are worse.
_LEAST_LENGTH = 16
# Of a step: there, and twice as much back; two operations a weight.
_OPERATIONS = 6

_seconds: dict[Hashable, float] = {}


def known(config: RunConfig, vocabulary: int, device: str) -> float | None:
    """What was measured already."""
    return _seconds.get(_asked(config, vocabulary, device))


def known_speed(config: RunConfig, vocabulary: int, device: str) -> float | None:
    """The same as predicted tokens a second, as lines of metrics count them."""
    seconds, batches = known(config, vocabulary, device), config.batches
    each = 1 if batches.targets == "last" else _mean_length(batches)
    return batches.size * each * config.learning.accumulate / seconds if seconds else None


def _mean_length(batches: BatchesConfig) -> float:
    """Tokens of a piece, on average."""
    return (batches.shortest + batches.length) / 2 if batches.cut == "random lengths" else batches.length


def step_seconds(
    config: RunConfig, parameters: int, vocabulary: int, device: str, stopped: Callable[[], bool] = lambda: False
) -> float:
    """Seconds of a training step, measured in a second or two; what was measured once is known.

    Args:
        parameters: of the network.
        stopped: whether nobody wants to know any more; asked between two steps.

    Raises:
        Cancelled: where it was stopped.
        UserError: where the memory of the device does not suffice.
    """
    asked = _asked(config, vocabulary, device)
    if asked not in _seconds:
        with enough_memory(device):
            _seconds[asked] = _measured(config, parameters, vocabulary, torch.device(device), stopped)
    return _seconds[asked]


def _asked(config: RunConfig, vocabulary: int, device: str) -> Hashable:
    """All that decides how long a step takes."""
    learning = config.learning
    way = learning.optimiser, learning.average, learning.accumulate, learning.clip is None, learning.clip_value is None
    return config.model, config.batches, way, config.plan.precision, config.plan.threads, vocabulary, device


def _measured(
    config: RunConfig, parameters: int, vocabulary: int, device: torch.device, stopped: Callable[[], bool]
) -> float:
    small, times = _shortened(config, parameters, device.type)
    # Enough for every way of cutting it; the epochs of so short a text cost a step nothing.
    tokens = 4 * small.batches.size * small.batches.length + 2
    first = planning.first_plan(small, tokens, vocabulary, device)
    if stopped():
        raise Cancelled("The settings are others by now.")
    plan = Plan(None, None, _STEPS, first.precision, first.threads)
    drawn = np.random.default_rng(0)
    ids = drawn.integers(0, vocabulary, tokens, dtype=np.uint32 if vocabulary > 65_536 else np.uint16)
    trainer = Trainer(small, plan, ids, vocabulary, device)
    spent: list[float] = []
    for seconds in _timed(trainer):
        spent.append(seconds)
        if stopped():
            raise Cancelled("The settings are others by now.")
        if len(spent) >= _STEPS or (len(spent) > _WARMING and sum(spent) >= _SECONDS):
            break
    return times * statistics.median(spent[_WARMING:])


def _timed(trainer: Trainer) -> Iterator[float]:
    """Seconds of each step: reading the loss waits for what an accelerator does."""
    steps = iter(trainer)
    while True:
        began = time.perf_counter()
        next(steps)
        yield time.perf_counter() - began


def _shortened(config: RunConfig, parameters: int, kind: str) -> tuple[RunConfig, float]:
    """The config with a step that is not too much work, and how many of those make one of its own."""
    batches = config.batches
    most = _MOST_WORK.get(kind, _MOST_WORK["cpu"]) / _OPERATIONS / max(1, parameters)
    length = min(batches.length, max(_LEAST_LENGTH, int(most / batches.size)))
    size = max(1, min(batches.size, int(most / length)))
    shorter = batches.model_copy(
        update={"length": length, "size": size, "shortest": min(batches.shortest, length)},
    )
    times = batches.size * _mean_length(batches) / (size * _mean_length(shorter)) * config.learning.accumulate
    learning = config.learning.model_copy(update={"accumulate": 1})
    return config.model_copy(update={"batches": shorter, "learning": learning}), times
