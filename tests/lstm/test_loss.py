"""The loss that uses its logits up is PyTorch's own, gradient and all."""

import pytest
import torch
from torch.nn import functional

from lstm_tui.lstm import loss
from lstm_tui.lstm.loss import mean_nats


def masks(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("at_once", [1, 70, 1 << 18])
@pytest.mark.parametrize("many", [0, 1 << 21])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_loss_and_gradient_are_pytorchs(
    at_once: int, many: int, precision: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss, "_AT_ONCE", at_once)
    monkeypatch.setattr(loss, "_MANY", many)
    passing = torch.randn(17, 5, generator=masks(1))
    weights, targets = torch.randn(31, 5, generator=masks(2)), torch.randint(31, (17,), generator=masks(3))

    def made(ours: bool) -> tuple[float, torch.Tensor, torch.Tensor]:
        entering, output = passing.clone().requires_grad_(), weights.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision is torch.bfloat16):
            logits = functional.linear(entering, output)
        assert logits.dtype is precision
        nats = mean_nats(logits, targets) if ours else functional.cross_entropy(logits.float(), targets)
        assert nats.dtype is torch.float32
        # As a share of a step of several batches.
        torch.autograd.backward(nats / 3)
        assert entering.grad is not None and output.grad is not None
        return nats.item(), entering.grad, output.grad

    own, pytorchs = made(True), made(False)
    assert own[0] == pytest.approx(pytorchs[0], rel=1e-6)
    # In bfloat16 the gradient is rounded before the share is taken, not after.
    atol, rtol = (1e-7, 1e-5) if precision is torch.float32 else (1e-4, 2e-2)
    for one, other in zip(own[1:], pytorchs[1:], strict=True):
        torch.testing.assert_close(one, other, atol=atol, rtol=rtol)


def test_a_token_that_seemed_impossible_costs_what_it_should() -> None:
    logits = torch.zeros(3, 1 << 20).requires_grad_()
    with torch.no_grad():
        logits[:, 0] = 300.0
    nats = mean_nats(logits * 1, torch.tensor([0, 0, 5]))
    assert nats.item() == pytest.approx(100.0)
    torch.autograd.backward(nats)
    assert logits.grad is not None and logits.grad[2, 5].item() == pytest.approx(-1 / 3)
