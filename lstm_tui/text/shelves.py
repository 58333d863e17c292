"""Which texts there are, built in, one's own, and in the settings' folders; and where their bytes are.

One's own are the files and folders in the library's folder; what is kept beside them (`labels.py`) may say more.
`library.py` finds and changes them. Imported by the app before its first picture: nothing heavy at the top.
"""

import contextlib
import hashlib
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Literal

from lstm_tui import files, locations, settings
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.progress import Tell, silent
from lstm_tui.text import folders, labels
from lstm_tui.text.parts import Part

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


# What there is.

_WRITTEN = "written for lstm-tui, public domain"
_SHIPPED: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "fables": ("Fables and tales", "fables.txt", ()),
    "verses": ("Verses", "verses.txt", ()),
    "jokes": ("Jokes", "jokes.csv", (("column", "Joke"),)),
}


def built_in() -> list[Entry]:
    """The texts that need no network, the default first."""
    return list(_built_in())


def default() -> Entry:
    """The first of them, without a look at the others."""
    return next(_built_in())


def _built_in() -> Iterator[Entry]:
    for name, (title, file, text) in _SHIPPED.items():
        yield labelled(Entry(name, title, _WRITTEN, files.size(_builtin_folder() / file), text=text))
    manual = _manual()
    if manual:
        yield labelled(Entry("python-manual", "Python manual", "this Python's own help texts", len(manual)))
    source = sum(files.size(path) for path in _source_files())
    if source:
        yield labelled(Entry("python-source", "Python source", "this Python's standard library", source))


def own() -> list[Entry]:
    """The texts that were added, by name."""
    return _listed(locations.corpora(), "yours")


def in_folders() -> list[Entry]:
    """The texts in the folders that the settings name; none where the settings cannot be read (`troubles`)."""
    with contextlib.suppress(UserError):
        listed = [folder for folder in settings.read().folders if folder != locations.corpora()]
        return [entry for folder in listed for entry in _listed(folder, "folders")]
    return []


def entries() -> list[Entry]:
    """All texts: built in, one's own, those of the settings' folders. A name that is taken is told by its path."""
    found: dict[str, Entry] = {}
    for entry in [*built_in(), *own(), *in_folders()]:
        free = entry if entry.name not in found else replace(entry, name=folders.shown(str(entry.paths[0])))
        found.setdefault(free.name, free)
    return list(found.values())


def troubles() -> list[str]:
    """Sentences on why the settings' folders are not all listed."""
    try:
        missing = [folder for folder in settings.read().folders if not files.is_folder(folder)]
    except UserError as error:
        return [str(error)]
    return [f"There is no folder {folder}, which extra_corpora in {locations.settings()} names." for folder in missing]


def _builtin_folder() -> Path:
    return Path(str(resources.files("lstm_tui.text"))) / "builtin"


def _source_files() -> list[Path]:
    return sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))


def _manual() -> bytes:
    """Python's help topics, in the order of their names; nothing where this Python was built without."""
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return b""
    return "\n\n".join(topics[name] for name in sorted(topics)).encode()


def _listed(folder: Path, group: Group) -> list[Entry]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.name[0] != ".")
        return [of_path(path, group) for path in paths if files.is_folder(path) or files.is_file(path)]
    except (OSError, ValueError):
        return []


def of_path(path: Path, group: Group) -> Entry:
    """The text in a file or a folder, with its label."""
    name = folders.shown(path.name)
    return labelled(Entry(name, name, folders.shown(str(path)), files.size(path), group, (path,)))


def key(entry: Entry) -> str:
    """Of its label: from where it is, and not from the name it is listed by, which another text may have.

    One's own begins with no dot, as a hidden file is none of the library's; all others do.
    """
    if entry.group == "yours":
        return entry.paths[0].name
    if entry.group == "built in":
        return f".{entry.name}"
    return "." + hashlib.sha256(str(entry.paths).encode(errors="surrogateescape")).hexdigest()[:32]


def labelled(entry: Entry) -> Entry:
    """A text with the title, the origin and the settings of its label."""
    label = labels.read(key(entry))
    size = entry.size
    if entry.paths and files.is_folder(entry.paths[0]):
        size = label.size or folders.size(entry.paths[0])
    text = entry.text if label.text is None else tuple(sorted(label.text.items()))
    return replace(entry, title=label.title or entry.title, about=label.about or entry.about, size=size, text=text)


# Where its bytes are.


@dataclass(frozen=True)
class Taken:
    """The files of a text, in order, and what was not taken: its name, and why."""

    parts: list[Part]
    skipped: list[tuple[str, str]]


def parts(entry: Entry, pattern: str = "*", tell: Tell = silent) -> Taken:
    """Where the bytes of a text are: one part where it is a file, one for each document where there are several.

    Args:
        pattern: for folders, which files are taken (`folders.walk`).

    Raises:
        UserError: where a folder has gone, or holds nothing that matches.
    """
    if entry.name == "python-source" and not entry.paths:
        return Taken([Part(path.name, path) for path in _source_files()], [])
    if entry.name == "python-manual" and not entry.paths:
        return Taken([Part(entry.title, _manual())], [])
    paths = entry.paths or (_builtin_folder() / _SHIPPED[entry.name][1],)
    taken = Taken([], [])
    for path in paths:
        if not files.is_folder(path):
            taken.parts.append(Part(entry.title if len(paths) == 1 else folders.shown(path.name), path))
            continue
        found = folders.walk(path, pattern, tell)
        above = "" if len(paths) == 1 else f"{folders.shown(path.name)}/"
        taken.parts.extend(Part(above + name, inside) for name, inside in found.files)
        taken.skipped.extend((above + name, why) for name, why in found.skipped)
    if not taken.parts:
        title = no_control_characters(entry.title, keep="")
        raise UserError(f"No file in {title} matches {pattern!r}; set another pattern (--text.pattern).")
    return taken
