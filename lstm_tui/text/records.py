"""A table as text → the cells of one column: CSV, TSV, JSON Lines, or a JSON array of objects.

Reads as it goes, a record at a time. Knows nothing of files, encodings or cleaning.

Imported by the app before its first picture: nothing heavy at the top.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from lstm_tui.errors import UserError

# A cell may hold a whole book; one that holds more has lost its closing quotation mark.
_LONGEST = 1 << 26
_DELIMITERS = ",;\t"
# The reader of CSV says nothing of a cell that is never closed. So a row of two of these is put after the last: where
# they come back as one cell, the table had ended inside it.
_TABLE_ENDS = "\x1e\x1f\x1e"
_OBJECTS_WITHOUT = 1000
_BLANK = re.compile(r"\s*")

TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".json"}
"""Endings of the names of files that a column may be chosen in."""


@dataclass
class Uneven:
    """Rows of tables that lack columns of their first line, or have more: a comma that stands in no quotation marks
    cuts a cell. Counted as they are read; `first` is where the first one ends."""

    rows: int = 0
    first: str = ""

    def add(self, where: str) -> None:
        self.rows += 1
        self.first = self.first or where


def records(pieces: Iterator[str], column: str, name: str, uneven: Uneven | None = None) -> Iterator[str]:
    """The cells of one column that are not empty, in order.

    CSV is told by `.csv` or `.tsv`, JSON by `.json`, `.jsonl` or `.ndjson`, or by its first line; all else is CSV.
    Its delimiter is the comma, semicolon or tab that the first line has the column with. A JSON list of strings
    is one cell of lines.

    Args:
        pieces: the text, cut anywhere, newlines as `\\n`.
        name: the file's, for messages and its ending.
        uneven: where such rows are counted.

    Raises:
        UserError: where there is no such column, or the table is broken; says where.
    """
    pieces = (piece for piece in pieces if piece)
    first = ""
    for piece in pieces:
        first += piece
        if first.strip():
            break
    opening, ending = first.lstrip()[:1], name.lower().rpartition(".")[2]
    pieces = chain([first], pieces)
    if ending not in ("csv", "tsv"):
        if opening == "[":
            return _cells(_array(pieces, name), column, name)
        if opening == "{" or ending in ("json", "jsonl", "ndjson"):
            return _cells(_json_lines(_lines(pieces), name), column, name)
    return _csv(_lines(pieces), column, name, uneven or Uneven())


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Lines with their ends: cut at `\\n` only, not at the other characters that `splitlines` takes for one."""
    left: list[str] = []
    for piece in pieces:
        *lines, rest = piece.split("\n")
        for line in lines:
            yield "".join(left) + line + "\n" if left else line + "\n"
            left = []
        if rest:
            left.append(rest)
    if left:
        yield "".join(left)


def _csv(lines: Iterator[str], column: str, name: str, uneven: Uneven) -> Iterator[str]:
    csv.field_size_limit(_LONGEST)
    header = next((line for line in lines if line.strip()), "")
    delimiter = _delimiter(header, column)
    end = _TABLE_ENDS + delimiter + _TABLE_ENDS
    reader = csv.reader(chain([header], lines, [end]), delimiter=delimiter)
    read, at, width = 0, -1, 0
    try:
        for row in reader:
            if row and row[-1].endswith(end):
                raise csv.Error("it ends inside a cell")
            if at < 0:
                columns = [cell.strip() for cell in row]
                if column not in columns:
                    raise _missing(name, column, columns)
                at = columns.index(column)
                # A first line may end in commas, under which nothing stands.
                width = max(at + 1, *(number * bool(title) for number, title in enumerate(columns, 1)))
            elif row and row[0] != _TABLE_ENDS:
                if len(row) < width or any(row[width:]):
                    uneven.add(f"{name}, line {reader.line_num:,}")
                if len(row) > at and row[at]:
                    yield row[at]
            read = reader.line_num
    except csv.Error as error:
        raise UserError(
            f"{name} could not be read as CSV from line {read + 1:,} on: {error}; is a quotation mark missing there?"
        ) from None


def _delimiter(header: str, column: str) -> str:
    """The one that makes a column of the wanted name, else the one that makes the most columns."""

    def fit(delimiter: str) -> tuple[bool, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return False, 0
        return column in (cell.strip() for cell in cells), len(cells)

    return max(_DELIMITERS, key=fit)


def _missing(name: str, column: str, columns: list[str]) -> UserError:
    there = ", ".join(columns)
    there = there[:200] + "…" if len(there) > 200 else there
    return UserError(f"{name} has no column {column!r}; its columns are: {there or 'none'}.")


def _json_lines(lines: Iterator[str], name: str) -> Iterator[tuple[str, Any]]:
    """The value of each line that is not blank, and where it is."""
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            yield f"line {number:,}", _parsed(line, f"line {number:,}", name)


def _parsed(text: str, where: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{name}: {where} is not JSON; correct it or take it out.") from None


def _array(pieces: Iterator[str], name: str) -> Iterator[tuple[str, Any]]:
    """The values of a JSON array, each read when all of it is there, and its number."""
    parse = json.JSONDecoder().raw_decode
    text = next(pieces).lstrip()
    number, at, more = 1, _after_blank(text, 1), True
    while not text.startswith("]", at):
        try:
            value, end = parse(text, at)
            end = _after_blank(text, end)
            if text[end : end + 1] not in (",", "]"):  # more of a number may be in the next piece
                raise ValueError
        except (ValueError, RecursionError):
            if not more or len(text) - at > _LONGEST:
                raise UserError(f"{name}: value {number:,} of its array is not JSON; correct it.") from None
            longer = _longer(text[at:], pieces)
            text, at, more = longer, _after_blank(longer, 0), len(longer) > len(text) - at
            continue
        yield f"value {number:,}", value
        number, at = number + 1, _after_blank(text, end + (text[end] == ","))
    if any(piece.strip() for piece in chain([text[at + 1 :]], pieces)):
        after = f"value {number - 1:,}" if number > 1 else "its ["
        raise UserError(f"{name}: something follows the end of its array, after {after}; take it out.")


def _after_blank(text: str, at: int) -> int:
    return cast("re.Match[str]", _BLANK.match(text, at)).end()


def _longer(text: str, pieces: Iterator[str]) -> str:
    """`text` with as much again after it, so that a long value is not parsed anew for every piece; or all there is."""
    parts, size = [text], 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= len(text):
            break
    return "".join(parts)


def _cells(values: Iterator[tuple[str, Any]], column: str, name: str) -> Iterator[str]:
    """What the objects have under the column's name, as text."""
    seen: dict[str, None] = {}
    found = False
    for number, (where, value) in enumerate(values, 1):
        if not isinstance(value, dict):
            raise UserError(f'{name}: {where} is not an object with columns, such as {{"{column}": "…"}}.')
        cell = value.get(column)
        found = found or column in value
        if not found:
            seen.update(dict.fromkeys(value))
            if number == _OBJECTS_WITHOUT:
                break
        text = _text(cell)
        if text is None:
            raise UserError(f"{name}: {where} has no text in the column {column!r}; choose another column.")
        if text:
            yield text
    if not found:
        raise _missing(name, column, list(seen))


def _text(cell: Any) -> str | None:
    """A cell as text: words, a number, or a list of lines; None where it is none of these."""
    if isinstance(cell, list) and all(isinstance(line, str) for line in cell):
        cell = "\n".join(cell)
    match cell:
        case None:
            return ""
        case str():
            return _writable(cell).replace("\r\n", "\n").replace("\r", "\n")
        case int() | float():
            return str(cell)
        case _:
            return None


def _writable(text: str) -> str:
    """JSON can name half a character, which no file can hold: it becomes a replacement character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
