"""Finding the text that is meant; adding, renaming, removing one's own; the settings that belong to one."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from lstm_tui import locations
from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text import library
from lstm_tui.text.decoding import Malformed


def content(entry: library.Entry, pattern: str = "*") -> bytes:
    return b"".join(piece for part in library.parts(entry, pattern).parts for piece in part.pieces())


def everything(folder: Path) -> list[str]:
    """All files below a folder, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of three texts and a picture."""
    folder = tmp_path / "notes"
    (folder / "old").mkdir(parents=True)
    for name in ("one.txt", "two.txt", "old/three.txt"):
        (folder / name).write_text(f"about {name}\n")
    (folder / "picture.png").write_bytes(bytes(range(256)))
    return folder


# Finding.


def test_find_by_path(text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = library.find(str(text_file))
    assert (entry.name, entry.paths, entry.group) == ("fox.txt", (text_file,), "given")
    monkeypatch.chdir(text_file.parent)
    assert library.find("fox.txt").paths == (text_file,)
    monkeypatch.setenv("HOME", str(text_file.parent))
    assert library.find("~/fox.txt").paths == (text_file,)


def test_find_says_what_there_is(tmp_path: Path) -> None:
    for name in ("gone.txt", "~nobody-of-that-name/x", "x" * 5000, "a\0b"):
        with pytest.raises(UserError, match=r"There is no text and no file .* or one of fables, verses, jokes, python"):
            library.find(name)


def test_a_folder_is_found_by_its_path(notes: Path) -> None:
    entry = library.find(str(notes))
    assert (entry.name, entry.group) == ("notes", "given")
    taken = library.parts(entry, "*.txt")
    assert [part.name for part in taken.parts] == ["old/three.txt", "one.txt", "two.txt"]
    assert taken.skipped == [("picture.png", "does not match *.txt")]
    with pytest.raises(UserError, match=r"No file in notes matches '\*\.pdf'; set another pattern"):
        library.parts(entry, "*.pdf")


def test_several_names_are_one_text(notes: Path, text_file: Path) -> None:
    entry = library.find(str(text_file), "verses", str(notes), str(text_file))
    assert (entry.name, entry.title) == ("fox.txt and 2 more", "fox.txt and 2 more")
    names = [part.name for part in library.parts(entry, "*.txt").parts]
    assert names == ["fox.txt", "verses.txt", "notes/old/three.txt", "notes/one.txt", "notes/two.txt"]
    assert entry.size == sum(library.find(name).size for name in (str(text_file), "verses", str(notes)))


def test_texts_that_do_not_go_together() -> None:
    with pytest.raises(UserError, match=r"differ \(fables: none; jokes: column Joke\); learn one of them\."):
        library.find("fables", "jokes")
    with pytest.raises(UserError, match="python-manual cannot be learnt together with other texts"):
        library.find("fables", "python-manual")


def test_standard_input_is_kept_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 1):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped %d" % number)))
        entry = library.find("-")
        assert (entry.name, entry.group, entry.size) == ("stdin", "given", 7)
        assert content(entry) == content(entry) == b"piped %d" % number
    assert len(everything(locations.cache() / "given")) == 2


def test_old_standard_inputs_go(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped %d" % number)))
        entry = library.find("-")
    assert content(entry) == b"piped 11"
    assert len(everything(locations.cache() / "given")) == 8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"through a pipe",))
    writer.start()
    entry = library.find(str(tmp_path / "pipe"))
    writer.join()
    assert content(entry) == b"through a pipe"


def test_a_pipe_that_is_called_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(doing: str, share: float) -> None:
        raise Cancelled(doing)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    with pytest.raises(Cancelled, match="reading standard input"):
        library.find("-", tell=tell)
    assert everything(locations.cache()) == []


def test_a_terminal_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UserError, match="Nothing comes from standard input; pipe a text in"):
        library.find("-")


# Adding.


def test_added_texts_are_listed_by_name_and_found(tmp_path: Path) -> None:
    for name in ("zebra.txt", "ape.txt"):
        (tmp_path / name).write_text(f"about the {name}")
        library.add(tmp_path / name)
    (tmp_path / "ape.txt").unlink()
    assert [entry.name for entry in library.own()] == ["ape.txt", "zebra.txt"]
    entry = library.find("ape.txt")
    assert content(entry) == b"about the ape.txt"
    assert (entry.group, entry.about) == ("yours", str(tmp_path / "ape.txt"))
    assert library.find(str(entry.paths[0])) == entry


def test_the_same_content_is_kept_once(text_file: Path, tmp_path: Path) -> None:
    first = library.add(text_file, {"lower": "true"})
    again = tmp_path / "again.txt"
    again.write_bytes(text_file.read_bytes())
    assert library.add(again) == library.add(first.paths[0]) == first
    assert everything(locations.corpora()) == [".about/fox.txt.json", "fox.txt"]


def test_the_same_content_is_another_text_under_another_name_or_with_other_settings(text_file: Path) -> None:
    first = library.add(text_file, {"lower": "true"})
    composed, named = library.add(text_file, {"nfc": "true"}), library.add(text_file, name="small")
    assert [entry.name for entry in (first, composed, named)] == ["fox.txt", "fox-2.txt", "small"]
    assert [entry.text for entry in library.own()] == [(("nfc", "true"),), (("lower", "true"),), ()]
    places = [entry.paths[0].stat() for entry in library.own()]
    assert len({place.st_ino for place in places}) == 1
    assert library.add(text_file, {"nfc": "true"}) == composed
    library.remove(first)
    assert content(named) == text_file.read_bytes()


def test_another_text_of_the_same_name_gets_a_number(tmp_path: Path) -> None:
    added = []
    for number in (1, 2, 3, 2):
        folder = tmp_path / str(number)
        folder.mkdir(exist_ok=True)
        (folder / "diary.txt").write_text(f"day {number}")
        added.append(library.add(folder / "diary.txt").name)
    assert added == ["diary.txt", "diary-2.txt", "diary-3.txt", "diary-2.txt"]
    assert [content(entry) for entry in library.own()] == [b"day 2", b"day 3", b"day 1"]


def test_a_built_in_name_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "fables").write_text("mine")
    assert library.add(tmp_path / "fables").name == "fables-2"
    assert content(library.find("fables")) != b"mine"
    assert content(library.find("fables-2")) == b"mine"


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        (".notes.txt", "notes.txt"),
        ("-", "text"),
        ("--json", "json"),
        ("..", "text"),
        ("a/b\\c", "a-b-c"),
        ("x\x1b[2J\n.txt", "x�[2J�.txt"),
        ("木" * 100 + ".txt", "木" * 65 + ".txt"),
    ],
)
def test_any_name_becomes_one_that_a_text_may_have(text_file: Path, name: str, becomes: str) -> None:
    entry = library.add(text_file, name=name)
    assert entry.name == becomes
    assert library.find(becomes) == entry


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"  \n"])
def test_what_is_no_text_is_not_added(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UserError):
        library.add(tmp_path / "file")
    assert library.own() == [] and everything(tmp_path / "home") == []


def test_malformed_text_is_added_when_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_bytes("naïve, café, ".encode() * 20 + b"\xff and on")
    with pytest.raises(Malformed):
        library.add(tmp_path / "broken.txt")
    assert library.add(tmp_path / "broken.txt", {"malformed": "true"}).text == (("malformed", "true"),)


def test_a_setting_that_does_not_fit_is_named(text_file: Path) -> None:
    with pytest.raises(ConfigError, match=r"text\.lower: expected true or false, not 'perhaps'\."):
        library.add(text_file, {"lower": "perhaps"})
    with pytest.raises(ConfigError, match=r"text\.colour: there is no such setting\."):
        library.set_text(library.find("verses"), {"colour": "red"})
    assert library.own() == []


def test_a_folder_is_copied_as_far_as_it_is_taken(notes: Path) -> None:
    entry = library.add(notes, {"pattern": "*.txt"})
    assert everything(locations.corpora()) == [
        ".about/notes.json",
        "notes/old/three.txt",
        "notes/one.txt",
        "notes/two.txt",
    ]
    assert (entry.name, entry.group, entry.size) == ("notes", "yours", len(content(entry)))
    assert library.add(notes, {"pattern": "*.txt"}) == entry
    (notes / "one.txt").write_text("ABOUT one.txt\n")
    assert library.add(notes, {"pattern": "*.txt"}).name == "notes-2"


def test_a_folder_without_a_text_is_not_added(notes: Path, tmp_path: Path) -> None:
    for folder, pattern, sentence in (
        (notes, "*.png", "is not a text but binary data"),
        (notes, "*.pdf", "No file in notes matches"),
        (tmp_path / "gone", "*", "There is no file"),
    ):
        with pytest.raises(UserError, match=sentence):
            library.add(folder, {"pattern": pattern})
    assert library.own() == []


def test_adding_that_is_called_off_leaves_nothing(notes: Path, text_file: Path) -> None:
    def tell(doing: str, share: float) -> None:
        if doing.startswith(step) and not doing.endswith("three.txt"):
            raise Cancelled(doing)

    step = "copying"
    for path in (notes, text_file):
        with pytest.raises(Cancelled):
            library.add(path, tell=tell)
    assert library.own() == [] and everything(locations.data()) == []
    step = "checking"
    library.add(text_file)
    with pytest.raises(Cancelled):
        library.add(text_file, name="again", tell=tell)
    assert [entry.name for entry in library.own()] == ["fox.txt"]


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("text")
    assert library.find(str(path)).name == "caf\\udce9.txt"
    entry = library.add(path)
    entry.name.encode()
    assert content(library.find(entry.name)) == b"text"


# Renaming, removing, settings.


def test_a_text_is_renamed_with_what_is_known_of_it(text_file: Path, notes: Path) -> None:
    for path in (text_file, notes):
        entry = library.add(path, {"lower": "true"}, title="A title", about="somewhere")
        renamed = library.rename(entry, f"new {path.name}")
        assert (renamed.name, renamed.title, renamed.about) == (f"new {path.name}", "A title", "somewhere")
        assert renamed.text == (("lower", "true"),) and renamed.size == entry.size
        assert library.find(renamed.name) == renamed
        with pytest.raises(UserError):
            library.find(entry.name)


@pytest.mark.parametrize("name", ["", ".x", "a/b", "../x", "-", "x\x07", "fables", "other.txt", " x"])
def test_names_that_cannot_be(text_file: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "other.txt").write_text("other")
    library.add(tmp_path / "other.txt")
    entry = library.add(text_file)
    with pytest.raises(UserError, match=r"A text cannot be named|There is a text .* already; choose another name"):
        library.rename(entry, name)
    assert library.find("fox.txt") == entry == library.rename(entry, "fox.txt")


def test_a_removed_text_is_gone(text_file: Path, notes: Path) -> None:
    for path in (text_file, notes):
        library.remove(library.add(path, {"lower": "true"}))
    assert library.own() == [] and everything(locations.data()) == []


def test_only_ones_own_are_renamed_and_removed(text_file: Path) -> None:
    for entry in (library.find("fables"), library.find(str(text_file))):
        with pytest.raises(UserError, match=r"fables is built in\.|fox.txt is not in the library\."):
            library.remove(entry)
        with pytest.raises(UserError):
            library.rename(entry, "other")
    assert text_file.exists()


def test_settings_are_kept_with_a_text(text_file: Path) -> None:
    jokes = library.set_text(library.find("jokes"), {"column": "Joke", "ascii": "true"})
    assert jokes.text == (("ascii", "true"), ("column", "Joke"))
    assert library.find("jokes") == jokes
    assert library.set_text(jokes, {}).text == () == library.find("jokes").text
    with pytest.raises(UserError, match=r"fox\.txt is not in the library; add it first"):
        library.set_text(library.find(str(text_file)), {"lower": "true"})


def put_in(**files: str) -> library.Entry:
    """Files put into the library's folder by hand; the first of them, as it is listed."""
    locations.corpora().mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (locations.corpora() / name).write_text(text)
    path = locations.corpora() / next(iter(files))
    return next(entry for entry in library.entries() if entry.paths == (path,))


def test_a_text_under_a_taken_name_is_renamed_alone() -> None:
    entry = put_in(**{"jokes": "mine", "jokes.json": "[another text]"})
    assert entry.name == str(locations.corpora() / "jokes")
    renamed = library.rename(library.set_text(entry, {"lower": "true"}), "mine")
    assert (renamed.name, renamed.text) == ("mine", (("lower", "true"),))
    assert everything(locations.corpora()) == [".about/mine.json", "jokes.json", "mine"]


def test_a_text_under_a_taken_name_is_removed_alone() -> None:
    entry = put_in(**{"jokes": "mine", "jokes.json": "[another text]"})
    library.remove(library.set_text(entry, {"lower": "true"}))
    assert everything(locations.corpora()) == ["jokes.json"]


def test_a_text_under_a_taken_name_has_settings_of_its_own() -> None:
    library.set_text(library.find("jokes"), {"column": "ID"})
    entry = put_in(jokes="mine")
    assert entry.text == ()
    library.set_text(entry, {"lower": "true"})
    assert library.find(entry.name).text == (("lower", "true"),)
    assert library.find("jokes").text == (("column", "ID"),)


def test_renaming_replaces_no_file() -> None:
    entry = put_in(fox="fox")
    (locations.corpora() / "link").symlink_to("nowhere")  # is there, and not listed
    with pytest.raises(UserError, match="There is a text link already"):
        library.rename(entry, "link")


def test_a_sentence_with_a_name_stays_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "no\ntes"
    folder.mkdir()
    path = folder / "a\n\x1b[2Jb.txt"
    path.write_text("text")
    entry = library.find(str(path))
    put_in(**{path.name: "text"})
    for refused in (
        lambda: library.remove(entry),
        lambda: library.set_text(entry, {}),
        lambda: library.find("nothing"),
        lambda: library.find("jokes", str(path)),
        lambda: library.parts(library.find(str(folder)), "*.pdf"),
    ):
        with pytest.raises(UserError) as raised:
            refused()
        assert str(raised.value).isprintable()
