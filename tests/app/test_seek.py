"""Finding a setting by its name, and what a terminal of 60 columns and 20 lines has room for."""

import pytest

from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.rows import Rows
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.test_configure import opened, planned


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(planned))


async def test_a_setting_is_found_by_its_name_or_its_section() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"warmup", "enter")
        assert screen.form.path == "learning.warmup" and "learning" in screen.form.opened
        assert isinstance(screen.focused, Rows)
        await pilot.press("slash", *"drop", "down")
        assert screen.form.path == "model.dropout"
        await wait_until(pilot, lambda: "Down Next" in shown(app) and "F5 Train" in shown(app))
        assert "t Train" not in shown(app)
        await pilot.press("down", "enter")
        assert screen.form.path == "model.input_dropout" and isinstance(screen.focused, Rows)
        await pilot.press("slash", *"batches", "down", "escape")
        assert screen.form.path == "batches.cut"
        await pilot.press("slash", *"hidden", "enter", "enter", *"512", "enter")
        assert screen._draft.value("model.hidden") == "512"
        await pilot.press("slash", *"batches", "enter", "slash", *"speed", "enter")
        await wait_until(
            pilot,
            lambda: "No setting and no section is called speed." in said(app) and screen.form.path == "batches.cut",
        )


async def test_the_palette_leads_to_a_setting() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *"setting hidden")
        await wait_until(pilot, lambda: "Setting: model, hidden" in shown(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen))
        form = app.screen.query_one(Form)
        await wait_until(pilot, lambda: form.path == "model.hidden" and form.has_focus_within)


async def test_the_smallest_terminal_shows_settings_and_whole_keys() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: "parameters" not in shown(app) and "many-to-one-every" in shown(app))
        await wait_until(pilot, lambda: shown(app).rstrip().endswith("t Train   ? Help"))
        assert screen.query_one(Rows).size.height > 8
        for name in ("corpus", "generate", "runs"):
            app.show_screen(name)
            await wait_until(pilot, lambda: shown(app).rstrip().endswith(" Help"))
        app.show_screen("configure")
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "parameters" in shown(app) and "w Save" in shown(app))
