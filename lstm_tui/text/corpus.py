"""A chosen text, decoded and cleaned, with its figures: what training starts from."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.text import library
from lstm_tui.text.cleaning import clean
from lstm_tui.text.decoding import decode

if TYPE_CHECKING:  # the app looks at a text before it has loaded pydantic
    from lstm_tui.config import TextConfig

_SLICE = 262_144


@dataclass(frozen=True)
class Corpus:
    """A text ready to be learnt.

    Attributes:
        name: of the library's entry, or the file's name.
        title: what a person sees.
        text: decoded and cleaned.
        encoding: what was found or said, in words.
        notes: sentences on what was done to the text.
        sha256: of the file's bytes.
    """

    name: str
    title: str
    text: str
    encoding: str
    notes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class TextFigures:
    """What a person wants to know of a text before learning it."""

    characters: int
    kinds: int
    words: int
    lines: int
    frequent: tuple[tuple[str, int], ...]


def read(entry: library.Entry, config: "TextConfig") -> Corpus:
    """Decode and clean one of the library's texts.

    Raises:
        UserError: where it cannot be read, is empty, binary, or lacks the column.
    """
    content = library.content(entry)
    decoded = decode(content, entry.title, config.encoding)
    text, notes = decoded.text, []
    column = config.column or dict(entry.text).get("column")
    if column:
        records = _column(text, column, entry.title)
        text = (config.separator or "\n").join(records) + "\n"
        notes.append(f"{len(records):,} records of the column {column}")
    text, cleaned = clean(text, gutenberg=config.gutenberg, lower=config.lower)
    if not text.strip():
        raise UserError(f"Nothing is left of {entry.title} to learn; choose another text or other settings.")
    return Corpus(entry.name, entry.title, text, decoded.label, (*notes, *cleaned), files.sha256(content))


def preview(entry: library.Entry, size: int = 16_384) -> str:
    """The beginning of a text, decoded as `read` would, for a look before anything else is loaded.

    Raises:
        UserError: as `read`.
    """
    start = library.beginning(entry, size)
    text = decode(start, entry.title, cut=len(start) == size).text
    if dict(entry.text).get("column"):
        whole = text if len(start) < size else text[: text.rfind("\n") + 1]
        text = "\n".join(_column(whole, dict(entry.text)["column"], entry.title))
    return clean(text, gutenberg=True, lower=False)[0]


def _column(text: str, column: str, name: str) -> list[str]:
    """The cells of one column of a CSV text that are not empty."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a cell may hold a whole book
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = reader.fieldnames or []
        if column not in columns:
            raise UserError(f"{name} has no column {column!r}; its columns are: {', '.join(columns)[:200] or 'none'}.")
        return [row[column] for row in reader if row[column]]
    except csv.Error as error:
        raise UserError(f"{name} could not be read as CSV: {error}.") from None


def figures(text: str) -> TextFigures:
    """Count characters, kinds, words and lines, and the most frequent characters (white space apart).

    In slices and lines: one call over a long text would hold the interpreter, and the screen, for seconds.
    """
    counts: Counter[str] = Counter()
    for start in range(0, len(text), _SLICE):
        counts.update(text[start : start + _SLICE])
    words = sum(len(line.split()) for line in io.StringIO(text))
    frequent = [(c, n) for c, n in counts.most_common(40) if not c.isspace()]
    return TextFigures(len(text), len(counts), words, text.count("\n"), tuple(frequent[:16]))
