"""The Runs screen: the list, and what can be done with a run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lstm_tui import locations
from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.runs import RunsScreen, RunTable, when
from lstm_tui.app.source import ScriptedSource
from lstm_tui.runs import store
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run


async def opened(pilot: Pilot[None], contains: str) -> RunsScreen:
    app = pilot.app
    assert isinstance(app, LstmTui)
    app.show_screen("runs")
    await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen) and contains in shown(app))
    assert isinstance(app.screen, RunsScreen)
    return app.screen


def damage(name: str) -> Path:
    folder = make_run(name).folder
    (folder / "run.toml").write_text("format = = 1")
    return folder


async def test_without_runs_it_says_what_to_do() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "Nothing has been trained yet. Choose a text (1) and press t")
        await pilot.press("x", "r", "enter")
        assert isinstance(app.screen, RunsScreen)


async def test_a_run_is_a_line_with_its_figures() -> None:
    make_run("one", temperature=1.5).append("samples", '{"step": 5, "text": "a lamp \\u001b[31mand a fox"}')
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "1.548")
        line = next(line for line in shown(app).splitlines() if "1.548" in line)
        for word in ("done", "fables", "quick", "1.410", "1:12"):
            assert word in line
        await wait_until(pilot, lambda: "quick: temperature 1.5" in shown(app) and "and a fox" in shown(app))
        assert "\x1b[31m" not in shown(app)


async def test_beside_the_losses_to_beat() -> None:
    make_run("one", baselines=Baselines(4.127, 2.98, 1.698, 5))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "-0.150")
        assert "n-gram" in shown(app) and " steps" not in shown(app)
        await wait_until(pilot, lambda: "to beat: 5-gram 1.698, letters 2.980, uniform 4.127" in shown(app))
        make_run("two", info={"best_validation_loss": None})
        app.show_screen("corpus")
        app.show_screen("runs")
        await wait_until(pilot, lambda: "─ one ─" in shown(app) and "runs, 2" in shown(app))
        await pilot.press("home")
        await wait_until(pilot, lambda: "─ two ─" in shown(app) and "to beat" not in shown(app))


async def test_newest_first_and_enter_talks_to_the_one_under_the_cursor() -> None:
    for name in ("old", "new"):
        make_run(name, info={"reason": "stopped"})
    app = app_of()
    talked: list[str] = []
    resumed: list[str] = []
    app.talk_to = talked.append  # type: ignore[method-assign, assignment]
    app.resume_run = resumed.append  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ new ─")
        await pilot.press("enter", "down", "enter", "r")
        await wait_until(pilot, lambda: talked == ["new", "old"] and resumed == ["old"])


async def test_a_run_that_has_used_its_budget_says_how_to_go_on() -> None:
    make_run("one")
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ one ─")
        await pilot.press("r")
        await wait_until(pilot, lambda: "lstm-tui resume one --budget.steps" in said(app))
        assert not source.started


async def test_a_checkpoint_with_odd_figures_is_a_damaged_run() -> None:
    make_run("one", info={"elapsed": float("nan")})
    make_run("two", info={"step": "many"})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "damaged")
        assert "done" in shown(app)


async def test_delete_asks_first() -> None:
    for name in ("old", "new"):
        make_run(name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ new ─")
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete new?" in shown(app))
        await pilot.press("escape")
        await pilot.pause()
        assert len(store.runs()) == 2
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete new?" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: [run.id for run in store.runs()] == ["old"])
        await wait_until(pilot, lambda: "─ old ─" in shown(app))


async def test_a_run_being_trained_is_not_deleted() -> None:
    run = make_run("one")
    app = app_of()
    with run.locked():
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot, "training")
            await pilot.press("x")
            await wait_until(pilot, lambda: "is being trained; stop it first" in said(app))
    assert run.folder.exists()


async def test_a_damaged_run_is_listed_and_can_be_deleted() -> None:
    folder = damage("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "damaged")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "x deletes it" in shown(app))
        assert isinstance(app.screen, RunsScreen)
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete one?" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: not folder.exists())


async def test_find_narrows_the_list() -> None:
    for name in ("alice", "fox"):
        make_run(name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "runs, 2")
        await pilot.press("slash", *"ali")
        await wait_until(pilot, lambda: screen.query_one(RunTable).row_count == 1 and "─ alice ─" in shown(app))
        await pilot.press("enter")
        assert screen.query_one(RunTable).has_focus
        await pilot.press("slash", "escape")
        await wait_until(pilot, lambda: screen.query_one(RunTable).row_count == 2)


async def test_the_cursor_stays_on_its_run_when_a_new_one_comes() -> None:
    for name in ("old", "new"):
        make_run(name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "─ new ─")
        await pilot.press("down")
        await wait_until(pilot, lambda: "─ old ─" in shown(app))
        make_run("newest")
        app.show_screen("corpus")
        app.show_screen("runs")
        await wait_until(pilot, lambda: screen.query_one(RunTable).row_count == 3)
        await wait_until(pilot, lambda: "─ old ─" in shown(app))


@pytest.mark.parametrize(
    ("created", "said"),
    [
        ("2026-11-21T14:02:00+0000", "14:02"),
        ("2026-11-19T14:02:00+0000", "Thu"),
        ("2026-11-03T14:02:00+0000", "3 Nov"),
        ("2025-11-03T14:02:00+0000", "2025-11"),
        ("yesterday", ""),
    ],
)
def test_when(created: str, said: str) -> None:
    assert when(created, datetime(2026, 11, 21, 18, 0, tzinfo=UTC)) == said


async def test_a_wide_terminal_shows_the_steps() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(pilot, "740")
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "740" not in shown(app) and "1.548" in shown(app))


def test_no_runs_folder_is_no_error() -> None:
    assert not locations.runs().exists()
    assert store.summaries() == []


async def test_home_and_end_go_to_the_newest_and_the_oldest() -> None:
    for name in ("old", "new"):
        make_run(name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "─ new ─")
        table = screen.query_one(RunTable)
        await wait_until(pilot, lambda: table.row_count == 2 and table.has_focus)
        await pilot.press("end")
        await wait_until(pilot, lambda: table.cursor_row == 1)
        await pilot.press("home")
        await wait_until(pilot, lambda: table.cursor_row == 0)
