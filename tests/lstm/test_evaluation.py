"""Scores against slow, obvious ones."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lstm_tui.lstm import evaluation
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import BatchesConfig, ModelConfig


@pytest.fixture
def model() -> LanguageModel:
    config = ModelConfig(hidden=24, embedding=8, layers=2, dropout=0.5)
    model = LanguageModel(config, 9, torch.Generator().manual_seed(1))
    # Sharper weights than at the start, so that what was read long ago matters.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model


def text(tokens: int) -> Tensor:
    return torch.randint(9, (tokens,), generator=torch.Generator().manual_seed(3))


@torch.no_grad()
def nats(model: LanguageModel, ids: Tensor) -> Tensor:
    """Nats of every token but the first, in one reading."""
    return functional.cross_entropy(model(ids[:-1, None])[0][:, 0], ids[1:], reduction="none")


def test_a_short_text_is_read_in_one_piece(model: LanguageModel) -> None:
    ids = text(3000)
    score = evaluation.stateful(model, ids)
    assert score.tokens == 2999
    assert score.nats == pytest.approx(nats(model, ids).mean().item(), abs=1e-5)


def test_parts_of_a_long_text_change_the_score_by_less_than_a_thousandth(model: LanguageModel) -> None:
    ids = text(20_001)
    score = evaluation.stateful(model, ids)
    assert score.tokens == 20_000
    assert score.nats == pytest.approx(nats(model, ids).mean().item(), abs=1e-3)


def test_a_network_that_never_leaves_a_bad_state_is_scored_as_in_one_reading() -> None:
    """One unit that stays where the first token sends it: after a 1 it predicts badly for ever.

    So do networks that met the zero state only once: a part must not begin its lead there.
    """
    latch = LanguageModel(ModelConfig(cell="rnn", input="one-hot", hidden=1), 2)
    weights = {"weight_ih_l0": [[2.0, -2.0]], "weight_hh_l0": [[10.0]], "bias_ih_l0": [0.0], "bias_hh_l0": [0.0]}
    latch.layers[0].load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
    latch.output.load_state_dict({"weight": torch.tensor([[2.0], [-2.0]]), "bias": torch.zeros(2)})
    ids = (torch.rand(60_001, generator=torch.Generator().manual_seed(3)) < 0.1).long()
    ids[0] = 0
    expected = nats(latch, ids)
    assert evaluation.stateful(latch, ids).nats == pytest.approx(expected.mean().item(), abs=1e-5)
    some = evaluation.stateful(latch, ids, most=6_000)
    assert some.tokens < 6_001 and some.nats == pytest.approx(expected.mean().item(), abs=0.05)
    # The first part does begin from the zero state, as the text does, and is one of many.
    ids[0] = 1
    part = 1 / (60_000 // 2048)
    lost = nats(latch, ids).mean().item() - expected.mean().item()
    assert lost > 2
    difference = evaluation.stateful(latch, ids).nats - expected.mean().item()
    assert difference == pytest.approx(part * lost, rel=0.1)


def test_at_most_so_many_tokens_spread_over_the_text(model: LanguageModel) -> None:
    ids = text(20_001)
    score = evaluation.stateful(model, ids, most=5_000)
    assert 4_900 <= score.tokens <= 5_000
    spacing, part = -(-20_000 // 9), 5_000 // 9
    all_nats = nats(model, ids)
    chosen = torch.cat([all_nats[k * spacing : k * spacing + part] for k in range(9)])
    assert score.nats == pytest.approx(chosen.mean().item(), abs=2e-3)


def test_cold_windows_lie_end_to_end_and_count_every_token(model: LanguageModel) -> None:
    ids = text(1000)
    score = evaluation.cold(model, ids, 64, batch=5)
    pieces = [nats(model, ids[start : start + 65]) for start in range(0, 999, 64)]
    assert score.tokens == 999
    assert score.nats == pytest.approx(torch.cat(pieces).mean().item(), abs=1e-5)


def test_last_tokens_of_windows(model: LanguageModel) -> None:
    ids = text(200)
    score = evaluation.cold(model, ids, 20, last_only=True, batch=7)
    expected = [nats(model, ids[start : start + 21])[-1] for start in range(180)]
    assert score.tokens == 180
    assert score.nats == pytest.approx(torch.stack(expected).mean().item(), abs=1e-5)
    some = evaluation.cold(model, ids, 20, last_only=True, most=30)
    assert some.tokens == 30
    assert some.nats == pytest.approx(torch.stack(expected[::6]).mean().item(), abs=1e-5)


def test_a_window_longer_than_the_text(model: LanguageModel) -> None:
    ids = text(30)
    assert evaluation.cold(model, ids, 500).nats == pytest.approx(nats(model, ids).mean().item(), abs=1e-5)


def test_models_are_scored_as_they_were_trained(model: LanguageModel) -> None:
    ids = text(300)
    windows = BatchesConfig(cut="windows", length=20, targets="last")
    assert evaluation.as_trained(model, ids, windows) == evaluation.cold(model, ids, 20, last_only=True)
    assert evaluation.as_trained(model, ids, BatchesConfig()) == evaluation.stateful(model, ids)


@pytest.mark.parametrize("bound", ["_MOST_LOGITS", "_MOST_WORK"])
def test_what_is_read_at_once_is_bounded_and_changes_nothing(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    ids = text(5000)
    whole, windows = evaluation.stateful(model, ids), evaluation.cold(model, ids, 50)
    monkeypatch.setattr(evaluation, bound, 100)
    assert evaluation.stateful(model, ids).nats == pytest.approx(whole.nats, abs=1e-6)
    assert evaluation.cold(model, ids, 50).nats == pytest.approx(windows.nats, abs=1e-6)
