"""Single characters as they can be shown side by side: each with its width, none that a terminal obeys."""

import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from lstm_tui.app.widgets.glyphs import is_ascii, sparkline
from lstm_tui.app.widgets.words import readable

_NAMED = {"\n": "\\n", "\t": "\\t", " ": "space", "\x1e": "<end>", "\u00a0": "U+00A0"}
_PLACE = 3


def sign(character: str) -> str:
    """A character, or what it is called where it cannot be seen: `\\n`, `<end>`, `U+200D`; a mark on its circle."""
    if character in _NAMED:
        return _NAMED[character]
    if not character.isprintable() or readable(character) != character:
        return f"U+{ord(character):04X}"
    if unicodedata.category(character).startswith("M"):
        return f"◌{character}" if cell_len(f"◌{character}") == 1 and not is_ascii() else f"U+{ord(character):04X}"
    return character


def signs(counts: Sequence[tuple[str, int]], width: int) -> str:
    """As many characters as there is room for, a space between them."""
    shown = ""
    for character, _ in counts:
        more = f"{shown} {sign(character)}" if shown else sign(character)
        if cell_len(more) > width:
            break
        shown = more
    return shown


def chart(counts: Sequence[tuple[str, int]], width: int, colour: str) -> tuple[Text, Text]:
    """The most frequent characters, each under a bar of how often it occurs: two lines of at most `width` cells."""
    shown = [(mark, count) for character, count in counts if cell_len(mark := sign(character)) < _PLACE]
    shown = shown[: width // _PLACE]
    bars = sparkline([0, *(count for _, count in shown)], len(shown) + 1)[1:]
    above = "".join(set_cell_size(bar, _PLACE) for bar in bars)
    below = "".join(set_cell_size(mark, _PLACE) for mark, _ in shown)
    return Text(above, colour), Text(below)
