"""A long text in rows of a width: where each begins, and what stands in it.

A text is one str and a few rows of numbers, however long it is: 100,000 characters as objects of a row or a block each
would be searched for garbage again and again. Rows are those of Textual's own texts: a word that has room in a row is
not cut, and spaces between two rows are not seen. No widgets, no styles.
"""

from bisect import bisect_right

from rich.cells import get_character_cell_size


class Wrapped:
    """See the module. It has no rows until it has a width.

    Attributes:
        text: what may stand on a terminal (`words.readable`).
        laid_out: how many rows were found so far, those found anew for another width or for what came after included.
    """

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.laid_out = 0
        self._width = 0
        self._cells = bytearray()  # of each character; not known while one is all that each takes
        self._rows: list[int] = []
        self._lines: list[int] = []
        self.append(text)

    def __len__(self) -> int:
        """How many rows."""
        return len(self._rows)

    def wrap(self, width: int) -> None:
        """Rows of so many cells."""
        if width != self._width:
            self._width = width
            self._rows, self._lines = [0], [0]
            self._lay_out()

    def append(self, text: str) -> int:
        """More of it: the last row is found anew, and those after. Returns that row."""
        last = max(len(self._rows) - 1, 0)
        self.text += text
        if not self.text.isascii():
            self._cells.extend(map(get_character_cell_size, self.text[len(self._cells) :]))
        if self._width:
            self._lay_out()
        return last

    def begins(self, row: int) -> int:
        """Where a row begins in the text."""
        return self._rows[row]

    def row(self, row: int) -> str:
        """What stands in it."""
        begin = self._rows[row]
        if row + 1 == len(self._rows):
            return self.text[begin:]
        end = self._rows[row + 1]
        return self.text[begin : end - 1] if self.text[end - 1] == "\n" else self.text[begin:end].rstrip()

    def place(self, row: int) -> tuple[int, int]:
        """In which line of the text it begins, from 0, and at which character of that."""
        line = bisect_right(self._lines, self._rows[row]) - 1
        return line, self._rows[row] - self._lines[line]

    @property
    def line_count(self) -> int:
        """Lines of the text itself."""
        return max(len(self._lines), 1)

    def _lay_out(self) -> None:
        """From the last row there is. What comes after a row moves nothing before it."""
        begin, known = self._rows[-1], len(self._rows)
        while (end := self.text.find("\n", begin)) >= 0:
            self._break(begin, end)
            begin = end + 1
            self._rows.append(begin)
            self._lines.append(begin)
        self._break(begin, len(self.text))
        self.laid_out += len(self._rows) - known + 1

    def _break(self, begin: int, end: int) -> None:
        """Find the rows after the one that begins there, up to the end of its line."""
        text = self.text
        while (full := self._full(begin, end)) < end:
            if text[full] == " ":
                while full < end and text[full] == " ":
                    full += 1
                if full == end:
                    return
                begin = full
            else:
                word = text.rfind(" ", begin, full) + 1
                # A word that is longer than a row is cut, be it with the spaces before it.
                begin = full if not word or text[begin:word].isspace() else word
            self._rows.append(begin)

    def _full(self, begin: int, end: int) -> int:
        """The first character that has no room in a row, or the end."""
        if not self._cells:
            return min(begin + self._width, end)
        at, room = begin, self._width
        while at < end:
            after = min(at + max(room // 2, 1), end)  # none takes more than two
            room -= sum(self._cells[at:after])
            if room < 0:
                return max(at, begin + 1)
            at = after
        return end
