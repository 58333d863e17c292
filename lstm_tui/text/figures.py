"""A corpus → what a person wants to know of it before learning it; and what is known of it already.

What was counted is kept in the cache by the corpus's key, so that it is counted once. Finding what is kept
needs neither NumPy nor pydantic: a list of texts shows it at once.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.progress import Tell, silent
from lstm_tui.text import kept
from lstm_tui.text.parts import END

if TYPE_CHECKING:  # a list of texts comes without them
    import numpy as np
    from numpy.typing import NDArray

    from lstm_tui.text.corpus import Corpus
    from lstm_tui.text.ids import Encoded
    from lstm_tui.text.library import Entry

_CODES = 0x110000  # one more than the last code point
_BATCH = 1 << 18
_SHOWN = 16


@dataclass(frozen=True)
class TextFigures:
    """What there is in a text as it will be learnt.

    Attributes:
        characters: all of them, the marks between documents too.
        kinds: different characters.
        words: runs of anything but white space.
        lines: an unfinished last one is one.
        longest_line: its characters.
        frequent: the commonest characters but white space, and how often each occurs.
        rarest: the rarest ones, the rarest first.
        notes: sentences on which files were read, and what was done to the text.
        encoding: what was found or said, in words.
        documents: how many, 1 for a single text.
        skipped: files that were not taken, and why.
    """

    characters: int
    kinds: int
    words: int
    lines: int
    longest_line: int
    frequent: tuple[tuple[str, int], ...]
    rarest: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    encoding: str
    documents: int
    skipped: tuple[tuple[str, str], ...]


def figures(corpus: "Corpus", tell: Tell = silent) -> TextFigures:
    """Count what is in a corpus, in pieces; kept in the cache.

    Raises:
        UserError: where it cannot be read.
        Cancelled: as `tell` does.
    """
    counted = cached(corpus.key)
    if counted is None:
        count = _Count()
        for batch in _batches(corpus.stream(tell)):
            count.add(batch)
        counted = count.result(corpus)
        kept.write("figures", corpus.key, asdict(counted))
    # The same text may come from other files, found in other ways.
    return replace(
        counted,
        notes=(*corpus.on_files, *counted.notes),
        encoding=corpus.encoding,
        skipped=tuple((name, why) for name, why in corpus.skipped),
    )


def cached(key: str) -> TextFigures | None:
    """What was counted before in the corpus with that key; its files apart, which may be others now."""
    stored = kept.read("figures", key).items()
    values: dict[str, Any] = {name: _tuples(value) if isinstance(value, list) else value for name, value in stored}
    try:
        return TextFigures(**values)
    except TypeError:
        return None


def _tuples(values: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _batches(stream: Iterator[tuple[str, bool]]) -> Iterator[str]:
    """The text in pieces of a good size: a record may be a few characters."""
    waiting, size = [], 0
    for piece, _ in stream:
        waiting.append(piece)
        size += len(piece)
        if size >= _BATCH:
            yield "".join(waiting)
            waiting, size = [], 0
    if size:
        yield "".join(waiting)


class _Count:
    """Counts a text piece by piece; the result does not depend on where it was cut."""

    def __init__(self) -> None:
        import numpy as np

        self._counts = np.zeros(_CODES, dtype=np.int64)
        space = [code for code in range(0x3001) if chr(code).isspace()]
        self._space = np.zeros(_CODES, dtype=bool)
        self._space[space] = True
        self._in_word = False
        self._words = self._lines = self._longest = self._line = 0

    def add(self, text: str) -> None:
        import numpy as np

        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self._counts += np.bincount(codes, minlength=_CODES)
        in_word = ~self._space[codes]
        self._words += int(np.count_nonzero(in_word[1:] & ~in_word[:-1])) + bool(in_word[0] and not self._in_word)
        self._in_word = bool(in_word[-1])
        # A record ends with a mark of its own: shown to a person, it is the end of a line.
        ends = np.flatnonzero((codes == ord("\n")) | (codes == ord(END)))
        self._lines += len(ends)
        if not len(ends):
            self._line += len(codes)
            return
        self._longest = max(self._longest, self._line + int(ends[0]), int(np.diff(ends).max(initial=1)) - 1)
        self._line = len(codes) - int(ends[-1]) - 1

    def result(self, corpus: "Corpus") -> TextFigures:
        import numpy as np

        there = np.flatnonzero(self._counts)
        seen = there[~self._space[there]]
        counts = self._counts[seen]
        return TextFigures(
            characters=int(self._counts.sum()),
            kinds=len(there),
            words=self._words,
            lines=self._lines + bool(self._line),
            longest_line=max(self._longest, self._line),
            frequent=self._pairs(seen[np.argsort(-counts, kind="stable")]),
            rarest=self._pairs(seen[np.argsort(counts, kind="stable")]),
            notes=tuple(corpus.on_text),
            encoding=corpus.encoding,
            documents=corpus.documents or 1,
            skipped=(),
        )

    def _pairs(self, codes: "NDArray[np.int64]") -> tuple[tuple[str, int], ...]:
        return tuple((chr(code), int(self._counts[code])) for code in codes[:_SHOWN])


# What is known of the texts of the library.


def remember(entry: "Entry", corpus: "Corpus", encoded: "Encoded | None" = None) -> None:
    """So that `known` finds what was worked out of a text that was read with its own settings and, besides,
    the default ones: its figures and, once it is encoded, its losses to beat."""
    keys = {"figures": corpus.key} | ({"baselines": encoded.key} if encoded else {})
    kept.write("by-entry", _place(entry), {"stamps": _stamps(entry), **keys})


def known(entry: "Entry") -> dict[str, Any]:
    """What is remembered of a text, for a list of texts: `characters`, `kinds`, `uniform`, `letters` and
    `ngram`; None each where it is not known, or the text has changed since."""
    keys = kept.read("by-entry", _place(entry))
    try:  # only of a text that was read once: looking through a folder takes its time
        keys = keys if keys and keys.get("stamps") == _stamps(entry) else {}
    except UserError:  # its files have gone
        keys = {}
    counted = kept.read("figures", str(keys.get("figures", "")))
    losses = kept.read("baselines", str(keys.get("baselines", "")))
    return {
        **{name: counted.get(name) for name in ("characters", "kinds")},
        **{name: losses.get(name) for name in ("uniform", "letters", "ngram")},
    }


def _place(entry: "Entry") -> str:
    """Where it is remembered what is known of a text as it is read with its settings."""
    return files.sha256(json.dumps([entry.name, [str(path) for path in entry.paths], entry.text]).encode())


def _stamps(entry: "Entry") -> list[Any]:
    """Changes when the text's files do, as far as a disk tells; as JSON gives it back."""
    from lstm_tui.text import library

    parts = library.parts(entry, dict(entry.text).get("pattern", "*")).parts
    return [[part.name, list(part.stamp)] for part in parts]
