"""A monkey at the keyboard: seeded keys, pastes, sizes and states of training, and what must hold whatever it does.

No traceback, nothing in the log that is an error, and no dead end: after each burst, Esc a few times and a digit lead
to that digit's screen. Everything is by script in a home of its own, so that deleting, exporting and adding do no harm.
"""

import asyncio
import contextlib
import io
import logging
import random
import string
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from textual import events
from textual._compositor import Compositor
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import Worker

from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens import add_text
from lstm_tui.app.screens.configure import ConfigureScreen
from lstm_tui.app.source import ScriptedSource, Snapshot
from lstm_tui.app.widgets import meters
from lstm_tui.app.widgets.frame import WORDS, Frame
from lstm_tui.errors import UserError
from lstm_tui.jobs.events import Sampled
from lstm_tui.text import library
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import CPU, DEVICE, GPU, TRAINING, app_of
from tests.app.quick import draws
from tests.app.runs import make_run
from tests.app.scripted import by_script
from tests.app.test_configure import planned

MODES = tuple(WORDS)
SIZES = ((80, 24), (80, 24), (160, 48), (60, 20), (59, 19), (20, 5), (1, 1), (81, 36), (110, 30), (240, 70))
PASTES = (
    "two\nlines",
    "[bold]no markup[/]",
    "\x1b[31mred\x1b[0m\x07",
    "日本語 🦊👩‍👩‍👧",
    "x" * 400,
    "512",
    "-1",
    "nan",
    "1e999",
    "",
)
MOVES = (
    "up",
    "down",
    "left",
    "right",
    "pageup",
    "pagedown",
    "home",
    "end",
    "tab",
    "shift+tab",
    "enter",
    "escape",
    "space",
)
OTHERS = ("backspace", "delete", "f1", "f5", "f2", "ctrl+p", "ctrl+u", "ctrl+z", "ctrl+w", "alt+enter", "ctrl+y")
SIGNS = {"-": "minus", "+": "plus", "*": "asterisk", "/": "slash", ":": "colon", "?": "question_mark", ".": "full_stop"}
_CHARACTERS = {name: sign for sign, name in SIGNS.items()} | {"space": " ", "enter": "\r", "tab": "\t"}
_ESCAPES = 6  # how often it may take to come back
_BURST = 20


def states() -> list[Snapshot]:
    """A run in every state, and with figures at the edge of what is finite."""
    first = Snapshot(state="training", run="one", title="one: quick", directory="/runs/one", device="cpu")
    extreme = replace(
        TRAINING,
        step=10**13,
        horizon=10**13,
        epoch=1e12,
        elapsed=1e12,
        seconds_left=1e15,
        train_loss=1e30,
        validation_loss=1e-30,
        best_validation_loss=0.0,
        learning_rate=1e-30,
        gradient_norm=1e30,
        tokens_per_second=1e15,
        curve=((1, 1e30), (10**13, -1e-30)),
        validation=((10**13, 1e30),),
    )
    words = replace(TRAINING, tokens="words", characters=5.3, unknown=0.2, title="jokes: words [bold]", device="cpu")
    alone = replace(words, validation_tokens=None, validation=(), validation_loss=None, best_step=None)
    alone = replace(alone, best_validation_loss=None)
    texts = tuple(Sampled(step, "[red]a\x1b[2J\n\n日本 🦊" * step) for step in range(1, 40))
    return [
        Snapshot(),
        Snapshot(refused="The disk is full. " * 20),
        Snapshot(state="preparing", message="reading the text, 12 %"),
        replace(TRAINING, state="preparing", message="building the model"),
        first,
        replace(first, train_loss=4.1, step=1, curve=((1, 4.1),)),
        TRAINING,
        replace(TRAINING, message="stopping"),
        replace(TRAINING, state="paused", parent="one", samples=texts, log=TRAINING.log * 100),
        replace(TRAINING, state="scoring", device="cpu"),
        replace(TRAINING, baselines=Baselines(uniform=4.1, letters=2.9, ngram=None, order=5), parent="a-run"),
        words,
        alone,
        extreme,
        replace(TRAINING, state="failed", message="Training broke off: [x] \x1b[31m" + "long " * 60),
        *(
            replace(TRAINING, state="finished", reason=reason, message=f"ended: {reason}", seconds_left=None)
            for reason in ("budget", "stopped", "early stop", "diverged")
        ),
        replace(TRAINING, state="finished", reason="budget", run="done", refused="It is gone."),
    ]


@dataclass
class Found:
    """What a soak came to.

    Attributes:
        done: what was pressed, typed or changed last, newest at the end.
        wrong: what must not be; empty where all is well.
    """

    screen: str
    training: bool
    seed: int
    keys: int = 0
    starts: int = 0
    seconds: float = 0.0
    done: deque[str] = field(default_factory=lambda: deque(maxlen=30))
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kind = f"{self.screen:10} {'training' if self.training else 'idle':8} seed {self.seed}"
        line = f"{kind}: {self.keys:,} keys, {self.starts} starts, {self.seconds:.0f} s"
        return line if not self.wrong else "\n".join((f"{line}: FAILED", *self.wrong, f"after: {' '.join(self.done)}"))


@contextlib.contextmanager
def harmless(home: Path) -> Iterator[Path]:
    """A home with a few runs and texts, and an app that can reach nothing beyond it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTM_TUI_HOME", str(home))
        patch.setenv("HOME", str(home))
        patch.chdir(home)
        shipped = library.built_in()[:3]
        patch.setattr(library, "built_in", lambda: shipped)
        patch.setattr(LstmTui, "choose_device", lambda app, name: setattr(app, "device", DEVICE))
        patch.setattr(meters, "measure", lambda device: (GPU if device.startswith("cuda") else None, CPU))
        patch.setattr(ConfigureScreen, "plan", staticmethod(_plan))
        patch.setattr(ConfigureScreen, "devices", staticmethod(lambda: [DEVICE]))
        patch.setattr(add_text, "bring", _bring)
        patch.setattr(add_text, "understood", lambda *_: "a text")
        by_script(patch)
        patch.setattr(Compositor, "render_update", draws)  # all that a terminal would be sent
        yield home


def _plan(asked: Any, tell: Any) -> Any:
    entry, origin, overrides = asked
    return planned((entry, origin if isinstance(origin, str) else "quick", overrides), tell)


def _bring(kind: object, what: str, *_: object) -> library.Entry:
    """Nothing is fetched or copied, whatever was typed."""
    if len(what) % 2:
        raise UserError(f"{what} could not be fetched.")
    return library.built_in()[1]


def furnish(home: Path) -> None:
    """Runs in several states and a text of one's own, where the monkey has deleted them."""
    kinds: dict[str, Any] = {"done": {}, "stopped": {"reason": "stopped"}, "bad": {"reason": "diverged"}}
    for name, info in kinds.items():
        if not (home / "data" / "runs" / name).exists():
            make_run(name, info=info, baselines=Baselines(uniform=4.1, letters=2.9, ngram=1.7, order=5))
    if not (home / "data" / "runs" / "new").exists():
        make_run("new", saved=False)
    damaged = home / "data" / "runs" / "damaged"
    damaged.mkdir(parents=True, exist_ok=True)
    (damaged / "run.toml").write_text("format = = 1")
    texts = home / "data" / "corpora"
    texts.mkdir(parents=True, exist_ok=True)
    (texts / "mine.txt").write_text("my words\n" * 400)


class Errors(logging.Handler):
    """What the program's log would hold, and what its threads raised."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        run, log = Worker.run, logging.getLogger("lstm_tui")

        async def watched(worker: Worker[Any]) -> Any:
            try:
                return await run(worker)
            except Exception as error:
                if worker.node.app.is_running:  # a thread that outlives its app finds nobody to tell
                    self.found.append(f"worker {worker.name} of {worker.group}: {error!r}")
                raise

        log.addHandler(self)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Worker, "run", watched)
                yield
        finally:
            log.removeHandler(self)


class Monkey:
    """One app under random hands."""

    def __init__(self, pilot: Pilot[None], app: LstmTui, draw: random.Random, found: Found) -> None:
        self.pilot, self.app, self.draw, self.found = pilot, app, draw, found
        letters = [*string.ascii_letters, *string.digits, *SIGNS.values()]
        # Quitting ends the app, and another is started: seldom enough.
        self.letters = [key for key in letters if key != "q"]

    async def burst(self, count: int) -> None:
        for _ in range(count):
            if self.app._exit or self.app._exception:
                return
            chance = self.draw.random()
            if chance < 0.03:
                await self.send(events.Paste(text := self.draw.choice(PASTES)), f"paste:{text!r}")
            elif chance < 0.035:
                await self.press(self.draw.choice(("q", "ctrl+q")))
            elif chance < 0.45:
                await self.press(self.draw.choice(MOVES))
            elif chance < 0.5:
                await self.press(self.draw.choice(OTHERS))
            else:
                await self.press(self.draw.choice(self.letters))

    async def press(self, key: str) -> None:
        if key == "slash" and isinstance(self.app.focused, Input):
            key = "s"  # a path that begins at the root would leave the home
        character = _CHARACTERS.get(key, key if len(key) == 1 else None)
        self.found.keys += 1
        await self.send(events.Key(key, character), key)

    async def send(self, event: events.Event, name: str) -> None:
        """As the terminal would, and let the app do what follows from it."""
        self.found.done.append(name)
        driver = self.app._driver
        assert driver is not None
        event.set_sender(self.app)
        driver.send_message(event)
        calm = 0
        for _ in range(400):
            await asyncio.sleep(0)
            calm = calm + 1 if self._quiet() else 0
            if calm == 3:
                return
        end = time.monotonic() + 2
        while self.app.held and time.monotonic() < end:  # for the first picture of another screen
            await asyncio.sleep(0.002)

    def _quiet(self) -> bool:
        try:
            nodes = (self.app, *self.app.screen_stack, *self.app.screen.walk_children())
        except Exception:  # it is closing
            return True
        return not self.app.held and all(node._message_queue.empty() for node in nodes)

    async def resize(self) -> None:
        columns, lines = self.draw.choice(SIZES)
        self.found.done.append(f"size:{columns}x{lines}")
        with contextlib.suppress(Exception):  # while it closes there is no screen; a crash is found anyway
            await self.pilot.resize_terminal(columns, lines)

    async def comes_back(self, mode: str) -> bool:
        """Whether Esc, a few times, and a digit lead to that screen."""
        for _ in range(_ESCAPES + 1):
            await self.press(str(MODES.index(mode) + 1))
            for _ in range(3):
                if self.app._exit or (self.app.current_mode == mode and isinstance(self.app.screen, Frame)):
                    return True
                await asyncio.sleep(0.002)
            await self.press("escape")
        return False


async def soak(screen: str, keys: int, seed: int, training: bool, home: Path) -> Found:
    """So many keys, from one screen on; the home must be `harmless`."""
    draw, found, errors, script = (
        random.Random(f"{seed} {screen} {training}"),
        Found(screen, training, seed),
        Errors(),
        states(),
    )
    began = time.monotonic()
    with errors.listening():
        while found.keys < keys and not found.wrong:
            furnish(home)
            found.starts += 1
            found.done.append("start")
            source = ScriptedSource(draw.choice(script) if training else Snapshot())
            try:
                await _sitting(screen, keys, training, source, script, draw, found, errors)
            except BaseException as error:  # whatever it raises is what is looked for
                if not isinstance(error, Exception):
                    raise
                found.wrong.append(_where(error))
            found.wrong.extend(errors.found)
    found.seconds = time.monotonic() - began
    return found


async def _sitting(
    screen: str,
    keys: int,
    training: bool,
    source: ScriptedSource,
    script: list[Snapshot],
    draw: random.Random,
    found: Found,
    errors: Errors,
) -> None:
    """From one start of the app until it is quit, or something is wrong."""
    app = app_of(source)
    app.error_console = Console(file=io.StringIO())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        monkey = Monkey(pilot, app, draw, found)
        while found.keys < keys and not (app._exit or app._exception or errors.found or found.wrong):
            if draw.random() < 0.5:
                await monkey.resize()
            if training:
                source.show(draw.choice(script))
                found.done.append(f"state:{source.snapshot().state}")
            for mode in (draw.choice([mode for mode in MODES if mode != screen]), screen):
                if not await monkey.comes_back(mode):
                    found.wrong.append(f"dead end: {type(app.screen).__name__}, {app.current_mode} instead of {mode}")
                    break
            await monkey.burst(_BURST)
            await pilot.pause(0)


def _where(error: Exception) -> str:
    """What was raised, and the innermost of our own lines."""
    trace, ours = error.__traceback__, ""
    while trace is not None:
        if "lstm_tui" in trace.tb_frame.f_code.co_filename:
            ours = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{error!r} at {ours or 'Textual'}"
