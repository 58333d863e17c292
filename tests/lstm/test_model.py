"""The network: shapes, state as a value, dropout from its own generator, equality with plain nn.LSTM."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional

from lstm_tui.lstm.model import LanguageModel, drop
from lstm_tui.lstm.size import parameter_count
from lstm_tui.runs.parents import SHAPES
from lstm_tui.sections import ModelConfig
from tests.test_config import OTHER

INPUTS = ("embedding", "one-hot", "scalar")


def build(seed: int = 1, vocabulary: int = 11, **values: object) -> LanguageModel:
    config = ModelConfig.model_validate({"hidden": 16, "embedding": 5, "layers": 2, **values})
    return LanguageModel(config, vocabulary, torch.Generator().manual_seed(seed))


def ids(time: int, batch: int, seed: int = 0, vocabulary: int = 11) -> torch.Tensor:
    return torch.randint(vocabulary, (time, batch), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("entering", INPUTS)
def test_shapes_and_parameters(entering: str) -> None:
    model = build(input=entering)
    logits, (hidden, cell) = model(ids(7, 3))
    assert logits.shape == (7, 3, 11)
    assert hidden.shape == cell.shape == (2, 3, 16)
    assert model(ids(7, 3), last_only=True)[0].shape == (3, 11)
    assert model.parameter_count == parameter_count(model.config, 11)


def test_the_last_step_alone_is_the_last_of_all() -> None:
    model = build()
    torch.testing.assert_close(model(ids(7, 3))[0][-1], model(ids(7, 3), last_only=True)[0])


@pytest.mark.parametrize("entering", INPUTS)
def test_the_settings_that_give_weights_their_shapes_are_known(entering: str) -> None:
    """A child may change all others: its weights are its parent's."""

    def shapes(config: ModelConfig) -> dict[str, torch.Size]:
        return {name: weights.shape for name, weights in LanguageModel(config, 11).state_dict().items()}

    def untied(field: str) -> bool:
        return field == "tied" and entering != "embedding"  # such a config is refused

    plain = ModelConfig.model_validate({"input": entering, "hidden": 16, "embedding": 5})
    changed = {name: OTHER[f"model.{name}"] for name in ModelConfig.model_fields if not untied(name)}
    changed["input"] = next(way for way in INPUTS if way != entering)
    shaping = {
        name for name, value in changed.items() if shapes(plain.model_copy(update={name: value})) != shapes(plain)
    }
    known = {*SHAPES, "embedding"} if entering == "embedding" else set(SHAPES)
    assert shaping == {name for name in known if not untied(name)}


@pytest.mark.parametrize("entering", INPUTS)
def test_state_carried_equals_one_long_reading(entering: str) -> None:
    model, tokens = build(input=entering), ids(12, 2)
    whole, end = model(tokens)
    first, state = model(tokens[:5])
    second, state = model(tokens[5:], state)
    torch.testing.assert_close(torch.cat((first, second)), whole)
    torch.testing.assert_close(state, end)


def test_the_first_token_of_a_prompt_changes_the_next_distribution() -> None:
    model = build()
    one, other = ids(9, 1), ids(9, 1)
    other[0] = (other[0] + 1) % 11
    assert (model(one)[0][-1] - model(other)[0][-1]).abs().max() > 1e-6


def test_the_streams_of_a_batch_do_not_mix() -> None:
    model, tokens = build(), ids(9, 4)
    alone = model(tokens[:, 2:3])[0]
    torch.testing.assert_close(model(tokens)[0][:, 2:3], alone)


@pytest.mark.parametrize("layers", [1, 3])
def test_with_all_options_off_it_is_plain_nn_lstm(layers: int) -> None:
    """Loss, state and gradients in float64 agree with embedding + nn.LSTM(num_layers=n) + linear to 1e-10."""
    model = build(layers=layers).double()
    embedding, lstm, linear = nn.Embedding(11, 5), nn.LSTM(5, 16, num_layers=layers), nn.Linear(16, 11)
    plain = nn.ModuleDict({"embedding": embedding, "lstm": lstm, "output": linear}).double()
    # layers.1.weight_hh_l0 here is lstm.weight_hh_l1 there.
    names = {name: re.sub(r"layers\.(\d)\.(\w+)_l0", r"lstm.\2_l\1", name) for name, _ in model.named_parameters()}
    plain.load_state_dict({names[name]: tensor for name, tensor in model.state_dict().items()})
    tokens = ids(9, 3)
    before = torch.randn(2, layers, 3, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).unbind()
    passing, expected_state = lstm(embedding(tokens[:-1]), before)
    expected = functional.cross_entropy(linear(passing).flatten(0, 1), tokens[1:].flatten())
    torch.autograd.backward(expected)
    logits, state = model(tokens[:-1], before, dropout=torch.Generator())
    loss = functional.cross_entropy(logits.flatten(0, 1), tokens[1:].flatten())
    torch.autograd.backward(loss)
    torch.testing.assert_close(loss, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(state, expected_state, atol=1e-10, rtol=0)
    others = dict(plain.named_parameters())
    assert set(names.values()) == others.keys()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, others[names[name]].grad, atol=1e-10, rtol=0)


def test_the_same_seed_gives_the_same_weights_and_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, other, another = build(3), build(3), build(4)
    tokens, generator = ids(5, 2), torch.Generator().manual_seed(1)
    one(tokens, dropout=generator)
    torch.testing.assert_close(one.state_dict(), other.state_dict(), rtol=0, atol=0)
    assert not torch.equal(one.output.weight, another.output.weight)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_forget_bias_is_added_once() -> None:
    plain, biased = build(forget_bias=0.0), build(forget_bias=1.0)
    before, after = plain.state_dict(), biased.state_dict()
    for depth in range(2):
        difference = after[f"layers.{depth}.bias_ih_l0"] - before[f"layers.{depth}.bias_ih_l0"]
        torch.testing.assert_close(difference[16:32], torch.ones(16))
        assert difference[:16].abs().max() == difference[32:].abs().max() == 0
        assert torch.equal(after[f"layers.{depth}.bias_hh_l0"], before[f"layers.{depth}.bias_hh_l0"])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_share_and_the_mean(share: float) -> None:
    values = torch.ones(1001, 301)
    dropped = drop(values, share, torch.Generator().manual_seed(2))
    assert (dropped == 0).float().mean().item() == pytest.approx(share, abs=0.003)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)
    assert dropped.max().item() == pytest.approx(1 / (1 - share), rel=1e-3)
    # No pattern: neighbours, which share a random number, are dropped independently.
    zero = dropped == 0
    both = (zero[:, 1:] & zero[:, :-1]).float().mean().item()
    assert both == pytest.approx(share**2, abs=0.005)


def test_a_share_of_almost_all_is_no_division_by_zero() -> None:
    assert drop(torch.ones(1000), 0.9999999, torch.Generator().manual_seed(1)).isfinite().all()


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"dropout": 0.5, "layers": 1}, "output"),
        ({"dropout": 0.5, "output_dropout": 0.0}, "between"),
        ({"input_dropout": 0.5}, "input"),
        ({"output_dropout": 0.5}, "output"),
    ],
)
def test_each_dropout_drops_and_only_with_a_generator(values: dict[str, object], where: str) -> None:
    model, tokens = build(1, 11, **values), ids(6, 2)
    calm = model(tokens)[0]
    first = model(tokens, dropout=torch.Generator().manual_seed(1))
    again = model(tokens, dropout=torch.Generator().manual_seed(1))
    other = model(tokens, dropout=torch.Generator().manual_seed(2))
    assert torch.equal(first[0], again[0])
    assert not torch.allclose(first[0], other[0])
    assert not torch.allclose(first[0], calm)
    # Dropout on the output leaves the state alone, dropout before a layer does not.
    state_changes = not torch.equal(first[1][0], model(tokens)[1][0])
    assert state_changes == (where != "output")


def test_no_dropout_between_layers_of_words() -> None:
    model, tokens = build(layers=1, dropout=0.5, output_dropout=0.0), ids(6, 2)
    assert torch.equal(model(tokens, dropout=torch.Generator().manual_seed(1))[0], model(tokens)[0])
