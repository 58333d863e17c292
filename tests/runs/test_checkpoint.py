"""Checkpoints: everything comes back, or a sentence; never anything else."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from lstm_tui.errors import UserError
from lstm_tui.runs import checkpoint
from lstm_tui.runs.checkpoint import Checkpoint

TENSORS: dict[str, Any] = {
    "model.weight": np.arange(12, dtype=np.float32).reshape(3, 4) / 7,
    "model.bias": np.array([np.inf, -0.0, 1e-40], np.float32),
    "optimizer.step": np.array(7.0, np.float32),
    "optimizer.empty": np.empty((0, 3), np.float64),
    "state.half": np.ones((2, 2), np.float16),
    "random.torch": np.arange(20, dtype=np.uint8),
    "position.order": np.array([2**40, -1], np.int64),
    "flag": np.array([True, False]),
}
INFO = {
    "step": 12,
    "loss": 1.25e-3,
    "best_score": None,
    "plan": {"horizon": 40, "precision": "fp32"},
    "state": {"state": 2**127 + 1, "has_uint32": 0},
    "reason": "stopped",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "last.safetensors"
    checkpoint.write(path, Checkpoint(TENSORS, INFO))
    return path


def test_everything_comes_back(path: Path) -> None:
    read = checkpoint.read(path)
    assert read.tensors.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(read.tensors[name], array)
        assert read.tensors[name].dtype == array.dtype and read.tensors[name].shape == array.shape
    assert {key: read.info[key] for key in INFO} == INFO
    assert checkpoint.read_info(path) == read.info


def test_arrays_that_do_not_lie_in_order_come_back(tmp_path: Path) -> None:
    array = np.arange(12.0).reshape(3, 4).T[::2]
    checkpoint.write(tmp_path / "x.safetensors", Checkpoint({"a": array}))
    np.testing.assert_array_equal(checkpoint.read(tmp_path / "x.safetensors").tensors["a"], array)


def test_parts(path: Path) -> None:
    read = checkpoint.read(path)
    assert read.part("model").keys() == {"weight", "bias"}
    assert read.part("optimizer").keys() == {"step", "empty"}


def test_any_text_comes_back(path: Path) -> None:
    checkpoint.write(path, Checkpoint({}, {"text": "“é” 🦊\n\0"}))
    assert checkpoint.read(path).info["text"] == "“é” 🦊\n\0"


def test_a_missing_checkpoint(tmp_path: Path) -> None:
    for read in (checkpoint.read, checkpoint.read_info):
        with pytest.raises(UserError, match=r"There is no checkpoint .*: the run had not saved yet\."):
            read(tmp_path / "last.safetensors")


def test_cut_at_any_length_it_is_damaged(path: Path) -> None:
    whole = path.read_bytes()
    for size in (*range(40), *range(40, len(whole), 7), len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match="damaged"):
            checkpoint.read(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(UserError, match="damaged"):
        checkpoint.read(path)


def test_any_flipped_bit_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    places = np.random.default_rng(1).permutation(len(whole) * 8)[:1000]
    for place in places.tolist():
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        path.write_bytes(changed)
        with pytest.raises(UserError):
            checkpoint.read(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a checkpoint at all, but long enough",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 99_999) + b"[" * 99_999,
        struct.pack("<Q", 18) + b'{"__metadata__":5}',
        struct.pack("<Q", 23) + b'{"__metadata__":["a",1]}'[:23],
        save({"a": np.ones(3)}),
        save({"a": np.ones(3)}, {"format": "1"}),
        save({"a": np.ones(3)}, {"format": "pt"}),
        save({"a": np.ones(3)}, {"format": "1", "sha256": '"0"'}),
    ],
)
def test_other_files_are_damaged_too(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        checkpoint.read(path)


def test_the_sentence_names_the_other_one(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(UserError, match=r"last\.safetensors is damaged .*the other one, best,"):
        checkpoint.read(path)
    path.rename(path.with_stem("best"))
    with pytest.raises(UserError, match=r"best\.safetensors is damaged .*the other one, last,"):
        checkpoint.read(path.with_stem("best"))


def test_a_newer_format_is_refused(path: Path) -> None:
    metadata = {"format": json.dumps(checkpoint.FORMAT + 1), "sha256": '"0"'}
    path.write_bytes(save({"a": np.ones(3)}, metadata))
    for read in (checkpoint.read, checkpoint.read_info):
        with pytest.raises(UserError, match=r"written by a newer lstm-tui; upgrade to read it\."):
            read(path)


def test_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Could not read .*: Is a directory\."):
        checkpoint.read(tmp_path)
