"""What a recipe reaches on a text in so many minutes: `python -m tests.benchmarks.reach quick PATH --minutes 1.5`.

Each run is one of `lstm-tui train`'s, in a scratch folder: the best checkpoint on the whole held-out part, with the
state carried and in cold windows of 256. `--ablate` takes one thing at a time out of the recipe `quality`.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstm_tui import devices
from lstm_tui.fields import merge
from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Finished, Planned
from lstm_tui.jobs.preparing import prepare
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.text import library

ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "all of it": {},
    "without weight-drop": {"model": {"weight_drop": 0.0}},
    "without locked dropout (its share at each step anew)": {"model": {"locked_dropout": False}},
    "without averaged weights": {"learning": {"average": None}},
    "without rolled offsets": {"batches": {"roll": False}},
    "without the state carried": {"batches": {"reset": 1.0}},
}


def reach(recipe: str, path: str, overrides: Mapping[str, Any], device: str) -> str:
    """Train once; what it reached, as a row of a table."""
    run = prepare(library.find(path), recipe, overrides)
    finished, precision = None, ""
    for event in train(run, device, Requests()):
        match event:
            case Planned():
                precision = event.precision
            case Finished():
                finished = event
    assert finished is not None and finished.best_validation_loss is not None, "the run failed"
    cold = evaluate(run, window=256, device=device).nats_per_token
    return (
        f"{finished.step:,} steps, {precision} | {finished.train_loss:.3f} | {finished.best_validation_loss:.4f} "
        f"| {cold:.4f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("path")
    parser.add_argument("--minutes", type=float, default=1.5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--settings", type=json.loads, default={}, help="more settings, nested, in JSON")
    given = parser.parse_args()
    device = devices.choose("auto")
    print(f"{device.label}: {given.recipe}, {given.minutes:g} minutes, {Path(given.path).name}\n")
    print("| | | train | validation | cold 256 |\n|---|---|---|---|---|")
    for words, without in (ABLATIONS if given.ablate else {"": {}}).items():
        for seed in given.seeds:
            overrides = merge(given.settings, without, {"budget": {"minutes": given.minutes}, "seed": seed})
            row = reach(given.recipe, given.path, overrides, device.name)
            print(f"| {words or f'seed {seed}'} | {row}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["LSTM_TUI_HOME"] = scratch
        main()
