"""The library: finding the text that is meant, and one's own texts: added, renamed, removed, settled.

What there is, and where its bytes are, is in `shelves.py`. Runs go on whatever happens here: they hold their ids.
Imported by the app before its first picture: nothing heavy at the top.
"""

import hashlib
import itertools
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lstm_tui import files, locations
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.text import folders, labels
from lstm_tui.text.parts import PIECE, Part
from lstm_tui.text.shelves import (
    Entry,
    Group,
    Taken,
    built_in,
    default,
    entries,
    in_folders,
    key,
    of_path,
    own,
    parts,
    troubles,
)

if TYPE_CHECKING:  # the app lists texts before it has loaded pydantic
    from lstm_tui.sections import TextConfig

__all__ = [
    "Entry",
    "Group",
    "Taken",
    "add",
    "built_in",
    "default",
    "entries",
    "find",
    "in_folders",
    "own",
    "parts",
    "remove",
    "rename",
    "set_text",
    "settled",
    "troubles",
]

# Bytes of a name: a disk allows 255, and what is written beside it is named after it.
_LONGEST = 200
# Texts from pipes that stay in the cache: enough for whatever still reads one.
_PIPED = 8


# Which one is meant.


def find(*names: str, tell: Tell = silent) -> Entry:
    """The text of that name, or in the file or folder at that path; of several names, one text of all of them.

    `-` is standard input; it and pipes are read once, here.

    Raises:
        UserError: where there is no such text, or several belong to different settings.
    """
    found = [_find(name, tell) for name in dict.fromkeys(names)]
    if len(found) == 1:
        return found[0]
    if len({entry.text for entry in found}) > 1:
        kept = "; ".join(f"{entry.name}: {', '.join(map(' '.join, entry.text)) or 'none'}" for entry in found)
        raise UserError(f"These texts have settings of their own, which differ ({_line(kept)}); learn one of them.")
    paths = tuple(dict.fromkeys(path for entry in found for path in _paths(entry)))
    rest = f" and {len(found) - 1} more"
    about = ", ".join(entry.name for entry in found)
    size = sum(entry.size for entry in found)
    return Entry(found[0].name + rest, found[0].title + rest, about, size, "given", paths, found[0].text)


def _find(name: str, tell: Tell) -> Entry:
    if name == "-":
        return _piped(None, tell)
    known = entries()
    for entry in known:
        if entry.name == name:
            return entry
    path = files.typed_path(name)
    if _is_pipe(path):
        return _piped(path, tell)
    if name and (files.is_folder(path) or files.is_file(path)):  # no name is not this folder
        path = path.absolute()
        return next((entry for entry in known if entry.paths == (path,)), None) or of_path(path, "given")
    listed = ", ".join(entry.name for entry in known)
    raise UserError(f"There is no text and no file {name!r}; give a path, or one of {_line(listed)}.")


def _paths(entry: Entry) -> tuple[Path, ...]:
    """The files and folders of a text, be it built in."""
    if entry.paths:
        return entry.paths
    if any(isinstance(part.content, bytes) for part in parts(entry).parts):
        raise UserError(f"{entry.name} cannot be learnt together with other texts; learn it alone.")
    return tuple(part.content for part in parts(entry).parts if isinstance(part.content, Path))


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _piped(path: Path | None, tell: Tell) -> Entry:
    """What comes through a pipe, or from standard input."""
    if path is None and (sys.stdin is None or sys.stdin.isatty()):
        raise UserError("Nothing comes from standard input; pipe a text in: cat *.txt | lstm-tui train --corpus -")
    try:
        if path is None:
            kept = _spooled(sys.stdin.buffer, tell)
        else:
            with path.open("rb") as stream:
                kept = _spooled(stream, tell)
    except OSError as error:
        raise UserError(f"Could not read standard input: {error.strerror or error}.") from None
    return Entry("stdin", "standard input", "standard input", files.size(kept), "given", (kept,))


def _spooled(stream: IO[bytes], tell: Tell) -> Path:
    """All bytes of a pipe, in a file of the cache that is named by their checksum."""
    folder = files.make_folder(locations.cache() / "given")
    beside = folder / f".{os.getpid()}"
    digest = hashlib.sha256()
    with files.new_file(beside) as file:
        while piece := stream.read(PIECE):
            digest.update(piece)
            file.write(piece)
            tell(f"reading standard input, {file.tell() / 1e6:,.0f} MB", 0.0)
    target = folder / digest.hexdigest()
    files.move(beside, target)
    earlier = [path for path in folder.iterdir() if path.name[0] != "." and path != target]
    for path in sorted(earlier, key=lambda path: files.stamp(path)[1])[: -_PIPED + 1]:
        files.delete(path)
    return target


# One's own: put in, renamed, taken out. Runs go on all the same: they hold their ids.


def add(
    path: Path,
    text: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
    title: str = "",
    about: str = "",
    tell: Tell = silent,
) -> Entry:
    """Copy a file, or what is taken of a folder, into the library, so that it is listed and stays.

    The same content is kept once: the text there is comes back; under another name or with other settings it is
    another text, a second name of the same file.

    Args:
        text: settings that belong to it, as they would be typed (`column`, `pattern`, `malformed` …).
        name: instead of the file's; one that is taken gets a number.
        about: where it comes from; its path otherwise.

    Raises:
        Malformed: for a file of broken Unicode, where `malformed` is not set.
        UserError: where it cannot be read as text, a setting does not fit, or the copy not be written.
    """
    path = files.typed_path(str(path)).absolute()
    shown = name or folders.shown(path.name)
    settings = settled(text or {})
    found = parts(Entry(shown, shown, "", 0, "given", (path,)), settings.pattern, tell).parts
    _require_text(found, settings, tell)
    size = sum(part.size for part in found)
    same = _same(found, size, tell)
    for entry in same:
        if name in (None, entry.name) and (not text or tuple(sorted(text.items())) == entry.text):
            return entry
    kept = parts(same[0]).parts if same else []
    is_folder = files.is_folder(path)
    target = locations.corpora() / _free(shown, is_folder)
    beside = target.with_name(f".{target.name}.{os.getpid()}.adding")
    try:
        for part, there in itertools.zip_longest(found, kept):
            inside = Path(part.content).relative_to(path) if isinstance(part.content, Path) else Path()
            copy = beside / inside if is_folder else beside
            if there and isinstance(there.content, Path):
                files.link(there.content, copy)
                continue
            with files.new_file(copy) as file:
                for piece in _told(part, "copying", tell):
                    file.write(piece)
        files.move(beside, target)
    finally:
        files.delete(beside)
    labels.write(target.name, labels.Label(title, about or folders.shown(str(path)), size, text))
    return of_path(target, "yours")


def rename(entry: Entry, name: str) -> Entry:
    """Give one of one's own texts another name.

    Raises:
        UserError: where it is not one's own, the name is taken, or can be no file's name.
    """
    _require_own(entry)
    if name == entry.name:
        return entry
    if name != _proper(name):
        raise UserError(f"A text cannot be named {name!r}; take a name like {_proper(name)}.")
    path = entry.paths[0].with_name(name)
    if name in {other.name for other in entries()} or os.path.lexists(path):
        raise UserError(f"There is a text {name} already; choose another name.")
    labels.write(name, labels.read(key(entry)))
    files.move(entry.paths[0], path)
    labels.forget(key(entry))
    return of_path(path, "yours")


def remove(entry: Entry) -> None:
    """Delete one of one's own texts from the library.

    Raises:
        UserError: where it is not one's own, or cannot be deleted.
    """
    _require_own(entry)
    beside = entry.paths[0].with_name(f".{entry.paths[0].name}.removed")
    files.delete(beside)
    files.move(entry.paths[0], beside)  # a folder goes at once, or not at all
    labels.forget(key(entry))
    files.delete(beside)


def set_text(entry: Entry, text: Mapping[str, str]) -> Entry:
    """Keep settings with a text, in place of those it has: they go over a recipe's whenever it is learnt.

    Args:
        text: fields of TextConfig, as they would be typed.

    Raises:
        ConfigError: where one does not fit.
        UserError: where the text is not listed, or they cannot be written.
    """
    if entry.group == "given":
        raise UserError(f"{_line(entry.title)} is not in the library; add it first, to keep settings with it.")
    settled(text)
    labels.write(key(entry), replace(labels.read(key(entry)), text=dict(text)))
    return replace(entry, text=tuple(sorted(text.items())))


def settled(text: Mapping[str, str]) -> "TextConfig":
    """Typed settings of a text over the defaults.

    Raises:
        ConfigError: where one does not fit.
    """
    from lstm_tui.config import check
    from lstm_tui.fields import parse

    return check({"text": {name: parse(value) for name, value in text.items()}}).text


def _require_text(found: list[Part], settings: "TextConfig", tell: Tell) -> None:
    """Refuse what cannot be read; of several files, one must be a text."""
    from lstm_tui.text.decoding import detect

    for part in found:
        try:
            detect(part, settings.encoding, settings.malformed, tell)
            return
        except Cancelled:
            raise
        except UserError:
            if len(found) == 1:
                raise
    raise UserError(f"None of the {len(found):,} files can be read as text; choose other files.")


def _told(part: Part, doing: str, tell: Tell) -> Iterator[bytes]:
    done, size = 0, max(part.size, 1)
    for piece in part.pieces():
        tell(f"{doing} {part.name}", min(done / size, 1.0))
        done += len(piece)
        yield piece


def _same(found: list[Part], size: int, tell: Tell) -> list[Entry]:
    """One's own texts that have the same content."""
    alike = [entry for entry in own() if entry.size == size]
    digest = _checksum(found, tell) if alike else ""
    return [entry for entry in alike if _checksum(parts(entry).parts, tell) == digest]


def _checksum(found: list[Part], tell: Tell = silent) -> str:
    """Of a file's bytes; of several, of the names and the bytes."""
    digest = hashlib.sha256()
    for part in found:
        if len(found) > 1:
            digest.update(f"\0{part.name}\0{part.size}\0".encode())
        for piece in _told(part, "checking", tell):
            digest.update(piece)
    return digest.hexdigest()


def _proper(name: str) -> str:
    """The nearest to `name` that a text may be called: a file's name, shown, and typed without quotes."""
    plain = no_control_characters(folders.shown(name), keep="").replace("/", "-").replace("\\", "-").strip()
    plain = plain.lstrip(".-").rstrip(".") or "text"
    stem, suffix = (plain, "") if len(plain.encode()) <= _LONGEST else (Path(plain).stem, Path(plain).suffix[:16])
    return stem.encode()[: _LONGEST - len(suffix.encode())].decode(errors="ignore") + suffix


def _free(name: str, is_folder: bool) -> str:
    """A name that no text has: the one asked for, or with a number."""
    taken = {entry.name for entry in entries()}
    path = Path(_proper(name))
    stem, suffix = (path.name, "") if is_folder else (path.stem, path.suffix)
    for number in itertools.count(1):
        free = path.name if number == 1 else f"{stem}-{number}{suffix}"
        if free not in taken and not (locations.corpora() / free).exists():
            return free
    raise AssertionError


def _require_own(entry: Entry) -> None:
    if entry.group != "yours":
        where = {"built in": "is built in", "folders": f"is yours to change on the disk: {entry.about}"}
        raise UserError(_line(f"{entry.name} {where.get(entry.group, 'is not in the library')}."))


def _line(names: str) -> str:
    """Names as a sentence may have them: whatever is in them, it stays one line."""
    return no_control_characters(names, keep="")
