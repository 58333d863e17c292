"""Listing many runs: each is read when it is other than before, and only then."""

import json
from pathlib import Path

import pytest

from lstm_tui import files, locations
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.jobs.losses import counted
from lstm_tui.runs import listing, store, summary
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.vocabulary import Vocabulary
from tests.runs.test_store import make, save


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were read, one after another."""
    names: list[str] = []
    real = summary.read

    def watched(run: Run) -> summary.Summary:
        names.append(run.id)
        return real(run)

    monkeypatch.setattr(summary, "read", watched)
    return names


def test_a_run_is_read_again_when_it_changed(read: list[str]) -> None:
    runs = [make(name, age=age) for name, age in (("a", 1), ("b", 2))]
    before = store.summaries()
    assert read == ["a", "b"] and store.summaries() == before and len(read) == 2
    save(runs[1], reason="stopped", best_validation_loss=1.5)
    (_, after) = store.summaries()
    assert read == ["a", "b", "b"] and (after.state, after.best_validation_loss) == ("stopped", 1.5)
    assert after.size > before[1].size > 0
    runs[0].replan(RunConfig(seed=9))
    assert store.summaries()[0].changed != before[0].changed and "seed 9" in store.summaries()[0].changed
    with runs[0].locked():
        assert [it.state for it in store.summaries()] == ["training", "stopped"]
    store.delete(runs[0])
    assert [it.run for it in store.summaries()] == ["b"] and len(read) == 4


def test_what_was_read_is_kept_for_the_next_start(read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_WORTH_KEEPING", 2)
    save(make("a", age=1), reason="budget", best_validation_loss=1.5)
    (make("b", age=2).folder / "run.toml").write_text("format = = 1")
    before = store.summaries()
    monkeypatch.setattr(listing, "_known", listing._Known())
    assert store.summaries() == before and [it.state for it in before] == ["done", "damaged"] and len(read) == 2
    kept = locations.cache() / "listing" / "runs.json"
    values = json.loads(kept.read_text())
    for spoilt in ({**values, "program": ["another"]}, {**values, "runs": {"x": 5}}, {**values, "runs": 5}, [5]):
        kept.write_text(json.dumps(spoilt))
        monkeypatch.setattr(listing, "_known", listing._Known())
        read.clear()
        assert store.summaries() == before and len(read) == 2


def test_a_cache_that_cannot_be_written_is_no_reason_not_to_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_WORTH_KEEPING", 1)
    make("a")

    def full(path: Path, content: bytes) -> None:
        raise UserError("Could not write: the disk is full.")

    monkeypatch.setattr(files, "write_atomic", full)
    assert [it.run for it in store.summaries()] == ["a"]


def test_files_that_the_cache_has_too_are_not_the_runs_own(tmp_path: Path) -> None:
    run = make("a")
    before = store.summary(run).size
    files.link(run.folder / "ids.npy", tmp_path / "ids.npy")
    assert store.summary(run).size == before - files.size(tmp_path / "ids.npy")


def test_words_are_scored_by_their_characters() -> None:
    vocabulary = Vocabulary.of("a fox and a lamp " * 9, "words")
    ids = vocabulary.encode("a fox and a lamp " * 9)
    config = check({"text": {"tokens": "words"}})
    run = store.create(config, "words", Encoded(vocabulary, ids, len(ids) - 10, "fables", "Fables", "0"))
    save(run, reason="budget", best_validation_loss=1.5)
    (found,) = store.summaries()
    assert 2 < found.characters < 5
    assert found.bits_per_character == pytest.approx(1.5 * 1.442695 / found.characters)
    assert found.characters == counted(run).characters


# Names.


def test_a_name_that_is_taken_is_refused() -> None:
    make("Big")
    with pytest.raises(UserError, match=r"There is a run big already; .* go on with it: lstm-tui resume big$"):
        make("BIG")
    with pytest.raises(UserError, match="latest means the newest run; give another name"):
        make("latest")
    (locations.runs() / "half").mkdir()
    with pytest.raises(UserError, match="half is in the way; give another name"):
        make("half")


def test_rename() -> None:
    run, other = make("old", age=5), make("other", age=1)
    with run.locked(), pytest.raises(UserError, match="The run old is being trained; stop it first"):
        store.rename(run, "new")
    for name, why in (("other", "There is a run other already"), ("Latest", "means the newest run")):
        with pytest.raises(UserError, match=why):
            store.rename(run, name)
    content = (other.folder / "run.toml").read_text()
    parent = '[parent]\nrun = "old"\ncheckpoint = "best"\nstep = 5\n'
    (other.folder / "run.toml").write_text(f"{content}\n{parent}")
    renamed = store.rename(run, "../New Name")
    assert renamed.folder == locations.runs() / "new-name" and not run.folder.exists()
    assert [it.id for it in store.runs()] == ["other", "new-name"]
    assert renamed.config == RunConfig() and renamed.trainer() is None
    child = Run(other.folder)
    assert child.parent is not None and child.parent.run == "new-name" and child.config == RunConfig()
    assert [it.parent for it in store.summaries()] == ["new-name", None]


def test_many_that_begin_alike_are_not_all_named() -> None:
    for number in range(7):
        make(f"alike-{number}")
    with pytest.raises(UserError, match=r"7 runs begin with 'al' \((alike-\d, ){5}…\); give more of the name\."):
        store.find("al")
