"""The charts: how far the axes reach, where ticks and curves stand, the losses to beat, what is drawn anew."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.geometry import Region

from lstm_tui.app.history import Moment
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.theme import THEME
from lstm_tui.app.widgets.axes import Scale, View, clock_ticks, levels, losses_reach, losses_scale, places, reach
from lstm_tui.app.widgets.chart import LossChart
from lstm_tui.app.widgets.glyphs import use_ascii
from lstm_tui.app.widgets.plot import Picture, spread
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import TRAINING, app_of, shown, wait_until

TO_BEAT = Baselines(uniform=4.11, letters=2.9, ngram=1.698, order=5)


def seen(*losses: float, baselines: Baselines | None = TO_BEAT) -> Snapshot:
    curve = tuple((step * 10, loss) for step, loss in enumerate(losses))
    return Snapshot(step=len(losses) * 10, curve=curve, baselines=baselines)


def names(snapshot: Snapshot) -> list[str]:
    return [name for name, _ in levels(snapshot)]


def test_the_axis_reaches_to_the_ngram_but_not_to_what_is_far_above() -> None:
    assert losses_reach(seen(2.4, 2.2)) == (1.5, 2.5)
    assert names(seen(2.4, 2.2)) == ["5-gram"]
    assert losses_reach(seen(3.2, 1.2)) == (1.0, 3.5)
    assert names(seen(3.2, 1.2)) == ["5-gram", "letters"]
    assert names(seen(4.2, 1.2)) == ["5-gram", "letters", "uniform"]


def test_without_losses_to_beat_the_curve_alone_counts() -> None:
    assert losses_reach(seen(2.4, 2.2, baselines=None)) == pytest.approx((2.2, 2.5))
    assert names(seen(4.2, 1.2, baselines=None)) == []
    assert names(seen(4.2, 1.2, baselines=replace(TO_BEAT, ngram=None))) == ["letters", "uniform"]


def test_words_are_compared_with_words() -> None:
    assert names(seen(9, 5, baselines=Baselines(8.8, 7.1, 6.3, 3))) == ["3-gram", "words", "uniform"]


def test_a_logarithmic_axis_stands_on_more_than_nought() -> None:
    scale = losses_scale(seen(4.0, 0.02, baselines=None), logarithmic=True)
    assert 0 < scale.low < 0.02 and scale.share(0.02) > 0
    assert Scale(1, 100, True).share(10) == pytest.approx(0.5)
    assert losses_scale(seen(0.0, 0.0, baselines=None), logarithmic=True).share(0.0) <= 0


@pytest.mark.parametrize(
    ("scale", "most", "ticks"),
    [
        (Scale(0, 6000), 6, [0, 1000, 2000, 3000, 4000, 5000, 6000]),
        (Scale(1, 4.5), 5, [1, 2, 3, 4]),
        (Scale(0, 3.7), 4, [0, 1, 2, 3]),
        (Scale(1, 4.5, True), 5, [1, 1.5, 2, 3, 4]),
        (Scale(0, 1), 0, []),
    ],
)
def test_ticks_are_round_and_few(scale: Scale, most: int, ticks: list[float]) -> None:
    assert scale.ticks(most) == pytest.approx(ticks)


def test_ticks_of_a_time_are_those_of_a_clock() -> None:
    assert clock_ticks(95, 5) == [0, 30, 60, 90]
    assert clock_ticks(3 * 3600, 4) == [0, 3600, 7200, 10800]
    assert clock_ticks(30 * 86400, 5)[1] == 6 * 86400


def test_a_step_lies_between_the_moments_that_are_known() -> None:
    course = (Moment(10, 1.0, 2.0), Moment(20, 2.0, 6.0))
    assert [places(course, "time")(step) for step in (0, 5, 10, 15, 20, 30)] == [0, 1, 2, 4, 6, 10]
    assert places(course, "epoch")(15) == 1.5 and places((), "time")(15) == 15
    run = Snapshot(step=20, horizon=60, course=course, seconds_left=14.0)
    assert [reach(run, "step"), reach(run, "epoch"), reach(run, "time")] == [60, 6, 20]
    # Of a long run that has just begun, the curve has a quarter of the width at the least.
    for step, end in ((1, 4 - 1 / 4), (10, 30), (14, 30), (15, 60), (30, 60), (60, 60), (70, 70)):
        assert reach(replace(run, step=step), "step") == end


def test_a_curve_in_braille_and_in_ascii() -> None:
    drawn = {}
    for ascii_only in (False, True):
        picture = Picture(4, 2, ascii_only)
        picture.line([(0.0, 1.0), (0.99, 0.0)], "x", ".")
        picture.level(1.0, "y")
        picture.mark(0.99, 0.0, "*", "z")
        drawn[ascii_only] = ["".join(character for character, _ in row) for row in picture.cells]
    assert drawn == {False: ["⠑⢄⠁⠁", "  ⠑*"], True: ["..- ", "  .*"]}


@pytest.mark.parametrize("value", [-5.0, 0.0, 0.5, 1.0, 7.0])
def test_what_lies_outside_is_drawn_at_the_edge(value: float) -> None:
    for width, height in ((1, 1), (0, 0), (30, 9)):
        picture = Picture(width, height, False)
        picture.line([(value, value), (1 - value, value)], "", ".")
        picture.mark(value, value, "*", "")


def test_labels_that_would_touch_are_left_out() -> None:
    assert spread([(0, "0"), (0.1, "100"), (0.5, "500"), (1, "1k")], 20) == "0        500      1k"
    assert spread([(0, "0"), (0.05, "50"), (1, "1k")], 10) == "0       1k"
    assert spread([], 3) == "   "


@pytest.mark.parametrize("size", [(80, 24), (100, 31), (160, 48)])
async def test_each_name_stands_beside_its_line(size: tuple[int, int]) -> None:
    app = app_of(ScriptedSource(replace(TRAINING, baselines=TO_BEAT)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: " letters" in shown(app))
        chart = [re.split("││|│├", line)[0] for line in shown(app).splitlines() if line.startswith("│")]
        dotted = [line.split()[-1] for line in chart if any(dot * 6 in line for dot in "⠁⠂⠄⡀")]
        assert dotted[:3] == ["uniform", "letters", "5-gram"]


@pytest.mark.parametrize(("step", "at"), [(2, r"[│┤]\*"), (5990, r"\* "), (6000, r"\* ")])
async def test_the_best_is_marked_wherever_it_is(step: int, at: str) -> None:
    app = app_of(ScriptedSource(replace(TRAINING, step=6000, best_step=step)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: any(re.search(at, line[:47]) for line in shown(app).splitlines()[3:12]))


async def test_in_ascii_a_narrow_chart_has_no_room_for_names() -> None:
    use_ascii(True)
    try:
        app = app_of(ScriptedSource(TRAINING))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("3")
            await wait_until(pilot, lambda: re.search("- - +uniform.*- - +letters.*- - +5-gram", shown(app), re.DOTALL))
            await pilot.resize_terminal(60, 24)
            await wait_until(pilot, lambda: "letters" not in shown(app))
            await pilot.resize_terminal(80, 24)
            await wait_until(pilot, lambda: "letters" in shown(app))
    finally:
        use_ascii(False)


async def test_the_view_is_chosen_by_keys_and_remembered() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "loss, nats, by step ─" in shown(app) and "4k" in shown(app))
        await pilot.press("a", "l", "m")
        await wait_until(pilot, lambda: "loss, nats, by epoch, log, smoothed" in shown(app))
        await wait_until(pilot, lambda: re.search(r"0 +2 +4 +6", shown(app)) and "1.5┤" in shown(app))
        await pilot.press("a", "m")
        await wait_until(pilot, lambda: "loss, nats, by time, log ─" in shown(app))
        assert re.search(r"0:00 +1:00 +2:00", shown(app))
        get: Callable[..., object] = app.memory.get
        assert (get("train.axis", "step"), get("train.log", False), get("train.smoothed", True)) == (
            "time",
            True,
            False,
        )


async def test_only_lines_that_changed_are_drawn_anew_and_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ScriptedSource(replace(TRAINING, curve=TRAINING.curve * 4))
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "5-gram" in shown(app))
        chart, regions = app.screen.query_one(LossChart), list[Region]()
        monkeypatch.setattr(chart, "refresh", lambda *changed: regions.extend(changed))
        chart.show(source.snapshot())
        assert not regions
        more = replace(TRAINING, curve=(*TRAINING.curve * 4, (4700, 1.41)))
        began = time.thread_time()
        chart.show(more, View())
        took = time.thread_time() - began
        assert len(regions) == 1 and regions[0].height == 1
        assert took < 0.1  # 5 ms on a quiet machine


async def test_another_theme_colours_the_curves_anew() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "5-gram" in shown(app))
        chart = app.screen.query_one(LossChart)
        before = {str(span.style) for line in chart._lines for span in line.spans}
        app.register_theme(replace(THEME, name="other", primary="#ffffff"))
        app.theme = "other"
        await wait_until(pilot, lambda: {str(span.style) for line in chart._lines for span in line.spans} != before)


def test_a_loss_without_bounds_has_an_axis() -> None:
    for loss in (1e8, 3e38):
        low, high = losses_reach(seen(loss, baselines=None))
        assert low < high
