"""The only writer: atomic replacement, appending, deleting. Disk errors become a `UserError` here.

Everything the program writes passes through these few functions, so that a full or read-only disk is
one sentence everywhere, and a test can put a fault in one place. Folders are made private (0700).
"""

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lstm_tui.errors import UserError

# Whoever goes through what a file holds may call himself so often.
_DEEPEST = 50
_SAYINGS = {
    errno.ENOSPC: "the disk is full; make room, or set LSTM_TUI_HOME to another disk",
    errno.EDQUOT: "your disk quota is used up; make room, or set LSTM_TUI_HOME to another disk",
    errno.EROFS: "the disk is read-only; set LSTM_TUI_HOME to a folder you may write to",
    errno.EACCES: "permission is denied; set LSTM_TUI_HOME to a folder you may write to",
    errno.EPERM: "permission is denied; set LSTM_TUI_HOME to a folder you may write to",
    errno.ENOTDIR: "a part of that path is a file; set LSTM_TUI_HOME to a folder you may write to",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextlib.contextmanager
def _writing(path: Path, doing: str = "write") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = _SAYINGS.get(error.errno or 0, error.strerror or str(error))
        raise UserError(f"Could not {doing} {path}: {what}.") from error


def make_folder(path: Path) -> Path:
    """Make `path` and what is missing above it, readable by its owner only."""
    with _writing(path, "make the folder"):
        for folder in reversed([path, *path.parents]):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    return path


def make_new_folder(path: Path) -> bool:
    """Make a folder that must not exist yet; False if it does, be it since a moment ago."""
    make_folder(path.parent)
    with _writing(path, "make the folder"):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            return False
    return True


def write_atomic(path: Path, content: bytes) -> None:
    """Replace `path` by `content` so that a crash at any moment leaves the old file or the new one."""
    with new_file(path) as file:
        file.write(content)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write and read, piece by piece, that replaces `path` when the block ends well.

    A new file is written beside it, forced to the disk, and renamed over it; where the block raises, nothing
    is left of it.
    """
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    with _writing(path):
        try:
            with beside.open("w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def create_exclusive(path: Path, content: bytes) -> bool:
    """Write a file that must not exist yet; False if it does. Nobody sees it half written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    write_atomic(beside, content)
    with _writing(path):
        try:
            os.link(beside, path)
        except FileExistsError:
            return False
        except OSError:  # a disk without hard links
            return _create_in_place(path, content)
        finally:
            beside.unlink(missing_ok=True)
    return True


def _create_in_place(path: Path, content: bytes) -> bool:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def link(source: Path, path: Path) -> None:
    """Give a file a second name, `path`, that stays when the first is deleted; a copy on a disk without links."""
    make_folder(path.parent)
    try:
        os.link(source, path)
        return
    except OSError:  # another disk, one without links, a file that has gone: the copy says what is wrong
        pass
    with new_file(path) as file:
        for piece in read_pieces(source, 1 << 20):
            file.write(piece)


def touch(path: Path, when: float | None = None) -> None:
    """Say that a file was used just now, or written at another time, where that can be said.

    Args:
        when: seconds since 1970.
    """
    with contextlib.suppress(OSError):
        os.utime(path, when if when is None else (when, when))  # which makes no file where it has gone


def append_line(path: Path, line: str) -> None:
    """Add one line in a single write, so that a crash cuts at most the last line.

    A line that a crash had cut is closed first, so that the new one stays readable.
    """
    with _writing(path), path.open("ab+") as file:
        cut = False
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            cut = file.read(1) != b"\n"
        file.write((("\n" if cut else "") + line + "\n").encode())


def move(path: Path, to: Path) -> None:
    """Give a file or a folder another name on the same disk."""
    with _writing(to, "rename"):
        path.rename(to)
        _sync_folder(to.parent)


def truncate(path: Path, size: int) -> None:
    """Cut a file to its first `size` bytes."""
    with _writing(path):
        os.truncate(path, size)


def delete(path: Path) -> None:
    """Delete a file or a folder with all that is in it; nothing happens where there is none."""
    with _writing(path, "delete"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def typed_path(name: str) -> Path:
    """The path that a person typed; a `~` of nobody's stays as it is."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def is_file(path: Path) -> bool:
    """Whether there is a file; no for a path that no file can have."""
    return _kind(path) == "file"


def is_folder(path: Path) -> bool:
    """Whether there is a folder; no for a path that no folder can have."""
    return _kind(path) == "folder"


def _kind(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file"


def size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return stamp(path)[0]


def stamp(path: Path) -> tuple[int, int, int, int]:
    """A file's size, when it was last written and last changed at all (nanoseconds), and its number on the disk.

    The time of the last change is the system's to set: an edit cannot hide behind an old date. Zeros where there
    is no file.
    """
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UserError(f"{path} is a pipe or a device; name a file.")
        yield
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; check the path.") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder; name one text file in it.") from None
    except PermissionError:
        raise UserError(f"{path} may not be read: permission is denied.") from None
    except OSError as error:
        raise UserError(f"Could not read {path}: {error.strerror or error}.") from error


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        UserError: where it is missing, a folder, no file (a pipe or a device might never end), or may not be read.
    """
    with _reading(path):
        return path.read_bytes()


def read_toml(path: Path, wrong: str = "is not TOML") -> dict[str, Any]:
    """The values in a TOML file.

    Args:
        wrong: what is said of a file that is none.

    Raises:
        UserError: where it is none, or nested as nobody writes it; and as `read_bytes`.
    """
    try:
        values = tomllib.loads(read_bytes(path).decode())
    except RecursionError:
        values = None
    except ValueError as error:  # no UTF-8, no TOML, or a number of thousands of digits
        raise UserError(f"{path} {wrong}: {error}.") from None
    if values is None or _deeper(values, _DEEPEST):
        raise UserError(f"{path} {wrong}: it is nested too deeply.")
    return values


def _deeper(value: object, levels: int) -> bool:
    """Whether more tables and lists than that stand within one another."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (levels == 0 or any(_deeper(one, levels - 1) for one in inner))


def read_pieces(path: Path, size: int) -> Iterator[bytes]:
    """The content of a file, `size` bytes at a time; raises as `read_bytes`."""
    with _reading(path), path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def sha256(content: bytes) -> str:
    """The checksum by which texts are known, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
