"""The app on a real terminal: a line that is cut ends it, and what goes wrong is not drawn."""

import contextlib
import os
import pty
import sys
import time
from pathlib import Path

import pytest

from lstm_tui.app.terminal import own_terminal
from tests.app.conftest import app_of

_OPEN = """
from lstm_tui.app.app import LstmTui
from lstm_tui.app.opening import open_app
from lstm_tui.app.screens.corpus import CorpusScreen
LstmTui.choose_device = lambda app, name: None
def broken(screen): raise ZeroDivisionError("boom")
CorpusScreen.action_find = broken
try:
    print(repr(open_app()))
except Exception as error:
    print(type(error).__name__, error)
"""


def _start(home: Path) -> tuple[int, int]:
    """The app on a terminal of its own: its process, and our end of the line."""
    process, line = pty.fork()
    if process == 0:
        os.environ.update(LSTM_TUI_HOME=str(home), TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, "-c", _OPEN])
    return process, line


def _read_until(line: int, words: bytes) -> bytes:
    seen, end = b"", time.monotonic() + 20
    while words not in seen and time.monotonic() < end:
        try:
            seen += os.read(line, 65536)
        except OSError:
            break
    return seen


def _wait(process: int) -> int:
    """The exit status; the process is ended where it does not end by itself."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(process, 9)
    os.waitpid(process, 0)
    raise AssertionError("it did not end")


def test_a_cut_line_ends_the_program_and_leaves_no_process(tmp_path: Path) -> None:
    process, line = _start(tmp_path)
    assert b"Lamplighter" in _read_until(line, b"Lamplighter")
    os.close(line)
    assert _wait(process) in {0, 1, 120}  # what the farewell's own write to the gone terminal makes of it


def test_an_error_of_the_screen_is_one_sentence_and_its_traceback_is_in_the_log(tmp_path: Path) -> None:
    process, line = _start(tmp_path)
    assert b"Lamplighter" in _read_until(line, b"Lamplighter")
    os.write(line, b"/")
    last = _read_until(line, b"says more").split(b"Lamplighter")[-1]
    assert _wait(process) == 0
    os.close(line)
    assert b"The screen broke down" in last
    assert b"Traceback" not in last and b"boom" not in last
    assert "boom" in (tmp_path / "state" / "lstm-tui.log").read_text()


def test_without_a_place_for_the_log_the_screen_opens_all_the_same(home: Path) -> None:
    (home / "state").write_text("a file, where the folder should be")
    with own_terminal() as log:
        log.write("into nothing")


def test_what_native_libraries_write_goes_to_the_log(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with own_terminal():
        os.write(2, b"a native library\n")
    assert "a native library" in (home / "state" / "lstm-tui.log").read_text()
    with contextlib.suppress(OSError):
        os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


async def test_what_is_copied_has_nothing_that_a_shell_obeys() -> None:
    app = app_of()
    async with app.run_test():
        app.copy_to_clipboard("/home/caf\udce9/\x1b[201~runs\n")  # as a disk may name a folder
        assert app.clipboard == "/home/caf�/�[201~runs\n"
