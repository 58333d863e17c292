"""The rows of a form: settings grouped by sections that open and close, and a cursor.

Nothing is ever rebuilt. What a value means, and editing it, is not known here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from lstm_tui.app.keys import key
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii, overflow
from lstm_tui.app.widgets.lines import Lines, moving
from lstm_tui.errors import no_control_characters


@dataclass(frozen=True)
class Item:
    """One setting as it is shown now.

    Attributes:
        path: what it is called in messages.
        section: the group it stands in; empty: it stands alone.
        was: the value it would have unchanged; empty where it has not been changed.
        wrong: what is wrong with the value; empty where it is well.
        choices: whether it is one of a few words, so that Enter goes to the next instead of editing.
        told: what its section's head says of it while that is closed, empty for nothing; None: its label and value.
    """

    path: str
    section: str
    label: str
    value: str
    was: str = ""
    wrong: str = ""
    choices: bool = False
    told: str | None = None


@dataclass(frozen=True)
class _Row:
    """A section's head (`item` None) or a setting."""

    section: str
    item: Item | None = None


def _said(item: Item) -> str:
    """A setting in a few words: a choice speaks for itself, a switch that is on is its label."""
    if item.told is not None:
        return item.told
    if item.value == "true":
        return item.label
    return item.value if item.choices else f"{item.label} {item.value}"


def _mark(opened: bool) -> str:
    return ("v" if is_ascii() else "▾") if opened else glyphs().marker


class Rows(Lines):
    """The rows; the one under the cursor is the one that keys are for."""

    DEFAULT_CSS = """
    Rows > .rows--label { color: $foreground; }
    Rows > .rows--section { color: $primary; text-style: bold; }
    Rows > .rows--quiet { color: $quiet; }
    Rows > .rows--changed { color: $accent; text-style: bold; }
    Rows > .rows--wrong { color: $error; text-style: bold; }
    """
    NAME = "rows"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"rows--{name}" for name in ("label", "section", "quiet", "changed", "wrong")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "enter", "Edit", "Edit the setting, or take the next choice", "form.edit", "Enter"),
        key("minus", "step(-1)", "Less", "A step down", "form.less"),
        key("plus,equals_sign", "step(1)", "Change", "A step up (or down)", "form.more", "-/+"),
        *moving("form", "row"),
        key("right", "unfold", "Open", "Open the section", "form.open"),
        key("left", "fold", "Close", "To the section, then close it", "form.close"),
    ]

    # These say which setting they mean: when they are read, the cursor may be elsewhere.

    class Entered(Message):
        """Enter on a setting, or a click on the one that the cursor is on."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Stepped(Message):
        """`-` or `+` on a setting."""

        def __init__(self, path: str, direction: int) -> None:
            super().__init__()
            self.path, self.direction = path, direction

    class Escaped(Message):
        """Left, where there is nothing more to close."""

    def __init__(self, opened: Sequence[str]) -> None:
        super().__init__()
        self.items: Sequence[Item] = ()
        self.opened = set(opened)
        self._rows: list[_Row] = []

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def current(self) -> _Row | None:
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, items: Sequence[Item]) -> None:
        """Take new values; the cursor stays on its row where that is still there."""
        before = self.current
        self.items = items
        self._rows = list(self._visible())
        self.virtual_size = Size(0, len(self._rows))
        if before is not None and before.item is not None:
            self._put(before.section, before.item.path)
        elif before is not None:
            self._put(before.section, None)
        self.refresh()

    def _visible(self) -> Iterator[_Row]:
        section = ""
        for item in self.items:
            if item.section != section:
                section = item.section
                if section:
                    yield _Row(section)
            if not section or section in self.opened:
                yield _Row(section, item)

    def _put(self, section: str, path: str | None) -> None:
        for number, row in enumerate(self._rows):
            if row.section == section and (row.item.path if row.item else None) == path:
                self.cursor = number
                return
        self.cursor = min(self.cursor, max(0, len(self._rows) - 1))

    def put(self, path: str) -> bool:
        """The cursor on a setting, its section opened; False where there is none of that name."""
        for item in self.items:
            if item.path == path:
                self.opened.add(item.section)
                self.show(self.items)
                self._put(item.section, path)
                self._seen()
                return True
        return False

    # Drawing.

    @property
    def value_column(self) -> int:
        """Where values begin."""
        indent = 3 if any(item.section for item in self.items) else 0
        return indent + max((len(item.label) for item in self.items), default=0) + 2

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        if number >= len(self._rows):
            return self.drawn((), number)
        row, width = self._rows[number], self.scrollable_content_region.width
        text = self._setting(row.item, width) if row.item else self._head(row.section)
        text.truncate(width, overflow=overflow(), pad=True)
        return self.drawn((part for part in text.render(self.app.console) if part.text != "\n"), number)

    def _head(self, section: str) -> Text:
        mine = [item for item in self.items if item.section == section]
        opened = section in self.opened
        text = Text.assemble((f"{_mark(opened)} {section}", self.part("section")))
        changed = sum(1 for item in mine if item.was)
        if not opened:
            text.pad_right(max(2, self.value_column - len(text)))
            telling = [item for item in mine if item.value not in {"none", "false", "*"} and item.value[:1] != '"']
            said = ", ".join(filter(None, map(_said, telling)))
            text.append(f"{changed} changed: " if changed else "", self.part("changed"))
            wrong = [item for item in mine if item.wrong]
            if wrong:
                text.append(f"{wrong[0].label} is wrong", self.part("wrong"))
            else:
                text.append(no_control_characters(said, keep=""), self.part("quiet"))
        return text

    def _setting(self, item: Item, width: int) -> Text:
        indent = "   " if item.section else ""
        kind = "wrong" if item.wrong else "changed" if item.was else "label"
        text = Text.assemble((f"{indent}{item.label}", self.part("label")))
        text.pad_right(self.value_column - text.cell_len)
        room = max(1, width - self.value_column - 1)
        # Where it is narrow, the colour alone says that a value was changed.
        was = Text(f"  was {no_control_characters(item.was, keep='')}" if item.was and room > 20 else "")
        if was.cell_len > room // 2:
            was.truncate(room // 2, overflow=overflow())
        value = Text(no_control_characters(item.value, keep=""))
        value.truncate(room - was.cell_len, overflow=overflow())
        # The old values stand in one column where the new ones leave room for it.
        value.pad_right(max(0, min(14, room - was.cell_len) - value.cell_len))
        value.stylize(self.part(kind))
        was.stylize(self.part("quiet"))
        return Text.assemble(text, value, was)

    # Moving.

    def _seen(self) -> None:
        self.keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def action_unfold(self) -> None:
        row = self.current
        if row is not None and row.item is None and row.section not in self.opened:
            self._fold(row.section)

    def action_fold(self) -> None:
        row = self.current
        if row is not None and row.item is not None and row.section:
            self._put(row.section, None)
            self._seen()
        elif row is not None and row.item is None and row.section in self.opened:
            self._fold(row.section)
        else:
            self.post_message(self.Escaped())

    def _fold(self, section: str) -> None:
        self.opened ^= {section}
        self.show(self.items)
        self._seen()

    def action_enter(self) -> None:
        row = self.current
        if row is not None and row.item is None:
            self._fold(row.section)
        elif row is not None and row.item is not None:
            self.post_message(self.Entered(row.item))

    def action_step(self, direction: int) -> None:
        row = self.current
        if row is not None and row.item is not None:
            self.post_message(self.Stepped(row.item.path, direction))

    def on_click(self, event: events.Click) -> None:
        number = event.y + self.scroll_offset.y
        if number >= len(self._rows):
            return
        again = number == self.cursor
        self.move_to(number)
        if again or self._rows[number].item is None:
            self.action_enter()
