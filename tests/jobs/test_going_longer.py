"""A finished run that goes on longer: its final rate held or its schedule anew, exactly, however often it stops."""

from types import SimpleNamespace

import pytest

from lstm_tui.errors import UserError
from lstm_tui.jobs.events import Finished
from lstm_tui.jobs.preparing import Way, reopen
from lstm_tui.lstm import evaluation
from lstm_tui.runs import parents
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.jobs.conftest import MakeRun
from tests.jobs.test_going_on import assert_same, stopped_at, whole

SHORT = {"budget": {"steps": 30}, "plan": {"score_every": 20, "record_every": 1}, "learning": {"warmup": 5}}


def rates(run: Run) -> dict[int, float]:
    return {line["step"]: line["learning_rate"] for line in run.lines("metrics") if line["event"] == "progress"}


@pytest.mark.parametrize("way", ["stretch", "hold", "restart"])
def test_each_way_is_recorded_and_resumes_bit_for_bit(make_run: MakeRun, way: Way) -> None:
    one, other = make_run(SHORT), make_run(SHORT)
    for run in (one, other):
        assert isinstance(whole(run)[-1], Finished)
        reopen(run, {"steps": 60}, way)
    before = rates(one)
    last = whole(one)[-1]
    assert isinstance(last, Finished) and last.reason == "budget" and last.step == 60
    # Stopped amid the second leg, and gone on with by another process, which knows what is on the disk alone.
    first = stopped_at(other, 40)[-1]
    assert isinstance(first, Finished) and first.reason == "stopped" and 40 <= first.step < 60
    whole(reopen(Run(other.folder), {}))
    assert_same(one, other)
    after = rates(one)
    assert {step: after[step] for step in before} == before
    highest, final = one.config.learning.rate, one.config.learning.rate * one.config.learning.final_rate
    legs = {"hold": (None, final, final), "restart": (30, highest, final), "stretch": (None, None, final)}
    restart, begins, ends = legs[way]
    learning = Run(one.folder).config.learning
    assert (learning.hold_from, learning.restart_at) == (30 if way == "hold" else None, restart)
    assert begins is None or after[31] == pytest.approx(begins)
    assert after[60] == pytest.approx(ends, rel=0.1)
    # A child counts its own steps.
    assert parents.settings(one, library.find("verses")).learning.hold_from is None


def test_patience_waits_until_a_restart_may_have_caught_up(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (make_run({**SHORT, "learning": {"warmup": 5, "patience": 2}}) for _ in range(2))
    for run in (one, other):
        whole(run)
        reopen(run, {"steps": 100}, "restart")
    monkeypatch.setattr(evaluation, "as_trained", lambda *_: SimpleNamespace(nats=99.0))
    stopped_at(other, 70)
    # Scored at 40 and 60, in the first half of the leg; at 80, and at 100 where patience and budget end.
    last = whole(one)[-1]
    assert isinstance(last, Finished) and (last.reason, last.step) == ("budget", 100)
    whole(Run(other.folder))
    assert_same(one, other)
    assert Run(one.folder).read_checkpoint("last").info["waited"] == 2


def test_a_final_rate_is_held_where_it_has_been_reached(make_run: MakeRun) -> None:
    run = make_run(SHORT)
    stopped_at(run, 10)
    with pytest.raises(UserError, match=r"has not come to its final rate .* choose stretch or restart\.$"):
        reopen(run, {"steps": 60}, "hold")
    assert Run(run.folder).config == run.config and run.config.learning.hold_from is None
    # Held once, it may be held on, wherever the run was stopped.
    whole(reopen(run, {}))
    reopen(run, {"steps": 60}, "hold")
    stopped_at(run, 40)
    assert reopen(Run(run.folder), {"steps": 90}, "hold").config.learning.hold_from is not None


def test_a_way_is_for_a_schedule_that_ends_and_a_run_that_goes_on_longer(make_run: MakeRun) -> None:
    run = make_run({**SHORT, "budget": {"steps": 4}, "learning": {"schedule": "constant"}})
    whole(run)
    with pytest.raises(UserError, match=r"constant of .* goes on by itself"):
        reopen(run, {"steps": 9}, "hold")
    with pytest.raises(UserError, match="give a larger budget"):
        reopen(run, {}, "stretch")
    assert run.config.budget.steps == 4
    reopen(run, {"steps": 9}, "stretch", patience=3)
    assert Run(run.folder).config.learning.patience == 3
