"""What is said once and goes in time: refusals, toasts, a run that is gone; keys that are meant for what has ended."""

from dataclasses import replace
from functools import partial

import pytest
from textual.driver import Driver
from textual.widgets._toast import Toast

from lstm_tui.app.app import LstmTui
from lstm_tui.app.source import LiveSource, ScriptedSource, Snapshot
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.runs import store
from tests.app.conftest import TRAINING, app_of, said, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script, opened

scripted = pytest.fixture(autouse=True)(by_script)
LONG = "There is too little text: 12 characters are left to learn, and a window takes 64. " * 2 + "Add some (1)."


async def test_back_from_the_shell_the_whole_picture_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        drawn: list[bool] = []
        monkeypatch.setattr(app, "refresh", lambda *, layout=False: drawn.append(layout))
        app.post_message(Driver.SignalResume())
        await wait_until(pilot, lambda: True in drawn)


async def test_a_refusal_is_whole_on_train_and_gone_after_it_or_with_another_choice() -> None:
    source = ScriptedSource(Snapshot(refused=LONG))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "not trained: There is too little" in shown(app))
        await pilot.press("3")
        await wait_until(pilot, lambda: LONG in " ".join(shown(app).split()))
        await pilot.press("2")
        await wait_until(pilot, lambda: "not trained" not in shown(app))
        source.show(Snapshot(refused=LONG))
        await wait_until(pilot, lambda: "not trained" in shown(app))
        app.take(app.choice.entry)
        await wait_until(pilot, lambda: "not trained" not in shown(app))
        for keys in ("plus", "R", "left left left down"):  # another value, the recipe's again, another recipe
            source.show(Snapshot(refused=LONG))
            await pilot.press(*keys.split())
            await wait_until(pilot, lambda: not source.snapshot().refused)


async def test_what_is_said_again_is_one_sentence_and_what_is_prepared_is_no_training() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for _ in range(4):
            app.start_training()
        app.notify("another")
        app.start_training()
        await wait_until(pilot, lambda: "A run is being trained already" in shown(app))
        assert len(app._notifications) == len(app.screen.query(Toast)) == 1
        source.show(Snapshot(state="preparing", message="reading"))
        app.start_training()
        await wait_until(pilot, lambda: "A run is being prepared already; call it off first, with x" in said(app))


async def test_to_talk_to_a_run_that_is_gone_is_said() -> None:
    make_run("other")
    source = ScriptedSource(replace(TRAINING, state="finished", reason="budget", run="gone"))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Talk to it" in shown(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "There is no run gone any more." in said(app) and "other · last" in shown(app))
        await wait_until(pilot, lambda: "There is no run gone any more." in shown(app))


async def test_a_run_that_was_trained_here_and_deleted_is_gone_from_train_and_the_status_line() -> None:
    run = make_run("one")
    source = ScriptedSource(replace(TRAINING, state="finished", run="one", message="finished after 740 steps"))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await wait_until(pilot, lambda: "finished after 740 steps" in shown(app) and "x Delete" in shown(app))
        await pilot.press("x")
        await wait_until(pilot, lambda: "Delete it" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: not run.folder.exists() and "finished after" not in shown(app))
        await pilot.press("3")
        await wait_until(pilot, lambda: "Nothing is being trained." in shown(app))


def test_only_the_run_that_is_shown_is_forgotten() -> None:
    run = make_run("one")
    source = LiveSource()
    source._folding().describe(run)
    source.forget("two")
    assert source.snapshot().run == "one"
    store.delete(run)
    source.forget("one")
    assert source.snapshot() == Snapshot()


async def test_escape_as_a_text_ends_stops_nothing_more_and_the_text_keeps_the_focus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_run("one")
    make_run("two")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "two · last")
        await pilot.press("a", "enter")
        await wait_until(pilot, lambda: (it := screen._writing) and it.done)
        await pilot.press("escape")
        assert app.current_mode == "generate"
        await pilot.press("1", "4", "n")
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert screen.query_one(Stream).has_focus and screen.query_one(Prompt).text == "a"
        await pilot.press("1")
        app.talk_to("one")  # where nothing is written yet
        await wait_until(pilot, lambda: "one · last" in shown(app) and screen.query_one(Prompt).has_focus)


@pytest.mark.parametrize("size", [(60, 20), (160, 48)])
async def test_the_footer_has_what_has_room_and_no_key_for_what_is_seen(size: tuple[int, int]) -> None:
    make_run("one")
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=size) as pilot:
        for key, last in (("3", "? Help"), ("4", "F1 Help"), ("escape", "? Help")):
            await pilot.press(key)
            await wait_until(pilot, partial(_ends_with, app, last))
            assert "o Log" not in shown(app)


def _ends_with(app: LstmTui, key: str) -> bool:
    """The footer's last key is seen whole."""
    return shown(app).splitlines()[-1].rstrip().endswith(key)
