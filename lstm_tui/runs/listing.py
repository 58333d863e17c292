"""All runs, newest first, and quickly: a run is read again only when its files are others than they were.

What was read is kept in memory, and in the cache for the next start where much of it was new. One look at each
folder tells its age, its size, whether it is being trained, and whether it needs to be read.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from lstm_tui import __version__, files, locations, recipes
from lstm_tui.runs import summary
from lstm_tui.runs.run import Run
from lstm_tui.runs.summary import Summary
from lstm_tui.text import kept
from lstm_tui.text.ngram import Baselines

Stamp = tuple[int, ...]
# What a summary is read from.
_READ = ("run.toml", "last.safetensors")
# So few runs are read again sooner than the cache is written.
_WORTH_KEEPING = 20


@dataclass(frozen=True)
class _Folder:
    """A run's folder at one look. `age`: when it was made; `stamp`: changes when what is read of it does."""

    path: Path
    age: float
    stamp: Stamp
    size: int
    locked: bool


class _Known:
    """What was read, by folder. Any thread may ask: whoever comes first reads."""

    def __init__(self) -> None:
        self.home: Path | None = None
        self.read: dict[str, tuple[Stamp, Summary]] = {}

    def open(self) -> None:
        """Take what an earlier start kept, once."""
        if self.home != locations.cache():
            self.home, self.read = locations.cache(), dict(_kept())


_known = _Known()


def folders() -> list[_Folder]:
    """The folders of all runs, newest first."""
    try:
        paths = list(locations.runs().iterdir())
    except OSError:
        return []
    looked = (_look(path) for path in paths)
    return sorted((it for it in looked if it), key=lambda it: (it.age, it.path.name), reverse=True)


def _look(path: Path) -> _Folder | None:
    """None for what is no run, or no more."""
    found: dict[str, os.stat_result] = {}
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # it was replaced or taken away just now
                    found[entry.name] = entry.stat()
    except OSError:
        return None
    if "run.toml" not in found:
        return None
    made = found.get("vocabulary.json")  # never written again; run.toml may be
    stamp: list[int] = []
    for name in _READ:
        stat = found.get(name)
        stamp += (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino) if stat else (0, 0, 0, 0)
    size = sum(stat.st_size for stat in found.values() if stat.st_nlink == 1)
    return _Folder(path, made.st_mtime if made else 0.0, tuple(stamp), size, "lock" in found)


def summaries() -> Iterator[Summary]:
    """All runs as a list shows them, newest first, each as soon as it is known."""
    _known.open()
    looked = folders()
    here: dict[str, tuple[Stamp, Summary]] = {}
    own: dict[str, Stamp] = {}
    anew = 0

    def stamp(folder: _Folder, recipe: str) -> Stamp:
        # What was changed is told by the recipe, which may be one's own, and another by now.
        if recipe not in own:
            own[recipe] = files.stamp(locations.config() / "recipes" / f"{recipe}.toml")
        return folder.stamp + own[recipe]

    for folder in looked:
        name, run = str(folder.path), Run(folder.path)
        before = _known.read.get(name)
        if before is None or before[0] != stamp(folder, before[1].recipe):
            found = summary.read(run)
            before = _known.read[name] = stamp(folder, found.recipe), found
            anew += 1
        here[name] = before
        if folder.locked:
            yield summary.now(before[1], run, folder.size)
        else:
            yield replace(before[1], size=folder.size)
    if anew >= _WORTH_KEEPING:
        _keep(here)


def one(run: Run) -> Summary:
    """One run, read anew."""
    looked = _look(run.folder)
    return summary.now(summary.read(run), run, looked.size if looked else 0)


def _program() -> list[Any]:
    """What was changed from a recipe is told by this program's recipes, and a summary may have said less once."""
    return [__version__, *files.stamp(Path(recipes.__file__))[:2], *(field.name for field in fields(Summary))]


def _keep(read: dict[str, tuple[Stamp, Summary]]) -> None:
    runs = {name: [list(stamp), asdict(found)] for name, (stamp, found) in read.items()}
    kept.write("listing", "runs", {"program": _program(), "runs": runs})


def _kept() -> Iterator[tuple[str, tuple[Stamp, Summary]]]:
    stored = kept.read("listing", "runs")
    if stored.get("program") != _program():
        return
    with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):  # damaged: all is read again
        for name, (stamp, values) in stored["runs"].items():
            yield name, (tuple(stamp), Summary(**{**values, "baselines": Baselines.of(values["baselines"])}))
