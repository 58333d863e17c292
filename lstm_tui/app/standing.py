"""Where a run stands: a Snapshot as the rows of figures and the words that the Train screen shows. No widgets."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from lstm_tui.app.figures import duration
from lstm_tui.app.history import Moment
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.axes import View
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii, overflow
from lstm_tui.app.widgets.panel import Row
from lstm_tui.app.widgets.words import one_line
from lstm_tui.errors import no_control_characters
from lstm_tui.jobs.diagnosis import Finding, Record, diagnose
from lstm_tui.jobs.losses import bits_per_character, shown_perplexity, shown_unknown

if TYPE_CHECKING:
    from lstm_tui.app.choice import Choice

COLOURS = {"wrong": "error", "warning": "accent", "good": "foreground", "note": "quiet"}
"""A finding's theme variable, by how bad it is; its words say so too."""


def losses(seen: Snapshot, live: str) -> list[Row]:
    """The validation loss loudest; where nothing is held out, the training loss."""
    train = number(seen.train_loss)
    loudest = f"bold {live}"
    if seen.validation_tokens or seen.parameters is None:  # or it is not known yet
        at_best = seen.validation_loss is not None and seen.validation_loss == seen.best_validation_loss
        valid = Text(number(seen.validation_loss) + ("*" if at_best else " "), style=loudest)
        first: list[Row] = [("VALID", valid), ("train", f"{train} "), _beside(seen)]
        loss = seen.validation_loss
    else:
        first = [("TRAIN", Text(f"{train} ", style=loudest)), ("held out", "none ")]
        loss = seen.train_loss
    if seen.tokens != "characters":
        first.append(("perplexity", "n/a " if loss is None else f"{shown_perplexity(loss)} "))
    return [*first, ("bits/char", f"{number(None if loss is None else bits_per_character(loss, seen.characters))} ")]


def _beside(seen: Snapshot) -> Row:
    """How far the validation loss is from the n-gram's, below 0 where it is better; else the best one."""
    if seen.baselines is None or seen.baselines.ngram is None:
        return "best", f"{number(seen.best_validation_loss)} "
    loss = seen.validation_loss
    return f"vs {seen.baselines.name}", "n/a " if loss is None else f"{loss - seen.baselines.ngram:+.3f} "


def schedule(seen: Snapshot, room: int) -> list[Row]:
    """How far it is, how fast, and how it learns: at most `room` rows, what matters least left out first."""
    horizon = f"/{seen.horizon:,}" if seen.horizon else ""
    age = "n/a" if seen.saved_at is None else f"{duration(time.monotonic() - seen.saved_at)} ago"
    left = "n/a" if seen.seconds_left is None else duration(seen.seconds_left)
    clips = seen.config is None or seen.config.learning.clips
    rows: list[tuple[int, str, str]] = [
        (0, "step", f"{seen.step:,}{horizon}"),
        (1, "epoch", f"{seen.epoch:.1f}"),
        (2, "rate", ("" if seen.rate_factor == 1 else f"x{seen.rate_factor:.3g}  ") + rate(seen.learning_rate)),
        (3, "clipped", share(seen.clipped) if clips else "off"),
        (8, "gradient", number(seen.gradient_norm, 2)),
        (4, "chars/s" if seen.tokens == "characters" else "words/s", number(seen.tokens_per_second, 0)),
        (6, "left", left),
        (7, "trained", duration(seen.elapsed)),
        *([(5, "saved", age)] if seen.busy else []),  # of a run that has ended nothing moves
        (9, "parameters", "n/a" if seen.parameters is None else f"{seen.parameters:,}"),
    ]
    return [(label, value) for rank, label, value in rows if rank < room]


def number(value: float | None, digits: int = 3) -> str:
    return "n/a" if value is None else f"{value:,.{digits}f}"


def rate(value: float | None) -> str:
    """A learning rate: three figures of it, as many digits at each step of a run."""
    return "n/a" if value is None else f"{value:.5f}" if value >= 0.001 else f"{value:.7f}"


def share(value: float | None) -> str:
    return "n/a" if value is None else f"{value * 100:.0f} %"


def title(seen: Snapshot, view: View, *, last: bool) -> str:
    """What the chart shows; `last`: of a run of an earlier session."""
    unknown = f", {shown_unknown(seen.unknown)}" if seen.unknown else ""
    parent = f", from {seen.parent}" if seen.parent else ""
    return f"{'last run: ' if last else ''}loss, nats, {view}{unknown}{parent}"


def legend(seen: Snapshot) -> list[tuple[str, str]]:
    """What the curves are, each with its colour, and where the best one is."""
    train, validation = _marks()
    parts = [(f"{train} train", "$primary")]
    if seen.validation:
        parts.append((f"  {validation} validation", "$accent"))
    if seen.best_step is not None:
        parts.append((f"  * best {seen.best_validation_loss:.3f}, step {seen.best_step:,}", "$foreground"))
    return parts


def steering_legend(rate: str, other: str) -> list[tuple[str, str]]:
    """The same of the chart beside it."""
    first, second = _marks()
    return [(f"{first} {rate}", "$primary"), (f"  {second} {other}", "$accent")]


def _marks() -> tuple[str, str]:
    return (".", "o") if is_ascii() else (glyphs().rule, glyphs().rule)


def advice(seen: Snapshot, choice: "Choice", colours: Mapping[str, str]) -> Text:
    """What to do where there is no run to show."""
    plain, bold = colours["foreground"], f"bold {colours['foreground']}"
    if seen.state == "preparing":
        doing = f"{no_control_characters(seen.message):<50}"  # its middle stays
        called_off = ("x", f"bold {colours['accent']}"), ("  calls it off", plain)
        return Text.assemble(("Preparing\n\n", bold), (f"{doing}\n\n", plain), *called_off)
    advice = Text("Nothing is being trained.\n", style=bold)
    if seen.refused:
        advice = Text(f"{no_control_characters(seen.refused)}\n", style=colours["error"])
    origin = choice.origin_words if choice.parent else f"with the recipe {choice.recipe}"
    for key, words in (
        ("t", f"trains {one_line(choice.entry.title)} {origin}"),
        ("1", "chooses another text"),
        ("2", "changes the settings"),
        ("5", "goes on with an earlier run"),
    ):
        advice.append(f"\n  {key}  ", style=f"bold {colours['accent']}").append(words, style=plain)
    return advice


def verdict(seen: Snapshot, found: Sequence[Finding], width: int, colours: Mapping[str, str]) -> Text:
    """The most important sentence, and that there are more where there is room to say so; or why it failed."""
    line = Text(no_wrap=True, overflow=overflow())
    if seen.state == "failed":
        return line.append(no_control_characters(seen.message, keep=""), style=colours["error"])
    for finding in found[:1]:
        line.append(finding.sentence, style=colours[COLOURS[finding.severity]])
    more = f"  w: +{len(found) - 1}"
    if len(found) > 1 and line.cell_len + len(more) <= width:
        line.append(more, style=colours["quiet"])
    return line


def _sitting(seen: Snapshot) -> Sequence[Moment]:
    """What is known of this sitting; nothing of a run that is not being trained here."""
    return () if seen.begun_at is None else [moment for moment in seen.course if moment.step > seen.begun_at]


def findings(seen: Snapshot) -> list[Finding]:
    """What its course says of a run; nothing where its settings are not known."""
    if seen.config is None:
        return []
    record = Record(
        step=seen.step,
        horizon=seen.horizon,
        train=seen.curve,
        validation=seen.validation,
        clipped=[(moment.step, moment.clipped) for moment in seen.course if moment.clipped is not None],
        norms=[(moment.step, moment.gradient_norm) for moment in seen.course if moment.gradient_norm is not None],
        speeds=[(moment.step, moment.speed) for moment in _sitting(seen) if moment.speed is not None],
        rates=[(moment.step, moment.rate) for moment in seen.course if moment.rate is not None],
        rate=seen.learning_rate,
        rate_factor=seen.rate_factor,
        held_out=bool(seen.validation_tokens) or seen.validation_loss is not None,
        reason=seen.reason,
        baselines=seen.baselines,
    )
    return diagnose(record, seen.config, seen.expected_speed)
