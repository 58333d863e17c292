"""What the app's tests share: a home of their own, an app that loads and trains nothing, and waiting."""

import asyncio
import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from lstm_tui.app import since
from lstm_tui.app.app import LstmTui
from lstm_tui.app.history import Moment
from lstm_tui.app.outlook import Weighed
from lstm_tui.app.screens import runs
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets import meters
from lstm_tui.app.widgets.outlook import Outlook
from lstm_tui.config import RunConfig
from lstm_tui.devices import CpuFigures, Device, GpuFigures
from lstm_tui.jobs.events import Sampled
from lstm_tui.text.ngram import Baselines
from tests.app.quick import in_tests, shown

__all__ = ["CPU", "CURVE", "DEVICE", "GPU", "TRAINING", "app_of", "said", "shown", "wait_until"]

DEVICE = Device("cpu", "cpu, 2 threads", "PyTorch sees no GPU here")
CPU = CpuFigures(use=22.0, use_mine=18.0, memory_mine=0.4 * 2**30, memory_used=20 * 2**30, memory_total=128 * 2**30)
GPU = GpuFigures(
    name="H100",
    use=78.0,
    memory_mine=2.1 * 2**30,
    memory_others=None,
    memory_total=80 * 2**30,
    temperature=54.0,
    power=None,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its own data folder, and no test loads PyTorch or asks the machine for its load."""
    in_tests(monkeypatch)
    monkeypatch.setenv("LSTM_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(LstmTui, "choose_device", lambda app, name: setattr(app, "device", DEVICE))
    monkeypatch.setattr(since, "last_seen", time.time)  # no first start, and nothing has happened since
    monkeypatch.setattr(Outlook, "weigh", staticmethod(lambda preview, device: Weighed(device, 105e6, 20e9)))
    monkeypatch.setattr(Outlook, "known", staticmethod(lambda preview, device: 0.02))
    monkeypatch.setattr(runs, "_PATIENCE_SECONDS", math.inf)  # a list is there as a whole, or not yet
    monkeypatch.setattr(meters, "measure", lambda device: (GPU if device.startswith("cuda") else None, CPU))
    return tmp_path


def app_of(source: ScriptedSource | None = None) -> LstmTui:
    """An app that trains by a script; what differs between machines is fixed."""
    app = LstmTui(source or ScriptedSource())
    app.place = "user@gpu-box"
    return app


async def wait_until(pilot: Pilot[None], true: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the app run until something holds."""
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await pilot.pause(0.02)
    except TimeoutError:
        seen, told = shown(pilot.app), said(pilot.app)
        pytest.fail(f"It never came to that. There is:\n{seen}\n{told}")


def said(app: App[None]) -> str:
    """The sentences in the corner of the screen."""
    return "\n".join(notification.message for notification in app._notifications)


CURVE = tuple((step, 1.35 + 0.35 * 0.9996**step + 2.4 * 0.997**step) for step in range(10, 4311, 10))
COURSE = tuple(
    Moment(step, step / 980, step / 47, 0.0025 * (1 + math.cos(math.pi * step / 6000)), 0.82, 0.12, 49210.0)
    for step in range(10, 4311, 10)
)
TRAINING = Snapshot(
    state="training",
    run="2026-11-21-1405-alice-quick",
    title="alice: quick",
    directory="/runs/2026-11-21-1405-alice-quick",
    device="cuda:1",
    step=4310,
    horizon=6000,
    epoch=4.4,
    train_loss=1.412,
    validation_loss=1.548,
    best_validation_loss=1.548,
    best_step=4200,
    learning_rate=0.00312,
    gradient_norm=0.82,
    clipped=0.12,
    tokens_per_second=49210.0,
    elapsed=92.0,
    seconds_left=34.0,
    curve=CURVE,
    course=COURSE,
    validation=tuple((step, 1.483 + 0.35 * 0.9996**step + 2.4 * 0.997**step) for step in range(200, 4310, 200)),
    samples=(Sampled(4000, "Alice was beginning to get \x1b[31mvery tired of the Rabbit."),),
    sampled=1,
    log=("14:05:11 started on cuda:1", "14:07:00 step 4,200: validation 1.548, the best so far"),
    parameters=718_589,
    validation_tokens=16_000,
    baselines=Baselines(uniform=4.1109, letters=2.9013, ngram=1.698, order=5),
    config=RunConfig(),
)
