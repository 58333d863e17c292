"""What a training job says and keeps; how it ends when something goes wrong."""

import errno
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.jobs import training
from lstm_tui.jobs.evaluating import load_model
from lstm_tui.jobs.events import Event, Failed, Finished, Planned, Progress, Sampled, Saved, Scored, Started, Warned
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import reopen
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.batches import steps_per_epoch
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.jobs.conftest import MakeRun

SHORT = {"budget": {"steps": 60}, "plan": {"score_every": 20, "record_every": 10}}


def whole(run: Run) -> list[Event]:
    return list(train(run, "cpu", Requests()))


def test_the_events_of_a_run_in_order(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    events = whole(run)
    assert isinstance(events[0], Started) and isinstance(events[1], Planned)
    assert events[0].train_tokens + (events[0].validation_tokens or 0) == len(run.ids)
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.step for event in progress] == [10, 20, 30, 40, 50, 60]
    assert progress[-1].train_loss < progress[0].train_loss - 0.2
    assert [event.step for event in events if isinstance(event, Scored)] == [20, 40, 60]
    assert [event.step for event in events if isinstance(event, Sampled)] == [20, 40, 60]
    assert [event.kind for event in events if isinstance(event, Saved)][-1] == "last"
    last = events[-1]
    assert isinstance(last, Finished) and (last.reason, last.step) == ("budget", 60)


def test_metrics_are_the_events_and_say_when_one_scored(make_run: MakeRun) -> None:
    run, begun = make_run(SHORT), int(time.time())
    lines = [json.loads(e.to_json()) for e in whole(run) if isinstance(e, Progress | Scored)]
    kept = list(run.lines("metrics"))
    times = [line.pop("when") for line in kept if line["event"] == "scored"]
    assert kept == lines
    assert times == sorted(times) and begun <= times[0] and times[-1] <= time.time()


def test_the_best_checkpoint_is_the_best_scored_not_the_last(make_run: MakeRun) -> None:
    # A rate that wrecks the model after a good beginning: the best must be the one before.
    run = make_run({**SHORT, "learning": {"rate": 0.02, "schedule": "constant", "clip": None, "warmup": 0}})
    requests, scores = Requests(), {}
    for event in train(run, "cpu", requests):
        if isinstance(event, Scored) and event.validation_loss is not None:
            scores[event.step] = event.validation_loss
            requests.put("rate", 50.0)
    assert isinstance(event, Finished)
    best = min(scores, key=lambda step: scores[step])
    info = run.read_checkpoint("best").info
    assert best < max(scores) and info["step"] == best
    assert event.best_validation_loss == scores[best] == info["loss"]


def test_a_run_that_holds_nothing_out_goes_by_its_training_loss(make_run: MakeRun) -> None:
    run = make_run({**SHORT, "text": {"held_out": 0}})
    events = whole(run)
    assert isinstance(events[0], Started) and events[0].validation_tokens is None
    assert {event.validation_loss for event in events if isinstance(event, Scored)} == {None}
    assert isinstance(events[-1], Finished) and events[-1].best_validation_loss is None
    assert run.read_checkpoint("best").info["held_out"] is False


def test_a_long_held_out_part_is_scored_in_pieces_and_whole_at_the_end(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_MOST_SCORED", 200)
    monkeypatch.setattr(evaluation, "_SHORTEST_PART", 300)
    run = make_run({**SHORT, "text": {"held_out": 0.3}})
    events = whole(run)
    last = events[-1]
    assert isinstance(last, Finished)
    pieces = min(e.validation_loss for e in events if isinstance(e, Scored) and e.validation_loss is not None)
    model = load_model(run, "best", "cpu")
    everything = evaluation.stateful(model, torch.from_numpy(np.array(run.ids[run.train_tokens :])))
    assert last.best_validation_loss == pytest.approx(everything.nats, abs=1e-6)
    assert last.best_validation_loss != pieces
    assert store.summary(run).best_validation_loss == last.best_validation_loss


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good_state(make_run: MakeRun) -> None:
    run = make_run({**SHORT, "learning": {"clip": None, "warmup": 0}})
    requests, events = Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Progress) and event.step == 10:
            requests.put("save")
            requests.put("rate", 1e38)
    last = events[-1]
    assert isinstance(last, Finished) and last.reason == "diverged" and last.step < 60
    assert any(isinstance(event, Warned) and "learning.rate" in event.message for event in events)
    kept = run.read_checkpoint("last")
    assert kept.info["step"] == 10 and all(np.isfinite(a).all() for a in kept.part("model").values())
    assert store.summary(run).state == "diverged"
    assert len(list(Generation(run, "The", checkpoint="last", seed=1))) == 40


def full_disk(monkeypatch: pytest.MonkeyPatch, when: Any) -> None:
    """Let writing a file fail as on a full disk while `when(path)` holds."""
    write = files.write_atomic

    def failing(path: Path, content: bytes) -> None:
        if when(path):
            error = OSError(errno.ENOSPC, "No space left on device")
            with files._writing(path):
                raise error
        write(path, content)

    monkeypatch.setattr(files, "write_atomic", failing)


def test_a_disk_that_is_full_for_a_while_does_not_end_the_training(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(SHORT)
    full, warnings = True, []
    full_disk(monkeypatch, lambda path: full and path.suffix == ".safetensors")
    for event in train(run, "cpu", Requests()):
        if isinstance(event, Warned):
            warnings.append(event.message)
        if isinstance(event, Progress) and event.step == 30:
            full = False
    assert isinstance(event, Finished) and event.step == 60
    assert len(warnings) == 1 and "disk is full" in warnings[0]
    assert run.read_checkpoint("best").info["step"] in (40, 60)


def test_a_disk_that_stays_full_ends_in_one_sentence(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(SHORT)
    full_disk(monkeypatch, lambda path: path.suffix == ".safetensors")
    last = whole(run)[-1]
    assert isinstance(last, Failed) and "disk is full" in last.message
    assert run.trainer() is None


def test_memory_that_is_too_small_is_a_sentence(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(trainer: Trainer) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Trainer, "_train_step", too_much)
    last = whole(make_run(SHORT))[-1]
    assert isinstance(last, Failed) and "model.hidden" in last.message


def test_an_unexpected_error_goes_to_the_runs_log(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(trainer: Trainer) -> float:
        raise ZeroDivisionError("one over nought")

    monkeypatch.setattr(Trainer, "_train_step", broken)
    run = make_run(SHORT)
    last = whole(run)[-1]
    assert isinstance(last, Failed) and "run.log" in last.message and "Traceback" not in last.message
    assert "Traceback" in (run.folder / "run.log").read_text()
    assert run.trainer() is None


def test_a_damaged_checkpoint_is_refused_and_left_alone(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    whole(run)
    path = run.checkpoint_path("last")
    path.write_bytes(path.read_bytes()[:-10])
    damaged, lines = path.read_bytes(), list(run.lines("metrics"))
    last = whole(run)[-1]
    assert isinstance(last, Failed) and "damaged" in last.message
    assert path.read_bytes() == damaged and list(run.lines("metrics")) == lines


def test_two_trainings_of_one_run_are_refused(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    job = train(run, "cpu", Requests())
    assert isinstance(next(job), Started)
    other = list(train(run, "cpu", Requests()))
    assert len(other) == 1 and isinstance(other[0], Failed) and "being trained" in other[0].message
    assert isinstance(list(job)[-1], Finished)


def test_a_larger_budget_is_a_new_plan_and_a_used_one_is_refused(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    whole(run)
    with pytest.raises(UserError, match="used its budget"):
        reopen(run, {})
    with pytest.raises(UserError, match="larger budget"):
        reopen(run, {"steps": "60"})
    events = whole(reopen(run, {"steps": "100"}))
    assert any(isinstance(event, Planned) and event.horizon == 100 and event.step == 60 for event in events)
    last = events[-1]
    assert isinstance(last, Finished) and last.step == 100
    assert run.config.budget.steps == 100
    steps = [line["step"] for line in run.lines("metrics") if line["event"] == "progress"]
    assert steps == list(range(10, 101, 10))


def test_samples_begin_with_the_same_prompt(make_run: MakeRun) -> None:
    run = make_run({**SHORT, "sampling": {"prompt": "The sea"}})
    texts = [event.text for event in whole(run) if isinstance(event, Sampled)]
    assert len(texts) == 3 and all(text.startswith("The sea") and len(text) == 47 for text in texts)


def test_an_order_left_while_nobody_trained_is_forgotten(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    run.request("stop")
    last = whole(run)[-1]
    assert isinstance(last, Finished) and (last.reason, last.step) == ("budget", 60)


def test_a_larger_budget_is_not_forgotten_by_a_crash(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    whole(run)
    reopen(run, {"steps": "90"})
    # The process dies before it has saved: the budget stands in run.toml, the checkpoint is of the old one.
    last = whole(reopen(Run(run.folder), {}))[-1]
    assert isinstance(last, Finished) and last.step == 90


def test_epochs_are_counted_with_their_fractions(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    whole(run)
    epochs = 60 / steps_per_epoch(run.train_tokens, run.config.batches)
    assert 0.1 < epochs < 1
    with pytest.raises(UserError, match=rf"{epochs:.1f} epochs"):
        reopen(run, {"epochs": str(0.9 * epochs)})


def test_a_whole_scoring_that_fails_loses_nothing(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_MOST_SCORED", 200)
    run, warnings = make_run(SHORT), []
    best = run.checkpoint_path("best")
    for event in train(run, "cpu", Requests()):
        if isinstance(event, Saved) and (event.kind, event.step) == ("last", 60):
            best.write_bytes(best.read_bytes()[:-5])
        if isinstance(event, Warned):
            warnings.append(event.message)
    assert len(warnings) == 1 and "in pieces only" in warnings[0]
    assert isinstance(event, Finished) and event.step == 60
    assert run.read_checkpoint("last").info["reason"] == "budget"


@pytest.mark.parametrize("order", ["rate nan", "rate -1", "rate 0", "rate inf", "rate x", "dance"])
def test_an_order_that_makes_no_sense_is_passed_over(make_run: MakeRun, order: str) -> None:
    run = make_run(SHORT)
    for event in train(run, "cpu", Requests()):
        if isinstance(event, Progress) and event.step == 20:
            run.request(order)
    assert isinstance(event, Finished) and event.reason == "budget"
    assert run.read_checkpoint("last").info["rate_factor"] == 1.0


def test_samples_of_a_lower_cased_run_begin_with_the_whole_prompt(make_run: MakeRun) -> None:
    run = make_run({**SHORT, "text": {"lower": True}, "sampling": {"prompt": "The Sea"}})
    assert all(event.text.startswith("the sea") for event in whole(run) if isinstance(event, Sampled))
