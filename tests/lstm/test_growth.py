"""A network for more tokens: what it knew stays to the last bit, the rest is drawn as a new network's."""

from typing import Any

import pytest
import torch

from lstm_tui.lstm.growth import grown
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import ModelConfig

NETWORKS: list[dict[str, Any]] = [
    {"input": "embedding"},
    {"input": "one-hot", "layers": 2, "cell": "gru"},
    {"input": "embedding", "tied": True, "output_layers": 2, "cell": "rnn"},
]


def model(seed: int, vocabulary: int, **values: Any) -> LanguageModel:
    config = ModelConfig(hidden=8, embedding=4, **values)
    return LanguageModel(config, vocabulary, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("values", NETWORKS)
def test_known_tokens_get_the_logits_they_had(values: dict[str, Any]) -> None:
    small = model(1, 6, **values)
    large = grown(small, 9, torch.Generator().manual_seed(2))
    ids = torch.tensor([[0, 5], [3, 3], [4, 1]])
    (before, state), (after, same) = small(ids), large(ids)
    torch.testing.assert_close(after[..., :6], before, rtol=0, atol=1e-6)
    torch.testing.assert_close(same, state, rtol=0, atol=1e-6)
    assert large(torch.tensor([[8]]))[0].shape == (1, 1, 9)


@pytest.mark.parametrize("values", NETWORKS)
def test_what_is_new_is_a_new_networks(values: dict[str, Any]) -> None:
    small, fresh = model(1, 6, **values), model(2, 9, **values).state_dict()
    before = small.state_dict()
    for name, weights in grown(small, 9, torch.Generator().manual_seed(2)).state_dict().items():
        old = tuple(slice(size) for size in before[name].shape)
        assert torch.equal(weights[old], before[name])
        new = torch.ones_like(weights, dtype=torch.bool)
        new[old] = False
        assert torch.equal(weights[new], fresh[name][new])
        assert bool(new.any()) == (before[name].shape != weights.shape)


def test_for_as_many_tokens_it_is_the_same_network() -> None:
    small = model(1, 6, input="scalar")
    for name, weights in grown(small, 6, torch.Generator()).state_dict().items():
        assert torch.equal(weights, small.state_dict()[name])
