"""Bytes to the terminal while nothing happens: `python -m tests.benchmarks.idle [SECONDS]`.

In a pseudo-terminal of 80 × 24, so many seconds on each screen while nothing trains: with a run on the disk, and on the
Train screen once more with one that was stopped there.
"""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.terminal import Terminal, verdict
from tests.benchmarks.underway import go_on, opened, show, stopped_run


def still(app: Terminal, where: str, seconds: float) -> bool:
    """Whether nothing comes for so long, once what was asked of threads and said in a corner has come and gone."""
    app.settle()
    before = app.process.cpu_times()
    count = app.rest(seconds)
    after = app.process.cpu_times()
    busy = (after.user + after.system - before.user - before.system) / seconds * 100
    return verdict(f"{where}, {seconds:.0f} s (with {busy:.1f} % of a core)", count, 0, "bytes")


def main() -> int:
    seconds = float(sys.argv[1]) if sys.argv[1:] else 30.0
    met = []
    with tempfile.TemporaryDirectory() as folder:
        run = stopped_run(Path(folder))
        app = opened(Path(folder))
        try:
            for number, name in ((1, "Corpus"), (2, "Configure"), (3, "Train"), (5, "Runs")):
                show(app, number)
                met.append(still(app, name, seconds))
            go_on(app, run.name)
            app.rest(3.0)
            app.send("s")
            app.wait(lambda screen: "training" not in screen.rows[-2])
            met.append(still(app, "Train, a run that was stopped", seconds))
            show(app, 4)  # last: there, digits are text in the prompt
            met.append(still(app, "Generate", seconds))
        finally:
            app.close()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
