"""Corpus: which text to learn. A list, how the text under the cursor begins, and its figures.

The first picture: imports nothing heavy. Reading and counting happen in threads, and what they need
(pydantic, NumPy) is imported there, after the preview stands. How a text is read and counted is not known
here (`looking.py` asks for it); adding, cleaning and all figures have screens of their own.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, OptionList

from lstm_tui.app import looking
from lstm_tui.app.looking import Facts
from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.sentences import sentence
from lstm_tui.app.underway import Underway
from lstm_tui.app.widgets.about import About
from lstm_tui.app.widgets.ask import Ask
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.find import Find
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.text_list import Offer, Row, TextList
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text import catalogue, library
from lstm_tui.text.decoding import Malformed

# Passing over texts with the arrows counts none of them.
_SETTLED_SECONDS = 0.2
# A line with the keys of a text of one's own.
_ROOM_FOR_KEYS = 90
_FETCHING = "\n\nIt becomes one of your texts, and is there without a network from then on."


class CorpusScreen(Frame):
    """See the module."""

    NUMBER = 1
    TITLE_WORD = "Corpus"
    CSS = """
    CorpusScreen #side { width: 28; padding: 0 0 0 1; }
    CorpusScreen #texts > .option-list--option { padding: 0; }
    CorpusScreen.-wide About { min-height: 7; }
    CorpusScreen.-wide About #done { display: block; }
    CorpusScreen.-wide About #source { display: none; }
    CorpusScreen.-wide #side { width: 42; }
    CorpusScreen Find { margin-bottom: 1; }
    CorpusScreen #texts { height: 1fr; scrollbar-gutter: stable; }
    CorpusScreen #preview { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="corpus.add", tooltip="Add a text: a file, a folder, a book, an address"),
        Binding("m", "malformed", "Read", id="corpus.malformed", tooltip="Read this malformed text all the same"),
        Binding("c", "clean", "Clean", id="corpus.clean", tooltip="Clean this text, and how it is read: before, after"),
        Binding("i", "about", "Facts", id="corpus.about", tooltip="All that is known of this text"),
        Binding("slash", "find", "Find", id="corpus.find", key_display="/", tooltip="Narrow the list by a name"),
        Binding("n", "rename", "Rename", id="corpus.rename", tooltip="Rename this text of yours"),
        Binding("x", "remove", "Remove", id="corpus.remove", tooltip="Remove this text of yours; asks first"),
        Binding("t", "train", "Train", id="corpus.train", tooltip="Train this text right away"),
        Binding("f5", "train", "Train", id="corpus.f5", key_display="F5", tooltip="Train this text right away"),
    ]

    # Tests put their own here.
    beginning = staticmethod(looking.beginning)
    measure = staticmethod(looking.measure)

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[str, Sequence[Row]] = {}
        self._origin: str | None = None  # the row that the cursor was on before the list was narrowed
        self._facts: dict[library.Entry, Facts] = {}
        self._work = Underway()
        self._told = ("", 0.0)
        self._wrong = self._malformed = False  # the text under the cursor cannot be read; or once one agrees

    def body(self) -> ComposeResult:
        with Horizontal():
            with Panel(title="texts", id="side"):
                yield Find("part of a name", of="#texts")
                yield TextList()
            with Vertical():
                yield About()
                with Panel(title="text", classes="-joined"), VerticalScroll(id="preview"):
                    yield Words(id="beginning")

    def on_mount(self) -> None:
        self.query_one(TextList).focus()
        self._load(self.tui.choice.entry.name)
        self.every(0.2, self._show_progress)

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        self._work.off = True  # where training is prepared, the text is read there

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        entry = self._list.entry
        if entry and self._is_known(entry):
            self._show_about()
        elif entry:
            self._highlighted()

    @property
    def _list(self) -> TextList:
        return self.query_one(TextList)

    # The list.

    @work(thread=True, group="list", exclusive=True, exit_on_error=False)
    def _load(self, here: str | None) -> None:
        """Read which texts there are, and list them with the cursor on the one of that name."""
        try:
            groups = grouped(library.entries())
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        else:
            self.app.call_from_thread(self._loaded, groups, here)

    def _loaded(self, groups: dict[str, Sequence[Row]], here: str | None) -> None:
        self._groups = groups
        choice = self.tui.choice
        there = {row.name: row for rows in groups.values() for row in rows if isinstance(row, library.Entry)}
        if choice.entry.name in there:
            choice.entry = there[choice.entry.name]  # how it is read may be another now
        self._show_list(here)

    def _show_list(self, here: str | None) -> None:
        wanted = self.query_one(Find).value.casefold()
        found = {group: [row for row in rows if wanted in _searched(row)] for group, rows in self._groups.items()}
        self._list.show(found, self.tui.choice.entry.name, here, bool(wanted))

    @on(Input.Changed)
    def _narrowed(self, message: Input.Changed) -> None:
        self._show_list(self._list.row.name if message.value and self._list.row else self._origin)

    def action_find(self) -> None:
        self._origin = self._list.row.name if self._list.row else self._origin
        self.query_one(Find).open()

    # The text under the cursor.

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        row = self._list.row
        if row is None:
            return
        self._work.off = True
        self._work = Underway()
        self._wrong = self._malformed = False
        self._show_about()
        self.refresh_bindings()
        if isinstance(row, Offer):
            self._show_text(_offered(row))
        else:
            self._preview(row, self._work)

    def _show_about(self) -> None:
        row = self._list.row
        if row is not None:
            facts = self._facts.get(row) if isinstance(row, library.Entry) else None
            self.query_one(About).show(row, facts, self._work.now, self._wrong)

    def _show_progress(self) -> None:
        if self._work.now != self._told:
            self._told = self._work.now
            self._show_about()

    @work(thread=True, group="preview", exclusive=True, exit_on_error=False)
    def _preview(self, entry: library.Entry, work: Underway) -> None:
        try:
            text = self.beginning(entry).text
        except Exception as error:
            self.app.call_from_thread(self._refused, work, error)
        else:
            self.app.call_from_thread(self._previewed, entry, work, text)

    def _previewed(self, entry: library.Entry, work: Underway, text: str) -> None:
        if work is not self._work:  # the cursor is elsewhere
            return
        self._show_text(text)
        self.call_after_refresh(self.tui.first_picture_shown)
        if not self._is_known(entry):
            self.call_after_refresh(self._measure, entry, work)  # it imports what is heavy

    def _is_known(self, entry: library.Entry) -> bool:
        """Whether nothing is left to find out; what lies in a folder of the person's may have changed since."""
        facts = self._facts.get(entry)
        return facts is not None and bool(facts.baselines or facts.why) and entry.group != "folders"

    @work(thread=True, group="measure", exclusive=True, exit_on_error=False)
    def _measure(self, entry: library.Entry, work: Underway) -> None:
        time.sleep(_SETTLED_SECONDS)
        try:
            work.tell("", 0.0)
            self.measure(entry, work.tell, lambda facts: self.app.call_from_thread(self._keep, entry, facts))
        except Cancelled:
            pass
        except Exception as error:
            self.app.call_from_thread(self._refused, work, error)
        finally:
            work.now = ("", 0.0)

    def _keep(self, entry: library.Entry, facts: Facts) -> None:
        self._facts[entry] = facts
        if self.is_current and entry == self._list.row:
            self._show_about()
            self.refresh_bindings()

    def _refused(self, work: Underway, error: BaseException) -> None:
        """It cannot be read: the reason stands in its place."""
        if not isinstance(error, UserError):
            self.tui.report(error)
        elif work is self._work:
            self._wrong, self._malformed = True, isinstance(error, Malformed)
            self._show_about()
            self._show_text(f"{sentence(error)}{_AGREE if self._malformed else ''}", wrong=True)
            self.refresh_bindings()
        self.call_after_refresh(self.tui.first_picture_shown)

    def _show_text(self, text: str, wrong: bool = False) -> None:
        beginning = self.query_one("#beginning", Words)
        beginning.set_class(wrong, "wrong")
        beginning.show(text)
        self.query_one("#preview", VerticalScroll).scroll_home(animate=False)

    # What is done with it.

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Where the footer has no room for all, Find makes way for Rename: the other rows name it."""
        found = super().active_bindings
        if self.size.width < _ROOM_FOR_KEYS and {"n", "slash"} <= found.keys():
            find = found["slash"]
            found["slash"] = find._replace(binding=replace(find.binding, show=False))
        return found

    def on_resize(self, _event: events.Resize) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the row under the cursor allows. A key whose time comes in a moment stays, dimmed."""
        if not self.is_mounted:
            return True
        entry = self._list.entry
        match action:
            case "clean":
                return entry is not None
            case "about":
                return entry is not None and not self._malformed and (True if entry in self._facts else None)
            case "rename" | "remove":
                return entry is not None and entry.group == "yours"
            case "malformed":
                return self._malformed
        return True

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        row = self._list.row
        if isinstance(row, Offer):
            self.app.push_screen(AddText(self._added, row.what, row.about))
        elif self._choose():
            self.tui.show_screen("configure")

    def action_train(self) -> None:
        if self._malformed:
            self.tui.say("It is malformed in places; m reads it all the same.")
        elif self._choose():
            self.tui.start_training()
        else:
            self.tui.say("This text is not here yet; Enter fetches it.")

    def _choose(self) -> bool:
        entry = self._list.entry
        if entry is not None:
            self.tui.choice.take(entry)
            self._list.show_chosen(entry.name)
        return entry is not None

    def action_add(self) -> None:
        self.app.push_screen(AddText(self._added))

    def _added(self, entry: library.Entry) -> None:
        self._origin = entry.name
        self.query_one(Find).action_clear()
        self._load(entry.name)
        self.tui.say(f"{entry.title} is among your texts now; Enter uses it.")

    def action_about(self) -> None:
        from lstm_tui.app.screens.about_text import AboutText

        entry = self._list.entry
        if entry is not None and entry in self._facts:
            self.app.push_screen(AboutText(entry, self._facts[entry]))

    @work(thread=True, group="clean", exclusive=True, exit_on_error=False)
    def action_clean(self) -> None:
        from lstm_tui.app.screens.clean import CleanText  # in a thread: it brings pydantic

        entry = self._list.entry
        if entry is None:
            return

        def keep(text: dict[str, str]) -> None:
            self._change(entry, lambda: library.set_text(entry, text))

        self.app.call_from_thread(self.app.push_screen, CleanText(entry, keep))

    def action_malformed(self) -> None:
        entry = self._list.entry
        if entry is not None:
            self._change(entry, lambda: library.set_text(entry, {**dict(entry.text), "malformed": "true"}))

    def action_rename(self) -> None:
        entry = self._list.entry
        if entry is None:
            return

        def named(after: library.Entry | None) -> None:
            if after is not None and after != entry:
                self._changed(entry, after)

        why = "Runs that learnt it keep the old name."
        self.app.push_screen(Ask("rename", entry.name, why, lambda name: library.rename(entry, name)), named)

    def action_remove(self) -> None:
        entry = self._list.entry
        if entry is None:
            return

        def answered(answer: str | None) -> None:
            if answer == "y":
                self._change(entry, lambda: library.remove(entry))

        answers = {"y": "Remove it", "escape": "Keep it"}
        why = "Runs that learnt it go on: they hold what they need. The file you added it from stays."
        self.app.push_screen(Question(f"Remove {one_line(entry.title)} from your texts?", answers, why), answered)

    @work(thread=True, group="change", exit_on_error=False)
    def _change(self, before: library.Entry, change: Callable[[], library.Entry | None]) -> None:
        """Change the library; the choice goes with its text."""
        try:
            after = change()
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
            return
        self.app.call_from_thread(self._changed, before, after)

    def _changed(self, before: library.Entry, after: library.Entry | None) -> None:
        self.tui.choice.follow(before, after)
        if after is None:
            self._load(self._list.beside(before.name))
            self.tui.say(f"{before.title} is none of your texts any more.")
            return
        if after.name != before.name:
            self._origin = after.name
            self.query_one(Find).action_clear()  # the new name may be none that is looked for
        self._load(after.name)


_AGREE = "\n\nPress m to read it."


def grouped(entries: Sequence[library.Entry]) -> dict[str, Sequence[Row]]:
    """The list under its headings; books that are here already are not offered again."""
    groups: dict[str, Sequence[Row]] = {
        group: [entry for entry in entries if entry.group == group] for group in ("built in", "yours", "folders")
    }
    there = {entry.about for entry in entries}
    books = [
        Offer(str(book.number), book.short, f"{book.title}, {book.author}, Project Gutenberg {book.number}")
        for book in catalogue.BOOKS
        if catalogue.address(str(book.number))[0] not in there
    ]
    dots = glyphs().ellipsis
    anything = (Offer("", f"any Gutenberg number{dots}", _NUMBER), Offer("", f"any address{dots}", _ADDRESS))
    return groups | {"to download": [*books, *anything]}


_NUMBER = "the number of any book of Project Gutenberg, such as 11"
_ADDRESS = "any address of a text, such as https://example.org/text.txt"


def _searched(row: Row) -> str:
    return (f"{row.title} {row.about}" if isinstance(row, Offer) else row.title).casefold()


def _offered(offer: Offer) -> str:
    if not offer.what:
        return f"Enter asks for it.{_FETCHING}"
    return f"Enter fetches it from\n{catalogue.address(offer.what)[0]}{_FETCHING}"
