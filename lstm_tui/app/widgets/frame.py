"""What the five screens share: where you are (top), what is running, what you can press (bottom).

A screen gives `body()` and its bindings. Timers made with `every` rest while the screen is hidden.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from rich.cells import cell_len
from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import Container
from textual.geometry import Size
from textual.keys import key_to_character
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from lstm_tui.app.widgets.plain import Keys
from lstm_tui.app.widgets.status import StatusLine

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

LEAST = Size(60, 20)
"""A terminal with fewer columns or lines shows one sentence, by the app's style sheet."""
Found = TypeVar("Found")
# Where the footer has no room for all keys, these stay; of the others the last go first.
_KEPT = {"help", "train"}
# Between two keys of the footer.
_GAP = 1
WORDS = {"corpus": "Corpus", "configure": "Configure", "train": "Train", "generate": "Generate", "runs": "Runs"}


def _character(key: str) -> str | None:
    """What a key types; Textual does not know it of all."""
    return key_to_character(key) or {"plus": "+", "minus": "-", "slash": "/"}.get(key)


class Navigation(Widget):
    """The five screens, this one in brackets; whose terminal it is, at the right. A click switches."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def render(self) -> Text:
        line = Text(" ", no_wrap=True, overflow="crop")
        for number, (name, word) in enumerate(WORDS.items(), 1):
            here = number == self._number
            label = Text(f"[{number} {word}]" if here else f"{number} {word}", style="bold" if here else "")
            if not here:
                label.apply_meta({"@click": f"app.show_screen({name!r})"})
            line.append_text(label).append("  ")
        place = cast("LstmTui", self.app).place
        room = self.content_size.width - line.cell_len - 1
        if len(place) <= room:
            line.append(place.rjust(room), style="dim")
        return line


class Frame(Screen[None]):
    """Base of the five screens: navigation line, body, status line, footer.

    Textual calls the `on_…` handlers of every class by itself: a screen's own do not call `super()`.
    """

    NUMBER: ClassVar[int]
    TITLE_WORD: ClassVar[str]
    # The labels of what stands in sentences, as the glossary has them.
    FIGURES: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self._theme = ""
        self._looks: list[tuple[Timer, Callable[[], object]]] = []
        self._too_small = False
        # Its widgets get their styles as they are mounted; Textual would read all style sheets anew, twice.
        self._css_update_count = self.app._css_update_count
        # What it would find out when it is told its size, and style all of them once more.
        width, height = self.app.size
        self.add_class(*self._get_breakpoint_classes(width, self.app.HORIZONTAL_BREAKPOINTS or []))
        self.add_class(*self._get_breakpoint_classes(height, self.app.VERTICAL_BREAKPOINTS or []))

    def compose(self) -> ComposeResult:
        yield Navigation(self.NUMBER)
        with Container(id="body"):
            yield from self.body()
        needs = f"{LEAST.width} columns and {LEAST.height} lines"
        yield Static(f"This terminal is too small: lstm-tui needs {needs}.", id="too-small")
        yield StatusLine()
        yield Keys()

    def body(self) -> ComposeResult:
        """What the screen puts between the common lines."""
        yield from ()

    @property
    def tui(self) -> "LstmTui":
        return cast("LstmTui", self.app)

    def every(self, seconds: float, look: Callable[[], object]) -> None:
        """Call `look` now and then every so many seconds, but only while this screen is showing."""

        def guarded() -> None:
            if self.app.is_running:  # when the program closes, a screen loses its widgets before its timers
                look()

        self._looks.append((self.set_interval(seconds, guarded, pause=not self.is_current), guarded))
        self.call_later(guarded)

    @work(thread=True, group="aside", exit_on_error=False)
    def aside(self, do: Callable[[], Found], then: Callable[[Found], object], here: bool = False) -> None:
        """In a thread what touches the disk or asks for devices; then show what came of it, `here`: if the person is
        still on this screen."""

        def show(done: Found) -> None:
            if not here or self.app.screen is self:
                then(done)

        try:
            done = do()
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        else:
            self.app.call_from_thread(show, done)

    @property
    def figures(self) -> Iterable[tuple[str, str]]:
        """What stands on this screen now and may be asked for, label and value: what a widget calls `explained`, and
        what the screen itself names."""
        for widget in self.query("*"):
            if widget.is_on_screen:
                yield from getattr(widget, "explained", ())
        yield from ((label, "") for label in self.FIGURES)

    @property
    def reachable_bindings(self) -> dict[str, ActiveBinding]:
        """Every one that does something now, be it by the palette; a screen is asked while its widgets are there."""
        return super().active_bindings if self.is_mounted and self.app.is_running else {}

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Without the keys that are text in the field that has the focus; those that the footer has no room for are
        not shown: the footer asks here."""
        found, field = self.reachable_bindings, self.focused
        if field is not None:
            found = {key: it for key, it in found.items() if not field.check_consume_key(key, _character(key))}
        return self.fitting(found)

    def fitting(self, found: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
        """The same, and as many of them shown as there is room for."""
        shown: dict[str, list[str]] = {}
        for key, it in found.items():
            if it.binding.show:
                shown.setdefault(it.binding.action, []).append(key)
        widths = {action: self._room_of(found[keys[0]].binding) for action, keys in shown.items()}
        for action in [it for it in reversed(shown) if it not in _KEPT]:
            if sum(widths.values()) <= self.size.width + _GAP:
                break
            del widths[action]
            for key in shown[action]:
                found[key] = found[key]._replace(binding=replace(found[key].binding, show=False))
        return found

    def _room_of(self, binding: Binding) -> int:
        return cell_len(f" {self.app.get_key_display(binding)} {binding.description} ") + _GAP

    # A widget that is hidden loses the focus; in a terminal that is too small for a moment, all are.

    def on_resize(self, event: events.Resize) -> None:
        self.refresh_bindings()
        if event.size.width < LEAST.width or event.size.height < LEAST.height:
            self._too_small = True
        elif self._too_small:
            self.call_after_refresh(self._large_again)

    def _large_again(self) -> None:
        self._too_small = self.size.width < LEAST.width or self.size.height < LEAST.height

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """As any screen; but while all are hidden, the one that has the focus keeps it."""
        if widget is not None or not self._too_small:
            super().set_focus(widget, scroll_visible, from_app_focus)

    def on_mount(self) -> None:
        self._theme = self.app.theme
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        """What a widget drew for its size has the colours of then: it is told its size once more."""
        if self.is_current and self._theme != self.app.theme:
            self._theme = self.app.theme
            for node in (self, *self.query("*")):
                node.post_message(events.Resize(node.size, node.virtual_size, node.container_size))

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        for timer, _ in self._looks:
            timer.pause()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._recolour()
        for timer, look in self._looks:
            timer.resume()
            self.call_later(look)
