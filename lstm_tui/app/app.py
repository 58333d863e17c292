"""The App: five screens, the keys that work on all of them, signals, and the thread that trains.

It knows which text, recipe and device are chosen, and whom to ask; how a model is trained it does not.
"""

import asyncio
import contextlib
import getpass
import importlib
import logging
import platform
import signal
import time
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import get_current_worker

from lstm_tui.app import announcing
from lstm_tui.app.choice import Choice
from lstm_tui.app.memory import Memory
from lstm_tui.app.palette import Commands
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.source import LiveSource, Prepare, Source
from lstm_tui.app.theme import THEME
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.frame import LEAST, Frame
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.progress import Tell

if TYPE_CHECKING:
    from lstm_tui.devices import Device
    from lstm_tui.runs.run import Run

LOG = logging.getLogger(__name__)
# What changes at every key is written once.
_SETTLED_SECONDS = 0.3


def _on_demand(name: str, screen: str) -> Callable[[], Screen[Any]]:
    """A screen whose module is imported when it is first shown."""
    return lambda: getattr(importlib.import_module(f"lstm_tui.app.screens.{name}"), screen)()


def _place() -> str:
    """Whose terminal this is; a container's user may have no name."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (KeyError, OSError):
        return platform.node()


def _key(keys: str, action: str, word: str, tooltip: str, id: str, shown: str | None = None) -> Binding:
    return Binding(keys, action, word, id=id, tooltip=tooltip, key_display=shown, show=shown is not None)


class LstmTui(App[None]):
    """The program with a screen. `choice` is what F5 would train; `source` is whom the screens look at."""

    TITLE = "lstm-tui"
    CSS_PATH = "app.tcss"
    DEFAULT_MODE = "corpus"
    # The first picture comes without what the others need.
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "corpus": CorpusScreen,
        "configure": _on_demand("configure", "ConfigureScreen"),
        "train": _on_demand("train", "TrainScreen"),
        "generate": _on_demand("generate", "GenerateScreen"),
        "runs": _on_demand("runs", "RunsScreen"),
    }
    # Textual declares these two so that mypy takes them for variables of an instance.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (LEAST.width, "-normal"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (LEAST.height, "-usual"), (36, "-tall")]  # noqa: RUF012
    COMMANDS = {Commands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("1", "show_screen('corpus')", "Corpus", "Choose the text to learn", "screen.corpus"),
        _key("2", "show_screen('configure')", "Configure", "Choose a recipe, change settings", "screen.configure"),
        _key("3", "show_screen('train')", "Train", "Watch and steer the training", "screen.train"),
        _key("4", "show_screen('generate')", "Generate", "Let a trained model write", "screen.generate"),
        _key("5", "show_screen('runs')", "Runs", "What has been trained so far", "screen.runs"),
        _key("t", "train", "Train", "Train the chosen text with the chosen recipe", "train", "t"),
        _key("f5", "train", "Train", "Train the chosen text with the chosen recipe", "train.f5", "F5"),
        _key("question_mark", "help", "Help", "Every key of this screen", "help", "?"),
        _key("f1", "help", "Help", "Every key of this screen", "help.f1", "F1"),
        _key("colon,ctrl+p", "command_palette", "Palette", "Find any action by its name", "palette"),
        _key("escape", "back", "Back", "Leave the field; else back to the screen before", "back"),
        _key("q", "quit", "Quit", "Leave; asks while a run is being trained", "quit"),
        # In a dialog and in a field, too.
        Binding(
            "ctrl+q",
            "quit",
            "Quit",
            id="quit.anywhere",
            tooltip="Leave; asks while a run is being trained",
            show=False,
            priority=True,
        ),
        _key("ctrl+z", "suspend", "Suspend", "Put lstm-tui in the background", "suspend"),
    ]

    def __init__(self, source: Source | None = None) -> None:
        super().__init__()
        self.memory = Memory()
        self.choice = Choice()
        self.source: Source = source or LiveSource()
        self.device: Device | None = None
        self.hurried = False
        self.place = _place()
        self.animation_level = "none"
        self._loading = False
        self._no_device = "loading PyTorch"
        self._leaving = False
        self._leave_question: Question | None = None
        self._before: list[str] = []
        self._announcer = announcing.Announcer(self)
        self._signals: dict[int, Any] = {}
        self.register_theme(THEME)
        self.theme = THEME.name

    # Opening and closing.

    def on_mount(self) -> None:
        self.set_class(is_ascii(), "-ascii")
        # A signal comes in the midst of anything: what is called knows its app by this context alone.
        loop, context = asyncio.get_running_loop(), copy_context()

        def handle(_number: int, _frame: object) -> None:
            # Not by the loop alone: where the line to the terminal stalls, it stands still.
            self.source.interrupt()
            loop.call_soon_threadsafe(self.leave, context=context)

        self._signals = {number: signal.signal(number, handle) for number in _signals()}
        self.set_interval(announcing.SECONDS, self._announcer.look)

    def on_unmount(self) -> None:
        self._announcer.close()
        if self.source.busy:  # the screen broke down: nothing trains on unseen
            self.source.request("stop")
        for number, before in self._signals.items():
            signal.signal(number, before)
        with contextlib.suppress(UserError):  # it was said when it was to be written
            self.memory.write()

    def first_picture_shown(self) -> None:
        """The Corpus screen calls this once its list and preview stand: now the heavy parts may come."""
        if not self._loading:
            self._loading = True
            self.choose_device(self.choice.device)

    @work(thread=True, group="load", exclusive=True, exit_on_error=False)
    def choose_device(self, name: str) -> None:
        """Train on that device from now on (`auto`: the best there is). Loads PyTorch at the first call."""
        try:
            import lstm_tui.app.screens.configure
            import lstm_tui.app.screens.train
            import lstm_tui.jobs.training  # noqa: F401  (what a first F5 would wait for)
            from lstm_tui import devices

            device = devices.choose(name)
        except Exception as error:
            self._no_device = "no device"
            self.call_from_thread(self.report, error)
            return
        self.choice.device, self.device = name, device
        if device.warning:
            self.call_from_thread(self.say, device.warning)

    def leave(self) -> None:
        """Stop what is being trained, wait until it is saved, and close. For signals, too."""
        if not self._leaving:
            self._leaving = True
            self.source.request("stop")
            self.set_interval(0.05, self._close_when_saved)

    def _close_when_saved(self) -> None:
        if not self.source.busy:
            self.exit()

    # What screens ask for.

    @property
    def idle_words(self) -> str:
        """What the status line says while nothing is being trained."""
        return f" {glyphs().separator} ".join(("idle", self.choice.entry.title, self.device_words))

    @property
    def device_words(self) -> str:
        """What a run would be trained on."""
        return self.device.label if self.device else self._no_device

    def show_screen(self, name: str) -> None:
        """Switch to a screen; nothing stops for it."""
        if name != self.current_mode:
            self._before = [*self._before[-9:], self.current_mode]
            self.switch_mode(name)

    def start_training(self) -> None:
        """Train a new run of the chosen text, from the chosen recipe or run, with the changes."""
        entry, origin, overrides = self.choice.entry, self.choice.origin, dict(self.choice.overrides)

        def prepare(tell: Tell) -> "Run":
            from lstm_tui.fields import nest
            from lstm_tui.jobs import preparing

            return preparing.prepare(entry, origin, nest(overrides), tell=tell)

        self._drive(prepare)

    def resume_run(self, run_id: str) -> None:
        """Go on with a run that is there."""

        def prepare(_tell: Tell) -> "Run":
            from lstm_tui.jobs import preparing
            from lstm_tui.runs import store

            return preparing.reopen(store.find(run_id), {})

        self._drive(prepare)

    def go_on(self, run_id: str) -> None:
        self.resume_run(run_id)

    def _drive(self, prepare: "Prepare") -> None:
        if self._leaving:
            return
        if not self.source.start(prepare, self.choice.device):
            self.say("A run is being trained already; stop it first, with s on this screen.")
        self.show_screen("train")

    def talk_to(self, run_id: str) -> None:
        """Open Generate with that run chosen."""
        from lstm_tui.app.screens.generate import GenerateScreen

        self.show_screen("generate")
        if isinstance(self.screen, GenerateScreen):
            self.screen.choose(run_id)

    def remember(self, name: str, value: Any) -> None:
        """Keep a value for the next start, under a name such as `train.axis`; `memory.get` gives it back."""
        if self.memory.set(name, value):
            self._write_memory()

    @work(thread=True, group="memory", exclusive=True, exit_on_error=False)
    def _write_memory(self) -> None:
        worker = get_current_worker()
        time.sleep(_SETTLED_SECONDS)
        if not worker.is_cancelled:
            try:
                self.memory.write()
            except UserError as error:
                self.call_from_thread(self.report, error)

    def say(self, message: str, wrong: bool = False) -> None:
        """One sentence in a corner of the screen."""
        self.notify(no_control_characters(message), severity="error" if wrong else "information", markup=False)

    def report(self, error: BaseException) -> None:
        """Say what went wrong: a UserError as it is, anything else in one sentence, its traceback in the log."""
        if isinstance(error, UserError):
            self.say(str(error), wrong=True)
        else:
            LOG.error("unexpected", exc_info=error)
            self.say(f"Something went wrong ({type(error).__name__}); `lstm-tui locate` names the log.", wrong=True)

    # Keys.

    def action_show_screen(self, name: str) -> None:
        self.show_screen(name)

    def action_train(self) -> None:
        self.start_training()

    def action_help(self) -> None:
        from lstm_tui.app.screens.help import HelpScreen

        if isinstance(self.screen, Frame):
            self.push_screen(HelpScreen(self.screen))

    async def action_back(self) -> None:
        if self._before:
            self.switch_mode(self._before.pop())

    async def action_quit(self) -> None:
        if not self.source.busy:
            self.leave()
        elif self.screen is not self._leave_question:
            if self._leaving:
                words = "Close without waiting: what was saved before stays"
                question = Question("The run is being saved.", {"c": words, "escape": "Wait"})
            else:
                question = Question("A run is being trained.", {"s": "Save and quit", "escape": "Stay"})
            self._leave_question = question
            self.push_screen(question, self._answered)

    def _answered(self, answer: str | None) -> None:
        if answer == "s":
            self.leave()
        elif answer == "c":
            self.hurried = True
            self.exit()

    def action_suspend(self) -> None:
        if self.source.busy:
            self.say("Suspending would stop the training too; quit with q, and go on later with lstm-tui resume.")
        else:
            self.action_suspend_process()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action that has a key here, and no other."""
        seen = {"command_palette"}
        there = screen.reachable_bindings if isinstance(screen, Frame) else screen.active_bindings
        for node, binding, enabled, tooltip in there.values():
            if enabled and tooltip and binding.id and binding.action not in seen:
                seen.add(binding.action)
                run = lambda action=binding.action, node=node: self.call_later(self.run_action, action, node)  # noqa: E731
                yield SystemCommand(binding.description or tooltip, tooltip, run)


def _signals() -> list[signal.Signals]:
    # Windows has no SIGHUP.
    return [getattr(signal, name) for name in ("SIGHUP", "SIGTERM", "SIGINT") if hasattr(signal, name)]
