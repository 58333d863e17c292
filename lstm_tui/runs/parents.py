"""A run that another begins from: its settings instead of a recipe's, and what they must leave as it is.

A child has its parent's network, weights and vocabulary; its text, and all that is learnt how, may be others. It
keeps a copy of the weights it began with, so that the parent may be deleted. No torch here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstm_tui import files
from lstm_tui.config import ConfigError, Problem, RunConfig
from lstm_tui.errors import UserError
from lstm_tui.fields import merge, show, typed
from lstm_tui.recipes import Recipe
from lstm_tui.runs import checkpoint
from lstm_tui.sections import TextConfig
from lstm_tui.text import records

if TYPE_CHECKING:
    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry
    from lstm_tui.text.vocabulary import Vocabulary

READING = frozenset({"encoding", "malformed", "repair", "column", "pattern"})
"""Settings of a text that belong to its files, not to what a model has learnt."""

# What gives the weights their shapes; `embedding` does where tokens enter as one.
_SHAPES = ("cell", "input", "hidden", "layers", "tied", "output_layers")
_WAYS = "leave it as it is, or begin from a recipe instead"


@dataclass(frozen=True)
class Parent:
    """The run that another began from.

    Attributes:
        run: its id.
        checkpoint: "best" or "last".
        step: of that checkpoint.
        loss: the best one until then, in nats per token; None where it was not scored.
    """

    run: str
    checkpoint: str
    step: int
    loss: float | None = None

    def __str__(self) -> str:
        loss = "" if self.loss is None else f", {self.loss:.3f}"
        return f"from {self.run}, its {self.checkpoint} weights (step {self.step:,}{loss})"

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Parent":
        """What `stored` was written from.

        Raises:
            KeyError, TypeError, ValueError: where it is damaged.
        """
        loss = stored.get("loss") if isinstance(stored, Mapping) else None
        known = None if loss is None else float(loss)
        return cls(str(stored["run"]), str(stored["checkpoint"]), int(stored["step"]), known)


def settings(run: "Run", entry: "Entry", overrides: Mapping[str, Any] | None = None) -> RunConfig:
    """What a run's model would be trained with on another text.

    The text is cleaned and cut as the run's own was. How its files are read is its own matter, but that the column
    is the run's where the text is such a table too and names none.

    Args:
        overrides: nested values that go over the run's; any budget in them replaces the run's whole budget.

    Raises:
        ConfigError: with a sentence for each bad field, and for each that would make it another network.
        UserError: where `run.toml` is damaged.
    """
    before = run.config
    reading = TextConfig().model_dump(include=set(READING))
    if entry.paths and all(path.suffix.lower() in records.TABLES for path in entry.paths):
        reading["column"] = before.text.column
    reading |= typed(setting for setting in entry.text if setting[0] in READING)
    values = merge(before.model_dump(), {"text": reading})
    config = Recipe(run.recipe, "", run.corpus, lambda _figures, _budget: values).config(None, overrides or {})
    problems = [
        Problem(path, f"{path}: {run.id} has {show(was)}, which its weights are for, not {show(asked)}; {_WAYS}.")
        for path, was, asked in _pairs(before, config)
        if was != asked
    ]
    if problems:
        raise ConfigError(problems)
    return config


def _pairs(before: RunConfig, config: RunConfig) -> list[tuple[str, Any, Any]]:
    """What must stay: the field, what it was, what it is to be."""
    names = [*_SHAPES, *(["embedding"] if before.model.input == "embedding" else [])]
    pairs = [(f"model.{name}", getattr(before.model, name), getattr(config.model, name)) for name in names]
    return [("text.tokens", before.text.tokens, config.text.tokens), *pairs]


def parent(run: "Run") -> Parent:
    """What a child says of the run it begins from: its best checkpoint, or the last where none was scored yet.

    Raises:
        UserError: where it has saved none, or that is damaged; or it is gone.
    """
    if not files.is_file(run.folder / "run.toml"):
        raise UserError(f"The run {run.id} is gone; choose another one, or a recipe.")
    kind = next((kind for kind in ("best", "last") if run.checkpoint_path(kind).exists()), None)
    if kind is None:
        raise UserError(
            f"The run {run.id} has no checkpoint to begin from: it had not saved yet. Train it first, with: "
            f"lstm-tui resume {run.id}"
        )
    return described(run, kind, checkpoint.read_info(run.checkpoint_path(kind)))


def described(run: "Run", kind: str, info: Mapping[str, Any]) -> Parent:
    """The same of a checkpoint that was read already."""
    loss = info.get("loss" if kind == "best" else "best_score")
    return Parent(run.id, kind, int(info.get("step", 0)), None if loss is None else float(loss))


def require_tokens(run: "Run", vocabulary: "Vocabulary") -> None:
    """Refuse new tokens where they would change what all others enter as.

    Raises:
        UserError: where the run's input is a token's number divided by how many kinds there are.
    """
    new = vocabulary.tokens[len(run.vocabulary) :]
    if not new or run.config.model.input != "scalar":
        return
    leaves_out = run.vocabulary.kind == "characters" or run.vocabulary.unknown_id is not None
    ways = f"leave them out with text.kinds {len(run.vocabulary)}, or " if leaves_out else ""
    shown = " ".join(map(repr, new[:10])) + (" …" if len(new) > 10 else "")
    raise UserError(
        f"{run.id} reads a token as its number divided by its {len(run.vocabulary)} kinds (model.input scalar): new "
        f"ones would change all others, and this text has {len(new):,} ({shown}). To learn it, {ways}begin from a "
        "recipe or a run with another input."
    )
