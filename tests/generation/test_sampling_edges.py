"""Top-p, min-p and the repetition penalty: what they keep, in what order, at their edges, in NumPy and in torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lstm_tui.generation import sampling as numpy_sampling
from lstm_tui.generation.sampling import probabilities
from lstm_tui.lstm import generation as torch_sampling
from lstm_tui.sections import SamplingConfig

CHANCES = np.array([0.1, 0.4, 0.05, 0.25, 0.2])
LOGITS = np.log(CHANCES)
Drawn = Callable[..., NDArray[Any]]


def sampling(**values: object) -> SamplingConfig:
    return SamplingConfig.model_validate({"temperature": 1.0, **values})


def kept(**values: object) -> list[int]:
    """The tokens that may be drawn; the rest of the chances keep their proportions."""
    made = probabilities(LOGITS, sampling(**values))
    tokens = np.flatnonzero(made)
    np.testing.assert_allclose(made[tokens], CHANCES[tokens] / CHANCES[tokens].sum())
    return tokens.tolist()


def by_numpy(logits: NDArray[Any], settings: SamplingConfig, count: int, recent: list[int] | None = None) -> Any:
    generator = np.random.default_rng(11)
    before = None if recent is None else np.array(recent)
    return np.array([numpy_sampling.draw(logits, settings, generator, before) for _ in range(count)])


def by_numpy_in_streams(
    logits: NDArray[Any], settings: SamplingConfig, count: int, recent: list[int] | None = None
) -> Any:
    before = None if recent is None else np.tile(np.array(recent), (count, 1))
    return numpy_sampling.draw_each(np.tile(logits, (count, 1)), settings, np.random.default_rng(11), before)


def by_torch(logits: NDArray[Any], settings: SamplingConfig, count: int, recent: list[int] | None = None) -> Any:
    generator = torch.Generator().manual_seed(11)
    before = None if recent is None else torch.tensor(recent).expand(count, -1)
    return torch_sampling.draw(torch.tensor(logits).expand(count, -1), settings, generator, before).numpy()


ways = pytest.mark.parametrize("drawn", [by_numpy, by_numpy_in_streams, by_torch])


@pytest.mark.parametrize(
    ("p", "tokens"),
    [(1, [0, 1, 2, 3, 4]), (0.96, [0, 1, 2, 3, 4]), (0.9, [0, 1, 3, 4]), (0.6, [1, 3]), (0.39, [1]), (1e-9, [1])],
)
def test_top_p_keeps_the_fewest_that_have_the_chance_together(p: float, tokens: list[int]) -> None:
    assert kept(top_p=p) == tokens


@pytest.mark.parametrize(
    ("p", "tokens"), [(0, [0, 1, 2, 3, 4]), (0.2, [0, 1, 3, 4]), (0.3, [1, 3, 4]), (0.6, [1, 3]), (0.99, [1])]
)
def test_min_p_goes_by_the_likeliest(p: float, tokens: list[int]) -> None:
    assert kept(min_p=p) == tokens


@pytest.mark.parametrize("settings", [{"top_p": 0.5}, {"min_p": 0.5}, {"top_k": 2}])
def test_ties_at_the_last_place_are_all_kept(settings: dict[str, float]) -> None:
    assert np.flatnonzero(probabilities(np.array([1.0, 0.0, 1.0, 1.0]), sampling(**settings))).tolist() == [0, 2, 3]


def test_each_works_on_what_the_one_before_left() -> None:
    assert kept(top_k=3, top_p=0.45) == [1]  # of 0.85, which three have together; of all it would be two
    assert kept(top_p=0.45) == [1, 3]
    assert kept(top_p=0.9, min_p=0.5) == [1, 3, 4]
    hot = probabilities(LOGITS, sampling(temperature=100, top_p=0.6))
    assert len(np.flatnonzero(hot)) == 3  # the temperature first: then all are about as likely


def test_a_nucleus_of_a_large_vocabulary_is_what_sorting_all_gives() -> None:
    logits = np.random.default_rng(3).normal(size=20_000) * 3
    chances = np.exp(logits) / np.exp(logits).sum()
    order = np.argsort(-chances)
    for p in (0.001, 0.3, 0.9, 0.999, 0.999999):
        count = int((chances[order].cumsum() < p).sum()) + 1
        made = probabilities(logits, sampling(top_p=p))
        assert set(np.flatnonzero(made)) == set(order[:count])


# The penalty.


def test_the_penalty_makes_positive_and_negative_logits_less_likely() -> None:
    logits = np.array([2.0, -1.0, 0.5])
    made = probabilities(logits, sampling(repetition_penalty=2), np.array([0, 1, 0]))
    expected = np.exp([1.0, -2.0, 0.5])
    np.testing.assert_allclose(made, expected / expected.sum())
    assert logits.tolist() == [2.0, -1.0, 0.5]


def test_without_tokens_or_at_one_the_penalty_does_nothing() -> None:
    expected = probabilities(LOGITS, sampling())
    none = np.array([], np.intp)
    np.testing.assert_array_equal(probabilities(LOGITS, sampling(repetition_penalty=5), none), expected)
    np.testing.assert_array_equal(probabilities(LOGITS, sampling(), np.array([1])), expected)


@ways
def test_greedy_takes_what_is_likeliest_after_the_penalty(drawn: Drawn) -> None:
    logits = np.array([2.0, 1.5, 0.5])
    for values in ({"greedy": True}, {"temperature": 0}, {"top_k": 1}, {"top_p": 0}, {"min_p": 1}):
        assert set(drawn(logits, sampling(**values), 20)) == {0}
        assert set(drawn(logits, sampling(repetition_penalty=2, **values), 20, [0])) == {1}


# The draws.


@ways
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"temperature": 0.7},
        {"temperature": 1.5, "top_k": 3},
        {"top_k": 1_000_000},
        {"top_p": 0.8},
        {"top_p": 1},
        {"min_p": 0.2},
        {"min_p": 0},
        {"temperature": 1.3, "top_k": 4, "top_p": 0.9, "min_p": 0.3, "repetition_penalty": 1.7},
    ],
)
def test_frequencies_agree_with_the_distribution(drawn: Drawn, values: dict[str, float]) -> None:
    settings, count, recent = sampling(**values), 20_000, [1, 3, 1]
    seen = np.bincount(drawn(LOGITS, settings, count, recent), minlength=5)
    expected = probabilities(LOGITS, settings, np.array(recent)) * count
    possible = expected > 0
    assert seen[~possible].sum() == 0
    chi_squared = ((seen - expected)[possible] ** 2 / expected[possible]).sum()
    # 99.9 % of the chi-squared distribution with four degrees of freedom.
    assert chi_squared < 18.5


@ways
@pytest.mark.parametrize("temperature", [1e-6, 2e-6, 1e-4])
@pytest.mark.parametrize("more", [{}, {"top_p": 0.9}, {"min_p": 0.5}, {"top_k": 3}, {"repetition_penalty": 1.2}])
def test_the_coldest_draw_is_the_likeliest_and_overflows_nothing(
    drawn: Drawn, temperature: float, more: dict[str, float]
) -> None:
    logits = np.array([-3e4, 900.0, 899.0, 0.0, 5.0])
    with np.errstate(all="raise", under="ignore"):
        assert set(drawn(logits, sampling(temperature=temperature, **more), 50, [3])) == {1}


def test_streams_draw_from_their_own_distributions() -> None:
    logits = np.array([[9.0, 0.0, 0.0], [0.0, 0.0, 9.0]])
    for values in ({}, {"top_p": 0.9}, {"top_k": 2}, {"min_p": 0.1}):
        settings = sampling(temperature=0.1, **values)
        rows = [probabilities(row, settings) for row in logits]
        np.testing.assert_array_equal(probabilities(logits, settings), rows)
        generator = np.random.default_rng(1)
        assert numpy_sampling.draw_each(logits, settings, generator).tolist() == [0, 2]
        assert torch_sampling.draw(torch.tensor(logits), settings, torch.Generator()).tolist() == [0, 2]
    penalty = sampling(repetition_penalty=10, greedy=True)
    recent = np.array([[0, 0], [1, 1]])
    assert numpy_sampling.draw_each(np.array([[2.0, 1.0], [1.0, 2.0]]), penalty, generator, recent).tolist() == [1, 0]
