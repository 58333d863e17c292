"""Locks: one at a time, a dead one is taken over, a live one never. What they say of a run is in `runs/test_run.py`."""

import json
import platform
from pathlib import Path
from typing import Any

from pytest import MonkeyPatch

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


def test_whoever_saw_a_dead_one_too_late_leaves_the_new_one(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    path, look, sooner = tmp_path / "lock", locks.holder, list[str | None]()
    dead(path)

    def slowly(asked: Path) -> dict[str, Any] | None:
        found = look(asked)
        if not sooner:
            sooner.append("")
            sooner.append(locks.take(path))
        return found

    monkeypatch.setattr(locks, "holder", slowly)
    assert locks.take(path) is None and sooner[1] and locks.holder(path)
    locks.give_back(path, sooner[1])
    assert list(tmp_path.iterdir()) == []


def test_one_that_was_given_back_meanwhile_is_not_there_again(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    path, look = tmp_path / "lock", locks.holder
    owners = [locks.take(path)]

    def slowly(asked: Path) -> dict[str, Any] | None:
        with monkeypatch.context() as patch:
            patch.setattr(locks, "holder", look)
            if (
                owner := owners.pop()
            ):  # one gives it back, and another one takes it; whoever asks next sees that go, too
                locks.give_back(path, owner)
            found = look(asked)
            owners.append(locks.take(path) if asked == path else None)
        return found

    monkeypatch.setattr(locks, "holder", slowly)
    assert locks.take(path) is None
    if owners[0]:
        locks.give_back(path, owners[0])
    assert list(tmp_path.iterdir()) == []


def test_one_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    assert locks.take(tmp_path / "lock") is None and (tmp_path / "lock").exists()
