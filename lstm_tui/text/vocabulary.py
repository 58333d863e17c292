"""Tokens ↔ ids, as NumPy look-ups. The order is fixed by the text alone, and stored with each run.

Characters are sorted by code point; words are the text split at every single space (empty strings count),
ordered by falling frequency, as the tutorial of the `words` recipe does.
"""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lstm_tui.errors import UserError

Kind = Literal["characters", "words"]


class Vocabulary:
    """The tokens a model knows, in the order of their ids."""

    def __init__(self, kind: Kind, tokens: Iterable[str]) -> None:
        self.kind: Kind = kind
        self.tokens = tuple(tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    @classmethod
    def of(cls, text: str, kind: Kind) -> "Vocabulary":
        """The tokens that occur in `text`."""
        if kind == "characters":
            return cls(kind, (chr(code) for code in np.unique(_codes(text))))
        return cls(kind, (word for word, _ in Counter(text.split(" ")).most_common()))

    @property
    def id_type(self) -> np.dtype[Any]:
        """The smallest unsigned integer that holds every id: 1, 2 or 4 bytes."""
        return np.min_scalar_type(max(len(self) - 1, 0))

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        """Code point → id, -1 for a character that is not known."""
        codes = np.array([ord(token) for token in self.tokens], dtype=np.int64)
        table = np.full(int(codes.max()) + 2, -1, dtype=np.int64)
        table[codes] = np.arange(len(codes))
        return table

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    def _lookup(self, text: str) -> tuple[NDArray[np.int64], list[str]]:
        """Ids with -1 for what is not known, and the tokens themselves where they are words."""
        if self.kind == "characters":
            codes = _codes(text)
            return self._table[np.minimum(codes, len(self._table) - 1)], []
        words = text.split(" ") if text else []
        return np.fromiter((self._numbers.get(word, -1) for word in words), np.int64, len(words)), words

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
        """The known tokens of `text` as ids, and the unknown ones, each once, in order of appearance."""
        ids, words = self._lookup(text)
        missing = np.flatnonzero(ids < 0)
        source = words or text
        unknown = list(dict.fromkeys(source[position] for position in missing))
        return ids[ids >= 0].astype(self.id_type), unknown

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some ids."""
        return ("" if self.kind == "characters" else " ").join(self.tokens[number] for number in ids)

    def piece(self, number: int, first: bool) -> str:
        """One token as it is appended to a text: a word brings its space, unless it is the first."""
        return self.tokens[number] if first or self.kind == "characters" else " " + self.tokens[number]

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


def _codes(text: str) -> NDArray[np.uint32]:
    """The code points of a text, shape (characters,). Lone surrogates are kept as they are."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
