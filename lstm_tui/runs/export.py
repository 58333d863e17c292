"""A run for elsewhere: its folder, a zip of it, or its metrics as CSV.

All that is written appears whole at the end, or not at all. What a run's folder holds beside the run (who trains it,
orders, what is half written, what links lead to) stays where it is. A run that is being trained may be exported, too.

The CSV has a line for each `progress` and each `scored` event of `metrics.jsonl`, in the order of their steps, and
these columns, of which an event fills its own:

    event               progress or scored
    step                training steps until then
    epoch               passes through what is learnt until then, with fractions
    train_loss          nats per token, mean since the line before
    learning_rate       of that step
    gradient_norm       before clipping, mean since the line before
    clipped             share of the steps since the line before whose gradient was clipped
    tokens_per_second   since the line before
    elapsed             seconds inside training steps
    validation_loss     nats per token on the held-out part, dropout off; empty where nothing is held out
    best                true where it was better than ever before
"""

import csv
import io
import math
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.progress import Tell, silent
from lstm_tui.runs.run import Run
from lstm_tui.runs.unpacking import carried

COLUMNS = (
    "event",
    "step",
    "epoch",
    "train_loss",
    "learning_rate",
    "gradient_norm",
    "clipped",
    "tokens_per_second",
    "elapsed",
    "validation_loss",
    "best",
)
_PIECE = 1 << 20
_NAMED = 3
# Weights do not become smaller; all else does.
_STORED = {".safetensors"}


def export(run: Run, to: str, tell: Tell = silent) -> Path:
    """Write a run to the path that a person typed: a zip where it ends in `.zip`, its metrics where in `.csv`, else
    a folder; in a folder that is there already, under the run's name.

    Returns:
        what was written.

    Raises:
        UserError: where something is there already, or it cannot be read or written.
        Cancelled: as `tell` does; nothing is left.
    """
    path = files.typed_path(to).absolute()
    kind = path.suffix.lower()
    if files.is_folder(path):
        path, kind = path / run.id, ""
    if os.path.lexists(path):
        raise UserError(f"There is {path} already; give another path, or take that one away first.")
    if kind == ".csv":
        _as_table(run, path)
    elif kind == ".zip":
        _as_zip(run, path, tell)
    else:
        _as_folder(run, path, tell)
    return path


def left_out(run: Run, written: Path) -> str:
    """A sentence on what of a run's folder is not in what `export` wrote; "" where all of it is, or metrics alone."""
    try:
        names = sorted(path.name for path in run.folder.iterdir() if path.is_symlink() and carried(path.name))
    except OSError:
        names = []
    if not names or (written.suffix.lower() == ".csv" and files.is_file(written)):
        return ""
    named = ", ".join([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])])
    return f"Left out, as {'it is a link' if len(names) == 1 else 'they are links'} to elsewhere: {named}."


def _as_folder(run: Run, path: Path, tell: Tell) -> None:
    if path.is_relative_to(run.folder.absolute()):
        raise UserError(f"{path} is in the run's own folder; give a path elsewhere.")
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        for source, told in _sources(run, tell):
            with files.new_file(beside / source.name) as file:
                _copy(source, file.write, told)
            files.touch(beside / source.name, source.stat().st_mtime)  # a copy is as old as its run
        files.move(beside, path)
    finally:
        with suppress(UserError):
            files.delete(beside)


def _as_zip(run: Run, path: Path, tell: Tell) -> None:
    with files.new_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for source, told in _sources(run, tell):
            member = zipfile.ZipInfo.from_file(source, f"{run.id}/{source.name}", strict_timestamps=False)
            member.compress_type = zipfile.ZIP_STORED if source.suffix in _STORED else zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as packed:
                _copy(source, packed.write, told)


def _as_table(run: Run, path: Path) -> None:
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\n")
    lines.writerow(COLUMNS)
    for event in run.lines("metrics"):
        if event.get("event") in ("progress", "scored"):
            lines.writerow([_cell(event.get(column)) for column in COLUMNS])
    files.write_atomic(path, table.getvalue().encode())


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    number = isinstance(value, int | float) and math.isfinite(value)
    return value if number or value in ("progress", "scored") else ""


def _sources(run: Run, tell: Tell) -> Iterator[tuple[Path, Callable[[int], None]]]:
    """What is copied, each file with whom to tell how much of it was; `run.toml` comes last: a folder
    without it is no run.

    Raises:
        UserError: where the run is damaged, so that nobody could read it elsewhere.
    """
    run.config  # noqa: B018
    try:
        paths = [path for path in run.folder.iterdir() if carried(path.name) and _is_own(path)]
    except OSError as error:
        raise UserError(f"Could not read {run.folder}: {error.strerror or error}.") from error
    sizes = {path: files.size(path) for path in sorted(paths, key=lambda path: (path.name == "run.toml", path.name))}
    total, before = max(1, sum(sizes.values())), 0
    for path, size in sizes.items():
        tell(f"exporting {run.id}", before / total)
        yield path, partial(_tell, tell, run.id, before, total)
        before += size


def _is_own(path: Path) -> bool:
    """Whether it is a file of the folder itself: what a link leads to may be anything of its owner's."""
    return files.is_file(path) and not path.is_symlink()


def _tell(tell: Tell, name: str, before: int, total: int, done: int) -> None:
    tell(f"exporting {name}", min(1.0, (before + done) / total))


def _copy(source: Path, write: Callable[[bytes], object], told: Callable[[int], None]) -> None:
    done = 0
    for piece in files.read_pieces(source, _PIECE):
        write(piece)
        done += len(piece)
        told(done)
