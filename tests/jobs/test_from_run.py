"""A run that begins from another: its weights, its settings and its vocabulary, on another text."""

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.jobs.events import Failed, Finished, Progress, Scored
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import plan_for, prepare
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.runs import store
from lstm_tui.runs.parents import Parent
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.conftest import TEXT
from tests.jobs.conftest import MakeRun
from tests.jobs.test_going_on import assert_same, stopped_at, whole

# The same words as the parent's text, and Ž and # beside them.
OTHER = TEXT + "".join(f"Žaba #{number} came back at noon.\n" for number in range(30))


@pytest.fixture
def entry(tmp_path: Path) -> library.Entry:
    (tmp_path / "other.txt").write_text(OTHER, encoding="utf-8")
    return library.find(str(tmp_path / "other.txt"))


def start(run: Run) -> dict[str, Any]:
    return run.read_checkpoint("start").part("model")


def test_it_begins_with_the_parents_best_weights_and_says_so(small_run: Run, entry: library.Entry) -> None:
    child = prepare(entry, small_run, {})
    best, last = small_run.read_checkpoint("best"), small_run.read_checkpoint("last")
    assert child.parent == Parent("small", "best", best.info["step"], best.info["loss"])
    assert child.recipe == "quick" and child.corpus == "other.txt"
    new = [token for token in child.vocabulary.tokens if token not in small_run.vocabulary.tokens]
    assert child.vocabulary.tokens == (*small_run.vocabulary.tokens, *new) and new == ["#", "Ž"]
    weights, known = start(child), len(small_run.vocabulary)
    for name, before in best.part("model").items():
        rows = slice(known) if weights[name].shape != before.shape else slice(None)
        np.testing.assert_array_equal(weights[name][rows], before, err_msg=name)
    assert weights["output.weight"].shape == (known + 2, 8) and weights["output.weight"][known:].any()
    assert last.info["step"] >= best.info["step"]
    (summary,) = [found for found in store.summaries() if found.run == child.id]
    assert summary.parent == "small" and summary.state == "new"
    assert [found.parent for found in store.summaries() if found.run == "small"] == [None]


def test_it_learns_from_there(small_run: Run, text_file: Path) -> None:
    frozen = {"learning": {"rate": 1e-9, "weight_decay": 0}, "plan": {"score_every": 1}, "budget": {"steps": 2}}
    child = prepare(library.find(str(text_file)), small_run, frozen)
    scored = [event for event in train(child, "cpu", Requests()) if isinstance(event, Scored)]
    assert child.parent and scored[0].validation_loss == pytest.approx(child.parent.loss, abs=1e-4)
    for name, weights in child.read_checkpoint("best").part("model").items():
        np.testing.assert_allclose(weights, start(child)[name], atol=1e-6)
    assert list(Generation(child, "The fox", seed=1))


def test_a_child_is_told_what_changes_nothing_for_it(small_run: Run, make_run: MakeRun, text_file: Path) -> None:
    asked = {"model": {"forget_bias": 5.0}}
    said = "model.forget_bias is for weights that are drawn: those of small stay as they are"
    assert prepare(library.find(str(text_file)), small_run, asked).notes == [said]
    records = make_run({"budget": {"steps": 1}}, corpus="jokes")
    whole(records)
    ends = {"batches": {"reset_at_ends": True}}
    said = "the text has no end-of-record tokens: batches.reset_at_ends changes nothing"
    assert plan_for(library.find(str(text_file)), records, ends).notes[-1] == said
    assert said not in plan_for(library.find("jokes"), records, ends).notes


def test_the_same_vocabulary_keeps_ids_and_weights(small_run: Run, text_file: Path) -> None:
    child = prepare(library.find(str(text_file)), small_run, {})
    assert child.vocabulary.tokens == small_run.vocabulary.tokens and child.notes == []
    np.testing.assert_array_equal(child.ids, small_run.ids)
    for name, before in small_run.read_checkpoint("best").part("model").items():
        np.testing.assert_array_equal(start(child)[name], before)


def test_settings_are_the_runs_and_what_is_asked_goes_over_them(
    make_run: MakeRun, entry: library.Entry, tmp_path: Path
) -> None:
    before = make_run({"text": {"lower": True, "held_out": 0.2, "encoding": "utf-8"}, "budget": {"steps": 20}})
    whole(before)
    own = replace(entry, text=(("lower", "false"), ("encoding", "utf-8-sig")))
    child = prepare(own, before, {"learning": {"rate": "0.001"}, "budget": {"epochs": "2"}})
    config = child.config
    assert config.text == before.config.text.model_copy(update={"encoding": "utf-8-sig"})  # cleaned as its parent
    assert config.learning == before.config.learning.model_copy(update={"rate": 0.001})
    assert config.budget.model_dump() == {"steps": None, "epochs": 2, "minutes": None}
    assert (config.model, config.batches, config.seed) == (before.config.model, before.config.batches, 7)
    assert prepare(entry, before, {}).config.budget == before.config.budget
    assert "ž" in child.vocabulary.tokens and "Ž" not in child.vocabulary.tokens


def test_the_parent_may_be_gone_and_a_run_that_never_saved_begins_the_same(
    small_run: Run, entry: library.Entry
) -> None:
    one, other = (prepare(entry, small_run, {"budget": {"steps": 12}}) for _ in range(2))
    store.delete(small_run)
    whole(one)
    job = train(other, "cpu", Requests())
    for event in job:
        if isinstance(event, Progress):
            break
    job.close()  # type: ignore[attr-defined]  # the process dies here
    assert not other.checkpoint_path("last").exists()
    whole(other)
    assert_same(one, other)


def test_stopped_and_resumed_equals_one_go(make_run: MakeRun, entry: library.Entry) -> None:
    before = make_run({"budget": {"steps": 50}})
    whole(before)
    over = {"budget": {"steps": 60}, "learning": {"average": "ema"}}
    one, other = (prepare(entry, before, over) for _ in range(2))
    whole(one)
    first = stopped_at(other, 20)[-1]
    assert isinstance(first, Finished) and first.step < 60
    shutil.rmtree(before.folder)
    whole(other)
    assert_same(one, other)


def test_a_childs_child(small_run: Run, entry: library.Entry) -> None:
    child = prepare(entry, small_run, {})
    whole(child)
    grandchild = prepare(library.find("verses"), child, {})
    assert grandchild.parent and grandchild.parent.run == child.id
    assert grandchild.vocabulary.tokens[: len(child.vocabulary)] == child.vocabulary.tokens
    assert whole(grandchild)[-1].event == "finished"


def test_a_run_that_was_never_scored_gives_its_last_weights(make_run: MakeRun, entry: library.Entry) -> None:
    before = make_run({"plan": {"score_every": 1000}})
    stopped_at(before, 10)
    assert not before.checkpoint_path("best").exists()
    child = prepare(entry, before, {})
    assert child.parent and (child.parent.checkpoint, child.parent.loss) == ("last", None)
    np.testing.assert_array_equal(
        start(child)["layers.0.weight_hh_l0"], before.read_checkpoint("last").part("model")["layers.0.weight_hh_l0"]
    )


def test_a_preview_is_what_will_be(small_run: Run, entry: library.Entry) -> None:
    look, child = plan_for(entry, small_run, {}), prepare(entry, small_run, {})
    assert look.config == child.config and look.vocabulary == len(child.vocabulary)
    assert look.notes[0].startswith("begins from small, its best weights (step ")
    assert look.notes[1:] == tuple(child.notes) == ("2 new kinds of characters beside the 33 that it knows",)


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        ({"model": {"hidden": 16}}, "model.hidden", "small has 8, which its weights are for, not 16"),
        ({"model": {"embedding": 16}}, "model.embedding", "begin from a recipe instead"),
        ({"model": {"cell": "gru"}}, "model.cell", "small has lstm"),
        ({"model": {"tied": True}}, "model.tied", "small has false, which its weights are for, not true"),
        ({"text": {"tokens": "words"}}, "text.tokens", "small has characters"),
        ({"learning": {"rate": -1}}, "learning.rate", "expected more than 0"),
        ({"model": {"layers": 0}}, "model.layers", "expected 1 or more"),
        ({"model": 5}, "model", "expected a table of settings"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    small_run: Run, entry: library.Entry, over: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        plan_for(entry, small_run, over)
    assert [problem.field for problem in caught.value.problems] == [field]
    with pytest.raises(ConfigError):
        prepare(entry, small_run, over)
    assert [run.id for run in store.runs()] == ["small"]


def test_all_that_cannot_be_is_said_at_once(small_run: Run, entry: library.Entry) -> None:
    over = {"model": {"hidden": "16", "input": "one-hot", "tied": "true"}, "learning": {"rate": -1, "clip": -1}}
    with pytest.raises(ConfigError) as caught:
        plan_for(entry, small_run, over)
    named = [problem.field for problem in caught.value.problems]
    assert named == ["model.input", "model.hidden", "model.tied", "learning.rate", "learning.clip"]


def test_what_does_not_change_a_shape_may_be_asked_for(small_run: Run, entry: library.Entry) -> None:
    over = {"model": {"dropout": 0.5, "weight_drop": 0.2}, "learning": {"optimiser": "sgd"}}
    assert whole(prepare(entry, small_run, over))[-1].event == "finished"


def test_new_tokens_would_change_what_a_scalar_is(make_run: MakeRun, entry: library.Entry) -> None:
    before = make_run({"model": {"input": "scalar"}, "budget": {"steps": 5}})
    whole(before)
    kinds = len(before.vocabulary)
    with pytest.raises(UserError, match=rf"its {kinds} kinds .*this text has .*'#'.* text\.kinds {kinds}, or begin"):
        prepare(entry, before, {})
    child = prepare(entry, before, {"text": {"kinds": kinds}})
    assert child.vocabulary.tokens == before.vocabulary.tokens and "left out" in child.notes[0]


def test_a_scalar_model_is_told_how_to_do_without_the_end_of_record(make_run: MakeRun, tmp_path: Path) -> None:
    before = make_run({"model": {"input": "scalar"}, "budget": {"steps": 5}})
    whole(before)
    (tmp_path / "folder").mkdir()
    for number in range(9):
        (tmp_path / "folder" / f"{number}.txt").write_text("the rose and the thorn " * 20 + "#" * (number == 0))
    folder, kinds = library.find(str(tmp_path / "folder")), len(before.vocabulary)
    with pytest.raises(UserError) as refused:
        prepare(folder, before, {})
    said = str(refused.value)
    assert "has 2 (the end-of-record token, '#')" in said and "\x1e" not in said and "x1e" not in said
    assert f"text.separator and leave the others out with text.kinds {kinds}, or begin" in said
    with pytest.raises(UserError, match=r"has 1 \(the end-of-record token\)") as refused:
        prepare(folder, before, {"text": {"kinds": kinds}})
    assert "text.separator, or begin" in str(refused.value) and "text.kinds" not in str(refused.value)
    child = prepare(folder, before, {"text": {"kinds": kinds, "separator": " "}})
    assert child.vocabulary.tokens == before.vocabulary.tokens


def test_a_run_that_has_saved_nothing_is_a_sentence(make_run: MakeRun, entry: library.Entry) -> None:
    before = make_run()
    for ask in (plan_for, prepare):
        with pytest.raises(UserError, match=rf"no checkpoint to begin from.*lstm-tui resume {before.id}"):
            ask(entry, before, {})
    assert len(store.runs()) == 1


def test_weights_that_are_gone_or_cut_are_a_sentence(small_run: Run, entry: library.Entry) -> None:
    child = prepare(entry, small_run, {})
    path = child.checkpoint_path("start")
    content = path.read_bytes()
    path.write_bytes(content[:-8])
    (failed,) = whole(child)
    assert isinstance(failed, Failed) and "damaged" in failed.message and "begin a new run" in failed.message
    path.unlink()
    (failed,) = whole(child)
    assert isinstance(failed, Failed) and "There is no checkpoint" in failed.message


@pytest.mark.parametrize("wrong", [{"checkpoint": None}, {"step": math.inf}, {"before": 5}, None])
def test_a_damaged_parent_in_run_toml_is_a_damaged_run(
    small_run: Run, entry: library.Entry, wrong: dict[str, Any] | None
) -> None:
    child = prepare(entry, small_run, {})
    parent = 5 if wrong is None else {k: v for k, v in {**child.about["parent"], **wrong}.items() if v is not None}
    (child.folder / "run.toml").write_text(tomli_w.dumps({**child.about, "parent": parent}))
    assert {found.run: found.state for found in store.summaries()}[child.id] == "damaged"


def test_a_disk_that_is_full_leaves_no_run(
    small_run: Run, entry: library.Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(Run, "write_checkpoint", full)
    with pytest.raises(UserError, match="The disk is full"):
        prepare(entry, small_run, {})
    assert [path.name for path in small_run.folder.parent.iterdir()] == ["small"]


def test_words_are_extended_too(make_run: MakeRun) -> None:
    before = make_run({"text": {"tokens": "words", "least": 3}, "budget": {"steps": 10}, "model": {"tied": True}})
    whole(before)
    child = prepare(library.find("fables"), before, {"text": {"least": 50}})
    known, words = before.vocabulary, child.vocabulary
    assert words.tokens[: len(known)] == known.tokens and words.unknown_id == known.unknown_id is not None
    assert len(words) > len(known) and "became <unk>" in child.notes[1]
    assert np.bincount(child.ids, minlength=len(words))[len(known) :].min() >= 50
    assert whole(child)[-1].event == "finished"
