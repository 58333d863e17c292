"""one-hot: one stream in pieces of random length, the loss on a piece's last character (recipes.md, 4)."""

from pathlib import Path

import pytest
import torch
from torch import nn

from lstm_tui.runs.run import Run
from tests.recipes.plain import (
    Network,
    States,
    Watch,
    assert_same,
    begun,
    cut,
    same_start,
    step,
    steps_of,
    trainer_of,
)

# Transliterated to ASCII before it is counted; what is left is sorted.
TEXT = "Ærø ås, ärö äs."
ASCII = "Aero as, aro as."
KINDS = (" ", ",", ".", "A", "a", "e", "o", "r", "s")
IDS = [3, 5, 7, 6, 0, 4, 8, 1, 0, 4, 7, 6, 0, 4, 8, 2]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return begun(tmp_path, "one-hot", TEXT, {"batches": {"shortest": 2, "length": 5}})


def test_the_text_by_hand(run: Run) -> None:
    assert run.vocabulary.tokens == KINDS
    assert run.ids.tolist() == IDS and run.vocabulary.decode(IDS) == ASCII


def test_at_most_so_many_kinds_the_rarest_are_left_out(tmp_path: Path) -> None:
    """A cap by frequency, 400 in the recipe; not a count below which a character is left out."""
    run = begun(tmp_path, "one-hot", "abc abc ab a", {"text": {"kinds": 3}, "batches": {"shortest": 2, "length": 3}})
    assert run.vocabulary.tokens == (" ", "a", "b")
    assert run.vocabulary.decode(run.ids) == "ab ab ab a"


def test_it_learns_as_the_tutorials_loop_does(run: Run) -> None:
    """AMSGrad, one token predicted a step, the state carried along the stream, its gradient cut."""
    trainer = trainer_of(run, 40)
    watch = Watch(trainer)
    network = same_start(trainer, Network("switch", 9, 1))
    optimiser, loss_of = torch.optim.Adam(network.parameters(), amsgrad=True), nn.CrossEntropyLoss()
    states: States | None = None
    place, lengths = 0, []
    for value in steps_of(trainer):
        length = watch.entered[-1].shape[1]
        lengths.append(length)
        # One stream; a token enters as one of so many switches.
        read = IDS[place : place + length]
        expected = nn.functional.one_hot(torch.tensor([read]), 9).float()
        assert torch.equal(watch.entered[-1], expected)
        states = None if place == 0 else states
        before = torch.zeros(1, 12) if states is None else states[0][0][0]
        torch.testing.assert_close(watch.states[-1], before, atol=1e-6, rtol=0)
        logits, states = network(torch.tensor([read]), states, last=True)
        states = cut(states)
        loss = loss_of(logits, torch.tensor([IDS[place + length]]))
        assert value.train_loss == pytest.approx(loss.item(), abs=1e-6)
        assert value.gradient_norm == pytest.approx(step(network, optimiser, loss), rel=1e-4)
        # Fifteen tokens enter in an epoch, the sixteenth is only predicted; then the stream begins anew.
        place = (place + length) % 15
    assert_same(trainer, network)
    assert trainer.tokens == 40 and trainer.cutter.epoch >= 5
    # All lengths from the shortest to the longest; only an epoch's last piece may be shorter.
    assert set(lengths) - {1} == {2, 3, 4, 5}
