"""A text and a recipe become a run's folder."""

from pathlib import Path

import numpy as np
import pytest

from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.jobs.preparing import parameter_count, plan_for, prepare
from lstm_tui.runs import store
from lstm_tui.text import library


def entry(tmp_path: Path, text: str, name: str = "text.txt") -> library.Entry:
    path = tmp_path / name
    path.write_text(text)
    return library.find(str(path))


def test_the_end_of_a_text_is_held_out(tmp_path: Path) -> None:
    text = "".join(f"line {number} of a text\n" for number in range(300))
    run = prepare(entry(tmp_path, text), "quick", {})
    assert run.vocabulary.decode(run.ids) == text
    assert run.train_tokens == len(text) - round(len(text) / 10)
    assert np.array_equal(run.vocabulary.encode(text), run.ids)
    assert (run.recipe, run.corpus) == ("quick", "text.txt")


def test_a_preview_is_what_will_be(tmp_path: Path) -> None:
    look = plan_for(library.find("verses"), "quick", {"model": {"hidden": "100"}})
    run = prepare(library.find("verses"), "quick", {"model": {"hidden": "100"}})
    assert look.config == run.config and look.vocabulary == len(run.vocabulary)
    assert (look.train_tokens, look.validation_tokens) == (run.train_tokens, len(run.ids) - run.train_tokens)
    assert look.parameters == parameter_count(run.config.model, len(run.vocabulary))
    assert run.config.model.hidden == 100


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    import os

    one = entry(tmp_path, "abcabcab" * 100)
    before = plan_for(one, "quick", {}).vocabulary
    (tmp_path / "text.txt").write_text("abcdefgh" * 100)
    os.utime(tmp_path / "text.txt", (1, 1))
    assert (before, plan_for(one, "quick", {}).vocabulary) == (3, 8)


def test_words_are_joined_and_split_as_the_tutorial_does() -> None:
    run = prepare(library.find("jokes"), "words", {})
    assert run.vocabulary.kind == "words" and "\n" not in run.vocabulary.decode(run.ids[:2000])
    assert run.train_tokens == len(run.ids)


@pytest.mark.parametrize(
    ("text", "overrides", "sentence"),
    [
        ("too short", {}, "too few to hold"),
        ("a text of thirty-odd characters.", {"batches": {"size": 16}}, "choose a longer text"),
        ("x" * 500, {"model": {"hidden": 0}}, "model.hidden"),
        ("x" * 500, {"text": {"encoding": "klingon"}}, "no encoding"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_leaves_no_run(
    tmp_path: Path, text: str, overrides: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        prepare(entry(tmp_path, text), "quick", overrides)
    assert store.runs() == []


def test_every_bad_field_is_named(tmp_path: Path) -> None:
    bad = {"model": {"hidden": "many", "layers": 99}, "learning": {"rate": -1}, "batches": {"cut": "slices"}}
    with pytest.raises(ConfigError) as caught:
        plan_for(library.find("verses"), "quick", bad)
    assert {p.field for p in caught.value.problems} == {"model.hidden", "model.layers", "learning.rate", "batches.cut"}
