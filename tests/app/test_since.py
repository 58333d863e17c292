"""The first start, and what has happened since the app was last open."""

import os
import time
from pathlib import Path

import pytest

from lstm_tui import settings
from lstm_tui.app import since
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.since import Happened, news
from lstm_tui.app.source import ScriptedSource
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run
from tests.app.test_corpus import measured, own

NOON = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
DONE = Happened("a", "fables: quick", "done", NOON - 31_680, 1.402)
ELSEWHERE = Happened("b", "a text with a very long name: quality", "training", NOON)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(measured))


def test_nothing_happened() -> None:
    assert news([], NOON) is None
    assert news([Happened("a", "x", "damaged", NOON), Happened("b", "y", "new", NOON)], NOON) is None


def test_what_ended_and_when() -> None:
    assert news([DONE], NOON) == since.News("finished 03:12, best 1.402, g talks to it: fables: quick", "a")
    stopped = Happened("c", "alice: words", "stopped", NOON - 3 * 86_400)
    told = news([stopped, DONE, DONE], NOON)
    assert told is not None and told.run == "c"
    assert told.sentence == "stopped Wednesday 12:00, g talks to it: alice: words (3 runs ended)"
    assert "diverged 2026-11-01, g talks to it: x" in str(
        news([Happened("d", "x", "diverged", NOON - 20 * 86_400)], NOON)
    )


def test_what_another_process_trains_now() -> None:
    assert news([ELSEWHERE, ELSEWHERE], NOON) == since.News(
        "in training elsewhere: a text with a very lon.. and 1 more"
    )
    told = news([ELSEWHERE, DONE], NOON)
    assert told is not None and told.run == "a" and len(told.sentence) < 110


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, unsaved = make_run("old"), make_run("new"), make_run("unsaved", saved=False)
    os.utime(old.checkpoint_path("last"), (100, 100))
    read: list[str] = []
    summary = store.summary

    def watched(run: Run) -> store.Summary:
        read.append(run.id)
        return summary(run)

    monkeypatch.setattr(store, "summary", watched)
    found = since.happened(200.0)
    assert [it.run for it in found] == read == [new.id]
    assert (found[0].state, found[0].best) == ("done", 1.548)
    with old.locked(), unsaved.locked():
        assert [(it.run, it.state) for it in since.happened(time.time() + 9)] == [("old", "training")]


def test_the_first_start_is_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("LSTM_TUI_HOME", str(home))
    assert since.last_seen() is None
    since.seen()
    assert abs((since.last_seen() or 0) - time.time()) < 60


async def test_the_first_start_says_what_this_is_and_costs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since, "last_seen", lambda: None)
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        top = shown(app).splitlines()[1:4]
        assert top[0].startswith(" Train an LSTM") and "F5" in top[1] and "?" in top[2]
        await pilot.press("enter", "f5")
        await wait_until(pilot, lambda: source.started)
        await pilot.press("1")
        await wait_until(pilot, lambda: "Verses" in shown(app))
        assert "Train an LSTM" not in shown(app)


async def test_later_starts_say_what_happened_and_g_talks_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since, "last_seen", lambda: 100.0)
    make_run("one", info={"best_validation_loss": 1.402})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "best 1.402, g talks to it: fables: quick" in shown(app).splitlines()[-2])
        assert "Train an LSTM" not in shown(app)
        await pilot.press("g")
        await wait_until(pilot, lambda: app.current_mode == "generate" and "one" in shown(app).splitlines()[1])
        assert "g talks" not in shown(app)
        await pilot.press("escape", "1", "g")  # there is nothing new any more
        assert app.current_mode == "corpus"


async def test_the_chosen_text_is_the_chosen_one_at_the_next_start(home: Path) -> None:
    own(home, "mine.txt")
    settings.remember({"corpus": "gone.txt"})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "gone.txt is not here any more; Fables and tales is" in said(app))
        await pilot.press("slash", *"mine", "enter", "enter")
        await wait_until(pilot, lambda: app.current_mode == "configure")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.choice.entry.name == "mine.txt")
        await wait_until(pilot, lambda: "some words of mine" in shown(app))
        # What is added meanwhile, by whomever, is there when one comes back, or looks again.
        own(home, "another.txt")
        await pilot.press("r")
        await wait_until(pilot, lambda: "another.txt" in shown(app))
        (home / "data" / "corpora" / "another.txt").unlink()
        await pilot.press("5", "1")
        await wait_until(pilot, lambda: "another.txt" not in shown(app))
        assert not said(app)
        (home / "data" / "corpora" / "mine.txt").unlink()
        await pilot.press("r")
        await wait_until(pilot, lambda: "mine.txt is not here any more; Fables" in said(app))


async def test_what_comes_too_late_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")  # where g does something else, or nothing
        app._tell_news(news([DONE], NOON))
        assert app.news is None
        await pilot.press("1")
        app._tell_news(news([DONE], NOON))
        assert app.news is not None
