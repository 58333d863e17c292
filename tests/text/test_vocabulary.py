"""Tokens ↔ ids: nothing is lost, and the order is fixed by the text."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.text.vocabulary import Kind, Vocabulary

# Halves of surrogate pairs too: rarely drawn from all characters, they are put between them.
ANY_TEXT = st.lists(st.one_of(st.text(), st.sampled_from("\ud800\udbff\udc00\udfff")), max_size=8).map("".join)
SPACED = st.text(st.sampled_from("ab \n\u00a0\ud800"), max_size=60)
fast = settings(max_examples=200, deadline=None, derandomize=True)


@fast
@given(ANY_TEXT.filter(bool))
def test_characters_come_back(text: str) -> None:
    vocabulary = Vocabulary.of(text, "characters")
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text
    assert len(ids) == len(text)
    assert list(vocabulary.tokens) == sorted(set(text))


@fast
@given(st.one_of(SPACED, ANY_TEXT))
def test_words_come_back(text: str) -> None:
    vocabulary = Vocabulary.of(text, "words")
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert set(vocabulary.tokens) == set(text.split(" "))


@fast
@given(SPACED)
def test_words_fall_in_frequency_and_ties_stand_as_they_appear(text: str) -> None:
    words = text.split(" ")
    counts = Counter(words)
    assert list(Vocabulary.of(text, "words").tokens) == sorted(counts, key=lambda w: (-counts[w], words.index(w)))


def test_words_are_split_at_every_single_space() -> None:
    vocabulary = Vocabulary.of("b  a b\nc a", "words")
    assert vocabulary.tokens == ("a", "b", "", "b\nc")
    assert vocabulary.encode("b  a").tolist() == [1, 2, 0]


@fast
@given(ANY_TEXT.filter(bool), ANY_TEXT, st.sampled_from(["characters", "words"]))
def test_unknown_tokens_are_named_once_in_order(text: str, other: str, kind: Kind) -> None:
    vocabulary = Vocabulary.of(text, kind)
    ids, unknown = vocabulary.encode_known(other)
    tokens = list(other) if kind == "characters" else other.split(" ") if other else []
    assert unknown == list(dict.fromkeys(token for token in tokens if token not in vocabulary.tokens))
    assert [vocabulary.tokens[number] for number in ids] == [token for token in tokens if token in vocabulary.tokens]


def test_encode_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UserError, match=r"tokens that the model does not know: 'x' 'y'\."):
        Vocabulary.of("abc", "characters").encode("axbyx")


def test_an_empty_text_has_no_tokens() -> None:
    for kind in ("characters", "words"):
        ids, unknown = Vocabulary.of("some text", kind).encode_known("")
        assert len(ids) == 0 and unknown == []


@pytest.mark.parametrize(("kinds", "size"), [(1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 4)])
def test_ids_take_as_few_bytes_as_they_can(kinds: int, size: int) -> None:
    vocabulary = Vocabulary("words", [str(number) for number in range(kinds)])
    ids = vocabulary.encode(f"0 {kinds - 1}")
    assert ids.dtype == vocabulary.id_type == np.dtype(f"u{size}")
    assert ids.tolist() == [0, kinds - 1]


def test_pieces_make_the_text() -> None:
    for kind in ("characters", "words"):
        vocabulary = Vocabulary.of("to be or", kind)
        ids = vocabulary.encode("or be or to")
        pieces = [vocabulary.piece(number, first=place == 0) for place, number in enumerate(ids)]
        assert "".join(pieces) == "or be or to"


@fast
@given(ANY_TEXT.filter(bool), st.sampled_from(["characters", "words"]))
def test_json_keeps_everything(text: str, kind: Kind) -> None:
    vocabulary = Vocabulary.of(text, kind)
    again = Vocabulary.from_json(vocabulary.to_json())
    assert (again.kind, again.tokens) == (vocabulary.kind, vocabulary.tokens)


@pytest.mark.parametrize(
    "stored",
    [
        {"kind": "syllables", "tokens": ["a"]},
        {"kind": "characters"},
        {"tokens": ["a"]},
        {"kind": "characters", "tokens": []},
        {"kind": "characters", "tokens": "abc"},
        {"kind": "characters", "tokens": ["ab"]},
        {"kind": "characters", "tokens": [1, 2]},
        {"kind": "words", "tokens": ["a", None]},
        {"kind": "words", "tokens": ["a", "a"]},
        {"kind": ["words"], "tokens": ["a"]},
        ["words", "a"],
        None,
    ],
)
def test_json_that_is_no_vocabulary(stored: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Vocabulary.from_json(json.dumps(stored))
