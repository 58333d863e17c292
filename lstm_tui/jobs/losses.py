"""A loss in other words: nats per token as perplexity, and as bits per character."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # it brings NumPy, and the first picture comes without
    from lstm_tui.runs.run import Run


@dataclass(frozen=True)
class Counted:
    """What the losses of a run count.

    Attributes:
        tokens: what the model predicts, as in `text.tokens`.
        characters: of a token, on average over what is scored in training.
        unknown: the share of that which is `<unk>`, 0 to 1: easily predicted, and no word.
    """

    tokens: Literal["characters", "words", "words and punctuation"]
    characters: float
    unknown: float


def counted(run: "Run") -> Counted:
    """What the losses of a run count, looked up in what is scored in training: the held-out part, or all."""
    tokens = run.config.text.tokens
    if tokens == "characters":
        return Counted(tokens, 1.0, 0.0)
    return Counted(tokens, run.characters, run.vocabulary.unknown_share(run.scored))


def perplexity(nats: float) -> float:
    """Among how many equally likely tokens one would be as unsure: exp of the loss, as large as a float can be.

    Args:
        nats: per token.
    """
    return math.exp(min(nats, 700.0))


def bits_per_character(nats: float, characters: float = 1.0) -> float:
    """The loss shared by the characters of a token, so that models of words and of characters can be compared.

    Args:
        nats: per token.
        characters: of a token, on average, with the spaces that `Vocabulary.length` counts.
    """
    return nats / math.log(2) / characters


def shown_perplexity(nats: float) -> str:
    """In at most nine characters."""
    value = perplexity(nats)
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}" if value < 1e6 else f"{value:.1e}"


def shown_unknown(share: float) -> str:
    """How much of a text is not known, as it is said beside a loss: 12% <unk>."""
    return f"{share:.0%} <unk>" if share >= 0.1 else f"{max(share, 0.001):.1%} <unk>"


def beside(nats: float, what: Counted) -> str:
    """What a line for a person says beside a loss of words; nothing beside one of characters.

    Args:
        nats: per token.
        what: they count.
    """
    if what.tokens == "characters":
        return ""
    unknown = f", {shown_unknown(what.unknown)}" if what.unknown else ""
    bits = bits_per_character(nats, what.characters)
    return f" (perplexity {shown_perplexity(nats)}, {bits:.2f} bits/character{unknown})"
