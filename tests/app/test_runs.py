"""The Runs screen: the list, and what can be done with a run."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from lstm_tui import locations
from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.look import LookScreen
from lstm_tui.app.screens.runs import RunsScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.run_table import RunTable
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import TRAINING, app_of, said, shown, wait_until
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
        for word in ("done", "one", "fables", "quick: temperature 1.5", "1:12"):
            assert word in line
        await wait_until(pilot, lambda: "and a fox" in shown(app))
        assert "\x1b[31m" not in shown(app)
        await pilot.resize_terminal(120, 30)
        await wait_until(pilot, lambda: "bits/char  train" in shown(app) and "steps 740" not in shown(app))
        await wait_until(pilot, lambda: "2.233  1.410      740" in shown(app))
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "steps 740" in shown(app) and "1.548" in shown(app))


async def test_beside_the_losses_to_beat() -> None:
    make_run("one", baselines=Baselines(4.127, 2.98, 1.698, 5))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "-0.150")
        assert "n-gram" in shown(app)
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
    longer: list[str] = []
    app.talk_to = talked.append  # type: ignore[method-assign, assignment]
    app.go_on = longer.append  # type: ignore[method-assign, assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ new ─")
        await pilot.press("enter", "down", "enter", "r")
        await wait_until(pilot, lambda: talked == ["new", "old"] and longer == ["old"])


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
        await pilot.press("escape")  # lists all, and stays
        await wait_until(pilot, lambda: screen.query_one(RunTable).row_count == 2 and app.screen is screen)
        await pilot.press("slash", *"hidden 385")
        await wait_until(pilot, lambda: "No run is like that. Esc lists all again." in shown(app))
        await pilot.press("backspace", "4")  # the recipe's own, which the table does not show
        await wait_until(pilot, lambda: screen.query_one(RunTable).row_count == 2 and "No run" not in shown(app))
        await pilot.press("escape")


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


def test_no_runs_folder_is_no_error() -> None:
    assert not locations.runs().exists()
    assert store.summaries() == []


async def test_more_runs_than_lines() -> None:
    for number in range(20):
        make_run(
            f"run-{number:02}", baselines=Baselines(4.127, 2.98, 1.698, 5), temperature=1.5, top_k=40, length=12345
        )
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        table = (await opened(pilot, "─ run-19 ─")).query_one(RunTable)
        assert "run-00" not in shown(app)
        heads, first = shown(app).splitlines()[2:4]
        assert heads.rstrip("│ ").endswith("when") and first.rstrip("▁▂▃▄▅▆▇█│ ")[-3] == ":"
        await pilot.press("end")
        await wait_until(pilot, lambda: table.cursor == 19 and "─ run-00 ─" in shown(app))
        assert "run-19" not in shown(app)
        await pilot.press("pageup", "up", "home")
        await wait_until(pilot, lambda: table.cursor == 0 and "─ run-19 ─" in shown(app))
        await pilot.click(RunTable, offset=(9, 3))
        await wait_until(pilot, lambda: table.cursor > 0)


# Order, columns, marks.


def order(app: LstmTui) -> str:
    """The names of the runs in the table, from above, where each is a letter."""
    rows = (line.strip("│ *").split() for line in shown(app).splitlines())
    return "".join(row[1] for row in rows if row[:1] == ["done"])


async def test_sorted_by_a_column_and_back_and_that_is_remembered() -> None:
    for name, best in (("a", 1.6), ("b", 1.4), ("c", 1.5)):
        make_run(name, info={"best_validation_loss": best})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "newest first")
        await wait_until(pilot, lambda: order(app) == "cba")
        for _ in range(20):
            await pilot.press("s")
            if "by best" in shown(app):
                break
        assert order(app) == "bca" and "best▴" not in shown(app) and "▴best" in shown(app)
        assert "─ c ─" in shown(app)  # the cursor stays on its run
        await pilot.press("S")
        await wait_until(pilot, lambda: order(app) == "acb" and "▾best" in shown(app))
        await pilot.click(RunTable, offset=(3, 0))
        await wait_until(pilot, lambda: "by state" in shown(app))
        assert app.memory.get("runs.sort", "") == "state"
        assert screen.query_one(RunTable).row_count == 3


async def test_columns_are_chosen_and_remembered() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "took")
        await pilot.press("c", "down", "down", "down", "space", "enter")
        await wait_until(pilot, lambda: "steps" in shown(app) and "recipe" not in shown(app))
        assert "recipe" not in app.memory.get("runs.columns", ["recipe"])
        await pilot.press("c")
        await wait_until(pilot, lambda: "[ ] recipe" in shown(app))
        await pilot.press("a", "enter")
        await wait_until(pilot, lambda: "recipe" in shown(app))
        await pilot.press("c", "escape")
        assert app.memory.get("runs.columns", [""])[0] == "state"


async def test_several_are_deleted_at_once_but_those_in_training() -> None:
    made = {name: make_run(name) for name in ("a", "b", "c", "d")}
    app = app_of()
    with made["b"].locked():
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot, "─ d ─")
            await pilot.press("down", "space", "space", "space")
            await wait_until(pilot, lambda: "3 marked" in shown(app) and shown(app).count("* ") == 3)
            await pilot.press("x")
            await wait_until(pilot, lambda: "Delete 2 runs?" in shown(app) and "1 in training stays" in shown(app))
            await wait_until(pilot, lambda: "c, a. Their models and texts are gone" in shown(app))
            await pilot.press("y")
            await wait_until(pilot, lambda: [run.id for run in store.runs()] == ["d", "b"])
            await wait_until(pilot, lambda: "runs, 2, newest first ─" in shown(app))


# Keys that do something with a run.


async def test_a_run_is_renamed_and_its_children_know() -> None:
    app = app_of()
    run = make_run("old")
    app.choice.parent = run
    make_run("taken")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ taken ─")
        await pilot.press("down", "R")
        await wait_until(pilot, lambda: "rename old" in shown(app))
        await pilot.press("backspace", "backspace", "backspace", *"taken", "enter")
        await wait_until(pilot, lambda: "There is a run taken already" in shown(app))
        await pilot.press(*(["backspace"] * 5), *"New One", "enter")
        await wait_until(pilot, lambda: "─ new-one ─" in shown(app))
        assert [run.id for run in store.runs()] == ["taken", "new-one"]
        assert app.choice.parent is not None and app.choice.parent.id == "new-one"


async def test_export_and_the_path_of_its_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run("one")
    app = app_of()
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "─ one ─")
        await pilot.press("y")
        await wait_until(pilot, lambda: copied == [str(run.folder)] and "Sent to the terminal's clipboard" in said(app))
        await pilot.press("e")
        await wait_until(pilot, lambda: "~/one.zip" in shown(app))
        app.screen.query_one("Line").value = str(home / "here.zip")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Exported" in said(app) and (home / "here.zip").is_file())
        assert store.find(str(home / "here.zip")).id == "one"
        await pilot.press("e", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen))


def keys(app: LstmTui) -> Sequence[str]:
    return [it.binding.description for it in app.screen.active_bindings.values() if it.enabled and it.binding.show]


async def test_the_footer_offers_only_what_works() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "Nothing has been trained yet")
        assert not {"Talk", "Go on", "New", "Delete", "Look", "Find"} & set(keys(app))
        damage("hurt")
        make_run("new", saved=False)
        run = make_run("one")
        with run.locked():
            app.show_screen("corpus")
            app.show_screen("runs")
            await wait_until(pilot, lambda: "─ one ─" in shown(app) and "training" in shown(app))
            assert {"Talk", "Delete", "Look", "Find"} <= set(keys(app)) and "Go on" not in keys(app)
        await pilot.press("down")
        await wait_until(pilot, lambda: "─ new ─" in shown(app))
        assert "Go on" in keys(app) and not {"Talk", "New"} & set(keys(app))
        await pilot.press("down")
        await wait_until(pilot, lambda: "─ hurt ─" in shown(app) and "x deletes it" in shown(app))
        assert {"Delete", "Look"} <= set(keys(app)) and not {"Talk", "New", "Go on"} & set(keys(app))


# Looking.


def write_course(run: Run, steps: int = 40) -> None:
    for step in range(10, steps, 10):
        progress: dict[str, Any] = {"event": "progress", "step": step, "epoch": 0.1, "train_loss": 4 - step / 50}
        run.append("metrics", json.dumps(progress))
        run.append("metrics", json.dumps({"event": "scored", "step": step, "validation_loss": 3.9 - step / 50}))


async def test_a_look_at_a_run_without_leaving() -> None:
    run = make_run("one", temperature=1.5, baselines=Baselines(4.127, 2.98, 1.698, 5))
    write_course(run)
    for step in (10, 20):
        run.append("samples", json.dumps({"step": step, "text": f"written at {step}"}))
    run.log("the disk was full")
    app = app_of()
    async with app.run_test(size=(80, 48)) as pilot:
        await opened(pilot, "written at 20")
        await wait_until(pilot, lambda: "█" in shown(app) and re.search("[⠁-⣿]", shown(app)))  # small, and as a chart
        await pilot.press("l")
        await wait_until(pilot, lambda: isinstance(app.screen, LookScreen) and "[curve]" in shown(app))
        assert isinstance(app.screen, LookScreen)
        assert "to beat: 5-gram 1.698" in shown(app) and "740 steps" in shown(app)
        await pilot.press("right")
        await wait_until(pilot, lambda: "step 20" in shown(app) and "written at 10" in shown(app))
        await pilot.press("right")
        await wait_until(pilot, lambda: "* temperature  1.5" in shown(app) and "was 0.5" in shown(app))
        assert "hidden" not in shown(app) and "What was changed; a lists all " in shown(app)
        await pilot.press("a")
        await wait_until(pilot, lambda: "hidden" in shown(app) and "a lists these alone" in shown(app))
        await pilot.press("right")
        await wait_until(pilot, lambda: "begun: quick on Fables" in shown(app) and "the disk was full" in shown(app))
        run.append("samples", json.dumps({"step": 30, "text": "written meanwhile"}))
        await pilot.press("left", "left")
        app.screen._read()
        await wait_until(pilot, lambda: "written meanwhile" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_a_run_in_training_is_seen_as_it_goes() -> None:
    run = make_run("one")
    source = ScriptedSource()
    app = app_of(source)
    with run.locked():
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await opened(pilot, "training")
            run.append("samples", json.dumps({"step": 30, "text": "written meanwhile"}))
            screen._look_while_training()  # another process trains it
            await wait_until(pilot, lambda: "written meanwhile" in shown(app))
            source.show(replace(TRAINING, run="one"))
            screen._look_while_training()  # and now this one
            await wait_until(pilot, lambda: "Alice was beginning" in shown(app))
