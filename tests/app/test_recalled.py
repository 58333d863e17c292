"""A run as its folder tells it: what a screen shows of one that is not in training."""

from lstm_tui.app.fold import Fold
from lstm_tui.app.history import Course, Moment, smooth
from lstm_tui.app.screens.look import samples
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.source import begun, recalled
from lstm_tui.jobs.events import Progress, Rated, Sampled, Scored
from tests.app.runs import make_run


def test_a_run_is_recalled_with_its_course_its_figures_and_how_it_ended() -> None:
    run = make_run("fables-1", info={"plan": {"horizon": 740}})
    lines = (
        Progress(10, 0.5, 3.0, 0.005, 1.5, 900.0, 1.0, 1.0),
        Scored(10, 2.9, True),
        Rated(10, 0.5, 0.5),
        Progress(740, 8.0, 1.41, 0.0025, 0.5, 1000.0, 72.0, 0.25),
        Scored(740, 1.548, True),
    )
    for event in lines:
        run.append("metrics", event.to_json())
    run.append("metrics", '{"event": "progress", "step": 750, "train_loss": null, "elapsed": "damaged"}')
    run.append("samples", Sampled(740, "the fox").to_json())
    seen = recalled(run)
    assert (seen.state, seen.reason, seen.run, seen.title) == ("finished", "budget", "fables-1", "fables: quick")
    assert (seen.step, seen.horizon, seen.elapsed, seen.rate_factor) == (740, 740, 72.0, 0.5)
    assert (seen.best_step, seen.best_validation_loss, seen.validation_tokens) == (740, 1.548, 40)
    assert seen.curve == ((10, 3.0), (740, 1.41))
    assert len(seen.course) == 2 and seen.course[1] == Moment(740, 8.0, 72.0, 0.0025, 0.5, 0.25, 1000.0)
    assert [line.strip() for line in seen.log] == [
        "step 10: validation 2.900, the best so far",
        "step 10: learning rate times 0.5, as asked",
        "step 740: validation 1.548, the best so far",
    ]
    assert (seen.samples[0].text, seen.sampled) == ("the fox", 1)
    assert "finished after 740 steps" in seen.message and not seen.busy


def test_what_the_rate_is_multiplied_by_is_what_the_checkpoint_says() -> None:
    """The line that says it may be missing: the program broke off just then."""
    run = make_run("fables-1", info={"plan": {"horizon": 740}, "rate_factor": 0.25})
    run.append("metrics", Rated(10, 0.5, 0.5).to_json())
    assert recalled(run).rate_factor == begun(run).snapshot().rate_factor == 0.25


def test_a_run_that_never_saved_is_recalled_too() -> None:
    seen = recalled(make_run("new", saved=False))
    assert (seen.reason, seen.curve, seen.message) == (None, (), "not ended: last saved at step 0")


def test_a_snapshot_is_made_once_for_each_change() -> None:
    fold = Fold()
    first = fold.snapshot()
    assert fold.snapshot() is first
    fold.take(Progress(1, 0.1, 2.0, 0.1, 0.1, 1.0, 1.0))
    second = fold.snapshot()
    assert second is not first and fold.snapshot() is second
    fold.take(Rated(1, 2.0, 2.0))
    assert fold.snapshot().learning_rate == 0.2


def test_a_course_of_moments_stays_bounded_and_ends_with_the_latest() -> None:
    course = Course(size=8)
    for step in range(1, 101):
        course.append(Moment(step, step / 10, step / 5))
    moments = course.moments()
    assert len(moments) <= 9 and moments[-1].step == 100
    assert [moment.step for moment in moments] == sorted({moment.step for moment in moments})


def test_smoothing_keeps_the_start_and_the_level_and_quiets_the_noise() -> None:
    points = [(step, 2.0 + (0.5 if step % 2 else -0.5)) for step in range(200)]
    smoothed = smooth(points)
    assert smoothed[0] == points[0]
    assert all(abs(value - 2.0) < 0.15 for _, value in smoothed[20:])
    assert smooth([]) == [] and smooth(points[:3]) == points[:3]


def test_of_very_many_samples_the_last_ones_are_shown() -> None:
    shown = samples(Snapshot(samples=tuple(Sampled(step, "fox " * 1000) for step in range(200))))
    assert "step 199" in shown and "197 earlier ones are in samples.jsonl" in shown and len(shown) < 15_000
    assert "earlier" not in samples(Snapshot(samples=(Sampled(1, "the fox"), Sampled(2, "the lamp"))))
