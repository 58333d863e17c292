"""The palette: every action there is, found by its name and by the words that say what it does.

First what the keys of this screen do, then what those of the others do (it goes there), the themes, and what has
no key.
"""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider

from lstm_tui import locations
from lstm_tui.app import theme
from lstm_tui.app.widgets.frame import WORDS, Frame

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui


class Commands(SystemCommandsProvider):
    """The app's commands; Textual's own search looks at their names alone."""

    async def discover(self) -> Hits:
        for name, about, callback, *_ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(name, callback, help=about)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, about, callback, *_ in self.app.get_system_commands(self.screen):
            # The name weighs more.
            score = matcher.match(name) or matcher.match(f"{name}: {about}") / 2
            if score > 0:
                yield Hit(score, matcher.highlight(name), callback, text=name, help=about)
        for name, about, callback in _settings(cast("LstmTui", self.app), self.screen):
            if (score := matcher.match(name) / 4) > 0:  # there are many, and actions come first
                yield Hit(score, matcher.highlight(name), callback, text=name, help=about)


def commands(app: "LstmTui", screen: Screen[Any]) -> Iterable[SystemCommand]:
    """All of them, as they stand in the palette that opens over `screen`."""
    seen = {"command_palette"}
    bindings = screen.reachable_bindings if isinstance(screen, Frame) else screen.active_bindings
    # First what the footer names, last what only moves a cursor.
    for node, binding, enabled, tooltip in sorted(bindings.values(), key=lambda it: not it.binding.show):
        if enabled and tooltip and binding.id and binding.action not in seen:
            seen.add(binding.action)
            run = lambda action=binding.action, node=node: app.call_later(app.run_action, action, node)  # noqa: E731
            there = "Screen: " if binding.action.startswith("show_screen") else ""
            yield SystemCommand(f"{there}{binding.description or tooltip}", tooltip, run)
    if not isinstance(screen, Frame):  # a dialog is answered first
        return
    for name, word in WORDS.items():
        if name != app.current_mode:
            yield from _elsewhere(app, name, word, seen)
    if not app.no_color:
        for known, about in theme.ABOUT.items():
            if known != app.theme:
                yield SystemCommand(f"Theme: {known}", about, lambda name=known: app.choose_theme(name))
    yield SystemCommand("Copy the log's path", str(locations.log()), lambda: _copy(app, str(locations.log())))
    yield SystemCommand("Copy the runs' folder", str(locations.runs()), lambda: _copy(app, str(locations.runs())))


def _elsewhere(app: "LstmTui", name: str, word: str, seen: set[str]) -> Iterable[SystemCommand]:
    """What the keys of another screen do, once its module is there (it comes after the first picture)."""
    module = sys.modules.get(f"lstm_tui.app.screens.{name}")
    bindings = getattr(module, f"{word}Screen").BINDINGS if module else ()
    told = set(seen)
    for binding in cast("Iterable[Binding]", bindings):
        if binding.action not in told and binding.key != "escape":
            told.add(binding.action)
            run = lambda action=binding.action: _go_and_do(app, name, action)  # noqa: E731
            yield SystemCommand(f"{word}: {binding.description}", binding.tooltip, run)


def _settings(app: "LstmTui", screen: Screen[Any]) -> Iterable[tuple[str, str, Callable[[], None]]]:
    """Every setting, once Configure's module is there; a dialog is answered first."""
    if "lstm_tui.app.screens.configure" in sys.modules and isinstance(screen, Frame):
        from lstm_tui.app.draft import FIELDS

        for path, leaf in FIELDS.items():
            yield (
                f"Setting: {path.replace('.', ', ').replace('_', ' ')}",
                leaf.help,
                partial(_stand_on, app, path),
            )


def _stand_on(app: "LstmTui", path: str) -> None:
    from lstm_tui.app.screens.configure import ConfigureScreen

    app.show_screen("configure")
    if isinstance(screen := app.screen, ConfigureScreen):
        screen.call_after_refresh(screen.stand_on, path)


def _go_and_do(app: "LstmTui", name: str, action: str) -> None:
    app.show_screen(name)
    app.screen.call_after_refresh(_do, app, app.screen, action)


async def _do(app: "LstmTui", screen: Screen[Any], action: str) -> None:
    """Where the screen allows it just now."""
    if screen.check_action(action.partition("(")[0], ()):
        await app.run_action(action, screen)
    else:
        app.say("Just now there is nothing here to do that with.")


def _copy(app: "LstmTui", words: str) -> None:
    app.copy_to_clipboard(words)
    app.say(f"Sent to the terminal's clipboard: {words}")
