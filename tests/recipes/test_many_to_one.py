"""many-to-one and many-to-one-deep: 100 characters in, the one after them out (recipes.md, 1). By hand, and beside the
tutorial's loop."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lstm_tui.runs.run import Run
from tests.recipes.plain import Network, Watch, assert_same, begun, masks_of, same_start, step, steps_of, trainer_of

TEXT = "Abba, a cab."
# Lower-cased and sorted: space 0, comma 1, full stop 2, a 3, b 4, c 5.
IDS = [3, 4, 4, 3, 1, 0, 3, 0, 5, 3, 4, 2]
# Every window of 3, and the one token after it: the last token is only ever a target.
WINDOWS: dict[tuple[int, ...], int] = {
    (3, 4, 4): 3,
    (4, 4, 3): 1,
    (4, 3, 1): 0,
    (3, 1, 0): 3,
    (1, 0, 3): 0,
    (0, 3, 0): 5,
    (3, 0, 5): 3,
    (0, 5, 3): 4,
    (5, 3, 4): 2,
}
LAYERS = {"many-to-one": 1, "many-to-one-deep": 2}


def run_of(folder: Path, recipe: str) -> Run:
    return begun(folder, recipe, TEXT, {"batches": {"size": 4, "length": 3}})


def windows(entered: Tensor) -> list[tuple[int, ...]]:
    """The ids that entered as numbers divided by the vocabulary's size."""
    return [tuple(row) for row in (entered.squeeze(-1) * 6).round().long().tolist()]


def test_the_text_by_hand(tmp_path: Path) -> None:
    run = run_of(tmp_path, "many-to-one")
    assert run.vocabulary.tokens == (" ", ",", ".", "a", "b", "c")
    assert run.ids.tolist() == IDS and run.train_tokens == len(IDS)


@pytest.mark.parametrize("recipe", LAYERS)
def test_every_window_once_an_epoch_in_a_new_order_each_from_the_zero_state(tmp_path: Path, recipe: str) -> None:
    trainer = trainer_of(run_of(tmp_path, recipe), 6)
    watch = Watch(trainer)
    epochs = [value.epoch for value in trainer]
    assert epochs == pytest.approx([4 / 9, 8 / 9, 1, 13 / 9, 17 / 9, 2])
    # Nine windows in batches of four: the last one holds the ninth.
    assert [tuple(entered.shape) for entered in watch.entered] == [(4, 3, 1), (4, 3, 1), (1, 3, 1)] * 2
    first, second = ([row for entered in watch.entered[k : k + 3] for row in windows(entered)] for k in (0, 3))
    assert sorted(first) == sorted(second) == sorted(WINDOWS)
    assert first != second and first != list(WINDOWS)
    assert not any(state.any() for state in watch.states)
    # A token enters as one number: its place divided by how many there are.
    numbers = sorted({number for entered in watch.entered for number in entered.flatten().tolist()})
    assert numbers == pytest.approx([0, 1 / 6, 3 / 6, 4 / 6, 5 / 6])


@pytest.mark.parametrize("recipe", LAYERS)
def test_it_learns_as_the_tutorials_loop_does(tmp_path: Path, recipe: str) -> None:
    """Adam as it comes, the batch's mean, dropout of 0.2 between layers and on the last step, nothing clipped."""
    run = run_of(tmp_path, recipe)
    trainer, masks = trainer_of(run, 24), masks_of(run)
    watch = Watch(trainer)
    network = same_start(trainer, Network("number", 6, LAYERS[recipe], between=0.2, leaving=0.2))
    optimiser, loss_of = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    for value in steps_of(trainer):
        read = windows(watch.entered[-1])
        logits, _ = network(torch.tensor(read), masks=masks, last=True)
        loss = loss_of(logits, torch.tensor([WINDOWS[window] for window in read]))
        assert value.train_loss == pytest.approx(loss.item(), abs=1e-6)
        assert value.gradient_norm == pytest.approx(step(network, optimiser, loss), rel=1e-4)
    assert_same(trainer, network)
    assert trainer.tokens == 24 // 3 * 9  # one token is predicted for each window
