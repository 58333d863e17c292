"""A picture of each screen at 80×24 and at 160×48. Nothing in them depends on the machine or the clock."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from textual.pilot import Pilot

from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets import words
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import DEVICE, TRAINING, app_of, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script
from tests.app.test_configure import planned

Compare = Callable[..., bool]
USUAL, LARGE = (80, 24), (160, 48)
BASELINES = Baselines(uniform=4.1109, letters=2.9013, ngram=1.698, order=5)


@pytest.fixture(autouse=True)
def same_everywhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs from machine to machine: Python's own texts, where the home is, devices, what a model writes."""
    shipped, readable = library.built_in()[:3], words.readable
    monkeypatch.setattr(library, "built_in", lambda: shipped)
    monkeypatch.setattr(words, "readable", lambda text: readable(text.replace(str(home), "/home/user/lstm-tui")))
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(planned))
    monkeypatch.setattr(ConfigureScreen, "devices", staticmethod(lambda: [DEVICE]))
    by_script(monkeypatch)
    monkeypatch.setattr(
        Scripted, "pieces", ("fox who lived under the lamp said nothing,\n", "and the lamp said less.\n")
    )


def dated(name: str, created: str, info: dict[str, Any], **more: Any) -> Run:
    """A run of a year that is not this one, with a sample."""
    run = make_run(name, info=info, baselines=BASELINES, **more)
    (run.folder / "run.toml").write_text(tomli_w.dumps({**run.about, "created": created}))
    for step in (370, 740):
        run.append("samples", f'{{"event": "sampled", "step": {step}, "text": "The fox and the lamp, step {step}."}}')
        run.append(
            "metrics", f'{{"event": "scored", "step": {step}, "validation_loss": {2200 / (step + 700)}, "best": true}}'
        )
    for step in range(20, 741, 20):
        loss = 1.4 + 2.7 * 0.995**step
        run.append("metrics", f'{{"event": "progress", "step": {step}, "train_loss": {loss}, "elapsed": {step / 10}}}')
    return Run(run.folder)


def some_runs() -> None:
    dated("2020-03-01-0900-fables-quick", "2020-03-01T09:00:00+00:00", {"best_validation_loss": 1.771})
    dated("2020-04-02-1015-fables-poems", "2020-04-02T10:15:00+00:00", {"reason": "stopped"}, recipe="poems")
    dated("2020-05-03-2230-fables-quick", "2020-05-03T22:30:00+00:00", {"reason": "diverged"}, temperature=1.2)
    dated("2020-06-04-1405-fables-quick", "2020-06-04T14:05:00+00:00", {}, temperature=0.7)


async def settled(pilot: Pilot[Any], *words: str) -> None:
    """Wait until the words are there, and nothing changes any more."""
    await wait_until(pilot, lambda: all(word in shown(pilot.app) for word in words))
    same, before = 0, ""
    while same < 4:
        await pilot.pause(0.15)
        same = same + 1 if shown(pilot.app) == before else 0
        before = shown(pilot.app)


async def corpus_stands(pilot: Pilot[Any]) -> None:
    await settled(pilot, "utf-8", "4.127", "1.589", "cpu, 2 threads")


async def configure_stands(pilot: Pilot[Any]) -> None:
    await pilot.press("2")
    await settled(pilot, "384,000 parameters", "cpu, 2 threads", "Units of each")
    await pilot.press("plus")
    await settled(pilot, "512,000 parameters", "was 384")


async def generate_stands(pilot: Pilot[Any]) -> None:
    await pilot.press("4")
    await settled(pilot, "quick · last, step 740", "0.7")
    await pilot.press("T", "h", "e", "space", "enter")
    await wait_until(pilot, lambda: "4711" in shown(pilot.app) and "Esc Stop" not in shown(pilot.app))
    await settled(pilot, "The fox who lived under the lamp", "said less", "longest copy")


async def runs_stand(pilot: Pilot[Any]) -> None:
    await pilot.press("5")
    await settled(pilot, "1.771", "diverged", "stopped", "temperature 0.7", "step 740")


async def train_stands(pilot: Pilot[Any]) -> None:
    await pilot.press("3")
    await settled(pilot, "H100", "best 1.548", "6k", "0:34 left", "Pause")


async def cleaning_stands(pilot: Pilot[Any]) -> None:
    await corpus_stands(pilot)
    await pilot.press("c")
    await settled(pilot, "Nothing is taken out or changed.")
    await pilot.press("down", "down", "down", "down", "enter")
    await settled(pilot, "made small")


def test_corpus(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=USUAL, run_before=corpus_stands)


def test_corpus_wide(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=LARGE, run_before=corpus_stands)


def test_cleaning(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=USUAL, run_before=cleaning_stands)


def test_configure(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=USUAL, run_before=configure_stands)


def test_configure_wide(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=LARGE, run_before=configure_stands)


def test_train(snap_compare: Compare) -> None:
    assert snap_compare(app_of(ScriptedSource(TRAINING)), terminal_size=USUAL, run_before=train_stands)


def test_train_wide(snap_compare: Compare) -> None:
    assert snap_compare(app_of(ScriptedSource(TRAINING)), terminal_size=LARGE, run_before=train_stands)


def test_generate(snap_compare: Compare) -> None:
    some_runs()
    assert snap_compare(app_of(), terminal_size=USUAL, run_before=generate_stands)


def test_generate_wide(snap_compare: Compare) -> None:
    some_runs()
    assert snap_compare(app_of(), terminal_size=LARGE, run_before=generate_stands)


def test_runs(snap_compare: Compare) -> None:
    some_runs()
    assert snap_compare(app_of(), terminal_size=USUAL, run_before=runs_stand)


def test_runs_wide(snap_compare: Compare) -> None:
    some_runs()
    assert snap_compare(app_of(), terminal_size=LARGE, run_before=runs_stand)
