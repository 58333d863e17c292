"""words: contiguous streams of words in pieces of 4, the state carried (recipes.md, 2).

The author's windows in order were meant as that: what he fed ran along the batch.
"""

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
    masks_of,
    same_start,
    step,
    steps_of,
    trainer_of,
)

# The column joined by spaces and split at every single one: two in a row have an empty string between them.
TABLE = "ID,Joke\n1,a b a\n2,b  a c\n3,a b a b  a d\n"
WORDS = ["a", "b", "a", "b", "", "a", "c", "a", "b", "a", "b", "", "a", "d"]
# By falling frequency: a six times, b four, the empty string twice, c and d once, in the order they came.
VOCABULARY = ("a", "b", "", "c", "d")
IDS = [0, 1, 0, 1, 2, 0, 3, 0, 1, 0, 1, 2, 0, 4]
# Two streams of six (13 tokens enter at most), in pieces of 4 and what is left of 2: what enters, what follows.
PIECES = (
    ([[0, 1, 0, 1], [3, 0, 1, 0]], [[1, 0, 1, 2], [0, 1, 0, 1]]),
    ([[2, 0], [1, 2]], [[0, 3], [2, 0]]),
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    overrides = {"text": {"column": "Joke"}, "batches": {"size": 2}, "budget": {"steps": 12}}
    return begun(tmp_path, "words", TABLE, overrides, "jokes.csv")


def test_the_text_by_hand(run: Run) -> None:
    assert run.vocabulary.tokens == VOCABULARY
    assert run.ids.tolist() == IDS and run.train_tokens == len(IDS)
    assert run.vocabulary.decode(IDS) == " ".join(WORDS)
    assert run.config.batches.length == 4


def test_it_learns_as_its_author_meant(run: Run) -> None:
    """Adam as it comes, the mean over all steps, dropout of 0.2 between the layers only, the state zero each epoch."""
    trainer, masks = trainer_of(run, 12), masks_of(run)
    watch = Watch(trainer)
    network = same_start(trainer, Network("vector", 5, 3, between=0.2, leaving=0.0))
    optimiser, loss_of = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    states: States | None = None
    for number, value in enumerate(steps_of(trainer)):
        read, targets = map(torch.tensor, PIECES[number % 2])
        # Each epoch begins with the zero state; else a stream goes on where it stood.
        states = None if number % 2 == 0 else states
        expected = torch.zeros(2, 12) if states is None else states[0][0][0]
        torch.testing.assert_close(watch.states[-1], expected, atol=1e-6, rtol=0)
        torch.testing.assert_close(watch.entered[-1], network.embedding(read).detach(), atol=1e-6, rtol=0)
        logits, states = network(read, states, masks)
        states = cut(states)
        loss = loss_of(logits.flatten(0, 1), targets.flatten())
        assert value.train_loss == pytest.approx(loss.item(), abs=1e-6)
        assert value.gradient_norm == pytest.approx(step(network, optimiser, loss), rel=1e-4)
        assert value.epoch == pytest.approx(number // 2 + (4 / 6, 1)[number % 2])
    assert_same(trainer, network)
