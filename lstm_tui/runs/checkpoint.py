"""One safetensors file: tensors, and in its metadata all else that the run goes on from. No torch here.

`last` holds weights (`model.*`), optimiser (`optimizer.*`), carried state and random states; `best` holds the weights,
and `start` those that a run began with, where they are another's. The metadata's values are JSON; `sha256` is of the
tensors and of the metadata beside it, so that a file that was cut or changed is told from a whole one. Nothing is ever
unpickled.
"""

import contextlib
import hashlib
import io
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lstm_tui import files
from lstm_tui.errors import UserError

Kind = Literal["last", "best", "start"]
FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        tensors: name → array.
        info: what JSON can say: step, losses, plan, random states, position.
    """

    tensors: Mapping[str, NDArray[Any]]
    info: Mapping[str, Any] = field(default_factory=dict)

    def part(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The tensors whose names begin with `prefix.`, without it."""
        return {
            name.removeprefix(prefix + "."): array
            for name, array in self.tensors.items()
            if name.startswith(prefix + ".")
        }


def _digest(tensors: Mapping[str, NDArray[Any]], info: Mapping[str, Any]) -> str:
    others = {key: value for key, value in info.items() if key != "sha256"}
    total = hashlib.sha256(json.dumps(others, sort_keys=True).encode())
    for name in sorted(tensors):
        array = tensors[name]
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that a crash at any moment leaves the old one or the new one, whole."""
    tensors = {name: np.asarray(array, order="C") for name, array in checkpoint.tensors.items()}
    info = {**checkpoint.info, "format": FORMAT}
    info["sha256"] = _digest(tensors, info)
    files.write_atomic(path, save(tensors, {key: json.dumps(value) for key, value in info.items()}))


def read(path: Path) -> Checkpoint:
    """A checkpoint, checked.

    Raises:
        UserError: where it is missing, cut, changed, or of a newer format.
    """
    # Read in one go: the file may be replaced by a newer one at any moment.
    with _opened(path) as file:
        content = file.read()
    info = _info(path, io.BytesIO(content))
    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _damaged(path) from error
    if _digest(tensors, info) != info.get("sha256"):
        raise _damaged(path)
    return Checkpoint(tensors, info)


def read_info(path: Path) -> dict[str, Any]:
    """The metadata alone: fast, for lists.

    Raises:
        UserError: as `read`, but the tensors are not looked at.
    """
    with _opened(path) as file:
        return _info(path, file)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        why = "the run was copied or moved without it" if path.stem == "start" else "the run had not saved yet"
        raise UserError(f"There is no checkpoint {path}: {why}.") from None
    except OSError as error:
        raise UserError(f"Could not read {path}: {error.strerror or error}.") from error


def _info(path: Path, file: BinaryIO) -> dict[str, Any]:
    """The metadata in safetensors' header: eight bytes of length, then JSON."""
    try:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > 100_000_000:
            raise _damaged(path)
        metadata = json.loads(file.read(length))["__metadata__"]
        if int(metadata["format"]) > FORMAT:
            raise UserError(f"{path} was written by a newer lstm-tui; upgrade to read it.")
        return {key: json.loads(value) for key, value in metadata.items()}
    except (struct.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UserError:
    if path.stem == "start":
        return UserError(f"The checkpoint {path} is damaged (cut short or changed): begin a new run from its parent.")
    other = "best" if path.stem == "last" else "last"
    return UserError(f"The checkpoint {path} is damaged (cut short or changed); the other one, {other}, may be whole.")
