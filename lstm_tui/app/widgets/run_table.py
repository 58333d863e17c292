"""The table of runs: rows drawn one by one as they come into view, so that five hundred cost those that are seen.

It shows what it is given, in that order; reading, sorting and finding are not known here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lstm_tui.app.run_rows import Order, Place, cell, head
from lstm_tui.runs.store import Summary

_HEAD = 1
_MARK = 1
_KINDS = {"training": "live", "diverged": "wrong", "damaged": "wrong"}


class RunTable(ScrollView, can_focus=True):
    """The runs; the one under the cursor is the one that keys are for."""

    DEFAULT_CSS = """
    RunTable { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent; }
    RunTable > .run-table--head { color: $quiet; }
    RunTable > .run-table--row { color: $foreground; }
    RunTable > .run-table--live { color: $accent; text-style: bold; }
    RunTable > .run-table--wrong { color: $error; }
    RunTable > .run-table--cursor { background: $block-cursor-blurred-background; }
    RunTable:focus > .run-table--cursor { background: $block-cursor-background; }
    RunTable:nocolor > .run-table--cursor { text-style: underline; }
    RunTable:nocolor:focus > .run-table--cursor { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"run-table--{name}" for name in ("head", "row", "live", "wrong", "cursor")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "talk", "Talk", key_display="Enter", id="runs.talk", tooltip="Let this run write"),
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Mark this run, or no more", show=False),
        Binding("up", "move(-1)", "Up", id="runs.up", tooltip="The run above", show=False),
        Binding("down", "move(1)", "Down", id="runs.down", tooltip="The run below", show=False),
        Binding("pageup", "page(-1)", "Page up", id="runs.page-up", tooltip="A page up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="runs.page-down", tooltip="A page down", show=False),
        Binding("home", "move(-999999)", "First", id="runs.first", tooltip="To the first run", show=False),
        Binding("end", "move(999999)", "Last", id="runs.last", tooltip="To the last run", show=False),
    ]

    class Moved(Message):
        """The cursor is on another run."""

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
        self.cursor = 0
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
        self.virtual_size = Size(0, len(runs) + _HEAD)
        if not same:
            self.refresh()
        else:
            for line, (old, new) in enumerate(zip(was, self._seen(seen), strict=False), seen.start):
                if old != new:
                    self.refresh_line(line + _HEAD)
        self._keep_in_sight()

    def _in_view(self) -> range:
        top = self.scroll_offset.y
        return range(top, top + max(0, self.size.height - _HEAD))

    def _seen(self, lines: range | None = None) -> list[object]:
        """What the lines in view are drawn from."""
        return [self._drawn_from(line) for line in (self._in_view() if lines is None else lines)]

    def _drawn_from(self, line: int) -> object:
        run = self._runs[line] if line < len(self._runs) else None
        return run and (run, run.run in self._marked, line == self.cursor)

    # Drawing.

    def render_line(self, y: int) -> Strip:
        width, style = self.scrollable_content_region.width, self.rich_style
        line = y - _HEAD + self.scroll_offset.y
        if y == 0:
            segments = [
                Segment(" " * _MARK + "".join(head(place, self._order) for place in self._places), self._of("head"))
            ]
        elif line < len(self._runs):
            segments = self._row(self._runs[line])
            if line == self.cursor:
                cursor = self.get_component_rich_style("run-table--cursor")
                style += Style(bgcolor=cursor.bgcolor, reverse=cursor.reverse, underline=cursor.underline)
        else:
            segments = []
        strip = Strip(segments).adjust_cell_length(width)
        return Strip(Segment.apply_style(strip, style), width)

    def _row(self, run: Summary) -> list[Segment]:
        plain, kind = self._of("row"), self._of(_KINDS.get(run.state, "row"))
        row = [Segment("*" if run.run in self._marked else " ", self._of("live"))]
        return row + [
            Segment(cell(place, run, self._now), kind if place.column.name == "state" else plain)
            for place in self._places
        ]

    def _of(self, name: str) -> Style:
        # Without the background: the cursor's row brings its own.
        style = self.get_component_rich_style(f"run-table--{name}", partial=True)
        return Style(color=style.color, bold=style.bold)

    # Moving.

    def on_resize(self) -> None:
        self._keep_in_sight()
        self.post_message(self.Resized())

    def _keep_in_sight(self) -> None:
        rows, top = max(1, self.size.height - _HEAD), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False, force=True)

    def _put(self, row: int) -> None:
        before, self.cursor = self.cursor, max(0, min(len(self._runs) - 1, row))
        if self.cursor != before:
            self.refresh_line(before + _HEAD)
            self.refresh_line(self.cursor + _HEAD)
            self._keep_in_sight()
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        self._put(self.cursor + by)

    def action_page(self, direction: int) -> None:
        self._put(self.cursor + direction * max(1, self.size.height - _HEAD - 1))

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
        row = event.y - _HEAD + self.scroll_offset.y
        if row >= len(self._runs):
            return
        if row == self.cursor and self.check_action("talk", ()):
            self.action_talk()
        self._put(row)

    def _click_head(self, x: int) -> None:
        for place in self._places:
            if 0 <= x < place.width:
                self.post_message(self.HeadClicked(place.column.name))
            x -= place.width
