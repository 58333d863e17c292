"""What libraries raise for want of memory becomes a sentence; other errors stay what they are."""

import numpy as np
import pytest
import torch

from lstm_tui.errors import UserError
from lstm_tui.jobs.memory import enough_memory


def test_torchs_own_refusal_on_a_cpu() -> None:
    with pytest.raises(UserError, match="memory of cpu is too small"), enough_memory("cpu"):
        torch.empty(2**50)


def test_numpys_refusal() -> None:
    with pytest.raises(UserError, match="too small"), enough_memory("cpu"):
        np.empty(2**50)


def test_cudas_refusal() -> None:
    with pytest.raises(UserError, match="memory of cuda:0"), enough_memory("cuda:0"):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shape"), enough_memory("cpu"):
        raise RuntimeError("shape mismatch")
