"""What a child's model knows already, from the runs that it comes from."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_tui.fields import merge
from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import plan_for, prepare
from lstm_tui.runs import lineage
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.conftest import TEXT, TINY
from tests.jobs.test_going_on import whole

SHORT = {"budget": {"steps": 2}, "plan": {"score_every": 1}}


def learnt_by(name: str, child: Run) -> bool:
    """Whether a run says that another may have learnt what it holds back."""
    said = lineage.flattered(child.notes)
    assert all(note.startswith(f"{name}, which had this text, may have learnt what is ") for note in said)
    return bool(said)


@pytest.fixture
def folder(tmp_path: Path) -> library.Entry:
    (tmp_path / "folder").mkdir()
    for number in range(20):
        (tmp_path / "folder" / f"{number}.txt").write_text(f"The fox {number} went over the hill.\n" * 5)
    return library.find(str(tmp_path / "folder"))


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({}, False),
        ({"text": {"held_out": 0.05}}, False),  # what is held out was held out by the parent, too
        ({"text": {"held_out": 0.2}}, True),
        ({"text": {"test": 0.1}}, True),  # what is held out comes before the test, where the parent learnt
        ({"text": {"held_out": 0, "test": 0.2}}, True),
        ({"text": {"held_out": 0}}, False),  # nothing is
        ({"text": {"lower": True}}, True),
        ({"seed": 5}, False),  # draws nothing of a single text
        ({"text": {"kinds": 40, "least": 3}}, False),
    ],
)
def test_of_the_same_text_what_is_held_back_may_be_known(
    small_run: Run, text_file: Path, over: dict[str, Any], says: bool
) -> None:
    entry = library.find(str(text_file))
    child = prepare(entry, small_run, over)
    assert learnt_by("small", child) == says
    assert [note for note in plan_for(entry, small_run, over).notes if note in child.notes] == child.notes


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({}, False),
        ({"seed": 5}, True),
        ({"text": {"held_out": 0.3}}, True),
        ({"text": {"test": 0.2}}, True),
        ({"seed": 5, "text": {"held_out": 0}}, False),
    ],
)
def test_of_the_same_documents_too(folder: library.Entry, over: dict[str, Any], says: bool) -> None:
    before = prepare(folder, "quick", merge(TINY, SHORT), name="before")
    whole(before)
    child = prepare(folder, before, over)
    known = set(before.vocabulary.decode(before.part("training")).splitlines())
    held = set(before.vocabulary.decode(child.ids[child.train_tokens :]).splitlines())
    assert learnt_by("before", child) == says == bool((known & held) - {"", "\x1e"})


def test_evaluate_says_so_of_what_is_held_back(small_run: Run, text_file: Path) -> None:
    child = prepare(library.find(str(text_file)), small_run, merge(SHORT, {"text": {"test": 0.1}}))
    whole(child)
    shutil.rmtree(small_run.folder)
    for part in (None, "validation", "test"):
        assert "small, which had this text, may have learnt what is" in evaluate(child, part=part).note
    assert "held out and kept for the test: scores may be too good" in evaluate(child).note
    assert "may have learnt" not in evaluate(child, str(text_file)).note


def test_what_a_grandparent_learnt_is_known_too(small_run: Run, text_file: Path) -> None:
    child = prepare(library.find("verses"), small_run, SHORT, name="child")
    whole(child)
    assert not learnt_by("", child)
    entry, over = library.find(str(text_file)), {"text": {"held_out": 0.3}}
    grandchild = prepare(entry, child, merge(SHORT, over), name="grandchild")
    whole(grandchild)
    assert learnt_by("small", grandchild)
    shutil.rmtree(small_run.folder)
    assert learnt_by("grandchild", prepare(entry, grandchild, {}))  # it was told so, and learnt the same part


def test_a_copy_is_looked_for_in_what_its_ancestors_learnt(small_run: Run) -> None:
    child = prepare(library.find("verses"), small_run, SHORT)
    whole(child)
    made = Generation(child, "", seed=1)
    made.texts[0].ids = child.vocabulary.encode(TEXT[100:200]).tolist()
    copied = made.longest_copy()
    assert (copied.length, copied.text) == (100, TEXT[100:200])
    grandchild = prepare(library.find("fables"), child, SHORT)
    whole(grandchild)
    of_it = Generation(grandchild, "", seed=1)
    of_it.texts[0].ids = list(made.texts[0].ids)
    assert of_it.longest_copy() == copied
    (small_run.folder / "ids.npy").write_bytes(b"")
    assert of_it.longest_copy().length < 100
    shutil.rmtree(small_run.folder)
    assert of_it.longest_copy().length < 100


def test_a_run_of_an_ancestors_name_is_none(small_run: Run, make_run: Any) -> None:
    """Its ids mean other tokens; and of two runs that are each other's parent by name, each is looked at once."""
    child = prepare(library.find("verses"), small_run, SHORT, name="child")
    whole(child)
    shutil.rmtree(small_run.folder)
    other = prepare(library.find("fables"), child, SHORT, name="small")
    assert [run.id for run in lineage.line(other)] == ["small", "child"]
    assert [run.id for run in lineage.line(Run(child.folder))] == ["child", "small"]
    assert len(list(lineage.learnt(child))) == 1
    np.testing.assert_array_equal(next(lineage.learnt(child)), child.part("training"))
