"""The list of settings on the Generate screen, each with its key: it changes the dials, remembers them, and says so."""

from typing import TYPE_CHECKING, cast

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from lstm_tui.app.dials import DIALS, TEMPERATURE, Dials
from lstm_tui.app.keys import key
from lstm_tui.app.widgets.draft_form import DraftForm
from lstm_tui.app.widgets.form import Form

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui


def dial_keys() -> list[BindingType]:
    """The key of each setting, for the screen; `-` and `+` are its own."""
    return [
        key(
            dial.key,
            f"dial({dial.path!r})",
            dial.label.capitalize(),
            dial.about,
            f"sampling.{dial.label.replace(' ', '-')}",
        )
        for dial in DIALS
        if dial.path != TEMPERATURE
    ]


class Sampling(DraftForm[Dials]):
    """The form over the dials."""

    def __init__(self) -> None:
        super().__init__(Dials())
        self._came_from: Widget | None = None

    def on_mount(self) -> None:
        memory = cast("LstmTui", self.app).memory
        self.draft = Dials(memory.get("generate.sampling", {}), memory.get("generate.streams", 1))

    def look(self) -> None:
        """Show the dials as they stand."""
        self.show(self.draft.items())

    def turn(self, path: str) -> None:
        """Change a setting by its key: the next of a few words, or what is typed; then whoever had the focus has it."""
        if any(item.path == path and item.choices for item in self.draft.items()):
            before = self.draft.items()
            self.draft.step(path, 1)
            if self.draft.items() == before:
                cast("LstmTui", self.app).say("There is nothing else to choose from here.")
            self.post_message(self.Changed())
        else:
            self._came_from = self.screen.focused
            self.edit(path)

    def heat(self, direction: int) -> None:
        """Another temperature."""
        self.draft.heat(direction)
        self.post_message(self.Changed())

    @on(DraftForm.Changed)
    def _remember(self, message: DraftForm.Changed) -> None:
        self.look()
        if message.settled and self.draft.way is not None:
            tui = cast("LstmTui", self.app)
            tui.remember("generate.sampling", self.draft.to_remember)
            tui.remember("generate.streams", self.draft.streams)

    @on(Form.Closed)
    def _give_back(self) -> None:
        if self._came_from is not None and self.has_focus_within:
            self._came_from.focus()
        self._came_from = None
