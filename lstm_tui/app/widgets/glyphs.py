"""The characters that are drawn: blocks and boxes, or plain ASCII where a terminal has no better font."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Glyphs:
    """One set. `levels` go from low to high."""

    live: str
    idle: str
    full: str
    empty: str
    levels: str
    rule: str
    marker: str
    separator: str
    ellipsis: str


_DRAWN = Glyphs("●", "○", "━", "─", "▁▂▃▄▅▆▇█", "─", "▸", "·", "…")
_ASCII = Glyphs("*", "o", "#", "-", "_.:-=+*#", "-", ">", "-", "~")
_chosen = _DRAWN
# What we put in the place of what a terminal must not see, or draws as it likes: a control character, a skin tone.
_STAND_INS = str.maketrans("�▒", "?#")


def use_ascii(ascii_only: bool) -> None:
    """Choose for the whole program, before the first picture."""
    global _chosen
    _chosen = _ASCII if ascii_only else _DRAWN


def glyphs() -> Glyphs:
    """The set in use."""
    return _chosen


def is_ascii() -> bool:
    return _chosen is _ASCII


def in_ascii(text: str) -> str:
    """A text as it is drawn: where all that we draw is ASCII, so is what stands in for its characters."""
    return text.translate(_STAND_INS) if is_ascii() and not text.isascii() else text


def overflow() -> Literal["crop", "ellipsis"]:
    """What Rich shall do with text that has no room: its ellipsis is not ASCII."""
    return "crop" if is_ascii() else "ellipsis"


def bar(share: float, width: int) -> tuple[str, str]:
    """A horizontal bar of `width` columns as its full and its empty part; `share` is 0 to 1."""
    full = round(min(max(share, 0.0), 1.0) * width)
    return _chosen.full * full, _chosen.empty * (width - full)


def sparkline(values: Sequence[float], width: int) -> str:
    """Finite values, at most `width` of them, as one line of blocks: one value a column."""
    shown = values[-width:]
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    top = len(_chosen.levels) - 1
    return "".join(_chosen.levels[round((value - low) / (high - low) * top) if high > low else 0] for value in shown)
