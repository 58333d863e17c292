"""The list of settings on the Generate screen, each with its key: it changes the dials, remembers them, and says so."""

from typing import TYPE_CHECKING, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from lstm_tui.app.dials import DIALS, TEMPERATURE, Dials, Typed
from lstm_tui.app.widgets.form import Form

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui


def dial_keys() -> list[BindingType]:
    """The key of each setting, for the screen; `-` and `+` are its own."""
    return [
        Binding(
            dial.key,
            f"dial({dial.path!r})",
            dial.label.capitalize(),
            id=f"sampling.{dial.label.replace(' ', '-')}",
            tooltip=dial.about,
            show=False,
        )
        for dial in DIALS
        if dial.path != TEMPERATURE
    ]


class Sampling(Form):
    """A form over `dials`."""

    class Changed(Message):
        """A setting counts from now on; or, not `settled`, it is still being typed."""

        def __init__(self, settled: bool) -> None:
            super().__init__()
            self.settled = settled

    def __init__(self) -> None:
        super().__init__()
        self.dials = Dials()
        self._before: Typed | None = None
        self._came_from: Widget | None = None

    def on_mount(self) -> None:
        memory = cast("LstmTui", self.app).memory
        self.dials = Dials(memory.get("generate.sampling", {}), memory.get("generate.streams", 1))

    def look(self) -> None:
        """Show the dials as they stand."""
        self.show(self.dials.items())

    def turn(self, path: str) -> None:
        """Change a setting by its key: the next of a few words, or what is typed; then whoever had the focus has it."""
        if any(item.path == path and item.choices for item in self.dials.items()):
            before = self.dials.items()
            self.dials.step(path, 1)
            if self.dials.items() == before:
                cast("LstmTui", self.app).say("There is nothing else to choose from here.")
            self._settle()
        else:
            self._came_from = self.screen.focused
            self.edit(path)

    def heat(self, direction: int) -> None:
        """Another temperature."""
        self.dials.heat(direction)
        self._settle()

    def _settle(self) -> None:
        self.look()
        if self.dials.way is not None:
            tui = cast("LstmTui", self.app)
            tui.remember("generate.sampling", self.dials.to_remember)
            tui.remember("generate.streams", self.dials.streams)
        self.post_message(self.Changed(settled=True))

    @on(Form.Stepped)
    def _step(self, message: Form.Stepped) -> None:
        self.dials.step(message.path, message.direction)
        self._settle()

    @on(Form.Typed)
    def _type(self, message: Form.Typed) -> None:
        if self._before is None:
            self._before = self.dials.typed
        self.dials.set(message.path, message.text)
        self.look()
        self.post_message(self.Changed(settled=False))

    @on(Form.Closed)
    def _leave(self, message: Form.Closed) -> None:
        if self._before is not None and not message.kept:
            self.dials.restore(self._before)
        self._before = None
        if self._came_from is not None and self.has_focus_within:
            self._came_from.focus()
        self._came_from = None
        self._settle()
