"""What is read of settings.toml, and what is said of one that does not fit."""

import json
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lstm_tui import locations, settings
from lstm_tui.errors import UserError


def write(content: str | bytes) -> None:
    path = locations.settings()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_without_a_file_nothing_is_set() -> None:
    assert settings.read() == settings.Settings()
    write("")
    assert settings.read() == settings.Settings()


def test_folders_may_be_written_from_home_root_or_beside_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    write('extra_corpora = ["~/texts", "/srv/books", "mine", "mine"]')
    assert settings.read().folders == [
        Path("/home/somebody/texts"),
        Path("/srv/books"),
        locations.config() / "mine",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("extra_corpora = ", "is not TOML"),
        (b"\xff\xfe", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("extra_corpora = '~/texts'", "extra_corpora: expected a list of folders"),
        ("extra_corpora = [1]", "extra_corpora: expected a list of folders"),
        ("extra_corpora = ['']", "extra_corpora: expected a list of folders"),
        ("extra_corpus = []", "there is no setting 'extra_corpus'; there is extra_corpora."),
    ],
)
def test_a_file_that_does_not_fit(content: str | bytes, sentence: str) -> None:
    write(content)
    with pytest.raises(UserError, match=r"settings\.toml") as raised:
        settings.read()
    assert sentence in str(raised.value)


def test_what_the_app_remembers_stands_beneath_what_a_person_wrote() -> None:
    settings.remember({"theme": "ansi-dark"})
    settings.remember({"train.axis": "epoch"})
    assert settings.read().remembered == {"theme": "ansi-dark", "train.axis": "epoch"}

    mine = '# my own folders\nextra_corpora = ["~/texts"]  # and a remark\n'
    write(mine)
    settings.remember({"values": {"model.hidden": "512"}})
    settings.remember({"theme": "ansi-light"})
    assert locations.settings().read_text().startswith(mine)
    assert settings.read().extra_corpora == ("~/texts",)
    assert settings.read().remembered == {"values": {"model.hidden": "512"}, "theme": "ansi-light"}


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(line for line in text.splitlines(True) if not line.startswith("#")),
        lambda text: text.replace("[remembered]", " [ remembered ] # theirs"),
        lambda text: text.replace("# Beneath", "#\n# Beneath").replace("remembers.\n", "remembers.  \n"),
    ],
)
def test_what_is_remembered_survives_an_editor(edited: Callable[[str], str]) -> None:
    write('extra_corpora = ["~/texts"]\n')
    settings.remember({"one": 1, "sizes": {"a": 1}})
    write(edited(locations.settings().read_text()).encode())
    for number in range(2):
        settings.remember({"two": number})
        assert settings.read().remembered == {"one": 1, "sizes": {"a": 1}, "two": number}
    assert settings.read().extra_corpora == ("~/texts",)


@pytest.mark.parametrize(
    "content", ["remembered = {a = 1}\n", '["remembered"]\na = 1\n', 'extra_corpora = ["""\n[remembered]\n"""]\n']
)
def test_a_file_that_would_be_damaged_is_left_as_it_is(content: str) -> None:
    write(content)
    with pytest.raises(UserError, match=r"settings\.toml: \[remembered\] cannot be written anew"):
        settings.remember({"b": 2})
    assert locations.settings().read_text() == content


def test_a_damaged_file_is_not_written_over() -> None:
    write("extra_corpora = ")
    with pytest.raises(UserError, match="is not TOML"):
        settings.remember({"theme": "ansi-dark"})
    assert locations.settings().read_text() == "extra_corpora = "


_ANOTHER = """
import sys
from lstm_tui import settings
input()
for number in range(6):
    settings.remember({f"{sys.argv[1]}{number}": number})
"""


def test_what_several_apps_remember_at_once_is_all_there() -> None:
    begun = [subprocess.Popen([sys.executable, "-c", _ANOTHER, name], stdin=subprocess.PIPE) for name in "ab"]
    threads = [threading.Thread(target=settings.remember, args=({f"c{number}": number},)) for number in range(4)]
    for other in begun:
        assert other.stdin
        other.stdin.write(b"\n")
        other.stdin.close()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in begun] == [0, 0]
    names = [*(f"{name}{number}" for name in "ab" for number in range(6)), *(f"c{number}" for number in range(4))]
    assert sorted(settings.read().remembered) == sorted(names)
    assert [path.name for path in locations.config().iterdir()] == ["settings.toml"]


def leave_lock(**changed: object) -> Path:
    """As another process would have left it that is no more."""
    path = locations.config() / ".settings.toml.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": 2**30, "host": platform.node(), "started": 1.0, **changed}))
    return path


def test_a_crash_in_the_midst_holds_nobody_up() -> None:
    settings.remember({"theme": "ansi-dark"})
    (locations.config() / ".settings.toml.99-9.new").write_text("[remem")
    leave_lock()
    settings.remember({"train.axis": "epoch"})
    assert settings.read().remembered == {"theme": "ansi-dark", "train.axis": "epoch"}
    assert [path.name for path in locations.config().iterdir()] == ["settings.toml"]


def test_who_holds_it_for_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_PATIENCE_SECONDS", 0.0)
    lock = leave_lock(pid=7, host="elsewhere")
    with pytest.raises(UserError, match=r"settings\.toml is being written by process 7 on elsewhere; if"):
        settings.remember({"theme": "ansi-dark"})
    assert lock.exists() and not locations.settings().exists()


def test_a_link_to_settings_kept_elsewhere_stays_one(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "lstm.toml"
    kept.parent.mkdir()
    kept.write_text('extra_corpora = ["~/texts"]\n')
    locations.config().mkdir(parents=True)
    locations.settings().symlink_to(kept)
    settings.remember({"theme": "ansi-dark"})
    assert locations.settings().is_symlink() and "ansi-dark" in kept.read_text()
    assert settings.read() == settings.Settings(("~/texts",), {"theme": "ansi-dark"})


def test_a_link_to_itself_is_no_file_yet() -> None:
    locations.config().mkdir(parents=True)
    locations.settings().symlink_to(locations.settings())
    settings.remember({"theme": "ansi-dark"})
    assert settings.read().remembered == {"theme": "ansi-dark"}


@pytest.mark.parametrize("remembered", [{"theme": "ansi-dark"}, {"configure.values": {"model.hidden": "512"}}])
def test_a_setting_that_was_added_at_the_end_of_the_file_is_not_passed_over(remembered: dict[str, object]) -> None:
    settings.remember(remembered)
    with locations.settings().open("a") as file:
        file.write('extra_corpora = ["~/texts"]\n')
    with pytest.raises(UserError, match=r"extra_corpora stands beneath \[remembered\]; write it at the top"):
        settings.read()
