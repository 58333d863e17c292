"""The network's options: each trains, resumes bit for bit, and writes the same text from NumPy as from torch."""

from typing import Any

import pytest

from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Finished
from lstm_tui.jobs.generating import Generation
from lstm_tui.sections import SamplingConfig
from tests.jobs.conftest import MakeRun
from tests.jobs.test_going_on import assert_same, metrics, stopped_at, whole

OPTIONS: tuple[dict[str, Any], ...] = (
    {"cell": "gru"},
    {"cell": "rnn"},
    {"tied": True},
    {"output_layers": 2},
    {"locked_dropout": True},
    {"weight_drop": 0.3},
    {"embedding_dropout": 0.2},
    {"cell": "gru", "tied": True, "embedding": 24, "output_layers": 2, "weight_drop": 0.3, "locked_dropout": True},
)
SHORT = {"budget": {"steps": 60}, "plan": {"score_every": 20}}


@pytest.mark.parametrize("values", OPTIONS, ids=" ".join)
def test_an_option_trains_and_resumes_bit_for_bit(make_run: MakeRun, values: dict[str, Any]) -> None:
    plain, one, other = make_run(SHORT), make_run({**SHORT, "model": values}), make_run({**SHORT, "model": values})
    whole(plain)
    last = whole(one)[-1]
    assert isinstance(last, Finished) and last.reason == "budget"
    # It changes what is learnt, and it learns.
    assert metrics(plain) != metrics(one)
    losses = [line["train_loss"] for line in metrics(one) if line["event"] == "progress"]
    assert losses[-1] < losses[0] - 0.2
    first = stopped_at(other, 30)[-1]
    assert isinstance(first, Finished) and first.reason == "stopped" and 30 <= first.step < 60
    whole(other)
    assert_same(one, other)
    # Its checkpoint is read again, by NumPy, by torch, and to be scored.
    for window in (None, 12):
        greedy = SamplingConfig(greedy=True, length=60, window=window)
        texts = ["".join(Generation(one, "The ", greedy, device=device)) for device in ("cpu", "cpu:0")]
        assert texts[0] == texts[1] and len(texts[0]) == 60
    assert evaluate(one).nats_per_token < 4


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_all_at_once_in_bfloat16_resume_bit_for_bit(make_run: MakeRun, cell: str) -> None:
    regular = {"locked_dropout": True, "weight_drop": 0.2, "embedding_dropout": 0.1}
    values = {"cell": cell, "tied": True, "output_layers": 2, **regular}
    overrides = {"model": values, "plan": {"score_every": 20, "precision": "bf16"}, "budget": {"steps": 40}}
    one, other = make_run(overrides), make_run(overrides)
    whole(one)
    stopped_at(other, 20)
    whole(other)
    assert_same(one, other)
