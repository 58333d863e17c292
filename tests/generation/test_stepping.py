"""The NumPy step equals torch to 1e-4, for every input; the sliding window equals reading it anew."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lstm_tui.generation import stepping
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import ModelConfig

VOCABULARY = 13
TOKENS = np.random.default_rng(4).integers(VOCABULARY, size=60).tolist()
INPUTS = ("embedding", "one-hot", "scalar")


def pair(**values: object) -> tuple[LanguageModel, Stepper]:
    config = ModelConfig.model_validate({"hidden": 40, "embedding": 7, **values})
    model = LanguageModel(config, VOCABULARY, torch.Generator().manual_seed(2))
    with torch.no_grad():
        for parameter in model.parameters():
            # A plain RNN of larger weights is chaotic: any rounding grows from step to step.
            parameter.mul_(1.5 if config.cell == "rnn" else 4)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return model, Stepper(config, VOCABULARY, weights)


@torch.no_grad()
def torch_logits(model: LanguageModel, tokens: list[int]) -> NDArray[Any]:
    array: NDArray[Any] = model(torch.tensor(tokens)[:, None])[0][:, 0].numpy()
    return array


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("entering", INPUTS)
def test_numpy_equals_torch(entering: str, layers: int) -> None:
    model, stepper = pair(input=entering, layers=layers, forget_bias=1.0)
    reading, made = CarriedState(stepper), []
    for token in TOKENS:
        reading.read(token)
        made.append(reading.logits())
    np.testing.assert_allclose(made, torch_logits(model, TOKENS), atol=1e-4)


OPTIONS: tuple[dict[str, object], ...] = (
    {"tied": True},
    {"tied": True, "embedding": 40},
    {"output_layers": 3},
    {"tied": True, "output_layers": 2},
    {"dropout": 0.5, "locked_dropout": True, "weight_drop": 0.5, "embedding_dropout": 0.5},
)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("values", [*({"input": entering} for entering in INPUTS), *OPTIONS], ids=str)
@pytest.mark.parametrize("layers", [1, 3])
def test_numpy_equals_torch_with_every_option(cell: str, values: dict[str, object], layers: int) -> None:
    model, stepper = pair(cell=cell, layers=layers, **values)
    carried, sliding = CarriedState(stepper), SlidingWindow(stepper, 10)
    assert np.abs(carried.logits() - model.speak(torch.zeros(40)).detach().numpy()).max() < 1e-4
    made = []
    for place, token in enumerate(TOKENS):
        carried.read(token)
        sliding.read(token)
        made.append(carried.logits())
        if place % 7 == 0:
            window = TOKENS[max(0, place - 9) : place + 1]
            np.testing.assert_allclose(sliding.logits(), torch_logits(model, window)[-1], atol=1e-4)
    np.testing.assert_allclose(made, torch_logits(model, TOKENS), atol=1e-4)


def test_another_cells_weights_do_not_fit() -> None:
    for made, read in itertools.permutations(("lstm", "gru", "rnn"), 2):
        weights = {name: tensor.numpy() for name, tensor in pair(cell=made)[0].state_dict().items()}
        with pytest.raises(ValueError, match=f"layer 0 is no {read} of 40 units"):
            Stepper(ModelConfig.model_validate({"cell": read, "hidden": 40, "embedding": 7}), VOCABULARY, weights)


@pytest.mark.parametrize("entering", INPUTS)
def test_a_vocabulary_too_large_for_a_table(entering: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "_LARGEST_TABLE", 0)
    model, stepper = pair(input=entering)
    reading = CarriedState(stepper)
    for token in TOKENS:
        reading.read(token)
    np.testing.assert_allclose(reading.logits(), torch_logits(model, TOKENS)[-1], atol=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_sliding_window_reads_its_last_tokens_from_the_zero_state(layers: int) -> None:
    model, stepper = pair(input="scalar", layers=layers)
    reading = SlidingWindow(stepper, 10)
    for place, token in enumerate(TOKENS):
        reading.read(token)
        window = TOKENS[max(0, place - 9) : place + 1]
        np.testing.assert_allclose(reading.logits(), torch_logits(model, window)[-1], atol=1e-4)


def test_before_any_token_the_zero_state_speaks() -> None:
    model, stepper = pair()
    expected = model.output(torch.zeros(40)).detach().numpy()
    np.testing.assert_allclose(CarriedState(stepper).logits(), expected, atol=1e-6)
    np.testing.assert_allclose(SlidingWindow(stepper, 5).logits(), expected, atol=1e-6)


def test_the_first_prompt_token_changes_the_next_distribution() -> None:
    _, stepper = pair()
    one, other = CarriedState(stepper), CarriedState(stepper)
    for reading, first in ((one, 1), (other, 2)):
        for token in (first, *TOKENS[:8]):
            reading.read(token)
    assert np.abs(one.logits() - other.logits()).max() > 1e-6


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_step_leaves_the_state_it_was_given(cell: str) -> None:
    _, stepper = pair(cell=cell, layers=2)
    state = stepper.step(1, stepper.zero_state())
    copy = [(h.copy(), c.copy()) for h, c in state]
    stepper.step(2, state)
    for parts, copies in zip(state, copy, strict=True):
        for part, same in zip(parts, copies, strict=True):
            np.testing.assert_array_equal(part, same)
