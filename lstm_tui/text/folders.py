"""Which files of a folder are taken as documents, and why the others are not. Knows nothing of what is in them.

Imported by the app before its first picture: nothing heavy at the top.
"""

import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.progress import Tell, silent

# Folders of what programs make, not people.
_MADE = ("node_modules", "__pycache__")


@dataclass
class Found:
    """The files of a folder by their names in it, sorted, and what was skipped with the reason."""

    files: list[tuple[str, Path]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def walk(folder: Path, pattern: str = "*", tell: Tell = silent) -> Found:
    """All files in `folder` and below it that match one of the patterns.

    Hidden files and folders, `node_modules` and `__pycache__` are skipped, and so is a link that leads out of
    the folder, round in circles, or to a file that is taken anyway.

    Args:
        pattern: one or more, white space between them; a name matches (`*.txt`), or a path in the folder
            (`notes/*.md`).

    Raises:
        UserError: where there is no such folder, or it may not be read.
    """
    try:
        os.scandir(folder).close()
    except PermissionError:
        raise UserError(f"{folder} may not be read: permission is denied.") from None
    except (OSError, ValueError):
        raise UserError(f"There is no folder {folder}; check the path.") from None
    found, links = Found(), []
    patterns = pattern.split() or ["*"]
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        tell(f"looking through {folder.name}", 0.0)
        try:
            inside = sorted(os.scandir(here), key=lambda item: item.name)
        except OSError as error:
            found.skipped.append((_name(here, folder), (error.strerror or str(error)).lower()))
            continue
        for item in inside:
            path = Path(item.path)
            name = _name(path, folder)
            if item.name.startswith("."):
                found.skipped.append((name, "hidden"))
            elif item.name in _MADE:
                found.skipped.append((name, "made by a program"))
            elif item.is_symlink():
                links.append((name, path))
            elif item.is_dir():
                waiting.append(path)
            elif not item.is_file():
                found.skipped.append((name, "a pipe or a device"))
            elif _matches(name, patterns):
                found.files.append((name, path))
            else:
                found.skipped.append((name, f"does not match {pattern}"))
    _follow(links, folder, patterns, found)
    found.files.sort(key=lambda taken: taken[0].split("/"))
    found.skipped.sort(key=lambda left: left[0].split("/"))
    return found


def size(folder: Path) -> int:
    """Bytes of the files that are taken, about: of the first thousand, for a list that must not wait."""
    sizes: list[int] = []
    for here, inside, names in os.walk(folder):
        inside[:] = [name for name in inside if name[0] != "." and name not in _MADE]
        sizes += [files.size(Path(here) / name) for name in names if name[0] != "."]
        if len(sizes) > 1000:
            break
    return sum(sizes)


def shown(name: str) -> str:
    """A name as it is shown and stored: on a disk it need not be Unicode. Two names stay two."""
    return name.encode(errors="backslashreplace").decode()


def _name(path: Path, folder: Path) -> str:
    return shown(path.relative_to(folder).as_posix())


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch(name if "/" in one else name.rpartition("/")[2], one) for one in patterns)


def _follow(links: list[tuple[str, Path]], folder: Path, patterns: list[str], found: Found) -> None:
    """Sort links into those taken and those skipped: no file twice, none from outside, no circles."""
    root = folder.resolve()
    taken = {path.resolve() for _, path in found.files}
    for name, path in sorted(links):
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # before Python 3.13 a circle is a RuntimeError
            found.skipped.append((name, "a link to nothing"))
            continue
        if not target.is_relative_to(root):
            found.skipped.append((name, "a link that leads out of the folder"))
        elif target.is_dir():
            found.skipped.append((name, "a link to a folder"))
        elif target in taken:
            found.skipped.append((name, "a link to a file that is taken"))
        elif not target.is_file() or not _matches(name, patterns):
            found.skipped.append((name, f"does not match {' '.join(patterns)}"))
        else:
            taken.add(target)
            found.files.append((name, path))
