"""What does not change is not drawn: a slow line carries every byte of it."""

import time
from dataclasses import replace

import pytest
from textual.geometry import Region

from lstm_tui.app.standing import schedule
from lstm_tui.app.widgets.panel import Figures, Panel
from tests.app.conftest import TRAINING, app_of


async def test_the_title_that_a_box_has_draws_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    async with app.run_test():
        panel = app.screen.query_one(Panel)
        panel.entitle("[loss]")
        drawn: list[str | None] = []
        monkeypatch.setattr(panel, "refresh", lambda *_, **__: drawn.append(panel.border_title))
        panel.entitle("[loss]")
        assert not drawn
        panel.entitle("sample")
        assert "sample" in drawn


def test_of_a_run_that_has_ended_no_figure_grows_older() -> None:
    saved = replace(TRAINING, saved_at=time.monotonic() - 5)
    assert ("saved", "0:05 ago") in schedule(saved, 10)
    assert "saved" not in dict(schedule(replace(saved, state="finished"), 10))


async def test_of_figures_the_lines_that_are_others_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    async with app.run_test() as pilot:
        figures = Figures(columns=2)
        await app.screen.mount(figures)
        figures.show([("step", "1"), ("rate", "1"), ("loss", "1"), ("epoch", "1"), ("left", "1")])
        await pilot.pause()
        drawn: list[object] = []
        monkeypatch.setattr(figures, "refresh", lambda *regions, **how: drawn.append((*regions, *how)))
        figures.show([("step", "1"), ("rate", "1"), ("loss", "1"), ("epoch", "1"), ("left", "1")])
        assert not drawn
        figures.show([("step", "1"), ("rate", "1"), ("loss", "1"), ("epoch", "2"), ("left", "2")])
        width = figures.size.width
        assert drawn.pop() == (Region(0, 1, width, 1), Region(0, 2, width, 1))
        figures.show([("step", "1")])
        assert drawn.pop() == ("layout",)
        assert figures.explained == [("step", "1")]
