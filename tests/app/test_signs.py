"""Characters side by side, each as wide as it is: what is seen of frequent and rare ones, and of texts."""

import pytest
from rich.cells import cell_len

from lstm_tui.app.widgets.glyphs import in_ascii, use_ascii
from lstm_tui.app.widgets.signs import chart, sign, signs
from lstm_tui.app.widgets.words import one_line, readable


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("e", "e"),
        ("\n", "\\n"),
        ("\x1e", "<end>"),
        ("\x1b", "U+001B"),
        ("\u0301", "◌\u0301"),
        ("\u200d", "U+200D"),
        ("\u202e", "U+202E"),
        ("\ufe0f", "U+FE0F"),
        ("\U0001f3fd", "U+1F3FD"),
        ("中", "中"),
        ("😀", "😀"),
        ("ش", "ش"),
    ],
)
def test_a_character_is_itself_or_what_it_is_called(character: str, shown: str) -> None:
    assert sign(character) == shown


def test_bars_stand_over_their_characters_be_they_wide() -> None:
    counts = [("中", 90), ("e", 60), ("😀", 30), ("\u0301", 10), ("\u200d", 5), ("z", 1)]
    above, below = chart(counts, 30, "red")
    assert above.cell_len == below.cell_len == 15  # the joiner has a name instead of a place
    assert below.plain == "中 e  😀 ◌\u0301  z  "
    assert above.plain.startswith("█")
    assert chart(counts, 8, "red")[1].plain == "中 e  "
    assert [line.plain for line in chart([], 30, "red")] == ["", ""]


def test_as_many_rare_ones_as_there_is_room_for() -> None:
    assert signs([("中", 1), ("\x1b", 1), ("z", 1)], 9) == "中 U+001B"
    assert signs([("中", 1), ("\x1b", 1), ("z", 1)], 8) == "中"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👨\u200d👩\u200d👧!", "👨👩👧!"),
        ("❤\ufe0f\u200d🔥", "❤🔥"),
        ("👍\U0001f3fd", "👍▒"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("中\tb\x1b[31m", "中   b�[31m"),
        ("a\u200db", "ab"),
    ],
)
def test_emoji_stand_as_the_characters_they_are_made_of(text: str, shown: str) -> None:
    assert readable(text) == shown
    assert cell_len(shown) == sum(map(cell_len, shown))  # as any terminal counts


def test_in_ascii_a_stand_in_is_ascii_and_a_text_its_own() -> None:
    use_ascii(True)
    try:
        assert in_ascii(readable("caf\xe9\x1b[31m \U0001f44d\U0001f3fd")) == "caf\xe9?[31m \U0001f44d#"
        assert (sign("\u0301"), sign("\xe9")) == ("U+0301", "\xe9")
    finally:
        use_ascii(False)
    assert in_ascii(readable("\x1b[31m")) == "�[31m"


def test_a_name_is_one_line() -> None:
    assert one_line("a\nb\x1b") == "a b�"
