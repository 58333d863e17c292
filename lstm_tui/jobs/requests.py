"""Orders to a running job, from a key (a queue) or another process (files in `runs/<id>/requests/`).

The thread that trains takes them, between two values of the Trainer; whoever gives one never waits.
"""

import math
import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from lstm_tui.progress import Cancelled, Tell

if TYPE_CHECKING:  # orders are given where NumPy is not loaded yet
    from lstm_tui.runs.run import Run

Verb = Literal["stop", "pause", "go on", "save", "sample", "rate"]


@dataclass(frozen=True)
class Request:
    """A verb; `factor` is for `rate` alone: what the learning rate is multiplied by."""

    verb: Verb
    factor: float = 1.0


class Requests:
    """A queue that any thread may put to, joined with the files that other processes leave in the run."""

    def __init__(self) -> None:
        # SimpleQueue.put may be called from a signal handler: it never blocks on a lock that it holds.
        self._queue: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def put(self, verb: Verb, factor: float = 1.0) -> None:
        self._queue.put(Request(verb, factor))

    def take(self, run: "Run", wait: float = 0.0) -> list[Request]:
        """What was asked since the last call; waits up to `wait` seconds for a key's order where there is none."""
        taken = [request for line in run.take_requests() if (request := _parse(line))]
        try:
            if wait and not taken:
                taken.append(self._queue.get(timeout=wait))
            while True:
                taken.append(self._queue.get_nowait())
        except queue.Empty:
            return taken

    def calling_off(self, run: "Run", passed_over: list[Verb]) -> Tell:
        """Raises `Cancelled` where work that takes long tells how far it is, and was asked to stop meanwhile.

        Args:
            passed_over: other orders are put here: they are for a training, and this comes after it.
        """

        def tell(doing: str, share: float) -> None:
            verbs = [request.verb for request in self.take(run)]
            passed_over.extend(verb for verb in verbs if verb != "stop")
            if "stop" in verbs:
                raise Cancelled("It was stopped.")

        return tell


def _parse(line: str) -> Request | None:
    """`stop`, or `rate 0.5`; anything else is no order."""
    verb, _, factor = line.strip().partition(" ") if line.startswith("rate") else (line.strip(), "", "")
    for known in get_args(Verb):
        if verb == known:
            try:
                request = Request(known, float(factor or 1))
            except ValueError:
                return None
            return request if 0 < request.factor < math.inf else None
    return None
