"""What happened since the app was last open: which runs ended, and which are trained by another process now.

It reads the runs' folders, so it belongs in a thread; the sentence is a pure function of what was read. Of widgets
it knows nothing, nor of the run that this app itself trains.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lstm_tui import files, locations
from lstm_tui.errors import UserError, no_control_characters

_WORDS = {"done": "finished", "stopped": "stopped", "diverged": "diverged", "training": "in training elsewhere"}
_LONGEST = 24
_DAY = 86_400.0


@dataclass(frozen=True)
class Happened:
    """One run.

    Attributes:
        title: its text and recipe.
        state: one of `store.State`.
        at: when it was saved last, in seconds since 1970.
        best: its best validation loss, nats per token.
    """

    run: str
    title: str
    state: str
    at: float
    best: float | None = None


@dataclass(frozen=True)
class News:
    """One sentence, and the run that it is about; empty where nothing of it can be talked to."""

    sentence: str
    run: str = ""


def last_seen() -> float | None:
    """When the app was open the last time; None at the first start."""
    try:
        return (locations.state() / "seen").stat().st_mtime
    except OSError:
        return None


def seen() -> None:
    """The person is here, and knows all that has happened so far."""
    with contextlib.suppress(UserError):  # a disk that is full is said where something is lost
        files.make_folder(locations.state())
        files.write_atomic(locations.state() / "seen", b"")


def happened(since: float) -> list[Happened]:
    """The runs that were saved since then, or are in training now; the newest first."""
    from lstm_tui.runs import store  # it brings NumPy

    found = []
    for run in store.runs():
        try:
            at = run.checkpoint_path("last").stat().st_mtime
        except OSError:
            continue
        if at <= since and not (run.folder / "lock").exists():
            continue  # read are only those that may be new
        summary = store.summary(run)
        if at > since or summary.state == "training":
            title = f"{summary.corpus}: {summary.recipe}"
            found.append(Happened(run.id, title, summary.state, at, summary.best_validation_loss))
    return sorted(found, key=lambda it: it.at, reverse=True)


def news(found: Sequence[Happened], now: float) -> News | None:
    """What is worth a line: the run that ended last, how many more did, and what is trained at this moment."""
    ended = [it for it in found if it.state in {"done", "stopped", "diverged"}]
    training = [it for it in found if it.state == "training"]
    parts = []
    if ended:
        last = ended[0]
        best = "" if last.best is None else f", best {last.best:.3f}"
        more = f" ({len(ended)} runs ended)" if len(ended) > 1 else ""
        # First what must not be cut where it is narrow.
        parts.append(f"{_WORDS[last.state]} {_when(last.at, now)}{best}, g talks to it: {_short(last.title)}{more}")
    if training:
        others = f" and {len(training) - 1} more" if len(training) > 1 else ""
        parts.append(f"{_WORDS['training']}: {_short(training[0].title)}{others}")
    if not parts:
        return None
    return News("; ".join(parts), ended[0].run if ended else "")


def _short(title: str) -> str:
    title = no_control_characters(title, keep="")
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 2]}.."


def _when(at: float, now: float) -> str:
    """`03:12`, `Friday 03:12`, `2026-11-02`."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%A %H:%M" if now - at < 6 * _DAY else "%Y-%m-%d", then)
