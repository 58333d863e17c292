"""The tutorials' networks and loops in plain PyTorch, written from their descriptions, to be compared with.

Batch first, as the tutorials have it. Nothing here knows the Trainer, the ways of cutting, or LanguageModel; only the
weights' names are the same, and dropout takes its masks from a generator, so that both sides drop the same.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_tui.fields import merge
from lstm_tui.jobs.preparing import prepare
from lstm_tui.lstm.model import drop
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Progress, Trainer
from lstm_tui.runs.run import Run
from lstm_tui.text import library

States = list[tuple[Tensor, Tensor]]
HIDDEN, EMBEDDING = 12, 5


class Network(nn.Module):
    """A token enters as a number, a vector or a switch; LSTM layers; one linear layer to the vocabulary."""

    def __init__(self, entering: str, kinds: int, layers: int, between: float = 0.0, leaving: float = 0.0) -> None:
        super().__init__()
        self.entering, self.kinds, self.shares = entering, kinds, (between, leaving)
        features = {"number": 1, "vector": EMBEDDING, "switch": kinds}[entering]
        if entering == "vector":
            self.embedding = nn.Embedding(kinds, EMBEDDING)
        sizes = [features] + [HIDDEN] * (layers - 1)
        self.layers = nn.ModuleList(nn.LSTM(size, HIDDEN, batch_first=True) for size in sizes)
        self.output = nn.Linear(HIDDEN, kinds)

    def forward(
        self, ids: Tensor, states: States | None = None, masks: torch.Generator | None = None, *, last: bool = False
    ) -> tuple[Tensor, States]:
        """(batch, time) → logits (batch, time, kinds), or (batch, kinds) after the last step; and the states."""
        if self.entering == "number":
            passing = (ids.float() / self.kinds).unsqueeze(-1)
        elif self.entering == "vector":
            passing = self.embedding(ids)
        else:
            passing = functional.one_hot(ids, self.kinds).float()
        after = []
        for depth, layer in enumerate(self.layers):
            if depth:
                passing = _dropped(passing, self.shares[0], masks)
            passing, state = layer(passing, states[depth] if states else None)
            after.append(state)
        if last:
            passing = passing[:, -1:]
        logits = self.output(_dropped(passing, self.shares[1], masks))
        return (logits[:, -1] if last else logits), after


def _dropped(passing: Tensor, share: float, masks: torch.Generator | None) -> Tensor:
    """Dropout; the masks are drawn time first."""
    return drop(passing.transpose(0, 1).contiguous(), share, masks).transpose(0, 1)


class Watch:
    """What entered the first layer, step by step: (batch, time, features), and its state, (batch, hidden)."""

    def __init__(self, trainer: Trainer) -> None:
        self.entered: list[Tensor] = []
        self.states: list[Tensor] = []
        trainer.model.layers[0].register_forward_pre_hook(self._see)

    def _see(self, layer: nn.Module, given: Any) -> None:
        passing, (hidden, _) = given
        self.entered.append(passing.transpose(0, 1).clone())
        self.states.append(hidden[0].clone())

    @property
    def last_ids(self) -> Tensor:
        """The ids that entered last as switches, (batch, time)."""
        return self.entered[-1].argmax(-1)


def begun(folder: Path, recipe: str, text: str, overrides: dict[str, Any], file: str = "text.txt") -> Run:
    """A run of a recipe on a text, its sizes made small."""
    (folder / file).write_text(text, encoding="utf-8")
    small = {"model": {"hidden": HIDDEN, "embedding": EMBEDDING}, "seed": 3}
    return prepare(library.find(str(folder / file)), recipe, merge(small, overrides))


def trainer_of(run: Run, steps: int) -> Trainer:
    """Trains on the part to be learnt, a value after each step."""
    plan = Plan(steps, None, 1, "fp32", 1)
    return Trainer(run.config, plan, run.ids[: run.train_tokens], len(run.vocabulary))


def masks_of(run: Run) -> torch.Generator:
    """The masks that the run draws."""
    return torch.Generator().manual_seed(run.config.seed + 1)


def same_start(trainer: Trainer, network: Network) -> Network:
    network.load_state_dict(trainer.model.state_dict())
    return network


def step(network: Network, optimiser: torch.optim.Optimizer, loss: Tensor, clip: float | None = None) -> float:
    """One step as every tutorial makes it; the gradient's norm before it was clipped."""
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), clip or 1e9)
    optimiser.step()
    return norm.item()


def cut(states: States) -> States:
    """The states as plain values: no gradient goes back through them."""
    return [(hidden.detach(), cell.detach()) for hidden, cell in states]


def assert_same(trainer: Trainer, network: Network) -> None:
    """All weights agree to a millionth."""
    others = network.state_dict()
    assert trainer.model.state_dict().keys() == others.keys()
    for name, tensor in trainer.model.state_dict().items():
        torch.testing.assert_close(tensor, others[name], atol=1e-6, rtol=0, msg=name)


def steps_of(trainer: Trainer) -> Iterator[Progress]:
    """The steps, each at the tutorial's rate: the schedule is constant."""
    for value in trainer:
        assert value.recorded and value.learning_rate == 0.001
        yield value
