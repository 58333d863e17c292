"""What the commands print, and how a job runs under one: events as lines, tables, signals.

Asked-for text and JSON go to stdout, all else to stderr.
"""

import inspect
import json
import os
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from lstm_tui.errors import UserError, escaped_in_json, no_control_characters
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.tables import cell, laid_out

if TYPE_CHECKING:
    from cyclopts import App

    from lstm_tui.jobs.events import Event
    from lstm_tui.jobs.losses import Counted
    from lstm_tui.runs.run import Run

FAILED, USAGE, INTERRUPTED = 1, 2, 130


_Function = TypeVar("_Function", bound=Callable[..., Any])
# What help shows for the value of a command's own flag; those of settings are in `flags.py`.
_VALUES = (
    dict.fromkeys(("corpus", "recipe", "name", "text"), "NAME")
    | dict.fromkeys(("config", "prompt_file", "prompts"), "FILE")
    | dict.fromkeys(("seed", "streams", "window"), "INTEGER")
    | {"from_": "RUN", "device": "DEVICE", "prompt": "TEXT", "budget": "TEXT", "checkpoint": "CHOICE"}
)


def command(app: "App") -> Callable[[_Function], _Function]:
    """Adds a command to an app. Its help says what each flag expects, and breaks lines where the terminal ends, not
    where those of its docstring do."""
    from cyclopts import Parameter

    def add(function: _Function) -> _Function:
        for name in function.__annotations__.keys() & _VALUES.keys():
            about = Parameter(metavar=_VALUES[name])
            function.__annotations__[name] = Annotated[function.__annotations__[name], about]
        lines: list[str] = []
        for line in inspect.cleandoc(function.__doc__ or "").splitlines():
            goes_on = lines and line and lines[-1] and (line[0] == " ") == (lines[-1][0] == " ")
            if goes_on and "---" not in (line[:3], lines[-1][:3]):
                lines[-1] += f" {line.strip()}"
            else:
                lines.append(line)
        function.__doc__ = "\n".join(lines)
        app.command(function, sort_key=len([*app]))  # listed as they were added
        return function

    return add


def table(
    rows: list[dict[str, Any]],
    as_json: bool,
    nothing: str = "",
    *,
    first: Sequence[str] = (),
    headings: Mapping[str, str] | None = None,
) -> None:
    """Rows as a table, or as one JSON array of objects.

    A terminal shows as many columns as fit it, a pipe gets all, a line a row.

    Args:
        nothing: what is said where there are no rows.
        first: the columns that matter most, in order; the others follow as they stand in a row.
        headings: what stands over a column, where it is not its key.
    """
    if as_json:
        print(escaped_in_json(json.dumps(rows, ensure_ascii=False)))
        return
    if not rows:
        print(nothing, file=sys.stderr)
        return
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    heading, *lines = laid_out(rows, first, headings or {}, room).split("\n")
    print(emphasised(heading, "1"), *lines, sep="\n")


def emphasised(text: str, style: str) -> str:
    """Text in an ANSI style, 1 bold or 2 dim, where stdout is a terminal that knows and wants it."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not sys.stdout.isatty() else f"\x1b[{style}m{text}\x1b[22m"


def figures(values: dict[str, Any]) -> None:
    """What is known of one thing, a line each: nothing is cut, however narrow the terminal."""
    width = max(map(len, values))
    for name, value in values.items():
        if value is not None:
            print(no_control_characters(f"{name.replace('_', ' '):{width}}  {cell(value)}"))


NO_BREAK = "\u00a0"
"""A space at which `hung` breaks no line; it is printed as any other."""


def hung(line: str, indent: int) -> str:
    """A line as a terminal shows it whole: what is too long goes on below, so many columns in. A pipe gets it as it
    is."""
    if sys.stdout.isatty():
        width = max(2 * indent, shutil.get_terminal_size().columns)
        lines = textwrap.wrap(line, width, subsequent_indent=" " * indent, break_on_hyphens=False)
        line = "\n".join(lines)
    return line.replace(NO_BREAK, " ")


@contextmanager
def _signals(stop: Any) -> Iterator[list[int]]:
    """SIGINT, SIGTERM and SIGHUP call `stop` instead of ending the process; gives those that came.

    One that is ignored already stays so: `nohup` means a run to outlive its terminal.
    """
    came: list[int] = []

    def handle(number: int, frame: Any) -> None:
        came.append(number)
        if sys.stderr.isatty():  # past Python's buffer, which may be in use; over the ^C that a terminal shows
            stopping = f"{'Stopping ...':{shutil.get_terminal_size().columns - 1}}"
            os.write(sys.stderr.fileno(), f"\r{stopping}\n".encode())
        stop()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wipe_echo() -> None:
    """Take back the `^C` that a terminal shows where it stands at the beginning of a line."""
    if sys.stderr.isatty():
        print("\r  \r", end="", file=sys.stderr, flush=True)


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
        line = line[: shutil.get_terminal_size().columns - 3]
        # What is to be wiped is known before it stands there: an interruption may come between.
        before, wide = wide, len(line)
        print(f"\r{line:{before}}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if wide:
            # Two more, as a terminal may have put a ^C behind it.
            print(f"\r{'':{wide + 2}}\r", end="", file=sys.stderr, flush=True)


def drive(make: Callable[[Tell], "Run"], device: str, as_json: bool) -> int:
    """Make or open a run, and train it to its end, saying what happens."""
    from lstm_tui import devices
    from lstm_tui.flags import as_flags
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
            print(no_control_characters(as_flags(note), keep=""), file=sys.stderr)
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
