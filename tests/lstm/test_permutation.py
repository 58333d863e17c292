"""A computed order is a shuffled one: every number once, none where it was by rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.lstm.permutation import Permutation


def order(length: int, seed: int = 1) -> np.ndarray:
    return Permutation(length, np.random.default_rng(seed))[:length]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(1, 5000), st.integers(0, 3))
def test_every_number_once(length: int, seed: int) -> None:
    numbers = order(length, seed)
    assert numbers.dtype == np.int64 and sorted(numbers.tolist()) == list(range(length))


@pytest.mark.parametrize("length", [4**8, 4**8 + 1, 2 * 4**8 - 1, 100_000])
def test_lengths_around_a_power_of_four(length: int) -> None:
    assert np.array_equal(np.sort(order(length)), np.arange(length))


def test_any_part_is_as_of_the_whole() -> None:
    permutation = Permutation(10_000_019, np.random.default_rng(5))
    assert np.array_equal(permutation[123:456], permutation[:456][123:])
    last = permutation[10_000_000:20_000_000]
    assert len(last) == 19 and last.max() < 10_000_019


def test_it_looks_drawn() -> None:
    numbers = order(100_000)
    # As many stay behind as precede; neighbours are far apart; each tenth is spread over all tenths.
    assert abs(np.corrcoef(np.arange(100_000), numbers)[0, 1]) < 0.01
    assert np.mean(np.diff(numbers) > 0) == pytest.approx(0.5, abs=0.01)
    assert np.abs(np.diff(numbers)).mean() == pytest.approx(100_000 / 3, rel=0.02)
    spread = np.histogram2d(np.arange(100_000), numbers, bins=10)[0]
    assert spread.min() > 900 and spread.max() < 1100
    assert np.count_nonzero(numbers == np.arange(100_000)) < 10


def test_other_draws_are_other_orders() -> None:
    assert not np.array_equal(order(1000, 1), order(1000, 2)) and np.array_equal(order(1000, 1), order(1000, 1))
