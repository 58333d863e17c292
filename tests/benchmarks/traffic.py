"""KiB a second to the terminal while a run trains, and how often step and loss change: `python -m
tests.benchmarks.traffic [SECONDS]`.

In a pseudo-terminal of 80 × 24 that shows the Train screen. The figures are read from the picture: were they not to
change, few bytes would be no merit.
"""

import itertools
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import Screen, Terminal, verdict
from tests.benchmarks.underway import training_app

TARGET = 15.0
# Twice a second, but for a beat that falls between two looks.
CHANGES = 1.9
# Of two losses in a row, three digits may well be the same.
CHANGES_OF_LOSS = 1.8
FIGURES = {"step": re.compile(r"\bstep +([\d,.k]+)"), "loss": re.compile(r"\btrain\w* +(\d+\.\d+)")}


def figure(pattern: re.Pattern[str], screen: Screen) -> str:
    """What stands behind a word in the right half, where the figures are."""
    for row in screen.rows[1:-2]:
        if found := pattern.search(row[len(row) // 2 :]):
            return found[1]
    return ""


def watch(app: Terminal, seconds: float) -> tuple[float, dict[str, list[float]]]:
    """KiB a second, and when each figure changed."""
    at, first = time.perf_counter(), len(app.chunks)
    before = {name: figure(pattern, app.screen) for name, pattern in FIGURES.items()}
    changes: dict[str, list[float]] = {name: [] for name in FIGURES}
    while (left := at + seconds - time.perf_counter()) > 0:
        app.read(left)
        for name, pattern in FIGURES.items():
            now = figure(pattern, app.screen)
            if now and now != before[name]:
                before[name] = now
                changes[name].append(app.chunks[-1][0])
    return sum(count for _, count in app.chunks[first:]) / 1024 / seconds, changes


def main() -> int:
    seconds = float(sys.argv[1]) if sys.argv[1:] else 60.0
    with tempfile.TemporaryDirectory() as folder:
        app = training_app(Path(folder))
        try:
            rate, changes = watch(app, seconds)
            still = app.screen.text
        finally:
            app.close()
    print(still)
    for name, times in changes.items():
        gaps = [after - one for one, after in itertools.pairwise(times)]
        if gaps:
            print(
                f"{name}: {len(times)} changes in {seconds:.0f} s, median {statistics.median(gaps):.2f} s apart, "
                f"most {max(gaps):.2f} s"
            )
    met = [verdict("to the terminal while training", rate, TARGET, "KiB/s")]
    for name, least in (("step", CHANGES), ("loss", CHANGES_OF_LOSS)):
        met.append(verdict(f"changes of the {name}", len(changes[name]) / seconds, least, "a second", least=True))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
