"""The choice among CUDA's devices and their figures, with torch's answers and NVML's put in their mouths."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lstm_tui import devices
from lstm_tui.errors import UserError

G = 2**30


class Nvml(SimpleNamespace):
    """NVML's answers: memory by handle; what is not here fails, as a driver may."""

    def __init__(self, free: dict[str, int], **answers: Any) -> None:
        super().__init__(NVML_TEMPERATURE_GPU=0, **answers)
        self.free = free

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        return SimpleNamespace(free=self.free[handle], used=80 * G - self.free[handle], total=80 * G)


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two H100: NVML lists them the other way round than torch, as it does."""
    free = {"first": 20 * G, "second": 71 * G}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "NVIDIA H100")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda index: (9, 0))
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_80", "sm_90"])
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda index: 2 * G)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: SimpleNamespace(uuid=f"uuid-{index}"))
    monkeypatch.setattr(devices, "_nvml", lambda: Nvml(free))
    monkeypatch.setattr(devices, "_nvml_handles", lambda: {"uuid-1": "second", "uuid-0": "first"})


def names() -> list[str]:
    return [device.name for device in devices.available()]


@pytest.mark.usefixtures("gpus")
def test_auto_takes_the_one_with_most_free_memory_and_says_so() -> None:
    assert names() == ["cuda:1", "cuda:0", "cpu"]
    chosen = devices.choose("auto")
    assert (chosen.label, chosen.reason) == ("cuda:1 H100, 71 G free", "the GPU with most free memory")
    assert devices.choose("cuda").name == "cuda:1" and devices.choose("cuda:0").name == "cuda:0"
    with pytest.raises(UserError, match=r"no device 'cuda:2' here .*cuda:1, cuda:0, cpu"):
        devices.choose("cuda:2")


@pytest.mark.usefixtures("gpus")
def test_figures_are_of_the_same_gpu_and_what_fails_is_absent() -> None:
    figures = devices.gpu_figures("cuda:1")
    assert figures is not None
    assert (figures.memory_mine, figures.memory_others, figures.memory_total) == (2 * G, 7 * G, 80 * G)
    assert (figures.use, figures.temperature, figures.power) == (None, None, None)


@pytest.mark.usefixtures("gpus")
def test_one_that_fails_does_not_hide_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def capability(index: int) -> tuple[int, int]:
        if index == 1:
            raise RuntimeError("CUDA-capable device(s) is/are busy or unavailable\nmore")
        return 9, 0

    monkeypatch.setattr(torch.cuda, "get_device_capability", capability)
    assert names() == ["cuda:0", "cpu"]
    assert "cuda:1 cannot be used: CUDA-capable" in devices.available()[-1].warning


@pytest.mark.usefixtures("gpus")
def test_a_gpu_without_kernels_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda index: (6, 1))
    monkeypatch.setattr(devices, "_nvml", lambda: Nvml({}, nvmlSystemGetDriverVersion=lambda: "580.159"))
    only = devices.available()
    assert [device.name for device in only] == ["cpu"]
    assert "H100" in only[0].warning and "580.159" in only[0].warning and "pytorch.org" in only[0].warning


def test_a_gpu_that_torch_does_not_see_is_named_with_its_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = Nvml(
        {},
        nvmlDeviceGetName=lambda handle: "NVIDIA A100",
        nvmlSystemGetDriverVersion=lambda: "535.54",
        nvmlSystemGetCudaDriverVersion=lambda: 12020,
    )
    monkeypatch.setattr(devices, "_nvml", lambda: nvml)
    monkeypatch.setattr(devices, "_nvml_handles", lambda: {"uuid": "a100"})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    warning = devices.choose("auto").warning
    assert all(part in warning for part in ("NVIDIA A100", "driver 535.54", "CUDA up to 12.2", "PyTorch"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert devices.choose("auto").warning == ""


@pytest.mark.parametrize(
    ("capability", "built_for", "has"),
    [
        ((9, 0), ["sm_80", "sm_90"], True),
        ((8, 9), ["sm_80", "sm_86"], True),
        ((8, 0), ["sm_86"], False),
        ((9, 0), ["sm_80", "sm_86"], False),
        ((12, 0), ["sm_90", "compute_90"], True),
        ((6, 1), ["sm_75", "sm_120", "compute_120"], False),
        ((9, 0), ["sm_90a"], True),
    ],
)
def test_kernels_for_a_generation(capability: tuple[int, int], built_for: list[str], has: bool) -> None:
    assert devices._has_kernels(capability, built_for) is has
