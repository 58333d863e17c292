"""How each tutorial writes: its own prompt and settings, by a window run anew or with the state carried.

Beside it the same written out: plain networks, one token at a time, draws from the same generator.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.prompts import random_slice
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run
from tests.recipes.plain import HIDDEN, Network, States, begun

TEXT = "knock knock. whos there? the romeo of christmas, said a fox. " * 4
NETWORKS = {
    "many-to-one": ("number", 1),
    "many-to-one-deep": ("number", 2),
    "words": ("vector", 3),
    "embedding": ("vector", 2),
    "one-hot": ("switch", 1),
    "poems": ("switch", 2),
}
WRITTEN, WINDOW = 40, 9


def written_by(folder: Path, recipe: str, **sampling: Any) -> tuple[Run, Network]:
    """A run whose weights are drawn wide, so that what was read matters; and the same network, plain."""
    settings: dict[str, Any] = {"length": WRITTEN, **sampling}
    if recipe.startswith("many"):
        settings["window"] = WINDOW
    small = {"size": 2, "length": 9, "shortest": 3}
    run = begun(folder, recipe, TEXT, {"batches": small, "sampling": settings})
    entering, layers = NETWORKS[recipe]
    network = Network(entering, len(run.vocabulary), layers).requires_grad_(False)
    generator = torch.Generator().manual_seed(5)
    for parameter in network.parameters():
        parameter.normal_(generator=generator)
    if entering == "number":  # between 0 and 1, of which little would come through
        for parameter in network.parameters():
            parameter.mul_(3)
        network.layers[0].get_parameter("weight_ih_l0").mul_(5)
        network.output.get_parameter("bias").zero_()
    weights = {f"model.{name}": tensor.numpy() for name, tensor in network.state_dict().items()}
    run.write_checkpoint("best", Checkpoint(weights, {"step": 1, "loss": 1.0, "held_out": False}))
    return run, network


def likeliest_by_window(network: Network, prompt: list[int]) -> Iterator[int]:
    """Tutorial 1: the window through the network from the zero state; the new token in, the oldest out."""
    window = prompt[-WINDOW:]
    while True:
        logits, _ = network(torch.tensor([window]), last=True)
        yield (token := int(logits[0].argmax()))
        window = [*window[1:], token]


def drawn_with_the_state(network: Network, prompt: list[int], seed: int, top_k: int | None) -> Iterator[int]:
    """The others: the prompt once, then only the new token, the state carried; softmax, among the k likeliest."""
    generator, states, entering = np.random.default_rng(seed), None, prompt
    while True:
        logits, states = _read(network, entering, states)
        if top_k:
            logits[logits < logits.topk(top_k).values[-1]] = -torch.inf
        sums = logits.double().softmax(-1).cumsum(-1).numpy()
        yield (token := int(np.searchsorted(sums, generator.random() * sums[-1], side="right")))
        entering = [token]


def _read(network: Network, ids: list[int], states: States | None) -> tuple[torch.Tensor, States]:
    """Logits (kinds,) after some tokens; after none, those of the zero state."""
    if not ids:
        return network.output(torch.zeros(HIDDEN)), [(torch.zeros(1, 1, HIDDEN),) * 2 for _ in network.layers]
    logits, states = network(torch.tensor([ids]), states, last=True)
    return logits[0], states


@pytest.mark.parametrize("recipe", NETWORKS)
def test_it_writes_as_its_tutorial_does(tmp_path: Path, recipe: str) -> None:
    run, network = written_by(tmp_path, recipe)
    prompt = {"words": "Knock knock. Whos there?", "embedding": "ROMEO:", "poems": "christmas"}.get(recipe)
    assert run.config.sampling.prompt == prompt
    if recipe.startswith("many"):
        prompt = random_slice(run, run.config.sampling, 1)
        assert prompt in run.vocabulary.decode(run.ids) and len(prompt) == WINDOW
    elif prompt is None:
        prompt = "the romeo"
    known = run.vocabulary.encode_known(prompt)[0].tolist()
    if recipe.startswith("many"):
        plain = likeliest_by_window(network, known)
    else:
        plain = drawn_with_the_state(network, known, 4, 2 if recipe == "poems" else None)
    made = Generation(run, prompt, seed=4)
    pieces = list(made)
    assert len(pieces) == WRITTEN
    assert made.texts[0].ids == [next(plain) for _ in range(WRITTEN)]
    assert len(set(made.texts[0].ids)) > 3


@pytest.mark.parametrize("recipe", NETWORKS)
def test_an_empty_prompt_begins_from_the_zero_state(tmp_path: Path, recipe: str) -> None:
    run, network = written_by(tmp_path, recipe)
    made = Generation(run, "", seed=4)
    "".join(made)
    if recipe.startswith("many"):
        assert made.texts[0].ids[0] == int(_read(network, [], None)[0].argmax())
    else:
        plain = drawn_with_the_state(network, [], 4, 2 if recipe == "poems" else None)
        assert made.texts[0].ids == [next(plain) for _ in range(WRITTEN)]
