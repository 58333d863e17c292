"""Locks: one at a time, a dead one is taken over, a live one never. What they say of a run is in `runs/test_run.py`."""

import json
import platform
from pathlib import Path

from lstm_tui import locks


def dead(path: Path) -> None:
    path.write_text(json.dumps({"pid": 2**30, "host": platform.node(), "started": 1.0}))


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    mine = locks.take(path)
    assert mine is not None and locks.take(path) is None
    locks.give_back(path, mine + " of another")
    assert path.exists()
    locks.give_back(path, mine)
    assert list(tmp_path.iterdir()) == []


def test_a_dead_one_is_taken_over(tmp_path: Path) -> None:
    dead(tmp_path / "lock")
    assert locks.take(tmp_path / "lock") is not None
    assert locks.holder(tmp_path / "lock")
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_whoever_saw_a_dead_one_too_late_leaves_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert locks.take(path) is not None  # since it was looked at, and was dead
    assert not locks._cleared(path) and locks.holder(path)
    path.unlink()
    assert locks._cleared(path)  # or somebody has taken it away
