"""The runs there are: listed, found, made and deleted."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_tui import files, locations
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.runs import store
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary("characters", "ab")


def make(name: str | None = None, corpus: str = "My Book.txt", age: float | None = None) -> Run:
    """A new run; `age` seconds old."""
    encoded = Encoded(VOCABULARY, np.zeros(9, np.uint8), 8, corpus, "My Book", "0")
    run = store.create(RunConfig(), "quick", encoded, name=name)
    if age is not None:
        made = 1_800_000_000 - age
        os.utime(run.folder / "vocabulary.json", (made, made))
    return run


def save(run: Run, **info: Any) -> None:
    run.write_checkpoint("last", Checkpoint({"a": np.zeros(1)}, {"step": 12, "elapsed": 3.5, **info}))


# Making.


def test_an_id_says_when_what_and_how() -> None:
    run = make()
    assert run.folder.parent == locations.runs()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d-\d{4}-my-book-quick", run.id)
    assert run.folder.stat().st_mode & 0o777 == 0o700


def test_ids_are_unique() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make(), range(24)))
    assert len({run.id for run in made}) == 24
    assert all(run.config == RunConfig() for run in made)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Mein Lauf", "mein-lauf"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "run"),
        ("a/b\\c:d", "a-b-c-d"),
        ("\x1b[31mred\n", "31mred"),
        ("日本語", "日本語"),
        ("x" * 300, "x" * 60),
        ("-rf", "rf"),
    ],
)
def test_any_name_is_a_safe_folder(name: str, folder: str) -> None:
    assert make(name).folder == locations.runs() / folder


def test_a_run_that_cannot_be_written_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write = files.write_atomic

    def full(path: Path, content: bytes) -> None:
        if path.name == "run.toml":
            raise UserError("Could not write: the disk is full.")
        write(path, content)

    monkeypatch.setattr(files, "write_atomic", full)
    with pytest.raises(UserError, match="the disk is full"):
        make("mine")
    assert list(locations.runs().iterdir()) == []


# Finding.


def test_find(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new = make("alice-1", age=20), make("alice-12", age=10)
    make("bob", age=30)
    assert store.find("alice-1").id == old.id  # an id goes before the beginning of another
    assert store.find("b").id == "bob"
    assert store.find("latest").id == new.id
    assert store.find(str(old.folder)).folder == old.folder
    shutil.copytree(old.folder, tmp_path / "elsewhere")
    assert store.find(str(tmp_path / "elsewhere")).id == "elsewhere"
    monkeypatch.chdir(tmp_path)
    assert store.find("elsewhere").folder == tmp_path / "elsewhere"


def test_what_is_not_one_run() -> None:
    make("alice-1")
    make("alice-12")
    with pytest.raises(UserError, match=r"2 runs begin with 'al' \(alice-1\d?, alice-1\d?\); give more of the name\."):
        store.find("al")
    for name in ("carol", "", "x" * 5000, "~nobody-of-that-name", "a\0b", "/"):
        with pytest.raises(UserError, match=r"There is no run .*; `lstm-tui runs` lists those there are\."):
            store.find(name)


def test_no_runs_yet() -> None:
    assert store.runs() == [] and store.summaries() == []
    with pytest.raises(UserError, match="There are no runs yet; begin with: lstm-tui train"):
        store.find("latest")


# Listing.


def test_newest_first_and_nothing_but_runs() -> None:
    for name, age in (("b", 2), ("c", 1), ("a", 3)):
        make(name, age=age)
    (locations.runs() / "no run").mkdir()
    (locations.runs() / "file").write_bytes(b"")
    assert [summary.run for summary in store.summaries()] == ["c", "b", "a"]
    Run(locations.runs() / "a").replan(RunConfig(seed=9))
    assert [run.id for run in store.runs()] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("budget", "done"),
        ("early stop", "done"),
        ("diverged", "diverged"),
        ("stopped", "stopped"),
        (None, "stopped"),
    ],
)
def test_states_of_a_run_that_has_saved(reason: str | None, state: str) -> None:
    run = make("mine")
    save(run, reason=reason, train_loss=2.5, best_validation_loss=None, plan={"horizon": 40})
    summary = store.summary(run)
    assert (summary.run, summary.state, summary.corpus, summary.recipe) == ("mine", state, "My Book.txt", "quick")
    assert (summary.step, summary.horizon, summary.elapsed) == (12, 40, 3.5)
    assert (summary.train_loss, summary.best_validation_loss) == (2.5, None)
    assert summary.created == run.created and summary.directory == str(run.folder)


def test_states_of_a_run_that_has_not() -> None:
    run = make("mine")
    assert (store.summary(run).state, store.summary(run).step) == ("new", 0)
    with run.locked():
        assert store.summary(run).state == "training"
        save(run, reason="budget")
        assert store.summary(run).state == "training"
    assert store.summary(run).state == "done"


@pytest.mark.parametrize("content", [b"", b"format = 2", b"format = 1\ncorpus = 5\n", b"\xff"])
def test_a_damaged_run_is_listed_among_the_others(content: bytes) -> None:
    make("whole", age=1)
    (make("hurt", age=2).folder / "run.toml").write_bytes(content)
    assert [(summary.run, summary.state) for summary in store.summaries()] == [("whole", "new"), ("hurt", "damaged")]


def test_a_damaged_checkpoint_is_no_reason_not_to_list(small_run: Run) -> None:
    path = small_run.checkpoint_path("last")
    path.write_bytes(path.read_bytes()[:50])
    assert store.summary(small_run).run == "small"


def test_a_trained_run_is_listed_with_its_losses(small_run: Run) -> None:
    summary = store.summary(small_run)
    assert (summary.state, summary.step, summary.horizon) == ("done", 12, 12)
    assert summary.train_loss is not None and 2 < summary.train_loss < 5
    assert summary.best_validation_loss is not None and 2 < summary.best_validation_loss < 5


# Deleting.


def test_delete() -> None:
    run, other = make("mine"), make("other")
    with run.locked():
        with pytest.raises(UserError, match=r"The run mine is being trained; stop it first\.$"):
            store.delete(run)
        (run.folder / "lock").write_text('{"pid": 1, "host": "elsewhere", "started": 1}')
        with pytest.raises(UserError, match=r"\(or, if elsewhere trains it no more, delete .*lock\)\.$"):
            store.delete(run)
        files.delete(run.folder / "lock")
        assert run.config == RunConfig()
    store.delete(run)
    assert store.runs()[0].id == other.id and len(store.runs()) == 1


@pytest.mark.parametrize(
    "odd", [{"step": "many"}, {"elapsed": [1]}, {"plan": 5}, {"train_loss": "low"}, {"step": 10**400}]
)
def test_a_checkpoint_with_figures_that_are_none_is_a_damaged_run(odd: dict[str, Any]) -> None:
    run = make("mine")
    save(run, **{"reason": "budget", **odd})
    assert store.summary(run).state == "damaged"


def test_figures_that_are_not_finite_are_left_out() -> None:
    run = make("mine")
    save(run, reason="stopped", elapsed=float("nan"), train_loss=float("inf"))
    summary = store.summary(run)
    assert (summary.state, summary.elapsed, summary.train_loss) == ("stopped", 0.0, None)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1.03063, "62s"), (0.5, "30s"), (2.5081, "2.5min"), (480.0, "8h"), (90.0, "1h30"), (0.05, "3s")],
)
def test_a_changed_budget_is_said_in_words(minutes: float, said: str) -> None:
    run = make()
    values = run.config.model_dump() | {"budget": {"minutes": minutes}}
    run.replan(check(values))
    (found,) = store.summaries()
    assert f", budget {said}, " in found.changed
    assert ", hidden 256, layers 1," in found.settings


def test_a_run_whose_settings_do_not_fit_any_more_is_listed_without_them() -> None:
    run = make()
    path = run.folder / "run.toml"
    path.write_text(path.read_text().replace("hidden = 256", "hidden = 0"))
    (found,) = store.summaries()
    assert (found.changed, found.settings) == ("", "")
