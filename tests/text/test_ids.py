"""Texts become ids, in pieces: the same ones wherever the pieces end, from the cache as from the text."""

import dataclasses
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui import files, locations
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.sections import TextConfig
from lstm_tui.text import ids, mapped
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN, Kind, Vocabulary, split

KINDS: tuple[Kind, ...] = ("characters", "words", "words and punctuation")


@dataclasses.dataclass
class Fake:
    """A corpus of some documents, in pieces of a size."""

    documents: list[str]
    size: int = 7
    separator: str = END
    several: bool = True
    key: str = "k"
    name: str = "fake"
    title: str = "Fake"
    sha256: str = "0"
    passes: int = 0

    def stream(self, tell: Tell = silent) -> Iterator[tuple[str, bool]]:
        self.passes += 1
        for number, document in enumerate(self.documents):
            tell("reading", number / len(self.documents))
            cut = len(document) // self.size * self.size if self.size else 0
            for start in range(0, cut, self.size or 1):
                yield document[start : start + self.size], False
            yield document[cut:] + self.separator, True


def encode(corpus: Fake, seed: int = 1, tell: Tell = silent, **config: Any) -> ids.Encoded:
    return ids.encode(corpus, TextConfig.model_validate({"held_out": 0.0, **config}), seed, tell)  # type: ignore[arg-type]


def single(text: str, **values: Any) -> Fake:
    return Fake([text], several=False, separator="", **values)


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the smallest ids go to a file."""
    monkeypatch.setattr(ids, "IN_MEMORY", 0)


ANY_TEXT = st.lists(st.one_of(st.text(), st.sampled_from(["don't", "’s", "  ", "\n", "<unk>", " <", ">", "\ud800"])))
fast = settings(max_examples=80, deadline=None, derandomize=True)


@fast
@given(ANY_TEXT.map("".join).filter(bool), st.sampled_from(KINDS), st.integers(1, 9))
def test_a_single_text_comes_back(text: str, kind: Kind, size: int) -> None:
    encoded = encode(single(text, size=size), tokens=kind)
    assert encoded.vocabulary.decode(encoded.ids) == text
    whole = Vocabulary.of(text, kind)
    assert encoded.vocabulary.tokens == whole.tokens and np.array_equal(encoded.ids, whole.encode(text))
    assert (encoded.documents, encoded.train_tokens) == (1, len(encoded.ids))


@fast
@given(
    st.lists(ANY_TEXT.map("".join).map(lambda text: text.replace(END, "")), min_size=1, max_size=6),
    st.sampled_from(KINDS),
    st.sampled_from([END, "\n", "", " ", "\n\n", " fin "]),
    st.integers(0, 9),
    st.integers(1, 20),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.2]),
    st.sampled_from([1, 2]),
)
def test_pieces_and_batches_change_nothing(
    documents: list[str], kind: Kind, separator: str, size: int, batch: int, share: float, test: float, least: int
) -> None:
    def encoded() -> ids.Encoded | str:
        corpus = Fake(documents, size, separator)
        try:
            return encode(corpus, tokens=kind, held_out=share, test=test, least=least)
        except UserError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        whole = encoded()
        patch.setattr(ids, "_BATCH", batch)
        cut = encoded()
        patch.setattr(ids, "IN_MEMORY", 0)
        on_disk = encoded()
        again = encoded()
    if isinstance(whole, str):
        assert whole == cut
        return
    for other in (cut, on_disk, again):
        assert isinstance(other, ids.Encoded)
        assert other.vocabulary.tokens == whole.vocabulary.tokens
        assert other.ids.tobytes() == whole.ids.tobytes() and other.ids.dtype == whole.ids.dtype
        assert (other.train_tokens, other.test_tokens) == (whole.train_tokens, whole.test_tokens)
        assert (other.documents, other.notes) == (whole.documents, whole.notes)


def test_words_of_documents_are_followed_by_the_separators_words() -> None:
    def words(separator: str) -> list[str]:
        encoded = encode(Fake(["a b", "c  d\n"], 0, separator), tokens="words")
        return [encoded.vocabulary.tokens[number] for number in encoded.ids]

    assert words(" ") == ["a", "b", "c", "", "d\n"]
    assert words(END) == ["a", "b", END, "c", "", "d\n", END]
    assert words("\n") == ["a", "b", "\n", "c", "", "d\n", "\n"]


def test_the_end_of_a_single_text_is_held_out() -> None:
    text = "abcdefghij" * 20
    encoded = encode(single(text), held_out=0.1)
    assert encoded.train_tokens == 180 and encoded.vocabulary.decode(encoded.ids) == text


@fast
@given(st.lists(st.integers(0, 40), min_size=2, max_size=12), st.integers(0, 5), st.sampled_from([0.05, 0.2, 0.5]))
def test_whole_documents_are_held_out_and_keep_their_order(lengths: list[int], seed: int, share: float) -> None:
    documents = [f"<{number}>" + "x" * length for number, length in enumerate(lengths)]
    encoded = encode(Fake(documents), seed, held_out=share)
    learnt = encoded.vocabulary.decode(encoded.ids[: encoded.train_tokens]).split(END)[:-1]
    scored = encoded.vocabulary.decode(encoded.ids[encoded.train_tokens :]).split(END)[:-1]
    assert sorted(learnt + scored) == sorted(documents) and learnt and scored
    assert learnt == [text for text in documents if text in learnt]
    assert scored == [text for text in documents if text in scored]
    assert encoded.documents == len(documents)
    assert encoded.notes[-1].startswith(f"{len(scored)} of {len(documents)} documents held out, ")
    assert len(encoded.ids) - encoded.train_tokens <= len(encoded.ids) / 2


def test_the_seed_draws_the_documents_and_the_key_says_so() -> None:
    corpus = Fake([f"document {number} " * 9 for number in range(20)])
    drawn = [encode(corpus, seed, held_out=0.2) for seed in (1, 2, 1)]
    assert np.array_equal(drawn[0].ids, drawn[2].ids) and not np.array_equal(drawn[0].ids, drawn[1].ids)
    assert drawn[0].key == drawn[2].key != drawn[1].key
    assert encode(single("abc")).key == encode(single("abc"), 2).key
    for each in drawn:
        assert 0.2 * len(each.ids) <= len(each.ids) - each.train_tokens <= 0.3 * len(each.ids)


def test_one_document_holds_out_its_end() -> None:
    encoded = encode(Fake(["abcdefghi" * 10]), held_out=0.1)
    assert len(encoded.ids) - encoded.train_tokens == 9 and encoded.notes == ()


# The test part.


def parts(encoded: ids.Encoded) -> list[str]:
    """The text of each part: to learn, held out, of the test."""
    bounds = [0, encoded.train_tokens, encoded.train_tokens + encoded.validation_tokens, len(encoded.ids)]
    assert bounds[-1] - bounds[-2] == encoded.test_tokens
    return [encoded.vocabulary.decode(encoded.ids[begin:end]) for begin, end in pairwise(bounds)]


def test_the_end_of_a_single_text_is_the_test_after_what_is_held_out() -> None:
    text = "abcdefghij" * 20
    encoded = encode(single(text), held_out=0.1, test=0.25)
    assert parts(encoded) == [text[:130], text[130:150], text[150:]]
    assert encoded.notes == ("50 tokens (25.0%) kept for the test",)
    assert parts(encode(single(text), held_out=0.0, test=0.1)) == [text[:180], "", text[180:]]


@fast
@given(
    st.lists(st.integers(0, 40), min_size=3, max_size=12),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.05, 0.2, 0.5]),
    st.sampled_from([0.05, 0.2, 0.4]),
)
def test_whole_documents_are_the_test_drawn_after_those_held_out(
    lengths: list[int], seed: int, share: float, test: float
) -> None:
    documents = [f"<{number}>" + "x" * length for number, length in enumerate(lengths)]
    try:
        encoded = encode(Fake(documents), seed, held_out=share, test=test)
    except UserError as error:
        assert "no whole documents of them come near to" in str(error)
        return
    learnt, held_out, tested = (text.split(END)[:-1] for text in parts(encoded))
    assert sorted(learnt + held_out + tested) == sorted(documents) and learnt and tested
    assert all(part == [text for text in documents if text in part] for part in (learnt, held_out, tested))
    assert held_out == parts(encode(Fake(documents), seed, held_out=share))[1].split(END)[:-1]
    count = f"{encoded.test_tokens} tokens ({encoded.test_tokens / len(encoded.ids):.1%})"
    assert encoded.notes[-1] == f"{len(tested)} of {len(documents)} documents, {count}, kept for the test"
    assert len(encoded.notes) == 1 + bool(share)


def test_equal_documents_are_shared_out() -> None:
    encoded = encode(Fake(["abc" * 9] * 3), held_out=0.1, test=0.1)
    assert (encoded.train_tokens, encoded.validation_tokens, encoded.test_tokens) == (28, 28, 28)


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_rare_characters_leave_no_gaps_between_the_parts(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "IN_MEMORY", in_memory)
    monkeypatch.setattr(mapped, "_PIECE", 7)
    documents = [f"{'ab' * 30}{chr(200 + number)}c{number % 3}" for number in range(30)]
    encoded = encode(Fake(documents), held_out=0.2, test=0.3, least=2)
    kept = [text for part in parts(encoded) for text in part.split(END)[:-1]]
    assert sorted(kept) == sorted(f"{'ab' * 30}c{number % 3}" for number in range(30))
    assert [len(part.split(END)[:-1]) for part in parts(encoded)] == [15, 6, 9]


def test_a_text_that_is_too_short_for_a_test() -> None:
    with pytest.raises(UserError, match=r"too few to keep 10% of them for the test; .* or set text\.test to 0\.$"):
        encode(single("123456789"), test=0.1)
    with pytest.raises(UserError, match=r"no whole documents of them come near to 10%; .* or set text\.test to 0\.$"):
        encode(Fake(["abc", "abc"]), held_out=0.1, test=0.1)


def test_what_was_kept_before_there_were_tests_is_found(on_disk: None) -> None:
    corpus = Fake(["some text", "another"] * 50)
    first = encode(corpus, held_out=0.1)
    decides = [ids.FORMAT, "k", "characters", None, 1, 0.1, 1]
    assert first.path and first.key == hashlib.sha256(json.dumps(decides).encode()).hexdigest()
    about = json.loads(first.path.with_suffix(".json").read_text())
    assert about.pop("test_tokens") == 0
    first.path.with_suffix(".json").write_text(json.dumps(about))
    assert encode(corpus, held_out=0.1).test_tokens == 0 and corpus.passes == 2


@pytest.mark.parametrize("config", [{"kinds": 3}, {"least": 3}])
def test_rare_characters_are_left_out_and_counted(config: dict[str, Any], on_disk: None) -> None:
    documents = ["aaabbbcccx", "aaaybbbccc", "zabc"]
    encoded = encode(Fake(documents, separator=""), held_out=0.1, **config)
    assert encoded.vocabulary.tokens == ("a", "b", "c")
    assert Counter(encoded.vocabulary.decode(encoded.ids)) == {"a": 7, "b": 7, "c": 7}
    assert encoded.notes[0] == "3 rare kinds of characters, in 3 places (12.50%), left out"
    assert encoded.vocabulary.decode(encoded.ids[encoded.train_tokens :]) in {"abc", "aaabbbccc"}


def test_rare_words_become_unknown() -> None:
    encoded = encode(single("a b a c a b d"), tokens="words", least=2)
    assert encoded.vocabulary.decode(encoded.ids) == f"a b a {UNKNOWN} a b {UNKNOWN}"
    assert encoded.notes[-1] == f"2 rare kinds of words, in 2 places (28.57%), became {UNKNOWN}"


def test_a_text_that_is_too_short_to_hold_any_out() -> None:
    with pytest.raises(UserError, match=r"^Fake has 9 tokens: too few to hold 10% of them out; choose a longer text"):
        encode(single("123456789"), held_out=0.1)


# The cache.


def test_large_ids_are_mapped_and_found_again(on_disk: None) -> None:
    corpus = single("some text " * 50)
    first = encode(corpus, held_out=0.1)
    assert first.path and first.path.parent == locations.cache() / "ids" and isinstance(first.ids, np.memmap)
    assert corpus.passes == 2
    again = encode(dataclasses.replace(corpus, title="Another name"), held_out=0.1)
    assert corpus.passes == 2 and again.title == "Another name"
    assert (again.ids.tobytes(), again.notes, again.path) == (first.ids.tobytes(), first.notes, first.path)
    first.ids[0] = 0  # of this mapping alone
    assert np.array_equal(encode(corpus, held_out=0.1).ids, again.ids)


@pytest.mark.parametrize("change", [{"tokens": "words"}, {"kinds": 4}, {"least": 2}, {"held_out": 0.2}, {"test": 0.2}])
def test_what_decides_the_ids_decides_the_key(change: dict[str, Any], on_disk: None) -> None:
    corpus = single("some text " * 50)
    assert encode(corpus, held_out=0.1).key != encode(corpus, **{"held_out": 0.1, **change}).key
    assert encode(corpus).key != encode(dataclasses.replace(corpus, key="another")).key


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "json", "vocabulary"])
def test_a_damaged_file_is_made_anew(damage: str, on_disk: None) -> None:
    corpus = single("some text " * 50)
    first = encode(corpus)
    assert first.path
    content, about = first.path.read_bytes(), first.path.with_suffix(".json")
    match damage:
        case "cut":
            first.path.write_bytes(content[:-1])
        case "changed":
            first.path.unlink()
            first.path.write_bytes(content[:-1] + b"\x07")
        case "gone":
            first.path.unlink()
        case "json":
            about.write_text("{")
        case "vocabulary":
            about.write_text(about.read_text().replace("characters", "syllables"))
    assert encode(corpus).ids.tobytes() == content[-500:]
    assert corpus.passes == 4
    encode(corpus)
    assert corpus.passes == 4


def test_calling_it_off_leaves_nothing(on_disk: None) -> None:
    said: list[tuple[str, float]] = []

    def tell(doing: str, share: float) -> None:
        said.append((doing, share))
        if doing == "encoding Fake" and share > 0.5:
            raise Cancelled("Called off.")

    corpus = Fake(["some text"] * 50)
    with pytest.raises(Cancelled):
        encode(corpus, tell=tell)
    assert list((locations.cache() / "ids").iterdir()) == []
    shares = [share for _, share in said]
    assert shares == sorted(shares) and {doing for doing, _ in said} == {"counting Fake", "encoding Fake"}


def test_called_off_at_the_very_end_nothing_is_left(on_disk: None) -> None:
    def tell(doing: str, share: float) -> None:
        if doing.startswith("checking"):
            raise Cancelled("Called off.")

    with pytest.raises(Cancelled):
        encode(Fake(["some text"] * 50), tell=tell)
    assert list((locations.cache() / "ids").iterdir()) == []


def test_how_much_the_drawn_documents_make_is_said() -> None:
    encoded = encode(Fake(["a" * 1000, "b" * 9]), held_out=0.2)
    assert encoded.notes == ("1 of 2 documents held out, 1.0% of the tokens",)


def test_a_text_that_changes_under_way_is_refused(on_disk: None) -> None:
    class Changing(Fake):
        def stream(self, tell: Tell = silent) -> Iterator[tuple[str, bool]]:
            yield "abc" * (10 - self.passes), True
            self.passes += 1

    with pytest.raises(UserError, match=r"^Fake was changed while it was being read; try again\.$"):
        encode(Changing([], several=False, separator=""))


def test_the_cache_forgets_what_was_not_used_for_the_longest(on_disk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    corpora = [single("some text " * 50, key=str(number)) for number in range(3)]
    size = files.size(encode(corpora[0]).path or locations.cache())
    monkeypatch.setattr(mapped, "KEPT", 2 * size)
    paths = [encode(corpus).path for corpus in (corpora[1], corpora[0], corpora[2])]
    assert [path is not None and path.exists() for path in paths] == [False, True, True]
    assert len(list((locations.cache() / "ids").iterdir())) == 4


def test_what_a_killed_process_left_is_cleared_away(on_disk: None) -> None:
    folder = files.make_folder(locations.cache() / "ids")
    old, new = folder / ".a.npy.1-1.new", folder / ".b.npy.2-2.new"
    for left in (old, new):
        left.write_bytes(b"12345")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    encode(single("some text " * 50))
    assert not old.exists() and new.exists()


# Another text in a model's tokens.


@fast
@given(ANY_TEXT.map("".join), st.sampled_from(KINDS), st.integers(1, 9))
def test_another_text_is_encoded_as_far_as_it_is_known(text: str, kind: Kind, size: int) -> None:
    vocabulary = Vocabulary.of("some text <unk>, don't", kind)
    found, unknown = ids.encode_known(single(text, size=size), vocabulary)  # type: ignore[arg-type]
    expected, lacking = vocabulary.encode_known(text)
    assert np.array_equal(found, expected) and unknown == lacking
    assert set(unknown) == set(split(text, kind)) - set(vocabulary.tokens)


def test_with_what_a_model_knows_ids_stay_and_new_tokens_follow(on_disk: None) -> None:
    known = Vocabulary.of("the hen", "characters")

    def read(known: Vocabulary | None) -> ids.Encoded:
        return ids.encode(single("the hens nest", key="known"), TextConfig(held_out=0.0), 1, silent, known)  # type: ignore[arg-type]

    alone, beside = read(None), read(known)
    assert beside.vocabulary.tokens == (*known.tokens, "s")
    assert beside.ids[:7].tolist() == known.encode("the hen").tolist()
    assert beside.vocabulary.decode(beside.ids) == alone.vocabulary.decode(alone.ids) == "the hens nest"
    assert beside.notes == ("1 new kind of characters beside the 5 that it knows",) and alone.notes == ()
    again = read(known)  # from the cache, where both are kept
    assert (again.vocabulary.tokens, again.notes, again.key) == (beside.vocabulary.tokens, beside.notes, beside.key)
    assert beside.key != alone.key == read(None).key
