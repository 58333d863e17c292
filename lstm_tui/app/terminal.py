"""The terminal belongs to the screen while it is open: what native libraries write goes to the log."""

import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from lstm_tui import files, locations
from lstm_tui.errors import UserError


class _Terminal(io.TextIOWrapper):
    """Writing to a terminal that has gone does nothing.

    Textual's writing thread would end with the error, and the screen then wait for it for ever, and with
    it a run that is to be saved after the line was cut.
    """

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def _open_log() -> TextIO:
    """Where there can be no log, the screen goes without."""
    try:
        files.make_folder(locations.log().parent)
        return locations.log().open("a", encoding="utf-8")
    except (UserError, OSError):
        return Path(os.devnull).open("a", encoding="utf-8")


@contextlib.contextmanager
def own_terminal() -> Iterator[TextIO]:
    """Point file descriptor 2, which Textual draws on, and the program's logging at the log file, which is given.

    Textual draws through `sys.__stderr__`: it gets a descriptor of its own.
    """
    before = sys.stderr, sys.__stderr__
    screen = os.dup(2)
    log = _open_log()
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logging.getLogger("lstm_tui").addHandler(handler)
    try:
        os.dup2(log.fileno(), 2)
        raw = io.FileIO(screen, "w", closefd=False)
        sys.stderr = sys.__stderr__ = _Terminal(io.BufferedWriter(raw), encoding="utf-8")  # type: ignore[misc]
        yield log
    finally:
        sys.stderr.flush()
        os.dup2(screen, 2)
        os.close(screen)
        sys.stderr, sys.__stderr__ = before  # type: ignore[misc]
        logging.getLogger("lstm_tui").removeHandler(handler)
        log.close()
