"""The terminal's title and its bell: what is written, when, and that nothing is where there is no terminal."""

from dataclasses import replace

import pytest

from lstm_tui.app.announcing import Announcer, notification, title_of
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.source import ScriptedSource
from tests.app.conftest import TRAINING, app_of


def test_the_title_says_how_far_it_is() -> None:
    assert title_of(TRAINING) == "lstm-tui: 72 %, 1.548"
    assert title_of(replace(TRAINING, validation_loss=None)) == "lstm-tui: 72 %, 1.412"
    assert title_of(replace(TRAINING, state="paused")) == "lstm-tui: paused"
    assert title_of(replace(TRAINING, state="finished", reason="early stop")) == "lstm-tui: early stop, best 1.548"
    assert title_of(Snapshot()) == "lstm-tui"


@pytest.mark.parametrize("wanted", [False, True])
def test_it_rings_at_the_end_only_where_wanted_and_leaves_the_title_as_it_was(wanted: bool) -> None:
    source, written = ScriptedSource(), list[str]()
    app = app_of(source)
    app.memory.set("train.bell", wanted)
    announcer = Announcer(app, written.append)
    announcer.look()
    assert not written  # nothing was trained yet: the title is whoever's it is
    for seen in (TRAINING, TRAINING, replace(TRAINING, state="finished", reason="budget", message="finished \x1b[1m")):
        source.show(seen)
        announcer.look()
    announcer.look()
    announcer.close()
    announcer.close()
    first, second, *rung, last = written
    assert first == "\x1b[22;2t\x1b]2;lstm-tui: 72 %, 1.548\x1b\\"
    assert second == "\x1b]2;lstm-tui: budget, best 1.548\x1b\\"
    assert len(rung) == wanted and all(it.startswith("\a\x1b]") and it.count("\x1b") == 2 for it in rung)
    assert last == "\x1b]2;\x1b\\\x1b[23;2t"


def test_what_was_called_off_while_it_was_prepared_rings_nothing() -> None:
    source, written = ScriptedSource(replace(TRAINING, state="preparing")), list[str]()
    app = app_of(source)
    app.memory.set("train.bell", True)
    announcer = Announcer(app, written.append)
    announcer.look()
    source.show(Snapshot(refused="It was stopped before it began."))
    announcer.look()
    assert not any("\a" in it for it in written)


def test_a_notification_speaks_the_terminals_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VTE_VERSION", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x07" not in notification("done\x07")
    assert notification("done") == "\x1b]9;lstm-tui: done\x1b\\"
    monkeypatch.setenv("TERM", "foot")
    assert notification("a; b") == "\x1b]777;notify;lstm-tui;a, b\x1b\\"


async def test_without_a_terminal_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test():
        written: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        announcer = Announcer(app)
        announcer.look()
        announcer.close()
        assert not written
