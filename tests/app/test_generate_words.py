"""What the Generate screen is made of without its widgets: prompts before, settings, words."""

import time

import pytest

from lstm_tui import locations
from lstm_tui.app import prompts, telling
from lstm_tui.app.dials import DIALS, Dials
from lstm_tui.app.draft import FIELDS
from lstm_tui.app.prompts import History
from lstm_tui.app.screens.generate import GenerateScreen
from lstm_tui.app.writing import not_saved, saved
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.generations import Output
from tests.app.runs import make_run


def test_one_walks_through_prompts_and_comes_back_to_what_was_begun() -> None:
    past = History()
    assert past.earlier("x") is None and past.later() is None
    assert past.add("b") and not past.add("b") and not past.add(" \n")
    past.begin(["a", "b", "c"])  # read from the disk meanwhile
    assert [past.earlier("begun"), past.earlier("b"), past.earlier("c"), past.earlier("a")] == ["b", "c", "a", None]
    assert [past.later(), past.later(), past.later(), past.later()] == ["c", "b", "begun", None]


def test_prompts_are_kept_bounded_and_damaged_lines_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "MOST", 3)
    assert prompts.read() == []
    for prompt in ("a", "b\n\u2028", "a", "c"):
        prompts.keep(prompt)
    assert prompts.read() == ["b\n\u2028", "a", "c"]
    path = locations.state() / "prompts.jsonl"
    path.write_bytes(path.read_bytes() + b"{\n3\n\xff\n")
    for prompt in "defg":
        prompts.keep(prompt)
    assert prompts.read() == ["e", "f", "g"]
    assert len(path.read_bytes().splitlines()) <= 6


def test_every_setting_of_a_text_has_a_key_of_its_own() -> None:
    paths = {dial.path for dial in DIALS}
    assert {path for path in FIELDS if path.startswith("sampling.")} - paths == {"sampling.prompt"}
    keys = [key for key, _ in GenerateScreen._merged_bindings or ()]
    own = [dial.key for dial in DIALS]
    assert len(set(own)) == len(own)
    others = {"s", "t", "q", "n", "a", "r", "p", "b", "o", "y", "Y", "w", "1", "2", "3", "4", "5", "question_mark"}
    assert not others & set(own) and "s" not in keys
    assert set(own) - {"+"} <= set(keys)


def test_settings_are_remembered_without_seeds_and_for_a_few_runs() -> None:
    dials = Dials({f"run-{number}": {"sampling.top_k": str(number)} for number in range(30)}, streams=99)
    dials.take(make_run("one", temperature=0.5))
    assert dials.way is not None and dials.way.streams == 1
    dials.set("seed", "7")
    dials.set("sampling.top_k", "4")
    dials.set("sampling.length", "9")
    dials.set("sampling.stop", "a\\\\n\\t")
    dials.step("sampling.greedy", 1)
    way = dials.way
    assert (way.seed, way.sampling.top_k, way.sampling.stop, way.sampling.greedy) == (7, 4, "a\\n\t", True)
    kept = dials.to_remember
    assert len(kept) == 20 and list(kept)[-1] == "one"
    assert set(kept["one"]) == {"sampling.top_k", "sampling.length", "sampling.stop", "sampling.greedy"}
    again = Dials(kept)
    again.take(make_run("two"))
    again.take(make_run("one-again"))
    assert again.to_remember == kept
    other = dials.way
    dials.step("streams", 1)
    dials.set("sampling.window", "5")
    dials.set("sampling.top_p", "0.5")
    changed = dials.way
    assert changed is not None and other.needs_another_text(changed) == "the streams and the window"
    followed = other.following(changed)
    assert (followed.sampling.top_p, followed.sampling.window, followed.streams) == (0.5, None, 1)
    dials.take_again({"temperature": 0.123456789, "stop": "none", "greedy": False, "top_k": None}, 3, 2, "last")
    now = dials.way
    assert now is not None and (now.sampling.temperature, now.sampling.stop, now.seed) == (0.123456789, "none", 3)
    assert now.sampling.length == 500 and now.checkpoint is None


def test_a_long_name_is_shortened_and_never_the_loss() -> None:
    assert telling.title("alice", "best, step 4,000, 1.548", 40) == "alice · best, step 4,000, 1.548"
    name = "2026-11-21-0410-fables-quick"
    assert telling.title(name, "best, step 4,000, 1.548", 44) == "2026-11-…les-quick · best, step 4,000, 1.548"
    for room in range(31, 60):
        shown = telling.title(name, "best, step 4,000, 1.548", room)
        assert shown.endswith(" · best, step 4,000, 1.548") and len(shown) <= max(room, 29)


def test_checkpoints_say_their_step_and_loss() -> None:
    run = make_run("one", info={"step": 900, "best_validation_loss": None, "train_loss": None})
    assert [str(one) for one in saved(run).values()] == ["last, step 900"]
    run.write_checkpoint("best", Checkpoint({}, {"step": 4000, "loss": 1.5, "held_out": False}))
    assert [str(one) for one in saved(run).values()] == ["best, step 4,000, train 1.500", "last, step 900"]
    run.checkpoint_path("last").write_bytes(b"damaged")
    assert [str(one) for one in saved(run).values()] == ["best, step 4,000, train 1.500", "last"]


def test_how_a_text_was_written_in_words() -> None:
    output = Output("a", ("b",), 7, {"temperature": 0.5, "length": 3, "stop": "\n", "greedy": True, "later": 1}, step=5)
    assert telling.told(output) == "temperature 0.5, stop '\\n', greedy on; seed 7; best of step 5"
    assert telling.when(time.time())[2] == ":"
    assert telling.when(0.0)[:3].isalpha()
    assert "press c" in not_saved(True) and "press r" in not_saved(False)
