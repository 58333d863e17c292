"""What is taken out of a text before it is learnt."""

import pytest

from lstm_tui.text.cleaning import clean, strip_gutenberg
from lstm_tui.text.decoding import decode
from tests.conftest import CORPORA

BOOK = "CHAPTER I\n\nIt was *** a dark night.\n\nEnd of the tale.\n"
NEW = (
    "The Project Gutenberg eBook of Nights\n\n*** START OF THE PROJECT GUTENBERG EBOOK NIGHTS ***\n\n\n",
    "\n\n*** END OF THE PROJECT GUTENBERG EBOOK NIGHTS ***\n\nSection 1. Terms of use\n",
)
OLD = (
    "Title: Nights\n\n***START OF THIS PROJECT GUTENBERG EBOOK NIGHTS***\n\nProduced by A. Person\nand others\n\n",
    "\n\nEnd of Project Gutenberg's Nights, by A. Person\n\n***END OF THIS PROJECT GUTENBERG EBOOK NIGHTS***\nTerms\n",
)
TWO_LINES = ("x\n*** START OF THE PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE INDEED ***\n", NEW[1])


@pytest.mark.parametrize(("head", "foot"), [NEW, TWO_LINES, (NEW[0], ""), ("", NEW[1])])
def test_the_book_is_left(head: str, foot: str) -> None:
    text, note = strip_gutenberg(head + BOOK + foot)
    assert text == BOOK
    assert note == f"Project Gutenberg's header and footer taken out ({len(head + foot):,} characters)"


def test_old_markers() -> None:
    text, note = strip_gutenberg(OLD[0] + BOOK + OLD[1])
    assert text == BOOK and note


@pytest.mark.parametrize(
    "text",
    [
        BOOK,
        "",
        "He said: *** START OF THE PROJECT GUTENBERG EBOOK *** in the middle of a line.\n",
        "Project Gutenberg is a library.\n",
    ],
)
def test_a_text_without_markers_stays(text: str) -> None:
    assert strip_gutenberg(text) == (text, "")


@pytest.mark.parametrize("text", [NEW[0], NEW[0] + NEW[1]])
def test_markers_around_nothing_leave_the_text(text: str) -> None:
    assert strip_gutenberg(text) == (text, "")


def test_an_end_before_the_start_is_no_end() -> None:
    text, _ = strip_gutenberg("*** END OF THE PROJECT GUTENBERG EBOOK OTHER ***\n" + NEW[0] + BOOK + NEW[1])
    assert text.startswith("CHAPTER I") and "START OF" not in text


def test_clean_says_what_it_did() -> None:
    assert clean("Über\n", gutenberg=True, lower=False) == ("Über\n", [])
    assert clean("ÜBER\n", gutenberg=True, lower=True) == ("über\n", ["lower-cased"])
    text, notes = clean(NEW[0] + BOOK + NEW[1], gutenberg=True, lower=True)
    assert text == BOOK.lower() and len(notes) == 2
    assert clean(NEW[0] + BOOK, gutenberg=False, lower=False) == (NEW[0] + BOOK, [])


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared texts are not here")
@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("alice_pg11-0_utf8_bom_crlf.txt", "ALICE’S ADVENTURES IN WONDERLAND", "THE END\n"),
        ("andersen_pg1597_full_crlf.txt", "ANDERSEN'S FAIRY TALES", "\n"),
        ("leaves_of_grass_pg1322.txt", "LEAVES OF GRASS", "\n"),
    ],
)
def test_real_books(name: str, begins: str, ends: str) -> None:
    whole = decode((CORPORA / name).read_bytes(), name).text
    text, note = strip_gutenberg(whole)
    assert note and 0.8 * len(whole) < len(text) < len(whole)
    assert text.upper().strip().startswith(begins) and text.endswith(ends)
    assert text == text.strip("\n") + "\n"
    assert "PROJECT GUTENBERG EBOOK" not in text and "gutenberg.org" not in text.lower()
