"""Text that is being written, as it comes: it follows the end until one scrolls away from it."""

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from lstm_tui.errors import no_control_characters

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
        self._block = Static(markup=False)
        self._content = Text()
        self._said = ""
        self.text = ""

    def say(self, sentence: str) -> None:
        """A sentence instead of a text."""
        if sentence != self._said:
            self._said, self.text = sentence, ""
            self._blocks.remove_children()
            self._blocks.mount(Static(no_control_characters(sentence), markup=False, classes="sentence"))

    def begin(self, prompt: str) -> None:
        """A new text, which goes on from `prompt`."""
        self._said, self.text = "", prompt
        self._blocks.remove_children()
        self._new_block(Text(no_control_characters(prompt), style=f"bold {self.app.theme_variables['primary']}"))
        self.anchor()

    def append(self, text: str) -> None:
        """What has come since the last time."""
        if not text:
            return
        self.text += text
        self._content.append(no_control_characters(text))
        while len(self._content) > _BLOCK:
            # Cut where a line ends: a block always begins on a new one.
            end = self._content.plain.find("\n", _BLOCK)
            if end < 0:
                break
            self._block.update(self._content[:end])
            self._new_block(self._content[end + 1 :])
        self._block.update(self._content)

    def _new_block(self, content: Text) -> None:
        self._content = content
        self._block = Static(content, markup=False)
        self._blocks.mount(self._block)
