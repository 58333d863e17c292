"""A chosen text as a stream of cleaned pieces, never whole in memory; and its beginning, for a look.

Bytes come from `library.py`; here they are decoded, taken from their column, cleaned, and set apart by separators.
Knows nothing of tokens or ids.

Imported by the app before its first picture: nothing heavy at the top.
"""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.text import library
from lstm_tui.text.cleaning import Choices, Cleaner, Stream, is_true
from lstm_tui.text.decoding import Encoding, decoded, detect, double_encoded
from lstm_tui.text.parts import END, PIECE, Part
from lstm_tui.text.records import Uneven, records

if TYPE_CHECKING:  # the app looks at a text before it has loaded pydantic
    from lstm_tui.sections import TextConfig

# Goes up when the same files and settings come to give another stream.
_FORMAT = 1
# A preview reads so much: enough for the longest of Project Gutenberg's headers.
_GLANCE = 1 << 16


@dataclass(frozen=True)
class _File:
    """A file that was found to be text."""

    part: Part
    encoding: Encoding
    sha256: str
    stamp: tuple[int, ...]


class Corpus:
    """A text ready to be read, as often as is wanted.

    Attributes:
        name: of the library's entry, or the file's name.
        title: what a person sees.
        encoding: what was found or said, in words; of several files, the encodings there are.
        sha256: of the file's bytes; of several files, of their checksums.
        key: changes with everything that decides the stream.
        several: whether there are documents apart: several files, or the records of a column.
        separator: what ends each document where there are several; else "".
        skipped: files that were not read, and why.
        documents: how many; None until the stream was read once.
        on_files: sentences on which files were taken, and how they were read.
        on_text: sentences on what was done to the text; all of them when the stream was read once.
    """

    def __init__(
        self, entry: library.Entry, config: "TextConfig", taken: list[_File], skipped: list[tuple[str, str]]
    ) -> None:
        self.name, self.title = entry.name, entry.title
        self.several = len(taken) > 1 or config.column is not None
        self.separator = (END if config.separator is None else config.separator) if self.several else ""
        self.skipped = skipped
        self.documents: int | None = None
        self.on_files, self.on_text = _on_files(taken, skipped), list[str]()
        digests = [file.sha256 for file in taken]
        self.sha256 = digests[0] if len(taken) == 1 else _digest_of(digests)
        self.encoding = _encodings([file.encoding for file in taken])
        # A cell holds no book's header.
        self._choices = replace(Choices.of(config), gutenberg=config.gutenberg and config.column is None)
        self._column, self._files = config.column, taken
        self.key = _digest_of(
            [_FORMAT, *_versions(self._choices), self._column, self.separator, asdict(self._choices)],
            [(file.sha256, file.encoding.name, file.encoding.replaced > 0) for file in taken],
            [file.part.name for file in taken] if self._column is not None else [],
        )

    @property
    def files(self) -> list[str]:
        """The names of the files that are read, in order."""
        return [file.part.name for file in self._files]

    @property
    def notes(self) -> list[str]:
        """What a person should know of how the text came about, a sentence each."""
        return [*self.on_files, *self.on_text]

    def stream(self, tell: Tell = silent) -> Stream:
        """The text in pieces of up to about a million characters, and whether a document ends with each.

        A record is one piece. Where there are several documents, the last piece of each ends with the separator; one
        that nothing is left of is left out.

        Raises:
            UserError: where nothing but white space is left, or a file lacks the column, or has changed since it was
                looked at: said after the last piece, at the latest.
        """
        cleaner, look, uneven = Cleaner(self._choices), _Look(self.several), Uneven()
        documents = size = 0
        blank = True
        for piece, ends in cleaner.clean(look.through(self._raw(tell, uneven))):
            blank = blank and (not piece or piece.isspace())
            size += len(piece)
            if ends and size:
                yield piece + self.separator, True
                documents, size = documents + 1, 0
            elif piece:
                yield piece, False
        changed = [file.part.name for file in self._files if file.part.stamp != file.stamp]
        if changed:  # or what is kept by the key would be of another text
            raise UserError(f"{changed[0]} was changed while it was being read; try again.")
        if blank:
            raise UserError(f"Nothing is left of {self.title} to learn; choose another text or other settings.")
        self.documents = documents
        apart = [f"{_number(documents, 'record')} of the column {self._column}"] if self._column is not None else []
        if uneven.rows:
            rows = _number(uneven.rows, "row")
            apart.append(f"{rows} with fewer or more columns than the first line (the first: {uneven.first})")
        self.on_text = [*apart, *look.notes(self._choices), *cleaner.notes]

    def _raw(self, tell: Tell, uneven: Uneven) -> Stream:
        total, done = sum(file.part.size for file in self._files), 0
        for file in self._files:
            within = _within(tell, done, file.part.size, total)
            yield from _documents(file.part, file.encoding, self._column, within, uneven=uneven)
            done += file.part.size


def open_corpus(entry: library.Entry, config: "TextConfig", tell: Tell = silent) -> Corpus:
    """Look at every file of a text, so that it can be read.

    Args:
        config: final: what belongs to the entry (`entry.text`) is in it already.

    Raises:
        Malformed: for Unicode that is broken in places, where `config.malformed` is false.
        UserError: where a file that was named cannot be read as text, or no file of a folder can. Others in a folder
            are skipped, and a file of the same content as one that was taken: none is both learnt and held out.
    """
    found = library.parts(entry, config.pattern, tell)
    taken, skipped, by_content = list[_File](), list(found.skipped), dict[str, str]()
    total, done = sum(part.size for part in found.parts), 0
    for part in found.parts:
        within = _within(tell, done, part.size, total)
        try:
            stamp = part.stamp
            encoding = detect(part, config.encoding, config.malformed, within)
            file = _File(part, encoding, part.sha256(f"reading {part.name}", within), stamp)
        except Cancelled:
            raise
        except UserError as error:
            if _was_named(part, entry, found):
                raise
            skipped.append((part.name, str(error).removeprefix(f"{part.name} ").partition(";")[0]))
        else:
            if file.sha256 in by_content:
                skipped.append((part.name, f"the same as {by_content[file.sha256]}"))
            else:
                by_content[file.sha256] = part.name
                taken.append(file)
        done += part.size
    if not taken:
        raise UserError(f"None of the {len(found.parts):,} files of {entry.title} is a text: {skipped[-1][1]}")
    return Corpus(entry, config, taken, skipped)


def _was_named(part: Part, entry: library.Entry, found: library.Taken) -> bool:
    """Whether a person asked for this very file: what is wrong with it has to be said."""
    return len(found.parts) == 1 or part.content in entry.paths


def _within(tell: Tell, done: int, size: int, total: int) -> Tell:
    """Says of all the files how far the reading of one is: `done` bytes were read before it."""
    return lambda doing, share: tell(doing, min(1.0, (done + share * size) / max(1, total)))


def _digest_of(*values: Any) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _versions(choices: Choices) -> list[str]:
    """The versions of what cleans: another one may clean otherwise."""
    from importlib import metadata  # 7 ms, which the first picture does without

    used = {"anyascii": choices.ascii, "ftfy": choices.repair}
    return [unicodedata.unidata_version, *(metadata.version(name) for name, is_used in used.items() if is_used)]


def _on_files(taken: list[_File], skipped: list[tuple[str, str]]) -> list[str]:
    notes = []
    if len(taken) > 1 or skipped:
        notes.append(f"{_number(len(taken), 'file')} taken, {len(skipped):,} skipped")
    replaced = sum(file.encoding.replaced for file in taken)
    if replaced:
        notes.append(f"{_number(replaced, 'malformed place')} read as �")
    return notes


def _encodings(found: list[Encoding]) -> str:
    if len(found) == 1:
        return found[0].label
    return ", ".join(name for name, _ in Counter(encoding.name for encoding in found).most_common())


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _documents(
    part: Part, encoding: Encoding, column: str | None, tell: Tell, size: int = PIECE, uneven: Uneven | None = None
) -> Stream:
    """The documents of one file as they are in it: all of it in pieces, or its records."""

    def pieces() -> Iterator[str]:
        for number, piece in enumerate(decoded(part, encoding, size)):
            tell(f"reading {part.name}", min(1.0, number * size / max(1, part.size)))
            if piece:
                yield piece

    if column is not None:
        for record in records(pieces(), column, part.name, uneven):
            yield record, True
        return
    held = ""
    for piece in pieces():
        if held:
            yield held, False
        held = piece
    yield held, True


class _Look:
    """Looks at a stream before it is cleaned, and takes END out where it will stand between documents."""

    def __init__(self, several: bool) -> None:
        self._several = several
        self._ends = 0
        self._beyond_ascii: list[str] = []
        self._size = 0

    def through(self, stream: Stream) -> Stream:
        for piece, ends in stream:
            if self._several and END in piece:
                self._ends += piece.count(END)
                piece = piece.replace(END, "")
            if self._size < PIECE and not piece.isascii():
                self._beyond_ascii.append(piece)
                self._size += len(piece)
            yield piece, ends

    def notes(self, choices: Choices) -> list[str]:
        notes = [f"{_number(self._ends, 'record separator')} (U+001E) taken out of the texts"] if self._ends else []
        if not choices.repair and double_encoded("".join(self._beyond_ascii)):
            notes.append("looks like UTF-8 read as Windows-1252 and encoded again; --text.repair true undoes that")
        return notes


@dataclass(frozen=True)
class Preview:
    """The beginning of a text, for a look.

    Attributes:
        text: as it would be learnt, separators as line breaks.
        before: as it is in the file.
        notes: what was done to this beginning.
        encoding: of the first file, in words.
    """

    text: str
    before: str
    notes: list[str]
    encoding: str


def preview(
    entry: library.Entry, size: int = 16_384, choices: Choices | None = None, settings: Mapping[str, str] | None = None
) -> Preview:
    """The first `size` characters of a text, read as `open_corpus` would, before anything else is loaded.

    Args:
        choices: steps of cleaning; None takes those of the settings.
        settings: of TextConfig as they would be typed, over those that belong to the text.

    Raises:
        Malformed, UserError: as `open_corpus`, of the first file.
    """
    typed = {**dict(entry.text), **(settings or {})}
    column, separator = _given(typed, "column"), _given(typed, "separator")
    choices = choices or Choices.typed(typed)
    if column is not None:
        choices = replace(choices, gutenberg=False)
    raw, encoding, several = _glance(entry, typed, column, max(size, _GLANCE))
    look, cleaner = _Look(several), Cleaner(choices)
    raw = list(look.through(iter(raw)))
    after_each = (separator or "\n") if several else ""
    before = "".join(piece + after_each * ends for piece, ends in raw)
    text = "".join(piece + after_each * (ends and piece != "") for piece, ends in cleaner.clean(iter(raw)))
    return Preview(text[:size], before[:size], [*look.notes(choices), *cleaner.notes], encoding)


def _glance(
    entry: library.Entry, typed: Mapping[str, str], column: str | None, enough: int
) -> tuple[list[tuple[str, bool]], str, bool]:
    """The first so many characters of a text, its first file's encoding, and whether there are several documents."""
    found = library.parts(entry, _given(typed, "pattern") or "*")
    several = len(found.parts) > 1 or column is not None
    documents: list[tuple[str, bool]] = []
    label = ""
    for part in found.parts:
        head = Part(part.name, part.beginning(_GLANCE))
        try:
            encoding = detect(
                head, _given(typed, "encoding"), is_true(typed.get("malformed", "")), cut=part.size > head.size
            )
        except UserError:
            if _was_named(part, entry, found) or (part is found.parts[-1] and not documents):
                raise
            continue
        label = label or encoding.label
        # What comes after the beginning may not fit; a glance does not mind.
        for piece, ends in _documents(part, replace(encoding, replaced=1), column, silent, _GLANCE):
            documents.append((piece, ends))
            enough -= len(piece)
            if enough <= 0:
                return [*documents[:-1], (piece, True)], label, several
    return documents, label, several


def _given(typed: Mapping[str, str], name: str) -> str | None:
    """What was typed for a setting, where `none` is nothing."""
    value = typed.get(name, "none")
    return None if value.strip().lower() == "none" else value
