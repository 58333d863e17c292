"""What `-` and `+` do to a setting: to the next sensible value within the field's own limits.

The ladder follows from the field's type and limits, so that a new field of RunConfig needs nothing here.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from lstm_tui.fields import Leaf, parse, show

# Widths and lengths: doubled up to 128, then in even steps (a network of 384 is as good as one of 512).
_WIDTHS = (1, 2, 4, 8, 16, 32, 64, *range(128, 1024, 128), *range(1024, 4097, 512))
# Where a number begins that was none: counts without an upper limit, those with one, other numbers.
# No step leads from here, nor from what is no number.
_TOO_LARGE = 1e300
_FIRST_COUNT, _FIRST_SMALL_COUNT, _FIRST_NUMBER = 100, 8, 1.0


def step(leaf: Leaf, text: str, direction: int) -> str:
    """The value after (`direction` 1) or before (-1) `text`, as a person would type it.

    Words go round; numbers stop at their limits. Free text, and what is no number, stay as they are.
    """
    if leaf.choices:
        words = [*leaf.choices, "none"] if leaf.optional else list(leaf.choices)
        place = words.index(text) if text in words else -direction
        return words[(place + direction) % len(words)]
    kinds = set(_kinds(leaf.info.annotation))
    whole = int in kinds
    if not whole and float not in kinds:
        return text
    value = parse(text)
    if value is None:
        first = _FIRST_SMALL_COUNT if _limit(leaf, "le") else _FIRST_COUNT
        return show(first if whole else _inside(leaf, _FIRST_NUMBER, 0.0))
    try:
        number = float(value)
    except ValueError:
        return text
    if not abs(number) < _TOO_LARGE:
        return text
    moved = _whole(leaf, int(number), direction) if whole else _number(leaf, number, direction)
    moved = _inside(leaf, moved, number)
    return str(int(moved)) if whole else show(float(moved))


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types in `float | None`, `Annotated[float, ...] | None` and the like, and what annotates them."""
    yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)


def _limit(leaf: Leaf, *names: str) -> float | None:
    """The field's limit of one of these kinds (`ge`, `gt`, `le`, `lt`)."""
    for kind in (leaf.info, *_kinds(leaf.info.annotation)):
        for limit in getattr(kind, "metadata", ()):
            for name in names:
                if hasattr(limit, name):
                    return float(getattr(limit, name))
    return None


def _inside(leaf: Leaf, moved: float, before: float) -> float:
    """`moved` where the field allows it, else its nearest limit where that is allowed, else `before`."""
    least, above = _limit(leaf, "ge"), _limit(leaf, "gt")
    most, below = _limit(leaf, "le"), _limit(leaf, "lt")
    if least is not None and moved < least:
        moved = least
    if most is not None and moved > most:
        moved = most
    if (above is not None and moved <= above) or (below is not None and moved >= below):
        return before
    return moved


def _whole(leaf: Leaf, number: int, direction: int) -> float:
    most = _limit(leaf, "le")
    if most == _WIDTHS[-1]:
        return _next(_WIDTHS, number, direction)
    if most is not None and (most <= 16 or most >= 2**31):  # few layers; a seed
        return number + direction
    return _one_two_five(number, direction)


def _number(leaf: Leaf, number: float, direction: int) -> float:
    least, most = _limit(leaf, "ge"), _limit(leaf, "le", "lt")
    if most is not None and most <= 1:
        if number == 1 and direction < 0:
            return 0.99
        if number > 0.9 or (number == 0.9 and direction > 0):  # 0.9, 0.95, 0.98, 0.99, 0.995, ...
            return round(1 - _one_two_five(round(1 - number, 9), -direction), 9)
        return round(_even(number, 0.05, direction), 9)
    if least is None or (most is not None and most <= 10 and least == 0):  # what goes by factors: rates, times
        return _one_two_five(number, direction)
    return round(_even(number, 0.1 if least >= 0 else 0.5, direction), 9)


def _even(number: float, width: float, direction: int) -> float:
    """The next multiple of `width`."""
    steps = number / width
    return (math.floor(steps + 1e-9) + 1 if direction > 0 else math.ceil(steps - 1e-9) - 1) * width


def _next(ladder: tuple[int, ...], number: int, direction: int) -> int:
    for low, high in pairwise(ladder):
        if direction > 0 and low <= number < high:
            return high
        if direction < 0 and low < number <= high:
            return low
    return number


def _one_two_five(number: float, direction: int) -> float:
    """The next of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, …; 0 lies below 0.0001."""
    if number <= 0:
        return 0.0001 if direction > 0 else 0.0
    exponent = math.floor(math.log10(number))
    rungs = [float(f"{first}e{power}") for power in range(exponent - 1, exponent + 2) for first in (1, 2, 5)]
    if direction > 0:
        return min(rung for rung in rungs if rung > number * (1 + 1e-9))
    below = max(rung for rung in rungs if rung < number * (1 - 1e-9))
    return below if below >= 0.0001 else 0.0
