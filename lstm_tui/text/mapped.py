"""Arrays of ids in files of the cache: written piece by piece, checked when they are read, mapped into memory.

What the ids mean is not known here.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lstm_tui import files, locations
from lstm_tui.errors import UserError
from lstm_tui.progress import Tell, silent
from lstm_tui.text.parts import Part

# The files may take so many bytes together; the newest one may take more.
KEPT = 8 << 30
# What was not finished for so long, a day in nanoseconds, nobody will finish.
_ABANDONED = 24 * 3600 * 10**9
_PIECE = 1 << 20


class Writer:
    """A `.npy` file of one dimension that grows in several places: its parts, one after another.

    Args:
        file: to write to, from its beginning.
        dtype: of the ids.
        most: the most there will be in each part but the last; where fewer come, `finish` closes the gap.
    """

    def __init__(self, file: BinaryIO, dtype: np.dtype[Any], most: Sequence[int]) -> None:
        self._file, self._dtype = file, dtype
        self._starts = [sum(most[:part]) for part in range(len(most) + 1)]
        self._written = [0] * len(self._starts)
        self._header()

    def _header(self) -> None:
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (sum(self._written),),
        }
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(self._file, header)  # of one length, whatever the shape
        self._begin = self._file.tell()

    def _seek(self, token: int) -> None:
        self._file.seek(self._begin + token * self._dtype.itemsize)

    def write(self, part: int, ids: NDArray[Any]) -> None:
        """Add to a part, the first of which is 0."""
        self._seek(self._starts[part] + self._written[part])
        self._file.write(ids.astype(self._dtype).tobytes())
        self._written[part] += len(ids)

    def finish(self) -> list[int]:
        """Make the file whole; how many are in each part."""
        end = 0
        for begin, written in zip(self._starts, self._written, strict=True):
            if end < begin:
                self._move(begin, end, written)
            end += written
        self._seek(end)
        self._file.truncate()
        self._header()
        return self._written

    def _move(self, begin: int, to: int, tokens: int) -> None:
        """Move so many tokens towards the beginning."""
        for start in range(0, tokens, _PIECE):
            self._seek(begin + start)
            moved = self._file.read(min(_PIECE, tokens - start) * self._dtype.itemsize)
            self._seek(to + start)
            self._file.write(moved)


def array(path: Path) -> NDArray[Any]:
    """The ids in a file, mapped copy-on-write: torch takes them without a copy, and nobody can change the file.

    Raises:
        OSError, ValueError, EOFError: where it is missing or damaged.
    """
    return cast(NDArray[Any], np.load(path, mmap_mode="c", allow_pickle=False))


def path_of(key: str) -> Path:
    """Where the ids of a key are kept."""
    return locations.cache() / "ids" / f"{key}.npy"


def checksum(path: Path, tell: Tell = silent) -> str:
    """The sha256 of a file of ids.

    Raises:
        UserError: where it has gone.
    """
    return Part(path.name, path).sha256("checking the ids", tell)


def trim(newest: Path) -> None:
    """Delete the files that were not used for the longest, where all of them take more than KEPT bytes.

    A run goes on: it holds its ids by a link of its own.
    """
    by_age = sorted(newest.parent.glob("*.npy"), key=lambda path: files.stamp(path)[1], reverse=True)
    taken = files.size(newest)
    for path in by_age:
        if path == newest:
            continue
        taken += files.size(path)
        if taken > KEPT:
            with contextlib.suppress(UserError):
                delete(path)
    for left in newest.parent.glob(".*.new"):  # by a process that was killed while it wrote
        if files.stamp(newest)[1] - files.stamp(left)[1] > _ABANDONED:
            with contextlib.suppress(UserError):
                files.delete(left)


def delete(path: Path) -> None:
    """Delete a file of ids, and what is kept beside it."""
    files.delete(path.with_suffix(".json"))
    files.delete(path)
