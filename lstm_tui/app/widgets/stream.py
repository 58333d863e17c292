"""Text that is being written, as it comes: it follows the end until one scrolls away from it, and again once one
returns to it. Several texts stand one below the other, each under its number, and all grow at once.
"""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.words import Words, readable

# Only the last block is laid out anew when text comes; a long text is many blocks.
_BLOCK = 2_000


def _key(key: str, action: str, about: str) -> Binding:
    return Binding(key, action, show=False, id=f"text.{key}", tooltip=about)


class Stream(VerticalScroll):
    """One text or several."""

    DEFAULT_CSS = """
    Stream { height: 1fr; scrollbar-size-vertical: 1; background: transparent; }
    /* At least as high as what is seen: an anchor would push a shorter text down (Textual 8.2). */
    Stream > Vertical { height: auto; min-height: 100%; }
    Stream Static { width: 100%; height: auto; }
    Stream .sentence { color: $quiet; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("up", "scroll_up", "A line up: it no longer follows the end"),
        _key("down", "scroll_down", "A line down"),
        _key("pageup", "page_up", "A page up"),
        _key("pagedown", "page_down", "A page down"),
        _key("home", "scroll_home", "The beginning of the text"),
        _key("end", "scroll_end", "The end of the text, and follow it"),
    ]

    def __init__(self) -> None:
        self._page = Vertical()
        super().__init__(self._page)
        self._said = ""
        self._prompt = ""
        self._texts: list[Growing] = []
        self._headings: list[Heading] = []

    @property
    def texts(self) -> list[str]:
        """What stands there: each text, which goes on from its prompt."""
        return [self._prompt + text.text for text in self._texts]

    def say(self, sentence: str) -> None:
        """A sentence instead of a text."""
        if sentence != self._said:
            self._clear()
            self._said = sentence
            self._page.mount(Words(sentence, classes="sentence"))

    def begin(self, prompt: str, texts: int = 1) -> None:
        """New texts, which go on from `prompt`."""
        self._clear()
        self._prompt = prompt
        shown = Text().append(readable(prompt), style=f"bold {self.app.theme_variables['primary']}")
        if texts == 1:
            self._texts = [Growing(self._page, shown)]
        else:
            if prompt.strip():
                self._page.mount(Words(shown))
            for number in range(1, texts + 1):
                self._headings.append(Heading(str(number)))
                self._page.mount(self._headings[-1])
                self._texts.append(Growing(self._page, Text()))
        self.anchor()

    def append(self, *pieces: str) -> None:
        """What has come of each text since the last time."""
        for text, piece in zip(self._texts, pieces, strict=True):
            text.append(piece)

    def note(self, number: int, words: str) -> None:
        """Say something of one of several texts, counted from 0, in the line above it."""
        if self._headings:
            self._headings[number].note(words)

    def _clear(self) -> None:
        self._said, self._prompt, self._texts, self._headings = "", "", [], []
        self._page.remove_children()


class Heading(Widget):
    """A thin line with a number, and a few words."""

    DEFAULT_CSS = "Heading { height: 1; color: $quiet; }"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._words = ""

    def note(self, words: str) -> None:
        if words != self._words:
            self._words = words
            self.refresh()

    def render(self) -> Text:
        rule = glyphs().rule
        line = Text(f"{rule} ", style=self.app.theme_variables["structure"], no_wrap=True, overflow="crop")
        line.append(f"{self._name} ", style=f"bold {self.app.theme_variables['primary']}")
        if self._words:
            line.append(f"{rule} ").append(f"{self._words} ", style=self.app.theme_variables["quiet"])
        return line.append(rule * max(self.content_size.width - line.cell_len, 0))


class Growing:
    """One text as blocks on the page, of which the last one grows.

    They are no widget together: a page of pages is not drawn anew when its anchor scrolls (Textual 8.2).
    """

    def __init__(self, page: Widget, content: Text) -> None:
        self._page = page
        self._content = content
        self._block = Words(content.copy())
        page.mount(self._block)
        self.text = ""

    def append(self, text: str) -> None:
        if not text:
            return
        self.text += text
        self._content.append(readable(text))
        while cut := _cut(self._content.plain):
            end, beginning = cut
            self._block.show(self._content[:end])
            self._content = self._content[beginning:]
            block = Words(self._content.copy())
            self._page.mount(block, after=self._block)
            self._block = block
        self._block.show(self._content.copy())


def _cut(text: str) -> tuple[int, int] | None:
    """Where a block that is long enough ends and the next begins, which is on a new line: where a line ends;
    in a text without lines, at a space; without those, anywhere.
    """
    end = text.find("\n", _BLOCK)
    if end < 0 and len(text) > 2 * _BLOCK:
        end = text.rfind(" ", _BLOCK, 2 * _BLOCK)
        if end < 0:
            return 2 * _BLOCK, 2 * _BLOCK
    return (end, end + 1) if end >= 0 else None
