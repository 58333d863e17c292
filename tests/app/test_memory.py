"""What the app remembers from one start to the next."""

from pathlib import Path

import pytest

from lstm_tui import locations, settings
from lstm_tui.app.memory import Memory
from lstm_tui.errors import UserError
from tests.app.conftest import app_of, wait_until


def test_a_value_of_another_kind_is_not_taken() -> None:
    settings.remember({"theme": 3, "train.axis": "epoch", "columns": ["text"]})
    memory = Memory()
    assert memory.get("theme", "lstm-tui") == "lstm-tui"
    assert memory.get("train.axis", "step") == "epoch"
    assert memory.get("columns", ["state"]) == ["text"]
    assert memory.get("sort", "when") == "when"


def test_only_what_changed_is_written() -> None:
    settings.remember({"theme": "ansi-dark", "train.axis": "epoch"})
    memory = Memory()
    assert not memory.set("theme", "ansi-dark")
    settings.remember({"theme": "ansi-light"})  # another app, meanwhile
    assert memory.set("train.axis", "time")
    memory.write()
    assert settings.read().remembered == {"theme": "ansi-light", "train.axis": "time"}


async def test_the_app_writes_a_moment_later_and_at_the_end(home: Path) -> None:
    app = app_of()
    async with app.run_test() as pilot:
        app.remember("train.axis", "epoch")
        await wait_until(pilot, lambda: settings.read().remembered == {"train.axis": "epoch"})
        app.remember("train.axis", "time")
    assert settings.read().remembered == {"train.axis": "time"}


async def test_a_damaged_file_is_left_as_it_is(home: Path) -> None:
    locations.settings().parent.mkdir(parents=True, exist_ok=True)
    locations.settings().write_text("theme = ")
    app = app_of()
    async with app.run_test():
        assert "is not TOML" in app.memory.wrong
        app.remember("train.axis", "epoch")
    assert locations.settings().read_text() == "theme = "


def test_what_could_not_be_written_is_written_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(changed: object) -> None:
        raise UserError("The disk is full.")

    memory = Memory()
    memory.set("theme", "ansi-dark")
    memory.set("corpus", "caf\udce9.txt")  # as a disk may name a file
    with monkeypatch.context() as patch, pytest.raises(UserError):
        patch.setattr(settings, "remember", full)
        memory.write()
    memory.set("train.axis", "time")
    memory.write()
    assert settings.read().remembered == {"theme": "ansi-dark", "corpus": "caf?.txt", "train.axis": "time"}


def test_a_list_of_anything_but_words_is_not_taken() -> None:
    settings.remember({"configure.opened": [1, "model"]})
    assert Memory().get("configure.opened", ["batches"]) == ["batches"]


def test_what_is_changed_where_it_is_or_put_in_another_order_is_another_value() -> None:
    memory, opened = Memory(), ["model"]
    assert memory.set("configure.opened", opened)
    opened.append("text")
    assert memory.set("configure.opened", opened) and not memory.set("configure.opened", opened)
    assert memory.set("generate.sampling", {"a": {"x": "1"}, "b": {}})
    assert memory.set("generate.sampling", {"b": {}, "a": {"x": "1"}})
    memory.write()
    assert settings.read().remembered["configure.opened"] == ["model", "text"]
    assert list(settings.read().remembered["generate.sampling"]) == ["b", "a"]
