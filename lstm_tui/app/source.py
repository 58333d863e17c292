"""Whom the screens ask: what is being trained now (a Snapshot), and for something to be done.

The thread that trains overwrites the state here under a lock; a timer of the screen that shows reads
`snapshot()`. Nothing here knows of widgets, and nothing calls into the screen's thread.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from lstm_tui.app.snapshot import Snapshot, State
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell

if TYPE_CHECKING:  # both bring NumPy, and the first picture comes without
    from lstm_tui.app.fold import Fold
    from lstm_tui.jobs.requests import Requests, Verb
    from lstm_tui.runs.run import Run

__all__ = ["LiveSource", "Prepare", "ScriptedSource", "Snapshot", "Source", "recalled"]
LOG = logging.getLogger(__name__)

Prepare = Callable[[Tell], "Run"]
"""Makes the run that is to be trained; says how far it is, and ends where `Cancelled` is raised."""
_CALLED_OFF = "It was stopped before it began."


class Source(Protocol):
    """What the app needs of whoever trains."""

    @property
    def busy(self) -> bool:
        """Whether a job has begun whose last event has not come yet."""
        ...

    def snapshot(self) -> Snapshot: ...

    def request(self, verb: "Verb", factor: float = 1.0) -> None:
        """Ask the running job for something; never waits. `factor` is for `rate`: what it is multiplied by."""
        ...

    def interrupt(self) -> None:
        """Ask the running job to stop, from a signal handler: takes no lock that the screen's thread may hold."""
        ...

    def heard(self) -> None:
        """Why the last order to train was refused need not be shown any more."""
        ...

    def forget(self, run_id: str) -> None:
        """That run is gone, or has another name: where it was trained last, nothing was."""
        ...

    def start(self, prepare: Prepare, device: str) -> bool:
        """Prepare a run and train it to its end on `device` (or `auto`), in a thread of its own.

        Returns:
            False where one is being trained already: one at a time.
        """
        ...


def begun(run: "Run") -> "Fold":
    """What earlier sittings of a run wrote, to go on folding from. Reads the disk."""
    return _begun(run, _saved(run))


def _saved(run: "Run") -> dict[str, Any]:
    from lstm_tui.runs import checkpoint

    last = run.checkpoint_path("last")
    return checkpoint.read_info(last) if last.exists() else {}


def _begun(run: "Run", saved: dict[str, Any]) -> "Fold":
    from lstm_tui.app.fold import Fold

    fold = Fold()
    fold.describe(run)
    fold.recall(run.lines("metrics"), run.lines("samples"), saved)
    return fold


def recalled(run: "Run") -> Snapshot:
    """A run as its folder tells it, without training it: as it was seen last. Reads the disk; for a worker.

    Raises:
        UserError: where its folder cannot be read.
    """
    saved = _saved(run)
    fold = _begun(run, saved)
    fold.rest(saved, len(run.part("validation")) or None)
    return fold.snapshot()


class LiveSource:
    """Folds the events of `jobs.training.train` as they come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fold: Fold | None = None  # nothing was trained yet
        self._requests: Requests | None = None  # of the job that has begun and not ended
        self._stopping = False

    @property
    def busy(self) -> bool:
        return self._requests is not None

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._fold.snapshot() if self._fold else Snapshot()

    def _folding(self) -> "Fold":
        """What is folded; begun where something is first trained."""
        if self._fold is None:
            from lstm_tui.app.fold import Fold

            self._fold = Fold()
        return self._fold

    def request(self, verb: "Verb", factor: float = 1.0) -> None:
        if verb == "stop":
            self.interrupt()
        elif (requests := self._requests) is not None:
            requests.put(verb, factor)
        with self._lock:
            if self._fold:
                self._fold.requested(verb)

    def interrupt(self) -> None:
        if (requests := self._requests) is not None:
            self._stopping = True
            requests.put("stop")

    def heard(self) -> None:
        with self._lock:
            if self._fold:
                self._fold.heard()

    def forget(self, run_id: str) -> None:
        with self._lock:
            if self._requests is None and self._fold and self._fold.snapshot().run == run_id:
                self._fold = None

    def start(self, prepare: Prepare, device: str) -> bool:
        from lstm_tui.jobs.requests import Requests

        if self.busy:
            return False
        self._stopping = False
        self._requests = requests = Requests()  # at once: an order to stop may come before the thread runs
        with self._lock:
            self._folding().preparing("reading the text")
        # Not waited for at the end: who closes the program without waiting for it does not want to.
        threading.Thread(target=self._drive, args=(prepare, device, requests), name="train", daemon=True).start()
        return True

    def _drive(self, prepare: Prepare, device: str, requests: "Requests") -> None:
        try:
            self._train(prepare, device, requests)
        except UserError as error:
            self._fail(str(error))
        except Exception as error:
            LOG.exception("training a run")
            self._fail(f"Something went wrong ({type(error).__name__}); `lstm-tui locate` names the log.")
        finally:
            self._requests = None

    def _train(self, prepare: Prepare, device: str, requests: "Requests") -> None:
        from lstm_tui import devices
        from lstm_tui.jobs import probing
        from lstm_tui.jobs.events import Started
        from lstm_tui.jobs.training import train

        chosen = devices.choose(device).name  # first: a device that has gone must not leave an empty run
        self._tell("", 0.0)
        run = prepare(self._tell)
        if self._stopping:
            raise Cancelled(_CALLED_OFF)
        with self._lock:
            self._folding().preparing("building the model")
        for event in train(run, chosen, requests):
            fold = self._folding()
            if isinstance(event, Started):
                fold = begun(run)
                fold.expect(probing.known_speed(run.config, event.vocabulary, event.device))
            with self._lock:
                fold.take(event)
                if self._stopping:
                    fold.requested("stop")
                self._fold = fold

    def _tell(self, doing: str, share: float) -> None:
        """How far the text is that is prepared; an order to stop ends it there."""
        if self._stopping:
            raise Cancelled(_CALLED_OFF)
        if doing:
            with self._lock:
                self._folding().preparing(f"{doing}, {share * 100:.0f} %")

    def _fail(self, sentence: str) -> None:
        with self._lock:
            self._folding().failed(sentence)


class ScriptedSource:
    """For tests: shows the snapshots it is given, trains nothing, and remembers what it was asked."""

    def __init__(self, *script: Snapshot) -> None:
        self._script = list(script) or [Snapshot()]
        self.requested: list[str] = []
        self.started: list[tuple[Prepare, str]] = []

    @property
    def busy(self) -> bool:
        return self._script[0].busy

    def show(self, snapshot: Snapshot) -> None:
        """What is seen from now on."""
        self._script = [snapshot]

    def snapshot(self) -> Snapshot:
        """The next of the script; its last one stays."""
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def request(self, verb: "Verb", factor: float = 1.0) -> None:
        self.requested.append(f"rate {factor:g}" if verb == "rate" else verb)
        seen = self._script[0]
        if verb == "rate" and seen.learning_rate is not None:
            rate, total = seen.learning_rate * factor, seen.rate_factor * factor
            self.show(replace(seen, learning_rate=rate, rate_factor=total))
        states: dict[str, State] = {"stop": "finished", "pause": "paused", "go on": "training"}
        if verb in states:
            self.show(replace(self._script[0], state=states[verb]))

    def interrupt(self) -> None:
        self.requested.append("stop")

    def heard(self) -> None:
        self._script = [replace(seen, refused="") for seen in self._script]

    def forget(self, run_id: str) -> None:
        if not self.busy and self._script[0].run == run_id:
            self.show(Snapshot())

    def start(self, prepare: Prepare, device: str) -> bool:
        if self.busy:
            return False
        self.started.append((prepare, device))
        self.show(replace(self._script[0], state="training"))
        return True
