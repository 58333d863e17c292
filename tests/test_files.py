"""The only writer: whole files or the old ones, and a sentence for every error of a disk."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import files
from lstm_tui.errors import UserError


def failing(number: int) -> Callable[..., Any]:
    """A call of the system that fails with an error number."""

    def call(*arguments: Any, **named: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return call


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Writing whole files.


def test_write_atomic_replaces_and_makes_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    files.write_atomic(path, b"old")
    files.write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["file"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_midway_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"old")
    monkeypatch.setattr(os if call == "fsync" else Path, call, failing(errno.ENOSPC))
    with pytest.raises(UserError, match=r"Could not write .*file: the disk is full; make room"):
        files.write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_an_interrupt_midway_leaves_the_old_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "file"
    files.write_atomic(path, b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_new_file_is_there_when_it_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    with files.new_file(path) as file:
        file.write(b"12")
        file.seek(0)
        file.write(b"3")
        assert not path.exists()
    assert path.read_bytes() == b"32"
    with pytest.raises(KeyError), files.new_file(path) as file:
        file.write(b"new")
        raise KeyError
    with pytest.raises(UserError, match="the disk is full"), files.new_file(path):
        failing(errno.ENOSPC)()
    assert path.read_bytes() == b"32" and names(path.parent) == ["file"]


@pytest.mark.parametrize("links", [True, False])
def test_a_linked_file_stays(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "one", tmp_path / "folder" / "other"
    one.write_bytes(b"content")
    if not links:
        monkeypatch.setattr(os, "link", failing(errno.EXDEV))
    files.link(one, other)
    one.unlink()
    assert other.read_bytes() == b"content"
    with pytest.raises(UserError, match="There is no file"):
        files.link(one, tmp_path / "another")


def test_a_folder_that_cannot_be_synced_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    files.write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_create_exclusive_never_overwrites(tmp_path: Path) -> None:
    assert files.create_exclusive(tmp_path / "file", b"first")
    assert not files.create_exclusive(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"


# Folders.


def test_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.make_folder(tmp_path / "a" / "b")
        files.make_new_folder(tmp_path / "c" / "d")
    finally:
        os.umask(before)
    for name in ("a", "a/b", "c", "c/d"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700, name


def test_make_folder_leaves_what_is_there(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert files.make_folder(tmp_path) == tmp_path
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_make_new_folder_is_made_once(tmp_path: Path) -> None:
    assert files.make_new_folder(tmp_path / "a")
    assert not files.make_new_folder(tmp_path / "a")


# Appending.


def test_lines_are_appended(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    files.append_line(path, "one")
    files.append_line(path, "zwölf")
    assert path.read_text(encoding="utf-8") == "one\nzwölf\n"


def test_a_cut_line_is_closed_first(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b'{"step": 1}\n{"st')
    files.append_line(path, '{"step": 2}')
    assert path.read_bytes() == b'{"step": 1}\n{"st\n{"step": 2}\n'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_a_full_disk_that_is_real() -> None:
    with pytest.raises(UserError, match=r"Could not write /dev/full: the disk is full"):
        files.append_line(Path("/dev/full"), "line")


# What goes wrong, in words.


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EROFS, "the disk is read-only; set LSTM_TUI_HOME"),
        (errno.EACCES, "permission is denied; set LSTM_TUI_HOME"),
        (errno.EPERM, "permission is denied; set LSTM_TUI_HOME"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_each_error_of_a_disk_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    for name in ("open", "mkdir", "unlink"):
        monkeypatch.setattr(Path, name, failing(number))
    monkeypatch.setattr(os, "truncate", failing(number))
    actions: list[tuple[str, Callable[[], object]]] = [
        ("write", lambda: files.write_atomic(path, b"new")),
        ("write", lambda: files.create_exclusive(path, b"new")),
        ("write", lambda: files.append_line(path, "line")),
        ("write", lambda: files.truncate(path, 0)),
        ("delete", lambda: files.delete(path)),
        ("make the folder", lambda: files.make_folder(tmp_path / "folder")),
        ("make the folder", lambda: files.make_new_folder(tmp_path / "folder")),
    ]
    for doing, action in actions:
        with pytest.raises(UserError) as raised:
            action()
        message = str(raised.value)
        assert message.startswith(f"Could not {doing} {tmp_path}") and message.endswith(".")
        assert sentence in message


def test_below_a_file_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for action in (files.make_folder, files.make_new_folder, lambda path: files.write_atomic(path / "x", b"")):
        with pytest.raises(UserError, match=r"a part of that path is a file; set LSTM_TUI_HOME"):
            action(tmp_path / "file" / "below")
    with pytest.raises(UserError, match="a part of that path is a file"):
        files.make_folder(tmp_path / "file")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the name is too long; choose a shorter one"):
        files.write_atomic(tmp_path / ("x" * 300), b"")


def test_reading_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"There is no file .*gone; check the path\."):
        files.read_bytes(tmp_path / "gone")
    with pytest.raises(UserError, match=r"is a folder; name one text file in it\."):
        files.read_bytes(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match=r"Could not read .*: Not a directory\."):
        files.read_bytes(tmp_path / "file" / "below")
    monkeypatch.setattr(Path, "read_bytes", failing(errno.EACCES))
    with pytest.raises(UserError, match=r"may not be read: permission is denied\."):
        files.read_bytes(tmp_path / "file")


# Deleting, and looking.


def test_delete(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "inner" / "file").write_bytes(b"")
    (tmp_path / "kept").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    files.delete(tmp_path / "link")
    assert names(tmp_path) == ["folder", "kept"]
    files.delete(tmp_path / "folder")
    files.delete(tmp_path / "never there")
    assert names(tmp_path) == ["kept"]


def test_looking_never_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert files.is_file(tmp_path / "file") and not files.is_folder(tmp_path / "file")
    assert files.is_folder(tmp_path) and not files.is_file(tmp_path)
    for path in (tmp_path / "gone", tmp_path / "file" / "below", tmp_path / ("x" * 5000), Path("a\0b")):
        assert not files.is_file(path) and not files.is_folder(path)


def test_a_typed_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert files.typed_path("~/a.txt") == Path("/home/someone/a.txt")
    assert files.typed_path("~nobody-of-that-name/a.txt") == Path("~nobody-of-that-name/a.txt")


def test_sha256() -> None:
    assert files.sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_pipe_and_a_device_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link"):
        with pytest.raises(UserError, match="is a pipe or a device; name a file"):
            files.read_bytes(tmp_path / name)
