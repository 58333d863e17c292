"""The loss of a training step; where there are many logits, its gradient takes their place.

For a vocabulary of words the logits are the largest tensor of a step. PyTorch's cross-entropy makes up to five more of
their size, and to be given that much memory anew at each step takes a processor longer than the arithmetic.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# From so many logits on (8 MB in float32), and on a processor alone; below, PyTorch's own is as fast.
_MANY = 1 << 21
# Elements of the logits that are worked on at once: 1 MB in float32, which stays in a core's cache.
_AT_ONCE = 1 << 18


def mean_nats(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats, as `functional.cross_entropy` has it; the logits may be used up.

    Args:
        logits: (tokens, vocabulary), float32 or bfloat16; the sums are float32.
        targets: (tokens,) int64.
    """
    if logits.numel() < _MANY or logits.device.type != "cpu":
        return functional.cross_entropy(logits.float(), targets)
    loss: Tensor = _MeanNats.apply(logits, targets)  # type: ignore[no-untyped-call]
    return loss


class _MeanNats(torch.autograd.Function):
    """The gradient, (softmax - one-hot) / tokens, is worked out with the loss."""

    @staticmethod
    def forward(context: Any, logits: Tensor, targets: Tensor) -> Tensor:
        used, share = logits.detach(), 1 / len(targets)
        total = torch.zeros((), device=used.device)
        rows = max(1, _AT_ONCE // used.shape[1])
        for part, aims in zip(torch.split(used, rows), torch.split(targets[:, None], rows), strict=True):
            likelihoods = functional.log_softmax(part, -1, dtype=torch.float32)
            total -= likelihoods.gather(1, aims).sum()
            gradient = likelihoods.exp_().mul_(share)
            gradient.scatter_add_(1, aims, gradient.new_full(aims.shape, -share))
            part.copy_(gradient)
        context.gradient = used
        return total * share

    @staticmethod
    def backward(context: Any, outer: Tensor) -> tuple[Tensor, None]:
        return context.gradient.mul_(outer), None
