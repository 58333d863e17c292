"""Whom the screens ask: what is being trained now (a Snapshot), and for something to be done.

The thread that trains overwrites the state here under a lock; a timer of the screen that shows reads
`snapshot()`. Nothing here knows of widgets, and nothing calls into the screen's thread.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from lstm_tui.app.snapshot import Fold, Snapshot, State
from lstm_tui.errors import UserError
from lstm_tui.jobs.events import Started

if TYPE_CHECKING:  # both bring NumPy, and the first picture comes without
    from lstm_tui.jobs.requests import Requests, Verb
    from lstm_tui.runs.run import Run

__all__ = ["LiveSource", "ScriptedSource", "Snapshot", "Source"]
LOG = logging.getLogger(__name__)


class Source(Protocol):
    """What the app needs of whoever trains."""

    @property
    def busy(self) -> bool:
        """Whether a job has begun whose last event has not come yet."""
        ...

    def snapshot(self) -> Snapshot: ...

    def request(self, verb: "Verb") -> None:
        """Ask the running job for something; never waits."""
        ...

    def drive(self, prepare: "Callable[[], Run]", device: str) -> None:
        """Prepare a run and train it to its end on `device` (or `auto`), in the calling thread.

        Never raises; one at a time.
        """
        ...


class LiveSource:
    """Folds the events of `jobs.training.train` as they come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._fold = Fold()
        self._requests: Requests | None = None
        self._early: list[Verb] = []

    @property
    def busy(self) -> bool:
        return self._busy

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._fold.snapshot()

    def request(self, verb: "Verb") -> None:
        with self._lock:
            if self._requests is not None:
                self._requests.put(verb)
                self._fold.requested(verb)
            elif self._busy:
                self._early.append(verb)

    def drive(self, prepare: "Callable[[], Run]", device: str) -> None:
        with self._lock:
            if self._busy:
                return
            self._busy, self._fold, self._early = True, Fold(), []
            self._fold.preparing()
        try:
            self._train(prepare, device)
        except UserError as error:
            self._fail(str(error))
        except Exception as error:
            LOG.exception("preparing a run")
            self._fail(f"something went wrong ({type(error).__name__}); `lstm-tui locate` names the log.")
        finally:
            with self._lock:
                self._busy, self._requests = False, None

    def _train(self, prepare: "Callable[[], Run]", device: str) -> None:
        from lstm_tui import devices
        from lstm_tui.jobs.requests import Requests
        from lstm_tui.jobs.training import train

        chosen = devices.choose(device).name  # first: a device that has gone must not leave an empty run
        run = prepare()
        with self._lock:
            self._fold.prepared(run)
            self._requests = Requests()
            for verb in self._early:
                self._requests.put(verb)
            requests = self._requests
        for event in train(run, chosen, requests):
            with self._lock:
                if isinstance(event, Started):
                    self._fold.recall(run.lines("metrics"), run.lines("samples"))
                self._fold.take(event)

    def _fail(self, sentence: str) -> None:
        with self._lock:
            self._fold.failed(sentence)


class ScriptedSource:
    """For tests: shows the snapshots it is given, trains nothing, and remembers what it was asked."""

    def __init__(self, *script: Snapshot) -> None:
        self._script = list(script) or [Snapshot()]
        self.requested: list[Verb] = []
        self.driven: list[tuple[Callable[[], Run], str]] = []

    @property
    def busy(self) -> bool:
        return self._script[0].busy

    def show(self, snapshot: Snapshot) -> None:
        """What is seen from now on."""
        self._script = [snapshot]

    def snapshot(self) -> Snapshot:
        """The next of the script; its last one stays."""
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def request(self, verb: "Verb") -> None:
        self.requested.append(verb)
        states: dict[str, State] = {"stop": "finished", "pause": "paused", "go on": "training"}
        if verb in states:
            self.show(replace(self._script[0], state=states[verb]))

    def drive(self, prepare: "Callable[[], Run]", device: str) -> None:
        self.driven.append((prepare, device))
        self.show(replace(self._script[0], state="training"))
