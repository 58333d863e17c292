"""Which files of a folder are taken, in what order, and what is said of the others."""

import os
from pathlib import Path

import pytest

from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text import folders


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder as people have them."""
    root = tmp_path / "tree"
    for name in (
        "b.txt",
        "a.txt",
        "code.py",
        "notes/z.md",
        "notes/a.txt",
        ".git/config",
        ".hidden.txt",
        "node_modules/x/readme.txt",
        "notes/__pycache__/a.txt",
        "notes-2/one.txt",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def taken(found: folders.Found) -> list[str]:
    return [name for name, _ in found.files]


def test_files_below_are_taken_sorted_folder_by_folder(tree: Path) -> None:
    found = folders.walk(tree)
    assert taken(found) == ["a.txt", "b.txt", "code.py", "notes/a.txt", "notes/z.md", "notes-2/one.txt"]
    assert all(path == tree / name for name, path in found.files)
    assert found.skipped == [
        (".git", "hidden"),
        (".hidden.txt", "hidden"),
        ("node_modules", "made by a program"),
        ("notes/__pycache__", "made by a program"),
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["a.txt", "b.txt", "notes/a.txt", "notes-2/one.txt"]),
        ("*.py  *.md", ["code.py", "notes/z.md"]),
        ("notes/*", ["notes/a.txt", "notes/z.md"]),
        ("[ab].txt", ["a.txt", "b.txt", "notes/a.txt"]),
        (" ", ["a.txt", "b.txt", "code.py", "notes/a.txt", "notes/z.md", "notes-2/one.txt"]),
        ("*.pdf", []),
    ],
)
def test_patterns(tree: Path, pattern: str, expected: list[str]) -> None:
    found = folders.walk(tree, pattern)
    assert taken(found) == expected
    left = [name for name, why in found.skipped if why == f"does not match {pattern}"]
    assert len(left) + len(expected) == 6


def test_links_are_followed_only_to_what_is_not_taken_already(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("out")
    (tree / "out.txt").symlink_to(tmp_path / "outside.txt")
    (tree / "up").symlink_to(tree)
    (tree / "again.txt").symlink_to(tree / "a.txt")
    (tree / "kept.txt").symlink_to(tree / ".hidden.txt")
    (tree / "gone.txt").symlink_to(tree / "nowhere")
    (tree / "circle").symlink_to(tree / "circle")
    found = folders.walk(tree, "*.txt")
    assert "kept.txt" in taken(found) and "again.txt" not in taken(found)
    reasons = dict(found.skipped)
    assert reasons["out.txt"] == "a link that leads out of the folder"
    assert reasons["up"] == "a link to a folder"
    assert reasons["again.txt"] == "a link to a file that is taken"
    assert reasons["gone.txt"] == reasons["circle"] == "a link to nothing"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_in_a_folder_is_skipped(tree: Path) -> None:
    os.mkfifo(tree / "pipe.txt")
    assert ("pipe.txt", "a pipe or a device") in folders.walk(tree).skipped


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_not_unicode_can_be_shown_and_told_apart(tree: Path) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.txt")).write_text("x")
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xea.txt")).write_text("x")
    assert {"caf\\udce9.txt", "caf\\udcea.txt"} <= set(taken(folders.walk(tree)))


def test_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(UserError, match=r"There is no folder .*; check the path\."):
            folders.walk(path)


def test_a_long_look_can_be_called_off(tree: Path) -> None:
    def tell(doing: str, share: float) -> None:
        raise Cancelled(doing)

    with pytest.raises(Cancelled, match="looking through tree"):
        folders.walk(tree, tell=tell)


def test_the_size_is_of_what_would_be_taken(tree: Path) -> None:
    assert folders.size(tree) == sum(path.stat().st_size for _, path in folders.walk(tree).files)
