"""A text and a recipe become a run's folder."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_tui import locations
from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.jobs.preparing import plan_for, prepare
from lstm_tui.lstm.size import parameter_count
from lstm_tui.progress import Cancelled
from lstm_tui.runs import store
from lstm_tui.text import ids, library


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


def test_a_text_without_records_is_told_that_nothing_will_be_reset() -> None:
    asked = {"batches": {"reset_at_ends": "true"}}
    said = "the text has no end-of-record tokens: batches.reset_at_ends changes nothing"
    assert plan_for(library.find("verses"), "quick", asked).notes[-1] == said
    assert prepare(library.find("verses"), "quick", asked).notes[-1] == said
    assert said not in plan_for(library.find("jokes"), "quick", asked).notes
    assert said not in plan_for(library.find("verses"), "quick", {}).notes


def test_a_schedule_without_an_end_is_told_that_none_is_held() -> None:
    asked: dict[str, Any] = {"learning": {"hold_from": 5, "restart_at": None, "schedule": "constant"}}
    said = "learning.hold_from is for cosine and one-cycle: the schedule constant has no end"
    assert plan_for(library.find("verses"), "quick", asked).notes[-1] == said
    del asked["learning"]["schedule"]
    assert said not in plan_for(library.find("verses"), "quick", asked).notes


def test_windows_are_told_that_what_is_of_streams_changes_nothing() -> None:
    said = "batches.{} is for streams and random lengths: windows begin anywhere, from the zero state"
    for name, value in (("roll", True), ("reset", 0.1)):
        asked: dict[str, Any] = {"batches": {name: value, "cut": "windows"}}
        assert plan_for(library.find("verses"), "quick", asked).notes[-1] == said.format(name)
        asked["batches"]["cut"] = "random lengths"
        assert not plan_for(library.find("verses"), "quick", asked).notes
    assert not plan_for(library.find("verses"), "quick", {"batches": {"cut": "windows"}}).notes


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


def test_a_texts_own_settings_go_over_the_recipes_and_under_what_is_asked(tmp_path: Path) -> None:
    own = replace(entry(tmp_path, "ABC abc\n" * 100), text=(("column", "none"), ("lower", "true")))
    kinds = {plan_for(own, "quick", asked).vocabulary for asked in ({}, {"text": {"held_out": "0.2"}})}
    assert kinds == {5}
    assert plan_for(own, "quick", {"text": {"lower": "false"}}).vocabulary == 8
    assert plan_for(replace(own, text=(("lower", "false"),)), "many-to-one", {}).vocabulary == 8


def test_documents_are_held_out_whole_and_the_run_says_so(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / "folder").mkdir(exist_ok=True)
        (tmp_path / "folder" / f"{number}.txt").write_text(f"<{number}>" * 100)
    run = prepare(library.find(str(tmp_path / "folder")), "quick", {"text": {"separator": "\n"}})
    held_out = run.vocabulary.decode(run.ids[run.train_tokens :])
    assert len(set(held_out.strip()) - set("<>")) == 1 and held_out.endswith("\n")
    about = run.about["corpus"]
    assert (about["documents"], about["tokens"]) == (10, 3010)
    assert run.notes == ["1 of 10 documents held out, 10.0% of the tokens"]
    assert about["key"] and about["title"] == "folder"
    other = prepare(library.find(str(tmp_path / "folder")), "quick", {"text": {"separator": "\n"}, "seed": 5})
    assert run.vocabulary.decode(other.ids[run.train_tokens :]) != held_out


def test_a_run_knows_the_losses_to_beat() -> None:
    run = prepare(library.find("verses"), "quick", {})
    assert run.baselines and run.baselines.ngram
    assert run.baselines.uniform == pytest.approx(np.log(len(run.vocabulary)))
    assert run.baselines.ngram < run.baselines.letters < run.baselines.uniform


def test_the_ids_of_a_large_text_are_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "IN_MEMORY", 0)
    one = entry(tmp_path, "some text\n" * 300)
    first, second = (prepare(one, "quick", {}) for _ in range(2))
    assert (first.folder / "ids.npy").samefile(second.folder / "ids.npy")
    shutil.rmtree(locations.cache())
    assert first.vocabulary.decode(first.ids) == "some text\n" * 300
    third = prepare(one, "quick", {})  # what this process still knows is enough
    assert np.array_equal(third.ids, first.ids)


def test_it_says_how_far_it_is_and_can_be_called_off(tmp_path: Path) -> None:
    one, said = entry(tmp_path, "some text\n" * 300), list[str]()

    def tell(doing: str, share: float) -> None:
        assert 0 <= share <= 1
        said.append(doing)
        if doing.startswith("encoding"):
            raise Cancelled("Called off.")

    with pytest.raises(Cancelled):
        prepare(one, "quick", {}, tell=tell)
    assert store.runs() == [] and any(doing.startswith("counting") for doing in said)
    assert plan_for(one, "quick", {}).train_tokens == 2700


def test_a_text_that_grows_while_it_is_read_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "IN_MEMORY", 0)
    one = entry(tmp_path, "some text\n" * 300)

    def tell(doing: str, share: float) -> None:
        if doing.startswith("encoding"):
            (tmp_path / "text.txt").write_text("some text\n" * 301)

    with pytest.raises(UserError, match=r"text\.txt was changed while it was being read; try again"):
        prepare(one, "quick", {}, tell=tell)
    assert list((locations.cache() / "ids").iterdir()) == []
    assert len(prepare(one, "quick", {}).ids) == 3010


def test_a_text_asked_for_twice_at_once_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, reads, encode = entry(tmp_path, "some text\n" * 300), list[str](), ids.encode

    def slowly(*arguments: Any) -> ids.Encoded:
        reads.append("read")
        time.sleep(0.3)
        return encode(*arguments)

    monkeypatch.setattr(ids, "encode", slowly)
    with ThreadPoolExecutor(3) as pool:
        looks = list(pool.map(lambda _: plan_for(one, "quick", {}), range(3)))
    assert reads == ["read"] and looks[0] == looks[1] == looks[2]


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
