"""Which texts there are: built in, and the person's own. Bytes come from here; `corpus.py` reads them.

Imported by the app before its first picture: nothing heavy at the top.
"""

import sysconfig
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from lstm_tui import files, locations
from lstm_tui.errors import UserError


Group = Literal["built in", "yours", "folders", "given"]


@dataclass(frozen=True)
class Entry:
    """One text that can be chosen.

    Attributes:
        name: what `--corpus` takes.
        title: what a list shows.
        about: where it comes from, a line.
        size: bytes, about.
        group: built in; added to the library; found in a folder of the settings; or given by its path.
        paths: its files and folders; none for what is built in.
        text: settings of TextConfig that belong to this text (such as the column of a CSV file), as they
            would be typed; they go over the recipe's. Sorted by name.
    """

    name: str
    title: str
    about: str
    size: int
    group: Group = "built in"
    paths: tuple[Path, ...] = ()
    text: tuple[tuple[str, str], ...] = ()


def _builtin_folder() -> Path:
    return Path(str(resources.files("lstm_tui.text"))) / "builtin"


def _library_folder() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


_WRITTEN = "written for lstm-tui, public domain"
_SHIPPED: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "fables": ("Fables and tales", "fables.txt", ()),
    "verses": ("Verses", "verses.txt", ()),
    "jokes": ("Jokes", "jokes.csv", (("column", "Joke"),)),
}


def built_in() -> list[Entry]:
    """The texts that need no network, the default first."""
    entries = [
        Entry(name, title, _WRITTEN, _size(_builtin_folder() / file), text=text)
        for name, (title, file, text) in _SHIPPED.items()
    ]
    manual = _manual()
    if manual:
        entries.append(Entry("python-manual", "Python manual", "this Python's own help texts", len(manual)))
    source = sum(_size(path) for path in _source_files())
    if source:
        entries.append(Entry("python-source", "Python source", "this Python's standard library", source))
    return entries


def _manual() -> bytes:
    """Python's help topics, in the order of their names; nothing where this Python was built without."""
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return b""
    return "\n\n".join(topics[name] for name in sorted(topics)).encode()


def own() -> list[Entry]:
    """The texts that were added, by name."""
    try:
        paths = sorted(path for path in locations.corpora().iterdir() if path.is_file() and path.name[0] != ".")
    except OSError:
        return []
    return [_own_entry(path) for path in paths]


def _own_entry(path: Path) -> Entry:
    # A name need not be Unicode on a disk; what is shown and stored of it is.
    name = path.name.encode(errors="replace").decode()
    return Entry(name, name, str(path), _size(path), "yours", (path,))


def entries() -> list[Entry]:
    """All texts: built in, then one's own."""
    return [*built_in(), *own()]


def find(name: str) -> Entry:
    """The text of that name, or the file at that path.

    Raises:
        UserError: where there is neither.
    """
    for entry in entries():
        if entry.name == name:
            return entry
    path = files.typed_path(name)
    if files.is_folder(path):
        raise UserError(f"{path} is a folder; name one text file in it.")
    if files.is_file(path):
        return _own_entry(path.absolute())
    known = ", ".join(entry.name for entry in entries())
    raise UserError(f"There is no text and no file {name!r}; give a file's path, or one of {known}.")


def add(path: Path) -> Entry:
    """Copy a file into the library, so that it is listed and stays.

    A file of the same name and content is not copied again; of the same name and other content, the copy
    gets a number.

    Raises:
        UserError: where it cannot be read as text, or the copy not be written.
    """
    from lstm_tui.text.decoding import decode

    path = files.typed_path(str(path))
    content = files.read_bytes(path)
    decode(content, path.name)
    reserved = {entry.name for entry in built_in()}
    number = 1
    while True:
        name = path.name.lstrip(".") if number == 1 else f"{path.stem.lstrip('.')}-{number}{path.suffix}"
        target = locations.corpora() / name
        if not target.exists() and name not in reserved:
            files.write_atomic(target, content)
        if name not in reserved and files.read_bytes(target) == content:
            return _own_entry(target)
        number += 1


def content(entry: Entry) -> bytes:
    """The bytes of a text.

    Raises:
        UserError: where its file has gone or may not be read.
    """
    if entry.paths:
        return files.read_bytes(entry.paths[0])
    if entry.name == "python-manual":
        return _manual()
    if entry.name == "python-source":
        return b"\n\n".join(path.read_bytes() for path in _source_files())
    return files.read_bytes(_builtin_folder() / _SHIPPED[entry.name][1])


def beginning(entry: Entry, size: int) -> bytes:
    """About the first `size` bytes of a text, for a preview, without reading the rest where possible."""
    if entry.name == "python-source" and not entry.paths:
        return _source_files()[0].read_bytes()[:size]
    path = (
        entry.paths[0]
        if entry.paths
        else (_builtin_folder() / _SHIPPED[entry.name][1] if entry.name in _SHIPPED else None)
    )
    if path is None:
        return content(entry)[:size]
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return files.read_bytes(path)[:size]


def _source_files() -> list[Path]:
    return sorted(_library_folder().glob("*.py"))
