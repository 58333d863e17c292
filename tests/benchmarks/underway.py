"""A run that was stopped on its way, for the app and the command line to go on with: both then do the same work."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.terminal import APP, Terminal

# Far more than a measurement takes.
LONG = ("--recipe", "quick", "--budget.minutes", "60")


def stopped_run(home: Path, flags: Sequence[str] = LONG) -> Path:
    """Train on the fables until the first scoring, when the plan is made, and stop; the run's folder."""
    command = [*APP, "train", "--corpus", "fables", "--json", *flags]
    env = {**os.environ, "LSTM_TUI_HOME": str(home)}
    folder, asked = None, False
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as training:
        assert training.stdout
        for event in map(json.loads, training.stdout):
            if event["event"] == "started":
                folder = Path(event["directory"])
            elif event["event"] == "scored" and not asked:
                asked = True
                training.send_signal(signal.SIGINT)
    if folder is None or not (folder / "last.safetensors").exists():
        raise RuntimeError("No run came to be stopped.")
    return folder


def opened(home: Path, size: tuple[int, int] = (80, 24)) -> Terminal:
    """The app in a terminal, once it can train and stands still: PyTorch is loaded, the text is counted."""
    app = Terminal(APP, {"LSTM_TUI_HOME": str(home)}, size)
    app.wait(lambda screen: re.search(r"\b(cpu|cuda|mps)\b", screen.rows[-2]))
    app.settle(2.0)
    return app


def show(app: Terminal, number: int) -> float:
    """Switch to a screen by its digit; when it was there."""
    app.send(str(number))
    return app.wait(lambda screen: f"[{number} " in screen.rows[0])


def go_on(app: Terminal, run: str) -> None:
    """Go on with the newest run, from the Runs screen: it trains, and the Train screen shows it."""
    show(app, 5)
    app.wait_for(run)
    app.settle(1.0)
    app.send("r")
    app.wait(lambda screen: "[3 " in screen.rows[0] and "training" in screen.text)


def training_app(home: Path) -> Terminal:
    """The app in a terminal of 80 × 24, on its Train screen, while it trains for long on all cores."""
    folder = stopped_run(home)
    for number in range(1, 4):  # others that stand below it in the list
        older = shutil.copytree(folder, folder.with_name(f"older-{number}"))
        os.utime(older / "vocabulary.json", (time.time() - 3600 * number,) * 2)
    app = opened(home)
    go_on(app, folder.name)
    app.rest(10.0)  # its first seconds are not like the others
    return app
