"""Budgets as people write them: `90s`, `2h30`, `5k steps`, `20 epochs or 8h`, `until validation stops improving`.

One line for the four fields that end a run: `budget.steps`, `budget.epochs`, `budget.minutes` and
`learning.patience`. What is read here is checked like anything else that is typed; what fits is not known here.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lstm_tui.errors import UserError

PATHS = ("budget.steps", "budget.epochs", "budget.minutes", "learning.patience")
"""The fields that a budget in words sets."""
# Scorings without a better one after which validation counts as improving no more, where no number is given.
PATIENCE = 5
EXAMPLES = "90s, 2h30, 5k steps, 20 epochs, 20 epochs or 8h, until validation stops improving"

_NUMBER = r"(?P<number>\d+(?:\.\d+)?)"
_STEPS = re.compile(rf"{_NUMBER}\s*(?P<times>[km]?)\s*steps?", re.IGNORECASE)
_EPOCHS = re.compile(rf"{_NUMBER}\s*epochs?", re.IGNORECASE)
_UNTIL = re.compile(
    r"until\s+(?:the\s+)?(?:validation|it)\s+stops\s+improving(?:\s+for\s+(?P<scorings>\d+)\s+scorings?)?",
    re.IGNORECASE,
)
# In the order of their length: 2h30m10s. What follows hours without a unit are minutes, and so on down.
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
# What follows without a unit: so many do not, and what they follow.
_FEWER = {"h": (24, "hours", "days"), "m": (60, "minutes", "hours"), "s": (60, "seconds", "minutes")}
_NAMES = {"d": "d|days?", "h": "h|hrs?|hours?", "m": "m|mins?|minutes?", "s": "s|secs?|seconds?"}
_TIME = re.compile(
    "".join(rf"(?:(?P<{unit}>\d+(?:\.\d+)?)\s*(?:{names})\s*)?" for unit, names in _NAMES.items())
    + r"(?P<rest>\d+(?:\.\d+)?)?",
    re.IGNORECASE,
)
# No run lasts so long, and floats are exact below.
_MOST = 10**15
_MOST_STEPS, _MOST_SCORINGS = 10**12, 10**6
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def parse(text: str) -> dict[str, int | float | None]:
    """A budget in words as values of `PATHS`, None for what it does not say; all of them None for `none`.

    Raises:
        UserError: with examples, where it is no budget.
    """
    values: dict[str, int | float | None] = dict.fromkeys(PATHS)
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text.strip())  # 5,000
    if plain.lower() == "none":
        return values
    if re.search(rf"(?<![.\d])\d{{{len(str(_MOST))}}}", plain):
        raise _too_long()
    for part in re.split(r"\s*(?:,|;|\bor\b|\band\b|\+)\s*|\s+(?=until\b)", plain, flags=re.IGNORECASE):
        if not part:
            continue
        path, value = _part(part)
        if values[path] is not None:
            raise UserError(f"budget: {part!r} is a second number of the same kind; give one, as in {EXAMPLES}.")
        values[path] = value
    if set(values.values()) == {None}:
        raise UserError(f"budget: expected such as {EXAMPLES}.")
    return values


def _part(part: str) -> tuple[str, int | float]:
    if match := _STEPS.fullmatch(part):
        steps = Decimal(match["number"]) * _TIMES[match["times"].lower()]
        if steps > _MOST_STEPS:
            raise _too_long()
        if steps != int(steps):
            raise UserError(f"budget: {part!r} is no whole number of steps; expected such as {EXAMPLES}.")
        return "budget.steps", int(steps)
    if match := _EPOCHS.fullmatch(part):
        return "budget.epochs", float(match["number"])
    if match := _UNTIL.fullmatch(part):
        scorings = int(match["scorings"] or PATIENCE)
        if scorings > _MOST_SCORINGS:
            raise _too_long()
        return "learning.patience", scorings
    if re.fullmatch(_NUMBER, part):
        raise UserError(f"budget: {part} of what? Write {part} steps, {part} epochs, {part}s, {part}min or {part}h.")
    match = _TIME.fullmatch(part)
    if match is None:
        raise UserError(f"budget: expected such as {EXAMPLES}; not {part!r}.")
    given = {unit: Decimal(match[unit]) for unit in _UNITS if match[unit]}
    if match["rest"]:
        below = list(_UNITS)[list(_UNITS).index(list(given)[-1]) + 1 :] if given else []
        if not below:
            raise UserError(f"budget: expected such as {EXAMPLES}; not {part!r}.")
        (unit, *_), rest = below, Decimal(match["rest"])
        fewer, what, before = _FEWER[unit]
        if rest >= fewer:
            raise UserError(
                f"budget: {part!r}: fewer than {fewer} {what} follow {before}; for more, write {part}{unit}."
            )
        given[unit] = rest
    seconds = sum(number * _UNITS[unit] for unit, number in given.items())
    return "budget.minutes", float(Decimal(seconds) / 60)


def _too_long() -> UserError:
    return UserError(f"budget: no run lasts so long; expected such as {EXAMPLES}.")


def show(values: Mapping[str, Any]) -> str:
    """Values of `PATHS` as a person would write them; `parse` gives the same values back."""
    steps, epochs, minutes, patience = (values.get(path) for path in PATHS)
    parts = [] if steps is None else [_steps(int(steps))]
    parts += [] if epochs is None else [f"{_number(epochs)} epoch{'' if epochs == 1 else 's'}"]
    parts += [] if minutes is None else [duration(minutes)]
    words = " or ".join(parts)
    if patience is None:
        return words or "none"
    scorings = "" if patience == PATIENCE else f" for {patience} scoring{'' if patience == 1 else 's'}"
    return f"{words}{', ' if words else ''}until validation stops improving{scorings}"


def _steps(steps: int) -> str:
    for letter, times in (("M", 1_000_000), ("k", 1_000)):
        if times <= steps < _MOST and steps * 10 % times == 0:
            return f"{_number(steps / times)}{letter} steps"
    return f"{steps} step{'' if steps == 1 else 's'}"


def duration(minutes: float) -> str:
    """`90s`, `5min`, `2h30`, `8h`."""
    if minutes >= _MOST:
        return f"{_number(minutes)}min"
    seconds = round(minutes * 60, 6)
    if seconds < 120 and seconds != 60:
        words = f"{_number(seconds)}s"
    elif minutes % 60 == 0:
        words = f"{_number(minutes / 60)}h"
    elif minutes > 60 and minutes % 1 == 0:
        words = f"{minutes // 60:.0f}h{minutes % 60:02.0f}"
    else:
        words = f"{_number(minutes)}min"
    # Few times are no whole seconds: those are written as they are.
    return words if parse(words)["budget.minutes"] == minutes else f"{_number(minutes)}min"


def _number(value: float) -> str:
    """A number in digits alone, without loss."""
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")
