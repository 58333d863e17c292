"""Every way of learning goes on exactly; averages are what is scored and kept; patience ends a run."""

from typing import Any

import numpy as np
import pytest

from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Event, Finished, Planned, Progress, Sampled, Scored
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.patience import Patience
from lstm_tui.jobs.preparing import plan_for, reopen
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.lstm.batches import steps_per_epoch
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from lstm_tui.sections import LearningConfig
from lstm_tui.text import library
from tests.jobs.conftest import TINY, MakeRun
from tests.jobs.test_going_on import assert_same, stopped_at, whole

SHORT = {"budget": {"steps": 60}, "plan": {"score_every": 10, "record_every": 10}}
WAYS: dict[str, dict[str, Any]] = {
    "rmsprop": {"optimiser": "rmsprop", "decay_on": "matrices", "rate": 0.002},
    "sgd": {"optimiser": "sgd", "rate": 0.5, "momentum": 0.8},
    "sgd without momentum": {"optimiser": "sgd", "rate": 0.5, "momentum": 0},
    "amsgrad": {"optimiser": "amsgrad", "decay_on": "matrices"},
    "ema": {"average": "ema"},
    "mean": {"average": "mean", "average_share": 0.7},
    "step": {"schedule": "step", "fall_epochs": 0.1},
    "plateau": {"schedule": "plateau", "rate": 0.3, "fall": 0.1, "fall_after": 1},
    "one-cycle": {"schedule": "one-cycle"},
    "accumulate": {"accumulate": 3},
    "clip_value": {"clip_value": 0.001},
}


def learning(**values: Any) -> dict[str, Any]:
    return {**SHORT, "learning": {"warmup": 5, **values}}


def scores(events: list[Event]) -> list[float]:
    return [event.validation_loss for event in events if isinstance(event, Scored) and event.validation_loss]


@pytest.mark.parametrize("way", WAYS)
def test_stopped_and_resumed_equals_one_go(make_run: MakeRun, way: str) -> None:
    overrides = learning(**WAYS[way])
    one, other = make_run(overrides), make_run(overrides)
    events = whole(one)
    progress = [event.train_loss for event in events if isinstance(event, Progress)]
    assert min(progress) < progress[0] - 0.1
    # Where a mean is half made, and a rate has fallen.
    first = stopped_at(other, 40)[-1]
    assert isinstance(first, Finished) and first.reason == "stopped" and 40 <= first.step < 60
    whole(other)
    assert_same(one, other)
    infos = [run.read_checkpoint("last").info for run in (one, other)]
    assert len({(info["falls"], info["averaged"], info["waited"]) for info in infos}) == 1
    assert (infos[0]["falls"] > 0) == (way == "plateau")


@pytest.mark.parametrize("average", ["ema", "mean"])
def test_averages_are_scored_kept_and_sampled_but_not_learnt_from(make_run: MakeRun, average: str) -> None:
    plain, averaged = make_run(learning()), make_run(learning(average=average, average_share=0.9))
    raw, events = whole(plain), whole(averaged)

    def learnt(events: list[Event]) -> list[tuple[float, float]]:
        return [(event.train_loss, event.gradient_norm) for event in events if isinstance(event, Progress)]

    assert learnt(raw) == learnt(events)
    assert scores(raw) != scores(events)
    assert [e.text for e in raw if isinstance(e, Sampled)] != [e.text for e in events if isinstance(e, Sampled)]
    last, best = averaged.read_checkpoint("last"), averaged.read_checkpoint("best")
    training = plain.read_checkpoint("last").part("model")
    for name, array in last.part("raw").items():
        np.testing.assert_array_equal(array, training[name])
        assert not np.array_equal(array, last.part("model")[name])
    assert best.part("model").keys() == training.keys() and not best.part("raw")
    # Whoever speaks from `last` or `best` speaks with the average.
    for kind, loss in (("last", scores(events)[-1]), ("best", min(scores(events)))):
        assert evaluate(averaged, checkpoint=kind).nats_per_token == pytest.approx(loss, abs=1e-6)
        assert len(list(Generation(averaged, "The", checkpoint=kind, seed=1))) == 40


def test_an_epoch_takes_fewer_steps_of_more_batches(make_run: MakeRun) -> None:
    overrides = {"budget": {"steps": None, "epochs": 1}, "learning": {"accumulate": 4}}
    run = make_run(overrides)
    batches = steps_per_epoch(run.train_tokens, run.config.batches)
    events = whole(run)
    last, planned = events[-1], next(event for event in events if isinstance(event, Planned))
    assert isinstance(last, Finished) and last.step == planned.horizon == round(batches / 4)
    assert run.read_checkpoint("last").info["epochs"] == pytest.approx(1, abs=4 / batches)
    given = {**TINY, "budget": {"epochs": 1}, "learning": {"accumulate": 4}}
    preview = plan_for(library.find("verses"), "quick", given)
    assert preview.steps_per_epoch == batches / 4


# Patience.


def wrecked(make_run: MakeRun, **values: Any) -> tuple[Run, list[Event]]:
    """A run whose rate is raised after its first scoring, so that it does not get better any more."""
    run = make_run(learning(schedule="constant", warmup=0, clip=None, **values))
    requests, events = Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Scored) and event.step == 10:
            requests.put("rate", 100.0)
    return run, events


def test_a_run_that_no_longer_gets_better_ends_early(make_run: MakeRun) -> None:
    run, events = wrecked(make_run, patience=2)
    last = events[-1]
    assert isinstance(last, Finished) and (last.reason, last.step) == ("early stop", 30)
    assert last.best_validation_loss == scores(events)[0] == min(scores(events))
    assert run.read_checkpoint("best").info["step"] == 10
    assert store.summary(run).state == "done"
    # Whoever goes on with it is patient anew.
    again = whole(reopen(run, {}))[-1]
    assert isinstance(again, Finished) and again.step in (50, 60)


def test_the_budget_ends_a_run_whose_patience_ends_with_it(make_run: MakeRun) -> None:
    _, events = wrecked(make_run, patience=5)
    assert isinstance(events[-1], Finished) and (events[-1].reason, events[-1].step) == ("budget", 60)


def test_without_patience_a_run_goes_to_its_end(make_run: MakeRun) -> None:
    _, events = wrecked(make_run)
    assert isinstance(events[-1], Finished) and events[-1].reason == "budget"


def test_patience_survives_a_stop(make_run: MakeRun) -> None:
    run = make_run(learning(schedule="constant", warmup=0, clip=None, patience=3, rate=0.005))
    requests = Requests()
    for event in train(run, "cpu", requests):
        if isinstance(event, Scored) and event.step == 10:
            requests.put("rate", 100.0)
        if isinstance(event, Scored) and event.step == 20:
            requests.put("stop")
    assert run.read_checkpoint("last").info["waited"] == 1
    last = whole(run)[-1]
    assert isinstance(last, Finished) and (last.reason, last.step) == ("early stop", 40)


def test_scorings_come_when_they_are_asked_for_from_the_first_step_on(make_run: MakeRun) -> None:
    """Whether or not the clock has said yet how often to write metrics: plateau and patience count scorings."""
    rising = {"optimiser": "sgd", "rate": 10.0, "clip": None, "patience": 2}
    run = make_run({"budget": {"steps": 200}, "plan": {"score_every": 5, "record_every": None}, "learning": rising})
    events = whole(run)
    last = events[-1]
    assert isinstance(last, Finished) and last.reason == "early stop"
    assert [event.step for event in events if isinstance(event, Scored)] == list(range(5, last.step + 1, 5))


def test_what_patience_counts() -> None:
    patience = Patience(LearningConfig(schedule="plateau", fall_after=2, patience=5))
    seen = [patience.count(best) for best in (True, False, False, False, True, False, False, False, False)]
    assert seen == [False, False, True, False, False, False, True, False, True]
    assert not patience.ended and not patience.count(False) and patience.ended
    constant = Patience(LearningConfig(schedule="constant", fall_after=1))
    assert not constant.count(False) and not constant.ended
    patience.go_on(5)
    assert patience.waited == 0
    patience.go_on(4)
    assert patience.waited == 4
