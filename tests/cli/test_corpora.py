"""The commands for texts: listing, showing, adding, renaming, removing; and learning several texts, or a pipe."""

import io
import json
import sys
import time
from pathlib import Path

import pytest

from lstm_tui import locations
from lstm_tui.errors import UserError
from lstm_tui.runs import store
from lstm_tui.text import download, library
from tests.cli.conftest import Command, refused, tiny

SHOWN = ["name", "title", "about", "characters", "kinds", "words", "lines", "longest_line", "frequent", "rarest"]
SHOWN += ["encoding", "documents", "tokens", "kinds_of_tokens", "uniform", "letters", "ngram", "order"]
SHOWN += ["text", "taken", "skipped", "notes"]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of two texts and a picture."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "one.txt").write_text("The first note says little.\n" * 40)
    (folder / "two.txt").write_text("A second note says more.\n" * 40)
    (folder / "picture.png").write_bytes(bytes(range(256)))
    return folder


def names(command: Command) -> list[str]:
    return [row["name"] for row in json.loads(command("corpora", "--json").out)]


def test_the_list_knows_what_was_shown_before(command: Command) -> None:
    keys = ["name", "title", "bytes", "characters", "kinds", "uniform", "letters", "ngram", "about"]
    before = json.loads(command("corpora", "--json").out)
    assert [list(row) for row in before] == [keys] * len(before)
    assert {row["characters"] for row in before} == {None}
    shown = json.loads(command("corpora", "show", "verses", "--json").out)
    (row,) = [row for row in json.loads(command("corpora", "--json").out) if row["name"] == "verses"]
    for key in ("characters", "kinds", "uniform", "letters", "ngram"):
        assert row[key] == shown[key] is not None
    assert f"{row['characters']:,}" in command("corpora").out


def test_a_list_with_bad_settings_is_whole_and_says_so(command: Command) -> None:
    locations.settings().parent.mkdir(parents=True)
    locations.settings().write_text("extra_corpora = 5")
    listed = command("corpora")
    assert listed.code == 0 and "fables" in listed.out
    assert "extra_corpora: expected a list of folders" in listed.err


def test_what_is_shown_of_a_folder(command: Command, notes: Path) -> None:
    shown = json.loads(command("corpora", "show", notes, "--json").out)
    assert list(shown) == SHOWN
    assert (shown["name"], shown["documents"], shown["taken"]) == ("notes", 2, ["one.txt", "two.txt"])
    assert [left["name"] for left in shown["skipped"]] == ["picture.png"]
    assert dict(map(tuple, shown["frequent"]))["e"] > 100
    assert shown["uniform"] > shown["letters"] > 0 < shown["ngram"] and shown["order"] == 5
    said = command("corpora", "show", notes).out
    for part in ("characters", "5-gram", "taken", "one.txt", "skipped", "picture.png: is not a text"):
        assert part in said


def test_settings_change_what_is_shown(command: Command, notes: Path) -> None:
    shown = json.loads(command("corpora", "show", notes, "--text.pattern=one*", "--text.lower=true", "--json").out)
    assert (shown["documents"], shown["taken"]) == (1, ["one.txt"])
    assert shown["text"]["lower"] is True and "T" not in dict(map(tuple, shown["rarest"]))
    words = json.loads(command("corpora", "show", notes, "--text.tokens=words", "--json").out)
    assert words["order"] == 3
    assert 0 < words["kinds_of_tokens"] < words["tokens"]
    refused(command("corpora", "show", notes, "--text.lower=x"), 2, "text.lower: expected true or false, not 'x'.")


def test_a_text_too_short_to_be_beaten_is_shown(command: Command, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Hi!")
    shown = json.loads(command("corpora", "show", tmp_path / "short.txt", "--json").out)
    assert (shown["characters"], shown["uniform"], shown["ngram"]) == (3, None, None)
    assert "too few to hold" in shown["notes"][-1]


def test_a_text_is_added_renamed_shown_and_removed(command: Command, text_file: Path) -> None:
    added = command("corpora", "add", text_file, "--text.lower=true", "--name=foxes")
    assert (added.code, added.out) == (0, "foxes\n")
    assert "learn it with: lstm-tui train --corpus foxes" in added.err
    assert library.find("foxes").text == (("lower", "true"),)
    assert json.loads(command("corpora", "show", "foxes", "--json").out)["text"]["lower"] is True
    assert command("corpora", "rename", "foxes", "vixens").out == "vixens\n"
    assert "vixens" in names(command)
    assert command("corpora", "remove", "vixens").code == 0
    assert "vixens" not in names(command) and text_file.exists()


def test_several_are_added_each_for_itself(command: Command, notes: Path) -> None:
    added = command("corpora", "add", notes / "one.txt", notes / "two.txt", "--text.lower")
    assert (added.code, added.out) == (0, "one.txt\ntwo.txt\n") and len(added.err.splitlines()) == 2
    assert library.find("two.txt").text == (("lower", "true"),)
    failed = command("corpora", "add", notes, notes / "picture.png")
    assert (failed.code, failed.out) == (1, "notes\n") and "picture.png is not a text" in failed.err
    refused(command("corpora", "add", "a", "b", "--name=c"), 2, "--name is for one text")


def test_rows_of_another_width_are_counted(command: Command, tmp_path: Path) -> None:
    rows = ["ID,Joke,", "1,One fox.,", "2,Two foxes, said he.", "", '3,"Three, foxes."', "4"]
    (tmp_path / "jokes.csv").write_text("\n".join(rows) + "\n")
    shown = json.loads(command("corpora", "show", tmp_path / "jokes.csv", "--text.column=Joke", "--json").out)
    assert shown["notes"][:2] == [
        "3 records of the column Joke",
        "2 rows with fewer or more columns than the first line (the first: jokes.csv, line 3)",
    ]
    assert not any("columns" in note for note in json.loads(command("corpora", "show", "jokes", "--json").out)["notes"])


def test_a_folder_is_added(command: Command, notes: Path) -> None:
    assert command("corpora", "add", notes, "--text.pattern=*.txt").out == "notes\n"
    assert [part.name for part in library.parts(library.find("notes")).parts] == ["one.txt", "two.txt"]


def test_numbers_and_addresses_are_fetched(command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def fetch(what: str, tell: object, text: object, *, name: str | None) -> library.Entry:
        asked.append((what, text, name))
        return library.add(text_file, name=name)

    monkeypatch.setattr(download, "fetch", fetch)
    assert command("corpora", "add", 11, "--text.lower=true").out == "fox.txt\n"
    assert command("corpora", "add", "https://example.org/x.txt", "--name=y").out == "y\n"
    assert asked == [("11", {"lower": "true"}, None), ("https://example.org/x.txt", {}, "y")]
    monkeypatch.chdir(text_file.parent)
    Path("12").write_text("a file that is called 12")
    assert command("corpora", "add", 12).out == "12\n"
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["show"], 2, "NAMES"),
        (["show", "gone"], 1, "There is no text and no file 'gone'"),
        (["add", "gone.txt"], 1, "There is no file"),
        (["add", "ftp://x/y"], 1, "is neither a book's number at Project Gutenberg"),
        (["rename", "fables", "x"], 1, "fables is built in."),
        (["remove", "fables"], 1, "fables is built in."),
        (["remove"], 2, "NAMES"),
        (["fly"], 2, "fly"),
    ],
)
def test_what_cannot_be_done(command: Command, arguments: list[str], code: int, sentence: str) -> None:
    refused(command("corpora", *arguments), code, sentence)


def test_the_books(command: Command) -> None:
    books = json.loads(command("corpora", "books", "--json").out)
    assert list(books[0]) == ["number", "title", "author", "address"]
    assert [books[1][key] for key in ("number", "address")] == [
        27200,
        "https://www.gutenberg.org/ebooks/27200.txt.utf-8",
    ]
    shown = command("corpora", "books").out
    assert "27200" in shown and "紅樓夢" in shown


# Learning them.


def test_a_folder_and_a_file_are_learnt_together(command: Command, notes: Path, text_file: Path) -> None:
    flags = tiny("--text.pattern=*.txt")
    assert command("train", f"--corpus={notes}", "--corpus", text_file, *flags, "--name=both").code == 0
    run = store.find("both")
    assert run.config.text.pattern == "*.txt"
    assert {"A", "ñ", "☃"} & set(run.vocabulary.tokens) == {"A"}


def test_standard_input_is_learnt(command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text_file.read_bytes())))
    assert command("train", "--corpus", "-", *tiny(), "--name=piped").code == 0
    assert json.loads(command("runs", "--json").out)[0]["corpus"] == "stdin"


def test_progress_is_said_to_a_terminal_only_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui import console

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    clock = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    for out in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", out)
        with console.telling() as tell:
            tell("reading a very long name", 0.5)
            tell("done\x1b[2J", 1.0)
        lines = out.getvalue().split("\r")
        if out.isatty():
            assert [line.rstrip() for line in lines] == ["", "reading a very long name 50%", "done�[2J 100%", "", ""]
            assert len(lines[2]) >= len("reading a very long name 50%") and not lines[3].strip()
        else:
            assert lines == [""]


def test_quick_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from lstm_tui import console

    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", out)
    with console.telling() as tell:
        tell("reading", 0.5)
    assert out.getvalue() == ""


def test_work_is_called_off_by_a_signal(command: Command, monkeypatch: pytest.MonkeyPatch, text_file: Path) -> None:
    """While a text is made ready nothing is there to be saved: it ends, and no run is left."""
    import signal

    from lstm_tui.jobs import preparing

    def prepare(*_: object, tell: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)
        assert callable(tell)
        tell("reading", 0.5)
        raise UserError("It went on.")

    monkeypatch.setattr(preparing, "prepare", prepare)
    assert command("train", "--corpus", text_file, *tiny()).code == 130
    assert store.runs() == []
