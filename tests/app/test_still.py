"""What does not change is not drawn: a slow line carries every byte of it."""

import time
from dataclasses import replace

import pytest

from lstm_tui.app.standing import schedule
from lstm_tui.app.widgets.panel import Panel
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
