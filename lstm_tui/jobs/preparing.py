"""A text and a recipe → a run's folder, ready to be trained; or a look at what it would be."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lstm_tui import recipes
from lstm_tui.config import ModelConfig, RunConfig, TextConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import merge
from lstm_tui.lstm import batches
from lstm_tui.runs import checkpoint, store
from lstm_tui.runs.run import Origin, Run
from lstm_tui.text import corpus, library
from lstm_tui.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Encoded:
    """A cleaned text as ids, the first `train_tokens` of which are learnt."""

    corpus: corpus.Corpus
    vocabulary: Vocabulary
    ids: NDArray[Any]
    train_tokens: int

    @property
    def figures(self) -> recipes.Figures:
        return recipes.Figures(self.train_tokens, len(self.vocabulary))


@dataclass(frozen=True)
class Preview:
    """What a run would be, before it is begun."""

    config: RunConfig
    parameters: int
    steps_per_epoch: float
    train_tokens: int
    validation_tokens: int
    vocabulary: int


def _resolve(entry: library.Entry, recipe: str, overrides: Mapping[str, Any]) -> tuple[RunConfig, Encoded]:
    """The checked config, sized to the text, and the text encoded as it says."""
    chosen = recipes.find(recipe)
    encoded = _encode(entry, _changed(entry), chosen.config(None, overrides).text)
    config = chosen.config(encoded.figures, overrides)
    batches.require(encoded.train_tokens, config.batches)
    return config, encoded


def _changed(entry: library.Entry) -> float:
    """When a person's own file was last written, so that a kept encoding is never stale."""
    try:
        return entry.paths[0].stat().st_mtime if entry.paths else 0.0
    except OSError:
        return 0.0


@functools.lru_cache(maxsize=2)
def _encode(entry: library.Entry, changed: float, config: TextConfig) -> Encoded:
    text = corpus.read(entry, config)
    vocabulary = Vocabulary.of(text.text, "characters" if config.tokens == "characters" else "words")
    ids = vocabulary.encode(text.text)
    held_out = round(len(ids) * config.held_out)
    if config.held_out and held_out < 2:
        raise UserError(
            f"{text.title} has {len(ids):,} tokens: too few to hold {config.held_out:.0%} of them out; "
            "choose a longer text, or set text.held_out to 0."
        )
    return Encoded(text, vocabulary, ids, len(ids) - held_out)


def parameter_count(config: ModelConfig, vocabulary: int) -> int:
    """Weights of the network, without building it."""
    entering = {"embedding": config.embedding, "one-hot": vocabulary, "scalar": 1}[config.input]
    total = vocabulary * config.embedding if config.input == "embedding" else 0
    for _ in range(config.layers):
        total += 4 * config.hidden * (entering + config.hidden + 2)
        entering = config.hidden
    return total + vocabulary * (config.hidden + 1)


def plan_for(entry: library.Entry, recipe: str, overrides: Mapping[str, Any]) -> Preview:
    """What `prepare` would make, nothing written.

    Raises:
        ConfigError: with each bad field.
        UserError: where the text cannot be read, or is too short.
    """
    config, encoded = _resolve(entry, recipe, overrides)
    return Preview(
        config=config,
        parameters=parameter_count(config.model, len(encoded.vocabulary)),
        steps_per_epoch=batches.steps_per_epoch(encoded.train_tokens, config.batches),
        train_tokens=encoded.train_tokens,
        validation_tokens=len(encoded.ids) - encoded.train_tokens,
        vocabulary=len(encoded.vocabulary),
    )


def prepare(entry: library.Entry, recipe: str, overrides: Mapping[str, Any], *, name: str | None = None) -> Run:
    """Make a new run's folder.

    Args:
        overrides: nested values over the recipe's: a file's, then the flags'.
        name: of the run, instead of the time, the text and the recipe.

    Raises:
        ConfigError: with each bad field.
        UserError: where the text cannot be read or is too short, or the folder not be written.
    """
    config, encoded = _resolve(entry, recipe, overrides)
    origin = Origin(recipe, encoded.corpus.name, encoded.corpus.sha256)
    return store.create(config, origin, encoded.vocabulary, encoded.ids, encoded.train_tokens, name)


def reopen(run: Run, budget: Mapping[str, Any]) -> Run:
    """A run to go on with, to its budget or another one.

    Args:
        budget: new values, any of which replaces the run's whole budget; empty to go on to the old one.

    Raises:
        ConfigError: where the budget does not fit.
        UserError: where the run has used its budget, is being trained, or cannot be written.
    """
    info = checkpoint.read_info(run.checkpoint_path("last")) if run.checkpoint_path("last").exists() else {}
    given = {key: value for key, value in budget.items() if value is not None}
    if given:
        nothing = dict.fromkeys(run.config.budget.model_dump())
        config = check(merge(run.config.model_dump(), {"budget": {**nothing, **given}}))
        _require_larger(run, config, info)
        if run.trainer() is None:
            run.replan(config)
    elif info.get("reason") == "budget" and info["budget"] == run.config.budget.model_dump():
        raise UserError(
            f"The run {run.id} has used its budget ({info['step']:,} steps); to go on, give a larger one: "
            f"lstm-tui resume {run.id} --budget.steps {2 * info['step']}"
        )
    return run


def _require_larger(run: Run, config: RunConfig, info: Mapping[str, Any]) -> None:
    """Refuse a budget that the run has used already."""
    budget, step, elapsed = config.budget, info.get("step", 0), info.get("elapsed", 0.0)
    epochs = info.get("epochs", 0.0)
    if (
        (budget.steps is not None and budget.steps <= step)
        or (budget.minutes is not None and budget.minutes * 60 <= elapsed)
        or (budget.epochs is not None and budget.epochs <= epochs)
    ):
        raise UserError(
            f"The run {run.id} has used more than that already ({step:,} steps, {epochs:.1f} epochs, "
            f"{elapsed / 60:.1f} minutes); give a larger budget."
        )
