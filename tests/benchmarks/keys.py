"""Milliseconds from a key to what it changes on the screen while a run trains: `python -m tests.benchmarks.keys`.

In a pseudo-terminal of 80 × 24, with the training on all cores: help opened and closed on the Train screen, the cursor
moved on the Configure and the Runs screen, and the way from one to the next. What counts is the last byte of the
picture that shows the change.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import Cell, Screen, Terminal, verdict
from tests.benchmarks.underway import show, training_app

MEDIAN, MOST = 50.0, 150.0
KEYS = 72  # on each of the three screens


def body(screen: Screen) -> list[list[Cell]]:
    """All but the status line and the footer, which change by themselves."""
    return [list(row) for row in screen.cells[:-2]]


def changed(before: list[list[Cell]], screen: Screen) -> int:
    """How many characters of the body are others, or drawn otherwise."""
    rows = zip(before, body(screen), strict=True)
    return sum(one != other for row, now in rows for one, other in zip(row, now, strict=True))


def pressed(app: Terminal, key: str, least: int) -> float:
    """Milliseconds from a key until so many characters of the body have changed."""
    before, at = body(app.screen), time.perf_counter()
    app.send(key)
    return (app.wait(lambda screen: changed(before, screen) >= least, 10.0) - at) * 1000


def pause(app: Terminal) -> None:
    """Keys come at any moment between two steps of the training, and between two looks of the screen."""
    app.rest(random.uniform(0.05, 0.4))


def main() -> int:
    random.seed(1)
    found: dict[str, list[float]] = {"Train": [], "Configure": [], "Runs": [], "switch": []}
    with tempfile.TemporaryDirectory() as folder:
        app = training_app(Path(folder))
        try:
            cpu = app.process.cpu_times()
            began = time.perf_counter()
            for _ in range(KEYS // 12):
                for number, name, keys, least in (
                    (3, "Train", ("?", "enter"), 300),
                    (2, "Configure", ("down", "up"), 20),
                    (5, "Runs", ("down", "up"), 40),
                ):
                    at = time.perf_counter()
                    found["switch"].append((show(app, number) - at) * 1000)
                    app.rest(1.2)
                    for _ in range(6):
                        for key in keys:
                            found[name].append(pressed(app, key, least))
                            pause(app)
            seconds = time.perf_counter() - began
            used = app.process.cpu_times()
            load = (used.user + used.system - cpu.user - cpu.system) / seconds
        finally:
            app.close()
    every = sorted(value for values in found.values() for value in values)
    for name, values in found.items():
        print(f"{name:10} slowest {', '.join(f'{value:.0f}' for value in sorted(values)[-6:])}")
        print(f"{name:10} {len(values):4} keys: median {statistics.median(values):6.1f} ms, most {max(values):6.1f} ms")
    print(f"{len(every)} keys in {seconds:.0f} s, with {load:.2f} cores busy in the app")
    met = verdict("a key to its redraw, median", statistics.median(every), MEDIAN, "ms")
    worst = verdict("a key to its redraw, 99 of 100", every[int(len(every) * 0.99) - 1], MOST, "ms")
    return 0 if met and worst else 1


if __name__ == "__main__":
    sys.exit(main())
