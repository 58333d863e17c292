"""Which texts there are, and how one's own are added."""

import os
from pathlib import Path

import pytest

from lstm_tui import locations
from lstm_tui.errors import UserError
from lstm_tui.text import library

BUILT_IN = ["fables", "verses", "jokes", "python-manual", "python-source"]


def test_built_in_texts_come_first_the_default_before_all() -> None:
    assert [entry.name for entry in library.built_in()] == BUILT_IN
    library_names = [entry.name for entry in library.entries()]
    assert library_names == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_sizes_are_about_right(name: str) -> None:
    entry = library.find(name)
    assert entry.built_in
    assert 0.5 < entry.size / len(library.content(entry)) < 2


def test_find_by_path(text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = library.find(str(text_file))
    assert (entry.name, entry.path, entry.built_in) == ("fox.txt", text_file, False)
    monkeypatch.chdir(text_file.parent)
    assert library.find("fox.txt").paths == (text_file,)
    monkeypatch.setenv("HOME", str(text_file.parent))
    assert library.find("~/fox.txt").paths == (text_file,)


def test_find_refuses_folders_and_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is a folder; name one text file in it\."):
        library.find(str(tmp_path))
    for name in ("gone.txt", "~nobody-of-that-name/x", "x" * 5000, "a\0b"):
        with pytest.raises(UserError, match=r"There is no text and no file .* or one of fables, verses, jokes, python"):
            library.find(name)


def test_added_texts_are_listed_by_name_and_found(tmp_path: Path) -> None:
    for name in ("zebra.txt", "ape.txt"):
        (tmp_path / name).write_text(f"about the {name}")
        library.add(tmp_path / name)
    (tmp_path / "ape.txt").unlink()
    assert [entry.name for entry in library.own()] == ["ape.txt", "zebra.txt"]
    assert library.content(library.find("ape.txt")) == b"about the ape.txt"
    assert [entry.name for entry in library.entries()] == [*BUILT_IN, "ape.txt", "zebra.txt"]


def test_the_same_text_is_copied_once(text_file: Path) -> None:
    assert library.add(text_file) == library.add(text_file)
    assert [path.name for path in locations.corpora().iterdir()] == ["fox.txt"]


def test_another_text_of_the_same_name_gets_a_number(tmp_path: Path) -> None:
    added = []
    for number in (1, 2, 3, 2):
        folder = tmp_path / str(number)
        folder.mkdir(exist_ok=True)
        (folder / "diary.txt").write_text(f"day {number}")
        added.append(library.add(folder / "diary.txt").name)
    assert added == ["diary.txt", "diary-2.txt", "diary-3.txt", "diary-2.txt"]
    assert [library.content(entry) for entry in library.own()] == [b"day 2", b"day 3", b"day 1"]


def test_a_built_in_name_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "fables").write_text("mine")
    entry = library.add(tmp_path / "fables")
    assert entry.name == "fables-2"
    assert library.content(library.find("fables")) != b"mine"
    assert library.content(library.find("fables-2")) == b"mine"


def test_a_hidden_file_is_added_in_the_open(tmp_path: Path) -> None:
    (tmp_path / ".notes.txt").write_text("hidden")
    (locations.corpora()).mkdir(parents=True)
    (locations.corpora() / ".DS_Store").write_bytes(b"\0")
    assert library.add(tmp_path / ".notes.txt").name == "notes.txt"
    assert [entry.name for entry in library.own()] == ["notes.txt"]


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"  \n"])
def test_what_is_no_text_is_not_added(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(UserError):
        library.add(tmp_path / "file")
    assert library.own() == []


def test_adding_a_folder_or_nothing(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone", Path("~nobody-of-that-name/x")):
        with pytest.raises(UserError):
            library.add(path)


def test_content_that_has_gone(text_file: Path) -> None:
    entry = library.find(str(text_file))
    text_file.unlink()
    with pytest.raises(UserError, match="There is no file"):
        library.content(entry)
    with pytest.raises(UserError, match="There is no file"):
        library.beginning(entry, 100)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("text")
    assert library.find(str(path)).name == "caf?.txt"
    entry = library.add(path)
    entry.name.encode()
    assert library.content(library.find(entry.name)) == b"text"
