"""The app around its screens: the two keys from a fresh start, switching, quitting, small terminals."""

import importlib
import pkgutil
import re
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.dom import DOMNode
from textual.widgets import Input

import lstm_tui.app
from lstm_tui.app.app import LstmTui
from lstm_tui.app.glossary import meaning
from lstm_tui.app.opening import farewell
from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.frame import WORDS, Frame
from lstm_tui.errors import UserError
from lstm_tui.progress import silent
from tests.app.conftest import TRAINING, app_of, said, shown, wait_until
from tests.app.runs import make_run

if TYPE_CHECKING:
    from lstm_tui.jobs.requests import Verb


async def test_from_a_fresh_start_enter_and_f5_train_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui.jobs import preparing

    prepared: list[tuple[object, ...]] = []
    monkeypatch.setattr(preparing, "prepare", lambda entry, *rest, tell: prepared.append((entry.name, *rest)))
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.device)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.current_mode == "configure")
        await pilot.press("f5")
        await wait_until(pilot, lambda: source.started)
        assert app.current_mode == "train"
        prepare, device = source.started[0]
        prepare(silent)
        assert (prepared, device) == ([("fables", "quick", {})], "auto")


async def test_what_was_typed_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui.jobs import preparing

    prepared: list[tuple[object, ...]] = []
    monkeypatch.setattr(preparing, "prepare", lambda entry, *rest, tell: prepared.append(rest))
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        app.choice.overrides = {"model.hidden": "512", "learning.clip": None}
        app.start_training()
        await wait_until(pilot, lambda: source.started)
        app.choice.overrides["model.hidden"] = "1024"
        source.started[0][0](silent)
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
        assert not source.started


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


async def test_quitting_while_idle_just_quits() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: app._exit)
    assert farewell(app.source) == ""


async def test_ctrl_q_asks_in_a_dialog_too() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText))
        await pilot.press("ctrl+q", "ctrl+q")
        await wait_until(pilot, lambda: "Save and quit" in shown(app))
        assert len(app.screen_stack) == 3


class Stuck(ScriptedSource):
    """Does not come to its end."""

    def request(self, verb: "Verb", factor: float = 1.0) -> None:
        self.requested.append(verb)


async def test_who_does_not_want_to_wait_for_the_saving_need_not() -> None:
    source = Stuck(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q", "s")
        await wait_until(pilot, lambda: source.requested)
        await pilot.press("t")
        assert app.current_mode == "corpus"  # nothing begins any more
        await pilot.press("q")
        await wait_until(pilot, lambda: "Close without waiting" in shown(app))
        assert not app._exit
        await pilot.press("c")
        await wait_until(pilot, lambda: app._exit)
    assert app.hurried


def ended(home: Path, **known: Any) -> ScriptedSource:
    (home / "run.toml").touch()
    return ScriptedSource(Snapshot(run="r s", directory=str(home), step=1200, train_loss=0.5, **known))


def test_farewell_says_where_the_run_is_and_how_to_go_on(home: Path) -> None:
    source = ended(home, state="finished", reason="stopped")
    told = ["r s: 1,200 steps, training loss 0.500 nats", str(home), "Go on with: lstm-tui resume 'r s'"]
    assert farewell(source).splitlines() == told
    told[-1] += " --budget.steps 2400"
    assert farewell(ended(home, state="finished", reason="budget")).splitlines() == told
    assert "resume" not in farewell(ended(home, state="finished", reason="diverged"))
    (home / "run.toml").unlink()  # it was deleted since
    assert farewell(source) == ""


def test_farewell_says_that_saving_failed_and_nothing_that_a_terminal_obeys(home: Path) -> None:
    said = farewell(ended(home, state="failed", message="The disk is \x1b[31mfull.")).splitlines()
    assert said[2:] == ["The disk is �[31mfull.", "Go on with: lstm-tui resume 'r s'"]
    assert "before it was saved" in farewell(ended(home, state="training"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_signals_save_before_the_end(number: signal.Signals) -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        signal.raise_signal(number)
        await wait_until(pilot, lambda: app._exit)
    assert source.requested == ["stop", "stop"]  # at once, and by the loop
    assert signal.getsignal(number) is signal.SIG_DFL


async def test_suspending_while_training_asks_saves_and_goes_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    suspended: list[str] = []
    source = ScriptedSource(TRAINING)

    def suspend(app: LstmTui) -> None:
        suspended.append(source.snapshot().state)

    monkeypatch.setattr(LstmTui, "action_suspend_process", suspend)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+z", "escape")
        assert not source.requested and not suspended
        await pilot.press("ctrl+z", "z")
        await wait_until(pilot, lambda: source.requested == ["pause", "save"])
        assert not suspended
        source.show(replace(source.snapshot(), saved_at=time.monotonic()))
        await wait_until(pilot, lambda: source.requested == ["pause", "save", "go on"])
        assert suspended == ["paused"]
        source.show(Snapshot())
        await pilot.press("ctrl+z")  # idle: at once
        assert suspended == ["paused", "idle"]


async def test_a_small_terminal_gets_one_sentence() -> None:
    app = app_of()
    async with app.run_test(size=(59, 24)) as pilot:
        await wait_until(pilot, lambda: "needs 60 columns and 20 lines" in " ".join(shown(app).split()))
        assert "Fables" not in shown(app)
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: "Fables" in shown(app))
        assert "60 columns" not in shown(app)


@pytest.mark.parametrize("mode", ["corpus", "configure", "generate", "runs"])
async def test_a_terminal_that_was_too_small_gives_the_focus_back(mode: str) -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen(mode)
        there = {"generate": "one · last", "runs": "─ one ─"}.get(mode, "Fables")
        await wait_until(pilot, lambda: app.current_mode == mode and app.focused and there in shown(app))
        await pilot.press("slash" if mode == "runs" else "down")
        before = app.focused
        await pilot.resize_terminal(50, 12)
        await wait_until(pilot, lambda: "too small" in shown(app))
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "too small" not in shown(app) and app.focused is before)


async def test_the_focus_comes_where_the_program_began_in_a_small_terminal_with_a_dialog() -> None:
    app = app_of()
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.focused and app.focused.id == "texts")


async def test_help_lists_each_key_once_and_says_what_the_figures_mean() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "1.548" in shown(app))
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Stop and save" in shown(app))
        await wait_until(pilot, lambda: "Choose the text to learn" in shown(app))
        keys = re.findall(r"│ +((?:\S+ )*\S+)  [A-Z]", shown(app))
        assert "p" in keys and len(keys) == len(set(keys)) > 10
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "The loss on the held-out part" in shown(app))
        assert re.search(r"VALID .*\n.* 1\.548 ", shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, HelpScreen))
        assert app.current_mode == "train"


async def test_every_figure_is_explained() -> None:
    app = app_of(ScriptedSource(replace(TRAINING, device="cuda:1")))
    make_run("one")
    async with app.run_test(size=(160, 48)) as pilot:
        for mode in WORDS:
            app.show_screen(mode)
            await wait_until(pilot, lambda: isinstance(app.screen, Frame) and mode == app.current_mode)  # noqa: B023
            await pilot.pause(0.1)
            screen = app.screen
            assert isinstance(screen, Frame)
            for label, _ in screen.figures:
                assert meaning(label, screen.TITLE_WORD), (mode, label)


async def test_what_was_said_goes_with_its_screen_and_escape_on_the_first_leads_nowhere() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.say("one thing", wrong=True)
        await pilot.pause()
        app.say("another")
        await pilot.pause()
        assert said(app) == "another"
        await pilot.press("2", "3")
        assert not said(app)
        await pilot.press("1", "escape", "escape")
        assert app.current_mode == "corpus"
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: "q quits" in said(app))


async def test_the_palette_has_every_action() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        for mode in ("configure", "generate", "runs", "train"):
            app.show_screen(mode)
            await pilot.pause()
        await wait_until(pilot, lambda: "Pause" in shown(app))
        offered = {command.title: command.help for command in app.get_system_commands(app.screen)}
        bindings = [found.binding for found in app.screen.active_bindings.values() if found.binding.id]
        actions = {binding.tooltip for binding in bindings if binding.action != "command_palette"}
        assert actions <= set(offered.values())
        for name in ("Corpus: Add", "Configure: Device", "Generate: Again", "Runs: Delete", "Theme: ansi-dark"):
            assert name in offered
        assert not [name for name in offered if name.startswith("Train:")]
        await pilot.press("colon", *"add a text", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText) and app.current_mode == "corpus")


@pytest.mark.parametrize("word", ["text", "add", "rename", "remove", "clean"])
async def test_the_palette_finds_a_command_by_what_it_does(home: Path, word: str) -> None:
    (home / "data" / "corpora").mkdir(parents=True)
    (home / "data" / "corpora" / "mine.txt").write_text("my words\n" * 40)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "mine.txt" in shown(app))
        await pilot.press("slash", *"mine", "enter", "colon")
        await pilot.press(*word)
        expected = "Add a text:" if word in {"add", "text"} else f"{word.capitalize()} this text"
        await wait_until(pilot, lambda: expected in shown(app))


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for module in pkgutil.walk_packages(lstm_tui.app.__path__, "lstm_tui.app."):
        importlib.import_module(module.name)
    ours = {node for node in _below(DOMNode) if node.__module__.startswith("lstm_tui.app.")}
    bindings = [binding for node in ours for binding in node.__dict__.get("BINDINGS", ())]
    assert len(ours) > 20 and len(bindings) > 50
    assert all(binding.id and binding.tooltip for binding in bindings)
    assert len({binding.id for binding in bindings}) == len(bindings)


def _below(kind: type[Any]) -> set[type[Any]]:
    heirs: list[type[Any]] = kind.__subclasses__()
    return {kind}.union(*map(_below, heirs))


async def test_in_a_field_the_footer_offers_what_works_there() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await wait_until(pilot, lambda: "Enter To the list" in shown(app).splitlines()[-1])
        footer = shown(app).splitlines()[-1]
        assert "F5 Train" in footer and "Esc List all" in footer
        assert " t Train" not in footer and "? Help" not in footer
        await pilot.press("escape")
        await wait_until(pilot, lambda: " t Train" in shown(app).splitlines()[-1])


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
        await wait_until(pilot, lambda: "The disk is full." in said(app))
        app.report(ZeroDivisionError("secret detail"))
        await wait_until(pilot, lambda: "ZeroDivisionError" in said(app))
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
