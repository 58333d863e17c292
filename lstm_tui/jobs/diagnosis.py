"""What a run's course says of it: diagnose(record, config) → findings, the most important one first.

Pure: figures go in, sentences with their evidence and a remedy come out. It knows nothing of models, disks or screens.

A loss is noisy, and a finding that comes and goes would be worse than none. So every threshold is a size that
matters, and at least a multiple of the noise as it is measured in the same course (`courses.noise_of`). Scorings may
wander, each near the one before it, which neighbours hide: `rising` looks at them.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from lstm_tui.jobs.courses import Points, latest, level_of, noise_around, noise_of, trend_of
from lstm_tui.jobs.rising import rise_of

if TYPE_CHECKING:  # it brings pydantic and NumPy
    from lstm_tui.config import RunConfig
    from lstm_tui.text.ngram import Baselines

Severity = Literal["wrong", "warning", "good", "note"]
_RANKS: tuple[Severity, ...] = ("wrong", "warning", "good", "note")

# Lines of metrics, two a second, before anything is said of a course.
_ENOUGH = 8
# A loss that has risen by this share of its lowest is lost, and not only noisy.
_LOST = 0.15
# Training loss is taken with dropout on, so that the gap is seen too small rather than too large.
_WIDE_GAP = 0.25
_CLIPPED = 0.9
# A tenth more tokens a second is weather; a third less is another program on the device.
_SLOW, _SLOWED = 0.7, 0.6
# A run stands still where the whole last third has brought less than this, and that is sure (two standard errors); it
# is worth going on with where the last quarter brought more than that.
_STANDS, _STILL_FALLS = 0.01, 0.015
# A rate that so leaps, from one line to the next, begins the schedule anew, or lays it over a larger budget: what has
# been reached is given back for a while, as is meant. So many lines and scorings after it say nothing; nor do those
# before it. (A rate that is doubled by hand is no such leap: where that was too much, it is to be said. But then it is
# no overfitting where validation rises, so that the scorings before it do not count, nor is it chance.)
_LEAP, _RAISED, _SETTLING_LINES, _SETTLING_SCORINGS = 2.5, 1.5, 5, 3
# Fewer lines of metrics are too few where their noise hides what they do.
_SURE = 30
# Between these, an optimiser's rate is usual for recurrent nets of this size.
_USUAL_RATES = {"sgd": (0.1, 30.0), "rmsprop": (1e-4, 5e-3)}
_USUAL_ADAM = (3e-4, 1.2e-2)


@dataclass(frozen=True)
class Record:
    """The course of a run, as far as it is known.

    Attributes:
        train: (step, nats) with dropout on, means over the steps between; `validation` with dropout off.
        clipped: (step, share of steps whose gradient was clipped); empty where clipping is off.
        norms: (step, the gradient's norm before clipping).
        speeds: (step, tokens a second), of this sitting alone: another one may have had another device.
        rates: (step, the learning rate).
        rate: the learning rate now; `rate_factor`: what it was multiplied by, as asked.
        held_out: whether anything is; unknown is True.
        reason: why the run ended; None while it goes on.
    """

    step: int
    horizon: int | None
    train: Points
    validation: Points = ()
    clipped: Points = ()
    norms: Points = ()
    speeds: Points = ()
    rates: Points = ()
    rate: float | None = None
    rate_factor: float = 1.0
    held_out: bool = True
    reason: str | None = None
    baselines: "Baselines | None" = None


@dataclass(frozen=True)
class Finding:
    """One thing that a course says.

    Attributes:
        name: which of them, in a word or two.
        sentence: for a person, in at most 52 characters.
        evidence: figures, by what they are.
        remedy: what to do about it; `setting`: as a flag with its value, "" where no setting would help.
    """

    severity: Severity
    name: str
    sentence: str
    evidence: tuple[tuple[str, str], ...] = ()
    remedy: str = ""
    setting: str = ""


def diagnose(record: Record, config: "RunConfig", expected_speed: float | None = None) -> list[Finding]:
    """What is to be said of a run, the most important first; never empty.

    Args:
        expected_speed: tokens a second that a probe promised, where there was one.
    """
    found = list(_notes(record, config, expected_speed))
    leap = _raised(record, config, _LEAP)
    record = _settled(record, leap, _raised(record, config, _RAISED))
    if record.reason == "diverged":
        found.append(_diverged(record, config))
    elif len(record.train) < _ENOUGH or record.step <= config.learning.warmup:
        found.append(_early(record, leap))
    else:
        found += _course(record, config)
    if not any(finding.severity in ("wrong", "warning", "good") for finding in found):
        found.append(_healthy(record, leap))
    return sorted(found, key=lambda finding: _RANKS.index(finding.severity))


def _raised(record: Record, config: "RunConfig", by: float) -> int | None:
    """The last step at which the rate was multiplied by so much or more, or began anew, as was chosen."""
    restart = config.learning.restart_at
    leaps = [step for (_, before), (step, rate) in pairwise(record.rates) if rate > by * before]
    chosen = [] if restart is None or record.step < restart else [restart]
    return max((step for step in (*leaps, *chosen) if step > config.learning.warmup), default=None)


def _settled(record: Record, leap: int | None, raised: int | None) -> Record:
    """The course as it is to be judged: all of it, or what came once the rate had leapt up and the losses settled;
    of the scorings, what came once it was raised and they settled."""
    train, validation = record.train, record.validation
    if leap is not None:
        train = [point for point in train if point[0] >= leap][_SETTLING_LINES:]
    if raised is not None:
        validation = [point for point in validation if point[0] >= raised][_SETTLING_SCORINGS:]
    return replace(record, train=train, validation=validation)


def _course(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """What shows in the curves, the worst first."""
    unstable = list(_unstable(record, config))
    stuck = list(_stuck(record, config))
    rising = list(_rising(record, config))
    yield from (*unstable, *stuck, *rising)
    if not rising:
        yield from _gap(record, config)
    yield from _clipped(record, config)
    if not (unstable or stuck or rising):
        yield from _ended(record, config) if record.reason else _plateau(record, config)


# What each of them looks at.


def _diverged(record: Record, config: "RunConfig") -> Finding:
    lower = config.learning.rate * record.rate_factor / 4
    setting = f"--learning.rate {lower:.2g}" + ("" if config.learning.clips else " --learning.clip 1")
    evidence = (("step", f"{record.step:,}"), ("rate", f"{record.rate or config.learning.rate:.2g}"))
    remedy = "A new run with a quarter of the rate, the gradient's norm clipped; the best checkpoint is kept."
    return Finding("wrong", "lost", f"Lost at step {record.step:,}: the loss is no number", evidence, remedy, setting)


def _unstable(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """Diverging: the last five lines well above the lowest five in a row. A spike: one that has passed."""
    values = [loss for _, loss in record.train]
    if len(values) < 3 * 5:
        return
    fives = [statistics.fmean(values[at : at + 5]) for at in range(len(values) - 4)]
    low = min(range(len(fives)), key=fives.__getitem__)
    lowest, now, noise = fives[low], fives[-1], noise_of(values)
    half = f"--learning.rate {config.learning.rate * record.rate_factor / 2:.2g}"
    if now - lowest > max(6 * noise, 6 * noise_around(values, low + 2), _LOST * lowest):
        evidence = ("lowest", f"{lowest:.3f}"), ("now", f"{now:.3f}")
        remedy = "The steps are too long: halve the rate (-), twice if need be; next time begin with less."
        yield Finding(
            "wrong", "diverging", f"Diverging: training loss {lowest:.2f} to {now:.2f}", evidence, remedy, half
        )
        return
    recent = max(len(values) - max(len(values) // 5, 10), 9)
    for at in range(len(values) - 1, recent - 1, -1):
        usual = statistics.median(values[at - 9 : at])
        if values[at] - usual > max(8 * noise, 0.1 * usual):
            step = record.train[at][0]
            evidence = ("before", f"{usual:.3f}"), ("at its peak", f"{values[at]:.3f}")
            remedy = "Once is no harm. If it comes again: halve the rate (-), or clip the gradient at a smaller norm."
            sentence = f"The loss spiked at step {step:,}"
            raised = _raised(record, config, _RAISED)
            if raised is not None and record.train[at - 9][0] <= raised <= step:
                sentence = f"Rate raised at step {raised:,}: the loss jumped"
            yield Finding("warning", "spike", sentence, evidence, remedy, half)
            return


def _stuck(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """After 300 steps a network knows more than how often each token occurs, or it will not learn so."""
    if record.baselines is None or record.step < max(300, 2 * config.learning.warmup):
        return
    letters, single = record.baselines.letters, record.baselines.single
    level = level_of(record.train)
    slope, error = trend_of(latest(record.train, 1 / 2))
    ahead = max((record.horizon or 0) - record.step, 0)
    gets_below = slope < -2 * error and level + slope * ahead < 0.95 * letters
    if level < 0.98 * letters or gets_below:
        return
    rate = config.learning.rate * record.rate_factor
    low, high = _USUAL_RATES.get(config.learning.optimiser, _USUAL_ADAM)
    clipped = level_of(record.clipped) if record.clipped else 0.0
    too_high = rate > high or (rate >= low and (clipped > 0.5 or level > 1.05 * letters))
    why, better = ("high", rate / 5) if too_high else ("low", min(rate * 5, high))
    evidence = (("training loss", f"{level:.3f}"), (single, f"{letters:.3f}"), ("rate", f"{rate:.2g}"))
    remedy = f"It has learnt how often each token occurs and no more: the rate is too {why}. " + (
        "Halve it (-) until the loss falls." if too_high else "Double it (+) until the loss falls."
    )
    sentence = f"Stuck at {single} frequencies: rate too {why}".replace("letters", "letter").replace("words", "word")
    yield Finding("wrong", "stuck", sentence, evidence, remedy, f"--learning.rate {better:.2g}")


def _rising(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """Overfitting: what is learnt still helps on what is learnt, and no more beside it."""
    rise = rise_of([loss for _, loss in record.validation])
    if rise is None:
        return
    step, best = record.validation[rise.since]
    evidence = ("best", f"{best:.3f} at step {step:,}"), ("now", f"{rise.now:.3f}"), ("noise", f"{rise.noise:.4f}")
    remedy = "It learns this text by heart; the best is kept, so stop when you like. Next time: " + _less(config)
    setting = f"{_restraint(config)} --learning.patience 5"
    yield Finding(
        "warning", "overfitting", f"Overfitting: validation rises since step {step:,}", evidence, remedy, setting
    )


def _gap(record: Record, config: "RunConfig") -> Iterator[Finding]:
    gap = _gap_of(record)
    if gap is None or len(record.validation) < 3 or gap <= _WIDE_GAP * record.validation[-1][1]:
        return
    evidence = ("training", f"{level_of(record.train):.3f}"), ("validation", f"{record.validation[-1][1]:.3f}")
    remedy = "It fits what it learns much better than what is held out. " + _less(config).capitalize()
    yield Finding(
        "warning", "gap", f"Large gap: validation {gap:.2f} above training", evidence, remedy, _restraint(config)
    )


def _clipped(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """After the warm-up, in the last third."""
    points = [point for point in latest(record.clipped, 1 / 3) if point[0] > config.learning.warmup]
    if len(points) < _ENOUGH or (share := statistics.fmean(value for _, value in points)) < _CLIPPED:
        return
    norm = statistics.median(value for _, value in latest(record.norms, 1 / 3)) if record.norms else None
    evidence = [("clipped", f"{share:.0%} of steps")]
    setting = ""
    if norm is not None and config.learning.clip is not None:
        evidence += [("norm, median", f"{norm:.2f}"), ("clip", f"{config.learning.clip:g}")]
        setting = f"--learning.clip {norm * 1.5:.2g}"
    remedy = (
        "The limit decides how long the steps are, not the rate. If the loss falls all the same, let it; else "
        "halve the rate (-), or clip at a norm that is rarely reached."
    )
    yield Finding("warning", "clipped", f"Clipped on {share:.0%} of steps", tuple(evidence), remedy, setting)


def _ended(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """It used its budget: worth more of it, or not."""
    if record.reason != "budget":
        return
    points = record.validation if len(record.validation) >= 4 else record.train
    last = latest(points, 1 / 4, of=record.step)
    before = points[: len(points) - len(last)]
    if last and before:
        start, end = level_of(before[-3:]), min(level_of(last[-3:]), last[-1][1])
        if start - end > max(_STILL_FALLS * end, 3 * noise_of([loss for _, loss in points])):
            evidence = (("three quarters in", f"{start:.3f}"), ("at the end", f"{end:.3f}"))
            remedy = "More training would bring more: r goes on with it for longer."
            sentence = "Still falling at its end: train longer"
            yield Finding("warning", "still falling", sentence, evidence, remedy, _longer(config))
            return
    if config.learning.schedule in ("cosine", "one-cycle"):
        floor = config.learning.rate * config.learning.final_rate * record.rate_factor
        remedy = "At this rate little more comes. r goes on with a new cosine; or a larger model, or more text."
        evidence = (("rate", f"{record.rate or floor:.2g}"), ("steps", f"{record.step:,}"))
        yield Finding("good", "ended", f"Schedule ended: the rate is at its floor, {floor:.2g}", evidence, remedy)


def _plateau(record: Record, config: "RunConfig") -> Iterator[Finding]:
    """Nothing gained in a third of the run, while the rate was not yet at its end."""
    if record.horizon is not None and record.step > 0.9 * record.horizon and config.learning.schedule != "constant":
        return
    points = record.validation if record.held_out else record.train
    last = latest(points, 1 / 3)
    before = points[: len(points) - len(last)]
    if len(last) < 6 or len(before) < 6:
        return
    start, end = level_of(before[-3:]), level_of(last[-3:])
    slope, error = trend_of(last)
    if (2 * error - slope) * (last[-1][0] - last[0][0]) > _STANDS * start:
        return
    since = before[-1][0]
    evidence = (("at step", f"{since:,}"), ("then", f"{start:.3f}"), ("now", f"{end:.3f}"))
    remedy = "Halve the rate (-): shorter steps often find the way down. Or it has learnt what it can at this size."
    setting = "" if config.learning.schedule == "plateau" else "--learning.schedule plateau"
    yield Finding("warning", "plateau", f"Plateau: no better since step {since:,}", evidence, remedy, setting)


def _notes(record: Record, config: "RunConfig", expected: float | None) -> Iterator[Finding]:
    """What is worth knowing however the curves run."""
    speeds = [speed for _, speed in record.speeds]
    if len(speeds) >= 2 * _ENOUGH:
        now, before = statistics.median(speeds[-_ENOUGH:]), statistics.median(speeds[:-_ENOUGH])
        usual, least, what = (expected, _SLOW, "the probe said") if expected else (before, _SLOWED, "before")
        if now < least * usual and record.reason is None:
            evidence = (("tokens/s", f"{now:,.0f}"), (what, f"{usual:,.0f}"))
            remedy = "Something else uses this device, or it is too hot; look at its figures at the right."
            yield Finding("note", "slow", f"Slower than {what}: {now / usual:.0%} of it", evidence, remedy)
    if not record.held_out:
        by = "patience" if config.learning.patience else config.learning.schedule
        also = f"; {by} goes by training loss" if by in ("patience", "plateau") else ""
        remedy = (
            f"Overfitting would not be seen, and the best is the best on the text it learns{also}. Hold a part out."
        )
        sentence = f"Nothing held out{also}"
        yield Finding("note", "held out", sentence, (), remedy, "--text.held-out 0.1")


def _healthy(record: Record, leap: int | None) -> Finding:
    course, slope = _course_of(record)
    if not course and len(record.train) < _SURE:
        return _early(record, leap)
    gap = _gap_of(record)
    beside = "" if gap is None or gap < 0 else f", gap {gap:.2f}"  # below 0: the training loss lags behind
    evidence = (("training loss", f"{record.train[-1][1]:.3f}"), ("per 1,000 steps", f"{1000 * slope:+.3f}"))
    course = course or f"near {level_of(record.train):.2f}, too noisy to say more"
    return Finding("good", "healthy", f"Healthy: {course}{beside}", evidence, "Nothing to do.")


def _course_of(record: Record) -> tuple[str, float]:
    """What its last third surely does, or the last two where one is too noisy: it falls, or stands; and the slope."""
    level = level_of(record.train)
    for share in (1 / 3, 2 / 3):
        last = latest(record.train, share)
        slope, error = trend_of(last)
        if slope < -2 * error and -1000 * slope >= 0.0005:
            return f"falling {-1000 * slope:.2g} per 1,000 steps", slope
        if (abs(slope) + 2 * error) * (last[-1][0] - last[0][0]) <= _STANDS * level:
            return f"steady at {level:.3f}", slope
    return "", slope


def _early(record: Record, leap: int | None) -> Finding:
    early = f"Too early to say: step {record.step:,}"
    sentence = early if leap is None else f"The rate was raised at step {leap:,}: too early"
    remedy = "Wait a few seconds." if record.reason is None else "A longer run says more."
    return Finding("good", "early", sentence, (), remedy)


# What would hold a network back, and what would let it go on.


def _less(config: "RunConfig") -> str:
    return (
        "more dropout, a smaller network, or early stopping."
        if config.model.last_dropout < 0.5
        else ("a smaller network, more text, or early stopping.")
    )


def _restraint(config: "RunConfig") -> str:
    dropout = config.model.last_dropout
    return (
        f"--model.dropout {dropout + 0.2:.2g}"
        if dropout < 0.5
        else f"--model.hidden {max(config.model.hidden // 2, 1)}"
    )


def _longer(config: "RunConfig") -> str:
    """Twice the budget, as a flag of whatever it is counted in."""
    for name in ("minutes", "epochs", "steps"):
        if value := getattr(config.budget, name):
            return f"--budget.{name} {2 * value:g}"
    return ""


def _gap_of(record: Record) -> float | None:
    """Validation above training, now: the training loss as its level around the last scoring."""
    if not record.validation or not record.train:
        return None
    step, loss = record.validation[-1]
    before = [point for point in record.train if point[0] <= step] or list(record.train[:1])
    return loss - level_of(before)
