"""The terminal belongs to the screen while it is open: what native libraries write goes to the log."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator

from lstm_tui import files, locations


@contextlib.contextmanager
def own_terminal() -> Iterator[None]:
    """Point file descriptor 2, which Textual draws on, and the program's logging at the log file.

    Textual draws through `sys.__stderr__`: it gets a descriptor of its own.
    """
    files.make_folder(locations.log().parent)
    before, stream = sys.stderr, sys.__stderr__
    screen = os.dup(2)
    handler = logging.FileHandler(locations.log(), encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logging.getLogger("lstm_tui").addHandler(handler)
    try:
        os.dup2(handler.stream.fileno(), 2)
        sys.stderr = sys.__stderr__ = os.fdopen(screen, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
            sys.stderr.flush()
        os.dup2(screen, 2)
        os.close(screen)
        sys.stderr, sys.__stderr__ = before, stream  # type: ignore[misc]
        logging.getLogger("lstm_tui").removeHandler(handler)
        handler.close()
