"""Project Gutenberg's header and footer, of three decades."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.text import cleaning, gutenberg
from lstm_tui.text.cleaning import Choices, Cleaner, clean_text

BOOK = "CHAPTER I\n\nIt was *** a dark night.\n\nEnd of the tale.\n"
NEW = (
    "The Project Gutenberg eBook of Nights\n\n*** START OF THE PROJECT GUTENBERG EBOOK NIGHTS ***\n\n\n",
    "\n\n*** END OF THE PROJECT GUTENBERG EBOOK NIGHTS ***\n\nSection 1. Terms of use\n",
)
OLD = (
    "Title: Nights\n\n***START OF THIS PROJECT GUTENBERG EBOOK NIGHTS***\n\nProduced by A. Person\nand others\n\n",
    "\n\nEnd of Project Gutenberg's Nights, by A. Person\n\n***END OF THIS PROJECT GUTENBERG EBOOK NIGHTS***\nTerms\n",
)
SMALL_PRINT = (
    "**Welcome To The World of Free Plain Vanilla Electronic Texts**\n\n***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN "
    "ETEXTS**START***\nWhy is this here?\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n\n"
    "This etext was prepared by A. Person.\n\n",
    "\nEnd of the Project Gutenberg Etext of Nights, by A. Person\n",
)
PROSE = "It was the\nend of Project Gutenberg as we know it.\n"
BOTH = (NEW[0] + SMALL_PRINT[0], SMALL_PRINT[1])
TWO_LINES = ("x\n*** START OF THE PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE INDEED ***\n", NEW[1])
NO_STARS = ("x\n*** START OF THE PROJECT GUTENBERG EBOOK NIGHTS\n\n", NEW[1])


@pytest.mark.parametrize(
    ("head", "foot"), [NEW, OLD, SMALL_PRINT, BOTH, TWO_LINES, NO_STARS, (NEW[0], ""), ("", NEW[1])]
)
def test_the_book_is_left(head: str, foot: str) -> None:
    text, notes = clean_text(head + BOOK + foot, Choices())
    assert text == BOOK
    assert notes == [f"Project Gutenberg's header and footer taken out ({len(head + foot):,} characters)"]


@pytest.mark.parametrize(
    "text",
    [
        BOOK,
        "",
        "\n\n" + BOOK + "\n\n",
        "He said: *** START OF THE PROJECT GUTENBERG EBOOK *** in the middle of a line.\n",
        "Project Gutenberg is a library.\n",
        PROSE,
        "It was the\nEnd of Project Gutenberg as we know it.\n",
        "It was so.\n\nend of project gutenberg, he wrote\n",
        NEW[0],
        NEW[0] + NEW[1],
    ],
)
def test_a_text_without_a_book_between_markers_stays(text: str) -> None:
    assert clean_text(text, Choices()) == (text, [])


@pytest.mark.parametrize("foot", [NEW[1], OLD[1], SMALL_PRINT[1], "\n\nEND OF THE PROJECT GUTENBERG ETEXT\n"])
def test_a_footer_without_a_header_is_told_from_prose(foot: str) -> None:
    assert clean_text(PROSE + foot, Choices())[0] == PROSE
    assert clean_text(PROSE + NEW[0] + BOOK + NEW[1], Choices())[0] == BOOK


def test_a_small_print_behind_the_book_is_no_header() -> None:
    assert clean_text(BOOK + SMALL_PRINT[0].partition("\n\n\n")[0] + "\n", Choices())[0].startswith(BOOK)


def test_several_books_in_one_file_are_all_kept() -> None:
    text = NEW[0] + BOOK + NEW[1] + OLD[0] + BOOK.lower() + OLD[1] + NEW[0] + BOOK + NEW[1]
    assert clean_text(text, Choices())[0] == BOOK + BOOK.lower() + BOOK


def test_each_document_has_its_own_header() -> None:
    document = NEW[0] + BOOK + NEW[1]
    cleaned = list(Cleaner(Choices()).clean(iter([(document, True), (BOOK, True), (document, True)])))
    assert cleaned == [(BOOK, True)] * 3


def test_a_header_is_looked_for_at_the_beginning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm_tui.text.gutenberg._WINDOW", 100)
    text = BOOK * 3 + NEW[0] + BOOK
    assert clean_text(text, Choices()) == (text, [])


def test_the_footer_of_a_long_book_is_found() -> None:
    long = BOOK * 40_000  # more than two pieces
    cleaner = Cleaner(Choices())
    pieces = [piece for piece, _ in cleaner.clean(iter([(NEW[0] + long + "\n\n\n" + NEW[1], True)]))]
    assert len(pieces) > 2 and "".join(pieces) == long


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from([*NEW, *OLD, *SMALL_PRINT, BOOK, PROSE, "\n", "\n\n", "word "]), max_size=12),
    st.integers(1, 400),
)
def test_the_cuts_change_nothing(parts: list[str], size: int) -> None:
    text = "".join(parts)
    cut = [(text[at : at + size], False) for at in range(0, len(text), size)]
    cleaner = Cleaner(Choices())
    assert ("".join(piece for piece, _ in cleaner.clean(iter([*cut, ("", True)]))), cleaner.notes) == clean_text(
        text, Choices()
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.booleans(), st.lists(st.sampled_from([NEW[1], OLD[1], BOOK, PROSE, "\n", "\n\n", "word "]), max_size=12))
def test_a_book_in_pieces_is_found_as_in_one(header: bool, parts: list[str]) -> None:
    text = NEW[0] * header + "".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gutenberg, "_WINDOW", 130)
        whole = clean_text(text, Choices())
        patch.setattr(cleaning, "_PIECE", 300)
        pieces = clean_text(text, Choices())
    if whole[0].strip() != text.strip():  # only a whole document is known to have nothing between its markers
        assert pieces == whole
