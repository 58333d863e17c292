"""The Generate screen: which run writes, with what, and the text as it comes."""

import threading

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.command import CommandPalette

from lstm_tui.app.screens.generate import GenerateScreen
from lstm_tui.app.screens.help import HelpScreen
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.long_text import Passage
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.errors import UserError
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import TEXT, make_run
from tests.app.scripted import Scripted, by_script, opened

scripted = pytest.fixture(autouse=True)(by_script)


async def test_without_runs_it_says_what_to_do() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "There is no model yet.")
        await pilot.press("enter")
        assert not Scripted.made


async def test_the_prompt_has_the_focus_and_enter_writes() -> None:
    make_run("one", temperature=0.7)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last, step 740, train 1.410")
        await wait_until(pilot, lambda: screen.query_one(Prompt).has_focus)
        await pilot.press(*"A 5t", "enter")
        await wait_until(pilot, lambda: "A 5ta lamp and a fox" in shown(app))
        assert not screen.query_one(Prompt).has_focus
        await wait_until(pilot, lambda: "4711" in shown(app) and "1,234" in shown(app))
        assert "\x1b[31m" not in shown(app)
        made = Scripted.made[0]
        assert (made.given, made.asked_seed, made.sampling.temperature) == ("A 5t", None, 0.7)


async def test_alt_enter_brings_a_new_line() -> None:
    sent = [key for keys in ("\x1b\r", "\r") for key in XTermParser().feed(keys)]  # as most terminals send them
    assert [key.key for key in sent if isinstance(key, events.Key)] == ["alt+enter", "enter"]
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("a", "alt+enter", "b", "enter")
        await wait_until(pilot, lambda: Scripted.made)
        assert Scripted.made[0].given == "a\nb"


async def test_an_empty_prompt_takes_the_runs_own() -> None:
    make_run("one", prompt="ROMEO:")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "ROMEO:")
        await pilot.press("enter")
        await wait_until(pilot, lambda: Scripted.made)
        assert Scripted.made[0].given is None


async def test_what_the_model_does_not_know_is_named() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("é", "enter")
        await wait_until(pilot, lambda: "Not known to this" in shown(app) and "'é'" in shown(app))


async def test_settings_come_from_the_run_and_each_has_its_key() -> None:
    make_run("one", temperature=0.5, top_k=3, length=50)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "plus", "k", "7", "enter", "l", "9", "enter", "e", "4", "2", "enter", "a")
        await wait_until(pilot, lambda: Scripted.made and Scripted.made[0].ended)
        sampling = Scripted.made[0].sampling
        assert (sampling.temperature, sampling.top_k, sampling.length) == (0.6, 7, 9)
        assert Scripted.made[0].asked_seed == 42
        await pilot.press("n")  # a new seed
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert Scripted.made[1].asked_seed is None


async def test_the_temperature_counts_for_a_greedy_run_too() -> None:
    make_run("one", greedy=True)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "plus", "n")
        await wait_until(pilot, lambda: Scripted.made)
        assert not Scripted.made[0].sampling.greedy


async def test_a_wrong_setting_is_a_sentence_and_nothing_is_written() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "l", "0", "enter", "n")
        await wait_until(pilot, lambda: "1 or more, not" in shown(app))
        assert not Scripted.made


async def test_escape_stops_the_stream_then_goes_back() -> None:
    make_run("one")
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["The a lamp"])
        await wait_until(pilot, lambda: "Esc Stop" in shown(app))
        await pilot.press("escape")
        gate.release(5)
        await wait_until(pilot, lambda: "Esc Stop" not in shown(app))
        assert not Scripted.made[0].ended
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.current_mode == "corpus")


async def test_a_long_text_is_shown_whole_and_followed() -> None:
    make_run("one")
    app = app_of()
    Scripted.pieces = tuple(f"line {number}\n" for number in range(2_000))
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await opened(pilot, "one · last")
            await pilot.press("enter")
            await wait_until(pilot, lambda: "line 1999" in shown(app))
            stream = screen.query_one(Stream)
            assert stream.texts[0] == "The " + "".join(Scripted.pieces)
            (text,) = stream.parts
            # Each row once, and once more where it stands beside a scrollbar; then once for each width.
            assert isinstance(text, Passage)
            before = text.laid_out
            assert before < 2 * 2_000 + 200
            await pilot.resize_terminal(100, 30)
            await wait_until(pilot, lambda: text.laid_out > before and "line 1999" in shown(app))
            assert text.laid_out - before < 2_000 + 200
            await wait_until(pilot, lambda: stream.scroll_y == stream.max_scroll_y)
            await pilot.press("home")
            await wait_until(pilot, lambda: "line 0" in shown(app) and "line 1\n" not in shown(app))
    finally:
        Scripted.pieces = ("a lamp", " and a", " fox\x1b[31m")


async def test_the_run_in_training_is_chosen_else_the_newest() -> None:
    for name in ("old", "new"):
        make_run(name)
    app = app_of(ScriptedSource(Snapshot(state="training", run="old")))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "old · last")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "new · last")
        await pilot.press("escape", "o")
        await wait_until(pilot, lambda: "runs, newest first" in shown(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: "old · last" in shown(app))


async def test_talk_to_opens_it_with_that_run() -> None:
    for name in ("old", "new"):
        make_run(name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.talk_to("old")
        await wait_until(pilot, lambda: "old · last" in shown(app))


async def test_a_run_that_has_not_saved_is_a_sentence() -> None:
    make_run("one", saved=False)
    app = app_of(ScriptedSource(Snapshot(state="training", run="one")))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "│ Type")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "This run has not saved yet; press c on Train" in shown(app))
        assert not Scripted.made


async def test_a_damaged_checkpoint_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    make_run("one")

    def damaged(*_: object) -> Scripted:
        raise UserError("The checkpoint is damaged; use the other one.")

    monkeypatch.setattr(GenerateScreen, "generate", staticmethod(damaged))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "The checkpoint is damaged; use the other one." in shown(app))


async def test_markup_in_a_runs_own_prompt_is_text() -> None:
    make_run("one", prompt="[/b] x\x1b[31m")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "[/b] x")
        assert "\x1b" not in shown(app)


async def test_a_paste_brings_nothing_that_a_terminal_obeys() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        app.post_message(events.Paste("a\x1b[31m\tb"))
        await wait_until(pilot, lambda: screen.query_one(Prompt).text == "a�[31m  b")


async def test_the_prompt_is_told_from_what_the_model_writes() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "The a lamp and a fox" in shown(app))
        (prompt, written, *_) = screen.query_one(Stream).render_line(0)
        assert (prompt.text, written.text) == ("The ", "a lamp and a fox�[31m")
        assert prompt.style and written.style and prompt.style.bold and not written.style.bold


async def test_a_dialog_gives_the_focus_back_to_where_it_was() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await pilot.pause(0.1)
        assert screen.query_one(Stream).has_focus
        await pilot.press("2", "4")
        await wait_until(pilot, lambda: screen.query_one(Prompt).has_focus)


async def test_the_palette_does_what_a_key_would() -> None:
    make_run("one", temperature=0.5)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")

        def temperature() -> str:
            way = screen._dials.way
            assert way is not None
            return f"{way.sampling.temperature:g}"

        async def cool(expected: str) -> None:
            await pilot.press("ctrl+p")
            await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
            await pilot.press(*"cooler")
            await wait_until(pilot, lambda: "Lower the" in shown(app))
            await pilot.press("enter")
            await wait_until(pilot, lambda: temperature() == expected)

        await cool("0.4")  # from the prompt
        await pilot.press("escape")
        await cool("0.3")


async def test_a_text_stays_whichever_run_appears() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "The a lamp" in shown(app))
        make_run("two")
        await pilot.press("1", "4")
        await pilot.pause(0.5)
        assert "The a lamp" in shown(app) and "one · last" in shown(app)


async def test_a_run_that_cannot_be_read_does_not_hide_the_others() -> None:
    make_run("old")
    broken = make_run("new").folder / "run.toml"
    broken.write_text(broken.read_text().replace("temperature = ", "temperature = -"))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "old · last")
        await wait_until(pilot, lambda: "expected 0.0" in shown(app) and "Enter lets" in shown(app))


async def test_an_unexpected_error_does_not_leave_it_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    make_run("one")
    monkeypatch.setattr(GenerateScreen, "generate", staticmethod(lambda *_: 1 / 0))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "The model could not be loaded." in shown(app))
        await wait_until(pilot, lambda: "ZeroDivisionError" in said(app))


async def test_what_of_a_text_is_copied_is_shown_with_it() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        assert "longest copy" not in shown(app)
        await pilot.press("enter")
        for words in ("Longest copy:", "a [fox", "longest copy"):  # the box and the figures are drawn one by one
            await wait_until(pilot, lambda words=words: words in shown(app))  # type: ignore[misc]


async def test_a_run_may_be_chosen_before_the_screen_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        make_run(name)
    looked: list[bool] = []
    find = GenerateScreen._find_runs

    def watched(screen: GenerateScreen) -> None:
        looked.append(screen.is_mounted)
        find(screen)

    monkeypatch.setattr(GenerateScreen, "_find_runs", watched)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        app.talk_to("one")
        await wait_until(pilot, lambda: "one · last" in shown(app))
    assert looked and all(looked)


async def test_a_key_goes_on_from_a_random_slice_of_the_text() -> None:
    make_run("one", window=9)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "r")
        await wait_until(pilot, lambda: len(screen.query_one(Prompt).text) == 9)
        prompt = screen.query_one(Prompt).text
        assert prompt in TEXT and Scripted.made[0].given == prompt
        await pilot.press("n")
        await wait_until(pilot, lambda: len(Scripted.made) == 2)
        assert Scripted.made[1].given == prompt


@pytest.mark.parametrize("key", ["n", "r"])
async def test_no_text_is_begun_with_a_wrong_setting_and_what_is_wrong_is_said(key: str) -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape")
        screen._dials.set("sampling.temperature", "-1")
        problem = screen._dials.problem
        assert problem
        await pilot.press(key)
        await wait_until(pilot, lambda: problem in said(app))
    assert not Scripted.made


async def test_every_way_to_draw_is_a_setting() -> None:
    make_run("one")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        for path, text in (("top_p", "0.9"), ("min_p", "0.1"), ("repetition_penalty", "1.2"), ("stop", r'"\n"')):
            screen.query_one(Form).edit(f"sampling.{path}")
            await pilot.press(*text, "enter")
        screen.action_again()
        await wait_until(pilot, lambda: Scripted.made)
        sampling = Scripted.made[0].sampling
        assert (sampling.top_p, sampling.min_p, sampling.repetition_penalty, sampling.stop) == (0.9, 0.1, 1.2, "\n")
