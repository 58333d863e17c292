"""Text that is being written, as it comes: it follows the end until one scrolls away from it."""

from rich.text import Text
from textual.containers import Vertical, VerticalScroll

from lstm_tui.app.widgets.words import Words, readable

# Only the last block is laid out anew when text comes; a long text is many blocks.
_BLOCK = 2_000


class Stream(VerticalScroll):
    """Text in blocks; the last one grows."""

    DEFAULT_CSS = """
    Stream { height: 1fr; scrollbar-size-vertical: 1; background: transparent; }
    /* At least as high as what is seen: an anchor would push a shorter text down (Textual 8.2). */
    Stream > Vertical { height: auto; min-height: 100%; }
    Stream Static { width: 100%; height: auto; }
    Stream .sentence { color: $quiet; }
    """

    def __init__(self) -> None:
        self._blocks = Vertical()
        super().__init__(self._blocks)
        self._block = Words()
        self._content = Text()
        self._said = ""
        self.text = ""

    def say(self, sentence: str) -> None:
        """A sentence instead of a text."""
        if sentence != self._said:
            self._said, self.text = sentence, ""
            self._blocks.remove_children()
            self._blocks.mount(Words(sentence, classes="sentence"))

    def begin(self, prompt: str) -> None:
        """A new text, which goes on from `prompt`."""
        self._said, self.text = "", prompt
        self._blocks.remove_children()
        self._new_block(Text().append(readable(prompt), style=f"bold {self.app.theme_variables['primary']}"))
        self.anchor()

    def append(self, text: str) -> None:
        """What has come since the last time."""
        if not text:
            return
        self.text += text
        self._content.append(readable(text))
        while cut := _cut(self._content.plain):
            end, beginning = cut
            self._block.show(self._content[:end])
            self._new_block(self._content[beginning:])
        self._block.show(self._content.copy())

    def _new_block(self, content: Text) -> None:
        self._content = content
        self._block = Words(content.copy())
        self._blocks.mount(self._block)


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
