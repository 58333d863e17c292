"""Rows of a long text: where they are cut, and how little is looked at again."""

import random

import pytest
from textual.content import Content

from lstm_tui.app.wrapping import Wrapped


def rows(text: str, width: int) -> list[str]:
    wrapped = Wrapped(text)
    wrapped.wrap(width)
    return [wrapped.row(number) for number in range(len(wrapped))]


def some_text(letters: str, length: int = 600) -> str:
    """Words of up to 9 letters, with several spaces and empty lines among them."""
    random_ = random.Random(7)
    words = ("".join(random_.choices(letters, k=random_.randint(1, 9))) for _ in range(length // 4))
    return "".join(word + random_.choices((" ", "  ", "\n", "\n\n"), (20, 2, 2, 1))[0] for word in words)


@pytest.mark.parametrize("letters", ["abcdefgh", "абвгдежз", "的一是在ab", "a🙂b😀", "ae\u0301n\u0303"])
def test_they_are_those_of_textuals_own_texts(letters: str) -> None:
    text = some_text(letters)
    for width in (19, 20, 41, 200):
        expected = [line.plain for line in Content(text).wrap(width)]
        assert [row.rstrip() for row in rows(text, width)] == [row.rstrip() for row in expected]


def test_a_word_that_is_longer_than_a_row_is_cut() -> None:
    assert rows("ab abcdefghijkl mno", 5) == ["ab", "abcde", "fghij", "kl", "mno"]
    assert rows("的一是在", 5) == ["的一", "是在"]
    assert rows("的的", 1) == ["的", "的"]
    assert rows("   abcdef gh", 5) == ["   ab", "cdef", "gh"]


def test_lines_that_are_empty_and_spaces_that_have_no_room_are_rows_too() -> None:
    assert rows("", 5) == [""]
    assert rows("ab\n\ncd\n", 5) == ["ab", "", "cd", ""]
    assert rows("abcde     \nf", 5)[1:] == ["f"]


@pytest.mark.parametrize("letters", ["abcdefgh", "的一是在ab"])
def test_what_grows_has_the_same_rows_and_only_the_last_is_found_anew(letters: str) -> None:
    text = some_text(letters, 4_000)
    grown = Wrapped()
    grown.wrap(30)
    for begin in range(0, len(text), 7):
        before, known = grown.laid_out, len(grown)
        assert grown.append(text[begin : begin + 7]) == known - 1
        assert grown.laid_out - before == len(grown) - known + 1
    assert [grown.row(number) for number in range(len(grown))] == rows(text, 30)


def test_a_row_knows_its_place_in_the_text() -> None:
    wrapped = Wrapped("ab cd\n\nef gh ij")
    wrapped.wrap(3)
    assert [wrapped.place(row) for row in range(len(wrapped))] == [(0, 0), (0, 3), (1, 0), (2, 0), (2, 3), (2, 6)]
    assert [wrapped.begins(row) for row in range(len(wrapped))] == [0, 3, 6, 7, 10, 13]
    assert wrapped.line_count == 3
