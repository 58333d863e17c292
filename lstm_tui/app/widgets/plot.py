"""Curves on a grid of characters: in braille, eight dots each, or in ASCII. Pure: it gives characters with a style.

It knows shares of the height and the width, 0 to 1 from the bottom left; what they mean it does not.
"""

from collections.abc import Iterable, Sequence

from rich.text import Text

Cell = tuple[str, str]
"""A character and its style, as Rich writes one."""

_BLANK = " ", ""
# The bit of each dot, by its column and its row in the character (Unicode's braille patterns).
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BRAILLE = 0x2800


class Picture:
    """A grid to draw on; what is drawn later lies over what was there.

    Attributes:
        cells: rows from the top, of `Cell`s.
    """

    def __init__(self, width: int, height: int, ascii_only: bool) -> None:
        self.width, self.height = max(width, 1), max(height, 1)
        self.cells: list[list[Cell]] = [[_BLANK] * self.width for _ in range(self.height)]
        self._across, self._down = (1, 1) if ascii_only else (2, 4)
        self._ascii = ascii_only

    def row(self, share: float) -> int:
        """The row of a height."""
        return self._dot_row(share) // self._down

    def line(self, points: Sequence[tuple[float, float]], style: str, mark: str) -> None:
        """A curve through points that come in order; what falls in one column of dots is one point, their mean.

        Args:
            mark: what it is drawn with in ASCII.
        """
        columns: dict[int, list[float]] = {}
        for across, up in points:
            columns.setdefault(self._dot_column(across), []).append(up)
        dots = {column: self._dot_row(sum(ups) / len(ups)) for column, ups in columns.items()}
        bits: dict[tuple[int, int], int] = {}
        before: tuple[int, int] | None = None
        for column, row in dots.items():
            for x, y in _between(before, (column, row)):
                at = y // self._down, x // self._across
                bits[at] = bits.get(at, 0) | (0 if self._ascii else _DOTS[x % 2][y % 4])
            before = column, row
        for (row, column), pattern in bits.items():
            there = ord(self.cells[row][column][0])  # dots of another curve stay, in the colour of this one
            both = pattern | (there - _BRAILLE if there >= _BRAILLE else 0)
            self.cells[row][column] = (mark if self._ascii else chr(_BRAILLE | both)), style

    def level(self, up: float, style: str) -> None:
        """A dotted line across, where nothing else is."""
        dot = self._dot_row(up)
        row = self.cells[dot // self._down]
        for column in range(self.width):
            if row[column] == _BLANK:
                drawn = "- "[column % 2] if self._ascii else chr(_BRAILLE | _DOTS[0][dot % 4])
                row[column] = drawn, style

    def mark(self, across: float, up: float, character: str, style: str) -> None:
        """One character at a place."""
        self.cells[self.row(up)][self._dot_column(across) // self._across] = character, style

    def _dot_column(self, share: float) -> int:
        count = self.width * self._across
        return min(max(int(share * count), 0), count - 1)

    def _dot_row(self, share: float) -> int:
        count = self.height * self._down
        return min(max(round((1 - share) * (count - 1)), 0), count - 1)


def _between(start: tuple[int, int] | None, end: tuple[int, int]) -> Iterable[tuple[int, int]]:
    """The dots from one to the next, without the first (Bresenham's line, by its longer side)."""
    if start is None:
        return [end]
    (x, y), (right, low) = start, end
    steps = max(abs(right - x), abs(low - y), 1)
    return [(x + round((right - x) * n / steps), y + round((low - y) * n / steps)) for n in range(1, steps + 1)]


def text_of(cells: Sequence[Cell]) -> Text:
    """A row as Rich's Text: cells that look alike in one piece."""
    text = Text(no_wrap=True, end="")
    run, style = "", ""
    for character, own in cells:
        if own != style and character != " ":
            text.append(run, style or None)
            run, style = "", own
        run += character
    return text.append(run, style or None)


def spread(labels: Iterable[tuple[float, str]], width: int) -> str:
    """Labels under an axis, each with its middle at its share of the width; one that would touch another goes."""
    line = ""
    for share, label in labels:
        start = min(max(round(share * (width - 1)) - len(label) // 2, 0), width - len(label))
        if start >= len(line) + (2 if line else 0):
            line = line.ljust(start) + label
    return line.ljust(width)
