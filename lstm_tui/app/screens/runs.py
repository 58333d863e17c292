"""Runs: what has been trained; look at one, talk to it, go on with it, name it anew, delete or export it.

Everything shown is read from the runs' folders in threads, so that another process's runs are here, too.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input
from textual.worker import get_current_worker

from lstm_tui.app.deleting import deletion
from lstm_tui.app.keys import key
from lstm_tui.app.run_rows import COLUMNS, NEWEST, Order, arrange, layout, matches
from lstm_tui.app.widgets.ask import Ask
from lstm_tui.app.widgets.checklist import Checklist
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.find import Find, ListFrame
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.run_about import RunAbout
from lstm_tui.app.widgets.run_table import RunTable
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError
from lstm_tui.runs import listing, store
from lstm_tui.runs.run import Run

_EMPTY = "Nothing has been trained yet. Choose a text (1) and press t: the run appears here at once."
_NONE_FOUND = "No run is like that. Esc lists all again."
# A first list that takes longer shows what it has.
_PATIENCE_SECONDS = 0.15


class RunsScreen(ListFrame):
    """See the module."""

    NUMBER = 5
    TITLE_WORD = "Runs"
    DEFAULT_CSS = """
    RunsScreen #runs-box { height: 1fr; }
    RunsScreen #empty { display: none; color: $quiet; }
    RunsScreen.-none #empty { display: block; }
    RunsScreen.-none RunTable, RunsScreen.-none RunAbout { display: none; }
    RunsScreen.-unfound #empty { display: block; height: 1fr; }
    RunsScreen.-unfound RunTable { height: 1; }
    RunsScreen.-none #runs-box { border-bottom: round $structure; }
    RunsScreen.-tall RunAbout { height: 18; }
    RunsScreen.-tall #chart { display: block; }
    RunsScreen.-tall #changed { max-height: 4; }
    RunsScreen.-tall #sample { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "go_on", "Go on", "Go on training this run; one that is done asks how long", "runs.go-on", "r"),
        key("n", "new", "New", "A new run that begins with this one's weights and settings", "runs.new", "n"),
        key("x", "delete", "Delete", "Delete the marked runs, or this one; asks first", "runs.delete", "x"),
        key("l", "look", "Look", "Look at this run: curve, samples, settings, what happened", "runs.look", "l"),
        key("s", "sort", "Sort", "Sort by the next column", "runs.sort"),
        key("S", "reverse", "Reverse", "Sort the other way round", "runs.reverse"),
        key("slash", "find", "Find", "Show only runs with these words: a name, a text, hidden 512", "runs.find", "/"),
        key("c", "columns", "Columns", "Choose the columns", "runs.columns"),
        key("e", "export", "Export", "Write this run to a folder or a zip, or its metrics as CSV", "runs.export"),
        key("R", "rename", "Rename", "Give this run another name", "runs.rename"),
        key("y", "copy_path", "Copy path", "Send the path of its folder to the terminal's clipboard", "runs.copy-path"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._summaries: Sequence[store.Summary] = ()
        self._empty = _EMPTY  # said in the place of a list
        self._table = RunTable()
        self._marked: set[str] = set()
        self._order = Order()
        self._columns = list(COLUMNS)
        self._at: str | None = None
        self._told: object = None

    def body(self) -> ComposeResult:
        with Panel(title="runs", id="runs-box", classes="-open"):
            yield self._table
            yield Words(_EMPTY, id="empty")
            yield Find("a text, a name, a recipe, a state, or any setting: hidden 512", of="RunTable")
        yield RunAbout()

    def on_mount(self) -> None:
        memory = self.tui.memory
        column = memory.get("runs.sort", NEWEST)
        self._order = Order(column if column in COLUMNS else NEWEST, memory.get("runs.reversed", False))
        chosen = memory.get("runs.columns", self._columns)
        self._columns = [name for name in COLUMNS if name in chosen] or self._columns
        self._table.focus()
        self.every(5.0, self._list_while_training)
        self.every(2.0, self.query_one(RunAbout).tell_again)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._list()

    # The list.

    def _list_while_training(self) -> None:
        if self.tui.source.busy or any(summary.state == "training" for summary in self._summaries):
            self._list()

    @work(thread=True, group="runs", exclusive=True, exit_on_error=False)
    def _list(self) -> None:
        worker, found, told = get_current_worker(), list[store.Summary](), time.monotonic()
        try:
            for summary in listing.summaries():
                found.append(summary)
                if not self._summaries and time.monotonic() - told > _PATIENCE_SECONDS:
                    self.app.call_from_thread(self._listed, tuple(found))
        except Exception as error:
            self.app.call_from_thread(self._not_listed, error)
        else:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._listed, tuple(found))

    def _not_listed(self, error: Exception) -> None:
        """Say why, also in the place of the list; what is known stays."""
        self._listed(self._summaries, self.tui.report(error))

    def _listed(self, summaries: Sequence[store.Summary], empty: str = _EMPTY) -> None:
        self._summaries, self._empty = summaries, empty
        self._marked &= {summary.run for summary in summaries}
        self.set_class(not summaries, "-none")
        if summaries and self.focused is None:
            self._table.focus()
        self._fill()

    @on(Input.Changed)
    @on(RunTable.Resized)
    def _fill(self) -> None:
        """Show the runs that are looked for, in their order."""
        table, word = self._table, self.query_one(Find).value
        shown = arrange((it for it in self._summaries if matches(it, word)), self._order)
        # By all of them: the columns must not move while one types what is looked for.
        places = layout(self._summaries, self._columns, table.room)
        table.show(shown, self._marked, places, self._order, self._at)
        self._at = None
        of_all = f"{len(shown)} of {len(self._summaries)}" if word else f"{len(shown):,}"
        marked = f", {len(self._marked)} marked" if self._marked else ""
        title = f"runs, {of_all}, {self._order.words}{marked}{self.narrowed}" if self._summaries else "runs"
        self.query_one("#runs-box", Panel).entitle(title)
        self.set_class(bool(self._summaries) and not shown, "-unfound")
        self.query_one("#empty", Words).show(_NONE_FOUND if self._summaries else self._empty)
        self._tell()

    @property
    def _current(self) -> store.Summary | None:
        """The run under the cursor."""
        return self._table.current

    @on(RunTable.Marked)
    def _mark(self) -> None:
        if self._current:
            self._marked ^= {self._current.run}
            self._fill()
            self._table.action_move(1)

    def action_find(self) -> None:
        self.query_one(Find).open()

    def action_sort(self) -> None:
        self._sort(self._order.next(self._table.columns))

    def action_reverse(self) -> None:
        self._sort(replace(self._order, reversed=not self._order.reversed))

    @on(RunTable.HeadClicked)
    def _head_clicked(self, message: RunTable.HeadClicked) -> None:
        again = message.column == self._order.column
        self._sort(Order(message.column, again and not self._order.reversed))

    def _sort(self, order: Order) -> None:
        self._order = order
        self.tui.remember("runs.sort", order.column)
        self.tui.remember("runs.reversed", order.reversed)
        self._fill()

    def action_columns(self) -> None:
        def taken(names: list[str] | None) -> None:
            if names is not None:
                self._columns = names
                self.tui.remember("runs.columns", names)
                self._fill()

        offers = [(column.name, column.about) for column in COLUMNS.values()]
        advice = "Of these, a narrow terminal shows those that it has room for."
        self.app.push_screen(Checklist("columns", offers, self._columns, advice), taken)

    # The run under the cursor.

    @on(RunTable.Moved)
    def _tell(self) -> None:
        """Say more of it, and offer what can be done with it."""
        summary = self._current
        keys = (summary and summary.state, bool(self._summaries))
        if keys != self._told:
            self._told = keys
            self.refresh_bindings()
        self.query_one(RunAbout).tell(summary, self._table.columns)

    def action_look(self) -> None:
        from lstm_tui.app.screens.look import LookScreen

        if look := self.query_one(RunAbout).look:
            self.app.push_screen(LookScreen(look))

    # What can be done with it.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        state = self._current.state if self._current else None
        match action:
            case "go_on":
                return state not in {None, "damaged", "training"}
            case "new" | "export":
                return state not in {None, "damaged", "new"}
            case "delete":
                return state is not None or bool(self._marked)
            case "rename" | "look" | "copy_path":
                return state is not None
            case "sort" | "reverse" | "columns":
                return bool(self._summaries)
            case "find":
                return not self.has_class("-none")  # what is typed before the list is there is looked for, too
        return super().check_action(action, parameters)

    @on(RunTable.Talk)
    def _talk(self) -> None:
        if self._current:
            self.tui.talk_to(self._current.run)

    def action_go_on(self) -> None:
        if self._current:
            self.tui.go_on(self._current.run)

    def action_new(self) -> None:
        if self._current:
            try:
                self.tui.choice.begin_from(Run(Path(self._current.directory)))
            except UserError as error:
                self.tui.report(error)
            else:
                self.tui.source.heard()
                self.tui.show_screen("configure")

    def action_copy_path(self) -> None:
        if self._current:
            self.app.copy_to_clipboard(self._current.directory)
            self.tui.say(f"Sent to the terminal's clipboard: {self._current.directory}")

    def action_export(self) -> None:
        from lstm_tui.app.screens.export import ExportDialog

        def written(said: str | None) -> None:
            if said is not None:
                self.tui.say(said)

        if self._current:
            self.app.push_screen(ExportDialog(Run(Path(self._current.directory))), written)

    def action_rename(self) -> None:
        if not self._current:
            return
        before = Run(Path(self._current.directory))

        def renamed(run: Run | None) -> None:
            if run is not None:
                self._at = run.id
                self._begin_elsewhere(before.folder, run)
                self._list()

        advice = "Letters, digits, dots and dashes. Runs that began from it are told."
        take = lambda typed: before if typed == before.id else store.rename(before, typed)  # noqa: E731
        self.app.push_screen(Ask[Run](f"rename {before.id}", before.id, advice, take), renamed)

    def action_delete(self) -> None:
        wanted = [it for it in self._summaries if it.run in self._marked] or [it for it in (self._current,) if it]
        going = [it for it in wanted if it.state != "training"]
        if not going:
            self._delete(wanted)  # refused, with its sentence
            return

        def answered(answer: str | None) -> None:
            if answer == "y":
                self._marked.clear()
                self._delete(going)

        self.app.push_screen(Question(*deletion(going, len(wanted) - len(going))), answered)

    @work(thread=True, group="delete", exit_on_error=False)
    def _delete(self, summaries: Sequence[store.Summary]) -> None:
        for summary in summaries:
            folder = Path(summary.directory)
            try:
                store.delete(Run(folder))
            except Exception as error:
                self.app.call_from_thread(self.tui.report, error)
            else:
                self.app.call_from_thread(self._begin_elsewhere, folder, None)
        self.app.call_from_thread(self._list)

    def _begin_elsewhere(self, folder: Path, run: Run | None) -> None:
        """Nothing begins from a folder that is gone: from where it is now, or from the recipe."""
        if run is None or run.folder != folder:
            self.tui.source.forget(folder.name)
        choice = self.tui.choice
        if choice.parent and choice.parent.folder == folder:
            choice.begin_from(run or choice.recipe)
