"""What is taken out of a text, or changed, before it is learnt."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.sections import TextConfig
from lstm_tui.text import cleaning
from lstm_tui.text.cleaning import Choices, Cleaner, clean_text

STEPS = ["repair", "gutenberg", "nfc", "ascii", "lower", "letters", "blank_lines"]
NOTHING = Choices(gutenberg=False)


def cleaned(text: str, *steps: str) -> tuple[str, list[str]]:
    return clean_text(text, Choices(**{step: step in steps for step in STEPS}))


def test_choices_come_from_a_config_or_from_what_was_typed() -> None:
    assert Choices.of(TextConfig()) == Choices() == Choices.typed({})
    typed = {"lower": " True", "gutenberg": "no", "column": "Joke", "nfc": "1", "letters": "false"}
    assert Choices.typed(typed) == Choices(lower=True, gutenberg=False, nfc=True)
    assert Choices.of(TextConfig(lower=True, gutenberg=False, nfc=True)) == Choices.typed(typed)


@pytest.mark.parametrize(
    ("step", "text", "result", "note"),
    [
        ("lower", "ÜBER Σ Οδυσσεύς ΟΔΥΣΣΕΎΣ\n", "über σ οδυσσεύς οδυσσεύς\n", "14 capital letters made small"),
        ("nfc", "e\u0301\ne\n", "é\ne\n", "letters and their accents composed (NFC) in 1 line"),
        ("ascii", "Ærø — “ça”\n", 'Aero - "ca"\n', "6 characters written in ASCII"),
        ("ascii", "世界\n", "ShiJie\n", "2 characters written in ASCII"),
        (
            "letters",
            "It's 5 o’clock, Zoë!\n",
            "Its  oclock Zoë\n",
            "5 characters taken out: neither letters nor white space",
        ),
        ("blank_lines", "a\n\n\n \n\nb\n\nc\n  d\n", "a\n\nb\n\nc\n  d\n", "3 blank lines taken out"),
        ("repair", "cafÃ©\nplain\nâ€œsoâ€\x9d\n", "café\nplain\n“so”\n", "double encoding undone in 2 lines"),
    ],
)
def test_each_step_says_what_it_did(step: str, text: str, result: str, note: str) -> None:
    assert cleaned(text, step) == (result, [note])
    assert cleaned(result, step) == (result, [])
    assert cleaned(text) == (text, [])


def test_a_mark_goes_with_what_it_stands_on() -> None:
    text = "हिन्दी e\u0301 \u0301 ❤\ufe0f 1\u20e3x \u0308"
    assert cleaned(text, "letters")[0] == "हिन्दी e\u0301   x "
    assert cleaned("\u0301a", "letters")[0] == "a"


def test_blank_lines_at_the_ends() -> None:
    assert cleaned("\n\n\na\n\n\n\n", "blank_lines")[0] == "\na\n\n"
    assert cleaned("\n  a\n   ", "blank_lines")[0] == "\n  a\n   "
    assert cleaned("\n\n\n", "blank_lines")[0] == "\n"


def test_steps_follow_one_another() -> None:
    text, notes = cleaned("Ã‰tÃ© 5\n\n\n\nœuvre\n", *STEPS)
    assert text == "ete \n\noeuvre\n"
    assert [note.split()[0] for note in notes] == ["double", "3", "1", "1", "2"]


def test_without_steps_the_stream_stays_as_it_is() -> None:
    stream = [("a", False), ("", False), ("\n\n\nb", True), ("", True)]
    assert list(Cleaner(NOTHING).clean(iter(stream))) == stream


def test_a_document_with_nothing_left_is_still_told() -> None:
    stream = [("a1", True), ("23", True), ("b", True)]
    assert list(Cleaner(Choices(letters=True)).clean(iter(stream))) == [("a", True), ("", True), ("b", True)]


def test_a_record_stays_a_piece() -> None:
    stream = [(f"Record {number}\n", True) for number in range(100)]
    assert list(Cleaner(Choices(lower=True)).clean(iter(stream))) == [(text.lower(), True) for text, _ in stream]


def test_pieces_end_with_a_line_or_a_word() -> None:
    lines = "a line of a few words\n" * 100_000
    pieces = [piece for piece, _ in Cleaner(Choices(lower=True)).clean(iter([(lines, True)]))]
    assert len(pieces) > 2 and all(piece.endswith("\n") for piece in pieces)
    words = "words and words " * 150_000
    pieces = [piece for piece, _ in Cleaner(Choices(lower=True)).clean(iter([(words, True)]))]
    assert len(pieces) > 2 and all(piece.endswith(" ") for piece in pieces) and "".join(pieces) == words


# Cuts.

characters = st.sampled_from("aAÉe\u0301\u0308ΣσΟ \n\n\t.5世é❤\ufe0fÃ©â€œ\u1100\u1161\u3000\x1eİ")
texts = st.lists(st.text(characters, max_size=60), max_size=4)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(texts, st.sets(st.sampled_from(STEPS)), st.integers(1, 9), st.integers(1, 9), st.sampled_from([16, 40, 1 << 20]))
def test_the_cuts_change_nothing(documents: list[str], steps: set[str], one: int, other: int, piece: int) -> None:
    """Not even where pieces are so short that no end of line, and no white space, is in them."""
    choices = Choices(**{step: step in steps for step in STEPS})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "_PIECE", piece)
        assert _whole(documents, choices, one) == _whole(documents, choices, other)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(texts, st.sets(st.sampled_from(STEPS)), st.integers(1, 9))
def test_a_document_in_pieces_is_cleaned_as_a_whole_one(documents: list[str], steps: set[str], size: int) -> None:
    choices = Choices(**{step: step in steps for step in STEPS})
    # Lines short enough for each piece to end with one, as they are in a text.
    lined = ["".join(f"{text[at : at + 7]}\n" for at in range(0, len(text), 7)) for text in documents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "_PIECE", 40)
        found, _ = _whole(lined, choices, size)
    assert found == [clean_text(document, choices)[0] for document in lined]


def _whole(documents: list[str], choices: Choices, size: int) -> tuple[list[str], list[str]]:
    """The documents cleaned, given in pieces of `size` characters; and the notes."""
    cleaner = Cleaner(choices)
    texts: list[str] = [""]
    for piece, ends in cleaner.clean(_cut(documents, size)):
        texts[-1] += piece
        if ends:
            texts.append("")
    return texts[:-1], cleaner.notes


def _cut(documents: list[str], size: int) -> Iterator[tuple[str, bool]]:
    for document in documents:
        pieces = ["".join(piece) for piece in itertools.zip_longest(*[iter(document)] * size, fillvalue="")]
        yield from ((piece, False) for piece in pieces)
        yield "", True
