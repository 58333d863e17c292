"""One safetensors file: tensors, and in its metadata all else that the run goes on from. No torch here.

`last` holds weights (`model.*`), optimiser (`optimizer.*`), carried state and random states; `best` holds
the weights. The metadata's values are JSON; `sha256` is of the tensors and of the metadata beside it, so
that a file that was cut or changed is told from a whole one. Nothing is ever unpickled.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from lstm_tui import files
from lstm_tui.errors import UserError

Kind = Literal["last", "best"]
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


def read(path: Path, prefix: str = "") -> Checkpoint:
    """A checkpoint, checked; only the tensors whose names begin with `prefix` where that is all that is needed.

    Raises:
        UserError: where it is missing, cut, changed, or of a newer format.
    """
    info = read_info(path)
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except (SafetensorError, OSError, ValueError) as error:
        raise _damaged(path) from error
    if _digest(tensors, info) != info.get("sha256"):
        raise _damaged(path)
    return Checkpoint({name: array for name, array in tensors.items() if name.startswith(prefix)}, info)


def read_info(path: Path) -> dict[str, Any]:
    """The metadata alone: fast, for lists.

    Raises:
        UserError: as `read`, but the tensors are not looked at.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > 100_000_000:
                raise _damaged(path)
            header = json.loads(file.read(length))
        metadata = header["__metadata__"]
        if int(metadata["format"]) > FORMAT:
            raise UserError(f"{path} was written by a newer lstm-tui; upgrade to read it.")
        return {key: json.loads(value) for key, value in metadata.items()}
    except FileNotFoundError:
        raise UserError(f"There is no checkpoint {path}: the run had not saved yet.") from None
    except OSError as error:
        raise UserError(f"Could not read {path}: {error.strerror or error}.") from error
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UserError:
    other = "best" if path.stem == "last" else "last"
    return UserError(
        f"The checkpoint {path} is damaged (cut short or changed); use the other one (--checkpoint {other})."
    )
