"""A program in a pseudo-terminal: its keys, its bytes with the times at which they came, and its picture.

For the measurements of the screen. It answers none of the questions that a program may ask a terminal, as many
terminals answer none, and knows only as much of escape sequences as Textual writes.
"""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import psutil
from rich.cells import cell_len

Cell = tuple[str, str]
"""A character, and the colours it is drawn in."""

APP = (sys.executable, "-m", "lstm_tui")
_KEYS = {"enter": "\r", "escape": "\x1b", "up": "\x1b[A", "down": "\x1b[B"}
# A control sequence, one that carries a string, any other escape, a control character, or text.
_TOKEN = re.compile(
    r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]P_^X]"
    r"|[\x00-\x1a\x1c-\x1f]|[^\x00-\x1f]+"
)
# What comes this soon after belongs to the same picture.
_SAME_PICTURE = 0.003


class Screen:
    """What stands in the terminal, as far as places, text and colours go."""

    def __init__(self, columns: int, lines: int) -> None:
        self.cells: list[list[Cell]] = [[(" ", "")] * columns for _ in range(lines)]
        self._x = self._y = 0
        self._style = ""
        self._rest = ""

    def feed(self, text: str) -> None:
        text, at = self._rest + text, 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:  # an escape sequence whose end has not come yet
                break
            at = token.end()
            if token[2]:
                self._control(token[1], token[2])
            elif token[0] == "\r":
                self._x = 0
            elif token[0] == "\n":
                self._y += 1
            elif token[0][0] >= " ":
                self._write(token[0])
        self._rest = text[at:]

    def _control(self, arguments: str, final: str) -> None:
        numbers = [int(part) if part.isdigit() else 1 for part in arguments.split(";")]
        if final == "H":
            self._y, self._x = numbers[0] - 1, (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "m":
            self._style = arguments
        elif final == "J":
            self.cells = [[(" ", "")] * len(row) for row in self.cells]

    def _write(self, text: str) -> None:
        for character in text:
            width = cell_len(character)
            for number in range(width):
                if 0 <= self._y < len(self.cells) and 0 <= self._x < len(self.cells[0]):
                    self.cells[self._y][self._x] = (character if number == 0 else "", self._style)
                self._x += 1

    @property
    def rows(self) -> list[str]:
        return ["".join(character for character, _ in row) for row in self.cells]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


class Terminal:
    """A program that runs in a terminal of its own.

    Attributes:
        screen: its picture, as far as its bytes were read: whoever waits reads them.
        chunks: (when it came, how many bytes), by `time.perf_counter`.
        process: for its processor time and memory.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = (80, 24)) -> None:
        columns, lines = size
        self.screen = Screen(columns, lines)
        self.chunks: list[tuple[float, int]] = []
        self.ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        whole = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
        self.began = time.perf_counter()
        pid, self._descriptor = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execvpe(command[0], list(command), whole)
        self.process = psutil.Process(pid)

    def send(self, *keys: str) -> None:
        """Press keys by name; what is no name is typed."""
        os.write(self._descriptor, "".join(_KEYS.get(key, key) for key in keys).encode())

    def read(self, seconds: float) -> bool:
        """Read what comes next; whether anything came within so many seconds."""
        if self.ended or not select.select([self._descriptor], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self._descriptor, 1 << 16)
        except OSError:  # how Linux says that nobody writes there any more
            data = b""
        self.ended = not data
        self.chunks.append((time.perf_counter(), len(data)))
        self.screen.feed(self._decoder.decode(data))
        return bool(data)

    def rest(self, seconds: float) -> int:
        """Read for so many seconds; how many bytes came."""
        end, first = time.perf_counter() + seconds, len(self.chunks)
        while not self.ended and (left := end - time.perf_counter()) > 0:
            self.read(left)
        return sum(count for _, count in self.chunks[first:])

    def wait(self, true: Callable[[Screen], object], seconds: float = 60.0) -> float:
        """Read until something holds of the screen; when the last of that picture came.

        Raises:
            TimeoutError: with the screen, where it did not come to that.
        """
        end = time.perf_counter() + seconds
        while not true(self.screen):
            if self.ended or time.perf_counter() > end:
                raise TimeoutError(f"It did not come to that:\n{self.screen.text}")
            self.read(0.5)
        while self.read(_SAME_PICTURE):
            pass
        return self.chunks[-1][0] if self.chunks else self.began

    def wait_for(self, *words: str, seconds: float = 60.0) -> float:
        """Read until all these words stand on the screen."""
        return self.wait(lambda screen: all(word in screen.text for word in words), seconds)

    def settle(self, seconds: float = 6.0, most: float = 90.0) -> None:
        """Read until nothing came for so long."""
        end = time.perf_counter() + most
        while not self.ended and time.perf_counter() < end and self.read(seconds):
            pass

    def close(self) -> None:
        """Ask it to end, as a terminal that is closed does; one that will not is killed."""
        with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
            self.process.send_signal(signal.SIGTERM)
            end = time.perf_counter() + 20
            while self.process.status() != psutil.STATUS_ZOMBIE and time.perf_counter() < end:
                self.read(0.1)
                if self.ended:
                    time.sleep(0.05)
            if self.process.status() != psutil.STATUS_ZOMBIE:
                self.process.kill()
            os.waitpid(self.process.pid, 0)
        os.close(self._descriptor)


def verdict(what: str, value: float, target: float, unit: str, least: bool = False) -> bool:
    """Print a figure beside its target; whether it is met: at most that, or at `least`."""
    met = value >= target if least else value <= target
    side = "at least" if least else "at most"
    print(f"{'ok    ' if met else 'MISSED'} {what}: {value:,.3g} {unit} ({side} {target:g})", flush=True)
    return met
