"""A lock: a file that one process at a time can make, and that says which. It knows nothing of what it guards.

A process that died leaves its lock; another one takes it over. Of a process on another host nobody knows here whether
it lives: it counts as alive.
"""

import contextlib
import json
import os
import platform
from pathlib import Path
from typing import Any

from lstm_tui import files
from lstm_tui.errors import UserError


def take(path: Path) -> str | None:
    """Make the lock, to be given back: what stands in it. None where another one holds it.

    Raises:
        UserError: where the disk says no.
    """
    if holder(path) or (_dead(path) and not _cleared(path)):
        return None
    mine = json.dumps({"pid": os.getpid(), "host": platform.node(), "started": _started(os.getpid())})
    return mine if files.create_exclusive(path, mine.encode()) else None


def give_back(path: Path, mine: str) -> None:
    """Take the lock away, where it is still the one that was made."""
    with contextlib.suppress(UserError, OSError):
        if path.read_text() == mine:
            files.delete(path)


def holder(path: Path) -> dict[str, Any] | None:
    """Who holds the lock now: pid, host and start time. None where nobody does, or the process has died."""
    try:
        return _living(path.read_bytes())
    except OSError:
        return None


def _dead(path: Path) -> bool:
    """Whether there is a lock, and who made it has died; no where that cannot be read."""
    try:
        return _living(path.read_bytes()) is None
    except OSError:
        return False


def _living(content: bytes) -> dict[str, Any] | None:
    """Who made a lock; None where he has died, or it is damaged."""
    try:
        found = json.loads(content)
        here = found["host"] == platform.node()
        alive = not here or _alive(int(found["pid"]), float(found["started"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return found if alive else None


def _cleared(path: Path) -> bool:
    """Take a dead lock away; False where another one is at it. Only whoever has a lock for that does it, and looks
    again before: in its place may stand a new one, which nobody but its owner takes away."""
    clearing = path.with_name(f".{path.name}.dead")
    mine = take(clearing)
    if mine is None:
        return False
    try:
        if _dead(path):
            files.delete(path)
    finally:
        give_back(clearing, mine)
    return True


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
