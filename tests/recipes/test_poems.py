"""poems: parallel streams in pieces, dropout, a clipped gradient, a held-out part (recipes.md, 5)."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from lstm_tui.jobs.events import Scored
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.runs.run import Run
from tests.recipes.plain import (
    Network,
    States,
    Watch,
    assert_same,
    begun,
    cut,
    masks_of,
    same_start,
    step,
    steps_of,
    trainer_of,
)

TEXT = "christmas is a song."
# Sorted: space 0, full stop 1, a 2, c 3, g 4, h 5, i 6, m 7, n 8, o 9, r 10, s 11, t 12.
IDS = [3, 5, 10, 6, 11, 12, 7, 2, 11, 0, 6, 11, 0, 2, 0, 11, 9, 8, 4, 1]
# 18 are learnt: two streams of eight, in pieces of 3, 3 and 2: what enters, what follows.
PIECES = (
    ([[3, 5, 10], [11, 0, 6]], [[5, 10, 6], [0, 6, 11]]),
    ([[6, 11, 12], [11, 0, 2]], [[11, 12, 7], [0, 2, 0]]),
    ([[7, 2], [0, 11]], [[2, 11], [11, 9]]),
)


def run_of(folder: Path, clip: float) -> Run:
    plan = {"score_every": 10, "record_every": 5, "precision": "fp32", "threads": 1}
    overrides = {"batches": {"size": 2, "length": 3}, "learning": {"clip": clip}, "budget": {"steps": 30}}
    return begun(folder, "poems", TEXT, {**overrides, "plan": plan, "sampling": {"length": 3}})


def test_the_text_by_hand(tmp_path: Path) -> None:
    run = run_of(tmp_path, 5.0)
    assert run.ids.tolist() == IDS
    assert run.train_tokens == 18  # the last tenth is held out


@pytest.mark.parametrize("clip", [5.0, 0.3])
def test_it_learns_as_the_tutorials_loop_does(tmp_path: Path, clip: float) -> None:
    """Adam as it comes, the mean over all steps, dropout of one half between layers and on the output, the norm of the
    gradient clipped (smaller than 5 here too, which so small a network never reaches), the state zero each epoch."""
    run = run_of(tmp_path, clip)
    trainer, masks = trainer_of(run, 24), masks_of(run)
    watch = Watch(trainer)
    network = same_start(trainer, Network("switch", 13, 2, between=0.5, leaving=0.5))
    optimiser, loss_of = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    states: States | None = None
    norms = []
    for number, value in enumerate(steps_of(trainer)):
        read, targets = map(torch.tensor, PIECES[number % 3])
        states = None if number % 3 == 0 else states
        before = torch.zeros(2, 12) if states is None else states[0][0][0]
        torch.testing.assert_close(watch.states[-1], before, atol=1e-6, rtol=0)
        assert torch.equal(watch.entered[-1], functional.one_hot(read, 13).float())
        logits, states = network(read, states, masks)
        states = cut(states)
        loss = loss_of(logits.flatten(0, 1), targets.flatten())
        assert value.train_loss == pytest.approx(loss.item(), abs=1e-6)
        norms.append(step(network, optimiser, loss, clip))
        assert value.gradient_norm == pytest.approx(norms[-1], rel=1e-4)
    assert_same(trainer, network)
    assert max(norms) < 5 and norms[0] > 0.3


def test_the_held_out_part_is_scored_with_dropout_off_and_not_learnt(tmp_path: Path) -> None:
    """Its one prediction, from the zero state, by the weights of that moment."""
    run = run_of(tmp_path, 5.0)
    scored = [event for event in train(run, "cpu", Requests()) if isinstance(event, Scored)]
    assert [event.step for event in scored] == [10, 20, 30]
    trainer = trainer_of(run, 30)
    for value in trainer:
        if value.step % 10 == 0:
            network = same_start(trainer, Network("switch", 13, 2))
            with torch.no_grad():
                logits, _ = network(torch.tensor([[4]]))
            loss = functional.cross_entropy(logits[0], torch.tensor([1])).item()
            assert scored[value.step // 10 - 1].validation_loss == pytest.approx(loss, abs=1e-6)
