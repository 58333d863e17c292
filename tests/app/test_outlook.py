"""What would be trained, in sentences; and when a step is timed."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from lstm_tui.app import outlook
from lstm_tui.app.outlook import Weighed
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets import outlook as widget
from lstm_tui.app.widgets.outlook import Asked, Outlook
from lstm_tui.config import check
from lstm_tui.jobs import memory
from lstm_tui.progress import Cancelled
from lstm_tui.text import library
from tests.app.conftest import app_of, shown, wait_until
from tests.app.test_configure import planned


def look(budget: dict[str, float], steps_per_epoch: float = 50.0) -> Any:
    config = check({"budget": {"epochs": None, **budget}})
    return SimpleNamespace(config=config, steps_per_epoch=steps_per_epoch, parameters=718_589)


def test_an_epoch_and_what_the_budget_comes_to() -> None:
    assert outlook.pace(look({"minutes": 1.5}), 0.064) == "an epoch takes about 3.2 s, the budget 28 epochs"
    assert outlook.pace(look({"minutes": 1.5, "epochs": 12}), 0.064) == "an epoch takes about 3.2 s, the budget 38 s"
    assert outlook.pace(look({"steps": 5000}), 0.064) == "an epoch takes about 3.2 s, the budget 5 min"
    assert outlook.pace(look({"minutes": 480}), 60) == "an epoch takes about 50 min, the budget 9.6 epochs"
    assert outlook.pace(look({"steps": 10**9}), 1) == "an epoch takes about 50 s, the budget 11,574 days"
    assert outlook.pace(look({"epochs": 1}), 1e-6) == "an epoch takes about under 0.1 s, the budget under 0.1 s"


def test_what_does_not_fit_says_what_would() -> None:
    large = Weighed("cpu", 96.2e9, 20.1e9, "a batch of 16")
    assert large.warning == "needs about 96 GB, cpu has 20 GB free: a batch of 16 would fit"
    assert Weighed("cpu", 2.12e9, 5e8).warning.endswith("has 500 MB free: not even the smallest would fit")
    assert Weighed("cpu", 1e9, 2e9).warning == "" and Weighed("cpu", 1e12).warning == ""
    line = outlook.size(look({"epochs": 1}, 6.25), Weighed("cpu", 1.25e9))
    assert line == "718,589 parameters · 1.2 GB · 6.2 steps an epoch"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Measuring waits for it, or to be called off."""
    opened = threading.Event()

    def measure(preview: Any, device: str, stopped: Any) -> float:
        while not opened.wait(0.01):
            if stopped():
                raise Cancelled("others")
        return 0.5

    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(planned))
    monkeypatch.setattr(widget, "_SETTLED_SECONDS", 0.01)
    monkeypatch.setattr(Outlook, "known", staticmethod(lambda preview, device: None))
    monkeypatch.setattr(Outlook, "measure", staticmethod(measure))
    return opened


async def test_a_step_is_timed_and_called_off_when_values_change_or_a_run_trains(gate: threading.Event) -> None:
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("configure")
        await wait_until(pilot, lambda: "measuring how long an epoch" in shown(app))
        await pilot.press("plus")
        await wait_until(pilot, lambda: "512,000" in shown(app) and "measuring" in shown(app))
        gate.set()
        await wait_until(pilot, lambda: "an epoch takes about 24 s, the budget" in shown(app))
        gate.clear()
        source.show(Snapshot(state="training", device="cpu"))
        await wait_until(pilot, lambda: "timed when nothing trains on cpu" in shown(app))
        source.show(Snapshot(state="training", device="cuda:0"))
        await wait_until(pilot, lambda: "measuring how long" in shown(app))
        source.show(Snapshot())
        gate.set()
        await wait_until(pilot, lambda: "an epoch takes about 24 s" in shown(app))


async def test_what_cannot_fit_is_warned_of_and_asks_once(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[bool] = []
    app = app_of()
    app.start_training = lambda: trained.append(True)  # type: ignore[method-assign]
    monkeypatch.setattr(Outlook, "weigh", staticmethod(lambda preview, device: Weighed(device, 96e9, 2e10, "hidden 8")))
    reads = threading.Event()
    reads.set()
    monkeypatch.setattr(ConfigureScreen, "plan", staticmethod(lambda *asked: reads.wait(10) and planned(*asked)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_screen("configure")
        await wait_until(pilot, lambda: "needs about 96 GB, cpu has 20 GB free: hidden 8" in shown(app))
        assert "measuring" not in shown(app)
        await pilot.press("t")
        await wait_until(pilot, lambda: "Train all the same" in shown(app))
        reads.clear()
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfigureScreen))
        await pilot.press("f5")  # it stands while the text is looked at anew
        await wait_until(pilot, lambda: "Train all the same" in shown(app))
        await pilot.press("t")
        await wait_until(pilot, lambda: trained == [True])
        reads.set()
        await pilot.press("t")
        await wait_until(pilot, lambda: trained == [True] * 2)


def test_what_it_takes_is_weighed_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(memory, "free_memory", lambda device: 1e9)
    asked: Asked = (library.built_in()[0], "quick", {"model.hidden": "4096", "batches.size": "512"})
    preview = planned(asked, lambda doing, share: None)
    weighed = widget.weigh(preview, "cpu")
    assert weighed.too_large and weighed.fits.startswith("hidden")
