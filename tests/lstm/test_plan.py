"""The learning rate, and when to record, score and end, as functions of step and plan."""

import dataclasses
from typing import Any

import pytest

from lstm_tui.lstm.plan import Plan, gives_back, learning_rate
from lstm_tui.sections import LearningConfig

PLAN = Plan(horizon=100, score_every=30, record_every=10, precision="fp32", threads=1)


def rates(plan: Plan = PLAN, **values: object) -> list[float]:
    config = LearningConfig.model_validate({"rate": 0.1, "warmup": 10, "final_rate": 0.05, **values})
    return [learning_rate(config, plan, step) for step in range(101)]


def test_warmup_rises_to_the_rate_in_its_last_step() -> None:
    first = rates()[:10]
    assert first[0] == pytest.approx(0.01) and first[9] == pytest.approx(0.1)
    assert first == sorted(first)


def test_cosine_falls_to_its_final_share_at_the_horizon() -> None:
    all_rates = rates()
    assert all_rates[10] == pytest.approx(0.1)
    assert all_rates[55] == pytest.approx(0.1 * (0.05 + 0.95 / 2))
    assert all_rates[100] == pytest.approx(0.005)
    assert all_rates[10:] == sorted(all_rates[10:], reverse=True)


def test_constant_stays_and_an_unknown_horizon_too() -> None:
    assert set(rates(schedule="constant", warmup=0)) == {0.1}
    assert set(rates(dataclasses.replace(PLAN, horizon=None))[10:]) == {0.1}


def test_step_falls_after_so_many_epochs() -> None:
    config = LearningConfig(rate=0.1, warmup=10, schedule="step", fall=0.5, fall_epochs=1.5)
    epochs = (0, 1.4, 1.5, 2.9, 3, 4.5)
    assert [learning_rate(config, PLAN, 20, epochs=e) for e in epochs] == pytest.approx(
        [0.1, 0.1, 0.05, 0.05, 0.025, 0.0125]
    )
    # An epoch that ends in the warm-up counts.
    assert learning_rate(config, PLAN, 4, epochs=1.5) == pytest.approx(0.025)


def test_plateau_falls_where_it_is_said_to() -> None:
    config = LearningConfig(rate=0.1, warmup=10, schedule="plateau", fall=0.1)
    assert [learning_rate(config, PLAN, 50, falls=n, epochs=9) for n in (0, 1, 2)] == pytest.approx([0.1, 0.01, 0.001])
    assert learning_rate(config, PLAN, 4, falls=1) == pytest.approx(0.005)


def test_a_schedule_that_ended_is_held_or_begins_anew() -> None:
    """Gone on with after 100 steps, to 200: what came before is as it was, to the last bit."""
    longer = dataclasses.replace(PLAN, horizon=200)

    def on(**values: Any) -> list[float]:
        config = LearningConfig.model_validate({"rate": 0.1, "warmup": 10, **values})
        return [learning_rate(config, longer, step) for step in range(201)]

    for schedule in ("cosine", "one-cycle"):
        before = rates(schedule=schedule)
        held = on(schedule=schedule, hold_from=100)
        assert held[:101] == before and set(held[100:]) == {before[100]}
        anew = on(schedule=schedule, restart_at=100)
        assert anew[:100] == before[:100]
        assert max(anew[100:]) == pytest.approx(0.1) and anew[200] == pytest.approx(0.005)
        # No second warm-up: the new leg begins where the schedule does.
        assert anew[100] == pytest.approx(0.1 if schedule == "cosine" else 0.004)
        # Held once more after a restart; and a hold that an earlier going on left behind is over by then.
        assert on(schedule=schedule, restart_at=100, hold_from=150)[150:] == [pytest.approx(0.005)] * 51
        assert on(schedule=schedule, restart_at=100, hold_from=60)[100:] == anew[100:]
    assert on(schedule="constant", hold_from=50, restart_at=60)[10:] == [0.1] * 191
    unknown = dataclasses.replace(PLAN, horizon=None)
    config = LearningConfig.model_validate({"rate": 0.1, "warmup": 10, "schedule": "cosine", "restart_at": 100})
    assert learning_rate(config, unknown, 99) < 0.01 and learning_rate(config, unknown, 150) == pytest.approx(0.1)


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one-cycle"])
def test_scores_are_nothing_to_the_other_schedules(schedule: str) -> None:
    config = LearningConfig.model_validate({"schedule": schedule})
    assert learning_rate(config, PLAN, 60, falls=3) == learning_rate(config, PLAN, 60)


def test_scores_count_again_from_the_middle_of_what_a_restart_began() -> None:
    def counted(horizon: int | None, **values: Any) -> list[bool]:
        plan = dataclasses.replace(PLAN, horizon=horizon)
        return [not gives_back(LearningConfig(**values), plan, step) for step in (0, 29, 30, 59, 60, 89)]

    assert counted(90, restart_at=30) == [True, True, False, False, True, True]
    assert counted(90, restart_at=30, hold_from=50) == [True, True, False, True, True, True]
    # Where no end is known, and where a schedule has none, nothing is given back.
    for horizon, values in ((None, {}), (90, {"schedule": "plateau"})):
        assert all(counted(horizon, restart_at=30, **values))
    assert all(counted(90))


def test_one_cycle_rises_and_falls() -> None:
    all_rates = rates(schedule="one-cycle", rise=0.5)
    assert [all_rates[step] for step in (0, 9, 10)] == pytest.approx([0.0004, 0.004, 0.004])
    assert all_rates[:56] == sorted(all_rates[:56]) and all_rates[55:] == sorted(all_rates[55:], reverse=True)
    assert all_rates[55] == pytest.approx(0.1) and all_rates[100] == pytest.approx(0.005)
    assert rates(schedule="one-cycle", rise=0, warmup=0)[0] == pytest.approx(0.1)
    unknown = rates(dataclasses.replace(PLAN, horizon=None), schedule="one-cycle")
    assert unknown[10:] == pytest.approx([0.004] * 91)


@pytest.mark.parametrize("schedule", ["constant", "step", "plateau", "cosine", "one-cycle"])
def test_every_schedule_warms_up(schedule: str) -> None:
    all_rates = rates(schedule=schedule)
    assert all_rates[:10] == pytest.approx([all_rates[10] * (step + 1) / 10 for step in range(10)])


def test_when_to_record_score_and_end() -> None:
    steps = range(1, 101)
    assert [s for s in steps if PLAN.records(s)] == list(range(10, 101, 10))
    assert [s for s in steps if PLAN.scores(s)] == [30, 60, 90, 100]
    assert [s for s in steps if PLAN.ends(s)] == [100]


def test_before_the_plan_is_made_powers_of_two_are_recorded() -> None:
    early = Plan(None, None, None, "fp32", 1)
    assert [s for s in range(1, 70) if early.records(s)] == [1, 2, 4, 8, 16, 32, 64]
    assert not any(early.scores(s) or early.ends(s) for s in range(1, 70))
