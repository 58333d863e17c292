"""The loss chart: how far its axes reach, and the losses to beat in it."""

import re
from dataclasses import replace

import pytest

from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets.chart import levels, limits
from lstm_tui.app.widgets.glyphs import use_ascii
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import TRAINING, app_of, shown, wait_until

TO_BEAT = Baselines(uniform=4.11, letters=2.9, ngram=1.698, order=5)


def seen(*losses: float, baselines: Baselines | None = TO_BEAT) -> Snapshot:
    curve = tuple((step * 10, loss) for step, loss in enumerate(losses))
    return Snapshot(step=len(losses) * 10, curve=curve, baselines=baselines)


def names(snapshot: Snapshot) -> list[str]:
    return [name for name, _ in levels(snapshot)]


def test_the_axis_reaches_to_the_ngram_but_not_to_what_is_far_above() -> None:
    assert limits(seen(2.4, 2.2))[1:] == (1.5, 2.5)
    assert names(seen(2.4, 2.2)) == ["5-gram"]
    assert limits(seen(3.2, 1.2))[1:] == (1.0, 3.5)
    assert names(seen(3.2, 1.2)) == ["5-gram", "letters"]
    assert names(seen(4.2, 1.2)) == ["5-gram", "letters", "uniform"]


def test_without_losses_to_beat_the_curve_alone_counts() -> None:
    assert limits(seen(2.4, 2.2, baselines=None))[1:] == pytest.approx((2.2, 2.5))
    assert names(seen(4.2, 1.2, baselines=None)) == []
    assert names(seen(4.2, 1.2, baselines=replace(TO_BEAT, ngram=None))) == ["letters", "uniform"]


def test_words_are_compared_with_words() -> None:
    assert names(seen(9, 5, baselines=Baselines(8.8, 7.1, 6.3, 3))) == ["3-gram", "words", "uniform"]


@pytest.mark.parametrize("size", [(80, 24), (100, 31), (160, 48)])
async def test_each_name_stands_beside_its_line(size: tuple[int, int]) -> None:
    app = app_of(ScriptedSource(replace(TRAINING, baselines=TO_BEAT)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: " letters" in shown(app) and any(dot * 6 in shown(app) for dot in "⠁⠂⠄⡀"))
        chart = [line.split("│")[1] for line in shown(app).splitlines() if line.startswith("│")]
        dotted = [line.split()[-1] for line in chart if any(dot * 6 in line for dot in "⠁⠂⠄⡀")]
        assert dotted == ["uniform", "letters", "5-gram"]


@pytest.mark.parametrize(("step", "at"), [(2, r"[┫┃]\*"), (5990, r"\*[┣┃]"), (6000, r"\*[┣┃]")])
async def test_the_best_is_marked_wherever_it_is(step: int, at: str) -> None:
    app = app_of(ScriptedSource(replace(TRAINING, step=6000, best_step=step)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: re.search(at, shown(app)))


async def test_in_ascii() -> None:
    use_ascii(True)
    try:
        app = app_of(ScriptedSource(TRAINING))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("3")
            await wait_until(pilot, lambda: "- - uniform" in shown(app) and "- - - 5-gram" in shown(app))
    finally:
        use_ascii(False)


async def test_a_narrow_chart_has_no_room_for_names() -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("3")
        await wait_until(pilot, lambda: "VALID" in shown(app))
        await pilot.pause(0.1)
        assert "letters" not in shown(app)
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "letters" in shown(app))
