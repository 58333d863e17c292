"""Tiny runs for the jobs' tests, with every value of the plan fixed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_tui.fields import merge
from lstm_tui.jobs.preparing import prepare
from lstm_tui.runs.run import Run
from lstm_tui.text import library

TINY: dict[str, Any] = {
    "model": {
        "hidden": 24,
        "embedding": 8,
        "layers": 2,
        "dropout": 0.3,
        "input_dropout": 0.1,
        "locked_dropout": False,
        "weight_drop": 0.0,
    },
    "batches": {"size": 8, "length": 16, "reset": 0.0},
    "budget": {"steps": 200},
    "plan": {"score_every": 50, "record_every": 10, "precision": "fp32", "threads": 1},
    "sampling": {"length": 40, "temperature": 0.9},
    "seed": 7,
}

MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """make_run(overrides, recipe=…, corpus=…): a new run on the verses."""

    def make(overrides: dict[str, Any] | None = None, recipe: str = "quick", corpus: str = "verses") -> Run:
        return prepare(library.find(corpus), recipe, merge(TINY, overrides or {}))

    return make
