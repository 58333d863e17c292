"""Disks that cannot be written, and names and texts that must not reach the terminal as they are."""

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import locations
from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused, tiny


@pytest.mark.parametrize("home", ["file/below", "/proc/lstm-tui"])
def test_a_data_folder_that_cannot_be_written(
    command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (text_file.parent / "file").write_bytes(b"")
    monkeypatch.setenv("LSTM_TUI_HOME", str(text_file.parent / home))
    refused(command("train", "--corpus", text_file, *tiny()), 1, "Could not make the folder ")
    assert command("runs").code == 0


def full(call: Callable[..., Any], when: Callable[[], bool]) -> Callable[..., Any]:
    """A call of the system on a disk that is full at times."""

    def on_a_full_disk(*arguments: Any) -> Any:
        if when():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return call(*arguments)

    return on_a_full_disk


def test_a_disk_that_is_full(command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full(os.fsync, lambda: True))
    refused(command("train", "--corpus", text_file, *tiny()), 1, "the disk is full; make room")
    assert list(locations.runs().iterdir()) == []


def test_a_disk_that_fills_up(command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training goes on, what was saved stays, and the end says that this sitting could not be kept."""
    before = {kind: small_run.checkpoint_path(kind).read_bytes() for kind in ("last", "best")}
    trains = threading.Event()
    append = Run.append

    def first_line(run: Run, name: str, line: str) -> None:
        trains.set()
        append(run, name, line)

    monkeypatch.setattr(Run, "append", first_line)
    monkeypatch.setattr(os, "fsync", full(os.fsync, trains.is_set))
    result = command("resume", "small", "--budget.steps=25", "--json", "--device=cpu")
    assert result.code == 1
    kinds = [event["event"] for event in result.events]
    assert kinds.count("warned") >= 1 and kinds[-1] == "failed"
    assert [event["step"] for event in result.events if event["event"] == "progress"][-1] == 25
    assert "the disk is full" in result.events[-1]["message"]
    assert {kind: small_run.checkpoint_path(kind).read_bytes() for kind in before} == before

    monkeypatch.undo()
    monkeypatch.setenv("LSTM_TUI_HOME", str(small_run.folder.parents[2]))
    assert command("resume", "small", "--budget.steps=26", "--json", "--device=cpu").events[-1]["step"] == 26


# Control characters never reach the terminal (the fixture looks at all that a command prints).

EVIL = "\x1b[31m\x07\x9b2J\x7f\u202e"


def test_control_characters_in_a_text(command: Command, tmp_path: Path) -> None:
    path = tmp_path / f"evil{EVIL}.txt"
    path.write_text(f"The fox {EVIL}went.\n" + "The fox went over the hill.\n" * 40, encoding="utf-8")
    for flags in ([], ["--json"]):
        training = command(
            "train", "--corpus", path, *tiny("--sampling.temperature=9", f"--name=x{len(flags)}{EVIL}"), *flags
        )
        assert training.code == 0
    assert any(character in event["text"] for event in training.events[4:5] for character in EVIL)
    assert EVIL.replace("\x07", "\ufffd")[1:4] in command("runs").out
    assert json.loads(command("runs", "--json").out)[0]["corpus"] == path.name
    for flags in ([], ["--json"]):
        assert command("generate", "latest", f"--prompt=\x1b{EVIL}\x02", "--temperature=9", *flags).code == 0
        assert command("evaluate", "latest", *flags, "--text", path).code == 0


def test_control_characters_in_names(command: Command, tmp_path: Path) -> None:
    for arguments in (
        ["train", "--corpus", EVIL],
        ["train", "--recipe", EVIL],
        ["train", *tiny(f"--device={EVIL}")],
        ["train", "--model.input", EVIL],
        ["train", f"--{EVIL}"],
        ["generate", EVIL],
        [EVIL],
    ):
        assert command(*arguments).code in (1, 2)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_not_unicode(command: Command, text_file: Path, small_run: Run) -> None:
    path = text_file.with_name(os.fsdecode(b"caf\xe9.txt"))
    shutil.copy(text_file, path)
    assert command("train", "--corpus", path, *tiny(), "--json").code == 0
    assert json.loads(command("runs", "--json").out)[0]["corpus"] == "caf\\udce9.txt"
    written = command("generate", "small", "--prompt=fox\udcff", "--json", "--length=5")
    assert json.loads(written.out)["unknown"] == ["\udcff"]
