"""Corpus: which text to learn. A list, a preview, and the figures of the text under the cursor.

The first picture: imports nothing heavy. Reading and counting happen in threads, and what they need
(pydantic) is imported there, after the preview stands.
"""

import time
from dataclasses import dataclass
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.widgets.find import Find
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.glyphs import glyphs, overflow, sparkline
from lstm_tui.app.widgets.panel import Figures, Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.text import corpus, library

# Passing over texts with the arrows counts none of them.
_SETTLED_SECONDS = 0.2


class TextList(OptionList):
    """The texts, under the headings of where they come from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "select", "Use it", id="corpus.use", key_display="Enter", tooltip="Use this text, and configure"
        )
    ]

    def __init__(self) -> None:
        super().__init__(id="texts")
        self._entries: dict[int, library.Entry] = {}

    def show(
        self, entries: list[library.Entry], chosen: library.Entry, here: library.Entry | None, narrowed: bool
    ) -> None:
        """List `entries`, mark the one that is chosen, and put the cursor on `here`."""
        self.clear_options()
        self._entries = {}
        for heading, group in (
            ("built in", [entry for entry in entries if entry.group == "built in"]),
            ("yours", [entry for entry in entries if entry.group != "built in"]),
        ):
            if group:
                self.add_option(Option(Text(heading), disabled=True))
            for entry in group:
                self._entries[self.option_count] = entry
                self.add_option(Option(_line(entry, entry == chosen)))
        if not narrowed and all(entry.group == "built in" for entry in entries):
            self.add_options([Option(Text("yours"), disabled=True), Option(Text("  a adds a file"), disabled=True)])
        places = {entry: number for number, entry in self._entries.items()}
        if places:
            first = next(iter(places.values()))
            self.highlighted = places.get(here, first) if here else first
        else:
            self.add_option(Option(Text("nothing has that name"), disabled=True))

    def show_chosen(self, chosen: library.Entry) -> None:
        """Move the mark."""
        for number, entry in self._entries.items():
            self.replace_option_prompt_at_index(number, _line(entry, entry == chosen))

    @property
    def entry(self) -> library.Entry | None:
        """The text under the cursor."""
        return None if self.highlighted is None else self._entries.get(self.highlighted)


def _line(entry: library.Entry, chosen: bool) -> Table:
    line = Table.grid(expand=True)
    line.add_column(ratio=1, no_wrap=True, overflow=overflow())
    line.add_column(justify="right", no_wrap=True)
    mark = glyphs().marker if chosen else " "
    line.add_row(Text(f"{mark} {no_control_characters(entry.title, keep='')}"), Text(f" {size(entry.size)}"))
    return line


def size(count: float) -> str:
    """Bytes in at most four characters: `512`, `64k`, `4.7M`."""
    for unit in ("", "k", "M"):
        if count < 999.5:
            return f"{count:.1f}{unit}" if unit == "M" and count < 9.95 else f"{count:.0f}{unit}"
        count /= 1000
    return f"{count:.1f}G"


class CorpusScreen(Frame):
    """See the module."""

    NUMBER = 1
    TITLE_WORD = "Corpus"
    CSS = """
    CorpusScreen #side { width: 27; }
    CorpusScreen.-wide #side { width: 42; }
    CorpusScreen Find { margin-bottom: 1; }
    CorpusScreen #texts { height: 1fr; }
    CorpusScreen #about { height: auto; }
    CorpusScreen Figures { max-width: 60; }
    CorpusScreen #source { height: auto; max-height: 2; color: $quiet; }
    CorpusScreen #frequent { height: 2; margin-top: 1; }
    CorpusScreen #preview { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="corpus.add", tooltip="Add a text file of yours"),
        Binding("slash", "find", "Find", id="corpus.find", key_display="/", tooltip="Narrow the list by a name"),
        Binding("t", "train", "Train", id="corpus.train", tooltip="Train this text right away"),
        Binding("f5", "train", "Train", id="corpus.f5", key_display="F5", tooltip="Train this text right away"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[library.Entry] = []
        self._counted: dict[library.Entry, Counted] = {}

    def body(self) -> ComposeResult:
        with Horizontal():
            with Panel(title="texts", id="side"):
                yield Find("part of a name", of="#texts")
                yield TextList()
            with Vertical():
                with Panel(id="about", classes="-open"):
                    yield Figures(columns=2)
                    yield Words(id="source")
                    yield Words(id="frequent")
                with Panel(title="text", classes="-joined"), VerticalScroll(id="preview"):
                    yield Words(id="beginning")

    def on_mount(self) -> None:
        self.query_one(TextList).focus()
        self._load(self.tui.choice.entry)

    @property
    def _list(self) -> TextList:
        return self.query_one(TextList)

    # The list.

    @work(thread=True, group="list", exclusive=True, exit_on_error=False)
    def _load(self, here: library.Entry | None) -> None:
        """Read which texts there are, and list them with the cursor on `here`."""
        entries = library.entries()
        self.app.call_from_thread(self._show_list, entries, here)

    def _show_list(self, entries: list[library.Entry], here: library.Entry | None) -> None:
        self._entries = entries
        wanted = self.query_one(Find).value.casefold()
        found = [entry for entry in entries if wanted in entry.title.casefold()]
        self._list.show(found, self.tui.choice.entry, here, bool(wanted))

    @on(Input.Changed)
    def _narrowed(self) -> None:
        self._show_list(self._entries, self._list.entry)

    def action_find(self) -> None:
        self.query_one(Find).open()

    # The text under the cursor.

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        entry = self._list.entry
        if entry is not None:
            self.query_one("#about", Panel).entitle(entry.title)
            self._show_figures(entry)
            self._preview(entry)

    @work(thread=True, group="preview", exclusive=True, exit_on_error=False)
    def _preview(self, entry: library.Entry) -> None:
        """Show how a text begins; once that stands, count it."""
        worker = get_current_worker()
        try:
            text, wrong = corpus.preview(entry), False
        except UserError as error:
            text, wrong = str(error), True
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_preview, entry, text, wrong)
        if wrong or entry in self._counted:
            return
        time.sleep(_SETTLED_SECONDS)
        if not worker.is_cancelled:
            self._count(entry)

    def _count(self, entry: library.Entry) -> None:
        from lstm_tui.config import TextConfig

        try:
            read = corpus.read(entry, TextConfig())
            counted = Counted(corpus.figures(read.text), read.encoding, read.notes)
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        else:
            self.app.call_from_thread(self._keep, entry, counted)

    def _keep(self, entry: library.Entry, counted: "Counted") -> None:
        self._counted[entry] = counted
        if entry == self._list.entry:
            self._show_figures(entry)

    def _show_preview(self, entry: library.Entry, text: str, wrong: bool) -> None:
        if entry == self._list.entry:
            beginning = self.query_one("#beginning", Words)
            beginning.set_class(wrong, "wrong")
            beginning.show(text)
            self.query_one("#preview", VerticalScroll).scroll_home(animate=False)
            self.call_after_refresh(self.tui.first_picture_shown)

    def _show_figures(self, entry: library.Entry) -> None:
        counted = self._counted.get(entry)
        figures = counted and counted.figures
        self.query_one(Figures).show(
            [
                (label, f"{getattr(figures, label):,}" if figures else glyphs().ellipsis)
                for label in ("characters", "kinds", "words", "lines")
            ]
        )
        source = ", ".join([entry.about, *([counted.encoding, *counted.notes] if counted else [])])
        self.query_one("#source", Words).show(no_control_characters(source, keep=""))
        self.query_one("#frequent", Words).show(
            _frequent(figures, self.app.theme_variables["primary"]) if figures else ""
        )

    # What is done with it.

    @on(OptionList.OptionSelected)
    def _use(self) -> None:
        if self._choose():
            self.tui.show_screen("configure")

    def action_train(self) -> None:
        if self._choose():
            self.tui.start_training()

    def _choose(self) -> bool:
        entry = self._list.entry
        if entry is not None:
            self.tui.choice.entry = entry
            self._list.show_chosen(entry)
        return entry is not None

    def action_add(self) -> None:
        self.app.push_screen(AddText(self._added))

    def _added(self, entry: library.Entry) -> None:
        self.query_one(Find).action_clear()
        self._load(entry)
        self.tui.say(f"{entry.title} is among your texts now; Enter uses it.")


@dataclass(frozen=True)
class Counted:
    """What is kept of a text that was read."""

    figures: corpus.TextFigures
    encoding: str
    notes: tuple[str, ...]


def _frequent(figures: corpus.TextFigures, colour: str) -> Text:
    """The most frequent characters, each under a bar of how often it occurs."""
    counts = [0, *(count for _, count in figures.frequent)]
    bars = sparkline(counts, len(counts))[1:]
    letters = no_control_characters("".join(character for character, _ in figures.frequent), keep="")
    return Text.assemble(("  ".join(bars), colour), "\n", "  ".join(letters), no_wrap=True, overflow="crop")
