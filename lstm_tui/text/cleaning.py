"""Text → text: what is taken out or changed before learning, each step said in words."""

import re

# The paragraph on who typed the book belongs to the header.
_CREDITS = r"(?:\s*(?:Produced|E-?text prepared|Transcribed) by [^\n]*\n(?:[^\n]+\n)*)?"
_START = re.compile(r"^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG.*?\*\*\*[^\n]*\n" + _CREDITS, re.M | re.S)
_END = re.compile(r"^(?:\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg)", re.M)


def strip_gutenberg(text: str) -> tuple[str, str]:
    """The book between Project Gutenberg's header and footer.

    Returns:
        The text, and a sentence on what was taken out ("" where there was nothing).
    """
    start, end = _START.search(text), _END.search(text)
    first = start.end() if start else 0
    last = end.start() if end and end.start() >= first else len(text)
    if first == 0 and last == len(text):
        return text, ""
    book = text[first:last].strip("\n") + "\n"
    if not book.strip():
        return text, ""
    return book, f"Project Gutenberg's header and footer taken out ({len(text) - len(book):,} characters)"


def clean(text: str, *, gutenberg: bool, lower: bool) -> tuple[str, list[str]]:
    """The text as it will be learnt, and sentences on what was done to it."""
    notes = []
    if gutenberg:
        text, note = strip_gutenberg(text)
        if note:
            notes.append(note)
    if lower:
        text = text.lower()
        notes.append("lower-cased")
    return text, notes
