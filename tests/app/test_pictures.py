"""One picture of each screen at 80×24, and a wide one. Nothing in them depends on the machine or the clock."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from lstm_tui.app.source import ScriptedSource
from lstm_tui.text import library
from tests.app.conftest import TRAINING, app_of, shown, wait_until

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def only_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own texts differ from version to version."""
    shipped = library.built_in()[:3]
    monkeypatch.setattr(library, "built_in", lambda: shipped)


async def settled(pilot: Pilot[Any], *words: str) -> None:
    """Wait until the words are there, and nothing changes any more."""
    await wait_until(pilot, lambda: all(word in shown(pilot.app) for word in words))
    same, before = 0, ""
    while same < 4:
        await pilot.pause(0.15)
        same = same + 1 if shown(pilot.app) == before else 0
        before = shown(pilot.app)


async def corpus_stands(pilot: Pilot[Any]) -> None:
    await settled(pilot, "utf-8", "5-gram  1.", "cpu, 2 threads")


async def train_stands(pilot: Pilot[Any]) -> None:
    await pilot.press("3")
    await settled(pilot, "H100", "best 1.548", "6k", "0:34 left", "Pause")


def test_corpus(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=(80, 24), run_before=corpus_stands)


async def cleaning_stands(pilot: Pilot[Any]) -> None:
    await corpus_stands(pilot)
    await pilot.press("c")
    await settled(pilot, "Nothing is taken out or changed.")
    await pilot.press("down", "down", "down", "down", "enter")
    await settled(pilot, "made small")


def test_cleaning(snap_compare: Compare) -> None:
    assert snap_compare(app_of(), terminal_size=(80, 24), run_before=cleaning_stands)


def test_train(snap_compare: Compare) -> None:
    app = app_of(ScriptedSource(TRAINING))
    assert snap_compare(app, terminal_size=(80, 24), run_before=train_stands)


def test_train_wide(snap_compare: Compare) -> None:
    app = app_of(ScriptedSource(TRAINING))
    assert snap_compare(app, terminal_size=(160, 48), run_before=train_stands)
