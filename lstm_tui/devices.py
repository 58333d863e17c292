"""Which devices exist, which one is chosen and why, and how busy they are. Any figure may be absent.

Torch is imported inside functions only, and not at all for the CPU; NVML (the driver's own library) says
what there is without it. NVML's devices are matched to torch's by UUID: their orders differ.
"""

import functools
import math
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lstm_tui.errors import UserError

_T = TypeVar("_T")


@dataclass(frozen=True)
class Device:
    """A device that can be used.

    Attributes:
        name: as torch and `--device` call it: cpu, cuda:1, mps.
        label: for a person, with its memory.
        reason: one sentence on why it was chosen.
        warning: what the person should know, such as a GPU that torch cannot use; or "".
    """

    name: str
    label: str
    reason: str
    warning: str = ""


@dataclass(frozen=True)
class GpuFigures:
    """How busy a GPU is: percent, bytes, °C, watts; None for what it does not tell."""

    name: str
    use: float | None = None
    memory_mine: float | None = None
    memory_others: float | None = None
    memory_total: float | None = None
    temperature: float | None = None
    power: float | None = None


@dataclass(frozen=True)
class CpuFigures:
    """How busy the machine is: percent of all its cores, and bytes; None for what it does not tell."""

    use: float | None = None
    use_mine: float | None = None
    memory_mine: float | None = None
    memory_used: float | None = None
    memory_total: float | None = None


# Choosing.


def choose(requested: str = "auto") -> Device:
    """The device to use: the one asked for, or a GPU where there is one that works.

    Raises:
        UserError: where the one asked for is not there.
    """
    if requested == "cpu":
        return _cpu("asked for")
    found = available()
    if requested == "auto":
        return found[0]
    for device in found:
        if requested == device.name or requested == device.name.partition(":")[0]:
            return Device(device.name, device.label, "asked for")
    names = ", ".join(device.name for device in found)
    cause = found[0].warning or "PyTorch does not see it"
    raise UserError(f"There is no device {requested!r} here ({cause.rstrip('.')}); there is {names}.")


def available() -> list[Device]:
    """All usable devices, the one that `auto` takes first: CUDA by free memory, Apple's MPS, the CPU."""
    import torch

    warning = ""
    gpus: list[tuple[float, Device]] = []
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for index in range(count):
        try:
            name, capability = torch.cuda.get_device_name(index), torch.cuda.get_device_capability(index)
            if not _has_kernels(capability, torch.cuda.get_arch_list()):
                warning = _unusable_gpu(torch.version.cuda, name)
                continue
            free = _free_memory(index)
        except RuntimeError as error:  # one that is held by another, or failing, does not hide the others
            warning = f"The GPU cuda:{index} cannot be used: {str(error).splitlines()[0].rstrip('.')}."
            continue
        label = f"cuda:{index} {name.removeprefix('NVIDIA ')}, {free / 2**30:.0f} G free"
        reason = "the GPU with most free memory" if count > 1 else "the GPU of this machine"
        gpus.append((free, Device(f"cuda:{index}", label, reason, warning)))
    found = [device for _, device in sorted(gpus, key=lambda pair: -pair[0])]
    if torch.backends.mps.is_available():
        found.append(Device("mps", "mps, Apple's GPU", "the GPU of this machine"))
    if found:
        return [*found, _cpu("the processor", warning)]
    return [_cpu("PyTorch sees no GPU here", warning or _hidden_gpu(torch.version.cuda))]


def _has_kernels(capability: tuple[int, int], built_for: list[str]) -> bool:
    """Whether a build has code for a GPU: of its generation and not newer, or to be translated to it."""
    for target in built_for:
        kind, _, number = target.partition("_")
        digits = "".join(filter(str.isdigit, number))
        major, minor = int(digits[:-1]), int(digits[-1])
        if kind == "sm" and major == capability[0] and minor <= capability[1]:
            return True
        if kind == "compute" and (major, minor) <= capability:
            return True
    return not built_for


def _free_memory(index: int) -> float:
    """Free bytes of a GPU: from NVML, since torch would open the GPU to look."""
    import torch

    handle = _nvml_handles().get(str(torch.cuda.get_device_properties(index).uuid))
    memory = _ask(lambda: _nvml().nvmlDeviceGetMemoryInfo(handle)) if handle else None
    return float(memory.free if memory is not None else torch.cuda.mem_get_info(index)[0])


def accelerator_suspected() -> bool:
    """Whether it is worth importing torch to look for an accelerator."""
    return (platform.system(), platform.machine()) == ("Darwin", "arm64") or bool(_nvml_handles())


def _cpu(reason: str, warning: str = "") -> Device:
    count = threads()
    return Device("cpu", f"cpu, {count} thread{'s' if count > 1 else ''}", reason, warning)


def threads() -> int:
    """Threads that computing may use: physical cores, within this process's affinity and cgroup quota."""
    import psutil

    limits: list[float] = [psutil.cpu_count(logical=False) or 1_000_000, os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    quota = _cgroup_quota()
    if quota is not None:
        limits.append(quota)
    return max(1, math.floor(min(limits)))


def _cgroup_quota(root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")) -> float | None:
    """Processors that the control groups above this process allow (version 2, then 1); None for no limit."""
    quotas = []
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        base = root / "cpu" if "cpu" in controllers.split(",") else root
        if controllers and "cpu" not in controllers.split(","):
            continue
        folder = base / path.lstrip("/")
        for place in (folder, *folder.parents):
            if place == base.parent:
                break
            quota = _quota(place)
            if quota is not None:
                quotas.append(quota)
    return min(quotas, default=None)


def _quota(folder: Path) -> float | None:
    try:
        if (folder / "cpu.max").exists():
            allowed, period = (folder / "cpu.max").read_text().split()
        else:
            allowed = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        return None if allowed in ("max", "-1") else int(allowed) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


# What NVML says.


@functools.cache
def _nvml() -> Any:
    """The NVML module, started; None where there is no NVIDIA driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _ask(question: Callable[[], _T]) -> _T | None:
    """An answer of NVML's, or None: every figure may fail alone."""
    import pynvml

    try:
        return question()
    except (pynvml.NVMLError, AttributeError, ValueError, UnicodeDecodeError):
        return None


@functools.cache
def _nvml_handles() -> dict[str, Any]:
    """UUID → NVML's handle of each GPU."""
    nvml = _nvml()
    if nvml is None:
        return {}
    handles = {}
    for index in range(_ask(nvml.nvmlDeviceGetCount) or 0):
        handle = _ask(lambda index=index: nvml.nvmlDeviceGetHandleByIndex(index))  # type: ignore[misc]
        uuid = _ask(lambda handle=handle: nvml.nvmlDeviceGetUUID(handle))  # type: ignore[misc]
        if handle is not None and uuid is not None:
            handles[str(uuid).removeprefix("GPU-")] = handle
    return handles


def _hidden_gpu(torch_cuda: str | None) -> str:
    """A sentence where NVML sees a GPU though torch sees none; "" where there is none, or it was hidden on purpose."""
    handles = _nvml_handles()
    if not handles or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return ""
    name = _ask(lambda: _nvml().nvmlDeviceGetName(next(iter(handles.values()))))
    return _unusable_gpu(torch_cuda, name or "an NVIDIA GPU")


def _unusable_gpu(torch_cuda: str | None, name: str) -> str:
    """A sentence on a GPU that this torch cannot use, with the versions that must match."""
    driver = _ask(lambda: _nvml().nvmlSystemGetDriverVersion()) or "unknown"
    version = _ask(lambda: _nvml().nvmlSystemGetCudaDriverVersion())
    cuda = f"{version // 1000}.{version % 1000 // 10}" if version else "unknown"
    build = f"built for CUDA {torch_cuda}" if torch_cuda else "built without CUDA"
    return (
        f"There is a GPU ({name}, driver {driver}, CUDA up to {cuda}), but this PyTorch, {build}, cannot use it: "
        "install the PyTorch that matches, see https://pytorch.org/get-started/locally/."
    )


def gpu_figures(device: str) -> GpuFigures | None:
    """How busy a GPU is; None for the CPU and for what NVML does not know."""
    if not device.startswith("cuda") or "torch" not in sys.modules:
        return None
    import torch

    index = int(device.partition(":")[2] or 0)
    handle = _nvml_handles().get(str(torch.cuda.get_device_properties(index).uuid))
    if handle is None:
        return GpuFigures(torch.cuda.get_device_name(index))
    nvml = _nvml()
    memory = _ask(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    mine = _memory_of_this_process(handle) or float(torch.cuda.memory_reserved(index))
    power = _ask(lambda: nvml.nvmlDeviceGetPowerUsage(handle))
    use = _ask(lambda: nvml.nvmlDeviceGetUtilizationRates(handle))
    return GpuFigures(
        name=torch.cuda.get_device_name(index),
        use=None if use is None else float(use.gpu),
        memory_mine=mine,
        memory_others=None if memory is None else max(0.0, float(memory.used) - mine),
        memory_total=None if memory is None else float(memory.total),
        temperature=_ask(lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))),
        power=None if power is None else power / 1000,
    )


def _memory_of_this_process(handle: Any) -> float | None:
    """Bytes on a GPU, torch's own context included; None where the driver does not say (as in a container)."""
    processes = _ask(lambda: _nvml().nvmlDeviceGetComputeRunningProcesses(handle)) or []
    used = [process.usedGpuMemory for process in processes if process.pid == os.getpid()]
    return float(used[0]) if used and used[0] else None


@functools.cache
def _this_process() -> Any:
    import psutil

    return psutil.Process()


def cpu_figures() -> CpuFigures:
    """How busy the machine and this process have been since the last call."""
    import psutil

    try:
        memory = psutil.virtual_memory()
        mine = _this_process()
        cores = psutil.cpu_count() or 1
        return CpuFigures(
            use=psutil.cpu_percent(),
            use_mine=mine.cpu_percent() / cores,
            memory_mine=float(mine.memory_info().rss),
            memory_used=float(memory.total - memory.available),
            memory_total=float(memory.total),
        )
    except (psutil.Error, OSError):
        return CpuFigures()
