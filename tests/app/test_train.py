"""The Train screen: what it shows of a snapshot, and what its keys ask for."""

from dataclasses import replace

import pytest

from lstm_tui.app.figures import duration
from lstm_tui.app.snapshot import State
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets.glyphs import use_ascii
from lstm_tui.app.widgets.words import Words
from lstm_tui.jobs.events import Progress, Sampled
from tests.app.conftest import TRAINING, app_of, said, shown, wait_until
from tests.app.runs import make_run


async def test_without_a_run_it_says_what_to_do() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "trains Fables and tales with the recipe quick" in shown(app))


async def test_what_failed_before_there_was_a_run_is_said() -> None:
    app = app_of(ScriptedSource(Snapshot(refused="Nothing is left of x to learn.")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Nothing is left of x to learn." in shown(app))
        await wait_until(pilot, lambda: "Nothing is left" in said(app))


async def test_what_was_refused_is_said_beside_the_run_before() -> None:
    source = ScriptedSource(replace(TRAINING, state="finished", reason="budget", message="finished"))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "1.548*" in shown(app))
        source.show(replace(source.snapshot(), refused="The disk is full."))
        await wait_until(pilot, lambda: "not trained: The disk is full." in shown(app) and "1.548*" in shown(app))
        await wait_until(pilot, lambda: "The disk is full." in said(app))


async def test_what_stands_still_is_not_laid_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Alice was" in shown(app) and "started on cuda:1" in shown(app))
        await wait_until(pilot, lambda: "Healthy" in shown(app))
        updated: list[Words] = []
        monkeypatch.setattr(Words, "update", lambda words, content: updated.append(words))
        await pilot.pause(1.2)
        assert not [words for words in updated if words.screen is app.screen]  # the text behind may come late


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_a_time_that_is_none_is_nought(seconds: float) -> None:
    assert duration(seconds) == "0:00"


async def test_figures_sample_and_absent_meters() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "cuda:1 H100" in shown(app))
        screen = shown(app)
        for words in (
            "1.548*",
            "1.412",
            "vs 5-gram    -0.150",
            "2.233",
            "4,310/6,000",
            "49,210",
            "78 %",
            "n/a",
            "0:34 left",
            "72 %",
        ):
            assert words in screen
        assert "[31mvery tired" in screen
        assert "\x1b" not in screen
        for line in screen.splitlines():
            assert len(line) == 80


async def test_while_the_best_is_scored_only_stop_has_a_key() -> None:
    source = ScriptedSource(replace(TRAINING, state="scoring"))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "scoring" in shown(app) and "1.548*" in shown(app))
        assert "Pause" not in shown(app) and "Save" not in shown(app) and "Stop" in shown(app)
        await pilot.press("p", "c", "g", "s")
        await wait_until(pilot, lambda: "It is scored no further" in said(app))
    assert source.requested == ["stop"]


async def test_words_have_a_perplexity_and_nothing_held_out_shows_the_training_loss() -> None:
    words = replace(TRAINING, tokens="words", validation_loss=None, best_validation_loss=None, best_step=None)
    app = app_of(ScriptedSource(replace(words, validation_tokens=None, validation=())))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "perplexity" in shown(app))
        await wait_until(pilot, lambda: "TRAIN" in shown(app))
        assert "VALID" not in shown(app)
        assert "4.1 " in shown(app)


@pytest.mark.parametrize("device", ["cpu", "cuda:1"])
async def test_words_have_bits_per_character_too_and_all_that_counts_has_room(device: str) -> None:
    words = replace(TRAINING, tokens="words", characters=5.2, validation_loss=5.1234, device=device)
    app = app_of(ScriptedSource(words))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "processor" in shown(app) and "22 %" in shown(app))
        side = [line[57:79].split() for line in shown(app).splitlines()]
        assert ["perplexity", "168"] in side
        assert ["bits/char", "1.421"] in side
        for label in ("VALID", "train", "vs", "step", "words/s", "saved", "use"):
            assert any(row[:1] == [label] for row in side), label


async def test_words_that_are_not_known_are_said_beside_the_losses_that_they_make_look_better() -> None:
    app = app_of(ScriptedSource(replace(TRAINING, tokens="words", characters=5.2, unknown=0.124, parent="verses-1")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "loss, nats, by step, 12% <unk>, from verses-1" in shown(app))


async def test_a_sentence_in_the_corner_hides_no_figure() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "cuda:1 H100" in shown(app) and "22 %" in shown(app))
        side = [line[56:] for line in shown(app).splitlines()]
        pilot.app.call_later(app.say, "It stops and is saved; r goes on with it later. " * 4)
        await wait_until(pilot, lambda: "It stops" in shown(app))
        assert [line[56:] for line in shown(app).splitlines()] == side


async def test_without_an_ngram_the_best_stands_in_its_place() -> None:
    app = app_of(ScriptedSource(replace(TRAINING, baselines=None)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "best          1.548" in shown(app))
        assert "gram" not in shown(app)


async def test_keys_ask_and_only_what_can_be_asked_for_is_offered() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Pause" in shown(app))
        await pilot.press("p")
        await wait_until(pilot, lambda: "Go on" in shown(app) and "paused" in shown(app))
        await pilot.press("p", "c", "g", "s", "c")
        await wait_until(pilot, lambda: "Talk to it" in shown(app))
    assert source.requested == ["pause", "go on", "save", "sample", "stop"]


async def test_a_new_sample_takes_the_place_of_the_old() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Alice was" in shown(app))
        source.show(replace(TRAINING, samples=(*TRAINING.samples, Sampled(4300, "[b]Newer[/b]"))))
        await wait_until(pilot, lambda: "[b]Newer[/b]" in shown(app) and "step 4,300" in shown(app))


async def test_a_wide_terminal_shows_what_happened() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "validation 1.548, the best so far" in shown(app))


async def test_ascii_draws_with_ascii_alone() -> None:
    use_ascii(True)
    try:
        app = app_of(ScriptedSource(TRAINING))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("3")
            await wait_until(pilot, lambda: "VALID" in shown(app))
            await pilot.pause(0.1)
            assert shown(app).replace("�", "").isascii()
            for key in ("1", "2", "5"):
                await pilot.press(key)
                await pilot.pause(0.5)
                # A dash is the text's, a scrollbar Textual's.
                assert not set(shown(app)) - set(map(chr, range(128))) - set("—▁▂▃▄▅▆▇█紅樓夢")
    finally:
        use_ascii(False)


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_any_size_of_the_terminal_while_training(ascii_only: bool) -> None:
    use_ascii(ascii_only)
    try:
        app = app_of(ScriptedSource(TRAINING))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("3")
            await wait_until(pilot, lambda: "H100" in shown(app))
            for width, height in ((50, 15), (60, 20), (20, 3), (1, 1), (300, 80), (80, 24)):
                await pilot.resize_terminal(width, height)
                await pilot.pause(0.55)
            await wait_until(pilot, lambda: "1.548*" in shown(app))
    finally:
        use_ascii(False)


@pytest.mark.parametrize("key", ["x", "escape"])
async def test_a_training_that_is_prepared_says_how_far_it_is_and_is_called_off(key: str) -> None:
    source = ScriptedSource(Snapshot(state="preparing", message="encoding big.txt, 34 %"))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: shown(app).count("encoding big.txt, 34 %") == 2)  # in the status line, too
        await wait_until(pilot, lambda: "x Call it off" in shown(app).splitlines()[-1])
        await pilot.press(key)
        assert source.requested == ["stop"]
        assert app.current_mode == "train"


SAMPLES = tuple(Sampled(500 * number, f"sample {number}\n" * 30) for number in range(1, 9))


async def test_samples_are_followed_gone_through_and_scrolled() -> None:
    source = ScriptedSource(replace(TRAINING, samples=SAMPLES, sampled=208))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "sample 208 of 208, step 4,000, temperature 0.8" in shown(app))
        await pilot.press("left", "left")
        await wait_until(
            pilot, lambda: "sample 206 of 208, step 3,000" in shown(app) and "2 newer: right" in shown(app)
        )
        source.show(replace(source.snapshot(), samples=(*SAMPLES[1:], Sampled(4300, "newest")), sampled=209))
        await wait_until(pilot, lambda: "sample 206 of 209, step 3,000" in shown(app) and "3 newer" in shown(app))
        scroll = app.screen.query_one("#sample-box Scroll")
        await pilot.press("down", "pagedown")
        await wait_until(pilot, lambda: scroll.scroll_offset.y == 10)
        await pilot.press("pageup", "up", *["left"] * 9)
        await wait_until(pilot, lambda: "sample 202 of 209, step 1,000" in shown(app) and not scroll.scroll_offset.y)
        await pilot.press(*["right"] * 9)
        await wait_until(pilot, lambda: "sample 209 of 209, step 4,300" in shown(app) and "newest" in shown(app))
        source.show(replace(source.snapshot(), samples=(*SAMPLES[2:], Sampled(4310, "newer still")), sampled=210))
        await wait_until(pilot, lambda: "newer still" in shown(app))  # it follows again


async def test_the_log_takes_the_samples_place_and_follows_its_end() -> None:
    log = tuple(f"14:05:{number:02} line {number}" for number in range(40))
    source = ScriptedSource(replace(TRAINING, log=log))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "o Log" in shown(app))
        await pilot.press("o")
        await wait_until(pilot, lambda: "line 39" in shown(app) and "o Sample" in shown(app))
        await pilot.press("pageup", "pageup")
        await wait_until(pilot, lambda: "line 20" in shown(app) and "line 39" not in shown(app))
        source.show(replace(TRAINING, log=(*log, "14:06:00 line 40")))
        await pilot.pause(0.6)
        assert "line 40" not in shown(app)
        await pilot.press(*["pagedown"] * 4)
        source.show(replace(TRAINING, log=(*log, "14:06:00 line 40", "14:06:01 line 41")))
        await wait_until(pilot, lambda: "line 41" in shown(app))
        await pilot.press("o")
        await wait_until(pilot, lambda: "Alice was" in shown(app))


async def test_the_rate_is_halved_and_doubled_while_it_trains_and_stays_within_reason() -> None:
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "-/+ Rate" in shown(app))
        await pilot.press("minus", "minus", "plus")
        await wait_until(pilot, lambda: "x0.5  0.00156" in shown(app))
        source.show(replace(TRAINING, learning_rate=9.0))
        await wait_until(pilot, lambda: "9.00000" in shown(app))
        await pilot.press("plus", "p", "minus")
        await wait_until(pilot, lambda: "stays between" in said(app))
        source.show(replace(TRAINING, state="finished", reason="budget"))
        await wait_until(pilot, lambda: "Talk to it" in shown(app))
        await pilot.press("minus")
    assert source.requested == ["rate 0.5", "rate 0.5", "rate 2", "pause", "rate 0.5"]


async def test_the_verdict_stands_under_the_chart_and_w_says_all_of_it() -> None:
    unsure = tuple((step, 4.0) for step in range(10, 4311, 10))
    source = ScriptedSource(TRAINING)
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Healthy: falling 0.0" in shown(app) and "gap 0.1" in shown(app))
        source.show(replace(TRAINING, curve=unsure, validation=(), validation_loss=None, validation_tokens=None))
        await wait_until(pilot, lambda: "Stuck at letter frequencies: rate too" in shown(app) and "w: +1" in shown(app))
        await pilot.press("w")
        await wait_until(pilot, lambda: "In Configure (2): learning, rate 0." in shown(app))
        assert "In Configure (2): text, held out 0.1" in shown(app) and "--" not in shown(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen.query("#verdict"))
        source.show(replace(TRAINING, state="failed", message="The disk is full.", config=None))
        await wait_until(pilot, lambda: shown(app).count("The disk is full.") == 2)  # in the status line, too


async def test_after_its_end_r_goes_on_and_the_bell_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    app = app_of(ScriptedSource(replace(TRAINING, state="finished", reason="budget")))
    monkeypatch.setattr(app, "go_on", asked.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "Enter Talk to it" in shown(app) and "r Go on" in shown(app))
        await pilot.press("r", "b")
        await wait_until(pilot, lambda: "rings when a run ends" in said(app))
        assert asked == [TRAINING.run] and app.memory.get("train.bell", False)


async def test_the_last_run_of_an_earlier_session_is_shown_rather_than_nothing() -> None:
    run = make_run("fables-1", info={"plan": {"horizon": 740}})
    for step in range(10, 741, 10):
        run.append("metrics", Progress(step, step / 90, 1.4 + 20 / step, 0.005, 0.5, 1000.0, step / 10, 0.0).to_json())
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "last run: loss, nats, by step" in shown(app) and "fables: quick" in shown(app))
        await wait_until(pilot, lambda: "740/740" in shown(app) and "r Go on" in shown(app))


@pytest.mark.parametrize("state", ["training", "paused", "finished", "preparing", "failed", "scoring"])
async def test_the_footer_has_room_for_its_keys(state: State) -> None:
    app = app_of(ScriptedSource(replace(TRAINING, state=state)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "? Help" in shown(app).splitlines()[-1] and "t Train" in shown(app))
