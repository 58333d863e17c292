"""Torch's generation, run here on the CPU: greedy it writes what NumPy writes, drawn it keeps the distribution."""

from itertools import islice

import numpy as np
import pytest
import torch

from lstm_tui.generation.drawing import stepped
from lstm_tui.generation.sampling import probabilities
from lstm_tui.generation.stepping import Stepper
from lstm_tui.lstm.generation import draw, tokens
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import ModelConfig, SamplingConfig


@pytest.fixture
def model() -> LanguageModel:
    model = LanguageModel(ModelConfig(hidden=32, embedding=6, layers=2), 12, torch.Generator().manual_seed(3))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5)
    return model


def stepper(model: LanguageModel) -> Stepper:
    return Stepper(model.config, 12, {name: tensor.numpy() for name, tensor in model.state_dict().items()})


@pytest.mark.parametrize("window", [None, 7])
@pytest.mark.parametrize("prompt", [[], [3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]])
def test_greedy_it_writes_what_numpy_writes(model: LanguageModel, prompt: list[int], window: int | None) -> None:
    settings = SamplingConfig(greedy=True, window=window)
    numpy_tokens = stepped(stepper(model), prompt, settings, np.random.default_rng(1))
    assert list(islice(tokens(model, prompt, settings, 1), 80)) == list(islice(numpy_tokens, 80))


def test_a_seed_repeats(model: LanguageModel) -> None:
    settings = SamplingConfig(temperature=1.0)

    def made(seed: int) -> list[list[int]]:
        return list(islice(tokens(model, [1], settings, seed), 60))

    assert made(1) == made(1) != made(2)


@pytest.mark.parametrize("settings", [SamplingConfig(temperature=1.3), SamplingConfig(temperature=1.0, top_k=3)])
def test_drawn_frequencies_agree_with_the_distribution(settings: SamplingConfig) -> None:
    logits, generator = torch.tensor([2.0, -1.0, 0.5, 1.0, -2.0]), torch.Generator().manual_seed(5)
    expected = probabilities(logits.numpy(), settings) * 10_000
    seen = np.bincount([int(draw(logits, settings, generator)) for _ in range(10_000)], minlength=5)
    possible = expected > 0
    assert seen[~possible].sum() == 0
    chi_squared = ((seen - expected)[possible] ** 2 / expected[possible]).sum()
    assert chi_squared < 18.5  # 99.9 % with four degrees of freedom
