"""The tutorials' own mistakes: for each the tests that fail where it comes back, and here those that were missing.

A test that is renamed or deleted is missed: the table names them by module and function.
"""

import ast
import importlib
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch

import lstm_tui
from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Scored
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import prepare
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.lstm.batches import cutter
from lstm_tui.lstm.ids import on_device
from lstm_tui.sections import BatchesConfig
from lstm_tui.text import library
from tests.conftest import TINY
from tests.jobs.conftest import MakeRun, make_run
from tests.jobs.test_going_on import stopped_at, whole

__all__ = ["make_run"]
HERE = "test_mistakes"
GUARDS: dict[str, tuple[str, ...]] = {
    "the best weights are live references: they end as the last": (
        f"{HERE}::test_the_best_weights_are_those_of_their_moment",
        "jobs.test_training::test_the_best_checkpoint_is_the_best_scored_not_the_last",
    ),
    "the loss of the training data is called validated, and it is a sum": (
        "lstm.test_evaluation::test_a_short_text_is_read_in_one_piece",
        "jobs.test_evaluating::test_a_run_that_holds_nothing_out_is_scored_on_its_training_text",
        "jobs.test_training::test_a_run_that_holds_nothing_out_goes_by_its_training_loss",
        "recipes.test_many_to_one::test_it_learns_as_the_tutorials_loop_does",
    ),
    "the LSTM runs along the batch": (
        "lstm.test_model::test_the_first_token_of_a_prompt_changes_the_next_distribution",
        "lstm.test_model::test_the_streams_of_a_batch_do_not_mix",
        "generation.test_stepping::test_the_first_prompt_token_changes_the_next_distribution",
        "generation.test_streams::test_each_stream_reads_as_it_would_alone",
        "generation.test_streams::test_greedy_streams_are_all_the_same_and_numpy_equals_torch",
    ),
    "the window is fed again with the carried state": (
        "recipes.test_sampling::test_it_writes_as_its_tutorial_does",
        "generation.test_stepping::test_the_sliding_window_reads_its_last_tokens_from_the_zero_state",
    ),
    "sampling and scoring change the state in training": (
        "jobs.test_going_on::test_other_draws_scorings_and_generations_change_nothing",
        "jobs.test_going_on::test_samples_by_request_change_nothing_that_is_learnt",
        "generation.test_stepping::test_a_step_leaves_the_state_it_was_given",
    ),
    "softmax along the wrong axis": (
        "generation.test_sampling_edges::test_frequencies_agree_with_the_distribution",
        "generation.test_sampling_edges::test_streams_draw_from_their_own_distributions",
    ),
    "temperature 0, top-k 1 or above the vocabulary, an empty prompt": (
        "generation.test_sampling::test_greedy_and_what_amounts_to_it",
        "generation.test_sampling::test_k_is_capped_at_the_vocabulary",
        "generation.test_sampling_edges::test_the_coldest_draw_is_the_likeliest_and_overflows_nothing",
        "generation.test_stepping::test_before_any_token_the_zero_state_speaks",
        "recipes.test_sampling::test_an_empty_prompt_begins_from_the_zero_state",
    ),
    "a prompt's unknown characters": (
        "jobs.test_generating::test_unknown_characters_are_named_and_left_out",
        "jobs.test_generating::test_a_prompt_of_unknown_words",
    ),
    "the last target of a row is its first character": (
        "lstm.test_batches::test_streams_by_hand",
        "lstm.test_batches::test_every_cut_lies_in_the_text_and_a_position_goes_on",
        "recipes.test_embedding::test_it_learns_as_the_tutorials_loop_does",
        "recipes.test_poems::test_it_learns_as_the_tutorials_loop_does",
    ),
    "a validation part smaller than a batch": (
        "recipes.test_poems::test_the_held_out_part_is_scored_with_dropout_off_and_not_learnt",
        "text.test_ids::test_a_text_that_is_too_short_to_hold_any_out",
    ),
    "another order of the vocabulary in each process": (
        f"{HERE}::test_the_vocabulary_is_the_same_in_every_process",
        "text.test_vocabulary::test_words_fall_in_frequency_and_ties_stand_as_they_appear",
        "text.test_vocabulary::test_json_keeps_everything",
    ),
    "the vocabulary is made again from a text that has changed": (
        f"{HERE}::test_a_run_goes_on_when_its_text_has_changed",
        "jobs.test_going_on::test_a_copied_run_goes_on_without_its_corpus",
    ),
    "windows are stored": (
        f"{HERE}::test_windows_are_not_stored",
        "lstm.test_batches::test_windows_of_a_large_text_take_little_memory_and_go_on",
    ),
    "the whole held-out text is scored every few steps": (
        "jobs.test_planning::test_scoring_takes_at_most_a_tenth_of_the_time",
        "jobs.test_training::test_a_long_held_out_part_is_scored_in_pieces_and_whole_at_the_end",
        "lstm.test_evaluation::test_at_most_so_many_tokens_spread_over_the_text",
    ),
    "objects are unpickled": (
        f"{HERE}::test_nothing_is_unpickled",
        "test_imports::test_textual_and_torch_have_their_places",
        "runs.test_run::test_damaged_ids",
    ),
    "dropout in a single layer drops nothing": (
        "lstm.test_model::test_each_dropout_drops_and_only_with_a_generator",
        "recipes.test_many_to_one::test_it_learns_as_the_tutorials_loop_does",
    ),
}


@pytest.mark.parametrize("mistake", GUARDS)
def test_each_mistake_is_guarded(mistake: str) -> None:
    for guard in GUARDS[mistake]:
        module, _, name = guard.partition("::")
        assert name.startswith("test_") and callable(getattr(importlib.import_module(f"tests.{module}"), name)), guard


def test_the_best_weights_are_those_of_their_moment(make_run: MakeRun) -> None:
    """A rate that wrecks the model after its first scoring: `best` scores as it did then, `last` does not."""
    learning = {"rate": 0.02, "schedule": "constant", "clip": None, "warmup": 0}
    run = make_run({"learning": learning, "budget": {"steps": 60}, "plan": {"score_every": 20}})
    requests, scores = Requests(), []
    for event in train(run, "cpu", requests):
        if isinstance(event, Scored) and event.validation_loss is not None:
            scores.append(event.validation_loss)
            requests.put("rate", 50.0)
    assert scores[0] == min(scores) and scores[-1] > scores[0] + 0.1
    assert evaluate(run).nats_per_token == pytest.approx(scores[0], abs=1e-6)
    assert evaluate(run, checkpoint="last").nats_per_token == pytest.approx(scores[-1], abs=1e-6)


# Every kind of token, words of equal frequency among them.
VOCABULARIES = """
from lstm_tui.text.vocabulary import Vocabulary
text = "the fox, the hen; a cat & some dogs: Ärö — zoë"
for kind in ("characters", "words", "words and punctuation"):
    print(Vocabulary.of(text, kind).tokens)
"""


def test_the_vocabulary_is_the_same_in_every_process() -> None:
    said = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", VOCABULARIES]
        said.add(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    assert len(said) == 1 and "Ä" in said.pop()


def test_a_run_goes_on_when_its_text_has_changed(text_file: Path) -> None:
    entry = library.find(str(text_file))
    one, other = (prepare(entry, "quick", TINY, name=name) for name in ("one", "other"))
    whole(one)
    stopped_at(other, 3)
    text_file.write_text("Nothing of it is there any more: ÄÖÜ.\n" * 30, encoding="utf-8")
    whole(other)
    assert other.vocabulary.tokens == one.vocabulary.tokens
    assert list(Generation(other, seed=1)) == list(Generation(one, seed=1))
    assert evaluate(other).nats_per_token == evaluate(one).nats_per_token


def test_windows_are_not_stored() -> None:
    """A million windows of 100: an order of 4 bytes each, and ids that are not copied."""
    ids = np.random.default_rng(1).integers(0, 60, 1_000_000).astype(np.uint8)
    tracemalloc.start()
    try:
        windows = cutter(len(ids), BatchesConfig(cut="windows", size=128, length=100), seed=1)
        for _ in range(3):
            windows.next()
        assert tracemalloc.get_traced_memory()[1] < 9_000_000
    finally:
        tracemalloc.stop()
    assert on_device(ids, torch.device("cpu")).data_ptr() == ids.ctypes.data


@pytest.mark.parametrize("source", sorted(Path(lstm_tui.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_nothing_is_unpickled(source: Path) -> None:
    """torch's files are pickles; NumPy's are where it is allowed."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {name.name for name in node.names} | {getattr(node, "module", None)}
            assert not names & {"pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            assert called not in ("torch.load", "torch.save")
            if called in ("np.load", "np.save"):
                allowed = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert allowed.get("allow_pickle") == "False"
