"""Closing the program: it does not wait for what nobody will see."""

import threading
from pathlib import Path

import pytest

from lstm_tui.app.screens import export
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.screens.export import ExportDialog
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.runs.run import Run
from tests.app.conftest import app_of, wait_until


class Endless:
    """Work that ends only where it is called off."""

    def __init__(self) -> None:
        self.begun, self.off = threading.Event(), threading.Event()

    def __call__(self, tell: Tell) -> Path:
        try:
            while not self.off.wait(0.01):
                tell("working", 0.5)
                self.begun.set()
        except Cancelled:
            self.off.set()
            raise
        return Path()


async def test_what_is_counted_or_exported_is_called_off(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    counting, exporting = Endless(), Endless()
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(lambda entry, tell, found: counting(tell)))
    monkeypatch.setattr(export, "export", lambda run, typed, tell: exporting(tell))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, counting.begun.is_set)
        app.push_screen(ExportDialog(Run(home / "one")))
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("enter")
        await wait_until(pilot, exporting.begun.is_set)
    called_off = counting.off.wait(5) and exporting.off.wait(5)
    counting.off.set()
    exporting.off.set()
    assert called_off
