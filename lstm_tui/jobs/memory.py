"""How much memory a device has left; and memory that does not suffice, as a sentence: every library says it in its own
way. No torch here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lstm_tui import devices
from lstm_tui.errors import UserError

# CUDA and MPS name it in the message; so does the allocator of torch's CPU tensors.
_SAYINGS = ("out of memory", "DefaultCPUAllocator")


@contextmanager
def enough_memory(device: str) -> Iterator[None]:
    """Turn what PyTorch and NumPy raise for want of memory into a UserError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or any(saying in str(error) for saying in _SAYINGS):
            raise UserError(
                f"The memory of {device} is too small for this: choose a smaller model.hidden or batches.size, or "
                "another device. What was saved before is kept."
            ) from error
        raise


def free_memory(device: str) -> float | None:
    """Bytes that a device has free for this process now; None where it does not say."""
    gpu = devices.gpu_figures(device)
    if gpu is not None:
        if gpu.memory_total is None or gpu.memory_others is None:
            return None
        return gpu.memory_total - gpu.memory_others - (gpu.memory_mine or 0.0)
    here = devices.cpu_figures()
    if here.memory_total is None or here.memory_used is None:
        return None
    free = here.memory_total - here.memory_used
    group = _left_in_group()
    return free if group is None else min(free, group)


def _left_in_group(folder: Path = Path("/sys/fs/cgroup")) -> float | None:
    """Bytes that a container leaves its processes (control groups, version 2, then 1); None for no limit.

    What files take in the cache makes way, and counts as free.
    """
    for limit, used, inactive in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most = int((folder / limit).read_text())
            taken = int((folder / used).read_text())
            lines = ((folder / limit).parent / "memory.stat").read_text().splitlines()
            cache = sum(int(line.split()[1]) for line in lines if line.split()[:1] == [inactive])
        except (OSError, ValueError, IndexError):
            continue
        return float(max(0, most - taken + cache))
    return None
