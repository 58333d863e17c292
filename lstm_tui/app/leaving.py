"""Leaving the program, for good or for a while: keys, signals, a terminal that is gone, and what is trained meanwhile.

It knows the source that trains, and asks before anything is stopped; screens and texts it does not know.
"""

import asyncio
import signal
import time
from contextvars import copy_context
from typing import Any

from lstm_tui.app.one_at_a_time import OneAtATimeApp
from lstm_tui.app.source import Source
from lstm_tui.app.widgets.dialog import Question

_SUSPENDED = "It is paused and saved first; `fg` brings both back. Closing the terminal meanwhile loses nothing."
# A run that cannot be saved now, such as one that is scored, does not hold a person for longer.
_PATIENCE_SECONDS = 10.0


class LeavingApp(OneAtATimeApp):
    """The part of the App that ends.

    Args:
        plain: without colours.

    Attributes:
        hurried: the person did not wait until the run was saved.
        called_off: it was a signal that ended it, so that nobody may have seen how.
    """

    def __init__(self, source: Source, plain: bool = False) -> None:
        # Where there shall be no colour, Textual takes all away only where it thinks of the terminal's own.
        super().__init__(ansi_color=True if plain else None)
        self.source = source
        self.hurried = self.called_off = False
        self._leaving = False
        self._question: Question | None = None
        self._signals: dict[int, Any] = {}

    # Signals.

    def on_mount(self) -> None:
        # A signal comes in the midst of anything: what is called knows its app by this context alone.
        loop, context = asyncio.get_running_loop(), copy_context()

        def handle(_number: int, _frame: object) -> None:
            # Not by the loop alone: where the line to the terminal stalls, it stands still.
            self.called_off = True
            self.source.interrupt()
            loop.call_soon_threadsafe(self.leave, context=context)

        self._signals = {number: signal.signal(number, handle) for number in _signals()}
        # After the `fg` the terminal is empty, and Textual writes only what is new.
        self.app_resume_signal.subscribe(self, lambda _app: self.refresh(layout=True))

    def on_unmount(self) -> None:
        if self.source.busy:  # the screen broke down: nothing trains on unseen
            self.source.request("stop")
        for number, before in self._signals.items():
            signal.signal(number, before)

    # For good.

    def leave(self) -> None:
        """Stop what is being trained, wait until it is saved, and close. For signals, too."""
        if not self._leaving:
            self._leaving = True
            self.source.request("stop")
            self.set_interval(0.05, self._close_when_saved)

    def _close_when_saved(self) -> None:
        if not self.source.busy:
            self.exit()

    async def action_quit(self) -> None:
        if not self.source.busy:
            self.leave()
        elif self._leaving:
            words = "Close without waiting: what was saved before stays"
            self._ask(Question("The run is being saved.", {"c": words, "escape": "Wait"}))
        else:
            self._ask(Question("A run is being trained.", {"s": "Save and quit", "escape": "Stay"}))

    def _ask(self, question: Question) -> None:
        if self._question is None or self.screen is not self._question:
            self._question = question
            self.push_screen(question, self._answered)

    def _answered(self, answer: str | None) -> None:
        match answer:
            case "s":
                self.leave()
            case "c":
                self.hurried = True
                self.exit()
            case "z":
                self._suspend_when_saved()

    # For a while.

    def action_suspend(self) -> None:
        state = self.source.snapshot().state
        if state in {"training", "paused"} and not self._leaving:
            self._ask(Question("Suspending halts the training.", {"z": "Suspend", "escape": "Stay"}, _SUSPENDED))
        else:  # one that is being prepared or scored halts as it is, and goes on as it is
            self.action_suspend_process()

    def _suspend_when_saved(self) -> None:
        """Pause and save; after the `fg`, what was in training goes on."""
        was_training = self.source.snapshot().state == "training"
        asked = time.monotonic()
        if was_training:
            self.source.request("pause")
        self.source.request("save")

        def look() -> None:
            now = self.source.snapshot()
            saved = now.saved_at is not None and now.saved_at >= asked
            if saved or not now.busy or time.monotonic() - asked > _PATIENCE_SECONDS:
                timer.stop()
                self.action_suspend_process()
                if was_training and now.busy:  # this line is reached when the program goes on
                    self.source.request("go on")

        timer = self.set_interval(0.05, look)


def _signals() -> list[signal.Signals]:
    # Windows has no SIGHUP.
    return [getattr(signal, name) for name in ("SIGHUP", "SIGTERM", "SIGINT") if hasattr(signal, name)]
