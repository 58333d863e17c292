"""What does not change is not drawn: a slow line carries every byte of it."""

import time

import pytest
from textual.geometry import Region

from lstm_tui.app import standing
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.panel import Figures, Panel
from tests.app.conftest import app_of


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


def test_of_a_run_that_has_ended_no_figure_changes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [Snapshot(state=state, run="one", saved_at=time.monotonic()) for state in ("training", "finished", "failed")]
    before = [standing.schedule(it, 20) for it in seen]
    later, clock = time.monotonic() + 90, time.time() + 90
    monkeypatch.setattr(time, "monotonic", lambda: later)
    monkeypatch.setattr(time, "time", lambda: clock)
    after = [standing.schedule(it, 20) for it in seen]
    assert before[0] != after[0]
    assert before[1:] == after[1:]
