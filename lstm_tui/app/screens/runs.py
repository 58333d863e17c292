"""Runs: what has been trained, newest first; talk to one, go on with it, or delete it.

Everything shown is read from the runs' folders in a thread, so that another process's runs are here, too.
"""

import functools
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input
from textual.worker import get_current_worker

from lstm_tui.app.draft import FIELDS
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.find import Find
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.glyphs import overflow
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.status import duration, figure
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.fields import changes, show
from lstm_tui.recipes import Figures, find
from lstm_tui.runs import store
from lstm_tui.runs.run import Run

_EMPTY = "Nothing has been trained yet. Choose a text (1) and press t: the run appears here at once."
# Heads and widths; the recipe, with what was changed in it, takes what is left.
_COLUMNS = {
    "state": 9,
    "text": 14,
    "recipe": 0,
    "best": 7,
    "n-gram": 8,
    "train": 7,
    "steps": 8,
    "took": 8,
    "when": 8,
}
# A narrow table does without.
_WIDE_ONLY, _WIDE = {"steps"}, 100
# Passing over runs with the arrows reads none of them.
_SETTLED_SECONDS = 0.15
_WORDS = {"state", "text", "recipe"}
# In a narrower column, what was changed says more of a run than whose child it is.
_ROOM_FOR_PARENT = 30
_DAMAGED = "This run is damaged and cannot be read; x deletes it."


class RunTable(DataTable[Text]):
    """The runs; the one under the cursor is the one that keys are for."""

    @property
    def explained(self) -> list[tuple[str, str]]:
        """For the help screen: its columns."""
        return [(str(column.label), "") for column in self.columns.values()]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Talk", key_display="Enter", id="runs.talk", tooltip="Let this run write"),
        # The table's own move along a row, and x would delete another run than meant.
        Binding("home", "scroll_top", "First", show=False, id="runs.first", tooltip="To the newest run"),
        Binding("end", "scroll_bottom", "Last", show=False, id="runs.last", tooltip="To the oldest run"),
    ]


class RunsScreen(Frame):
    """See the module."""

    NUMBER = 5
    TITLE_WORD = "Runs"
    DEFAULT_CSS = """
    RunsScreen #runs-box { height: 1fr; }
    RunsScreen RunTable { height: 1fr; background: transparent; scrollbar-size-vertical: 1; }
    RunsScreen RunTable > .datatable--header { background: $background; color: $quiet; text-style: none; }
    RunsScreen RunTable > .datatable--cursor { background: $block-cursor-blurred-background; text-style: none; }
    RunsScreen RunTable:focus > .datatable--cursor { background: $block-cursor-background; }
    RunsScreen #empty { display: none; color: $quiet; }
    RunsScreen #about-box { height: 8; }
    RunsScreen.-tall #about-box { height: 16; }
    RunsScreen #changed { height: auto; max-height: 2; }
    RunsScreen #to-beat { height: 1; color: $quiet; }
    RunsScreen #to-beat.-none { display: none; }
    RunsScreen #folder { height: 1; color: $quiet; }
    RunsScreen #sample { height: 1fr; color: $quiet; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resume", "Resume", id="runs.resume", tooltip="Go on training this run"),
        Binding("n", "new", "New", id="runs.new", tooltip="A new run that begins with this one's weights and settings"),
        Binding("x", "delete", "Delete", id="runs.delete", tooltip="Delete this run; asks first"),
        Binding("slash", "find", "Find", key_display="/", id="runs.find", tooltip="Show only the runs with a word"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._summaries: Sequence[store.Summary] = ()
        self._changed: Mapping[str, str] = {}
        self._rows: dict[str, dict[str, Text]] = {}
        self._width = 0

    def body(self) -> ComposeResult:
        with Panel(title="runs", id="runs-box", classes="-open"):
            yield RunTable(cursor_type="row", cell_padding=0, zebra_stripes=False)
            yield Words(_EMPTY, id="empty")
            yield Find("a text, a recipe, a state, a part of a name", of="RunTable")
        with Panel(id="about-box", classes="-joined"):
            yield Words(id="changed")
            yield Words(id="to-beat")
            yield Words(id="folder")
            yield Words(id="sample")

    def on_mount(self) -> None:
        self.query_one(RunTable).focus()
        self.every(5.0, self._list_while_training)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._list()

    def on_resize(self, _event: events.Resize) -> None:
        if self._summaries:
            self.call_after_refresh(self._fill)

    # The list.

    def _list_while_training(self) -> None:
        if self.tui.source.busy or any(summary.state == "training" for summary in self._summaries):
            self._list()

    @work(thread=True, group="runs", exclusive=True, exit_on_error=False)
    def _list(self) -> None:
        try:
            summaries = store.summaries()
            changed = {summary.run: changes_of(Path(summary.directory)) for summary in summaries}
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        else:
            self.app.call_from_thread(self._listed, summaries, changed)

    def _listed(self, summaries: Sequence[store.Summary], changed: Mapping[str, str]) -> None:
        self._summaries, self._changed = summaries, changed
        self._fill()

    def _fill(self) -> None:
        """Show the runs that have the word looked for; only cells that are not as they were are written."""
        table, word = self.query_one(RunTable), self.query_one(Find).value.lower()
        shown = [
            summary
            for summary in self._summaries
            if word in f"{summary.run} {summary.state} {summary.corpus} {_origin(summary)}".lower()
        ]
        of_all = f"{len(shown)} of {len(self._summaries)}" if word else f"{len(shown)}"
        self.query_one("#runs-box", Panel).entitle(f"runs, {of_all}, newest first" if self._summaries else "runs")
        table.display = bool(self._summaries)
        self.query_one("#empty").display = not self._summaries
        if self._summaries and self.focused is None:
            table.focus()

        colours, now = self.app.theme_variables, datetime.now().astimezone()
        width = table.scrollable_content_region.width
        columns = [name for name in _COLUMNS if width >= _WIDE or name not in _WIDE_ONLY]
        room = max(10, width - sum(_COLUMNS[name] for name in columns))
        rows = {}
        for summary in shown:
            row = cells(summary, self._changed[summary.run], room, colours, now)
            rows[summary.run] = {name: row[name] for name in columns}
        if list(rows) != list(self._rows) or width != self._width:
            self._build(columns, rows, room)
        else:
            for run, row in rows.items():
                for name, cell in row.items():
                    if cell != self._rows[run][name]:
                        table.update_cell(run, name, cell)
        self._rows, self._width = rows, width
        self._tell()

    def _build(self, columns: Sequence[str], rows: Mapping[str, Mapping[str, Text]], room: int) -> None:
        table = self.query_one(RunTable)
        before, row_before = self._current, table.cursor_row
        table.clear(columns=True)
        for name in columns:
            head = Text(name, justify="left" if name in _WORDS else "right")
            table.add_column(head, key=name, width=_COLUMNS[name] or room)
        for run, row in rows.items():
            table.add_row(*row.values(), key=run)
        there = list(rows)
        # After a run was deleted, the cursor stands on the one below it.
        row_now = there.index(before.run) if before and before.run in rows else row_before
        table.move_cursor(row=min(row_now, max(0, len(there) - 1)), animate=False)

    @property
    def _current(self) -> store.Summary | None:
        """The run under the cursor."""
        table = self.query_one(RunTable)
        if not table.is_valid_row_index(table.cursor_row):
            return None
        name = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return next((summary for summary in self._summaries if summary.run == name), None)

    # The run under the cursor.

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        """Say more of it: what was changed, where it is, and what it wrote last."""
        summary = self._current
        self.query_one("#about-box", Panel).entitle(no_control_characters(summary.run, keep="") if summary else "")
        changed = self._changed.get(summary.run, "") if summary else ""
        origin = no_control_characters(_origin(summary), keep="") if summary else ""
        said = f"{origin}: {changed}" if changed else origin
        if summary and summary.state == "damaged":
            said = _DAMAGED
        self.query_one("#changed", Words).show(said)
        losses = summary.baselines.named() if summary and summary.baselines else {}
        to_beat = self.query_one("#to-beat", Words)
        to_beat.show("to beat: " + ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items()))
        to_beat.set_class(not losses, "-none")
        self.query_one("#folder", Words).show(no_control_characters(summary.directory if summary else "", keep=""))
        self._read_sample(summary.directory if summary else "")

    @work(thread=True, group="sample", exclusive=True, exit_on_error=False)
    def _read_sample(self, directory: str) -> None:
        worker = get_current_worker()
        time.sleep(_SETTLED_SECONDS)
        if not worker.is_cancelled:
            samples = deque(Run(Path(directory)).lines("samples") if directory else (), maxlen=1)
            text = str(samples[0].get("text", "")) if samples else ""
            self.app.call_from_thread(self._show_sample, directory, text)

    def _show_sample(self, directory: str, text: str) -> None:
        if self._current is None or self._current.directory == directory:
            self.query_one("#sample", Words).show(text)

    @on(DataTable.RowSelected)
    def _talk(self) -> None:
        summary = self._current
        if summary is not None and summary.state == "damaged":
            self.tui.say(_DAMAGED, wrong=True)
        elif summary is not None:
            self.tui.talk_to(summary.run)

    def action_new(self) -> None:
        summary = self._current
        if summary is not None and summary.state == "damaged":
            self.tui.say(_DAMAGED, wrong=True)
        elif summary is not None:
            try:
                self.tui.choice.begin_from(Run(Path(summary.directory)))
            except UserError as error:
                self.tui.report(error)
            else:
                self.tui.show_screen("configure")

    def action_resume(self) -> None:
        summary = self._current
        if summary is not None and summary.state == "done":
            self.tui.say(
                f"It has used its budget; lstm-tui resume {summary.run} --budget.steps goes on with a larger one."
            )
        elif summary is not None:
            self.tui.resume_run(summary.run)

    def action_delete(self) -> None:
        summary = self._current
        if summary is None:
            return
        if summary.state == "training":
            self._delete(summary.directory)  # refused, with its sentence
            return
        question = Question(
            f"Delete {summary.run}?", {"y": "Delete it", "escape": "Keep it"}, "Its model and its texts are gone then."
        )

        def answered(answer: str | None) -> None:
            if answer == "y":
                self._delete(summary.directory)

        self.app.push_screen(question, answered)

    @work(thread=True, group="delete", exit_on_error=False)
    def _delete(self, directory: str) -> None:
        try:
            store.delete(Run(Path(directory)))
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        else:
            self.app.call_from_thread(self._gone, Path(directory))
        self.app.call_from_thread(self._list)

    def _gone(self, folder: Path) -> None:
        """Nothing begins from a run that was deleted."""
        choice = self.tui.choice
        if choice.parent and choice.parent.folder == folder:
            choice.begin_from(choice.recipe)

    def action_find(self) -> None:
        self.query_one(Find).open()

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._fill()


def changes_of(folder: Path) -> str:
    """What a run's config has otherwise than its recipe, or than the run it began from had: `hidden 512, dropout 0.15`;
    empty for nothing."""
    try:
        return _changes_of(folder, (folder / "run.toml").stat().st_mtime_ns)
    except OSError:
        return ""


@functools.lru_cache(maxsize=1_000)
def _changes_of(folder: Path, _written: int) -> str:
    run = Run(folder)
    try:
        if run.parent:
            before = run.parent.before
            changed = [
                leaf for path, leaf in FIELDS.items() if before.get(path) not in (None, show(leaf.value(run.config)))
            ]
        else:
            figures = Figures(run.train_tokens, int(run.about["corpus"]["kinds"]))
            changed = [FIELDS[path] for path in changes(run.config, find(run.recipe).config(figures))]
    except (UserError, KeyError, TypeError, ValueError):
        return ""
    values = [(leaf, leaf.value(run.config)) for leaf in changed]
    # A budget replaces the whole budget: what it leaves out need not be said.
    return ", ".join(
        f"{leaf.label} {show(value)}" for leaf, value in values if value is not None or leaf.section != "budget"
    )


def _origin(summary: store.Summary) -> str:
    """`quick`, or `quick from` another run."""
    return f"{summary.recipe} from {summary.parent}" if summary.parent else summary.recipe


def cells(
    summary: store.Summary, changed: str, room: int, colours: Mapping[str, str], now: datetime
) -> dict[str, Text]:
    """One run as a row of the table, by column; `room` is the recipe's."""
    state = {"training": colours["accent"], "diverged": colours["error"], "damaged": colours["error"]}
    origin = _origin(summary) if room >= _ROOM_FOR_PARENT else summary.recipe
    recipe = f"{origin}: {changed}" if changed else origin
    against = summary.against_ngram
    words = {
        "state": Text(summary.state, style=state.get(summary.state, "")),
        "text": Text(no_control_characters(summary.corpus, keep="")),
        "recipe": Text(no_control_characters(summary.run if summary.state == "damaged" else recipe, keep="")),
    }
    for column, word in words.items():
        word.truncate((_COLUMNS[column] or room) - 1, overflow=overflow())
    figures = {
        "best": figure(summary.best_validation_loss),
        "n-gram": "" if against is None else f"{against:+.3f}",
        "train": figure(summary.train_loss),
        "steps": f"{summary.step:,}" if summary.step else "",
        "took": duration(summary.elapsed) if summary.elapsed else "",
        "when": when(summary.created, now),
    }
    return words | {column: Text(value, justify="right") for column, value in figures.items()}


def when(created: str, now: datetime) -> str:
    """`14:02` today, `Fri` within a week, else `3 Nov`, else `2025-11`."""
    try:
        made = datetime.fromisoformat(created).astimezone(now.tzinfo)
    except ValueError:
        return ""
    days = (now.date() - made.date()).days
    if days == 0:
        return f"{made:%H:%M}"
    if 0 < days < 7:
        return f"{made:%a}"
    return f"{made.day} {made:%b}" if made.year == now.year else f"{made:%Y-%m}"
