"""Recipes: valid for every text, faithful to their tutorials, and easy to go over."""

import textwrap
from typing import Any

import pytest

from lstm_tui.config import ConfigError, RunConfig
from lstm_tui.errors import UserError
from lstm_tui.lstm import batches
from lstm_tui.recipes import RECIPES, Figures, find

SIZES = (200, 1_350, 20_000, 200_000, 1_000_000, 50_000_000)
ALICE = Figures(144_435, 47)
JOKES = Figures(23_914, 6_925)


def flat(config: RunConfig, *paths: str) -> dict[str, Any]:
    return {path: getattr(getattr(config, path.split(".")[0]), path.split(".")[1]) for path in paths}


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("tokens", SIZES)
def test_every_recipe_is_valid_for_every_text(name: str, tokens: int) -> None:
    for kinds in (2, 100, 60_000):
        assert not find(name).config(Figures(tokens, kinds)).budget.unlimited


def test_recipes_are_valid_before_a_text_is_read() -> None:
    assert list(RECIPES) == [
        "quick",
        "quality",
        "many-to-one",
        "many-to-one-deep",
        "many-to-one-every",
        "words",
        "embedding",
        "one-hot",
        "poems",
    ]
    for recipe in RECIPES.values():
        recipe.config()
        assert recipe.summary.endswith(".") and recipe.text
        # Beside the list of them, on the smallest screen.
        assert len(textwrap.wrap(recipe.summary, 23)) <= 8


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("field", ["steps", "epochs", "minutes"])
def test_any_budget_replaces_the_whole_one(name: str, field: str) -> None:
    budget = find(name).config(ALICE, {"budget": {field: 3}}).budget.model_dump()
    assert budget == {"steps": None, "epochs": None, "minutes": None, field: 3}


def test_a_budget_in_a_file_is_gone_over_by_that_of_a_flag() -> None:
    config = find("quick").config(ALICE, {"budget": {"epochs": 2}}, {"budget": {"steps": 7}})
    assert flat(config, "budget.epochs", "budget.steps") == {"budget.epochs": 2, "budget.steps": 7}


def test_none_takes_one_value_of_the_budget_away() -> None:
    quick = find("quick").config(ALICE, {"budget": {"minutes": None}}).budget
    assert (quick.minutes, quick.epochs) == (None, 12)
    with pytest.raises(ConfigError, match="without one a run would never end"):
        find("many-to-one").config(ALICE, {"budget": {"epochs": None}})


def test_overrides_go_over_the_recipe_and_each_other() -> None:
    config = find("poems").config(ALICE, {"model": {"hidden": 3, "layers": 1}}, {"model": {"hidden": 4}})
    assert flat(config, "model.hidden", "model.layers", "model.dropout") == {
        "model.hidden": 4,
        "model.layers": 1,
        "model.dropout": 0.5,
    }


@pytest.mark.parametrize("budget", [{"steps": "many"}, {"minutes": -1}, {"epochs": 0}, {"minutes": "nan"}])
def test_a_bad_budget_is_named(budget: dict[str, Any]) -> None:
    for name in RECIPES:
        with pytest.raises(ConfigError, match=rf"^budget\.{next(iter(budget))}: expected"):
            find(name).config(ALICE, {"budget": budget})


def test_an_unknown_recipe() -> None:
    with pytest.raises(UserError, match="There is no recipe 'slow'; there are quick, quality, many-to-one, "):
        find("slow")


# What the tutorials say (recipes.md).

PLAIN_ADAM = {
    "learning.optimiser": "adam",
    "learning.rate": 0.001,
    "learning.beta2": 0.999,
    "learning.weight_decay": 0.0,
    "learning.schedule": "constant",
    "learning.warmup": 0,
}
FACTS: dict[str, dict[str, Any]] = {
    "many-to-one": {
        **PLAIN_ADAM,
        "text.lower": True,
        "text.tokens": "characters",
        "text.held_out": 0.0,
        "model.input": "scalar",
        "model.hidden": 256,
        "model.layers": 1,
        "model.dropout": 0.2,
        "model.last_dropout": 0.2,
        "batches.cut": "windows",
        "batches.size": 128,
        "batches.length": 100,
        "batches.shuffle": True,
        "batches.targets": "last",
        "learning.clip": None,
        "budget.epochs": 40,
        "sampling.greedy": True,
        "sampling.window": 100,
        "sampling.length": 1000,
    },
    "words": {
        **PLAIN_ADAM,
        "text.tokens": "words",
        "text.separator": " ",
        "text.held_out": 0.0,
        "model.input": "embedding",
        "model.embedding": 128,
        "model.hidden": 128,
        "model.layers": 3,
        "model.dropout": 0.2,
        "model.last_dropout": 0.0,
        "batches.cut": "streams",
        "batches.size": 256,
        "batches.length": 4,
        "batches.targets": "every",
        "budget.steps": 934,
        "sampling.prompt": "Knock knock. Whos there?",
        "sampling.length": 100,
        "sampling.temperature": 1.0,
    },
    "embedding": {
        **PLAIN_ADAM,
        "text.lower": False,
        "model.input": "embedding",
        "model.embedding": 256,
        "model.hidden": 512,
        "model.layers": 2,
        "model.dropout": 0.0,
        "batches.cut": "windows",
        "batches.size": 64,
        "batches.length": 100,
        "batches.shuffle": True,
        "batches.targets": "every",
        "budget.epochs": 30,
        "sampling.prompt": "ROMEO:",
        "sampling.length": 500,
        "sampling.temperature": 1.0,
    },
    "one-hot": {
        **PLAIN_ADAM,
        "learning.optimiser": "amsgrad",
        "text.ascii": True,
        "text.kinds": 400,
        "model.input": "one-hot",
        "model.layers": 1,
        "batches.cut": "random lengths",
        "batches.size": 1,
        "batches.shortest": 10,
        "batches.length": 40,
        "batches.targets": "last",
        "budget.epochs": 300,
        "sampling.length": 300,
        "sampling.temperature": 1.0,
    },
    "poems": {
        **PLAIN_ADAM,
        "text.held_out": 0.1,
        "model.input": "one-hot",
        "model.hidden": 512,
        "model.layers": 2,
        "model.dropout": 0.5,
        "model.last_dropout": 0.5,
        "batches.cut": "streams",
        "batches.size": 128,
        "batches.length": 100,
        "batches.targets": "every",
        "learning.clip": 5.0,
        "budget.epochs": 10,
        "sampling.prompt": "christmas",
        "sampling.top_k": 2,
        "sampling.length": 500,
    },
}
FACTS["many-to-one-deep"] = {**FACTS["many-to-one"], "model.layers": 2}
FACTS["many-to-one-every"] = {**FACTS["many-to-one"], "batches.targets": "every"}


@pytest.mark.parametrize("name", FACTS)
def test_the_tutorials_facts(name: str) -> None:
    config = find(name).config(JOKES if name == "words" else ALICE)
    assert flat(config, *FACTS[name]) == FACTS[name]


# `quick` and `quality` size themselves.


@pytest.mark.parametrize("name", ["quick", "quality"])
@pytest.mark.parametrize("tokens", [*range(12, 60), 100, 200, 399, 400, 799, 800, 1_350, 1_500, 5_000, 6_399, 6_400])
def test_they_train_tiny_texts(name: str, tokens: int) -> None:
    batches.require(tokens, find(name).config(Figures(tokens, 30)).batches)


@pytest.mark.parametrize("tokens", [20_000, 2_000_000])
@pytest.mark.parametrize("kinds", [60, 30_000])
def test_quality_has_the_shapes_that_a_gpus_fastest_kernels_want(tokens: int, kinds: int) -> None:
    config = find("quality").config(Figures(tokens, kinds))
    assert config.model.hidden % 128 == config.model.embedding % 128 == config.batches.size % 8 == 0
    assert config.model.tied == (kinds > 1000)


def test_quick_grows_to_its_measured_size() -> None:
    config = find("quick").config(Figures(1_003_854, 65))
    measured = {
        "model.hidden": 384,
        "model.embedding": 64,
        "model.layers": 1,
        "model.locked_dropout": True,
        "model.dropout": 0.1,
        "model.weight_drop": 0.05,
        "model.forget_bias": 1.0,
        "batches.size": 16,
        "batches.length": 64,
        "batches.reset": 0.01,
        "learning.rate": 0.007,
        "learning.beta2": 0.99,
        "learning.clip": 1.0,
        "budget.minutes": 1.5,
    }
    assert flat(config, *measured) == measured
    long = find("quick").config(Figures(1_003_854, 65), {"budget": {"minutes": 10}})
    grown = {"model.hidden": 768, "model.dropout": 0.3, "model.weight_drop": 0.3}
    assert flat(long, *grown) == grown


def test_quick_drops_less_of_longer_texts() -> None:
    shares = [find("quick").config(Figures(tokens, 65)).model.dropout for tokens in SIZES]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (0.4, 0.0)
