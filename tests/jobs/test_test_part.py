"""The test part: never learnt, never scored but when it is asked for."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from lstm_tui.errors import UserError
from lstm_tui.fields import merge
from lstm_tui.jobs import training
from lstm_tui.jobs.evaluating import evaluate, load_model
from lstm_tui.jobs.events import Event, Finished, Scoring, Started, Warned, describe, in_json
from lstm_tui.jobs.preparing import plan_for, prepare
from lstm_tui.jobs.requests import Requests, Verb
from lstm_tui.jobs.training import train
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.ids import on_device
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.jobs.conftest import TINY, MakeRun

SHORT: dict[str, Any] = {"budget": {"steps": 12}, "plan": {"score_every": 6, "record_every": 3}}
LINE = "The fox {} went over the hill — and came back at noon.\n"


def trained(path: Path, text: str, **shares: float) -> tuple[Run, list[Event]]:
    path.write_text(text, encoding="utf-8")
    run = prepare(library.find(str(path)), "quick", merge(merge(TINY, SHORT), {"text": shares}))
    return run, list(train(run, "cpu", Requests()))


@pytest.mark.parametrize("held_out", [0.1, 0.0])
def test_what_it_holds_changes_nothing_in_training(tmp_path: Path, held_out: float) -> None:
    shares = {"held_out": held_out, "test": 0.2}
    lines = [LINE.format(number % 10) for number in range(100)]
    learnt, test = "".join(lines[:80]), "".join(lines[80:])
    one, said = trained(tmp_path / "one.txt", learnt + test, **shares)
    other, said_too = trained(tmp_path / "other.txt", learnt + test[::-1], **shares)
    assert one.vocabulary.decode(one.part("test")) == test != other.vocabulary.decode(other.part("test"))
    assert one.vocabulary.decode(one.ids[: len(one.ids) - len(test)]) == learnt
    assert one.baselines == other.baselines
    assert untimed(said) == untimed(said_too)
    assert evaluate(one, part="test").nats_per_token != evaluate(other, part="test").nats_per_token
    started = said[0]
    assert isinstance(started, Started)
    assert started.validation_tokens == (round(held_out * len(one.ids)) or None)
    assert started.train_tokens == len(learnt) - (started.validation_tokens or 0)


def untimed(events: list[Event]) -> list[dict[str, Any]]:
    """Without what a clock says, and the run's name."""
    off = ("elapsed", "tokens_per_second", "run", "directory")
    return [{name: value for name, value in asdict(event).items() if name not in off} for event in events]


def test_it_is_scored_where_it_is_asked_for(tmp_path: Path) -> None:
    text = "".join(LINE.format(number) for number in range(100))
    run, _ = trained(tmp_path / "fox.txt", text, test=0.2)
    found = evaluate(run, part="test", checkpoint="last")
    expected = evaluation.stateful(load_model(run, "last", "cpu"), on_device(run.part("test"), torch.device("cpu")))
    assert (found.part, found.tokens, found.nats_per_token) == ("test", expected.tokens, expected.nats)
    assert found.tokens == round(0.2 * len(text)) - 1
    assert evaluate(run).part == evaluate(run, part="validation").part == "validation"
    assert evaluate(run) == evaluate(run, part="validation")
    assert evaluate(run, part="test", window=8).mode == "cold"


def test_a_run_with_a_test_part_alone_is_scored_on_what_it_learnt(tmp_path: Path) -> None:
    text = "".join(LINE.format(number) for number in range(100))
    run, _ = trained(tmp_path / "fox.txt", text, test=0.2, held_out=0)
    found = evaluate(run)
    assert (found.part, found.tokens) == ("training", run.train_tokens - 1) and "training text" in found.note


def test_a_preview_counts_it() -> None:
    shares = {"text": {"held_out": 0.1, "test": 0.2}}
    look = plan_for(library.find("jokes"), "quick", shares)
    run = prepare(library.find("jokes"), "quick", shares)
    counted = (look.train_tokens, look.validation_tokens)
    assert counted == (len(run.part("training")), len(run.part("validation")))
    assert f"{len(run.part('test')):,} tokens" in look.notes[-1] and look.notes[-1].endswith("kept for the test")
    assert run.notes == list(look.notes)


# What is scored at the end.

_ORDERS: tuple[Verb, ...] = ("pause", "save", "pause", "stop")


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a short held-out part is scored in pieces, and whole at the end."""
    monkeypatch.setattr(training, "_MOST_SCORED", 200)
    monkeypatch.setattr(evaluation, "_SHORTEST_PART", 300)


def test_scoring_the_whole_held_out_part_is_announced(make_run: MakeRun, in_pieces: None) -> None:
    run = make_run({**SHORT, "text": {"held_out": 0.3, "test": 0.1}})
    events = list(train(run, "cpu", Requests()))
    assert [event.tokens for event in events if isinstance(event, Scoring)] == [len(run.part("validation"))]
    assert not any(isinstance(event, Warned) for event in events)
    event = next(event for event in events if isinstance(event, Scoring))
    assert describe(event) == f"scoring the best on all {event.tokens:,} tokens that are held out"
    assert not in_json(event)


def test_scoring_the_whole_held_out_part_may_be_called_off(make_run: MakeRun, in_pieces: None) -> None:
    run, requests, events = make_run({**SHORT, "text": {"held_out": 0.3}}), Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Scoring):
            for verb in _ORDERS:
                requests.put(verb)
    assert [event.message for event in events if isinstance(event, Warned)] == [
        "The held-out part was scored in pieces only. It was stopped.",
        "Training has ended and was being scored: only stop is obeyed then, not pause, save.",
    ]
    last = events[-1]
    assert isinstance(last, Finished) and last.reason == "budget"
    assert last.best_validation_loss == pytest.approx(run.read_checkpoint("best").info["loss"])
    with pytest.raises(UserError, match="has no test part"):
        evaluate(run, part="test")
