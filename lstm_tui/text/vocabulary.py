"""Tokens ↔ ids, as NumPy look-ups. The order is fixed by the text alone, and stored with each run.

Characters are sorted by code point. Words are the text split at every single space (empty strings count), as
the tutorial of the `words` recipe does. Words and punctuation apart are cut so that nothing is lost: a token may
begin with one space (as GPT-2's do: Radford et al. 2019). Both are ordered by falling frequency. This file does
not know where a text comes from, nor how long it is: a text may come in pieces, cut anywhere.
"""

import functools
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from itertools import repeat
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lstm_tui.errors import UserError
from lstm_tui.text.parts import END

Kind = Literal["characters", "words", "words and punctuation"]
Tokens = str | list[str]
"""Some tokens in order: a text is the sequence of its characters."""

UNKNOWN = "<unk>"
"""The word that stands for all words that the vocabulary lacks."""

# What stands for a word that was left out: with punctuation apart, one with its space, and one without.
_STAND_INS: dict[Kind, tuple[str, ...]] = {
    "characters": (),
    "words": (UNKNOWN,),
    "words and punctuation": (UNKNOWN, " " + UNKNOWN),
}
_CODE_POINTS = 0x110000
# At once; the arrays of a look-up take some twenty bytes a token.
_SLICE = 1 << 18


@functools.cache
def _pattern() -> re.Pattern[str]:
    """A word with its apostrophes and accents, or one sign, each with the space before it; or one white space."""
    # Python's \w has no combining marks, without which the words of half the world's scripts fall apart.
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    word = rf"\w[\w{marks}]*"
    return re.compile(rf" ?{UNKNOWN}| ?{word}(?:['’]{word})*| ?[^\w\s][{marks}]*|\s")


class Splitter:
    """Cuts a text into tokens as it comes: the same tokens wherever its pieces end."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self._rest: list[str] = []

    def feed(self, piece: str, ends: bool) -> Tokens:
        """The tokens that no more text can change: all there are, where a document ends with the piece."""
        if self.kind == "characters":
            return piece
        if piece:  # an empty one begins no word
            self._rest.append(piece)
        if ends:
            tokens = _cut("".join(self._rest), self.kind) if self._rest else []
            self._rest = []
            return tokens
        if " " not in piece if self.kind == "words" else piece.isalnum():
            return []  # within one word: joined once, when it ends
        tokens = _cut("".join(self._rest), self.kind)
        # The last word may go on; with punctuation apart, the last two may become one: don' + t, <unk + >.
        kept = 1 if self.kind == "words" else 2
        self._rest = ["".join(tokens[-kept:])]
        return tokens[:-kept]


def split(text: str, kind: Kind) -> Tokens:
    """The tokens of a whole text."""
    return Splitter(kind).feed(text, True)


def _cut(text: str, kind: Kind) -> list[str]:
    return text.split(" ") if kind == "words" else _pattern().findall(text)


class Counts:
    """How often each token occurs, from which a vocabulary is chosen."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self._characters = np.zeros(_CODE_POINTS, np.int64) if kind == "characters" else None
        self._words: Counter[str] = Counter()

    def add(self, tokens: Tokens) -> None:
        if self._characters is None or not isinstance(tokens, str):
            self._words.update(tokens)
            return
        for start in range(0, len(tokens), _SLICE):
            found = np.bincount(_codes(tokens[start : start + _SLICE]))
            self._characters[: len(found)] += found

    def by_frequency(self) -> list[tuple[str, int]]:
        """The tokens with their counts, the most frequent first; ties by code point, or as they appeared."""
        if self._characters is None:
            return self._words.most_common()
        found = np.flatnonzero(self._characters)
        pairs = [(chr(code), int(self._characters[code])) for code in found]
        return sorted(pairs, key=lambda pair: -pair[1])

    def choose(
        self, least: int = 1, kinds: int | None = None, known: "Vocabulary | None" = None
    ) -> tuple["Vocabulary", int, int]:
        """The vocabulary, how many kinds of tokens were left out of it, and in how many places they stood.

        Args:
            least: a token that occurs less often is left out; never END.
            kinds: the most kinds there are to be, `<unk>` counted; beside what is known, END and `<unk>`, which stay
                even where they are more.
            known: what a model knows already: all of it stays, with its ids, and the new tokens come after it.

        Raises:
            UserError: where nothing would be left.
        """
        before = known.tokens if known else ()
        there = set(before)
        room = None if kinds is None else kinds - len(before)
        counted = [(token, count) for token, count in self.by_frequency() if token not in there]
        chosen = [token for token, count in counted if count >= least or token == END]
        if len(chosen) < len(counted) or (room is not None and len(chosen) > room):
            special = ({END} & set(chosen) | set(_STAND_INS[self.kind])) - there
            others = [token for token in chosen if token not in special]
            others = others[: max(0, len(others) if room is None else room - len(special))]
            if not (others or before):
                ways = [f"lower text.least ({least:,})"] * (least > 1) + ["raise text.kinds"] * (kinds is not None)
                raise UserError(f"No kind of token would be left to learn: {', or '.join(ways)}.")
            kept = special.union(others)
            chosen = [token for token, _ in counted if token in kept]
            chosen += [token for token in _STAND_INS[self.kind] if token in special - set(chosen)]
        taken = set(chosen)
        left_out = [count for token, count in counted if token not in taken]
        if self.kind == "characters":
            chosen.sort()
        return Vocabulary(self.kind, (*before, *chosen)), len(left_out), sum(left_out)


class Vocabulary:
    """The tokens a model knows, in the order of their ids.

    Attributes:
        unknown_id: the id of `<unk>`; None where there is none, and for characters.
        end_id: the id of END; None where there is none.
    """

    def __init__(self, kind: Kind, tokens: Iterable[str]) -> None:
        self.kind: Kind = kind
        self.tokens = tuple(tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    @classmethod
    def of(cls, text: str, kind: Kind) -> "Vocabulary":
        """The tokens that occur in `text`."""
        counts = Counts(kind)
        counts.add(split(text, kind))
        return counts.choose()[0]

    @property
    def id_type(self) -> np.dtype[Any]:
        """The smallest unsigned integer that holds every id: 1, 2 or 4 bytes."""
        return np.min_scalar_type(max(len(self) - 1, 0))

    @cached_property
    def _table(self) -> NDArray[np.int32]:
        """Code point → id, -1 for a character that is not known."""
        codes = np.array([ord(token) for token in self.tokens], dtype=np.int64)
        # As long as the widest array of codes needs that is looked up without a check: one byte's.
        table = np.full(max(int(codes.max()) + 2, 257), -1, dtype=np.int32)
        table[codes] = np.arange(len(codes))
        return table

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    @property
    def unknown_id(self) -> int | None:
        return None if self.kind == "characters" else self._numbers.get(UNKNOWN)

    @property
    def end_id(self) -> int | None:
        return self._numbers.get(END)

    def _lookup(self, tokens: Tokens) -> NDArray[np.int32]:
        """Ids with -1 for what is not known."""
        if isinstance(tokens, str) and self.kind == "characters":
            codes = _codes(tokens)
            return self._table[codes if codes.itemsize == 1 else np.minimum(codes, len(self._table) - 1)]
        return np.fromiter(map(self._numbers.get, tokens, repeat(-1)), np.int32, len(tokens))

    def _stand_in(self, token: str) -> int:
        """The id that stands for an unknown word; -1 where there is none."""
        plain = self._numbers.get(UNKNOWN, -1) if self.kind != "characters" else -1
        return self._numbers.get(" " + UNKNOWN, plain) if token[:1] == " " else plain

    def numbers(self, tokens: Tokens) -> NDArray[np.int32]:
        """An id for each token, shape (tokens,): `<unk>`'s for an unknown word, -1 where nothing stands for it."""
        ids = self._lookup(tokens)
        if self.unknown_id is not None:
            for place in np.flatnonzero(ids < 0):
                ids[place] = self._stand_in(tokens[place])
        return ids

    def encode(self, text: str) -> NDArray[Any]:
        """All of `text` as ids of `id_type`, shape (tokens,).

        Raises:
            UserError: where a token is not in the vocabulary.
        """
        ids, unknown = self.encode_known(text)
        if unknown:
            raise UserError(f"The text has tokens that the model does not know: {' '.join(map(repr, unknown[:10]))}.")
        return ids

    def encode_known(self, text: str) -> tuple[NDArray[Any], list[str]]:
        """The tokens of `text` as ids, and the unknown ones, each once, in order of appearance.

        An unknown word becomes `<unk>` where the vocabulary has that; all else that is unknown is left out.
        """
        return self.known(split(text, self.kind))

    def known(self, tokens: Tokens) -> tuple[NDArray[Any], list[str]]:
        """The same for tokens."""
        ids = self._lookup(tokens)
        unknown = list(dict.fromkeys(tokens[place] for place in np.flatnonzero(ids < 0)))
        ids = self.numbers(tokens) if unknown else ids
        return ids[ids >= 0].astype(self.id_type), unknown

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some ids, exactly."""
        return (" " if self.kind == "words" else "").join(self.tokens[number] for number in ids)

    def unknown_share(self, ids: NDArray[Any]) -> float:
        """The share of some ids that stand for words that were left out, 0 to 1."""
        stand_ins = [self._numbers[token] for token in _STAND_INS[self.kind] if token in self._numbers]
        return float(np.isin(ids, stand_ins).mean()) if stand_ins and len(ids) else 0.0

    def length(self, ids: NDArray[Any]) -> int:
        """How many characters the text of some ids has: `len(decode(ids))`, without making it."""
        lengths = np.array([len(token) for token in self.tokens], np.int64)
        slices = (ids[start : start + _SLICE] for start in range(0, len(ids), _SLICE))
        spaces = max(0, len(ids) - 1) if self.kind == "words" else 0
        return spaces + sum(int(lengths[part].sum()) for part in slices)

    def piece(self, number: int, first: bool) -> str:
        """One token as it is appended to a text that a person sees.

        A word brings its space, unless it is the first of a text or a record; END is a line break.
        """
        token = self.tokens[number]
        if token == END:
            return "\n"
        return token if first or self.kind != "words" else " " + token

    def shown(self, ids: Iterable[int]) -> str:
        """The text of some ids as a person sees it."""
        pieces, first = [], True
        for number in ids:
            pieces.append(self.piece(number, first))
            first = number == self.end_id
        return "".join(pieces)

    @cached_property
    def digest(self) -> str:
        """Equal for equal tokens in equal order."""
        return hashlib.sha256(self.to_json().encode(errors="surrogatepass")).hexdigest()

    def to_json(self) -> str:
        return json.dumps({"format": 1, "kind": self.kind, "tokens": self.tokens}, ensure_ascii=False)

    @classmethod
    def from_json(cls, content: str) -> "Vocabulary":
        """A stored vocabulary.

        Raises:
            ValueError, KeyError, TypeError: where the content is none.
        """
        stored = json.loads(content)
        kind, tokens = stored["kind"], stored["tokens"]
        if kind not in get_args(Kind) or not isinstance(tokens, list) or not tokens:
            raise ValueError(f"expected characters or words and a list of them, not {kind!r}")
        odd = [token for token in tokens if not isinstance(token, str) or (kind == "characters" and len(token) != 1)]
        if odd or len(set(tokens)) < len(tokens):
            raise ValueError(f"these are not {kind}, each once: {(odd or tokens)[:5]}")
        return cls(kind, tokens)


def _codes(text: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    """The code points of a text, shape (characters,). Lone surrogates are kept as they are."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
