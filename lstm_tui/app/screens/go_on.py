"""Going on with a run that has ended: a dialog that asks how much longer, and what the learning rate does then.

The amount is what comes beside what the run has used already; what it comes to is said beneath it.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, OptionList
from textual.widgets.option_list import Option

from lstm_tui.app.longer import Longer, Standing, longer, standing, until, ways, with_way
from lstm_tui.app.widgets.ask import Line
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

_WIDTH = 21


def begin(app: "LstmTui", run_id: str, asked_on: Screen[Any]) -> None:
    """In a thread: go on with a run at once, or ask where it has ended, if the person is still on that screen."""
    try:
        here = standing(run_id)
    except Exception as error:
        app.call_from_thread(app.report, error)
        return
    if here is None:
        app.call_from_thread(app.resume_run, run_id)
        return

    def chosen(longer: Longer | None) -> None:
        if longer is not None:
            app.resume_run(run_id, longer)

    def ask() -> None:
        if app.screen is asked_on:  # nor is it asked twice
            app.push_screen(GoOn(here), chosen)

    app.call_from_thread(ask)


class Amount(Line):
    """The field; the arrows choose among the lines beneath it, so that it need not be left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Go on", id="go-on.take", key_display="Enter", tooltip="Go on so"),
        Binding("up", "screen.way(-1)", "Rate", id="go-on.up", key_display="up/down", tooltip="The rate before"),
        Binding("down,tab", "screen.way(1)", "Rate", id="go-on.down", tooltip="The next rate", show=False),
    ]


class GoOn(ModalScreen[Longer | None]):
    """How to go on; None where it was left."""

    DEFAULT_CSS = """
    GoOn { align: center middle; background: $background 60%; }
    GoOn Panel {
        width: 76; max-width: 100%; height: auto; padding: 1 2 0 2; border: round $primary; background: $background;
    }
    GoOn .label { margin-top: 1; color: $quiet; }
    GoOn #until { color: $quiet; &.wrong { color: $error; } }
    GoOn OptionList { height: auto; }
    GoOn Footer { dock: none; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="go-on.leave", key_display="Esc", tooltip="Close; nothing goes on"),
    ]

    def __init__(self, here: Standing) -> None:
        super().__init__()
        self._here = here
        self._chosen: Longer | None = None
        self._at = 0

    def compose(self) -> ComposeResult:
        with Panel(title=f"go on with {self._here.run}"):
            yield Words(self._here.words)
            yield Words("how much longer", classes="label")
            yield Amount(self._here.amount)
            yield Words(id="until")
            yield Words("the learning rate then", classes="label")
            yield Options()
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._typed()
        self.query_one(Amount).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        shown = self.query_one("#until", Words)
        try:
            self._chosen = longer(self._here, self.query_one(Amount).value)
        except UserError as error:
            self._chosen = None
            shown.show(str(error))
        else:
            shown.show(until(self._here, self._chosen))
        shown.set_class(self._chosen is None, "wrong")
        self._show_ways()

    def _show_ways(self) -> None:
        found = ways(self._here, self._chosen)
        self._at = self._at % len(found) if found else 0
        lines = []
        for number, (way, words, what) in enumerate(found):
            mark = glyphs().marker if number == self._at else " "  # a terminal may have no colours
            lines.append(Option(Text.assemble((f"{mark} {words:<{_WIDTH}}", "bold"), what), id=way))
        alone = f"goes on as its schedule, {self._here.config.learning.schedule}, says"
        rates = self.query_one(OptionList)
        rates.set_options(lines or [Option(alone, disabled=True)])
        rates.highlighted = self._at if lines else None

    def action_way(self, by: int) -> None:
        self._at += by
        self._show_ways()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _taken(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if self._chosen is not None:
            self.dismiss(with_way(self._chosen, option.id if option else None))

    def action_leave(self) -> None:
        self.dismiss(None)
