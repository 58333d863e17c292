"""Text → text: what is taken out or changed before learning, each step said in words.

A stream is cleaned in pieces cut after an end of line, always at the same places whatever the cuts it came with: no
step sees half a line, and the result is the same. What Project Gutenberg puts around a book is in `gutenberg.py`.

Imported by the app before its first picture: nothing heavy at the top.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Protocol

from lstm_tui.text.decoding import repaired
from lstm_tui.text.gutenberg import Gutenberg

if TYPE_CHECKING:  # the app looks at a text before it has loaded pydantic
    from lstm_tui.sections import TextConfig

Stream = Iterator[tuple[str, bool]]
"""Pieces of text, and whether a document ends with each."""

_PIECE = 1 << 18


@dataclass(frozen=True)
class Choices:
    """Which steps are taken; named as in `TextConfig`, which says what they are."""

    gutenberg: bool = True
    repair: bool = False
    nfc: bool = False
    ascii: bool = False
    lower: bool = False
    letters: bool = False
    blank_lines: bool = False

    @classmethod
    def of(cls, config: "TextConfig") -> "Choices":
        return cls(**{field.name: getattr(config, field.name) for field in fields(cls)})

    @classmethod
    def typed(cls, settings: Mapping[str, str]) -> "Choices":
        """From what a person typed (`{"lower": "true"}`); what is no step of cleaning is not looked at."""
        names = {field.name for field in fields(cls)} & settings.keys()
        return cls(**{name: is_true(settings[name]) for name in names})


def is_true(typed: str) -> bool:
    """What a person typed for yes or no, read as pydantic reads it."""
    return typed.strip().lower() in ("true", "t", "yes", "y", "on", "1")


class Cleaner:
    """Cleans one stream.

    Attributes:
        notes: once the stream is used up, what each step took out or changed, a sentence each.
    """

    def __init__(self, choices: Choices) -> None:
        self.notes: list[str] = []
        self._steps = [step() for name, step in _STEPS.items() if getattr(choices, name)]

    def clean(self, stream: Stream) -> Stream:
        """The stream cleaned: as many documents, and an empty piece for one that has nothing left."""
        if not self._steps:
            yield from stream
            return
        for piece, ends in _recut(stream):
            for step in self._steps:
                piece = step(piece, ends)
            if piece or ends:
                yield piece, ends
        self.notes = [
            step.sentence.format(count=step.count, s="" if step.count == 1 else "s")
            for step in self._steps
            if step.count
        ]


def clean_text(text: str, choices: Choices) -> tuple[str, list[str]]:
    """A short text cleaned, and what was done to it."""
    cleaner = Cleaner(choices)
    return "".join(piece for piece, _ in cleaner.clean(iter([(text, True)]))), cleaner.notes


def _recut(stream: Stream) -> Stream:
    """The same documents in pieces that depend on nothing but the text: of `_PIECE` characters, the last shorter.

    A piece is cut after its last line end, or else its last white space: neither composition (Unicode's annex 15)
    nor lower case (the Greek sigma that ends a word) looks across one.
    """
    held: list[str] = []
    size = 0
    for piece, ends in stream:
        held.append(piece)
        size += len(piece)
        if size > _PIECE:
            text, at = "".join(held), 0
            while len(text) - at > _PIECE:
                end = _cut(text, at)
                yield text[at:end], False
                at = end
            held = [text[at:]]
            size = len(held[0])
        if ends:
            yield "".join(held), True
            held, size = [], 0


def _cut(text: str, at: int) -> int:
    middle, end = at + _PIECE // 2, at + _PIECE
    after_line = text.rfind("\n", middle, end) + 1
    if after_line:
        return after_line
    window = text[middle:end]
    if window[-1].isspace():
        return end
    last_word = window.rsplit(maxsplit=1)[-1]
    return end - len(last_word) if len(last_word) < len(window) else end


class _Step(Protocol):
    """A function of a piece and of whether its document ends with it, that counts what it does."""

    sentence: str
    count: int

    def __call__(self, text: str, ends: bool) -> str: ...


class _Repair:
    sentence = "double encoding undone in {count:,} line{s}"
    count = 0

    def __call__(self, text: str, ends: bool) -> str:
        new = repaired(text)
        self.count += _lines_changed(text, new)
        return new


class _Compose:
    sentence = "letters and their accents composed (NFC) in {count:,} line{s}"
    count = 0

    def __call__(self, text: str, ends: bool) -> str:
        if unicodedata.is_normalized("NFC", text):
            return text
        new = unicodedata.normalize("NFC", text)
        self.count += _lines_changed(text, new)
        return new


def _lines_changed(old: str, new: str) -> int:
    if old == new:
        return 0
    return sum(before != after for before, after in zip(old.split("\n"), new.split("\n"), strict=False))


class _Transliterate:
    sentence = "{count:,} character{s} written in ASCII"
    count = 0

    def __init__(self) -> None:
        self._table = _AsciiTable()

    def __call__(self, text: str, ends: bool) -> str:
        if text.isascii():
            return text
        self.count += len(text) - len(text.encode("ascii", "ignore"))
        return text.translate(self._table)


class _AsciiTable(dict[int, str]):
    """Character → how it is written in ASCII, each looked up once: anyascii goes character by character as well."""

    def __missing__(self, code: int) -> str:
        from anyascii import anyascii

        self[code] = anyascii(chr(code))
        return self[code]


class _Lower:
    sentence = "{count:,} capital letter{s} made small"
    count = 0

    def __call__(self, text: str, ends: bool) -> str:
        self.count += sum(text.count(kind) for kind in set(text) if kind.lower() != kind)
        return text.lower()


class _Letters:
    sentence = "{count:,} character{s} taken out: neither letters nor white space"
    count = 0

    def __call__(self, text: str, ends: bool) -> str:
        kinds = set(text)
        marks = "".join(kind for kind in kinds if unicodedata.category(kind).startswith("M"))
        # What goes becomes a zero character first: a mark goes with what it stands on.
        kept = text.translate(
            {ord(kind): "\0" for kind in kinds if not (kind.isalpha() or kind.isspace() or kind in marks)}
        )
        kept = re.sub(rf"\0[\0{marks}]*|(?<!\S)[{marks}][\0{marks}]*", "", kept) if marks else kept.replace("\0", "")
        self.count += len(text) - len(kept)
        return kept


class _BlankLines:
    sentence = "{count:,} blank line{s} taken out"
    _RUNS = re.compile(r"\n(?:[^\S\n]*\n){2,}")

    def __init__(self) -> None:
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self._held = "\n"  # as if a line had ended before the first
        self._opening = True

    def __call__(self, text: str, ends: bool) -> str:
        text = self._held + text
        lines = text.count("\n")
        text = self._RUNS.sub("\n\n", text)
        self.count += lines - text.count("\n")
        # More blank lines may follow those at the end.
        end = len(text) if ends else text.find("\n", len(text.rstrip()))
        end = len(text) if end < 0 else end
        self._held, text = text[end:], text[:end]
        if self._opening and text:
            self._opening, text = False, text[1:]
        if ends:
            self._begin()
        return text


_STEPS: dict[str, type[_Step]] = {
    "repair": _Repair,
    "gutenberg": Gutenberg,
    "nfc": _Compose,
    "ascii": _Transliterate,
    "lower": _Lower,
    "letters": _Letters,
    "blank_lines": _BlankLines,
}
