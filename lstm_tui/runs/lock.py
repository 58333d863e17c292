"""Who trains a run: a lock in its folder."""

import contextlib
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lstm_tui import files, locks
from lstm_tui.errors import UserError


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`: no two processes train it.

    Raises:
        UserError: where another one does.
    """
    path = folder / "lock"
    mine = locks.take(path)
    if mine is None:
        other = holder(folder)
        if other:
            raise UserError(
                f"The run {folder.name} is being trained by process {other['pid']} on {other['host']}; "
                f"stop that one first. If there is none, delete {path}."
            )
        raise UserError(f"Another process has just begun to train the run {folder.name}; stop that one first.")
    for left in folder.glob(".*.new"):  # by a process that was killed while it wrote
        files.delete(left)
    try:
        yield
    finally:
        locks.give_back(path, mine)


def holder(folder: Path) -> dict[str, Any] | None:
    """Who trains the run in `folder` now: pid, host and start time. None where nobody does, or the process has died."""
    return locks.holder(folder / "lock")


def refusal(folder: Path) -> UserError | None:
    """Why a run cannot be moved or deleted: it is being trained. None where it is not."""
    other = holder(folder)
    if other is None:
        return None
    far = other["host"] != platform.node()
    hint = f" (or, if {other['host']} trains it no more, delete {folder / 'lock'})" if far else ""
    return UserError(f"The run {folder.name} is being trained; stop it first{hint}.")
