"""A run from near, over the list of runs: its curve, what it wrote, its settings, and what happened to it.

It reads the run's folder in a thread, again while it is being trained.
"""

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import ContentSwitcher, Footer

from lstm_tui.app.run_look import Look, Setting, look_at
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.chart import LossChart
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.long_text import LongText
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words

# More than that takes longer to lay out than a key may.
_MOST_SHOWN = 10_000
SECTIONS = ("curve", "samples", "settings", "happened")


class Page(LongText, can_focus=False):
    """One section's words; a page of its own to scroll."""


class LookScreen(ModalScreen[None]):
    """See the module.

    Args:
        look: what is known already.
    """

    DEFAULT_CSS = """
    LookScreen { background: $background; }
    LookScreen Panel { height: 1fr; border: round $primary; background: $background; padding: 0 1; }
    LookScreen #sections { height: 1; margin-bottom: 1; }
    LookScreen ContentSwitcher { height: 1fr; }
    LookScreen #legend { height: auto; color: $quiet; }
    LookScreen #curve { height: 1fr; }
    LookScreen LossChart { height: 1fr; }
    LookScreen Footer { dock: none; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab", "turn(1)", "Next", key_display="Right", id="look.next", tooltip="The next section"),
        Binding("left,shift+tab", "turn(-1)", "Before", key_display="Left", id="look.before", tooltip="The one before"),
        Binding("a", "all", "All or changed", id="look.all", tooltip="All settings, or those that were changed"),
        Binding("up", "scroll(-1)", "Up", id="look.up", tooltip="A line up", show=False),
        Binding("down", "scroll(1)", "Down", key_display="Up/Down", id="look.down", tooltip="A line up or down"),
        Binding("pageup", "page(-1)", "Page up", id="look.page-up", tooltip="A page up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="look.page-down", tooltip="A page down", show=False),
        Binding("y", "copy", "Copy path", id="look.copy", tooltip="Send the folder's path to the terminal's clipboard"),
        Binding("escape,l,q,enter", "close", "Close", key_display="Esc", id="look.close", tooltip="Back to the list"),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._all = False

    def compose(self) -> ComposeResult:
        with Panel(title=self._look.folder.name):
            yield Words(id="sections")
            with ContentSwitcher(initial="curve"):
                with VerticalScroll(id="curve", can_focus=False):
                    yield LossChart()
                    yield Words(id="legend")
                for name in SECTIONS[1:]:
                    yield Page(id=name)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._show()
        self.set_interval(5.0, self._read)
        self._read()

    @work(thread=True, group="look", exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        look = look_at(self._look.folder, self._look)
        if look is not self._look:
            self.app.call_from_thread(self._take, look)

    def _take(self, look: Look) -> None:
        if self.is_mounted:
            self._look = look
            self._show()

    # Showing.

    @property
    def _section(self) -> str:
        return self.query_one(ContentSwitcher).current or SECTIONS[0]

    def _show(self) -> None:
        look, seen = self._look, self._look.snapshot
        heads = (f"[{name}]" if name == self._section else f" {name} " for name in SECTIONS)
        styles = {f"[{self._section}]": "bold"}
        self.query_one("#sections", Words).show(Text("  ").join(Text(head, styles.get(head, "")) for head in heads))
        self.query_one(LossChart).show(seen)
        self.query_one("#legend", Words).show(_legend(look))
        self.query_one("#samples", Page).read(samples(seen))
        shown = [it for it in look.settings if self._all or it.was is not None]
        self.query_one("#settings", Page).read(settings(shown, self._all, len(look.settings)))
        self.query_one("#happened", Page).read("\n".join([look.wrong, *look.happened]).strip())
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "all":
            return self._section == "settings"
        return self._section != "curve" if action in {"scroll", "page"} else True

    def action_turn(self, by: int) -> None:
        switcher = self.query_one(ContentSwitcher)
        switcher.current = SECTIONS[(SECTIONS.index(self._section) + by) % len(SECTIONS)]
        self._show()

    def action_all(self) -> None:
        self._all = not self._all
        self._show()

    def action_scroll(self, by: int) -> None:
        self.query_one(f"#{self._section}").scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        page = self.query_one(f"#{self._section}")
        page.scroll_relative(y=by * max(1, page.size.height - 1), animate=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(str(self._look.folder))
        self.notify(f"Sent to the terminal's clipboard: {self._look.folder}", markup=False)

    def action_close(self) -> None:
        self.dismiss(None)


def _legend(look: Look) -> str:
    seen = look.snapshot
    if look.wrong:
        return look.wrong
    if not seen.curve:
        return "Nothing has been recorded yet."
    losses = seen.baselines.named() if seen.baselines else {}
    best = (
        "" if seen.best_validation_loss is None else f"best {seen.best_validation_loss:.3f} at step {seen.best_step:,}"
    )
    to_beat = ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
    parts = [f"{seen.step:,} steps", best, f"to beat: {to_beat}" if to_beat else ""]
    return f" {glyphs().separator} ".join(part for part in parts if part)


def samples(seen: Snapshot) -> str:
    """What it wrote, the last first, each under a line with its step."""
    if not seen.samples:
        return "It has written nothing yet; Enter on the list talks to it."
    rule, parts, room = glyphs().rule * 2, list[str](), _MOST_SHOWN
    for it in reversed(seen.samples):
        parts.append(f"{rule} step {it.step:,} {rule}\n{it.text[:_MOST_SHOWN]}")
        room -= len(parts[-1])
        if room < 0 and len(parts) < len(seen.samples):
            parts.append(f"{len(seen.samples) - len(parts):,} earlier ones are in samples.jsonl, in its folder.")
            break
    return "\n\n".join(parts)


def settings(shown: list[Setting], every: bool, of: int) -> str:
    """Settings by sections, a line each; what was changed with what it was before. The first line says what `a` does;
    `of`: how many there are."""
    if not shown:
        return "Nothing was changed from the recipe; a lists all settings." if of and not every else ""
    if every:
        lines = [f"All {of} settings, those that were changed with a *; a lists these alone."]
    else:
        lines = [f"What was changed; a lists all {of} settings."]
    wide = max(len(it.label) for it in shown)
    section = ""
    for it in shown:
        if it.section != section:
            section = it.section
            lines += ["", section]
        was = "" if it.was is None else f"was {it.was}"
        lines.append(f"{'*' if it.was is not None else ' '} {it.label:<{wide}}  {it.value:<14}  {was}".rstrip())
    return "\n".join(lines)
