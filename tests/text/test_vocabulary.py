"""Tokens ↔ ids: nothing is lost, and the order is fixed by the text."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN, Counts, Kind, Splitter, Tokens, Vocabulary, split

# Halves of surrogate pairs too: rarely drawn from all characters, they are put between them.
ANY_TEXT = st.lists(st.one_of(st.text(), st.sampled_from("\ud800\udbff\udc00\udfff")), max_size=8).map("".join)
SPACED = st.text(st.sampled_from("ab \n\u00a0\ud800"), max_size=60)
PARTS = ["don't", "’s", "'", "  ", " ", "\n", "<unk>", " <", "unk", ">", "e\u0301", "❤️", "\ud800", "_", END, "你好"]
KINDS: tuple[Kind, ...] = ("characters", "words", "words and punctuation")
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
@given(st.one_of(SPACED, ANY_TEXT).filter(bool))
def test_words_come_back(text: str) -> None:
    vocabulary = Vocabulary.of(text, "words")
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert set(vocabulary.tokens) == set(text.split(" "))


@fast
@given(SPACED.filter(bool))
def test_words_fall_in_frequency_and_ties_stand_as_they_appear(text: str) -> None:
    words = text.split(" ")
    counts = Counter(words)
    assert list(Vocabulary.of(text, "words").tokens) == sorted(counts, key=lambda w: (-counts[w], words.index(w)))


def test_words_are_split_at_every_single_space() -> None:
    vocabulary = Vocabulary.of("b  a b\nc a", "words")
    assert vocabulary.tokens == ("a", "b", "", "b\nc")
    assert vocabulary.encode("b  a").tolist() == [1, 2, 0]


MIXED = st.lists(st.one_of(st.text(max_size=5), st.sampled_from(PARTS)), max_size=12).map("".join)


@fast
@given(MIXED)
def test_words_and_punctuation_come_back(text: str) -> None:
    vocabulary = Vocabulary.of(text or "x", "words and punctuation")
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_words_and_punctuation_are_apart() -> None:
    def tokens(text: str) -> Tokens:
        return split(text, "words and punctuation")

    assert tokens("It's here, isn’t it?\n\n“No…”") == [
        "It's", " here", ",", " isn’t", " it", "?", "\n", "\n", "“", "No", "…", "”",
    ]  # fmt: skip
    assert tokens("a  b") == ["a", " ", " b"]
    assert tokens("हिन्दी caf\u0065\u0301 ❤️") == ["हिन्दी", " caf\u0065\u0301", " ❤️"]
    assert tokens("the <unk> x<unk>") == ["the", " <unk>", " x", "<unk>"]
    assert tokens(f"end{END}begin") == ["end", END, "begin"]


@fast
@given(MIXED, st.lists(st.integers(0, 60)), st.sampled_from(KINDS))
def test_tokens_are_the_same_wherever_the_pieces_end(text: str, cuts: list[int], kind: Kind) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    splitter = Splitter(kind)
    for _ in range(2):  # documents
        found = list[str]()
        for begin, end in pairwise(places):
            found += splitter.feed(text[begin:end], False)
        assert [*found, *splitter.feed("", True)] == list(split(text, kind))


@fast
@given(MIXED, st.sampled_from(KINDS))
def test_the_length_of_a_text_without_making_it(text: str, kind: Kind) -> None:
    vocabulary = Vocabulary.of(text or "x", kind)
    ids = vocabulary.encode(text)
    assert vocabulary.length(ids) == len(vocabulary.decode(ids))


# What is rare.


def chosen(text: str, kind: Kind, least: int = 1, kinds: int | None = None) -> tuple[Vocabulary, int, int]:
    counts = Counts(kind)
    counts.add(split(text, kind))
    return counts.choose(least, kinds)


def test_rare_characters_are_left_out() -> None:
    vocabulary, kinds, places = chosen("ccccbbbaad", "characters", kinds=2)
    assert (vocabulary.tokens, kinds, places) == (("b", "c"), 2, 3)
    vocabulary, kinds, places = chosen("ccccbbbaad", "characters", least=2)
    assert (vocabulary.tokens, kinds, places) == (("a", "b", "c"), 1, 1)
    assert vocabulary.unknown_id is None and vocabulary.encode_known("adba")[0].tolist() == [0, 1, 0]


def test_rare_words_are_unknown_words() -> None:
    vocabulary, kinds, places = chosen("a a a b b c d", "words", kinds=3)
    assert (vocabulary.tokens, kinds, places) == (("a", "b", UNKNOWN), 2, 2)
    ids, unknown = vocabulary.encode_known("a zebra b <unk> zebra")
    assert vocabulary.decode(ids) == "a <unk> b <unk> <unk>" and unknown == ["zebra"]
    assert vocabulary.unknown_id == 2


def test_the_space_of_an_unknown_word_stays() -> None:
    vocabulary, *_ = chosen("the fox, the hen; the fox", "words and punctuation", least=2)
    assert vocabulary.decode(vocabulary.encode_known(" the owl; fox")[0]) == f" the {UNKNOWN}{UNKNOWN} fox"


@pytest.mark.parametrize("kind", ["words", "words and punctuation"])
def test_nothing_rare_no_unknown_word(kind: Kind) -> None:
    vocabulary, kinds, places = chosen("a b a b", kind, least=1, kinds=10)
    assert UNKNOWN not in vocabulary.tokens and vocabulary.unknown_id is None and (kinds, places) == (0, 0)
    assert len(vocabulary.encode_known("zebra")[0]) == 0


def test_a_text_that_says_unk_means_it() -> None:
    vocabulary, *_ = chosen("<unk> is <unk> rare", "words")
    assert vocabulary.tokens == (UNKNOWN, "is", "rare")
    assert vocabulary.encode_known("zebra is")[0].tolist() == [0, 1]
    cut, *_ = chosen("<unk> is <unk> rare is", "words", least=2)
    assert cut.tokens == (UNKNOWN, "is")


def test_the_end_of_a_record_is_never_rare() -> None:
    for kind in KINDS:
        vocabulary, *_ = chosen(f"a a a{END}" if kind != "words" else f"a a a {END}", kind, least=2, kinds=5)
        assert vocabulary.end_id is not None and vocabulary.tokens[vocabulary.end_id] == END


def extended(
    known: str, text: str, kind: Kind, least: int = 1, kinds: int | None = None
) -> tuple[tuple[str, ...], int, int]:
    """The vocabulary of one text with another's new tokens, what was left out, and in how many places."""
    counts = Counts(kind)
    counts.add(split(text, kind))
    vocabulary, left_out, places = counts.choose(least, kinds, Vocabulary.of(known, kind))
    return vocabulary.tokens, left_out, places


def test_new_tokens_come_after_those_that_are_known() -> None:
    assert extended("cab", "zeabbe", "characters") == (("a", "b", "c", "e", "z"), 0, 0)
    assert extended("b a b", "z c a z", "words") == (("b", "a", "z", "c"), 0, 0)
    assert extended("cab", "abba", "characters") == (("a", "b", "c"), 0, 0)


def test_limits_count_for_the_new_ones() -> None:
    assert extended("abc", "zzzyyxa", "characters", least=2) == (("a", "b", "c", "y", "z"), 1, 1)
    assert extended("abc", "zzzyyxa", "characters", kinds=4) == (("a", "b", "c", "z"), 2, 3)
    assert extended("abc", "zzzyyxa", "characters", kinds=2) == (("a", "b", "c"), 3, 6)  # what is known stays
    assert extended("abc", f"zz{END}", "characters", kinds=2) == (("a", "b", "c", END), 1, 2)  # and so do ends
    assert extended("a b", f"{END} c c", "words", least=2)[0] == ("a", "b", "c", END)


def test_new_words_that_are_left_out_become_the_unknown_word() -> None:
    assert extended("a <unk> b", "x x y b", "words", least=2) == (("a", UNKNOWN, "b", "x"), 1, 1)
    assert extended("a b", "x x y b", "words", least=2) == (("a", "b", "x", UNKNOWN), 1, 1)
    counts = Counts("words")
    counts.add(split("a b", "words"))
    assert counts.choose(1, 2, Vocabulary("words", ("a", UNKNOWN)))[0].tokens == ("a", UNKNOWN)
    both = extended("a <unk>", "x", "words and punctuation", kinds=2)
    assert both == (("a", " " + UNKNOWN, UNKNOWN), 1, 1)


def test_nothing_left_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"^No kind of token would be left to learn: lower text\.least \(9\)\.$"):
        chosen("abc", "characters", least=9)


def test_the_end_of_a_record_is_shown_as_a_line_break() -> None:
    words = Vocabulary("words", ["a", "b", END])
    assert words.shown([0, 1, 2, 1, 0]) == "a b\nb a" and words.decode([0, 2, 1]) == f"a {END} b"
    assert Vocabulary("characters", ["a", END]).shown([0, 1, 0]) == "a\na"


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
