"""embedding: windows in any order, a learnt vector for each character, every step's loss (recipes.md, 3)."""

from pathlib import Path

import pytest
import torch
from torch import nn

from lstm_tui.runs.run import Run
from tests.recipes.plain import Network, Watch, assert_same, begun, same_start, step, steps_of, trainer_of

# Case is kept. Sorted: space 0, comma 1, full stop 2, A 3, a 4, b 5, c 6.
TEXT = "Abba, a cab."
IDS = [3, 5, 5, 4, 1, 0, 4, 0, 6, 4, 5, 2]
# Every window of 3 and what follows each of its tokens; the last target is the token after the window.
WINDOWS: dict[tuple[int, ...], tuple[int, ...]] = {
    (3, 5, 5): (5, 5, 4),
    (5, 5, 4): (5, 4, 1),
    (5, 4, 1): (4, 1, 0),
    (4, 1, 0): (1, 0, 4),
    (1, 0, 4): (0, 4, 0),
    (0, 4, 0): (4, 0, 6),
    (4, 0, 6): (0, 6, 4),
    (0, 6, 4): (6, 4, 5),
    (6, 4, 5): (4, 5, 2),
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return begun(tmp_path, "embedding", TEXT, {"batches": {"size": 4, "length": 3}})


def windows(network: Network, entered: torch.Tensor) -> list[tuple[int, ...]]:
    """The ids whose vectors entered."""
    apart = (entered.unsqueeze(-2) - network.embedding.weight.detach()).abs().sum(-1)
    assert apart.min(-1).values.max() < 1e-5
    return [tuple(row) for row in apart.argmin(-1).tolist()]


def test_the_text_by_hand(run: Run) -> None:
    assert run.vocabulary.tokens == (" ", ",", ".", "A", "a", "b", "c")
    assert run.ids.tolist() == IDS and run.train_tokens == len(IDS)


def test_it_learns_as_the_tutorials_loop_does(run: Run) -> None:
    """Adam as it comes, the mean over all steps of all windows, no dropout, nothing clipped, the state zero."""
    trainer = trainer_of(run, 24)
    watch = Watch(trainer)
    network = same_start(trainer, Network("vector", 7, 2))
    optimiser, loss_of = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    epochs: list[list[tuple[int, ...]]] = [[] for _ in range(8)]
    for number, value in enumerate(steps_of(trainer)):
        read = windows(network, watch.entered[-1])
        epochs[number // 3] += read
        logits, _ = network(torch.tensor(read))
        targets = torch.tensor([WINDOWS[window] for window in read])
        loss = loss_of(logits.flatten(0, 1), targets.flatten())
        assert value.train_loss == pytest.approx(loss.item(), abs=1e-6)
        assert value.gradient_norm == pytest.approx(step(network, optimiser, loss), rel=1e-4)
    assert_same(trainer, network)
    assert all(sorted(epoch) == sorted(WINDOWS) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 8
    assert not any(state.any() for state in watch.states)
    assert trainer.tokens == 8 * 9 * 3
