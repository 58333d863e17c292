"""From gradients to weights: the optimisers, clipping, and the average of the weights that a run passes through."""

import math
from collections.abc import Iterable
from typing import Any

import torch
import torch._dynamo  # the first optimiser would import its 800 modules, while a person waits for the first step
from torch import Tensor, nn

from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import LearningConfig


def optimiser(
    parameters: Iterable[nn.Parameter], config: LearningConfig, device: torch.device
) -> torch.optim.Optimizer:
    """The optimiser that a config names, over all parameters; the fused one where PyTorch has it.

    Adam (Kingma & Ba 2015), AdamW (Loshchilov & Hutter 2019), AMSGrad (Reddi et al. 2018), RMSprop (Tieleman &
    Hinton 2012, `beta2` as its smoothing) or SGD with momentum (Polyak 1964). With `decay_on` matrices, what has
    fewer than two dimensions (biases) is not decayed.
    """
    everything = list(parameters)
    groups: list[dict[str, Any]] = [{"params": everything}]
    if config.decay_on == "matrices":
        groups = [
            {"params": [p for p in everything if p.ndim >= 2]},
            {"params": [p for p in everything if p.ndim < 2], "weight_decay": 0.0},
        ]
    rate, decay, fused = config.rate, config.weight_decay, device.type in ("cpu", "cuda")
    match config.optimiser:
        case "sgd":
            return torch.optim.SGD(groups, lr=rate, momentum=config.momentum, weight_decay=decay, fused=fused)
        case "rmsprop":
            return torch.optim.RMSprop(groups, lr=rate, alpha=config.beta2, weight_decay=decay)
    kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
    return kind(
        groups,
        lr=rate,
        betas=(0.9, config.beta2),
        weight_decay=decay,
        amsgrad=config.optimiser == "amsgrad",
        fused=fused,
    )


def clip(parameters: Iterable[nn.Parameter], config: LearningConfig) -> tuple[Tensor, Tensor]:
    """Cut the gradient's values to `clip_value` (Graves 2013), then shorten it to `clip` (Pascanu et al. 2013).

    Returns:
        The gradient's norm as it was before, and whether either was needed, as 1 or 0: scalars on its device,
        which nobody has waited for.
    """
    parameters = [parameter for parameter in parameters if parameter.grad is not None]
    before = norm = _norm(parameters)
    clipped = torch.zeros_like(before)
    if config.clip_value is not None:
        clipped = (_norm(parameters, math.inf) > config.clip_value).to(before.dtype)
        torch.nn.utils.clip_grad_value_(parameters, config.clip_value)
        if config.clip is not None:
            norm = _norm(parameters)
    if config.clip is not None:
        clipped = torch.maximum(clipped, (norm > config.clip).to(before.dtype))
        torch.nn.utils.clip_grads_with_norm_(parameters, config.clip, norm)
    return before, clipped


def _norm(parameters: list[nn.Parameter], kind: float = 2.0) -> Tensor:
    """Of all gradients as one vector: `kind` 2 its length, infinity its largest value."""
    return torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None], kind)


class Average:
    """The average of a model's weights over its steps; training does not notice it.

    `mean` is over the last `average_share` of the run (Polyak & Juditsky 1992; Merity et al. 2017 average SGD so).
    `ema` keeps `average_decay` of the average at each step, but at first less: n / (n + 10) after n steps, so that
    the weights of the beginning are soon forgotten.

    Attributes:
        model: holds the average.
        count: steps averaged; at 0 there is no average, and `model` means nothing.
    """

    def __init__(self, model: LanguageModel, config: LearningConfig) -> None:
        """Average into `model`, which has the shape of the one in training."""
        self.model = model.requires_grad_(False)
        self.count = 0
        self._config = config

    @torch.no_grad()
    def update(self, model: LanguageModel, step: int, horizon: int | None) -> None:
        """Take in the weights after `step` steps. A horizon that moves on past this step begins the mean anew."""
        if self._config.average == "mean" and (horizon is None or step <= (1 - self._config.average_share) * horizon):
            self.count = 0
            return
        self.count += 1
        share = 1 / self.count
        if self._config.average == "ema":
            share = max(1 - self._config.average_decay, 10 / (9 + self.count))
        kept: list[Tensor] = list(self.model.parameters())
        new: list[Tensor] = list(model.parameters())
        if self.count == 1:
            torch._foreach_copy_(kept, new)
        else:
            torch._foreach_lerp_(kept, new, share)
