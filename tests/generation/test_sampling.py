"""Draws agree with the distribution, and every edge has a meaning."""

import numpy as np
import pytest

from lstm_tui.generation.sampling import draw, probabilities
from lstm_tui.sections import SamplingConfig

LOGITS = np.array([2.0, -1.0, 0.5, 1.0, -3.0], np.float32)


def sampling(**values: object) -> SamplingConfig:
    return SamplingConfig.model_validate(values)


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max())
    result: np.ndarray = powers / powers.sum()
    return result


@pytest.mark.parametrize("temperature", [0.3, 0.8, 1.0, 2.5])
def test_temperature_divides_the_logits(temperature: float) -> None:
    expected = softmax(LOGITS.astype(np.float64) / temperature)
    np.testing.assert_allclose(probabilities(LOGITS, sampling(temperature=temperature)), expected)


def test_top_k_keeps_the_k_likeliest() -> None:
    made = probabilities(LOGITS, sampling(temperature=1.0, top_k=2))
    assert np.flatnonzero(made).tolist() == [0, 3]
    np.testing.assert_allclose(made[[0, 3]], softmax(np.array([2.0, 1.0])))


@pytest.mark.parametrize("k", [5, 6, 1_000_000])
def test_k_is_capped_at_the_vocabulary(k: int) -> None:
    np.testing.assert_allclose(
        probabilities(LOGITS, sampling(temperature=1.0, top_k=k)), probabilities(LOGITS, sampling(temperature=1.0))
    )


@pytest.mark.parametrize(
    "values", [{"temperature": 0}, {"greedy": True}, {"top_k": 1}, {"temperature": 1e-6}, {"temperature": 1e-300}]
)
def test_greedy_and_what_amounts_to_it(values: dict[str, float]) -> None:
    with np.errstate(all="raise", under="ignore"):
        made = probabilities(LOGITS, sampling(**values))
    assert made.tolist() == [1, 0, 0, 0, 0]
    assert {draw(LOGITS, sampling(**values), np.random.default_rng(s)) for s in range(20)} == {0}


def test_greedy_draws_take_nothing_from_the_generator() -> None:
    generator = np.random.default_rng(1)
    before = generator.bit_generator.state
    draw(LOGITS, sampling(greedy=True), generator)
    assert generator.bit_generator.state == before


@pytest.mark.parametrize("values", [{"temperature": 1.0}, {"temperature": 0.7}, {"temperature": 1.5, "top_k": 3}])
def test_frequencies_agree_with_the_distribution(values: dict[str, float]) -> None:
    settings, generator = sampling(**values), np.random.default_rng(11)
    count = 20_000
    seen = np.bincount([draw(LOGITS, settings, generator) for _ in range(count)], minlength=5)
    expected = probabilities(LOGITS, settings) * count
    possible = expected > 0
    assert seen[~possible].sum() == 0
    chi_squared = ((seen - expected)[possible] ** 2 / expected[possible]).sum()
    # 99.9 % of the chi-squared distribution with four degrees of freedom.
    assert chi_squared < 18.5


def test_the_same_seed_draws_the_same() -> None:
    def drawn(seed: int) -> list[int]:
        generator = np.random.default_rng(seed)
        return [draw(LOGITS, sampling(temperature=1.0), generator) for _ in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)
