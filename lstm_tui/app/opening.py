"""The app from outside: opened on a terminal, and what is said on it once it has closed."""

import atexit
import os
import shlex
import time
from pathlib import Path

from rich.console import Console

from lstm_tui import locations
from lstm_tui.app.app import LstmTui
from lstm_tui.app.source import Source
from lstm_tui.app.terminal import own_terminal
from lstm_tui.app.theme import ANSI_DARK
from lstm_tui.app.widgets.glyphs import use_ascii
from lstm_tui.errors import UserError, no_control_characters


def farewell(source: Source) -> str:
    """What the normal screen shall say once the program is closed: where the run is and how to go on."""
    last = source.snapshot()
    if not Path(last.directory, "run.toml").exists():  # none was trained, or it was deleted since
        return ""
    loss = "validation loss" if last.best_validation_loss is not None else "training loss"
    value = last.best_validation_loss if last.best_validation_loss is not None else last.train_loss
    figures = f", {loss} {value:.3f} nats" if value is not None else ""
    lines = [f"{last.run}: {last.step:,} steps{figures}", last.directory]
    if last.state == "failed":
        lines.append(last.message)
    elif last.busy:
        lines.append("It was closed before it was saved; what was saved before is there.")
    if last.reason != "diverged":
        longer = f" --budget.steps {2 * last.step}" if last.complete else ""
        lines.append(f"Go on with: lstm-tui resume {shlex.quote(last.run)}{longer}")
    return no_control_characters("\n".join(lines))


def _heed_the_terminal() -> None:
    """What the environment says of colours, in the words of the libraries beneath.

    An empty `NO_COLOR` says nothing (no-color.org); and of a terminal that calls itself dumb, Rich would not even show
    what is bold or reversed.
    """
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)
    if os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
        os.environ.update(TERM="xterm", NO_COLOR="1")


def open_app(*, mouse: bool = True, ascii_only: bool = False) -> tuple[str, bool]:
    """Open the screens; returns what to say after they have closed, and whether all went well.

    Raises:
        UserError: where the screens broke down; the traceback is in the log.
    """
    use_ascii(ascii_only)
    _heed_the_terminal()
    app = LstmTui()
    if app.console.color_system == "standard" and not app.no_color and not app.memory.get("theme", ""):
        app.theme = ANSI_DARK.name  # of 16 colours, the terminal's own are the surest to be told apart
    try:
        with own_terminal() as log:
            app.error_console = Console(file=log)
            app.run(mouse=mouse)
            while app.source.busy and not app.hurried:  # the screen broke down: what it trained is saved first
                time.sleep(0.05)
    finally:
        if app.source.busy:  # an interpreter that ends would pull the ground from under PyTorch's threads
            atexit.register(os._exit, 1)
    if app.return_code:
        sentence = f"The screen broke down; {locations.log()} says more."
        raise UserError("\n".join(filter(None, (sentence, farewell(app.source)))))
    return farewell(app.source), app.source.snapshot().state != "failed" and not app.hurried
