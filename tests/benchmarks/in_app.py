"""Training in the app beside `lstm-tui train`: `python -m tests.benchmarks.in_app [PAIRS]`.

A run is stopped early on, and copies of it go on to its end, in turn by `lstm-tui resume` and in the app, in a
pseudo-terminal of 80 × 24 that shows the Train screen. Plan and budget are fixed, so that both make the same steps,
scores and samples. Steps a second come twice: by the run's own metrics (seconds inside training steps), and by the
clock, which counts scoring and whatever else lies between, from the first line of metrics to the last.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.terminal import APP, verdict
from tests.benchmarks.underway import go_on, opened, stopped_run

TARGET = 0.97
STEPS = 2400
FLAGS = (
    *("--recipe", "quick", "--budget.steps", str(STEPS), "--name", "same"),
    *("--plan.score-every", "300", "--plan.record-every", "25", "--plan.precision", "fp32", "--plan.threads", "2"),
)
Rates = tuple[float, float]
"""Steps a second by the run's own count of seconds, and by the clock."""


def progress(folder: Path) -> list[dict[str, float]]:
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    values = [json.loads(line) for line in lines if line.endswith("\n")]
    return [value for value in values if value["event"] == "progress"]


def followed(folder: Path, go: Callable[[float], None]) -> Rates:
    """Watch a run's metrics to its last step, while `go` lets time pass."""
    begun = progress(folder)[-1]["step"]
    times: list[tuple[float, float, float]] = []  # when it was seen, step, elapsed
    while not times or times[-1][1] < STEPS:
        go(0.02)
        last = progress(folder)[-1]
        if last["step"] > (times[-1][1] if times else begun):
            times.append((time.perf_counter(), last["step"], last["elapsed"]))
    (first, step, elapsed), (last_seen, _, all_elapsed) = times[0], times[-1]
    return (STEPS - step) / (all_elapsed - elapsed), (STEPS - step) / (last_seen - first)


def by_command(home: Path, folder: Path) -> Rates:
    env = {**os.environ, "LSTM_TUI_HOME": str(home)}
    with subprocess.Popen([*APP, "resume", folder.name], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        return followed(folder, time.sleep)


def in_app(home: Path, folder: Path) -> Rates:
    app = opened(home)
    try:
        go_on(app, folder.name)
        return followed(folder, lambda seconds: void(app.rest(seconds)))
    finally:
        app.close()


def void(_value: object) -> None:
    """What a measurement does not need."""


def main() -> int:
    pairs = int(sys.argv[1]) if sys.argv[1:] else 4
    ways = {"lstm-tui resume": by_command, "the app": in_app}
    found: dict[str, list[Rates]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as scratch:
        begun = Path(scratch) / "begun"
        stopped_run(begun, FLAGS)
        for number in range(pairs):
            for name in list(ways) if number % 2 == 0 else list(ways)[::-1]:
                home = shutil.copytree(begun, Path(scratch) / f"{number} {name}")
                folder = next((home / "data" / "runs").iterdir())
                found[name].append(ways[name](home, folder))
                own, clock = found[name][-1]
                print(
                    f"pair {number + 1}, {name:15}: {own:7.2f} steps/s by its metrics, {clock:7.2f} by the clock",
                    flush=True,
                )
                shutil.rmtree(home)
    met = []
    for which, words in enumerate(("by the run's metrics", "by the clock")):
        ratios = [
            app[which] / command[which] for command, app in zip(found["lstm-tui resume"], found["the app"], strict=True)
        ]
        print(f"ratios {words}: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
        met.append(
            verdict(f"steps a second in the app, {words}, median", statistics.median(ratios), TARGET, "×", least=True)
        )
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
