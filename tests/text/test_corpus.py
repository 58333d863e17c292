"""A chosen text, decoded and cleaned; and its beginning, which is the same."""

import hashlib
from pathlib import Path

import pytest

from lstm_tui.config import TextConfig
from lstm_tui.errors import UserError
from lstm_tui.text import corpus, library
from tests.conftest import CORPORA

CSV = 'ID,Joke,Note\n1,"Knock, knock.\nWho?",x\n2,,x\n3,"She said ""no""."\n4,Ha\n5\n'


def entry_of(path: Path, content: bytes | str) -> library.Entry:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return library.find(str(path))


@pytest.fixture
def jokes(tmp_path: Path) -> library.Entry:
    return entry_of(tmp_path / "jokes.csv", CSV)


def test_read_says_what_it_read(tmp_path: Path) -> None:
    content = "\ufeffÄ b\r\nC\r\n".encode()
    read = corpus.read(entry_of(tmp_path / "a.txt", content), TextConfig(lower=True))
    assert (read.name, read.title, read.text) == ("a.txt", "a.txt", "ä b\nc\n")
    assert (read.encoding, read.notes) == ("utf-8 (byte-order mark)", ("lower-cased",))
    assert read.sha256 == hashlib.sha256(content).hexdigest()


def test_nothing_left(tmp_path: Path) -> None:
    entry = entry_of(tmp_path / "a.csv", "ID,Joke\n1, \n2,\n")
    with pytest.raises(UserError, match=r"Nothing is left of a\.csv to learn"):
        corpus.read(entry, TextConfig(column="Joke"))


@pytest.mark.parametrize("name", ["fables", "verses", "jokes", "python-manual", "python-source"])
def test_a_preview_is_the_beginning_of_what_is_read(name: str) -> None:
    entry = library.find(name)
    whole = corpus.read(entry, TextConfig()).text
    for size in (5000, 16_384):
        start = corpus.preview(entry, size)
        assert len(start) > size / 4
        # The preview's last line may lack an end that the whole text has.
        assert whole.startswith(start.rstrip("\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_preview_may_cut_a_character(tmp_path: Path, encoding: str) -> None:
    text = "🦊 世é " * 100
    entry = entry_of(tmp_path / "a.txt", text.encode(encoding))
    for size in range(100, 130):
        start = corpus.preview(entry, size)
        assert text.startswith(start) and len(start) > 10


def test_a_preview_of_a_small_file_is_all_of_it(jokes: library.Entry, text_file: Path) -> None:
    assert corpus.preview(library.find(str(text_file))) == text_file.read_text(encoding="utf-8")
    assert corpus.preview(jokes) == CSV


# Columns of a CSV file.


def test_a_column_is_joined_by_the_separator(jokes: library.Entry) -> None:
    spaces = corpus.read(jokes, TextConfig(column="Joke", separator=" "))
    assert spaces.text == 'Knock, knock.\nWho? She said "no". Ha'
    assert spaces.notes == ("3 records of the column Joke",)
    lines = corpus.read(jokes, TextConfig(column="Joke"))
    assert lines.text == 'Knock, knock.\nWho?\nShe said "no".\nHa\n'


def test_without_a_column_a_csv_file_is_plain_text(jokes: library.Entry) -> None:
    assert corpus.read(jokes, TextConfig()).text == CSV


def test_a_missing_column_is_refused_with_those_there_are(jokes: library.Entry) -> None:
    with pytest.raises(UserError, match=r"jokes\.csv has no column 'joke'; its columns are: ID, Joke, Note\."):
        corpus.read(jokes, TextConfig(column="joke"))


def test_a_cell_may_hold_a_book(tmp_path: Path) -> None:
    book = "word " * 60_000
    entry = entry_of(tmp_path / "a.csv", f"Book\n{book}\n")
    assert corpus.read(entry, TextConfig(column="Book")).text == book + "\n"
    with pytest.raises(UserError, match="has no column 'Joke'"):
        corpus.read(entry_of(tmp_path / "b.csv", book), TextConfig(column="Joke"))


# Figures.


def test_figures() -> None:
    found = corpus.figures("the cat\nthe  hat\n")
    assert (found.characters, found.kinds, found.words, found.lines) == (17, 7, 4, 2)
    assert found.frequent[:3] == (("t", 4), ("h", 3), ("e", 2))


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared texts are not here")
def test_alice_begins_and_ends_with_the_book() -> None:
    alice = corpus.read(library.find(str(CORPORA / "alice_pg11-0_utf8_bom_crlf.txt")), TextConfig(lower=True))
    assert alice.text.startswith("alice’s adventures in wonderland\n")
    assert alice.text.endswith("the end\n")
    assert alice.encoding == "utf-8 (byte-order mark)"
    assert corpus.figures(alice.text).kinds == 47
    assert abs(len(alice.text) - 144_435) <= 1


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared texts are not here")
def test_the_tutorials_jokes() -> None:
    """23,914 words, 6,925 distinct: the figures that recipes.md reports of the tutorial."""
    jokes = library.find(str(CORPORA / "reddit-cleanjokes.csv"))
    words = corpus.read(jokes, TextConfig(column="Joke", separator=" ")).text.split(" ")
    assert (len(words), len(set(words))) == (23_914, 6_925)
