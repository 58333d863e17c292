"""500 runs: how long it takes to list them, and until the Runs screen shows them.

    python -m tests.benchmarks.runs [how many]

In a folder of its own, which is deleted. `cold`: nothing of them was read before, by this program or an earlier start;
`next start`: this process has read nothing, an earlier one has; `warm`: this one has. The screen is driven without a
terminal, at 160×48, each time in a process of its own and with PyTorch loaded, as for a person, beside the same with
a single run: the rest is Textual's, which mounts a screen. The longest pause is how long a key would have waited;
`filling` is what the 500 rows take of the screen's thread.
"""

import asyncio
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def make(count: int) -> None:
    """So many runs, each with figures of its own and a course of 500 lines."""
    from lstm_tui import locations
    from lstm_tui.runs.checkpoint import Checkpoint
    from lstm_tui.text.ngram import Baselines
    from tests.app.runs import make_run

    first = make_run("seed", baselines=Baselines(4.11, 2.9, 1.698, 5), temperature=1.5)
    course = (
        {"event": "progress", "step": step, "epoch": step / 57, "train_loss": 1.4 + 2.7 * math.exp(-step / 900)}
        for step in range(10, 5010, 10)
    )
    (first.folder / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in course))
    for number in range(count - 1):
        folder = locations.runs() / f"2026-11-21-{number:04}-alice-quick"
        shutil.copytree(first.folder, folder)
        best = 1.4 + number % 97 / 100
        figures = {"step": 740 + number, "train_loss": best - 0.1, "best_validation_loss": best, "elapsed": 72.0}
        type(first)(folder).write_checkpoint("last", Checkpoint({}, {**figures, "reason": "budget"}))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def forget() -> None:
    """As if this process had just begun."""
    from lstm_tui.runs import listing

    listing._known = listing._Known()


def filling() -> list[float]:
    """Seconds of what the screen does with a list that has come, five times."""
    from lstm_tui.app.run_rows import COLUMNS, Order, arrange, layout, matches
    from lstm_tui.runs import store

    there = store.summaries()

    def fill() -> None:
        arrange((it for it in there if matches(it, "quick")), Order("best"))
        layout(there, list(COLUMNS), 154)

    return [seconds(fill) for _ in range(5)]


async def opened(count: int) -> tuple[float, float]:
    """Seconds from the key until all runs are in the table, and the longest that the screen stood still meanwhile."""
    from lstm_tui.app.app import LstmTui
    from lstm_tui.app.screens.runs import RunsScreen
    from lstm_tui.app.source import ScriptedSource

    app = LstmTui(ScriptedSource())
    async with app.run_test(size=(160, 48)) as pilot:
        while app.device is None:  # PyTorch is there, and what its import left is no garbage any more
            await pilot.pause(0.1)
        await pilot.pause(1.0)
        begun = last = time.perf_counter()
        longest = 0.0
        app.show_screen("runs")
        while not (isinstance(app.screen, RunsScreen) and len(app.screen._summaries) == count):
            await asyncio.sleep(0.001)  # not without end: it would hold the interpreter from the thread that lists
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return time.perf_counter() - begun, longest


def opened_by_another(count: int, kind: str) -> tuple[float, float]:
    """The same in a process of its own, which has no screens and no garbage of others before it."""
    program = "from tests.benchmarks.runs import *\n"
    program += "from lstm_tui.runs import store; store.summaries()\n" if kind == "warm" else ""
    program += f"print(*asyncio.run(opened({count})))"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    took, longest = map(float, done.stdout.split()[-2:])
    return took, longest


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTM_TUI_HOME"] = home
        from lstm_tui import locations
        from lstm_tui.runs import store

        make(count)
        cache = Path(locations.cache()) / "listing"
        cold, start, warm = [], [], []
        for _ in range(5):
            shutil.rmtree(cache, ignore_errors=True)
            forget()
            cold.append(seconds(store.summaries))
            forget()
            start.append(seconds(store.summaries))
            warm.append(seconds(store.summaries))
        for name, taken in (("cold", cold), ("next start", start), ("warm", warm)):
            print(f"list of {count} runs, {name:10}  median {statistics.median(taken) * 1000:6.1f} ms")
        print(f"filling the table with {count} runs    median {statistics.median(filling()) * 1000:6.1f} ms")
        for name in ("one run", "cold", "next start", "warm"):
            aside = locations.runs().rename(home + "/aside") if name == "one run" else None
            if aside:
                shutil.copytree(aside / "seed", locations.runs() / "seed")
            screens = []
            for _ in range(3):
                if name == "cold":
                    shutil.rmtree(cache, ignore_errors=True)
                screens.append(opened_by_another(1 if aside else count, name))
            took, longest = (statistics.median(values) * 1000 for values in zip(*screens, strict=True))
            print(f"screen, {name:10}  open after {took:6.1f} ms, longest pause {longest:5.1f} ms")
            if aside:
                shutil.rmtree(locations.runs())
                aside.rename(locations.runs())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
