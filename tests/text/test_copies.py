"""The longest copy is the longest: beside a search of every stretch, and where it is known."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lstm_tui.text import copies
from lstm_tui.text.copies import Copy, longest_copy


def ids(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def searched(made: bytes, learnt: bytes) -> int:
    """The same by trying every stretch."""
    stretches = (made[i:j] for i in range(len(made)) for j in range(i + 1, len(made) + 1))
    return max((len(stretch) for stretch in stretches if stretch in learnt), default=0)


@pytest.mark.parametrize(
    ("made", "learnt", "copy"),
    [
        ("", "abc", ""),
        ("abc", "", ""),
        ("xyz", "abc", ""),
        ("xay", "abc", "a"),
        ("the lamp and the fox", "a lamp and then", " lamp and the"),
        ("abcdefg", "abcdefg", "abcdefg"),
        ("abcdefg", "xxabcdefgxx", "abcdefg"),
        ("xxabcdefgxx", "abcdefg", "abcdefg"),
        ("aaaaaaaaaaaaa", "aaaaa", "aaaaa"),
        ("aaaaa", "aaaaaaaaaaaaa", "aaaaa"),
    ],
)
def test_where_it_is_known(made: str, learnt: str, copy: str) -> None:
    found = longest_copy(ids(made), ids(learnt))
    assert made[found.start : found.start + found.length] == copy


@pytest.mark.parametrize("kinds", [1, 2, 3, 20])
@pytest.mark.parametrize("piece", [copies._PIECE, 7, 1])
def test_it_is_what_a_search_of_every_stretch_finds(kinds: int, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces too: no copy is cut where one ends."""
    monkeypatch.setattr(copies, "_PIECE", piece)
    generator = np.random.default_rng(kinds)
    for _ in range(40):
        made, learnt = (generator.integers(kinds, size=size).astype(np.uint8) for size in generator.integers(1, 50, 2))
        found = longest_copy(made, learnt)
        stretch = made[found.start : found.start + found.length].tobytes()
        assert found.length == searched(made.tobytes(), learnt.tobytes())
        assert stretch in learnt.tobytes()


@pytest.mark.parametrize("type_", [np.uint8, np.uint16, np.uint32])
def test_without_tables_and_with_wide_ids(type_: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_LARGEST_TABLE", 0)
    learnt: NDArray[Any] = np.random.default_rng(5).integers(250, size=5_000).astype(type_)
    made = np.concatenate((learnt[300:307], learnt[100:137], learnt[900:920]))
    assert longest_copy(made, learnt) == Copy(7, 37)


def test_ids_that_were_never_made_are_passed_over() -> None:
    assert longest_copy(np.array([1, 2, 3]), np.array([70_000, 2, 3, 70_000, 1])) == Copy(1, 2)


def test_a_long_text_in_a_time_that_grows_with_its_length() -> None:
    """A million tokens of few kinds, and a copy of all that was made, over the end of a piece."""
    learnt = np.random.default_rng(1).integers(4, size=copies._PIECE + 30_000).astype(np.uint8)
    made = learnt[copies._PIECE - 9_000 : copies._PIECE + 9_000]
    assert longest_copy(made, learnt) == Copy(0, 18_000)
