"""Settings of the Generate screen that change while it writes, and after: they count at once."""

import threading

from pytest import MonkeyPatch, fixture

from lstm_tui.app.dials import STREAMS, Dials
from lstm_tui.app.prompts import History
from lstm_tui.app.screens.generate import GenerateScreen
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.jobs.generating import Copied
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.generations import outputs
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script, opened

scripted = fixture(autouse=True)(by_script)


def test_no_number_is_too_long() -> None:
    dials = Dials()
    dials.take(make_run("one"))
    dials.set(STREAMS, "9" * 5000)
    assert dials.way is None and dials.problem.startswith("streams: expected 1 to 16")


async def test_a_setting_counts_from_the_next_token_and_afterwards_for_the_same_text_again() -> None:
    run = make_run("one", temperature=0.5)
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["The a lamp"])
        await pilot.press("plus")
        await wait_until(pilot, lambda: Scripted.made[0].changes)
        at, sampling = Scripted.made[0].changes[0]
        assert (at, sampling.temperature) == (1, 0.6)
        # What cannot change in the midst of a text waits, and says so; what is being typed does not count yet.
        await pilot.press("l", "9")
        assert len(Scripted.made[0].changes) == 1
        await pilot.press("escape", "m", "2", "enter")
        await wait_until(pilot, lambda: "The streams will count" in " ".join(shown(app).replace("│", " ").split()))
        await pilot.press("m", "1", "enter")
        await wait_until(pilot, lambda: "will count" not in shown(app))
        gate.release(50)
        await wait_until(pilot, lambda: outputs(run.folder))
        kept = outputs(run.folder)[0]
        assert (kept.temperatures, kept.whole, kept.texts) == ("0.5 > 0.6", True, ("a lamp and a fox\x1b[31m",))
        # It has ended: the same text again, a moment after the last change.
        await wait_until(pilot, lambda: screen._writing and screen._writing.shown)
        await pilot.press("plus", "plus")
        await wait_until(pilot, lambda: len(Scripted.made) > 1 and Scripted.made[-1].sampling.temperature == 0.8)
        assert Scripted.made[-1].asked_seed == 4711


async def test_a_setting_after_the_last_token_is_heard_in_the_same_text_again(monkeypatch: MonkeyPatch) -> None:
    looks, may_end = threading.Event(), threading.Event()

    def look_up(made: Scripted, stream: int = 0) -> Copied:
        looks.set()
        assert may_end.wait(5)
        return Copied(5, "a fox")

    monkeypatch.setattr(Scripted, "longest_copy", look_up)
    make_run("one", temperature=0.5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, looks.is_set)
        await pilot.press("plus")
        assert len(Scripted.made) == 1
        may_end.set()
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert (Scripted.made[1].sampling.temperature, Scripted.made[1].asked_seed) == (0.6, 4711)


async def test_a_model_at_another_temperature_is_three_keys_away() -> None:
    make_run("one", temperature=0.5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await wait_until(pilot, lambda: isinstance(app.screen, GenerateScreen) and "one · last" in shown(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "The a lamp and a fox" in shown(app))
        await pilot.press("plus")
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert Scripted.made[1].sampling.temperature == 0.6
        await pilot.press("c")
        await wait_until(pilot, lambda: "nothing else to choose" in said(app))  # it has only its last weights


async def test_best_and_last_are_shown_with_step_and_loss_and_a_key_changes_between_them() -> None:
    name = "a-run-with-a-name-that-is-much-longer-than-there-is-room"
    run = make_run(name, info={"step": 900, "best_validation_loss": 1.543})
    run.write_checkpoint("best", Checkpoint({}, {"step": 4000, "loss": 1.548, "held_out": True}))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "room · best, step 4,000, 1.543 ─")
        assert f" {name} " not in shown(app)
        await pilot.press("escape", "c")
        await wait_until(pilot, lambda: "room · last, step 900, train 1.410 ─" in shown(app))
        screen.query_one(Form).put("checkpoint")
        screen.query_one(Form).focus()
        await wait_until(pilot, lambda: "best, step 4,000, 1.543" in shown(app))  # what the setting is for
        await pilot.press("n")
        await wait_until(pilot, lambda: Scripted.made)
        assert Scripted.made[0].way.checkpoint == "last"
        await pilot.resize_terminal(160, 48)
        await wait_until(pilot, lambda: f" {name} · last, step 900, train 1.410 ─" in shown(app))
        labels = ("top-p", "min-p", "stop at end", "W window", "nats/char", "1.310", "seed used")
        await wait_until(pilot, lambda: all(label in shown(app) for label in labels))
        await pilot.press("o")
        await wait_until(pilot, lambda: "last: step 900, train" in shown(app))


async def test_settings_are_remembered_and_what_fits_no_more_is_dropped() -> None:
    make_run("one", temperature=0.5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "plus", "e", "7", "enter", "S", "\\", "n", "enter", "m", "3", "enter")
    memory = app_of().memory
    assert memory.get("generate.streams", 1) == 3
    typed = {"sampling.temperature": "0.6", "sampling.stop": "\n"}
    assert memory.get("generate.sampling", {}) == {"one": typed}
    app = app_of()
    app.memory.set("generate.sampling", {"one": {**typed, "sampling.top_k": "-3", "no.such": "1", "seed": 3}, "two": 5})
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        way = screen._dials.way
        assert way is not None and way.seed is None and way.streams == 3
        assert (way.sampling.temperature, way.sampling.top_k, way.sampling.stop) == (0.6, None, "\n")


async def test_prompts_before_come_back_and_letters_are_explained() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        prompt = screen.query_one(Prompt)
        await wait_until(pilot, lambda: "Letters are text" in shown(app))
        await pilot.press("a", "alt+enter", "b", "enter")
        await wait_until(pilot, lambda: "n  another, new seed" in shown(app) or "Longest copy" in shown(app))
        await pilot.press("p", *["backspace"] * 3, "c", "enter", "p", "backspace", "d")
        assert prompt.size.height == 2
        await pilot.press("up")
        assert prompt.text == "c"
        await pilot.press("up")
        assert prompt.text == "a\nb"
        await pilot.press("up", "up", "down", "down", "down")
        assert prompt.text == "d"
        await pilot.press(*["alt+enter"] * 4)
        await wait_until(pilot, lambda: prompt.size.height == 5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        prompt = (await opened(pilot, "one · last")).query_one(Prompt)
        await wait_until(pilot, lambda: prompt._past.earlier("") == "c")


def test_prompts_of_earlier_starts_that_come_late_move_nobody() -> None:
    past = History()
    for prompt in ("a", "b"):
        past.add(prompt)
    assert past.earlier("c") == "b"
    past.begin(["x", "b"])
    assert [past.earlier(""), past.earlier(""), past.earlier("")] == ["a", "x", None]
    assert [past.later() for _ in range(4)] == ["a", "b", "c", None]


async def test_it_says_that_the_model_is_loading_and_escape_leaves_it() -> None:
    make_run("one")
    loading = threading.Event()

    def slow(*arguments: object) -> Scripted:
        loading.wait(5)
        return Scripted(*arguments)  # type: ignore[arg-type]

    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        screen.generate = slow
        await pilot.press("enter")
        await wait_until(pilot, lambda: "loading the model" in shown(app) and "Esc Stop" in shown(app))
        await pilot.press("y", "Y", "w", "asterisk", "plus")
        await wait_until(pilot, lambda: "There is no text yet" in said(app))
        await pilot.press("escape")
        loading.set()
        await wait_until(pilot, lambda: screen._writing and screen._writing.shown)
        assert Scripted.made[0].sampling.temperature == 0.6  # it was changed while the model was loaded
