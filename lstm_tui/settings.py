"""`settings.toml` in the config folder: what a person sets once for all, and what the app remembers of them.

The app writes beneath a line that says so; what stands above it is the person's, and never touched. Nothing of
either decides a run. Imported by the app before its first picture: nothing heavy at the top.
"""

import contextlib
import os
import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lstm_tui import files, locations, locks
from lstm_tui.errors import UserError

_REMEMBERED = "remembered"
# Another app is done within a moment; one on another machine may have ended in the midst of it.
_PATIENCE_SECONDS = 10.0
_LINE = "# Beneath this line lstm-tui writes what it remembers.\n"
# Where that begins: at the line, or at the table where somebody has taken the line away.
_BENEATH = re.compile(rf"^(?:{re.escape(_LINE.strip())}|[ \t]*\[[ \t]*{_REMEMBERED}[ \t]*[].])", re.MULTILINE)


@dataclass(frozen=True)
class Settings:
    """The settings there are.

    Attributes:
        extra_corpora: more folders whose files and folders are listed as texts; `~` is the home folder, and
            a path that does not begin at the root begins at the folder of `settings.toml`.
        remembered: what the app wrote, by name; whoever asks for a value checks it.
    """

    extra_corpora: tuple[str, ...] = ()
    remembered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folders(self) -> list[Path]:
        """The folders of `extra_corpora` as paths, each once."""
        found = [locations.config() / files.typed_path(name) for name in self.extra_corpora]
        return list(dict.fromkeys(found))


def read() -> Settings:
    """The settings on disk; the defaults where there is no file.

    Raises:
        UserError: where the file is no TOML, or something in it does not fit.
    """
    path = locations.settings()
    if not files.is_file(path):
        return Settings()
    values = files.read_toml(path)
    for name in values:
        if name not in {"extra_corpora", _REMEMBERED}:
            raise UserError(f"{path}: there is no setting {name!r}; there is extra_corpora.")
    listed = values.get("extra_corpora", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        raise UserError(f'{path}: extra_corpora: expected a list of folders, such as ["~/texts"], not {listed!r}.')
    remembered = values.get(_REMEMBERED, {})
    if not isinstance(remembered, dict):
        remembered = {}
    if any("extra_corpora" in table for table in (remembered, *remembered.values()) if isinstance(table, dict)):
        raise UserError(f"{path}: extra_corpora stands beneath [{_REMEMBERED}]; write it at the top of the file.")
    return Settings(tuple(listed), remembered)


def remember(changed: Mapping[str, Any]) -> None:
    """Write what the app shall know when it is opened again, beside what it remembers already; one app at a time.

    Args:
        changed: by name: text, numbers, and lists or dictionaries of them.

    Raises:
        UserError: where the file is no TOML, or is written so that something of it would be lost; or where the disk
            says no.
    """
    path = Path(os.path.realpath(locations.settings()))  # through a link: one's settings may be kept elsewhere
    with _alone(path):
        _remember(path, changed)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else writes meanwhile: each reads the file and adds to it."""
    lock, patience = path.with_name(f".{path.name}.lock"), time.monotonic() + _PATIENCE_SECONDS
    while (mine := locks.take(lock)) is None:
        if time.monotonic() > patience:
            other = locks.holder(lock) or {"pid": "?", "host": "this machine"}
            raise UserError(
                f"{path} is being written by process {other['pid']} on {other['host']}; "
                f"if there is none, delete {lock}."
            )
        time.sleep(0.01)
    try:
        for left in path.parent.glob(f".{path.name}.*.new"):  # by a process that was killed while it wrote
            files.delete(left)
        yield
    finally:
        locks.give_back(lock, mine)


def _remember(path: Path, changed: Mapping[str, Any]) -> None:
    import tomli_w

    there = read()
    remembered = {**there.remembered, **changed}
    before = files.read_bytes(path).decode() if files.is_file(path) else ""
    mine = _BENEATH.split(before, maxsplit=1)[0]
    if mine and not mine.endswith(("\n\n", "\n\r\n")):
        mine = mine.rstrip("\r\n") + "\n\n"
    content = (mine + _LINE + tomli_w.dumps({_REMEMBERED: remembered})).encode(errors="replace")
    if not _says(content, there.extra_corpora):
        raise UserError(f"{path}: [{_REMEMBERED}] cannot be written anew; take it out, and all that is in it.")
    files.write_atomic(path, content)


def _says(content: bytes, extra_corpora: tuple[str, ...]) -> bool:
    """Whether a file of that content is TOML, and says what a person set."""
    try:
        return tuple(tomllib.loads(content.decode()).get("extra_corpora", ())) == extra_corpora
    except ValueError:
        return False
