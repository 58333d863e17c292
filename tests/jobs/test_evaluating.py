"""Scoring a run's checkpoint."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lstm_tui.errors import UserError
from lstm_tui.jobs.evaluating import evaluate, load_model
from lstm_tui.jobs.events import Finished
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.lstm import evaluation
from lstm_tui.progress import Cancelled
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.jobs.conftest import MakeRun


def trained(
    make_run: MakeRun, recipe: str = "quick", corpus: str = "verses", **overrides: object
) -> tuple[Run, Finished]:
    plan = {"score_every": 20, "record_every": 10}
    run = make_run({"budget": {"steps": 40}, "plan": plan, **overrides}, recipe=recipe, corpus=corpus)
    last = list(train(run, "cpu", Requests()))[-1]
    assert isinstance(last, Finished)
    return run, last


def test_stateful_it_is_what_training_reported(make_run: MakeRun) -> None:
    run, last = trained(make_run)
    result = evaluate(run)
    assert result.nats_per_token == pytest.approx(last.best_validation_loss, abs=1e-6)
    assert (result.mode, result.window, result.checkpoint) == ("stateful", None, "best")
    assert result.part == "validation"
    with pytest.raises(UserError, match=r"has no test part; .* --text\.test 0\.1"):
        evaluate(run, part="test")
    assert result.tokens == len(run.ids) - run.train_tokens - 1
    assert result.bits_per_character == pytest.approx(result.nats_per_token / math.log(2))
    assert result.unknown_share == 0.0
    assert result.perplexity == pytest.approx(math.exp(result.nats_per_token))
    assert set(json.loads(result.to_json())) == {
        "run", "checkpoint", "part", "mode", "window", "tokens", "nats_per_token", "bits_per_character", "perplexity",
        "targets", "unknown_share",
    }  # fmt: skip


def test_cold_windows_know_less(make_run: MakeRun) -> None:
    run, _ = trained(make_run)
    cold = evaluate(run, window=4)
    assert (cold.mode, cold.window) == ("cold", 4) and cold.nats_per_token > evaluate(run).nats_per_token


def test_another_text_and_its_unknown_tokens(make_run: MakeRun, tmp_path: Path) -> None:
    run, _ = trained(make_run)
    held_out = run.vocabulary.decode(run.ids[run.train_tokens :])
    path = tmp_path / "other.txt"
    path.write_text(held_out + "€€")
    result = evaluate(run, str(path))
    assert result.nats_per_token == pytest.approx(evaluate(run).nats_per_token, abs=1e-6) and "'€'" in result.note
    assert result.part is None


@pytest.mark.parametrize("window", [None, 16])
def test_how_far_it_is_is_told_and_it_may_be_called_off(
    make_run: MakeRun, window: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run({"budget": {"steps": 1}})
    list(train(run, "cpu", Requests()))
    monkeypatch.setattr(evaluation, "_MOST_WORK", 2000 * load_model(run, "last", "cpu").parameter_count)
    said: list[tuple[str, float]] = []
    evaluate(run, "verses", window=window, tell=lambda doing, share: said.append((doing, share)))
    scoring = [share for doing, share in said if doing == "scoring"]
    assert scoring == sorted(scoring) and scoring[0] == 0 and 0.8 < scoring[-1] < 1 and len(scoring) > 10
    assert any(doing.startswith("encoding") for doing, _ in said)

    def call_off(doing: str, share: float) -> None:
        if share > 0.5:
            raise Cancelled("Called off.")

    with pytest.raises(Cancelled):
        evaluate(run, window=window, tell=call_off)


def test_how_another_texts_files_are_read_is_its_own_matter(make_run: MakeRun, tmp_path: Path) -> None:
    run, _ = trained(make_run, corpus="jokes", text={"lower": True})
    assert run.config.text.column == "Joke"
    path = tmp_path / "other.txt"
    path.write_text("WHAT DO YOU CALL A FISH? WHAT DO YOU CALL A BEAR?")
    result = evaluate(run, str(path))
    assert result.tokens == 48 and result.note == ""
    assert evaluate(run, "jokes").tokens == len(run.ids) - 1
    assert evaluate(run, "verses").tokens > 1000
    table = tmp_path / "other.jsonl"
    table.write_text('{"Joke": "What is a fish?"}\n{"Joke": "It is a bear."}\n')
    assert evaluate(run, str(table)).tokens == len("What is a fish?.It is a bear..") - 1


def test_which_files_of_another_folder_are_read_is_its_own_matter(make_run: MakeRun, tmp_path: Path) -> None:
    run, _ = trained(make_run, text={"pattern": "*.py"})
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("one text\n")
    assert evaluate(run, str(folder)).tokens == len("one text\n") - 1
    kept = library.add(folder, {"pattern": "*.txt"})
    (kept.paths[0] / "b.md").write_text("another\n")
    assert evaluate(run, kept.name).tokens == len("one text\n") - 1


def test_words_that_are_not_known_become_one(make_run: MakeRun, tmp_path: Path) -> None:
    run, _ = trained(make_run, recipe="words", corpus="jokes", text={"least": 2})
    path = tmp_path / "other.txt"
    path.write_text("What zzxx is a zzyy")
    result = evaluate(run, str(path))
    assert result.tokens == 4 and result.unknown_share == 0.4
    said = "2 kinds of tokens are not known to this model and became <unk>: 'zzxx' 'zzyy'"
    assert result.note == f"{said}; 40.0% of the tokens are <unk>, counted as 5 characters each"


def test_a_run_that_holds_nothing_out_is_scored_on_its_training_text(make_run: MakeRun) -> None:
    run, _ = trained(make_run, text={"held_out": 0.0})
    result = evaluate(run)
    assert "training text" in result.note and result.tokens == len(run.ids) - 1
    assert result.part == "training"
    with pytest.raises(UserError, match=r"holds nothing out; without --part it is scored on its training text\.$"):
        evaluate(run, part="validation")


def test_a_model_of_windows_is_scored_in_windows(make_run: MakeRun) -> None:
    run, _ = trained(make_run, recipe="many-to-one", batches={"size": 8, "length": 16})
    result = evaluate(run)
    assert (result.mode, result.window) == ("cold", 16) and result.tokens == len(run.ids) - 16


def test_models_of_windows_may_be_scored_alike_whatever_they_learnt(make_run: MakeRun) -> None:
    cut = {"size": 8, "length": 16}
    last, every = (trained(make_run, recipe=name, batches=cut)[0] for name in ("many-to-one", "many-to-one-every"))
    own, its_own = evaluate(last), evaluate(every)
    assert (own.targets, its_own.targets) == ("last", "every")
    alike = evaluate(every, targets="last")
    assert (alike.mode, alike.window, alike.tokens, alike.targets) == ("cold", 16, own.tokens, "last")
    assert alike.nats_per_token < own.nats_per_token  # 16 targets for the work of one
    assert evaluate(last, targets="last") == own and evaluate(every, targets="every") == its_own
    for run in (last, every):
        found = evaluate(run, window=4, targets="every")
        assert (found.window, found.tokens) == (4, len(run.ids) - 1)
        assert evaluate(run, window=4, targets="last").tokens == len(run.ids) - 4
    assert evaluate(last, targets="every").mode == "stateful"


def test_the_nats_of_words_are_shared_by_their_characters(make_run: MakeRun) -> None:
    run, _ = trained(make_run, recipe="words", corpus="jokes")
    result = evaluate(run)
    characters = len(run.vocabulary.decode(np.asarray(run.ids)))
    bits = result.nats_per_token / math.log(2) * len(run.ids)
    assert result.bits_per_character == pytest.approx(bits / characters)


def test_nothing_to_predict_is_a_sentence(make_run: MakeRun, tmp_path: Path) -> None:
    run, _ = trained(make_run)
    path = tmp_path / "other.txt"
    path.write_text("€€€€")
    with pytest.raises(UserError, match="nothing to predict"):
        evaluate(run, str(path))
