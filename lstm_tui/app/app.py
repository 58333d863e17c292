"""The App: five screens, the keys that work on all of them, and what screens ask of one another.

It knows which text, recipe and device are chosen, and whom to ask; how a model is trained it does not.
"""

import getpass
import importlib
import os
import platform
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from lstm_tui.app import palette, theme
from lstm_tui.app.background import BackgroundApp
from lstm_tui.app.keys import key
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.source import LiveSource, Prepare, Source
from lstm_tui.app.widgets.frame import LEAST, Frame
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii
from lstm_tui.app.widgets.plain import Palette, Sheets, choose_scrollbars
from lstm_tui.app.widgets.words import one_line, shortened
from lstm_tui.progress import Tell

if TYPE_CHECKING:
    from lstm_tui.app.longer import Longer
    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry


def _on_demand(name: str, screen: str) -> Callable[[], Screen[Any]]:
    """A screen whose module is imported when it is first shown."""
    return lambda: getattr(importlib.import_module(f"lstm_tui.app.screens.{name}"), screen)()


def _place() -> str:
    """Whose terminal this is; a container's user may have no name."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (KeyError, OSError):
        return platform.node()


_HELP = "The keys of this screen; once more, what its figures mean"
_QUIT = "Leave; asks while a run is being trained"


class LstmTui(BackgroundApp):
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
    COMMANDS = {palette.Commands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("1", "show_screen('corpus')", "Corpus", "Choose the text to learn", "screen.corpus"),
        key("2", "show_screen('configure')", "Configure", "Choose a recipe, change settings", "screen.configure"),
        key("3", "show_screen('train')", "Train", "Watch and steer the training", "screen.train"),
        key("4", "show_screen('generate')", "Generate", "Let a trained model write", "screen.generate"),
        key("5", "show_screen('runs')", "Runs", "What has been trained so far", "screen.runs"),
        key("t", "train", "Train", "Train the chosen text with the chosen recipe", "train", "t"),
        key("f5", "train", "Train", "Train the chosen text with the chosen recipe", "train.f5", "F5"),
        key("question_mark", "help", "Help", _HELP, "help", "?"),
        key("f1", "help", "Help", _HELP, "help.f1", "F1"),
        key("colon,ctrl+p", "command_palette", "Palette", "Find any action by its name", "palette"),
        key("escape", "back", "Back", "Leave the field; else back to the screen before", "back"),
        key("q", "quit", "Quit", _QUIT, "quit"),
        # In a dialog and in a field, too.
        key("ctrl+q", "quit", "Quit", _QUIT, "quit.anywhere", priority=True),
        key("ctrl+z", "suspend", "Suspend", "Put lstm-tui in the background; asks while training", "suspend"),
    ]

    def __init__(self, source: Source | None = None) -> None:
        super().__init__(source or LiveSource(), plain="NO_COLOR" in os.environ)
        choose_scrollbars()
        self.place = _place()
        self.animation_level = "none"
        self._before: list[str] = []
        for known in (*theme.THEMES, theme.NO_COLOUR):
            self.register_theme(known)
        wanted = self.memory.get("theme", theme.THEME.name)
        self.theme = theme.NO_COLOUR.name if self.no_color else wanted if wanted in theme.ABOUT else theme.THEME.name
        self.stylesheet = Sheets(variables=self.get_css_variables())

    # Opening and closing.

    def on_mount(self) -> None:
        self.set_class(is_ascii(), "-ascii")

    # What screens ask for.

    @property
    def idle_words(self) -> str:
        """What the status line says while nothing is being trained."""
        if self.news:
            return self.news.sentence
        dot, title = f" {glyphs().separator} ", one_line(self.choice.entry.title)
        room = self.size.width - len(f" o idle{dot}{dot}{self.device_words}") - 1
        return dot.join(("idle", shortened(title, max(room, 12)), self.device_words))

    @property
    def device_words(self) -> str:
        """What a run would be trained on."""
        return self.device.label if self.device else self._no_device

    def show_screen(self, name: str) -> None:
        """Switch to a screen; nothing stops for it. What was said on the one before is gone, as is what was new."""
        if name != self.current_mode:
            self.news = None
            if self.current_mode == "train":
                self.source.heard()
            self.clear_notifications()
            # Back leads to each screen once, and from the first nowhere.
            self._before = [before for before in (*self._before, self.current_mode) if before != name]
            if name == self.DEFAULT_MODE:
                self._before = []
            self.switch_mode(name)

    def take(self, entry: "Entry") -> None:
        """Choose a text, now and at the next start."""
        self.choice.take(entry)
        self.source.heard()
        self.remember("corpus", entry.name)

    def choose_theme(self, name: str) -> None:
        """Other colours, now and at the next start."""
        self.theme = name
        self.remember("theme", name)

    def start_training(self) -> None:
        """Train a new run of the chosen text, from the chosen recipe or run, with the changes."""
        entry, origin, overrides = self.choice.entry, self.choice.origin, dict(self.choice.overrides)

        def prepare(tell: Tell) -> "Run":
            from lstm_tui.fields import nest
            from lstm_tui.jobs import preparing

            return preparing.prepare(entry, origin, nest(overrides), tell=tell)

        self._drive(prepare)

    def resume_run(self, run_id: str, longer: "Longer | None" = None) -> None:
        """Go on with a run that is there, to its budget or a larger one."""

        def prepare(_tell: Tell) -> "Run":
            from lstm_tui.jobs import preparing
            from lstm_tui.runs import store

            if longer is None:
                return preparing.reopen(store.find(run_id), {})
            return preparing.reopen(store.find(run_id), longer.budget, longer.way, longer.patience)

        self._drive(prepare)

    def go_on(self, run_id: str) -> None:
        """Go on with a run; where it has ended, ask how much longer, and what its learning rate does then."""
        self._go_on(run_id, self.screen)

    @work(thread=True, group="go on", exclusive=True, exit_on_error=False)
    def _go_on(self, run_id: str, asked_on: Screen[Any]) -> None:
        from lstm_tui.app.screens.go_on import begin

        begin(self, run_id, asked_on)

    def _drive(self, prepare: "Prepare") -> None:
        if self._leaving:
            return
        begun = self.source.start(prepare, self.choice.device)
        self.show_screen("train")
        if not begun:
            prepared = self.source.snapshot().state == "preparing"
            what, key = ("prepared", "call it off first, with x") if prepared else ("trained", "stop it first, with s")
            self.say(f"A run is being {what} already; {key} on this screen.")

    def talk_to(self, run_id: str) -> None:
        """Open Generate with that run chosen."""
        from lstm_tui.app.screens.generate import GenerateScreen

        self.show_screen("generate")
        if isinstance(self.screen, GenerateScreen):
            self.screen.choose(run_id)

    # Keys.

    def action_show_screen(self, name: str) -> None:
        self.show_screen(name)

    def action_train(self) -> None:
        self.start_training()

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_help(self) -> None:
        from lstm_tui.app.screens.help import HelpScreen

        if isinstance(self.screen, Frame):
            self.push_screen(HelpScreen(self.screen))

    async def action_back(self) -> None:
        if self._before:
            name = self._before[-1]
            self.show_screen(name)
            self._before = self._before[:-1]

    def action_help_quit(self) -> None:
        """Ctrl+C, where it copies nothing."""
        self.say("q quits; in a field and in a dialog, Ctrl+Q does.")

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        self.theme_variables = theme.for_rich(variables)
        return variables

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette."""
        return palette.commands(self, screen)
