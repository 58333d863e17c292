"""A chosen text as a stream of cleaned pieces; and its beginning, which is the same."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.sections import TextConfig
from lstm_tui.text import corpus, library
from lstm_tui.text.cleaning import Choices
from lstm_tui.text.corpus import Corpus
from lstm_tui.text.decoding import Malformed
from lstm_tui.text.library import Entry
from lstm_tui.text.parts import END, PIECE
from tests.conftest import CORPORA

HARD = CORPORA / "hard"
CSV = 'ID,Joke,Note\n1,"Knock, knock.\nWho?",x\n2,,x\n3,"She said ""no""."\n4,Ha\n5\n'
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared texts are not here")


def entry_of(path: Path, content: bytes | str | None = None, **settings: str) -> Entry:
    """A file or folder as an entry, written before where there is content."""
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Entry(path.name, path.name, "", 0, "given", (path,), tuple(sorted(settings.items())))


def whole(found: Corpus) -> str:
    return "".join(piece for piece, _ in found.stream())


def opened(entry: Entry, **settings: object) -> Corpus:
    return corpus.open_corpus(entry, TextConfig.model_validate(settings))


@pytest.fixture
def folder(tmp_path: Path) -> Entry:
    """Two texts, one in another encoding, and what is no text."""
    entry_of(tmp_path / "many" / "a.txt", "First.\n")
    entry_of(tmp_path / "many" / "b.txt", "Größe, überall, schöne Äpfel für Müller.\n".encode("cp1252"))
    entry_of(tmp_path / "many" / "c.txt", "broken ü\n".encode() + b"\xff")
    entry_of(tmp_path / "many" / "d.bin", bytes(100))
    return entry_of(tmp_path / "many")


def test_a_file_is_read_as_often_as_is_wanted(tmp_path: Path) -> None:
    content = "\ufeffÄ b\r\nC\r\n".encode()
    found = opened(entry_of(tmp_path / "a.txt", content), lower=True)
    assert (found.name, found.title, found.encoding) == ("a.txt", "a.txt", "utf-8 (byte-order mark)")
    assert (found.several, found.separator, found.documents, found.notes) == (False, "", None, [])
    assert list(found.stream()) == list(found.stream()) == [("ä b\nc\n", True)]
    assert (found.documents, found.notes) == (1, ["2 capital letters made small"])
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_only_the_last_piece_ends_the_document(tmp_path: Path) -> None:
    text = "a line of a few words\n" * 200_000
    for settings in ({}, {"gutenberg": False}):
        pieces = list(opened(entry_of(tmp_path / "a.txt", text), **settings).stream())
        assert "".join(piece for piece, _ in pieces) == text and len(pieces) > 3
        assert [ends for _, ends in pieces] == [False] * (len(pieces) - 1) + [True]


def test_nothing_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Nothing is left of a\.csv to learn; choose another text"):
        whole(opened(entry_of(tmp_path / "a.csv", "ID,Joke\n1, \n2,\n"), column="Joke"))
    with pytest.raises(UserError, match=r"Nothing is left of a\.txt"):
        whole(opened(entry_of(tmp_path / "a.txt", "1 2\n3\n"), letters=True))


def test_malformed_text_is_read_only_where_that_is_wanted(tmp_path: Path) -> None:
    entry = entry_of(tmp_path / "a.txt", "Größe überall ".encode() + b"\xff\n")
    with pytest.raises(Malformed):
        opened(entry)
    found = opened(entry, malformed=True)
    assert whole(found) == "Größe überall �\n"
    assert found.notes == ["1 malformed place read as �"]


def test_double_encoding_is_noted_and_undone(tmp_path: Path) -> None:
    entry = entry_of(tmp_path / "a.txt", "CafÃ© â€” naÃ¯ve\n")
    found = opened(entry)
    assert whole(found).startswith("CafÃ©")
    offer = "looks like UTF-8 read as Windows-1252 and encoded again; --text.repair true undoes that"
    assert found.notes == [offer] == corpus.preview(entry).notes
    found = opened(entry, repair=True)
    assert whole(found) == "Café — naïve\n"
    assert found.notes == ["double encoding undone in 1 line"]


# Several documents.


def test_records_end_with_a_token_or_the_separator(tmp_path: Path) -> None:
    entry = entry_of(tmp_path / "jokes.csv", CSV)
    found = opened(entry, column="Joke")
    assert list(found.stream()) == [
        ("Knock, knock.\nWho?" + END, True),
        ('She said "no".' + END, True),
        ("Ha" + END, True),
    ]
    assert (found.several, found.documents, found.notes) == (
        True,
        3,
        [
            "3 records of the column Joke",
            "3 rows with fewer or more columns than the first line (the first: jokes.csv, line 5)",
        ],
    )
    assert whole(opened(entry, column="Joke", separator=" | ")) == 'Knock, knock.\nWho? | She said "no". | Ha | '
    assert whole(opened(entry, column="Joke", separator="")) == 'Knock, knock.\nWho?She said "no".Ha'
    assert whole(opened(entry)) == CSV


def test_a_separator_within_a_record_is_taken_out(tmp_path: Path) -> None:
    found = opened(entry_of(tmp_path / "a.csv", f"Joke\na{END}b\n{END}\nc\n"), column="Joke")
    assert list(found.stream()) == [("ab" + END, True), ("c" + END, True)]
    assert found.notes == ["2 records of the column Joke", "2 record separators (U+001E) taken out of the texts"]
    assert whole(opened(entry_of(tmp_path / "a.txt", f"a{END}b"))) == f"a{END}b"


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.csv has no column 'joke'; its columns are: ID, Joke, Note\."):
        whole(opened(entry_of(tmp_path / "a.csv", CSV), column="joke"))


def test_a_folder_is_read_without_what_is_no_text(folder: Entry) -> None:
    found = opened(folder)
    assert list(found.stream()) == [
        ("First.\n" + END, True),
        ("Größe, überall, schöne Äpfel für Müller.\n" + END, True),
    ]
    assert (found.several, found.documents, found.encoding) == (True, 2, "utf-8, cp1252")
    assert [name for name, _ in found.skipped] == ["c.txt", "d.bin"]
    assert found.skipped[0][1].startswith("is UTF-8, but byte 10 is malformed")
    assert found.skipped[1][1] == "is not a text but binary data"
    assert found.notes[0] == "2 files taken, 2 skipped"
    assert corpus.preview(folder).text == "First.\n\nGröße, überall, schöne Äpfel für Müller.\n\n"


def test_no_text_is_taken_twice(folder: Entry) -> None:
    (place,) = folder.paths
    (place / "b copy.txt").write_bytes((place / "b.txt").read_bytes())
    found = opened(library.find(str(place), str(place / ".." / place.name), str(place / "a.txt")))
    list(found.stream())
    assert found.documents == 2 and len(found.files) == 2
    assert ("many/b.txt", f"the same as {found.files[1]}") in found.skipped


def test_an_edit_that_is_taken_back_is_seen(tmp_path: Path) -> None:
    """Or the other text would be kept as this one's."""
    entry, times = entry_of(tmp_path / "a.txt", "one\n" * 9), (10**18, 10**18)
    os.utime(tmp_path / "a.txt", ns=times)
    found = opened(entry)
    list(found.stream())
    (tmp_path / "a.txt").write_text("two\n" * 9)
    os.utime(tmp_path / "a.txt", ns=times)
    with pytest.raises(UserError, match=r"^a\.txt was changed while it was being read; try again\.$"):
        list(found.stream())


def test_of_a_folder_something_has_to_be_a_text(tmp_path: Path) -> None:
    entry_of(tmp_path / "many" / "a.bin", bytes(100))
    entry_of(tmp_path / "many" / "b.bin", bytes(100))
    with pytest.raises(UserError, match="None of the 2 files of many is a text: is not a text but binary"):
        opened(entry_of(tmp_path / "many"))
    with pytest.raises(UserError, match="is not a text but binary"):
        corpus.preview(entry_of(tmp_path / "many"))


def test_a_file_that_was_named_is_never_skipped(tmp_path: Path) -> None:
    paths = (tmp_path / "a.txt", tmp_path / "b.bin")
    entry_of(paths[0], "text\n")
    entry_of(paths[1], bytes(100))
    entry = Entry("two", "two", "", 0, "given", paths)
    with pytest.raises(UserError, match=r"b\.bin is not a text"):
        opened(entry)
    paths[1].write_text("more\n")
    assert whole(opened(entry)) == f"text\n{END}more\n{END}"


# The key.


def test_the_key_changes_with_what_decides_the_stream(folder: Entry, tmp_path: Path) -> None:
    entry = entry_of(tmp_path / "a.csv", CSV)
    settings: list[dict[str, object]] = [
        {}, {"lower": True}, {"gutenberg": False}, {"column": "Joke"}, {"column": "ID"},
        {"column": "Joke", "separator": " "}, {"column": "Joke", "separator": END + END}, {"encoding": "latin-1"},
    ]  # fmt: skip
    keys = [opened(entry, **one).key for one in settings]
    assert len(set(keys)) == len(keys)
    assert opened(entry, held_out=0.2, tokens="words", separator=" ", pattern="*.csv").key == keys[0]
    before = opened(folder).key
    assert opened(folder, pattern="*.txt").key == before != opened(folder, pattern="a*").key
    (folder.paths[0] / "a.txt").write_text("Other.\n")
    assert opened(folder).key != before


# Progress.


def test_reading_says_how_far_it_is_and_can_be_called_off(tmp_path: Path) -> None:
    entry_of(tmp_path / "many" / "a.txt", "word " * PIECE)
    entry_of(tmp_path / "many" / "b.txt", "word\n" * PIECE)
    told: list[tuple[str, float]] = []
    found = corpus.open_corpus(entry_of(tmp_path / "many"), TextConfig(), lambda *said: told.append(said))
    assert len(told) >= 20 and told[-1] == ("reading b.txt", 1.0)
    told.clear()
    assert len(list(found.stream(lambda *said: told.append(said)))) > 5
    shares = [share for _, share in told]
    assert len(told) >= 10 and shares == sorted(shares) and shares[0] == 0 and 0.8 < shares[-1] <= 1

    def cancel(doing: str, share: float) -> None:
        if share > 0.6:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        corpus.open_corpus(entry_of(tmp_path / "many"), TextConfig(), cancel)
    with pytest.raises(Cancelled):
        list(found.stream(cancel))


# The preview.


@pytest.mark.parametrize("name", ["fables", "verses", "jokes", "python-manual", "python-source"])
def test_a_preview_is_the_beginning_of_what_is_read(name: str) -> None:
    entry = library.find(name)
    read = whole(opened(entry, **dict(entry.text))).replace(END, "\n")
    for size in (5000, 16_384):
        look = corpus.preview(entry, size)
        assert size / 4 < len(look.text) <= size
        # The preview's last line may lack an end that the whole text has.
        assert read.startswith(look.text.rstrip("\n"))
        assert look.encoding == "utf-8" and look.notes == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_a_preview_of_a_long_file_reads_its_beginning_only(tmp_path: Path, encoding: str) -> None:
    text = "Die Größe der Äpfel, “so heißt es”, überrascht – schön für Müller’s Café.\n" * 20_000
    entry = entry_of(tmp_path / "a.txt", text.encode(encoding) + b"\xff\xff")
    look = corpus.preview(entry, 9000)
    assert look.text == look.before == text[:9000]
    assert look.encoding.startswith(encoding.removesuffix("-sig"))


def test_a_preview_shows_both_sides_of_cleaning(tmp_path: Path) -> None:
    head = "Header\n" * 3000 + "*** START OF THE PROJECT GUTENBERG EBOOK NIGHTS ***\n\n"
    entry = entry_of(tmp_path / "a.txt", head + "The Book\n" * 5000, lower="true")
    look = corpus.preview(entry, 100)
    assert look.before == head[:100] and look.text == ("the book\n" * 5000)[:100]
    assert [note.split()[-1] for note in look.notes] == ["characters)", "small"]
    look = corpus.preview(entry, 100, Choices(gutenberg=False))
    assert look.text == head[:100] and look.notes == []
    assert corpus.preview(entry, 100, settings={"lower": "false"}).text == ("The Book\n" * 5000)[:100]


def test_a_preview_of_records(tmp_path: Path) -> None:
    text = "".join(f'{{"text": "Record {number}", "other": "{"x" * 100}"}}\n' for number in range(20_000))
    entry = entry_of(tmp_path / "a.jsonl", text + "no JSON", column="text")
    assert corpus.preview(entry, 50).text == "".join(f"Record {number}\n" for number in range(20_000))[:50]
    assert corpus.preview(entry, 50, settings={"column": "none"}).text == text[:50]
    assert corpus.preview(entry, 12, settings={"separator": "--"}).text == "Record 0--Re"
    with pytest.raises(UserError, match="has no column 'Joke'"):
        corpus.preview(entry, settings={"column": "Joke"})


def test_a_preview_loads_nothing_heavy() -> None:
    code = (
        "import sys; from lstm_tui.text import corpus, library; corpus.preview(library.find('fables')); "
        "print(sorted({'numpy', 'torch', 'pydantic', 'ftfy', 'anyascii', 'charset_normalizer', 'pooch', 'cyclopts'}"
        " & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Real files.


@needs_corpora
@pytest.mark.parametrize(
    ("name", "begins", "ends", "characters"),
    [
        ("alice_pg11-0_utf8_bom_crlf.txt", "ALICE’S ADVENTURES IN WONDERLAND", "THE END\n", 144_436),
        ("andersen_pg1597_full_crlf.txt", "ANDERSEN'S FAIRY TALES", "RED SHOES.\n", 299_318),
        ("leaves_of_grass_pg1322.txt", "LEAVES OF GRASS", "my Fancy.\n", 738_055),
        ("hard/alice_wonderland_cp1252_crlf.txt", "ALICE’S ADVENTURES IN WONDERLAND", "THE END\n", 144_436),
    ],
)
def test_real_books_begin_and_end_with_the_book(name: str, begins: str, ends: str, characters: int) -> None:
    text = whole(opened(entry_of(CORPORA / name)))
    assert text.startswith(begins) and text.endswith(ends) and len(text) == characters
    assert "gutenberg" not in text.lower()


@needs_corpora
@pytest.mark.parametrize(
    ("name", "encoding", "within"),
    [
        ("alice_wonderland_cp1252_crlf.txt", "cp1252 (guessed, 99 % sure)", "Alice’s"),
        ("emoji-test_unicode.txt", "utf-8", "🦊"),
        ("tang300_zh.json", "utf-8", "李白"),
        ("udhr_Arabic_Alarabia-Arabic.txt", "cp1256 (guessed, 99 % sure)", "الإعلان العالمي لحقوق"),
        ("udhr_Japanese_Nihongo-SJIS.txt", "cp932 (guessed, 99 % sure)", "世界人権宣言"),
        ("utf16_le_bom.srt", "utf-16 (byte-order mark)", "-->"),
        ("utf16le_nobom.txt", "utf-16-le (no byte-order mark)", "DateTime,Bid,Ask\n"),
        ("utf8_bom.srt", "utf-8 (byte-order mark)", "-->"),
    ],
)
def test_hard_files(name: str, encoding: str, within: str) -> None:
    found = opened(entry_of(HARD / name))
    text = whole(found)
    assert found.encoding == encoding
    assert within in text and "\r" not in text and "\ufeff" not in text


@needs_corpora
def test_kuhns_stress_test() -> None:
    entry = entry_of(HARD / "utf8_kuhn_stress_invalid.txt")
    with pytest.raises(Malformed, match=r"byte 4,461 is malformed \(the first of 378 places\)"):
        opened(entry)
    content = (HARD / "utf8_kuhn_stress_invalid.txt").read_bytes().replace(b"\r\n", b"\n")
    assert whole(opened(entry, malformed=True)) == content.decode("utf-8", "replace")


@needs_corpora
def test_the_tutorials_jokes() -> None:
    """23,914 words, 6,925 distinct: the figures that recipes.md reports of the tutorial."""
    found = opened(entry_of(CORPORA / "reddit-cleanjokes.csv"), column="Joke", separator=" ")
    words = whole(found).removesuffix(" ").split(" ")
    assert (len(words), len(set(words)), found.documents) == (23_914, 6_925, 1_622)


@needs_corpora
def test_poems_of_a_json_array() -> None:
    found = opened(entry_of(HARD / "tang300_zh.json"), column="paragraphs")
    first = next(piece for piece, _ in found.stream())
    assert (
        first
        == "西陸蟬聲唱，南冠客思侵。\n那堪玄鬢影，來對白頭吟。\n露重飛難進，風多響易沈。\n無人信高潔，誰爲表予心。"
        + END
    )
