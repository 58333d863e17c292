"""Which texts are listed, and where their bytes are."""

from pathlib import Path

import pytest

from lstm_tui import locations
from lstm_tui.errors import UserError
from lstm_tui.text import library, shelves

BUILT_IN = ["fables", "verses", "jokes", "python-manual", "python-source"]


def set_folders(*paths: Path) -> None:
    locations.settings().parent.mkdir(parents=True, exist_ok=True)
    locations.settings().write_text(f"extra_corpora = {[str(path) for path in paths]}")


def test_built_in_texts_come_first_the_default_before_all() -> None:
    assert [entry.name for entry in shelves.built_in()] == BUILT_IN
    assert shelves.entries() == shelves.built_in()
    assert shelves.default() == shelves.built_in()[0]


@pytest.mark.parametrize("name", BUILT_IN)
def test_sizes_are_about_right(name: str) -> None:
    entry = library.find(name)
    assert entry.group == "built in"
    taken = shelves.parts(entry)
    assert 0.5 < entry.size / sum(part.size for part in taken.parts) < 2
    assert taken.skipped == []
    assert (len(taken.parts) > 50) == (name == "python-source")


def test_the_settings_folders_are_listed_after_ones_own(tmp_path: Path, text_file: Path) -> None:
    books = tmp_path / "books"
    (books / "letters").mkdir(parents=True)
    for name in ("emma.txt", "fox.txt", "letters/1.txt", ".hidden"):
        (books / name).write_text(name)
    library.add(text_file)
    set_folders(books, tmp_path / "gone", locations.corpora())
    assert [(entry.name, entry.group) for entry in shelves.entries()[len(BUILT_IN) :]] == [
        ("fox.txt", "yours"),
        ("emma.txt", "folders"),
        (str(books / "fox.txt"), "folders"),  # the name is taken
        ("letters", "folders"),
    ]
    assert library.find("letters").size == len("letters/1.txt")
    assert library.find(str(books / "fox.txt")).group == "folders"
    assert shelves.troubles() == [
        f"There is no folder {tmp_path / 'gone'}, which extra_corpora in {locations.settings()} names."
    ]
    with pytest.raises(UserError, match="letters is yours to change on the disk"):
        library.remove(library.find("letters"))


def test_settings_of_texts_in_folders_do_not_mix(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(folder)
    set_folders(tmp_path / "a", tmp_path / "b")
    one, other = shelves.in_folders()
    library.set_text(one, {"lower": "true"})
    assert [entry.text for entry in shelves.in_folders()] == [(("lower", "true"),), ()]
    assert other.paths == (tmp_path / "b" / "x.txt",)


def test_bad_settings_leave_the_rest_of_the_list() -> None:
    locations.settings().parent.mkdir(parents=True)
    locations.settings().write_text("extra_corpora = 5")
    assert [entry.name for entry in shelves.entries()] == BUILT_IN
    (sentence,) = shelves.troubles()
    assert "expected a list of folders" in sentence


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"text": 5}', '{"size": "x"}', '{"text": {"lower": 1}}', "\0", "[" * 100_000]
)
def test_a_damaged_label_says_nothing(text_file: Path, content: str) -> None:
    library.add(text_file, {"lower": "true"})
    (label,) = (locations.corpora() / ".about").iterdir()
    label.write_text(content)
    (entry,) = shelves.own()
    assert (entry.name, entry.title) == ("fox.txt", "fox.txt")


def test_a_text_that_has_gone(text_file: Path) -> None:
    entry = library.find(str(text_file))
    text_file.unlink()
    (part,) = shelves.parts(entry).parts
    with pytest.raises(UserError, match="There is no file"):
        part.beginning(100)
