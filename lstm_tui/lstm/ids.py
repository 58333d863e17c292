"""Ids on a device, as narrow as torch can index everywhere, and without a copy where they are on a disk."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def on_device(ids: NDArray[Any], device: torch.device) -> Tensor:
    """Ids as a tensor on a device, to be read by `at`.

    Args:
        ids: (tokens,) of 1, 2 or 4 unsigned bytes, below 2^31; on a processor they are not copied but where
            they may not be written to (torch knows no such tensors).

    Returns:
        (tokens,) uint8, int32, or int16 that holds 16 unsigned bits: not every device indexes torch.uint16.
    """
    if not ids.flags.writeable:
        ids = ids.copy()
    signed = {2: np.int16, 4: np.int32}.get(ids.dtype.itemsize)
    return torch.from_numpy(ids if signed is None else ids.view(signed)).to(device)


def at(ids: Tensor, places: Tensor | slice) -> Tensor:
    """The ids at some places, int64, in the places' shape."""
    found = ids[places].long()
    return found & 0xFFFF if ids.dtype == torch.int16 else found
