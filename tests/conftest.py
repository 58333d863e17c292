"""What all tests share: a home of their own, and a tiny trained run."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import locations
from lstm_tui.runs.run import Run

# Two test processes with two threads each on two cores wait for one another most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
TEXT = "".join(f"The fox {number} went over the hill — and came back at noon.\n" for number in range(60))
TINY: dict[str, Any] = {
    "model": {"hidden": 8, "embedding": 8},
    "batches": {"size": 2, "length": 16},
    "budget": {"steps": 12},
    "plan": {"score_every": 5, "record_every": 3, "precision": "fp32", "threads": 1},
    "sampling": {"length": 40, "prompt": "The fox"},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has data, config, state and cache folders of its own, below this one."""
    monkeypatch.setenv("LSTM_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """A text of some 3,000 characters, not all of them ASCII."""
    path = tmp_path / "fox.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 12 steps: trained once, and copied for each test that needs it."""
    from lstm_tui.jobs.preparing import prepare
    from lstm_tui.jobs.requests import Requests
    from lstm_tui.jobs.training import train
    from lstm_tui.text import library

    folder = tmp_path_factory.mktemp("trained")
    (folder / "fox.txt").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTM_TUI_HOME", str(folder / "home"))
        run = prepare(library.find(str(folder / "fox.txt")), "quick", TINY, name="small")
        events = list(train(run, "cpu", Requests()))
    assert events[-1].event == "finished"
    return run.folder


@pytest.fixture
def small_run(_trained: Path) -> Run:
    """A run of 12 steps, trained and whole, in this test's home; its corpus is gone."""
    folder = locations.runs() / "small"
    shutil.copytree(_trained, folder)
    return Run(folder)
