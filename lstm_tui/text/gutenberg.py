"""What Project Gutenberg puts around a book: found and taken out. Knows its markers of three decades, no more.

Imported by the app before its first picture: nothing heavy at the top.
"""

import re

# A header is looked for in a document's first so many characters; a footer anywhere.
_WINDOW = 1 << 18
# The paragraph on who typed the book belongs to the header.
_CREDITS = (
    r"(?:\s*(?:This (?i:e-?(?:text|book)) was )?(?:Produced|produced|E-?text prepared|Prepared|prepared|Transcribed"
    r"|transcribed|Scanned|scanned) by [^\n]*\n(?:[^\n]+\n)*)?"
)
_NEW = (
    r"\*\*\* ?START OF (?:THE |THIS )?(?:COPYRIGHTED )?PROJECT GUTENBERG"
    r"(?:[^*\n]+(?:\n[^*\n]+){0,2}\*\*\*)?[^\n]*(?:\n|\Z)"
)
_SMALL_PRINT = r"\*END ?\*? ?THE SMALL PRINT![^\n]*(?:\n|\Z)"
_START = re.compile(rf"^(?:{_NEW}|{_SMALL_PRINT}){_CREDITS}", re.M)
_END = re.compile(
    r"^[ \t]*(?:(?:\*\*\* ?)?(?:This is )?(?i:end of (?:the |this )?(?:copyrighted )?project gutenberg)"
    r"|Ende dieses Proje[ck]te? Gutenberg)",
    re.M,
)


class Gutenberg:
    """A step of cleaning: a text in pieces, each with whether its document ends; the book comes out.

    Several books in one document are all kept.

    Attributes:
        count: characters taken out so far.
    """

    sentence = "Project Gutenberg's header and footer taken out ({count:,} character{s})"

    def __init__(self) -> None:
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self._opening = True
        self._found = False  # whether this document has a marker
        self._in_licence = False
        self._held = ""  # line ends after the last, until it is known that no footer follows
        self._after_line = True  # whether what was given so far ends a line

    def __call__(self, text: str, ends: bool) -> str:
        whole = self._opening and ends
        before = len(self._held) + len(text)
        book = self._book(self._held + text)
        if whole and self._found and not book.strip():
            book, self._found = text, False  # markers around nothing
        given = self._ended(book) if (self._found if ends else book.endswith("\n")) else book
        self._held = "" if ends else book[len(given) :]
        self._after_line = given.endswith("\n") if given else self._after_line
        self.count += before - len(given) - len(self._held)
        if ends:
            self._begin()
        return given

    def _ended(self, book: str) -> str:
        """The text up to its last line's end, the blank lines after it left out."""
        lines = book.rstrip("\n")
        return lines + "\n" if lines or not self._after_line else ""

    def _book(self, text: str) -> str:
        """The parts of the text that are no header and no footer."""
        if self._opening:
            self._opening = False
            start = _header(text[:_WINDOW])
            if start:
                self._found, text = True, text[start:].lstrip("\n")
        if "utenberg" not in text and "UTENBERG" not in text:
            return "" if self._in_licence else text
        parts: list[str] = []
        at = 0
        while marker := self._marker(text, at or not self._after_line):
            if self._in_licence:
                at = _after_line_ends(text, marker.end())
            else:
                book = text[at : marker.start()]
                parts.append(self._ended(book) if not parts else book.rstrip("\n") + "\n")
                at = marker.end()
            self._found, self._in_licence = True, not self._in_licence
        return "".join(parts) if self._in_licence else "".join([*parts, text[at:]])

    def _marker(self, text: str, at: int) -> re.Match[str] | None:
        """The next end of what the text is in, the licence or the book."""
        if self._in_licence or self._found:
            return (_START if self._in_licence else _END).search(text, at)
        return _plain_footer(text, at, self._after_line)


def _plain_footer(text: str, at: int = 0, after_line: bool = True) -> re.Match[str] | None:
    """The next footer that is one even without a header: starred, or a line with a capital after a blank one.

    Prose may have the same words at the beginning of a line.

    Args:
        after_line: whether the text begins a line.
    """
    for marker in _END.finditer(text, at):
        words, start = marker[0].lstrip(), marker.start()
        blank = text[:1] == "\n" and after_line if start == 1 else text[max(start - 2, 0) : start] == "\n\n"
        if words.startswith("***") or (words[0].isupper() and blank):
            return marker
    return None


def _after_line_ends(text: str, at: int) -> int:
    while text.startswith("\n", at):
        at += 1
    return at


def _header(opening: str) -> int:
    """Where a document's header ends; 0 where it has none.

    Where the newer marker and the older "small print" both stand, the later ends it; but some books have the small
    print behind them, and after a footer another book may begin.
    """
    footer = _plain_footer(opening)
    ends = [marker.end() for marker in _START.finditer(opening, 0, footer.start() if footer else len(opening))]
    return next((end for end in reversed(ends) if not opening[end:].isspace() and end < len(opening)), 0)
