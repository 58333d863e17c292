"""A distribution and the settings → a token. Defined at the edges: temperature 0 is greedy, k is capped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.config import SamplingConfig


def probabilities(logits: NDArray[Any], settings: SamplingConfig) -> NDArray[np.float64]:
    """What tokens are drawn from, shape (vocabulary,): softmax at a temperature, cut to the k likeliest.

    Temperature after Ackley et al. 1985, top-k after Fan et al. 2018. Ties at the k-th place are all kept.
    No temperature overflows: the largest logit is taken off first.
    """
    values = logits.astype(np.float64)
    values -= values.max()
    if settings.is_greedy:
        chosen = np.zeros_like(values)
        chosen[values.argmax()] = 1.0
        return chosen
    if settings.top_k is not None and settings.top_k < len(values):
        values[values < np.partition(values, -settings.top_k)[-settings.top_k]] = -np.inf
    with np.errstate(over="ignore"):  # a gap divided by a tiny temperature may become -inf: probability 0
        np.divide(values, settings.temperature, out=values)
    np.exp(values, out=values)
    values /= values.sum()
    return values


def draw(logits: NDArray[Any], settings: SamplingConfig, generator: np.random.Generator) -> int:
    """One token. Greedy draws take nothing from the generator."""
    if settings.is_greedy:
        return int(logits.argmax())
    sums = probabilities(logits, settings).cumsum()
    # The sum may end just below 1, and the search past the last token that has a probability.
    return int(sums.searchsorted(generator.random() * sums[-1], side="right"))
