"""A list over the screen, of which some are chosen: Space ticks, Enter takes."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option

from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words


class Checklist(ModalScreen[list[str] | None]):
    """The names of what is ticked, in their order; None where it was left.

    Args:
        title: what is chosen.
        offers: names, each with what it means.
        ticked: those that are chosen at first; at least one stays so.
        advice: a sentence beneath the list.
    """

    DEFAULT_CSS = """
    Checklist { align: center middle; background: $background 60%; }
    Checklist Panel {
        width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $primary; background: $background;
    }
    Checklist OptionList { height: auto; max-height: 14; background: $background; }
    Checklist Words { height: auto; margin-top: 1; color: $quiet; }
    Checklist Footer { dock: none; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", key_display="Space", id="checklist.tick", tooltip="Show it, or no more"),
        Binding("enter", "take", "Take it", key_display="Enter", id="checklist.take", tooltip="Take it", priority=True),
        Binding("a", "all", "All", id="checklist.all", tooltip="Tick all"),
        Binding("escape", "leave", "Leave it", key_display="Esc", id="checklist.leave", tooltip="Change nothing"),
    ]

    def __init__(self, title: str, offers: Sequence[tuple[str, str]], ticked: Collection[str], advice: str) -> None:
        super().__init__()
        self._title, self._offers, self._advice = title, offers, advice
        self._ticked = {name for name, _ in offers if name in ticked}

    def compose(self) -> ComposeResult:
        with Panel(title=self._title):
            yield Options(*(Option(self._line(name, about)) for name, about in self._offers))
            yield Words(self._advice)
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def _line(self, name: str, about: str) -> Content:
        wide = max(len(name) for name, _ in self._offers)
        tick = "x" if name in self._ticked else " "
        return Content.assemble(f"[{tick}] {name:<{wide}}  ", (about, "$quiet"))

    def _draw(self) -> None:
        there = self.query_one(OptionList)
        for number, (name, about) in enumerate(self._offers):
            there.replace_option_prompt_at_index(number, self._line(name, about))

    def action_tick(self) -> None:
        row = self.query_one(OptionList).highlighted
        if row is not None:
            self._ticked ^= {self._offers[row][0]}
            self._draw()

    def action_all(self) -> None:
        self._ticked = {name for name, _ in self._offers}
        self._draw()

    def action_take(self) -> None:
        if self._ticked:
            self.dismiss([name for name, _ in self._offers if name in self._ticked])
        else:
            self.query_one(Words).show("Tick at least one.")

    def action_leave(self) -> None:
        self.dismiss(None)
