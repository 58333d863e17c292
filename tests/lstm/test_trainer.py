"""The Trainer's options: each does what it says, and nothing where it is off."""

from typing import Any

import numpy as np
import pytest

from lstm_tui.config import check
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Progress, Trainer

IDS = np.random.default_rng(3).integers(0, 9, 401).astype(np.uint8)
PLAN = Plan(20, None, 1, "fp32", 1)


def trainer(
    learning: dict[str, Any] | None = None, batches: dict[str, Any] | None = None, plan: Plan = PLAN
) -> Trainer:
    values = {
        "model": {"hidden": 8, "embedding": 4, "dropout": 0.2},
        "batches": {"size": 4, "length": 10, **(batches or {})},
        "learning": {"rate": 0.01, "warmup": 4, **(learning or {})},
    }
    return Trainer(check(values), plan, IDS, 9)


def losses(values: list[Progress]) -> list[float]:
    return [value.train_loss for value in values]


def test_accumulated_batches_are_one_larger_batch() -> None:
    """Windows in order: two batches of 3 are one of 6, but for rounding."""
    windows = {"cut": "windows", "shuffle": False}
    learning = {"optimiser": "sgd", "clip": 0.5}
    large = Trainer(check({"batches": {**windows, "size": 6}, "learning": learning}), PLAN, IDS, 9)
    two = Trainer(check({"batches": {**windows, "size": 3}, "learning": {**learning, "accumulate": 2}}), PLAN, IDS, 9)
    for one, other in zip(large, two, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-5)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)
        assert (one.step, one.tokens, one.epoch) == (other.step, other.tokens, other.epoch)


def test_accumulated_pieces_carry_the_state_and_count_their_tokens() -> None:
    single, double = trainer(), trainer({"accumulate": 2})
    # The first step of two batches reads what the first two steps of one read.
    (first, second), both = [next(values) for values in [iter(single)] * 2], next(iter(double))
    assert both.tokens == second.tokens == 80 and both.epoch == second.epoch
    assert both.train_loss != pytest.approx(first.train_loss)
    assert double.step == 1


def test_an_average_is_not_noticed_by_the_training() -> None:
    plain = list(trainer())
    for average in ("ema", "mean"):
        averaging = trainer({"average": average})
        assert list(averaging) == plain
        raw, kept = averaging.model.state_dict(), averaging.weights()
        assert all(not np.array_equal(raw[name].numpy(), kept[name]) for name in kept)


def test_the_mean_is_of_the_weights_passed_through() -> None:
    one, seen = trainer({"average": "mean", "average_share": 0.25}), []
    for value in one:
        assert (one.averaged is one.model) == (value.step <= 15)
        if value.step > 15:
            seen.append(one.model.output.weight.detach().numpy().copy())
    np.testing.assert_allclose(one.weights()["output.weight"], np.mean(seen, axis=0), atol=1e-6)


def test_a_state_with_an_average_holds_both_kinds_of_weights() -> None:
    one = trainer({"average": "mean", "average_share": 0.25})
    names = [f"model.{name}" for name in one.weights()]
    values = iter(one)
    for _ in range(15):
        next(values)
    assert not any(name.startswith("raw.") for name in one.state()[0])
    next(values)
    arrays, info = one.state()
    assert info["averaged"] == 1 and all(f"raw.{name.removeprefix('model.')}" in arrays for name in names)


def test_a_state_of_an_earlier_version_loads() -> None:
    one, other = trainer(), trainer()
    values = iter(one)
    for _ in range(7):
        next(values)
    arrays, info = one.state()
    before = {key: value for key, value in info.items() if key not in ("falls", "averaged")}
    other.load({**arrays, "sums": arrays["sums"][:2]}, before)
    after = list(other)
    assert losses(after) == losses(list(values))
    # How many steps were clipped before is not known, up to the next line of metrics.
    assert [value.clipped for value in after[:2]] == [None, after[1].clipped] and after[1].clipped is not None


def test_the_rate_steps_down_at_each_epoch() -> None:
    """Streams of 100 tokens in pieces of 10: ten steps an epoch."""
    values = list(trainer({"schedule": "step", "fall": 0.5, "warmup": 0}))
    assert [value.learning_rate for value in values] == pytest.approx([0.01] * 10 + [0.005] * 10)


def test_plateau_takes_the_falls_it_is_told() -> None:
    one, rates = trainer({"schedule": "plateau", "fall": 0.5, "warmup": 0}), []
    for value in one:
        rates.append(value.learning_rate)
        one.falls = value.step // 10
    assert rates == pytest.approx([0.01] * 10 + [0.005] * 10)
