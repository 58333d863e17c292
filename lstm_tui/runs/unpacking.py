"""A run in a zip, unpacked into the cache, to be read there.

Whatever made the zip: it holds one folder with a `run.toml`. Nothing is written but plain files beside that one, by
their bare names, so that no name in a zip leads elsewhere.
"""

import contextlib
import hashlib
import re
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from lstm_tui import files, locations
from lstm_tui.errors import UserError

MOST_BYTES = 32 * 2**30
_MOST_MEMBERS = 100_000
_PLAIN = re.compile(r"[\w][\w.-]{0,99}")
_KEPT = 8
_PIECE = 1 << 20


def carried(name: str) -> bool:
    """Whether a file of a run's folder belongs to it wherever it is: not who trains it, nor what is half written."""
    return bool(_PLAIN.fullmatch(name)) and name != "lock"


def unpack(path: Path) -> Path:
    """The folder of the run in a zip; unpacked once, and again when the zip has changed.

    Raises:
        UserError: where it is no zip, holds no run or several, is damaged, or too large.
    """
    path = path.absolute()
    place = locations.unpacked() / hashlib.sha256(f"{path} {files.stamp(path)}".encode()).hexdigest()[:32]
    there = _whole(place)
    if there is None:
        _unpack(path, place)
        _forget_oldest(place)
        there = _whole(place)
        assert there is not None
    files.touch(place)
    return there


def _whole(place: Path) -> Path | None:
    """The run's folder, where it was unpacked to its end: `run.toml` comes last."""
    try:
        return next((folder for folder in place.iterdir() if files.is_file(folder / "run.toml")), None)
    except OSError:
        return None


def _unpack(path: Path, place: Path) -> None:
    try:
        with _reading(path), zipfile.ZipFile(path) as archive:
            folder, members = _members(path, archive)
            _require_room(path, members)
            for name, member in members.items():
                with files.new_file(place / folder / name) as file:
                    for piece in _pieces(path, archive, member):
                        file.write(piece)
                with contextlib.suppress(ValueError, OverflowError):  # a date that is none
                    files.touch(place / folder / name, time.mktime((*member.date_time, 0, 0, -1)))
    except UserError:
        files.delete(place)
        raise


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever unpacking raises for bytes that are none of its own, as a sentence."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{path} cannot be unpacked: {str(error).rstrip('.') or type(error).__name__}.") from error


def _pieces(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    # What cannot be read is said here: around it, an error of the disk is one of writing.
    with _reading(path), archive.open(member) as packed:
        while piece := packed.read(_PIECE):
            yield piece


def _members(path: Path, archive: zipfile.ZipFile) -> tuple[str, Mapping[str, zipfile.ZipInfo]]:
    """What the run's folder is called, and its files by their bare names, `run.toml` last."""
    inside = archive.infolist()
    if len(inside) > _MOST_MEMBERS:
        raise UserError(f"{path} holds {len(inside):,} files; that is no exported run.")
    heads = [PurePosixPath(it.filename) for it in inside if PurePosixPath(it.filename).name == "run.toml"]
    if not heads:
        raise UserError(f"{path} holds no run: there is no run.toml in it.")
    if len(heads) > 1:
        raise UserError(f"{path} holds {len(heads)} runs; unpack it, and name the folder of one.")
    (head,) = heads
    found = {
        place.name: it
        for it in inside
        if (place := PurePosixPath(it.filename)).parent == head.parent and carried(place.name) and not it.is_dir()
    }
    names = (re.sub(r"[^\w.-]+", "-", name).strip("-._") for name in (head.parent.name, path.stem, "run"))
    return next(name for name in names if name), dict(sorted(found.items(), key=lambda pair: pair[0] == "run.toml"))


def _require_room(path: Path, members: Mapping[str, zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members.values())
    if total > MOST_BYTES:
        raise UserError(f"{path} would unpack to {total / 1e9:.1f} GB; at most {MOST_BYTES / 1e9:.1f} GB are unpacked.")
    free = shutil.disk_usage(files.make_folder(locations.unpacked())).free
    if total > free:
        raise UserError(
            f"{path} would unpack to {total / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free; make room, or set "
            "LSTM_TUI_HOME to another disk."
        )


def _forget_oldest(but: Path) -> None:
    """The cache keeps the few runs that were read last."""
    others = [place for place in locations.unpacked().iterdir() if place != but]
    for place in sorted(others, key=lambda place: files.stamp(place)[1], reverse=True)[_KEPT - 1 :]:
        files.delete(place)
