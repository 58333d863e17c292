"""Words on the screen: as a terminal may see them, and laid out anew only when they are others."""

import re

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widgets import Static

from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.errors import no_control_characters

# Of these, terminals and Textual disagree how wide they are, and all that stands to their right would be out
# of line: what chooses an emoji's look, what joins characters to one, what colours the skin of an emoji.
_LOOKS_AND_JOINS = re.compile("[\ufe0e\ufe0f\u200d]")
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_SWATCH = "▒"


def readable(text: str) -> str:
    """What a text, a model or a person wrote: tabs as spaces, nothing that a terminal obeys.

    Emoji of several characters stand as those characters, side by side: so they are learnt, and so every
    terminal gives them the same width.
    """
    shown = no_control_characters(text.expandtabs(4))
    if shown.isascii():
        return shown
    return _TONES.sub(_SWATCH, _LOOKS_AND_JOINS.sub("", shown))


def one_line(text: str) -> str:
    """The same of a name or a sentence, in one line."""
    return readable(text.replace("\n", " "))


def shortened(name: str, room: int) -> str:
    """A name in at most so many cells: its end goes first."""
    if cell_len(name) <= room:
        return name
    return set_cell_size(name, max(room - 1, 0)).rstrip() + glyphs().ellipsis


class Words(Static):
    """Text that is no markup. A str is made readable; a Text is shown as it is."""

    def __init__(self, content: str | Text = "", id: str | None = None, classes: str | None = None) -> None:
        self._shown = _plain(content)
        super().__init__(self._shown, markup=False, id=id, classes=classes)

    def show(self, content: str | Text) -> None:
        content = _plain(content)
        if content != self._shown:
            self._shown = content
            self.update(content)


def _plain(content: str | Text) -> str | Text:
    return readable(content) if isinstance(content, str) else content
