"""Every text that a run wrote, the marked ones first: to read again, mark, copy, save, delete, or go on from.

It reads and changes the run's `generations.jsonl` in threads. Its answer is the text whose prompt and settings are to
be taken again, or None.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

from lstm_tui.app.handing import Handing, handing_keys
from lstm_tui.app.keys import key
from lstm_tui.app.telling import told, when
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.kept import beginning
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words, readable
from lstm_tui.runs import generations
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

# Unmarked ones that are listed; marked ones all are.
_MOST = 300
# So much of what was written is read here; y and w have all of it.
_MOST_SHOWN = 10_000


class Listing(Options):
    """The list: its Enter is said in the footer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "select", "Take again", "Take its prompt, settings and seed again", "texts.again", "Enter"),
    ]


class OutputsScreen(Handing, ModalScreen[Output | None]):
    """A list, and the text under its cursor."""

    DEFAULT_CSS = """
    OutputsScreen { align: center top; background: $background 60%; }
    OutputsScreen > Vertical { width: 100%; max-width: 124; height: 1fr; margin-top: 1; background: $background; }
    OutputsScreen Panel { background: $background; border: round $primary; }
    OutputsScreen #list-box { height: 2fr; border-bottom: none; }
    OutputsScreen #output-box { height: 3fr; }
    OutputsScreen Listing { height: 1fr; background: $background; text-wrap: nowrap; text-overflow: ellipsis; }
    .-ascii OutputsScreen Listing, OutputsScreen.-ascii Listing { text-overflow: clip; }
    OutputsScreen #how { height: auto; max-height: 3; color: $quiet; margin-bottom: 1; }
    OutputsScreen VerticalScroll { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("asterisk", "mark", "Keep", "Mark it, or no more", "texts.mark", "*"),
        *handing_keys("texts", shown=True),
        key("x", "delete", "Delete", "Take it off the list", "texts.delete", "x"),
        key("tab", "other", "Scroll", "To the text, or the list", "texts.other"),
        key("escape", "leave", "Close", "Back to writing", "texts.leave", "Esc"),
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._outputs: list[Output] = []
        self._changes: deque[Callable[[], None]] = deque()
        self._working = threading.Lock()

    def compose(self) -> ComposeResult:
        with Vertical():
            with Panel(title="texts", id="list-box", classes="-open"):
                yield Listing()
            with Panel(title="text", id="output-box", classes="-joined") as box:
                box.border_subtitle = "Tab, then arrows scroll it"
                yield Words(id="how")
                with VerticalScroll():
                    yield Words("looking for texts", id="output")
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(Listing).focus()
        self._change(lambda: None)

    @property
    def _tui(self) -> "LstmTui":
        return cast("LstmTui", self.app)

    @property
    def chosen(self) -> Output | None:
        """The text under the cursor."""
        at = self.query_one(Listing).highlighted
        return self._outputs[at] if at is not None and at < len(self._outputs) else None

    def _change(self, change: Callable[[], None]) -> None:
        """Do something to the file, after all that it was asked to do before."""
        self._changes.append(change)
        self._work_off()

    @work(thread=True, group="outputs", exit_on_error=False)
    def _work_off(self) -> None:
        """The next change, and list what is in the file then."""
        app = self.app
        with self._working:
            try:
                self._changes.popleft()()
            except Exception as error:
                app.call_from_thread(self._tui.report, error)
            app.call_from_thread(self._show, generations.outputs(self._run.folder))

    def _show(self, outputs: list[Output]) -> None:
        if self._changes:  # the next one shows both
            return
        chosen, listing = self.chosen, self.query_one(Listing)
        at = listing.highlighted or 0
        plain = [output for output in outputs if not output.marked]
        self._outputs = [output for output in outputs if output.marked] + plain[:_MOST]
        marked = len(outputs) - len(plain)
        shown = f", the newest {_MOST} of the others shown" if len(plain) > _MOST else ""
        self.query_one("#list-box", Panel).entitle(f"{len(outputs):,} texts of {self._run.id}, {marked} kept{shown}")
        listing.clear_options()
        listing.add_options([Option(self._line(output)) for output in self._outputs])
        if not self._outputs:
            self.query_one("#how", Words).show("")
            self.query_one("#output", Words).show("This run has written nothing yet; Esc, then n writes a text.")
            return
        same = [number for number, output in enumerate(self._outputs) if chosen and output.id == chosen.id]
        listing.highlighted = same[0] if same else min(at, len(self._outputs) - 1)

    def _line(self, output: Output) -> Text:
        colours = self.app.theme_variables
        line = Text()
        line.append("* " if output.marked else "  ", f"bold {colours['accent']}")
        line.append(f"{when(output.when):>6}  ", colours["quiet"])
        line.append(f"{output.temperatures.replace(' ', ''):<7} ", colours["accent"])
        return line.append(beginning(output))

    @on(OptionList.OptionHighlighted)
    def _read(self) -> None:
        if (output := self.chosen) is None:
            return
        self.query_one("#how", Words).show(told(output))
        text, most = Text(), _MOST_SHOWN // len(output.texts)
        for number, written in enumerate(output.texts, 1):
            if len(output.texts) > 1:
                text.append(
                    f"{number}\n" if number == 1 else f"\n\n{number}\n", f"bold {self.app.theme_variables['primary']}"
                )
            text.append(readable(output.prompt[-most:]), f"bold {self.app.theme_variables['primary']}")
            text.append(readable(written[:most]))
            if len(written) > most:
                text.append(f"\n\n{len(written) - most:,} characters more: w saves all.")
        self.query_one("#output", Words).show(text)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _again(self) -> None:
        if output := self.chosen:
            self.dismiss(output)

    def action_other(self) -> None:
        listing = self.query_one(Listing)
        (self.query_one(VerticalScroll) if listing.has_focus else listing).focus()

    def action_mark(self) -> None:
        if output := self.chosen:
            now = replace(output, marked=not output.marked)
            self._outputs[self._outputs.index(output)] = now  # for the same key once more, before it is listed
            self._change(lambda: generations.mark(self._run.folder, now.id, now.marked))

    def action_delete(self) -> None:
        if output := self.chosen:
            question = Question(
                "Take this text off the list?", {"x": "Delete it", "escape": "Leave it"}, beginning(output)
            )

            def answered(key: str | None) -> None:
                if key == "x":
                    self._change(lambda: generations.remove(self._run.folder, output.id))

            self.app.push_screen(question, answered)

    def text_there(self) -> tuple[Run, Output] | None:
        return (self._run, self.chosen) if self.chosen else None

    def action_leave(self) -> None:
        self.dismiss(None)
