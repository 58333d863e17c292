"""What is a rise, and what is noise: how often each is taken for the other, in courses drawn with a seed."""

import math
import random
from collections.abc import Sequence

import pytest

from lstm_tui.jobs.rising import likelier, rise_of

LEVEL, NOISE = 1.5, 0.005
FALL = [LEVEL * (1 + 0.3 * math.exp(-at / 3)) for at in range(20)]


def with_noise(levels: Sequence[float], near: float, seed: int) -> list[float]:
    """Noise of half a percent, each value near the one before it: an autoregressive process."""
    draw = random.Random(seed)
    noise = draw.gauss(0, 1)
    values = []
    for level in levels:
        values.append(level + LEVEL * NOISE * noise)
        noise = near * noise + math.sqrt(1 - near**2) * draw.gauss(0, 1)
    return values


def rising(by: float, during: int, then: int = 0) -> list[float]:
    return [*FALL, *(LEVEL * (1 + by * min(at / during, 1)) for at in range(1, during + then + 1))]


def found(levels: Sequence[float], near: float, of: int = 60) -> float:
    return sum(rise_of(with_noise(levels, near, seed)) is not None for seed in range(of)) / of


@pytest.mark.parametrize("count", [10, 30, 200])
@pytest.mark.parametrize("fall", [[], FALL])
def test_noise_is_no_rise(count: int, fall: list[float]) -> None:
    levels = [*fall, *([LEVEL] * count)]
    assert found(levels, 0.0) == 0
    assert found(levels, 0.8) <= 0.05


@pytest.mark.parametrize(
    ("during", "then", "at_least"), [(20, 0, 0.75), (20, 10, 0.85), (40, 0, 0.95), (20, 100, 0.95)]
)
def test_a_rise_is_found_beside_noise_and_stays_found(during: int, then: int, at_least: float) -> None:
    assert found(rising(0.03, during, then), 0.0) >= at_least


def test_where_it_began_and_where_it_stands() -> None:
    rise = rise_of(rising(0.04, 20))
    assert rise is not None and rise.since == 19
    assert rise.now == pytest.approx(LEVEL * 1.031)
    assert rise.noise == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "values", [[], [1.0], [0.0] * 50, [2.0] * 50, [1.0, *[2.0] * 5], [1e-9 * at for at in range(50)]]
)
def test_any_course_has_an_answer(values: list[float]) -> None:
    assert (rise_of(values) is not None) == (values[-1:] > values[:1])
    if len(values) > 5:
        assert math.isfinite(likelier(values, 0))
