"""The losses to beat: the fast n-gram against one that can be read, and what is kept of them."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_tui.progress import Cancelled
from lstm_tui.text import kept, ngram
from lstm_tui.text.ngram import Baselines, baselines, entropy, witten_bell
from tests.conftest import CORPORA

SHAKESPEARE = CORPORA / "tinyshakespeare.txt"


def slow_witten_bell(train: Sequence[int], held_out: Sequence[int], vocabulary: int, order: int) -> float:
    """Interpolated Witten-Bell smoothing, word for word."""
    after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for end in range(len(train)):
        for length in range(min(order, end + 1)):
            after[tuple(train[end - length : end])][train[end]] += 1

    def probability(token: int, context: tuple[int, ...]) -> float:
        shorter = probability(token, context[1:]) if context else 1 / vocabulary
        seen = after.get(context)
        if seen is None:
            return shorter
        return (seen[token] + len(seen) * shorter) / (seen.total() + len(seen))

    text = [*train, *held_out]
    ends = range(len(train), len(text))
    return -sum(math.log(probability(text[end], tuple(text[max(0, end - order + 1) : end]))) for end in ends) / len(
        held_out
    )


def ids_of(text: str) -> tuple[np.ndarray[Any, Any], int]:
    kinds, ids = np.unique(np.array(list(text)), return_inverse=True)
    return ids.astype(np.uint8), len(kinds)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.lists(st.integers(0, 4), min_size=1, max_size=30),
    st.integers(1, 6),
)
def test_it_agrees_with_the_slow_one(train: list[int], held_out: list[int], order: int) -> None:
    fast = witten_bell(np.array(train, dtype=np.uint8), np.array(held_out, dtype=np.uint8), 5, order)
    assert fast == pytest.approx(slow_witten_bell(train, held_out, 5, order), rel=1e-12)


@pytest.mark.parametrize(("kinds", "order"), [(30, 5), (60_000, 3), (3_000_000, 5)])
def test_it_agrees_on_longer_texts_with_many_kinds(kinds: int, order: int) -> None:
    """A 5-gram of three million kinds has no number in 64 bits: ranks do."""
    ids = np.minimum(np.random.default_rng(1).zipf(1.2, 6_000), kinds - 1).astype(np.uint32)
    fast = witten_bell(ids[:5_000], ids[5_000:], kinds, order)
    assert fast == pytest.approx(slow_witten_bell(ids[:5_000].tolist(), ids[5_000:].tolist(), kinds, order))


@pytest.mark.skipif(not SHAKESPEARE.exists(), reason="the shared corpora are not here")
def test_tiny_shakespeare() -> None:
    """Each order's loss on the last tenth. 1.698 is what five characters before the next one come to."""
    ids, kinds = ids_of(SHAKESPEARE.read_text())
    train, held_out = ids[: -len(ids) // 10], ids[-len(ids) // 10 :]
    losses = [witten_bell(train, held_out, kinds, order) for order in (1, 2, 5, 6)]
    assert losses == pytest.approx([3.347, 2.486, 1.669, 1.698], abs=0.001)


def test_entropy_of_single_tokens() -> None:
    assert entropy(np.array([0, 1] * 50, dtype=np.uint8), 3) == pytest.approx(math.log(2))
    assert entropy(np.zeros(9, dtype=np.uint8), 1) == 0


def encoded(
    ids: Sequence[int], train_tokens: int, kind: str = "characters", key: str = "k", test_tokens: int = 0
) -> Any:
    """What `baselines` reads of an encoded text."""

    class Vocabulary(SimpleNamespace):
        def __len__(self) -> int:
            return 4

    array = np.array(ids, dtype=np.uint8)
    vocabulary = Vocabulary(kind=kind)
    return SimpleNamespace(
        vocabulary=vocabulary, ids=array, train_tokens=train_tokens, test_tokens=test_tokens, key=key
    )


IDS = [0, 1, 2, 3, 1, 2] * 50


def test_the_three_losses_to_beat() -> None:
    found = baselines(encoded(IDS, 270))
    assert found.uniform == pytest.approx(math.log(4))
    assert found.letters == pytest.approx(entropy(np.array(IDS), 4))
    assert found.ngram == pytest.approx(slow_witten_bell(IDS[:270], IDS[270:], 4, 5))
    assert found.order == 5
    assert (found.ngram or math.inf) < found.letters < found.uniform


def test_the_test_part_counts_for_nothing() -> None:
    assert baselines(encoded([*IDS, 3, 3, 3, 3], 270, key="tested", test_tokens=4)) == baselines(encoded(IDS, 270))


def test_words_get_a_trigram() -> None:
    found = baselines(encoded(IDS, 270, "words and punctuation"))
    assert found.order == 3
    assert found.ngram == pytest.approx(slow_witten_bell(IDS[:270], IDS[270:], 4, 3))


def test_nothing_held_out_has_no_ngram() -> None:
    assert baselines(encoded(IDS, len(IDS))).ngram is None


def test_of_a_long_text_the_nearest_part_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngram, "COUNTED", 100)
    monkeypatch.setattr(ngram, "SCORED", 20)
    assert baselines(encoded(IDS, 270)).ngram == pytest.approx(slow_witten_bell(IDS[170:270], IDS[270:290], 4, 5))


def test_they_are_computed_once_and_what_is_damaged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = baselines(encoded(IDS, 270))
    with monkeypatch.context() as patch:
        patch.setattr(ngram, "witten_bell", lambda *_: pytest.fail("computed again"))
        assert baselines(encoded([], 0)) == first
    for damage in (b"", b"\xff", b"[]", b"{}", b'{"uniform": "x", "letters": 1, "order": 5}'):
        kept.path("baselines", "k").write_bytes(damage)
        assert baselines(encoded(IDS, 270)) == first


def test_they_come_back_from_what_was_written() -> None:
    for before in (Baselines(4.0, 3.0, 1.7, 5), Baselines(4.0, 3.0, None, 3)):
        stored = {name: value for name, value in asdict(before).items() if value is not None}
        assert Baselines.of(json.loads(json.dumps(stored))) == before
    assert Baselines.of({}) is None and Baselines.of("none") is None
    assert Baselines.of({"uniform": math.nan, "letters": 3.0, "order": 5}) is None


def test_called_off_it_leaves_nothing() -> None:
    def tell(doing: str, share: float) -> None:
        raise Cancelled("called off")

    with pytest.raises(Cancelled):
        baselines(encoded(IDS, 270), tell)
    assert not kept.path("baselines", "k").exists()
