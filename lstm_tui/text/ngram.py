"""Ids → the losses to beat: what guessing, counting single tokens, and an n-gram reach on the same text.

It knows nothing of texts or models: tokens are numbers here, and a loss is nats per token.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.progress import Tell, silent
from lstm_tui.text import kept

if TYPE_CHECKING:
    from lstm_tui.text.ids import Encoded

# More of a long text is neither counted nor scored: the n-gram would get a little better, and take minutes.
COUNTED, SCORED = 4_000_000, 1_000_000
# How long the n-grams are, by what the tokens are.
ORDERS = {"characters": 5, "words": 3, "words and punctuation": 3}
_PIECE = 1 << 20
_DOING = "counting what is to be beaten"


@dataclass(frozen=True)
class Baselines:
    """Losses that a model should beat, in nats per token.

    Attributes:
        uniform: every token equally likely: the logarithm of how many kinds there are.
        letters: each token by how often it occurs in the text but for its test part: the entropy of single tokens.
        ngram: of a Witten-Bell n-gram on the held-out part, learnt from the rest: of long texts from the last
            4,000,000 tokens before it, and scored on its first 1,000,000. None where nothing is held out.
        order: n: 5 for characters, 3 for words.
    """

    uniform: float
    letters: float
    ngram: float | None
    order: int

    @property
    def name(self) -> str:
        """What the n-gram is called: `5-gram`."""
        return f"{self.order}-gram"

    @property
    def single(self) -> str:
        """What single tokens are called: `letters`, or `words`."""
        return "letters" if self.order == ORDERS["characters"] else "words"

    def named(self) -> dict[str, float]:
        """Those there are, by the names that a person reads; the hardest to beat first."""
        losses = {self.name: self.ngram, self.single: self.letters, "uniform": self.uniform}
        return {name: loss for name, loss in losses.items() if loss is not None}

    @classmethod
    def of(cls, stored: object) -> "Baselines | None":
        """What `stored` was written from; None where it is damaged, or empty. A missing `ngram` is None."""
        if not isinstance(stored, Mapping):
            return None
        uniform, letters, ngram = (_loss(stored.get(name)) for name in ("uniform", "letters", "ngram"))
        order = stored.get("order")
        if uniform is None or letters is None or not isinstance(order, int):
            return None
        return cls(uniform, letters, ngram, order)


def _loss(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def witten_bell(train: NDArray[Any], held_out: NDArray[Any], vocabulary: int, order: int, tell: Tell = silent) -> float:
    """How well an n-gram that has counted one text foretells the next.

    Interpolated Witten-Bell smoothing: after a context h that was seen N times, followed by T kinds of
    tokens, a token w that was seen C times there has the probability (C + T·p) / (N + T), where p is its
    probability after the context that is shorter by one; below single tokens, all are equally likely.
    (Witten & Bell 1991, "The zero-frequency problem", method C; Chen & Goodman 1998, section 2.6.)

    Args:
        train: ids, shape (tokens,), at least one.
        held_out: ids that follow them, shape (tokens,): the first have the end of `train` as their context.
        vocabulary: how many kinds of ids there are.
        order: n, the length of the n-grams.
        tell: told the share that is done.

    Returns:
        Nats per token of `held_out`.
    """
    ids = np.concatenate([train, held_out])
    counts = np.bincount(ids[: len(train)], minlength=vocabulary)
    kinds = np.count_nonzero(counts)
    likely = (counts[held_out] + kinds / vocabulary) / (len(train) + kinds)
    contexts = ids  # the number of each n-gram that is shorter by one
    for length in range(2, min(order, len(train)) + 1):
        tell(_DOING, (length - 1) / order)
        contexts = contexts[:-1]
        there, grams = _numbered(contexts.astype(np.int64) * vocabulary + ids[length - 1 :])
        learnt = len(train) - length + 1
        counts, context_of = np.bincount(grams[:learnt], minlength=len(there)), there // vocabulary
        seen = np.bincount(context_of, weights=counts)
        followers = np.bincount(context_of[counts > 0], minlength=len(seen))
        before = contexts[learnt:]
        known = seen[before] > 0
        total, kinds_here = seen[before][known], followers[before][known]
        likely[known] = (counts[grams[learnt:]][known] + kinds_here * likely[known]) / (total + kinds_here)
        contexts = grams
    tell(_DOING, 1.0)
    return float(-np.log(likely).mean())


def _numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The keys there are, sorted, and for each of `keys` its place among them: numbers that stay small however
    long the n-grams get. As `np.unique`, in half the memory."""
    order = np.argsort(keys)
    there = keys[order]
    first = np.empty(len(keys), dtype=bool)
    first[:1] = True
    np.not_equal(there[1:], there[:-1], out=first[1:])
    there = there[first]
    numbers = np.empty(len(keys), dtype=np.int32)
    numbers[order] = np.cumsum(first, dtype=np.int32) - 1
    return there, numbers


def entropy(ids: NDArray[Any], vocabulary: int, tell: Tell = silent) -> float:
    """What knowing how often each token occurs comes to, in nats per token. `ids` may be mapped from a disk."""
    counts = np.zeros(vocabulary, dtype=np.int64)
    for start in range(0, len(ids), _PIECE):
        tell(_DOING, 0.0)
        counts += np.bincount(ids[start : start + _PIECE], minlength=vocabulary)
    shares = counts[counts > 0] / max(len(ids), 1)
    return float(-(shares * np.log(shares)).sum())


def baselines(encoded: "Encoded", tell: Tell = silent) -> Baselines:
    """The losses to beat on an encoded text; kept in the cache, so that they are computed once.

    Raises:
        Cancelled: as `tell` does.
    """
    known = Baselines.of(kept.read("baselines", encoded.key))
    if known is not None:
        return known
    vocabulary, learnt = len(encoded.vocabulary), encoded.train_tokens
    ids = encoded.ids[: len(encoded.ids) - encoded.test_tokens]
    order = ORDERS[encoded.vocabulary.kind]
    train, held_out = ids[max(0, learnt - COUNTED) : learnt], ids[learnt : learnt + SCORED]
    found = Baselines(
        uniform=math.log(vocabulary),
        letters=entropy(ids, vocabulary, tell),
        ngram=witten_bell(train, held_out, vocabulary, order, tell) if len(train) and len(held_out) else None,
        order=order,
    )
    kept.write("baselines", encoded.key, asdict(found))
    return found
