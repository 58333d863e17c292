"""The table of runs, a line each under a head.

It shows what it is given, in that order; reading, sorting and finding are not known here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from lstm_tui.app.keys import key
from lstm_tui.app.run_rows import Order, Place, cell, head
from lstm_tui.app.widgets.lines import Lines, moving
from lstm_tui.runs.store import Summary

_MARK = 1
_KINDS = {"training": "live", "diverged": "wrong", "damaged": "wrong"}


class RunTable(Lines):
    """The runs; the one under the cursor is the one that keys are for."""

    DEFAULT_CSS = """
    RunTable > .run-table--head { color: $quiet; }
    RunTable > .run-table--row { color: $foreground; }
    RunTable > .run-table--live { color: $accent; text-style: bold; }
    RunTable > .run-table--wrong { color: $error; }
    """
    NAME = "run-table"
    HEAD = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"run-table--{name}" for name in ("head", "row", "live", "wrong")}
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "talk", "Talk", "Let this run write", "runs.talk", "Enter"),
        key("space", "mark", "Mark", "Mark this run, or no more", "runs.mark"),
        *moving("runs", "run"),
    ]

    class Resized(Message):
        """There is room for other columns."""

    class Talk(Message):
        """Enter on a run, or a click on the one that the cursor is on."""

    class Marked(Message):
        """Space on a run."""

    class HeadClicked(Message):
        """A click on the head of a column."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[Summary] = ()
        self._marked: frozenset[str] = frozenset()
        self._places: Sequence[Place] = ()
        self._order = Order()
        self._now = datetime.now().astimezone()

    @property
    def current(self) -> Summary | None:
        """The run under the cursor."""
        return self._runs[self.cursor] if self.cursor < len(self._runs) else None

    @property
    def row_count(self) -> int:
        return len(self._runs)

    @property
    def explained(self) -> list[tuple[str, str]]:
        """For the help screen: its columns."""
        return [(name, "") for name in self.columns]

    @property
    def room(self) -> int:
        """What there is for columns; whether there is a scrollbar must not move them."""
        return max(0, self.size.width - _MARK - self.styles.scrollbar_size_vertical)

    @property
    def columns(self) -> list[str]:
        """Those that have room, from the left."""
        return [place.column.name for place in self._places]

    def show(
        self,
        runs: Sequence[Summary],
        marked: Collection[str],
        places: Sequence[Place],
        order: Order,
        at: str | None = None,
    ) -> None:
        """Take new rows; the cursor stays on its run where that is still there, else on its line, or goes to the run
        `at`. Only what is other than before is drawn."""
        before, seen = self.current, self._in_view()
        was, now = self._seen(), datetime.now().astimezone()
        self._runs, self._marked, self._now = runs, frozenset(marked), now
        same = (self._places, self._order) == (places, order)
        self._places, self._order = places, order
        names = [run.run for run in runs]
        stay = at or (before.run if before else "")
        row = names.index(stay) if stay in names else self.cursor
        self.cursor = max(0, min(len(runs) - 1, row))
        self.virtual_size = Size(0, len(runs) + self.HEAD)
        if not same:
            self.refresh()
        else:
            for line, (old, new) in enumerate(zip(was, self._seen(seen), strict=False), seen.start):
                if old != new:
                    self.refresh_line(line + self.HEAD)
        self.keep_in_sight()

    def _in_view(self) -> range:
        top = self.scroll_offset.y
        return range(top, top + max(0, self.size.height - self.HEAD))

    def _seen(self, lines: range | None = None) -> list[object]:
        """What the lines in view are drawn from."""
        return [self._drawn_from(line) for line in (self._in_view() if lines is None else lines)]

    def _drawn_from(self, line: int) -> object:
        run = self._runs[line] if line < len(self._runs) else None
        return run and (run, run.run in self._marked, line == self.cursor)

    # Drawing.

    def render_line(self, y: int) -> Strip:
        line = y - self.HEAD + self.scroll_offset.y
        if y == 0:
            words = " " * _MARK + "".join(head(place, self._order) for place in self._places)
            return self.drawn([Segment(words, self.part("head"))], -1)
        return self.drawn(self._row(self._runs[line]) if line < self.row_count else (), line)

    def _row(self, run: Summary) -> list[Segment]:
        plain, kind = self.part("row"), self.part(_KINDS.get(run.state, "row"))
        row = [Segment("*" if run.run in self._marked else " ", self.part("live"))]
        return row + [
            Segment(cell(place, run, self._now), kind if place.column.name == "state" else plain)
            for place in self._places
        ]

    # Moving.

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "talk":
            return self.current is not None and self.current.state not in {"damaged", "new"}
        return self.current is not None if action == "mark" else True

    def action_talk(self) -> None:
        self.post_message(self.Talk())

    def action_mark(self) -> None:
        self.post_message(self.Marked())

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            self._click_head(event.x - _MARK)
            return
        row = event.y - self.HEAD + self.scroll_offset.y
        if row >= len(self._runs):
            return
        if row == self.cursor and self.check_action("talk", ()):
            self.action_talk()
        self.move_to(row)

    def _click_head(self, x: int) -> None:
        for place in self._places:
            if 0 <= x < place.width:
                self.post_message(self.HeadClicked(place.column.name))
            x -= place.width
