"""What the commands print, and how a job runs under one: events as lines, tables, signals.

Asked-for text and JSON go to stdout, all else to stderr.
"""

import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from lstm_tui.errors import UserError, escaped_in_json, no_control_characters
from lstm_tui.progress import Cancelled, Tell

if TYPE_CHECKING:
    from lstm_tui.jobs.events import Event
    from lstm_tui.jobs.losses import Counted
    from lstm_tui.runs.run import Run

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def table(rows: list[dict[str, Any]], as_json: bool, nothing: str = "") -> None:
    """Rows as a table, or as one JSON array of objects."""
    if as_json:
        print(escaped_in_json(json.dumps(rows, ensure_ascii=False)))
        return
    if not rows:
        print(nothing, file=sys.stderr)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, header_style="bold", pad_edge=False)
    for key in rows[0]:
        number = any(isinstance(row[key], int | float) for row in rows)
        words = key.split("_")
        grid.add_column(
            " ".join(words),
            justify="right" if number else "left",
            overflow="fold",
            min_width=max(map(len, words)),
        )
    for row in rows:
        grid.add_row(*(Text(no_control_characters(_cell(value))) for value in row.values()))
    # A pipe has no width; a program that reads the table wants a line a row.
    Console(width=None if sys.stdout.isatty() else 240).print(grid)


def figures(values: dict[str, Any]) -> None:
    """What is known of one thing, a line each: nothing is cut, however narrow the terminal."""
    width = max(map(len, values))
    for name, value in values.items():
        if value is not None:
            print(no_control_characters(f"{name.replace('_', ' '):{width}}  {_cell(value)}"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def _signals(stop: Any) -> Iterator[list[int]]:
    """SIGINT, SIGTERM and SIGHUP call `stop` instead of ending the process; gives those that came.

    One that is ignored already stays so: `nohup` means a run to outlive its terminal.
    """
    came: list[int] = []

    def handle(number: int, frame: Any) -> None:
        came.append(number)
        stop()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def telling(stopped: Callable[[], object] = lambda: False) -> Iterator[Tell]:
    """Says how far long work is, on a line of the terminal that is written over; elsewhere nothing is said.

    Args:
        stopped: whether the person called it off: `Cancelled` is raised then.
    """
    began = said = time.monotonic()
    wide = 0

    def tell(doing: str, share: float) -> None:
        nonlocal said, wide
        if stopped():
            raise Cancelled("Interrupted.")
        now = time.monotonic()
        if now - began < 0.5 or now - said < 0.1 or not sys.stderr.isatty():
            return
        said = now
        line = no_control_characters(doing + (f" {share:.0%}" if share else ""), keep="")
        line = line[: shutil.get_terminal_size().columns - 1]
        # What is to be wiped is known before it stands there: an interruption may come between.
        before, wide = wide, len(line)
        print(f"\r{line:{before}}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if wide:
            print(f"\r{'':{wide}}\r", end="", file=sys.stderr, flush=True)


def drive(make: Callable[[Tell], "Run"], device: str, as_json: bool) -> int:
    """Make or open a run, and train it to its end, saying what happens."""
    from lstm_tui import devices
    from lstm_tui.jobs.requests import Requests

    requests = Requests()
    with _signals(lambda: requests.put("stop")) as came:
        # A device that is missing must not leave an empty run; `auto` is never missing, and a wrong setting
        # is said sooner than torch is imported.
        try:
            with telling(lambda: came) as tell:
                run = make(tell) if device == "auto" else None
            chosen = devices.choose(device)
            with telling(lambda: came) as tell:
                run = run or make(tell)
        except Cancelled:
            return INTERRUPTED
        print(f"{chosen.label}: {chosen.reason}. {chosen.warning}".strip(), file=sys.stderr)
        begins = run.parent and not run.checkpoint_path("last").exists()
        for note in (*([f"Begins {run.parent}"] if begins else []), *run.notes):
            print(no_control_characters(note, keep=""), file=sys.stderr)
        from lstm_tui.jobs.events import Failed, Finished
        from lstm_tui.jobs.losses import counted
        from lstm_tui.jobs.training import train

        say = _say_json if as_json else partial(_say, what=counted(run))
        failed = False
        gone: OSError | None = None
        for event in train(run, chosen.name, requests):
            failed = failed or isinstance(event, Failed) or (isinstance(event, Finished) and event.reason == "diverged")
            try:
                if gone is None:
                    say(event)
            except OSError as error:
                # Nobody reads any more, or nothing more fits: save and end, as for a signal.
                gone = error
                requests.put("stop")
        if gone is not None and not came:
            raise gone
    return FAILED if failed else INTERRUPTED if came else 0


def _say(event: "Event", what: "Counted") -> None:
    """One event as a line for a person; its losses count `what`."""
    from lstm_tui.jobs.events import Failed, Warned, describe
    from lstm_tui.jobs.losses import beside

    line = describe(event, lambda loss: beside(loss, what))
    if line:
        print(
            no_control_characters(line),
            file=sys.stderr if isinstance(event, Failed | Warned) else sys.stdout,
            flush=True,
        )


def _say_json(event: "Event") -> None:
    """One event as a line of JSON."""
    from lstm_tui.jobs.events import Failed, Warned, in_json

    if in_json(event):
        print(escaped_in_json(event.to_json()), flush=True)
    if isinstance(event, Failed | Warned):
        print(no_control_characters(event.message), file=sys.stderr)


def checkpoint_named(name: str | None) -> str | None:
    """A checkpoint's name as a person typed it.

    Raises:
        ConfigError: where there is none of that name.
    """
    if name not in (None, "best", "last"):
        raise usage("checkpoint", "best or last", name)
    return name


def usage(flag: str, expected: str, given: object) -> UserError:
    """What is wrong with a flag, a sentence."""
    from lstm_tui.config import ConfigError, Problem

    return ConfigError([Problem(flag, f"--{flag}: expected {expected}, not {given!r}.")])
