"""What libraries raise for want of memory becomes a sentence; other errors stay what they are. And what
a device, or a container, has left."""

from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_tui import devices
from lstm_tui.devices import CpuFigures, GpuFigures
from lstm_tui.errors import UserError
from lstm_tui.jobs import memory
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


def test_free_memory_is_what_the_device_and_the_container_leave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "cpu_figures", lambda: CpuFigures(memory_used=20.0, memory_total=100.0))
    monkeypatch.setattr(memory, "_left_in_group", lambda: None)
    assert memory.free_memory("cpu") == 80
    monkeypatch.setattr(memory, "_left_in_group", lambda: 50.0)
    assert memory.free_memory("cpu") == 50
    monkeypatch.setattr(devices, "cpu_figures", CpuFigures)
    assert memory.free_memory("cpu") is None
    full = GpuFigures("H100", memory_mine=5.0, memory_others=30.0, memory_total=80.0)
    monkeypatch.setattr(devices, "gpu_figures", lambda device: full)
    assert memory.free_memory("cuda:0") == 45
    monkeypatch.setattr(devices, "gpu_figures", lambda device: GpuFigures("H100"))
    assert memory.free_memory("cuda:0") is None


def test_what_a_container_leaves_is_read(tmp_path: Path) -> None:
    left = memory._left_in_group
    assert left(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 200\n")
    assert left(tmp_path) == 500
    (tmp_path / "memory.max").write_text("max\n")
    assert left(tmp_path) is None
