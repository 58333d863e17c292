"""Recipes: named starting points. A recipe is a function of the text's figures and the budget asked for.

`quick` is the default and sizes itself, as `quality` does. `many-to-one-every` is ours, to compare `many-to-one` with.
The others are the methods of five published tutorials, without their mistakes, each with the text its author used.
This file fills RunConfig and knows nothing of files or torch; one's own recipes are read by `own_recipes.py`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lstm_tui.config import RunConfig, check
from lstm_tui.fields import merge


@dataclass(frozen=True)
class Figures:
    """What a recipe may know of the text: tokens to learn (characters or words), and kinds of them."""

    tokens: int
    vocabulary: int


# Before the text has been read, a recipe is asked for a text of this size.
TYPICAL = Figures(tokens=200_000, vocabulary=65)

Values = dict[str, Any]
Budget = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """A name, a line on what it is, the text its author used, and the function that fills a config."""

    name: str
    summary: str
    text: str
    values: Callable[[Figures, Budget], Values]

    def config(self, figures: Figures | None = None, *overrides: Mapping[str, Any]) -> RunConfig:
        """The checked config for a text.

        Args:
            figures: of the text; a typical one where it has not been read yet.
            overrides: nested values that go over the recipe's: a file's, then the flags'. Any budget in
                them replaces the recipe's whole budget.

        Raises:
            ConfigError: with a sentence for each bad field.
        """
        asked = merge(*overrides)
        return check(over(self.values(figures or TYPICAL, budget_of(asked)), asked))


def over(values: Mapping[str, Any], asked: Mapping[str, Any]) -> Values:
    """Nested values with others over them, any budget in which replaces the whole budget."""
    budget = _budget(asked)
    if budget:
        values, asked = {**values, "budget": {}}, {**asked, "budget": budget}
    return merge(values, asked)


def budget_of(asked: Mapping[str, Any]) -> Budget:
    """The numbers of the budget that is asked for; what is no number is left for the check to name."""
    numbers = {}
    for key, value in _budget(asked).items():
        try:
            numbers[key] = float(value)
        except (TypeError, ValueError):
            continue
    return numbers


def _budget(asked: Mapping[str, Any]) -> Budget:
    """What is asked of a budget, beside none."""
    return {key: value for key, value in (asked.get("budget") or {}).items() if value is not None}


def find(name: str) -> Recipe:
    """The recipe of that name, built in or one's own.

    Raises:
        UserError: with the names there are; or where one's own is damaged.
    """
    from lstm_tui import own_recipes  # which are made of those that are built in

    return RECIPES[name] if name in RECIPES else own_recipes.read(name)


def _quick(figures: Figures, budget: Budget) -> Values:
    """The best held-out loss in a minute or two on a CPU, sized to the text.

    Small texts are learnt by heart within a few epochs: they get more dropout and weight-drop, and more steps an epoch
    from smaller batches. Large ones get little or none, since the time ends first. With ten minutes and more, the
    network grows. Now and then a state is reset, since a prompt is read from the zero state. The figures were measured
    (tests/benchmarks/README.md).
    """
    tokens = figures.tokens
    small = tokens < 300_000
    long = tokens >= 500_000 and budget.get("minutes", 1.5) >= 6
    dropout = _quick_dropout(tokens)
    streams = max(1, min(8 if small else 16, tokens // 400))
    return {
        "model": {
            "input": "embedding",
            "embedding": 64,
            "hidden": 768 if long else 384,
            "locked_dropout": True,
            "dropout": 0.3 if long else dropout,
            "weight_drop": 0.3 if long else round(dropout / 2, 2),
            "forget_bias": 1.0,
        },
        "batches": {
            "cut": "streams",
            "size": streams,
            "length": min(48 if small else 64, max(1, (tokens - 1) // streams)),
            "reset": 0.01,
        },
        "learning": {
            "optimiser": "adamw",
            "rate": 0.004 if long else 0.007,
            "beta2": 0.99,
            "weight_decay": 0.01,
            "schedule": "cosine",
            "warmup": 50,
            "final_rate": 0.05,
            "clip": 1.0,
        },
        "budget": {"epochs": 12, "minutes": 1.5},
        "sampling": {"temperature": 0.5},
    }


def _quick_dropout(tokens: int) -> float:
    """0.4 for 130,000 tokens and fewer, falling with the logarithm to 0.1 for a million and 0 for two."""
    share = math.log(2_000_000 / max(tokens, 1)) / math.log(2_000_000 / 130_000)
    return round(0.4 * min(1.0, max(0.0, share)), 2)


def _quality(figures: Figures, budget: Budget) -> Values:
    """The regularised network of Merity et al. (2017 and 2018) with AdamW instead of SGD: for a GPU and some minutes.

    Widths are multiples of 128 and batches of 8, which a GPU's fastest kernels want. Where there are many kinds of
    tokens, input and output share their weights.
    """
    tokens = figures.tokens
    small = tokens < 300_000
    many = figures.vocabulary >= 1000
    streams = max(1, min(16 if small else 32, tokens // 400))
    length = min(192, max(1, (tokens - 1) // streams))
    return {
        "model": {
            "input": "embedding",
            "embedding": 256 if many else 128,
            "hidden": 512 if small else 768,
            "layers": 2,
            "tied": many,
            "locked_dropout": True,
            "input_dropout": 0.2 if many else 0.1,
            "dropout": 0.4 if small else 0.3,
            "output_dropout": 0.5 if small else 0.4,
            "weight_drop": 0.5 if small else 0.3,
            "embedding_dropout": 0.1 if many else 0.0,
            "forget_bias": 1.0,
        },
        "batches": {
            "cut": "random lengths",
            "size": streams,
            "length": length,
            "shortest": max(1, length // 3),
            "roll": True,
            "reset": 0.01,
        },
        "learning": {
            "optimiser": "adamw",
            "rate": 0.003,
            "beta2": 0.99,
            "weight_decay": 0.01,
            "decay_on": "matrices",
            "schedule": "cosine",
            "warmup": 100,
            "final_rate": 0.02,
            "clip": 1.0,
            "average": "ema",
        },
        "budget": {"epochs": 60, "minutes": 10},
        "sampling": {"temperature": 0.7},
    }


# Adam with PyTorch's defaults, which four of the five tutorials use.
_PLAIN_ADAM: Values = {
    "optimiser": "adam",
    "rate": 0.001,
    "beta2": 0.999,
    "weight_decay": 0.0,
    "schedule": "constant",
    "warmup": 0,
    "clip": None,
}


def _many_to_one(layers: int, targets: str = "last") -> Callable[[Figures, Budget], Values]:
    def values(figures: Figures, budget: Budget) -> Values:
        return {
            "text": {"lower": True, "held_out": 0.0},
            "model": {"input": "scalar", "hidden": 256, "layers": layers, "dropout": 0.2},
            "batches": {"cut": "windows", "size": 128, "length": 100, "targets": targets},
            "learning": _PLAIN_ADAM,
            "budget": {"epochs": 40},
            "sampling": {"greedy": True, "window": 100, "length": 1000},
        }

    return values


def _words(figures: Figures, budget: Budget) -> Values:
    return {
        "text": {"tokens": "words", "separator": " ", "held_out": 0.0},
        "model": {
            "input": "embedding",
            "embedding": 128,
            "hidden": 128,
            "layers": 3,
            "dropout": 0.2,
            "output_dropout": 0.0,
        },
        "batches": {"cut": "streams", "size": 256, "length": 4},
        "learning": _PLAIN_ADAM,
        # The author's ten epochs of windows, in steps: a window starts at every word.
        "budget": {"steps": max(1, 10 * figures.tokens // 256)},
        "sampling": {"prompt": "Knock knock. Whos there?", "length": 100, "temperature": 1.0},
    }


def _embedding(figures: Figures, budget: Budget) -> Values:
    return {
        "text": {"held_out": 0.0},
        "model": {"input": "embedding", "embedding": 256, "hidden": 512, "layers": 2},
        "batches": {"cut": "windows", "size": 64, "length": 100},
        "learning": _PLAIN_ADAM,
        "budget": {"epochs": 30},
        "sampling": {"prompt": "ROMEO:", "length": 500, "temperature": 1.0},
    }


def _one_hot(figures: Figures, budget: Budget) -> Values:
    return {
        # The author writes all in ASCII, where only a few of the book's characters would be lost.
        "text": {"ascii": True, "kinds": 400, "held_out": 0.0},
        "model": {"input": "one-hot", "hidden": 256, "layers": 1},
        "batches": {"cut": "random lengths", "size": 1, "shortest": 10, "length": 40, "targets": "last"},
        "learning": {**_PLAIN_ADAM, "optimiser": "amsgrad"},
        "budget": {"epochs": 300},
        "sampling": {"length": 300, "temperature": 1.0},
    }


def _poems(figures: Figures, budget: Budget) -> Values:
    return {
        "text": {"held_out": 0.1},
        "model": {"input": "one-hot", "hidden": 512, "layers": 2, "dropout": 0.5},
        "batches": {"cut": "streams", "size": 128, "length": 100},
        "learning": {**_PLAIN_ADAM, "clip": 5.0},
        "budget": {"epochs": 10},
        "sampling": {"prompt": "christmas", "length": 500, "temperature": 1.0, "top_k": 2},
    }


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("quick", "The best loss in a minute or two on a CPU; a first look on a GPU.", "any", _quick),
        Recipe(
            "quality",
            "Two wide layers with all that keeps them from learning by heart: locked dropout, weight-drop, averaged "
            "weights. For a GPU and some minutes.",
            "any",
            _quality,
        ),
        Recipe(
            "many-to-one",
            "100 characters in, the next one out, each entered as one number: the first LSTM many people meet. One "
            "target for the work of 100 steps.",
            "Alice",
            _many_to_one(1),
        ),
        Recipe(
            "many-to-one-deep", "The same with a second layer: deeper, better and slower.", "Alice", _many_to_one(2)
        ),
        Recipe(
            "many-to-one-every",
            "many-to-one with the loss on every step: the same work has 100 targets, not one, and teaches far more. No "
            "tutorial's; to compare.",
            "Alice",
            _many_to_one(1, "every"),
        ),
        Recipe("words", "Words instead of characters: spelling comes free, but most words are rare.", "jokes", _words),
        Recipe(
            "embedding",
            "A learnt vector for each character, two wide layers, shuffled windows.",
            "Shakespeare",
            _embedding,
        ),
        Recipe("one-hot", "One stream in pieces of random length, the state carried all along.", "Andersen", _one_hot),
        Recipe("poems", "128 streams, dropout, clipping, a held-out part and top-k sampling.", "poems", _poems),
    )
}
