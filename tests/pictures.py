"""The README's pictures, one of each screen: `python -m tests.pictures [SECONDS] [FOLDER]`.

They are of what really happens: in a home of its own, a few short runs are trained on this machine, then the default
text with the default recipe (for as long as that says, or for so many seconds), and the app is looked at meanwhile. The
figures are this machine's.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.generate import GenerateScreen
from tests.app.conftest import shown, wait_until

FOLDER = Path(__file__).parents[1] / ".github" / "pictures"
SIZE = (100, 30)
# Of the training, when the Train screen is looked at.
SHARE = 0.8
PROMPT = "The king"
# Of a temporary folder, of as many characters.
HOME = "/home/user/.data/lstm-tui"
EARLIER = (
    ("--corpus", "verses", "--recipe", "quick", "--budget.epochs", "6"),
    ("--corpus", "fables", "--recipe", "quick", "--model.hidden", "128", "--budget.epochs", "3"),
    ("--corpus", "jokes", "--recipe", "words", "--budget.epochs", "5"),
    ("--corpus", "fables", "--recipe", "quick", "--learning.rate", "0.0005", "--budget.epochs", "2"),
)


def train_earlier() -> None:
    """A few short runs for the list."""
    for flags in EARLIER:
        command = [sys.executable, "-m", "lstm_tui", "train", *flags]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def take(pilot: Pilot[None], folder: Path, name: str) -> None:
    """Wait until nothing more comes of what was asked, and keep the screen."""
    await pilot.pause(1.2)
    picture = pilot.app.export_screenshot(title="lstm-tui").replace(os.environ["LSTM_TUI_HOME"], HOME)
    (folder / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(f"{name}.svg", flush=True)


async def look(folder: Path, seconds: float | None) -> None:
    app = LstmTui()
    app.place = "user@box"
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: app.device is not None and "5-gram" in shown(app), 60)
        await take(pilot, folder, "corpus")

        await pilot.press("2")
        await wait_until(pilot, lambda: "parameters" in shown(app) and "steps an epoch" in shown(app), 60)
        await pilot.press("plus")
        await wait_until(pilot, lambda: "was " in shown(app))
        await pilot.pause(8.0)  # what is measured on the device comes last
        await take(pilot, folder, "configure")
        await pilot.press("R")

        if seconds is not None:
            app.choice.overrides["budget.minutes"] = f"{seconds / 60:.3f}"
        app.start_training()
        await wait_until(pilot, lambda: _share(app) > SHARE or (_share(app) > 0 and not app.source.busy), 900)
        await take(pilot, folder, "train")
        await wait_until(pilot, lambda: not app.source.busy, 900)

        await pilot.press("4")
        await wait_until(pilot, lambda: isinstance(app.screen, GenerateScreen) and "best" in shown(app), 30)
        await pilot.press(*PROMPT, "enter")
        await wait_until(pilot, lambda: "longest copy" in shown(app), 60)
        await take(pilot, folder, "generate")

        await pilot.press("5")
        await wait_until(pilot, lambda: "hidden 128" in shown(app), 30)
        await take(pilot, folder, "runs")


def _share(app: LstmTui) -> float:
    """How much of the run is done."""
    seen = app.source.snapshot()
    return seen.step / seen.horizon if seen.horizon else 0.0


def main() -> None:
    seconds = float(sys.argv[1]) if sys.argv[1:] else None
    folder = Path(sys.argv[2]) if sys.argv[2:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTM_TUI_HOME"] = f"{home}/lstm-tui"
        train_earlier()
        asyncio.run(look(folder, seconds))


if __name__ == "__main__":
    main()
