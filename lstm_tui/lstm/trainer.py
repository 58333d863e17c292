"""Trainer: an iterator of Progress. Whoever drives it decides.

Not calling `next` is a pause, leaving the loop is a stop, and between two values one may save, sample or
score: nothing of that changes what is computed. No callbacks; nothing of screens, disks, clocks or threads.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lstm_tui.config import RunConfig
from lstm_tui.lstm.batches import Cut, cutter
from lstm_tui.lstm.ids import at, on_device
from lstm_tui.lstm.loss import mean_nats
from lstm_tui.lstm.model import LanguageModel, State, zeroed
from lstm_tui.lstm.optimisers import Average, clip, optimiser
from lstm_tui.lstm.plan import Plan, learning_rate

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Progress:
    """Where the training stands after `step` steps.

    Attributes:
        epoch: passes over the training text, with a fraction.
        train_loss: nats per token, mean over the steps since the last recorded one.
        gradient_norm: before clipping, mean over the same steps.
        learning_rate: of the last step.
        tokens: predicted since the trainer was made.
        recorded: whether the plan has a line of metrics here; the means begin anew after it.
        clipped: the share of the same steps whose gradient was clipped; None where nothing is.
    """

    step: int
    epoch: float
    train_loss: float
    gradient_norm: float
    learning_rate: float
    tokens: int
    recorded: bool
    clipped: float | None = None


class Trainer:
    """Trains a LanguageModel on ids.

    Attributes:
        plan: what the run has decided; may be replaced between two values.
        stride: steps between two values where nothing else asks for one; changes nothing that is computed.
        rate_factor: what the learning rate is multiplied by, by request.
        falls: how often scores have stopped improving, for schedule plateau: whoever scores counts them.
    """

    def __init__(
        self,
        config: RunConfig,
        plan: Plan,
        ids: NDArray[Any],
        vocabulary: int,
        device: str | torch.device = "cpu",
        reset_at: int | None = None,
    ) -> None:
        """Build the network, the optimiser and the cutter.

        Args:
            ids: the training text, shape (tokens,).
            vocabulary: kinds of tokens.
            reset_at: a token that is always read from the zero state.

        Raises:
            UserError: where the text is too short for one batch.
        """
        self.config = config
        self.plan = plan
        self.device = torch.device(device)
        self.stride = 1
        self.rate_factor = 1.0
        self.falls = 0
        self.step = 0
        self.tokens = 0
        self.cutter = cutter(len(ids), config.batches, config.seed)
        self.model = LanguageModel(config.model, vocabulary, torch.Generator().manual_seed(config.seed), reset_at)
        self.model.to(self.device)
        self._dropout = torch.Generator(self.device).manual_seed(config.seed + 1)
        self._ids = on_device(ids, self.device)
        self._optimiser = optimiser(self.model.parameters(), config.learning, self.device)
        self._average: Average | None = None
        if config.learning.average is not None:
            averaged = LanguageModel(config.model, vocabulary, reset_at=reset_at).to(self.device)
            self._average = Average(averaged, config.learning)
        self._state: State | None = None
        self._sums = torch.zeros(3, device=self.device)  # losses, norms, how often it was clipped
        self._summed = 0

    def __iter__(self) -> Iterator[Progress]:
        """Train to the plan's horizon, a value every `stride` steps and wherever the plan records or scores."""
        while not self.plan.ends(self.step):
            rate = self._train_step()
            recorded = self.plan.records(self.step)
            if recorded or self.plan.scores(self.step) or self.step % self.stride == 0:
                loss, norm, clipped = (self._sums / self._summed).tolist()
                clips = self.config.learning.clips and math.isfinite(clipped)
                if recorded:
                    self._sums.zero_()
                    self._summed = 0
                share = clipped if clips else None
                yield Progress(self.step, self.cutter.epochs, loss, norm, rate, self.tokens, recorded, share)

    def _train_step(self) -> float:
        """One step: forward and backward for each of its batches, clip, step. Returns the learning rate used."""
        learning, epochs = self.config.learning, self.cutter.epochs
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._add_gradient()
        for _ in range(1, learning.accumulate):
            loss = loss + self._add_gradient()
        norm, clipped = clip(self.model.parameters(), learning)
        rate = self.rate_factor * learning_rate(learning, self.plan, self.step, epochs=epochs, falls=self.falls)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self.step += 1
        if self._average is not None:
            self._average.update(self.model, self.step, self.plan.horizon)
        # Read in `__iter__` alone: on an accelerator each reading waits for all that was launched.
        self._sums += torch.stack((loss, norm, clipped))
        self._summed += 1
        return rate

    def _add_gradient(self) -> Tensor:
        """The next batch, forward and backward: its share of the step's loss, which is the mean over its batches."""
        cut = self.cutter.next()
        starts = torch.from_numpy(cut.starts).to(self.device, non_blocking=True)
        steps = torch.arange(cut.length + 1, device=self.device)
        tokens = at(self._ids, steps[:, None] + starts)
        last = self.config.batches.targets == "last"
        targets = tokens[-1] if last else tokens[1:].flatten()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.plan.precision == "bf16"):
            logits, state = self.model(tokens[:-1], self._before(cut), dropout=self._dropout, last_only=last)
        loss = mean_nats(logits.view(-1, self.model.vocabulary), targets)
        if self.config.learning.accumulate > 1:
            loss = loss / self.config.learning.accumulate
        loss.backward()  # type: ignore[no-untyped-call]
        self._state = (state[0].detach(), state[1].detach())
        self.tokens += targets.numel()
        return loss.detach()

    def _before(self, cut: Cut) -> State | None:
        """The state that a batch begins with; None is zero."""
        if self._state is None or cut.fresh.all():
            return None
        if not cut.fresh.any():
            return self._state
        return zeroed(self._state, torch.from_numpy(cut.fresh).to(self.device)[:, None])

    @property
    def averaged(self) -> LanguageModel:
        """What is scored, kept and sampled: the average of the weights where there is one, else the model."""
        return self._average.model if self._average is not None and self._average.count else self.model

    # State as a value: what a checkpoint holds.

    def weights(self) -> Arrays:
        """The weights of `averaged`, copied: name → float32 array."""
        return {name: _array(tensor) for name, tensor in self.averaged.state_dict().items()}

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """All that the training goes on from: arrays, and what JSON can say.

        `model.*` are the weights of `averaged`, so that whoever speaks from a checkpoint need not know; where
        that is an average, `raw.*` are those in training.
        """
        arrays = {f"model.{name}": array for name, array in self.weights().items()}
        if self.averaged is not self.model:
            arrays |= {f"raw.{name}": _array(tensor) for name, tensor in self.model.state_dict().items()}
        for index, values in self._optimiser.state_dict()["state"].items():
            arrays |= {f"optimizer.{index}.{key}": _array(value) for key, value in values.items()}
        if self._state is not None:
            arrays["state.hidden"], arrays["state.cell"] = map(_array, self._state)
        arrays["random.dropout"] = _array(self._dropout.get_state())
        arrays["sums"] = _array(self._sums)
        info = {
            "step": self.step,
            "tokens": self.tokens,
            "summed": self._summed,
            "rate_factor": self.rate_factor,
            "falls": self.falls,
            "averaged": self._average.count if self._average is not None else 0,
            "position": self.cutter.position(),
        }
        return arrays, info

    def load(self, arrays: Mapping[str, NDArray[Any]], info: Mapping[str, Any]) -> None:
        """Go on from what `state` gave, on this or another device.

        On a device of another type the dropout masks cannot go on where they stood (the generators differ):
        they are drawn from the seed and the step instead.

        Raises:
            KeyError, ValueError, RuntimeError: where it does not fit the model.
        """
        # A checkpoint of an earlier version holds neither falls nor averages.
        self.falls, averaged = info.get("falls", 0), info.get("averaged", 0)
        self.model.load_state_dict(_tensors(arrays, "raw." if averaged else "model."))
        if self._average is not None:
            self._average.count = averaged
            if averaged:
                self._average.model.load_state_dict(_tensors(arrays, "model."))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, array in arrays.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".")
                moments.setdefault(int(index), {})[key] = torch.from_numpy(array.copy())
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})
        if "state.hidden" in arrays:
            hidden, cell = (torch.from_numpy(arrays[f"state.{part}"].copy()) for part in ("hidden", "cell"))
            self._state = (hidden.to(self.device), cell.to(self.device))
        self.step, self.tokens, self._summed = info["step"], info["tokens"], info["summed"]
        self.rate_factor = info["rate_factor"]
        sums = arrays["sums"]
        if len(sums) == 2:  # an earlier version did not count what was clipped: not known up to the next line
            sums = np.append(sums, np.float32("nan"))
        self._sums = torch.from_numpy(sums.copy()).to(self.device)
        self.cutter.set_position(info["position"])
        masks = torch.from_numpy(arrays["random.dropout"].copy())
        if masks.shape == self._dropout.get_state().shape:
            self._dropout.set_state(masks)
        else:
            self._dropout.manual_seed(self.config.seed + 1 + self.step)


def _tensors(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, Tensor]:
    """Copies of the arrays whose names begin with `prefix`, without it."""
    return {n.removeprefix(prefix): torch.from_numpy(a.copy()) for n, a in arrays.items() if n.startswith(prefix)}


def _array(tensor: Tensor) -> NDArray[Any]:
    """A copy of a tensor that the training does not change any more."""
    return np.array(tensor.detach().cpu().numpy())
