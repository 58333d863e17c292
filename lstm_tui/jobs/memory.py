"""Memory that does not suffice, as a sentence: every library says it in its own way."""

from collections.abc import Iterator
from contextlib import contextmanager

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
