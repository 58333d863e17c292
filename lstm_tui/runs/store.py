"""The runs there are: list, find, create, rename, delete."""

import os
import re
import time
from pathlib import Path

from lstm_tui import files, locations
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.runs import checkpoint, listing, lock, unpacking
from lstm_tui.runs.run import Run
from lstm_tui.runs.summary import State, Summary
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import Baselines

__all__ = ["State", "Summary", "create", "delete", "find", "rename", "require_free", "runs", "summaries", "summary"]
LATEST = "latest"
_SHOWN = 5


def runs() -> list[Run]:
    """All runs, newest first."""
    return [Run(folder.path) for folder in listing.folders()]


def summaries() -> list[Summary]:
    """All runs as a list shows them, newest first."""
    return list(listing.summaries())


def summary(run: Run) -> Summary:
    """One run as a list shows it; a damaged one is shown as such."""
    return listing.one(run)


def find(name: str) -> Run:
    """The run of that id, unique beginning of an id, path (a folder, or a zip that was exported), or `latest`.

    Raises:
        UserError: where there is none, or more than one, or a zip holds none.
    """
    there = runs()
    if name == LATEST:
        if not there:
            raise UserError("There are no runs yet; begin with: lstm-tui train")
        return there[0]
    exact = [run for run in there if run.id == name]
    if exact:
        return exact[0]
    path = files.typed_path(name)
    if name and files.is_file(path / "run.toml"):
        return Run(path.absolute())
    if path.suffix.lower() == ".zip" and files.is_file(path):
        return Run(unpacking.unpack(path))
    matching = [run for run in there if run.id.startswith(name)] if name else []
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = ", ".join(run.id for run in matching[:_SHOWN]) + (", …" if len(matching) > _SHOWN else "")
        raise UserError(f"{len(matching)} runs begin with {name!r} ({names}); give more of the name.")
    raise UserError(f"There is no run {name!r}; `lstm-tui runs` lists those there are.")


def require_free(name: str) -> str:
    """A name that a person gave a run, as its folder may be called.

    Raises:
        UserError: where a run has it already, or it means another.
    """
    wanted = _slug(name)
    if wanted == LATEST:
        raise UserError(f"{LATEST} means the newest run; give another name.")
    _require_no_folder(wanted)
    return wanted


def _require_no_folder(name: str) -> None:
    folder = locations.runs() / name
    if files.is_file(folder / "run.toml"):
        raise UserError(f"There is a run {name} already; give another name, or go on with it: lstm-tui resume {name}")
    if os.path.lexists(folder):
        raise UserError(f"{folder} is in the way; give another name.")


def create(
    config: RunConfig,
    recipe: str,
    encoded: Encoded,
    baselines: Baselines | None = None,
    name: str | None = None,
    start: checkpoint.Checkpoint | None = None,
) -> Run:
    """Make a new run's folder, named by the time, the text and the recipe, or by `name`.

    Args:
        start: as for `Run.create`.

    Raises:
        UserError: where it cannot be written, or the name is not free.
    """
    stem = Path(encoded.corpus).stem
    wanted = require_free(name) if name else f"{time.strftime('%Y-%m-%d-%H%M')}-{_slug(stem)}-{_slug(recipe)}"
    folder, number = locations.runs() / wanted, 2
    while not files.make_new_folder(folder):
        if name:
            _require_no_folder(wanted)  # it came a moment ago
        folder, number = locations.runs() / f"{wanted}-{number}", number + 1
    try:
        return Run.create(folder, config, recipe, encoded, baselines, start)
    except UserError:
        if not (folder / "run.toml").exists():
            files.delete(folder)
        raise


def _slug(name: str) -> str:
    """A name as a folder may be called: letters, digits, dots and dashes, at most 60."""
    return re.sub(r"[^\w.]+", "-", name.lower()).strip("-._")[:60] or "run"


def rename(run: Run, name: str) -> Run:
    """Give a run another name; those that began from it are told.

    Raises:
        UserError: while it is being trained, where the name is not free, or the disk says no.
    """
    wanted = require_free(name)
    refused = lock.refusal(run.folder)
    if refused:
        raise refused
    with lock.held(run.folder):  # nobody begins to train it meanwhile
        renamed = Run(locations.runs() / wanted)
        files.move(run.folder, renamed.folder)
        files.delete(renamed.folder / "lock")
    for child in listing.summaries():
        if child.parent == run.id:
            Run(Path(child.directory)).rename_parent(renamed.id)
    return renamed


def delete(run: Run) -> None:
    """Delete a run's folder.

    Raises:
        UserError: while it is being trained, or where the disk says no.
    """
    refused = lock.refusal(run.folder)
    if refused:
        raise refused
    files.delete(run.folder)
