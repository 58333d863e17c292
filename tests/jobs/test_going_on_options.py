"""The options of network and state: each trains, resumes bit for bit, and writes from NumPy what it does from torch."""

from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from lstm_tui.jobs.evaluating import evaluate, load_model
from lstm_tui.jobs.events import Finished
from lstm_tui.jobs.generating import Generation, Writer
from lstm_tui.lstm import evaluation
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


@pytest.mark.parametrize("cut", ["streams", "random lengths"])
def test_rolled_and_reset_streams_resume_bit_for_bit(make_run: MakeRun, cut: str) -> None:
    """Records that do not see each other, on a text that has their ends; stopped amid an epoch."""
    how = {"cut": cut, "shortest": 5, "length": 32, "size": 60, "roll": True, "reset": 0.2, "reset_at_ends": True}
    overrides = {"batches": how, "text": {"separator": None}, **SHORT}
    one, other = (make_run(overrides, corpus="jokes") for _ in range(2))
    assert one.reset_at == one.vocabulary.end_id is not None
    whole(one)
    for batches in ({"roll": False}, {"reset": 0.0}, {"reset_at_ends": False}):
        without = make_run({**overrides, "batches": {**how, **batches}, "budget": {"steps": 20}}, corpus="jokes")
        whole(without)
        assert metrics(without)[:2] != metrics(one)[:2]
    assert metrics(one)[-2]["epoch"] > 2
    stopped_at(other, 30)
    whole(other)
    assert_same(one, other)


def test_what_stood_in_another_record_changes_nothing(make_run: MakeRun) -> None:
    run = make_run({"batches": {"reset_at_ends": True}, "budget": {"steps": 30}}, corpus="jokes")
    whole(run)
    end, prompt = run.reset_at, run.vocabulary.encode("What ").tolist()
    assert end is not None
    greedy = SamplingConfig(greedy=True, length=40)

    def written(prompt: list[int], device: str) -> list[list[int]]:
        return list(islice(Writer(run, device=device).tokens(prompt, greedy, 1), 40))

    for device in ("cpu", "cpu:0"):
        assert written([*prompt, end, *prompt], device) == written([end, *prompt], "cpu")
    # As it is scored: the text from one END on, whatever it is scored behind.
    ids = torch.from_numpy(run.ids[run.train_tokens :].astype(np.int64))
    first = int((ids == end).nonzero()[3])
    model = load_model(run, "best", "cpu")
    alone, behind = (evaluation.stateful(model, ids[begin : first + 300]) for begin in (first, 0))
    before = evaluation.stateful(model, ids[: first + 1])
    assert behind.nats * behind.tokens == pytest.approx(
        before.nats * before.tokens + alone.nats * alone.tokens, rel=1e-5
    )
