"""A loss in other words: nats per token as perplexity, and as bits per character."""

import math


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


def beside(nats: float, tokens: str, characters: float) -> str:
    """What a line for a person says beside a loss of words; nothing beside one of characters.

    Args:
        nats: per token.
        tokens: what the model predicts, as in `text.tokens`.
        characters: of a token, on average.
    """
    if tokens == "characters":
        return ""
    return f" (perplexity {shown_perplexity(nats)}, {bits_per_character(nats, characters):.2f} bits/character)"
