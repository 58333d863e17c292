"""Text that is being written, as it comes: it follows the end until one scrolls away from it, and again once one
returns to it. Several texts stand one below the other, each under its number, and all grow at once.
"""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.long_text import LongText, Part, Passage
from lstm_tui.app.widgets.words import readable


def _key(key: str, action: str, about: str) -> Binding:
    return Binding(key, action, show=False, id=f"text.{key}", tooltip=about)


class Stream(LongText):
    """One text or several."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("up", "scroll_up", "A line up: it no longer follows the end"),
        _key("down", "scroll_down", "A line down"),
        _key("pageup", "page_up", "A page up"),
        _key("pagedown", "page_down", "A page down"),
        _key("home", "scroll_home", "The beginning of the text"),
        _key("end", "scroll_end", "The end of the text, and follow it"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._said = ""
        self._prompt = ""
        self._texts: list[str] = []
        self._passages: list[Passage] = []
        self._headings: list[Heading] = []

    @property
    def texts(self) -> list[str]:
        """What stands there: each text, which goes on from its prompt."""
        return [self._prompt + text for text in self._texts]

    def say(self, sentence: str) -> None:
        """A sentence instead of a text."""
        if sentence != self._said:
            self._said, self._prompt = sentence, ""
            self._texts, self._passages, self._headings = [], [], []
            self.show([Passage(readable(sentence), aside=True)])

    def begin(self, prompt: str, texts: int = 1) -> None:
        """New texts, which go on from `prompt`."""
        self._said, self._prompt = "", prompt
        self._texts, self._headings = [""] * texts, []
        shown = readable(prompt)
        parts: list[Part]
        if texts == 1:
            self._passages = [Passage(shown, len(shown))]
            parts = [*self._passages]
        else:
            self._passages = [Passage() for _ in range(texts)]
            self._headings = [Heading(number) for number in range(1, texts + 1)]
            parts = [Passage(shown, len(shown))] if prompt.strip() else []
            for heading, passage in zip(self._headings, self._passages, strict=True):
                parts += heading, passage
        self.show(parts, follow=True)

    def append(self, *pieces: str) -> None:
        """What has come of each text since the last time."""
        first = None
        for number, (passage, piece) in enumerate(zip(self._passages, pieces, strict=True)):
            if piece:
                self._texts[number] += piece
                row = passage.append(readable(piece))
                first = self.top(passage) + row if first is None else first
        if first is not None:
            self.grown(first)

    def note(self, number: int, words: str) -> None:
        """Say something of one of several texts, counted from 0, in the line above it."""
        if self._headings and self._headings[number].words != words:
            self._headings[number].words = words
            self.refresh_line(self.top(self._headings[number]))


class Heading:
    """A thin line with a number, and a few words."""

    text = ""
    line_count = 1

    def __init__(self, number: int) -> None:
        self._number = number
        self._width = 0
        self.words = ""

    def __len__(self) -> int:
        return 1

    def wrap(self, width: int) -> None:
        self._width = width

    def place(self, row: int) -> tuple[int, int]:
        return row, 0

    def drawn(self, row: int, on: Widget) -> Text:
        rule, colours = glyphs().rule, on.app.theme_variables
        line = Text(f"{rule} ", style=colours["structure"], end="")
        line.append(f"{self._number} ", style=f"bold {colours['primary']}")
        if self.words:
            line.append(f"{rule} ").append(f"{self.words} ", style=colours["quiet"])
        return line.append(rule * max(self._width - line.cell_len, 0))
