"""Corpus: which text to learn. A list, how the text under the cursor begins, and its figures.

The first picture: imports nothing heavy. How a text is read and counted is not known here (`looking.py` asks for
it); adding, cleaning and all figures have screens of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.worker import Worker, get_current_worker

from lstm_tui.app import looking
from lstm_tui.app.shelf import groups_of, searched
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.find import Find, ListFrame
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.text_list import Offer, Row, TextList
from lstm_tui.app.widgets.text_view import TextView
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.text import library

# A line with the keys of a text of one's own.
_ROOM_FOR_KEYS = 90
_ROOM_FOR_FACTS = 68
_WELCOME = (
    "Train an LSTM on a text, here, and read how noise becomes words.\n"
    "Enter takes the text under the cursor, F5 (or t) trains it, 4 lets it write.\n"
    "? explains the keys and, once more, the figures; : finds any action."
)
_NOT_FOUND = "Nothing here has that in its name. Esc lists all again; a adds a text."


class CorpusScreen(ListFrame):
    """See the module."""

    NUMBER = 1
    TITLE_WORD = "Corpus"
    FIGURES = ("most frequent", "rarest")
    CSS = """
    CorpusScreen #welcome { display: none; height: auto; padding: 0 1; margin-bottom: 1; }
    CorpusScreen.-first #welcome { display: block; }
    CorpusScreen #side { width: 28; padding: 0 0 0 1; }
    CorpusScreen #texts > .option-list--option { padding: 0; }
    CorpusScreen.-wide About { min-height: 7; }
    CorpusScreen.-wide About #done { display: block; }
    CorpusScreen.-wide About #source { display: none; }
    CorpusScreen.-wide #side { width: 42; }
    CorpusScreen Find { margin-bottom: 1; }
    CorpusScreen #texts { height: 1fr; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="corpus.add", tooltip="Add a text: a file, a folder, a book, an address"),
        Binding("m", "malformed", "Read", id="corpus.malformed", tooltip="Read this malformed text all the same"),
        Binding("c", "clean", "Clean", id="corpus.clean", tooltip="Clean this text, and how it is read: before, after"),
        Binding("i", "about", "Facts", id="corpus.about", tooltip="All that is known of this text"),
        Binding("slash", "find", "Find", id="corpus.find", key_display="/", tooltip="Narrow the list by a name"),
        Binding("n", "rename", "Rename", id="corpus.rename", tooltip="Rename this text of yours"),
        Binding("x", "remove", "Remove", id="corpus.remove", tooltip="Remove this text of yours; asks first"),
        Binding(
            "r", "look_again", "Look again", id="corpus.again", tooltip="Look for texts added elsewhere", show=False
        ),
        Binding("g", "news", "Talk", id="corpus.news", tooltip="Talk to the run that ended meanwhile", show=False),
        Binding("t", "train", "Train", id="corpus.train", tooltip="Train this text right away"),
        Binding("f5", "train", "Train", id="corpus.f5", key_display="F5", tooltip="Train this text right away"),
    ]

    AUTO_FOCUS = "TextList"

    # Tests put their own here.
    beginning = staticmethod(looking.beginning)
    measure = staticmethod(looking.measure)

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[str, Sequence[Row]] = {}
        self._origin: str | None = None  # the row that the cursor was on before the list was narrowed
        self._covered = False

    def body(self) -> ComposeResult:
        self.set_class(self.tui.last_seen is None, "-first")  # before there is anything that looks otherwise then
        yield Words(_WELCOME, id="welcome")
        with Horizontal():
            with Panel(title="texts", id="side"):
                yield Find("part of a name", of="#texts")
                yield TextList()
            yield TextView(self.beginning, self.measure)

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        self._view.rest()  # where training is prepared, the text is read there
        self._covered = isinstance(self.app.screen, ModalScreen)
        self.set_class(self._covered and self.has_class("-first"), "-first")

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        ahead = self.tui.first_look
        if not self._groups and ahead.groups:
            self._view.expect(ahead.beginnings)
            self._loaded(ahead.groups, None)
            return
        if self._groups:
            self._view.again()
        if not self._covered:
            self.action_look_again()

    @property
    def _list(self) -> TextList:
        return self.query_one(TextList)

    @property
    def _yours(self) -> library.Entry | None:
        """The text under the cursor, where it is one's own."""
        entry = self._list.entry if self.is_mounted else None
        return entry if entry is not None and entry.group == "yours" else None

    @property
    def _view(self) -> TextView:
        return self.query_one(TextView)

    # The list.

    @work(thread=True, group="list", exclusive=True, exit_on_error=False)
    def _load(self, here: str | None = None) -> None:
        """Read which texts there are, and list them with the cursor on the one of that name, or where it is."""
        worker = get_current_worker()
        try:
            groups = groups_of(library.entries())
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
            self.app.call_from_thread(self.tui.first_picture_shown)  # there will be none
        else:
            self.app.call_from_thread(self._loaded, groups, here, worker)

    def _loaded(self, groups: dict[str, Sequence[Row]], here: str | None, worker: Worker[None] | None = None) -> None:
        if worker is not None and worker.is_cancelled:  # what it read may be from before a change
            return
        first, self._groups, before = not self._groups, groups, self._groups
        choice = self.tui.choice
        there = {row.name: row for rows in groups.values() for row in rows if isinstance(row, library.Entry)}
        wanted = self.tui.memory.get("corpus", choice.entry.name) if first else choice.entry.name
        if wanted not in there:
            gone = choice.entry.title if wanted == choice.entry.name else wanted
            choice.follow(choice.entry, None)
            self.tui.say(f"The text {gone} is not here any more; {choice.entry.title} is chosen.")
        elif wanted != choice.entry.name:
            choice.take(there[wanted])
        else:
            choice.entry = there[wanted]  # how it is read may be another now
        if groups != before or here is not None:
            stays = self._list.row.name if self._list.row else None
            self._show_list(choice.entry.name if first else here or stays)

    def action_look_again(self) -> None:
        """Texts may have been added by another program."""
        self._load()

    def _show_list(self, here: str | None) -> None:
        wanted = self.query_one(Find).value.casefold()
        found = {group: [row for row in rows if wanted in searched(row)] for group, rows in self._groups.items()}
        self._list.show(found, self.tui.choice.entry.name, here, bool(wanted))
        self.query_one("#side", Panel).entitle(f"texts{self.narrowed}")
        if self._list.row is None:
            self._view.show(None, _NOT_FOUND)
            self.refresh_bindings()

    @on(Input.Changed)
    def _narrowed(self, message: Input.Changed) -> None:
        self._show_list(self._list.row.name if message.value and self._list.row else self._origin)

    def action_find(self) -> None:
        self._origin = self._list.row.name if self._list.row else self._origin
        self.query_one(Find).open()

    # The text under the cursor.

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        if self._list.row is not None:
            self._view.show(self._list.row)
            self.refresh_bindings()

    @on(TextView.Changed)
    def _more_is_known(self) -> None:
        self.refresh_bindings()

    # What is done with it.

    def fitting(self, found: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
        """Rename and Remove are for one's own. Where the footer has no room for all, Find makes way for them (the other
        rows name it), then Facts go."""
        hidden = {"n", "x"} if not self._yours else {"slash"} if self.size.width < _ROOM_FOR_KEYS else set()
        hidden |= {"slash", "i"} if self.size.width < _ROOM_FOR_FACTS else set()
        for key in hidden & found.keys():
            found[key] = found[key]._replace(binding=replace(found[key].binding, show=False))
        return super().fitting(found)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the row under the cursor allows. A key whose time comes in a moment stays, dimmed."""
        if not self.is_mounted:
            return True
        entry = self._list.entry
        match action:
            case "clean":
                return entry is not None
            case "about":
                return entry is not None and not self._view.malformed and (True if entry in self._view.facts else None)
            case "malformed":
                return self._view.malformed
            case "news":
                return bool(self.tui.news and self.tui.news.run)
        return super().check_action(action, parameters)

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        row = self._list.row
        if isinstance(row, Offer):
            self._add(row.what, row.about)
        elif self._choose():
            self.tui.show_screen("configure")

    def action_train(self) -> None:
        if self._view.malformed:
            self.tui.say("It is malformed in places; m reads it all the same.")
        elif self._choose():
            self.tui.start_training()
        else:
            self.tui.say("This text is not here yet; Enter fetches it.")

    def _choose(self) -> bool:
        entry = self._list.entry
        if entry is not None:
            self.tui.take(entry)
            self._list.show_chosen(entry.name)
        return entry is not None

    def action_news(self) -> None:
        if self.tui.news:
            self.tui.talk_to(self.tui.news.run)

    def action_add(self) -> None:
        self._add()

    def _add(self, *offered: str) -> None:
        from lstm_tui.app.screens.add_text import AddText

        self.app.push_screen(AddText(self._added, *offered))

    def _added(self, entry: library.Entry) -> None:
        self._origin = entry.name
        self.query_one(Find).action_clear()
        self._load(entry.name)
        self.tui.say(f"{entry.title} is among your texts now; Enter uses it.")

    def action_about(self) -> None:
        from lstm_tui.app.screens.about_text import AboutText

        entry = self._list.entry
        if entry is not None and entry in self._view.facts:
            self.app.push_screen(AboutText(entry, self._view.facts[entry]))

    def action_clean(self) -> None:
        if (entry := self._list.entry) is not None:
            self._clean(entry)

    @work(thread=True, group="clean", exclusive=True, exit_on_error=False)
    def _clean(self, entry: library.Entry) -> None:
        from lstm_tui.app.screens.clean import CleanText  # in a thread: it brings pydantic

        def keep(text: dict[str, str]) -> None:
            self._change(entry, lambda: library.set_text(entry, text))

        def show() -> None:
            if self.app.screen is self:  # the person may have gone elsewhere, or pressed the key twice
                self.app.push_screen(CleanText(entry, keep))

        self.app.call_from_thread(show)

    def action_malformed(self) -> None:
        entry = self._list.entry
        if entry is not None:
            self._change(entry, lambda: library.set_text(entry, {**dict(entry.text), "malformed": "true"}))

    def action_rename(self) -> None:
        from lstm_tui.app.widgets.ask import Ask

        entry = self._yours
        if entry is None:
            self.tui.say("Only a text of your own can be renamed.")
            return

        def named(after: library.Entry | None) -> None:
            if after is not None and after != entry:
                self._changed(entry, after)

        why = "Runs that learnt it keep the old name."
        self.app.push_screen(Ask("rename", entry.name, why, lambda name: library.rename(entry, name)), named)

    def action_remove(self) -> None:
        entry = self._yours
        if entry is None:
            self.tui.say("Only a text of your own can be removed.")
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
