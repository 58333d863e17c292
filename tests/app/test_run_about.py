"""The run under the cursor of the Runs screen, told beside the list, and looked at from all sides."""

import json
import re
from dataclasses import replace
from typing import Any

from lstm_tui.app.deleting import deletion
from lstm_tui.app.screens.look import LookScreen
from lstm_tui.app.screens.runs import RunsScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.run_about import RunAbout
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import TRAINING, app_of, shown, wait_until
from tests.app.runs import make_run


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
        app.show_screen("runs")
        await wait_until(pilot, lambda: "written at 20" in shown(app))
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
            app.show_screen("runs")
            await wait_until(pilot, lambda: app.screen.query(RunAbout) and "training" in shown(app))
            about = app.screen.query_one(RunAbout)
            run.append("samples", json.dumps({"step": 30, "text": "written meanwhile"}))
            about.tell_again()  # another process trains it
            await wait_until(pilot, lambda: "written meanwhile" in shown(app))
            source.show(replace(TRAINING, run="one"))
            about.tell_again()  # and now this one
            await wait_until(pilot, lambda: "Alice was beginning" in shown(app))


def test_what_is_asked_before_runs_are_deleted() -> None:
    for number in range(8):
        make_run(f"run-{number}")
    runs = [replace(run, size=1000) for run in store.summaries()]
    asked, answers, said = deletion(runs[:1], 0)
    assert (asked, answers["y"], answers["escape"]) == ("Delete run-7?", "Delete it", "Keep it")
    assert said.startswith("Its model and its texts are gone then; ") and said.endswith(" are freed.")
    asked, answers, said = deletion(runs, 2)
    assert (asked, answers["y"]) == ("Delete 8 runs?", "Delete them") and list(answers)[-1] == "escape"
    assert "run-2 and 2 more. Their models" in said and said.endswith(" 2 in training stay.")
