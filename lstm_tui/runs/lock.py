"""Who trains a run: a file in its folder, made by one process at a time.

A process that died leaves its lock; another one takes it over. Of a process on another host nobody knows here whether
it lives: it counts as alive.
"""

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lstm_tui import files
from lstm_tui.errors import UserError


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`: no two processes train it.

    Raises:
        UserError: where another one does.
    """
    path = folder / "lock"
    mine = json.dumps({"pid": os.getpid(), "host": platform.node(), "started": _started(os.getpid())})
    if not files.create_exclusive(path, mine.encode()):
        other = holder(folder)
        if other:
            raise UserError(
                f"The run {folder.name} is being trained by process {other['pid']} on {other['host']}; "
                f"stop that one first. If there is none, delete {path}."
            )
        files.delete(path)
        if not files.create_exclusive(path, mine.encode()):
            raise UserError(f"Another process has just begun to train the run {folder.name}; stop that one first.")
    for left in folder.glob(".*.new"):  # by a process that was killed while it wrote
        files.delete(left)
    try:
        yield
    finally:
        with contextlib.suppress(UserError, OSError):
            if path.read_text() == mine:
                files.delete(path)


def holder(folder: Path) -> dict[str, Any] | None:
    """Who trains the run in `folder` now: pid, host and start time. None where nobody does, or the process has died."""
    try:
        found = json.loads((folder / "lock").read_bytes())
        here = found["host"] == platform.node()
        alive = not here or _alive(int(found["pid"]), float(found["started"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if alive else None


def refusal(folder: Path) -> UserError | None:
    """Why a run cannot be moved or deleted: it is being trained. None where it is not."""
    other = holder(folder)
    if other is None:
        return None
    far = other["host"] != platform.node()
    hint = f" (or, if {other['host']} trains it no more, delete {folder / 'lock'})" if far else ""
    return UserError(f"The run {folder.name} is being trained; stop it first{hint}.")


def _alive(pid: int, started: float) -> bool:
    """Whether a process lives that began then: a pid alone may be another's by now. What a system says of the
    time can differ by a second between two who ask, where its clock was set."""
    now = _started(pid)
    return now is not None and abs(now - started) < 2


def _started(pid: int) -> float | None:
    """When a process started, in seconds since 1970; None where there is none."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
