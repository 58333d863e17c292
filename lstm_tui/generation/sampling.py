"""A distribution and the settings → a token. What each setting means is defined here, its edges too.

They work in this order, each on what the one before left:

1. repetition penalty (Keskar et al. 2019): of each of the last tokens, a positive logit is divided by the
   penalty and a negative one multiplied, so that it always becomes less likely;
2. temperature (Ackley et al. 1985) divides the logits; 0 is greedy;
3. top-k (Fan et al. 2018) keeps the k likeliest; a k above the vocabulary keeps all, 1 is greedy;
4. top-p (Holtzman et al. 2020) keeps the likeliest that have the chance p together; 1 keeps all, 0 is greedy;
5. min-p (Nguyen et al. 2024) keeps what has that share of the likeliest's chance; 0 keeps all, 1 is greedy.

Ties at the last place are all kept; greedy takes the first of them. Logits are one distribution, (vocabulary,),
or one for each of several streams, (streams, vocabulary).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.sections import SamplingConfig


def probabilities(
    logits: NDArray[Any], settings: SamplingConfig, recent: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """What tokens are drawn from, in the shape of `logits`.

    No temperature overflows: the largest logit is taken off first.

    Args:
        recent: the tokens that a penalty counts, (tokens,) or (streams, tokens).
    """
    values = _penalised(logits, settings, recent).astype(np.float64)
    values -= values.max(-1, keepdims=True)
    if settings.is_greedy:
        chosen = np.zeros_like(values)
        np.put_along_axis(chosen, values.argmax(-1, keepdims=True), 1.0, -1)
        return chosen
    if settings.top_k is not None and settings.top_k < values.shape[-1]:
        values[values < np.partition(values, -settings.top_k)[..., -settings.top_k, None]] = -np.inf
    with np.errstate(over="ignore"):  # a gap divided by a tiny temperature may become -inf: probability 0
        np.divide(values, settings.temperature, out=values)
    np.exp(values, out=values)
    if settings.top_p < 1:
        values /= values.sum(-1, keepdims=True)
        values[values < _least_of_nucleus(values, settings.top_p)] = 0
    if settings.min_p > 0:
        values[values < settings.min_p * values.max(-1, keepdims=True)] = 0
    values /= values.sum(-1, keepdims=True)
    return values


def _penalised(logits: NDArray[Any], settings: SamplingConfig, recent: NDArray[np.intp] | None) -> NDArray[Any]:
    """The logits with those of `recent` tokens lowered."""
    if recent is None or not settings.penalises:
        return logits
    penalty = settings.repetition_penalty
    lowered = logits.astype(np.float64)
    there = np.take_along_axis(lowered, recent, -1)
    # A token that is there twice is written twice, with the same value.
    np.put_along_axis(lowered, recent, np.where(there > 0, there / penalty, there * penalty), -1)
    return lowered


def _least_of_nucleus(chances: NDArray[np.float64], share: float) -> Any:
    """The smallest chance among the likeliest tokens that have `share` together; a column of them for rows."""
    if chances.ndim > 1:
        return np.array([[_least_of_nucleus(row, share)] for row in chances])
    # All below this have less than 1 - share together: the nucleus is among the others. Few are left to sort.
    likely = np.sort(chances[chances >= (1 - share) / len(chances)])[::-1]
    return likely[min(int(likely.cumsum().searchsorted(share)), len(likely) - 1)]


def draw(
    logits: NDArray[Any],
    settings: SamplingConfig,
    generator: np.random.Generator,
    recent: NDArray[np.intp] | None = None,
) -> int:
    """One token after one distribution. Greedy draws take nothing from the generator."""
    if settings.is_greedy:
        return int(_penalised(logits, settings, recent).argmax())
    sums = probabilities(logits, settings, recent).cumsum()
    # The sum may end just below 1, and the search past the last token that has a probability.
    return int(sums.searchsorted(generator.random() * sums[-1], side="right"))


def draw_each(
    logits: NDArray[Any],
    settings: SamplingConfig,
    generator: np.random.Generator,
    recent: NDArray[np.intp] | None = None,
) -> NDArray[np.intp]:
    """A token for each stream, (streams,), each drawn as `draw` does."""
    if settings.is_greedy:
        return np.asarray(_penalised(logits, settings, recent).argmax(-1))
    sums = probabilities(logits, settings, recent).cumsum(-1)
    reached = generator.random((len(sums), 1)) * sums[:, -1:]
    return np.asarray((sums <= reached).sum(-1))
