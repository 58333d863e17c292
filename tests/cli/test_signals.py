"""Signals, and readers that go: a run is saved first."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import locations
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, tiny


@contextmanager
def signalled(number: int, run: str) -> Iterator[threading.Event]:
    """Send this process a signal once the run of that name has a line of metrics; gives whether it was sent."""
    metrics = locations.runs() / run / "metrics.jsonl"

    over, sent = threading.Event(), threading.Event()

    def send() -> None:
        while not over.wait(0.01):
            if metrics.exists() and metrics.stat().st_size:
                os.kill(os.getpid(), number)
                sent.set()
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_saves_and_ends_and_the_run_goes_on(command: Command, text_file: Path, name: str) -> None:
    number = getattr(signal, name)
    came: list[int] = []
    before = signal.signal(number, lambda *_: came.append(number))
    try:
        with signalled(number, "mine"):
            flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
            result = command("train", "--corpus", text_file, *flags, "--json")
        assert signal.getsignal(number) != signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert (result.code, came) == (130, [])
    assert [event["event"] for event in result.events[-2:]] == ["saved", "finished"]
    assert result.events[-1]["reason"] == "stopped"
    step = store.summary(store.find("mine")).step
    assert step == result.events[-1]["step"] > 0
    resumed = command("resume", "mine", f"--budget.steps={step + 6}", "--json", "--device=cpu")
    assert resumed.code == 0 and resumed.events[-1]["step"] == step + 6


def test_nohup_is_respected(command: Command, text_file: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signalled(signal.SIGHUP, "mine") as sent:
            flags = tiny("--budget.steps=1500", "--plan.score-every=1500", "--name=mine")
            result = command("train", "--corpus", text_file, *flags)
        assert sent.is_set() and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert result.code == 0
    assert store.summary(store.find("mine")).step == 1500


def lstm_tui(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A process of its own, its signals as a shell in front would set them."""
    return subprocess.Popen(
        [sys.executable, "-m", "lstm_tui", *map(str, arguments)],
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def test_ctrl_c_saves_and_ends_with_130(command: Command, text_file: Path) -> None:
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    with lstm_tui("train", "--corpus", text_file, *flags, "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "started"
        assert json.loads(process.stdout.readline())["event"] == "progress"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["reason"]) == ("finished", "stopped")
    assert store.find("mine").trainer() is None
    resumed = command("resume", "mine", f"--budget.steps={last['step'] + 3}", "--json", "--device=cpu")
    assert resumed.code == 0 and resumed.events[-1]["step"] == last["step"] + 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal to be told in")
def test_ctrl_c_ends_an_evaluation_that_says_how_far_it_is(small_run: Run, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("The fox 7 went over the hill.\n" * 500_000)
    ours, theirs = os.openpty()
    with lstm_tui("evaluate", "small", "--text", tmp_path / "long.txt", "--device=cpu", stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while b"scoring" not in said:
            said += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        with contextlib.suppress(OSError):  # the terminal has gone
            while more := os.read(ours, 1000):
                said += more
    os.close(ours)
    assert (process.returncode, out) == (130, "") and b"Traceback" not in said
    assert said.endswith(b" \r")  # the line is wiped out


# Readers that go.


@pytest.mark.parametrize("arguments", [["corpora"], ["recipes", "--json"], ["train", "--help"]])
def test_a_reader_that_has_gone_is_no_traceback(arguments: list[str]) -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for reader in ("head -1", "true"):
        line = f"{sys.executable} -m lstm_tui {' '.join(arguments)} | {reader}"
        result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, env=buffered)
        assert result.stderr == ""


def test_a_reader_that_goes_while_a_run_trains(text_file: Path) -> None:
    """It is saved, and ends: nobody reads any more."""
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    with lstm_tui("train", "--corpus", text_file, *flags, "--json") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err.startswith("cpu, ") and len(err.splitlines()) == 1
    assert store.summary(store.find("mine")).state == "stopped"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_an_output_that_is_full(text_file: Path) -> None:
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    for arguments in (["corpora", "--json"], ["train", f"--corpus={text_file}", *flags]):
        with Path("/dev/full").open("w") as full_disk, lstm_tui(*arguments, stdout=full_disk) as process:
            _, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert err.splitlines()[-1] == "Could not write the output: the disk is full."
        assert "Traceback" not in err and "ignored" not in err
    assert store.summary(store.find("mine")).state == "stopped"


def test_an_output_that_lacks_a_character(small_run: Run) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = ["generate", "small", "--device=cpu", "--seed=1", "--length=400"]
    with lstm_tui(*arguments, env=environment) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "?" in out and len(out) == 401
