"""Optimisers, clipping and averages, each against its formula worked out by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.optimisers import Average, clip, optimiser
from lstm_tui.sections import LearningConfig, ModelConfig

CPU = torch.device("cpu")


def stepped(gradients: list[float], **values: Any) -> list[float]:
    """A single weight of 1 after each gradient, the rate 0.1 and no weight decay unless they are given."""
    config = LearningConfig.model_validate({"rate": 0.1, "weight_decay": 0, **values})
    weight = nn.Parameter(torch.ones(1, 1))
    chosen, after = optimiser([weight], config, CPU), []
    for gradient in gradients:
        weight.grad = torch.full((1, 1), gradient)
        chosen.step()
        after.append(weight.item())
    return after


def test_sgd_keeps_a_share_of_its_last_step() -> None:
    assert stepped([1.0, 1.0, 0.0], optimiser="sgd", momentum=0.5) == pytest.approx([0.9, 0.75, 0.675])
    assert stepped([1.0, 1.0, 0.0], optimiser="sgd", momentum=0) == pytest.approx([0.9, 0.8, 0.8])


def test_rmsprop_divides_by_the_gradients_running_size() -> None:
    weight, square, expected = 1.0, 0.0, []
    for gradient in (2.0, 1.0, -3.0):
        square = 0.9 * square + 0.1 * gradient**2
        weight -= 0.1 * gradient / square**0.5
        expected.append(weight)
    assert stepped([2.0, 1.0, -3.0], optimiser="rmsprop", beta2=0.9) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["adam", "adamw", "amsgrad"])
def test_the_adams(name: str) -> None:
    """AMSGrad divides by the largest running size so far."""
    weight, first, second, largest, expected = 1.0, 0.0, 0.0, 0.0, []
    for step, gradient in enumerate((3.0, 0.5, 0.1), start=1):
        first = 0.9 * first + 0.1 * gradient
        second = 0.5 * second + 0.5 * gradient**2
        largest = max(largest, second)
        size = (largest if name == "amsgrad" else second) / (1 - 0.5**step)
        weight -= 0.1 * first / (1 - 0.9**step) / size**0.5
        expected.append(weight)
    assert stepped([3.0, 0.5, 0.1], optimiser=name, beta2=0.5) == pytest.approx(expected)


def test_weight_decay_is_apart_from_the_gradient_in_adamw_and_a_part_of_it_elsewhere() -> None:
    assert stepped([0.0], optimiser="adamw", weight_decay=0.5) == pytest.approx([1 - 0.1 * 0.5])
    assert stepped([0.0], optimiser="adam", weight_decay=0.5) == pytest.approx([1 - 0.1])
    assert stepped([0.0], optimiser="sgd", weight_decay=0.5) == pytest.approx([1 - 0.1 * 0.5])


@pytest.mark.parametrize("name", ["adam", "adamw", "amsgrad", "rmsprop", "sgd"])
@pytest.mark.parametrize("decayed", ["all", "matrices"])
def test_what_is_decayed(name: str, decayed: str) -> None:
    linear = nn.Linear(1, 1)
    nn.init.ones_(linear.weight)
    nn.init.ones_(linear.bias)
    config = LearningConfig.model_validate(
        {"optimiser": name, "rate": 0.1, "weight_decay": 0.5, "decay_on": decayed},
    )
    chosen = optimiser(linear.parameters(), config, CPU)
    linear.weight.grad, linear.bias.grad = torch.zeros(1, 1), torch.zeros(1)
    chosen.step()
    assert linear.weight.item() < 1
    assert (linear.bias.item() < 1) == (decayed == "all")


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"clip": None}, [3, -4]),
        ({"clip": 1}, [0.6, -0.8]),
        ({"clip": 9}, [3, -4]),
        ({"clip": None, "clip_value": 3.5}, [3, -3.5]),
        ({"clip": 1, "clip_value": 2}, [0.5**0.5, -(0.5**0.5)]),
    ],
)
def test_a_gradient_is_clipped_by_value_then_by_norm(values: dict[str, Any], left: list[float]) -> None:
    weight, unused = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([3.0, -4.0])
    before, clipped = clip([weight, unused], LearningConfig.model_validate(values))
    assert (before.item(), bool(clipped)) == (5, weight.grad.tolist() != [3, -4])
    assert weight.grad.tolist() == pytest.approx(left, abs=1e-5)


def averages(horizons: list[int | None], **values: Any) -> list[float | None]:
    """The average after each step of weights that are 1, 2, 3, …; None where there is none."""
    shape = ModelConfig(hidden=2, embedding=2)
    model = LanguageModel(shape, 3, torch.Generator().manual_seed(1))
    average, seen = Average(LanguageModel(shape, 3), LearningConfig.model_validate(values)), []
    for step, horizon in enumerate(horizons, start=1):
        for parameter in model.parameters():
            nn.init.constant_(parameter, step)
        average.update(model, step, horizon)
        seen.append(average.model.output.bias[0].item() if average.count else None)
    kept = torch.cat([parameter.flatten() for parameter in average.model.parameters()])
    assert kept.min() == kept.max() and not kept.requires_grad
    return seen


def test_the_mean_is_over_the_last_share_of_the_run() -> None:
    assert averages([8] * 8, average="mean", average_share=0.5) == [None, None, None, None, 5, 5.5, 6, 6.5]
    assert averages([3] * 3, average="mean", average_share=1) == pytest.approx([1, 1.5, 2])
    assert averages([3] * 3, average="mean", average_share=0.01) == [None, None, 3]


def test_the_mean_waits_for_the_horizon_and_begins_anew_where_it_moves_on() -> None:
    moving = averages([None, 4, 4, 4, 10, 10, 6], average="mean", average_share=0.5)
    assert moving == [None, None, 3, 3.5, None, 6, 6.5]


def test_the_moving_average_forgets_its_beginning_and_settles_at_its_decay() -> None:
    expected, average = [], 0.0
    for step in range(1, 101):
        kept = min(0.8, (step - 1) / (step + 9))
        average = kept * average + (1 - kept) * step
        expected.append(average)
    assert averages([None] * 100, average="ema", average_decay=0.8) == pytest.approx(expected)
    # A weight that grows by 1 a step is followed at a distance of decay / (1 - decay).
    assert 100 - expected[-1] == pytest.approx(4, abs=1e-6)
    assert averages([None] * 3, average="ema", average_decay=0) == [1, 2, 3]


def test_averages_are_exact_for_long_runs() -> None:
    values = np.arange(1, 2001)
    assert averages([2000] * 2000, average="mean", average_share=1)[-1] == pytest.approx(values.mean(), rel=1e-5)
