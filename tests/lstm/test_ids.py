"""Ids keep their numbers on a device, and are not copied from a disk."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lstm_tui.config import check
from lstm_tui.lstm.ids import at, on_device
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer

CPU = torch.device("cpu")
PLACES = torch.tensor([[0, 3], [2, 1]])


@pytest.mark.parametrize(
    ("dtype", "largest"), [(np.uint8, 255), (np.uint16, 32_767), (np.uint16, 65_535), (np.uint32, 2**31 - 1)]
)
def test_ids_keep_their_numbers(dtype: type, largest: int) -> None:
    ids: NDArray[Any] = np.array([0, 1, largest - 1, largest], dtype)
    found = at(on_device(ids, CPU), PLACES)
    assert found.dtype == torch.int64 and found.tolist() == [[0, largest], [largest - 1, 1]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_mapped_ids_are_not_copied(dtype: type, tmp_path: Path) -> None:
    np.save(tmp_path / "ids.npy", np.arange(200, dtype=dtype))
    ids = np.load(tmp_path / "ids.npy", mmap_mode="c")
    tensor = on_device(ids[50:], CPU)
    assert tensor.data_ptr() == ids[50:].ctypes.data and at(tensor, slice(0, 2)).tolist() == [50, 51]


def test_ids_that_may_not_be_written_to_are_copied() -> None:
    ids = np.arange(9, dtype=np.uint8)
    ids.flags.writeable = False
    assert on_device(ids, CPU).tolist() == list(range(9))


def test_training_does_not_depend_on_how_wide_ids_are() -> None:
    values = {"model": {"hidden": 8, "embedding": 4}, "batches": {"size": 2, "length": 8}}
    losses = []
    for dtype in (np.uint8, np.uint16, np.uint32):
        ids = np.random.default_rng(1).integers(9, size=300).astype(dtype)
        trainer = Trainer(check(values), Plan(5, 5, 1, "fp32", 1), ids, 9)
        losses.append([progress.train_loss for progress in trainer])
    assert losses[0] == losses[1] == losses[2]
