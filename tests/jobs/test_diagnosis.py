"""Every finding fires where it should, by synthetic courses; none fires for a healthy run, however it is drawn."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lstm_tui.config import RunConfig, check
from lstm_tui.jobs.diagnosis import Record, diagnose
from lstm_tui.jobs.rising import rise_of
from lstm_tui.text.ngram import Baselines

CONFIG = RunConfig()
TO_BEAT = Baselines(uniform=4.1, letters=2.9, ngram=1.7, order=5)
Curve = Callable[[int], float]


def falling(step: int) -> float:
    """As quick falls on a small text."""
    return 1.3 + 2.8 * math.exp(-step / 150) + 0.4 * math.exp(-step / 1500)


def course(
    train: Curve = falling,
    validation: Curve | None = None,
    steps: int = 4000,
    seed: int = 0,
    noise: float = 0.03,
    **values: Any,
) -> Record:
    """A line of metrics every ten steps, a scoring every 100, both with noise; two thirds through its budget."""
    draw = random.Random(seed)
    scored = validation or (lambda step: falling(step) + 0.1)
    known: dict[str, Any] = {
        "step": steps,
        "horizon": steps * 3 // 2,
        "train": tuple((step, train(step) + draw.gauss(0, noise)) for step in range(10, steps + 1, 10)),
        "validation": tuple((step, scored(step) + draw.gauss(0, noise / 5)) for step in range(100, steps + 1, 100)),
        "clipped": tuple((step, 0.1) for step in range(10, steps + 1, 10)),
        "norms": tuple((step, 0.7) for step in range(10, steps + 1, 10)),
        "speeds": tuple((step, 50_000 + draw.gauss(0, 3000)) for step in range(10, steps + 1, 10)),
        "rate": 0.003,
        "baselines": TO_BEAT,
    }
    return Record(**{**known, **values})


def rises_after(step: int, by: float) -> Curve:
    """Falls, and from a step on rises so much in 1,000 steps."""
    return lambda now: falling(min(now, step)) + 0.1 + max(now - step, 0) / 1000 * by


def at(level: float) -> Curve:
    return lambda step: level + math.exp(-step / 20)


def names(record: Record, config: RunConfig = CONFIG, **known: Any) -> list[str]:
    return [finding.name for finding in diagnose(record, config, **known)]


def said_of(record: Record) -> str:
    return diagnose(record, CONFIG)[0].sentence


def with_learning(**values: Any) -> RunConfig:
    return check({"learning": values})


def spiked(step: int) -> float:
    return falling(step) + (1.5 if 3700 <= step <= 3720 else 0.0)


def exploding(step: int) -> float:
    return falling(step) + max(step - 3000, 0) / 1000


OVER: dict[str, Any] = {"step": 4000, "horizon": 4000, "reason": "budget"}
UNSCORED: dict[str, Any] = {"validation": (), "held_out": False}
SLOWING = tuple((step, 50_000.0 if step < 3800 else 20_000.0) for step in range(10, 4001, 10))
CASES: dict[str, tuple[Record, RunConfig, str, str]] = {
    "lost": (course(reason="diverged"), CONFIG, "Lost at step 4,000", "--learning.rate 0.0013"),
    "diverging": (course(exploding), CONFIG, "Diverging: training loss 1.", "--learning.rate 0.0025"),
    "spike": (course(spiked), CONFIG, "The loss spiked at step 3,7", "--learning.rate 0.0025"),
    "stuck": (
        course(at(2.92), at(2.95)),
        with_learning(rate=0.05),
        "Stuck at letter frequencies: rate too high",
        "--learning.rate 0.01",
    ),
    "overfitting": (
        course(validation=rises_after(2400, 0.15)),
        CONFIG,
        "Overfitting: validation rises since step 2,",
        "--model.dropout 0.2 --learning.patience 5",
    ),
    "gap": (
        course(lambda step: falling(step) - 0.5, falling),
        check({"model": {"dropout": 0.6}}),
        "Large gap: validation 0.5",
        "--model.hidden 128",
    ),
    "clipped": (
        course(clipped=tuple((step, 0.96) for step in range(10, 4001, 10)), norms=((4000, 4.0),)),
        CONFIG,
        "Clipped on 96% of steps",
        "--learning.clip 6",
    ),
    "ended": (course(at(1.4), at(1.5), **OVER), CONFIG, "Schedule ended: the rate is at its floor, 0.00025", ""),
    "still falling": (
        course(lambda step: 3 - step / 4000, lambda step: 3 - step / 4000, **OVER),
        check({"budget": {"minutes": 1.5}}),
        "Still falling at its end: train longer",
        "--budget.minutes 3",
    ),
    "plateau": (course(at(1.4), at(1.5)), CONFIG, "Plateau: no better since step 2,600", "--learning.schedule plateau"),
    "slow": (course(speeds=SLOWING), CONFIG, "Slower than before: 40% of it", ""),
    "held out": (
        course(**UNSCORED),
        with_learning(patience=4),
        "Nothing held out; patience goes by training loss",
        "--text.held-out 0.1",
    ),
    "early": (course(steps=60), CONFIG, "Too early to say: step 60", ""),
    "healthy": (course(), CONFIG, "Healthy: falling 0.", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_each_finding_fires_with_its_evidence_and_its_remedy(name: str) -> None:
    record, config, sentence, setting = CASES[name]
    found = {finding.name: finding for finding in diagnose(record, config)}
    assert name in found, list(found)
    assert found[name].sentence.startswith(sentence)
    assert found[name].setting == setting
    assert found[name].remedy
    assert not {"healthy", "ended"} <= set(found)  # a run that ended is not told that there is nothing to do
    others = {"healthy", "held out", "slow", "ended"} | ({"gap"} if name == "overfitting" else set())
    assert set(found) - {name} <= others


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_has_room_and_needs_no_font(name: str) -> None:
    for finding in diagnose(*CASES[name][:2]):
        assert len(finding.sentence) <= 52
        assert (finding.sentence + finding.remedy + finding.setting + str(finding.evidence)).isascii()


def flat(step: int) -> float:
    return 1.5


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03, 0.1])
@pytest.mark.parametrize("steps", [400, 1500, 4000])
def test_a_healthy_run_has_no_finding_whatever_its_noise(noise: float, steps: int) -> None:
    for seed in range(12):
        record = course(steps=steps, seed=seed, noise=noise)
        assert names(record) == ["healthy"], (seed, names(record))


def wandering(count: int, deviation: float, near: float, seed: int) -> list[float]:
    """Noise, each value near the one before it: an autoregressive process."""
    draw = random.Random(seed)
    values = [draw.gauss(0, deviation)]
    while len(values) < count:
        values.append(near * values[-1] + math.sqrt(1 - near**2) * draw.gauss(0, deviation))
    return values


def scored(levels: Sequence[float], noise: Sequence[float]) -> tuple[tuple[int, float], ...]:
    return tuple((100 * number, sum(pair)) for number, pair in enumerate(zip(levels, noise, strict=True), 1))


def seen_rising(validation: Sequence[tuple[int, float]]) -> list[int]:
    """After how many scorings it is said, asked at each of them."""
    values = [loss for _, loss in validation]
    return [count for count in range(1, len(values) + 1) if rise_of(values[:count])]


@pytest.mark.parametrize(("near", "at_most"), [(0.0, 0), (0.5, 1), (0.8, 3)])
def test_noise_does_not_make_validation_rise(near: float, at_most: int) -> None:
    """Falls for ten scorings, then stays, and wanders by half a percent: of 20 runs, asked at each of 40 scorings."""
    levels = [1.5 + 0.5 * math.exp(-number / 4) for number in range(40)]
    alarms = [seed for seed in range(20) if seen_rising(scored(levels, wandering(40, 0.0075, near, seed)))]
    assert len(alarms) <= at_most


@pytest.mark.parametrize(("stands", "deviation", "near"), [(1.3, 0.06, 0.8), (0.1, 0.008, 0.8), (0.3, 0.02, 0.7)])
def test_noise_does_not_make_training_diverge(stands: float, deviation: float, near: float) -> None:
    """Parts of a text that are harder than others make lines of metrics wander, and more so where little is left."""
    for seed in range(8):
        noise = wandering(300, deviation, near, seed)
        train = [(10 * number, stands + 2 * math.exp(-number / 6) + it) for number, it in enumerate(noise, 1)]
        for count in range(60, 301, 20):
            record = Record(10 * count, 4000, train[:count])
            assert "diverging" not in names(record), (seed, count)


@pytest.mark.parametrize(("deviation", "near", "soon"), [(0.0, 0.0, 0), (0.0015, 0.0, 2), (0.003, 0.5, 4)])
def test_a_rise_is_found_soon_and_stays_found(deviation: float, near: float, soon: int) -> None:
    """By 3 % in ten scorings, and no further: found before it has ended, or a few scorings after it."""
    levels = [1.5 + 0.5 * math.exp(-number / 4) + 0.045 * min(max(number - 20, 0) / 10, 1) for number in range(45)]
    for seed in range(8):
        seen = seen_rising(scored(levels, wandering(45, deviation, near, seed)))
        assert seen and seen[0] <= 31 + soon, (seed, seen)
        assert set(seen) >= set(range(36 + soon, 46)), (seed, seen)


def test_where_it_began_to_rise_is_named() -> None:
    (finding,) = (it for it in diagnose(course(validation=rises_after(2000, 0.1)), CONFIG) if it.name == "overfitting")
    assert finding.sentence in {f"Overfitting: validation rises since step {step:,}" for step in (1900, 2000, 2100)}


RESTART = 4000


def restarted(step: int) -> float:
    """A warm restart: a quarter of what was learnt is given back at once, and learnt again."""
    return falling(step) if step < RESTART else 1.35 + 0.35 * math.exp(-(step - RESTART) / 800)


def rates(step: int) -> float:
    return 0.0003 if step < RESTART else 0.005


@pytest.mark.parametrize("steps", [4020, 4200, 4400, 4700, 5000, 6000, 8000])
def test_a_warm_restart_is_no_fault(steps: int) -> None:
    lines = range(10, steps + 1, 10)
    for seed in range(5):
        record = course(restarted, lambda step: restarted(step) + 0.1, steps, seed, 0.02)
        assert names(record) != ["healthy"] or steps > 5000  # without knowing of it
        known = replace(record, rates=tuple((step, rates(step)) for step in lines))
        assert names(known) in ([["early"]] if steps < RESTART + 120 else [["early"], ["healthy"]]), (seed, steps)
        chosen = diagnose(record, with_learning(restart_at=RESTART))[0]  # by the settings alone
        assert chosen.name in {"early", "healthy"}
        assert chosen.name != "early" or chosen.sentence.startswith("The rate was raised at step 4,000")


def test_what_goes_wrong_after_a_restart_is_seen() -> None:
    lines = range(10, 6001, 10)
    record = course(lambda step: restarted(min(step, 5000)) + max(step - 5000, 0) / 1000, steps=6000)
    assert "diverging" in names(replace(record, rates=tuple((step, rates(step)) for step in lines)))


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_a_rate_that_was_changed_by_hand_hides_nothing(factor: float) -> None:
    changed = tuple((step, 0.003 * (factor if step > 3000 else 1)) for step in range(10, 4001, 10))
    assert "diverging" in names(course(exploding, rates=changed))


def test_after_a_doubled_rate_a_jump_is_no_spike_and_what_rises_is_no_overfitting() -> None:
    """The loss jumps where the rate is doubled, and stays for a while above what it was."""

    def jumped(step: int) -> float:
        return falling(step) + (0.25 if step > 3500 else 0.0) + (0.4 if 3500 < step <= 3520 else 0.0)

    lines = range(10, 4001, 10)
    for at in (3550, 3700, 4000):
        record = course(jumped, lambda step: jumped(step) + 0.1, at, noise=0.01, horizon=6000)
        assert {"spike", "overfitting", "diverging"} & set(names(record))
        known = replace(record, rates=tuple((step, 0.003 * (2 if step > 3500 else 1)) for step in lines if step <= at))
        found = {finding.name: finding.sentence for finding in diagnose(known, CONFIG)}
        assert "overfitting" not in found
        assert found.get("spike", "raised").startswith(("Rate raised at step 3,510", "raised"))


def test_steady_is_said_only_where_the_slope_is_surely_small() -> None:
    steep = tuple((step, 2.0 + 2.2 * math.exp(-step / 400)) for step in range(20, 600, 20))
    for count in range(8, len(steep)):
        sentence = diagnose(Record(steep[count - 1][0], 5000, steep[:count]), CONFIG)[0].sentence
        assert sentence.startswith(("Healthy: falling", "Too early")), sentence
    for noise in (0.05, 0.2):
        for steps in (100, 150, 300, 600):
            sentence = said_of(course(steps=steps, noise=noise))
            assert "steady" not in sentence, sentence
    assert "Healthy: near 1." in said_of(course(flat, steps=900, noise=0.1))
    assert said_of(course(flat, steps=250, noise=0.1)).startswith("Too early to say")
    assert said_of(course(flat, steps=900, noise=0.002)).startswith("Healthy: steady at 1.")


@pytest.mark.parametrize(
    ("rate", "optimiser", "words"),
    [(0.05, "adamw", "too high"), (0.0001, "adamw", "too low"), (50.0, "sgd", "too high"), (0.001, "sgd", "too low")],
)
def test_stuck_by_a_rate_that_is_too_high_or_too_low(rate: float, optimiser: str, words: str) -> None:
    config = with_learning(rate=min(rate, 10.0), optimiser=optimiser)
    record = course(at(2.92), at(2.95), rate_factor=rate / min(rate, 10.0))
    assert diagnose(record, config)[0].sentence.endswith(words)


def test_a_slow_start_is_not_stuck() -> None:
    """Above the letters' entropy for long, but on its way down."""
    assert "stuck" not in names(course(lambda step: 3.6 - step / 6000, lambda step: 3.6 - step / 6000))


def test_slower_than_the_probe_said() -> None:
    found = diagnose(course(), CONFIG, expected_speed=100_000)
    assert [finding.name for finding in found] == ["healthy", "slow"]
    assert found[1].sentence == "Slower than the probe said: 50% of it"
    assert names(course(), expected_speed=60_000) == ["healthy"]


def test_the_worst_comes_first_and_a_note_never_hides_it() -> None:
    record = course(exploding, clipped=tuple((step, 1.0) for step in range(10, 4001, 10)), **UNSCORED)
    assert names(record) == ["diverging", "clipped", "held out"]
    assert names(course(**UNSCORED)) == ["healthy", "held out"]


@pytest.mark.parametrize("train", [(), ((1, 4.0),), tuple((step, 2.0) for step in range(100))])
def test_any_record_has_a_sentence(train: Sequence[tuple[int, float]]) -> None:
    for reason in (None, "budget", "stopped", "early stop", "diverged"):
        for validation in ((), ((1, 2.0),), tuple((step, 2.0) for step in range(20))):
            assert diagnose(Record(99, None, train, validation, reason=reason), CONFIG)


def test_training_noise_that_wanders_does_not_fall() -> None:
    """Level lines, of which neighbours correlate by 0.8: as many as 2 in 5 seemed to fall where that was not known."""
    said = [
        said_of(Record(4000, 4000, scored([1.5] * 400, wandering(400, 0.03, 0.8, seed)), reason="stopped"))
        for seed in range(25)
    ]
    assert sum("falling" in sentence for sentence in said) <= 4
