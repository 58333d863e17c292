"""The status line: what is running, how far it is, how long it takes, and the course of the loss."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.widget import Widget

from lstm_tui.app.figures import duration
from lstm_tui.app.history import thin
from lstm_tui.app.source import Snapshot
from lstm_tui.app.widgets.glyphs import bar, glyphs, overflow, sparkline
from lstm_tui.app.widgets.words import one_line, shortened

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui
    from lstm_tui.app.widgets.frame import Frame

_ROOM_FOR_TITLE = 76
_LEAST_TITLE = 12
_LEFT_WIDTH = len("3:12:09 left")


class StatusLine(Widget):
    """One line above the footer, the same on every screen. `look` reads the source anew."""

    def __init__(self) -> None:
        super().__init__()
        self._line = Text()

    def on_mount(self) -> None:
        cast("Frame", self.screen).every(0.5, self.look)

    def look(self) -> None:
        tui = cast("LstmTui", self.app)
        line = status_text(tui.source.snapshot(), tui.idle_words, self.content_size.width, self.app.theme_variables)
        if tui.news:
            line.stylize(self.app.theme_variables["foreground"])
        if line != self._line:
            self._line = line
            self.refresh()

    def render(self) -> Text:
        return self._line


def status_text(snapshot: Snapshot, idle_words: str, width: int, colours: Mapping[str, str]) -> Text:
    """The line for a snapshot. Every part has a fixed width, so that nothing jumps as digits change."""
    line = Text(" ", no_wrap=True, overflow=overflow())
    live, idle = f"{glyphs().live} ", f"{glyphs().idle} "
    message = one_line(snapshot.message)
    match snapshot.state:
        case "idle" | "finished" if snapshot.refused:
            line.append(f"{live}not trained: ", style=f"bold {colours['error']}").append(one_line(snapshot.refused))
        case "training" | "paused" | "scoring":
            line.append(f"{live}{message or snapshot.state:<8}  ", style=f"bold {colours['accent']}")
            _progress(line, snapshot, width, colours)
        case "preparing":
            line.append(f"{live}preparing: ", style=f"bold {colours['accent']}").append(message)
        case "failed":
            line.append(f"{live}failed: ", style=f"bold {colours['error']}").append(message)
        case "finished":
            room = width - line.cell_len - len(idle) - 1 - len(message)
            title = shortened(one_line(snapshot.title), max(room, _LEAST_TITLE))
            line.append(f"{idle}{title} ", style=colours["quiet"]).append(message)
        case "idle":
            line.append(f"{idle}{one_line(idle_words)}", style=colours["quiet"])
    return line


def _progress(line: Text, snapshot: Snapshot, width: int, colours: Mapping[str, str]) -> None:
    loss = snapshot.train_loss
    left = "" if snapshot.seconds_left is None else f"{duration(snapshot.seconds_left)} left"
    share = snapshot.step / snapshot.horizon if snapshot.horizon else 0.0
    percent = f"{share * 100:3.0f} %" if snapshot.horizon else "     "
    if width >= _ROOM_FOR_TITLE:
        title = shortened(one_line(snapshot.title), width // 5)
        line.append(title).append(f" {loss:.3f}  " if loss is not None else "        ")
    spark = width // 7
    room = width - line.cell_len - len(percent) - _LEFT_WIDTH - spark - 6
    full, empty = bar(share, max(room, 4))
    line.append(full, style=colours["accent"]).append(empty, style=colours["structure"])
    line.append(f" {percent}  {left:>{_LEFT_WIDTH}}  ")
    values = [value for _, value in thin(snapshot.curve, spark)]
    line.append(sparkline(values, spark), style=colours["primary"])
