"""The app around its screens: the two keys from a fresh start, switching, quitting, small terminals."""

import signal
from pathlib import Path

import pytest
from textual.widgets import Input

from lstm_tui.app.app import LstmTui, farewell
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.errors import UserError
from tests.app.conftest import TRAINING, app_of, said, shown, wait_until


async def test_from_a_fresh_start_enter_and_f5_train_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui.jobs import preparing

    prepared: list[tuple[object, ...]] = []
    monkeypatch.setattr(preparing, "prepare", lambda entry, *rest: prepared.append((entry.name, *rest)))
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.device_label)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.current_mode == "configure")
        await pilot.press("f5")
        await wait_until(pilot, lambda: source.driven)
        assert app.current_mode == "train"
        prepare, device = source.driven[0]
        prepare()
        assert (prepared, device) == ([("fables", "quick", {})], "auto")


async def test_what_was_typed_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui.jobs import preparing

    prepared: list[tuple[object, ...]] = []
    monkeypatch.setattr(preparing, "prepare", lambda entry, *rest: prepared.append(rest))
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        app.choice.overrides = {"model.hidden": "512", "learning.clip": None}
        app.start_training()
        await wait_until(pilot, lambda: source.driven)
        app.choice.overrides["model.hidden"] = "1024"
        source.driven[0][0]()
        assert prepared == [("quick", {"model": {"hidden": "512"}, "learning": {"clip": None}})]


async def test_switching_screens_stops_nothing_and_escape_goes_back() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        for key, mode in (("3", "train"), ("1", "corpus"), ("3", "train")):
            await pilot.press(key)
            assert app.current_mode == mode
        await pilot.press("escape")
        assert app.current_mode == "corpus"
        await wait_until(pilot, lambda: "training" in shown(app))
        assert not source.requested
        assert source.busy


async def test_a_second_training_is_refused_with_a_sentence() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3", "t")
        await wait_until(pilot, lambda: "stop it first" in said(app))
        assert not source.driven


async def test_quitting_while_training_asks_and_stay_stays() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, Question))
        assert not source.requested
        await pilot.press("ctrl+q", "s")
        await wait_until(pilot, lambda: app._exit)
    assert source.requested == ["stop"]
    for part in ("2026-11-21-1405-alice-quick", "1.548", "/runs/", "lstm-tui resume 2026-11-21-1405-alice-quick"):
        assert part in app.farewell


async def test_quitting_while_idle_just_quits() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: app._exit)
    assert app.farewell == ""


def test_farewell_without_a_held_out_part() -> None:
    source = ScriptedSource(Snapshot(state="finished", run="r", directory="/d", step=1200, train_loss=0.5))
    assert farewell(source) == "r: 1,200 steps, training loss 0.500 nats\n/d\nGo on with: lstm-tui resume r"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_signals_save_before_the_end(number: signal.Signals) -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        signal.raise_signal(number)
        await wait_until(pilot, lambda: app._exit)
    assert source.requested == ["stop"]
    assert signal.getsignal(number) is signal.SIG_DFL


async def test_ctrl_z_does_not_stop_a_training() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: "Suspending would stop" in said(app))


async def test_a_small_terminal_gets_one_sentence() -> None:
    app = app_of()
    async with app.run_test(size=(59, 24)) as pilot:
        await wait_until(pilot, lambda: "needs 60 columns and 20 lines" in " ".join(shown(app).split()))
        assert "Fables" not in shown(app)
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: "Fables" in shown(app))
        assert "60 columns" not in shown(app)


async def test_help_lists_the_keys_of_the_screen_it_was_called_from() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3", "question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Stop and save" in shown(app))
        assert "Leave; asks while" in shown(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, HelpScreen))
        assert app.current_mode == "train"


async def test_the_palette_has_every_action_with_a_key() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Pause" in shown(app))
        offered = {command.help for command in app.get_system_commands(app.screen)}
        bindings = [found.binding for found in app.screen.active_bindings.values() if found.binding.id]
        assert {binding.tooltip for binding in bindings if binding.action != "command_palette"} == offered


async def test_every_binding_has_an_id_and_a_tooltip() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in "123":
            await pilot.press(key)
            ours = [*type(app).BINDINGS, *type(app.screen).BINDINGS]
            assert all(getattr(binding, "id", "") and getattr(binding, "tooltip", "") for binding in ours)


async def test_letters_in_a_field_are_text() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"quit1")
        assert app.screen.query_one("#find", Input).value == "quit1"
        assert app.current_mode == "corpus"


async def test_a_user_error_is_its_sentence_and_anything_else_goes_to_the_log(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app: LstmTui = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.report(UserError("The disk is full."))
        app.report(ZeroDivisionError("secret detail"))
        await wait_until(pilot, lambda: "The disk is full." in said(app))
        assert "ZeroDivisionError" in said(app)
        assert "secret" not in said(app)
    assert "secret detail" in caplog.text


async def test_a_hidden_screen_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("lstm_tui.app.screens.train.TrainScreen._look", lambda screen: looked.append("train"))
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: len(looked) >= 2)
        await pilot.press("1")
        await pilot.pause(0.2)
        looked.clear()
        await pilot.pause(1.2)
        assert not looked
        await pilot.press("3")
        await wait_until(pilot, lambda: looked)
