"""Plans from measured speeds: budgets, shares, drift."""

import dataclasses

import pytest

from lstm_tui import devices
from lstm_tui.config import RunConfig
from lstm_tui.jobs import planning
from lstm_tui.jobs.planning import Pace, Standing, complete, first_plan, is_complete, with_horizon
from lstm_tui.lstm.plan import Plan

OPEN = Plan(None, None, None, "fp32", 2)
TOKENS = 100_001  # with 16 streams of 64: 98 steps an epoch


def config(budget: dict[str, float | None], **values: object) -> RunConfig:
    return RunConfig.model_validate({"budget": budget, **values})


def planned(budget: dict[str, float | None], *, step_seconds: float = 0.01, scoring_seconds: float = 0.0) -> Plan:
    return complete(
        OPEN,
        config(budget),
        TOKENS,
        Standing(200, 200 * step_seconds, step_seconds),
        scoring_seconds=scoring_seconds,
    )


@pytest.mark.parametrize(
    ("budget", "horizon"),
    [
        ({"steps": 500}, 500),
        ({"epochs": 10}, 980),
        ({"epochs": 0.5}, 49),
        ({"minutes": 1}, 6000),
        ({"steps": 500, "epochs": 10, "minutes": 1}, 500),
        ({"epochs": 100, "minutes": 1}, 6000),
        ({"minutes": 1e307}, 10**12 + 200),
        ({"epochs": 1e307}, 10**12),
    ],
)
def test_the_first_budget_to_be_reached_is_the_horizon(budget: dict[str, float | None], horizon: int) -> None:
    assert planned(budget).horizon == horizon


def test_scoring_takes_at_most_a_tenth_of_the_time() -> None:
    assert planned({"minutes": 1}, scoring_seconds=0.001).score_every == 150  # a fortieth of the run
    assert planned({"minutes": 1}, scoring_seconds=5.0).score_every == 5000


def test_a_long_run_is_looked_at_each_minute_where_scorings_do_not_end_it() -> None:
    day: dict[str, float | None] = {"minutes": 1440}
    assert planned(day, scoring_seconds=0.001).score_every == 6000
    assert planned(day, scoring_seconds=12.0).score_every == 12_000
    for learning in ({"patience": 5}, {"schedule": "plateau"}):
        counted = complete(OPEN, config(day, learning=learning), TOKENS, Standing(200, 2, 0.01), scoring_seconds=0.001)
        assert counted.score_every == 216_000  # a fortieth of the day


def test_a_line_of_metrics_for_each_look_at_the_figures() -> None:
    assert planned({"minutes": 1}, step_seconds=0.01).record_every == 30
    assert planned({"minutes": 1}, step_seconds=3.0).record_every == 1


def test_a_run_that_holds_nothing_out_is_scored_once_an_epoch() -> None:
    settings = config({"epochs": 10}, text={"held_out": 0})
    plan = complete(OPEN, settings, TOKENS, Standing(200, 2, 0.01), scoring_seconds=0.001)
    assert plan.score_every == 98


def test_what_the_config_fixes_is_not_measured() -> None:
    settings = config({"steps": 100}, plan={"score_every": 7, "record_every": 3, "precision": "bf16", "threads": 1})
    import torch

    plan = first_plan(settings, TOKENS, 64, torch.device("cpu"))
    assert plan == Plan(100, 7, 3, "bf16", 1) and is_complete(plan)


def test_a_horizon_that_drifts_is_planned_anew() -> None:
    plan = dataclasses.replace(OPEN, horizon=6000)
    settings = config({"minutes": 1})

    def after(step_seconds: float) -> Plan:
        return with_horizon(plan, settings, TOKENS, Standing(3000, 30.0, step_seconds))

    assert after(0.0101) is plan
    assert after(0.02).horizon == 4500
    assert after(0.005).horizon == 9000


def test_a_time_that_is_used_ends_the_run_now() -> None:
    plan = dataclasses.replace(OPEN, horizon=6000)
    assert with_horizon(plan, config({"minutes": 1}), TOKENS, Standing(700, 61, 0.01)).horizon == 700


def test_the_first_steps_are_not_counted() -> None:
    pace = Pace(step=100)
    assert pace.step_seconds is None
    for step in (101, 102, 103):
        pace.add(step, 9.0)
    assert pace.step_seconds is None
    pace.add(105, 0.5)
    pace.add(113, 2.0)
    assert pace.step_seconds == pytest.approx(0.25) and pace.seconds == pytest.approx(2.5)


def test_the_probe_leaves_torchs_global_generator_alone() -> None:
    import torch

    torch.manual_seed(3)
    before = torch.get_rng_state()
    settings = config({"steps": 10}, model={"hidden": 256}, batches={"size": 2, "length": 8})
    assert first_plan(settings, TOKENS, 64, torch.device("cpu")).precision in ("fp32", "bf16")
    assert torch.equal(torch.get_rng_state(), before)
    assert planning._probe(settings, 64, "fp32") > 0


@pytest.mark.parametrize(
    ("hidden", "vocabulary", "probed"), [(256, 60, True), (128, 60, False), (128, 2000, True), (384, 9000, True)]
)
def test_precisions_are_tried_on_the_runs_own_vocabulary_where_anything_is_wide(
    hidden: int, vocabulary: int, probed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    tried: list[tuple[int, str]] = []

    def probe(config: RunConfig, vocabulary: int, precision: str) -> float:
        tried.append((vocabulary, precision))
        return {"fp32": 2.0, "bf16": 1.0}[precision]

    monkeypatch.setattr(planning, "_probe", probe)
    monkeypatch.setattr(planning, "_has_bf16", lambda: True)
    plan = first_plan(config({"steps": 9}, model={"hidden": hidden}), TOKENS, vocabulary, torch.device("cpu"))
    assert plan.precision == ("bf16" if probed else "fp32")
    assert tried == ([(vocabulary, "fp32"), (vocabulary, "bf16")] if probed else [])


def test_a_stored_plan_takes_no_more_threads_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(devices, "threads", lambda: 2)
    stored = Plan(100, 10, 5, "bf16", 32)
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert planning.on_this_machine(stored, config({"steps": 9}), cpu) == Plan(100, 10, 5, "bf16", 2)
    fixed = config({"steps": 9}, plan={"threads": 32})
    assert planning.on_this_machine(stored, fixed, cpu).threads == 32
    # Under autocast to bfloat16 CUDA's LSTM computes in float16, unscaled.
    assert planning.on_this_machine(stored, config({"steps": 9}), gpu).precision == "fp32"


def test_no_bf16_where_pytorch_lacks_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert planning._has_bf16() is False
