"""A list of settings, grouped by section, of which the one under the cursor can be changed.

It says what was pressed and typed; whoever owns it decides what that means, and hands back new items.
It knows neither RunConfig nor what is checked.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from lstm_tui.app.widgets.rows import Item, Rows


class Field(Input):
    """The field that lies over a row while its value is edited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep", key_display="Enter", id="field.keep", tooltip="Keep what is typed"),
        Binding("tab", "submit", "Keep", id="field.tab", tooltip="Keep what is typed", show=False),
        Binding("escape", "cancel", "As it was", key_display="Esc", id="field.cancel", tooltip="Leave it as it was"),
        Binding("up", "submit", "Keep", id="field.up", tooltip="Keep what is typed", show=False),
        Binding("down", "submit", "Keep", id="field.down", tooltip="Keep what is typed", show=False),
    ]

    class Cancelled(Message):
        """Escape."""

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())


class Form(Container):
    """Rows, and a field that lies over the one that is edited."""

    DEFAULT_CSS = """
    Form { layers: rows field; height: 1fr; }
    Form > Field {
        layer: field; position: absolute; display: none; height: 1; border: none; padding: 0;
        background: $panel; color: $foreground;
    }
    Form > Field.wrong { color: $error; }
    """

    class Moved(Message):
        """The cursor stands on the setting `path`, or on a section's head (None)."""

        def __init__(self, path: str | None, section: str) -> None:
            super().__init__()
            self.path, self.section = path, section

    class Stepped(Message):
        """`path` shall be one step less (-1) or more (+1)."""

        def __init__(self, path: str, direction: int) -> None:
            super().__init__()
            self.path, self.direction = path, direction

    class Typed(Message):
        """`text` stands in the field of `path` now."""

        def __init__(self, path: str, text: str) -> None:
            super().__init__()
            self.path, self.text = path, text

    class Closed(Message):
        """The field of `path` was left: `kept`, or to be as it was before."""

        def __init__(self, path: str, kept: bool) -> None:
            super().__init__()
            self.path, self.kept = path, kept

    class Escaped(Message):
        """Left was pressed where there is nothing more to close."""

    def __init__(self, *, opened: Sequence[str] = ()) -> None:
        super().__init__()
        self._rows = Rows(opened)
        self._field = Field(compact=True)
        self._field.cursor_blink = False
        self._field.styles.padding = 0  # its text stands where the value stood
        self._editing = ""

    def compose(self) -> ComposeResult:
        yield self._rows
        yield self._field

    def show(self, items: Sequence[Item]) -> None:
        """The settings as they stand now; cheap enough to be called at every key."""
        self._rows.show(items)
        self._field.set_class(any(item.wrong for item in items if item.path == self._editing), "wrong")

    def open(self, *sections: str) -> None:
        """Open sections beside those that are."""
        self._rows.opened |= set(sections)
        self._rows.show(self._rows.items)

    def put(self, path: str) -> bool:
        """The cursor on a setting; False where there is none of that name."""
        return self._rows.put(path)

    def seek(self, word: str) -> bool:
        """The cursor on the next setting whose label has `word` in it, else on the next whose section has; after the
        last comes the first. False where there is none."""
        items, wanted, here = self._rows.items, word.casefold(), self.path
        place = next((number + 1 for number, item in enumerate(items) if item.path == here), 0)
        round_ = [*items[place:], *items[:place]]
        labels = [item for item in round_ if wanted in item.label.casefold()]
        found = labels or [item for item in round_ if wanted in item.section.casefold()]
        return bool(found) and self.put(found[0].path)

    def focus(self, scroll_visible: bool = True) -> "Form":
        self._rows.focus(scroll_visible)
        return self

    @property
    def path(self) -> str | None:
        """The setting under the cursor; None on a section's head."""
        row = self._rows.current
        return row.item.path if row and row.item else None

    @property
    def section(self) -> str:
        """The section that the cursor is in."""
        row = self._rows.current
        return row.section if row else ""

    @property
    def opened(self) -> list[str]:
        """The sections that stand open."""
        return sorted(self._rows.opened)

    @property
    def editing(self) -> bool:
        return bool(self._editing)

    def edit(self, path: str) -> None:
        """Put the cursor on a setting and begin to change it."""
        row = self._rows.current if self._rows.put(path) else None
        if row is not None and row.item is not None:
            self._rows.focus()
            self._begin(row.item)

    @on(Rows.Entered)
    def _entered(self, message: Rows.Entered) -> None:
        self._begin(message.item)

    def _begin(self, item: Item) -> None:
        if item.choices:
            self.post_message(self.Stepped(item.path, 1))
            return
        self._rows.put(item.path)
        self._editing = item.path
        column = self._rows.value_column
        with self._field.prevent(Input.Changed):
            self._field.value = "" if item.value == "none" else item.value
        self._field.placeholder = item.value
        self._field.cursor_position = len(self._field.value)
        self._field.styles.width = max(6, self._rows.size.width - column - 1)
        self._field.styles.offset = (column, self._rows.cursor - self._rows.scroll_offset.y)
        self._field.display = True
        self._field.focus()

    @on(Rows.Moved)
    def _moved(self) -> None:
        row = self._rows.current
        if row is not None:
            self.post_message(self.Moved(row.item.path if row.item else None, row.section))

    @on(Rows.Stepped)
    def _stepped(self, message: Rows.Stepped) -> None:
        self.post_message(self.Stepped(message.path, message.direction))

    @on(Rows.Escaped)
    def _escaped(self) -> None:
        self.post_message(self.Escaped())

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self._editing:
            self.post_message(self.Typed(self._editing, message.value))

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._close(kept=True)

    @on(Field.Cancelled)
    def _cancelled(self) -> None:
        self._close(kept=False)

    @on(events.DescendantBlur)
    def _blurred(self) -> None:
        # A click elsewhere, or a screen that was switched: what was typed is kept. A terminal that only lost
        # the focus gives it back to the field.
        if self._editing and not self._field.has_focus and self.app.app_focus:
            self._close(kept=True, focus=False)

    def _close(self, *, kept: bool, focus: bool = True) -> None:
        path, self._editing = self._editing, ""
        if focus:
            self._rows.focus()
        self._field.display = False
        if path:
            self.post_message(self.Closed(path, kept))
