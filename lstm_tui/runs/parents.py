"""A run that another begins from: its settings instead of a recipe's, and what they must leave as it is.

A child has its parent's network, weights and vocabulary; its text, and all that is learnt how, may be others. It
keeps a copy of the weights it began with, so that the parent may be deleted. No torch here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lstm_tui import files, recipes
from lstm_tui.config import ConfigError, Problem, RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import changes, leaves, merge, nest, show
from lstm_tui.runs import checkpoint
from lstm_tui.runs.reading import as_read_by
from lstm_tui.text.parts import END

if TYPE_CHECKING:
    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry
    from lstm_tui.text.vocabulary import Vocabulary

# What gives the weights their shapes; `embedding` does where tokens enter as one.
SHAPES = ("cell", "input", "hidden", "layers", "tied", "output_layers")
_WAYS = "leave it as it is, or begin from a recipe instead"


@dataclass(frozen=True)
class Parent:
    """The run that another began from.

    Attributes:
        run: its id.
        checkpoint: "best" or "last".
        step: of that checkpoint.
        loss: the best one until then, in nats per token; None where it was not scored.
        before: its values of what the child set otherwise when it was made, and its budget, as a person types them.
    """

    run: str
    checkpoint: str
    step: int
    loss: float | None = None
    before: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        loss = "" if self.loss is None else f", {self.loss:.3f}"
        return f"from {self.run}, its {self.checkpoint} weights (step {self.step:,}{loss})"

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Parent":
        """What `stored` was written from.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: where it is damaged.
        """
        loss = stored.get("loss") if isinstance(stored, Mapping) else None
        known = None if loss is None else float(loss)
        before = {str(path): str(value) for path, value in dict(stored.get("before", {})).items()}
        return cls(str(stored["run"]), str(stored["checkpoint"]), int(stored["step"]), known, before)


def settings(run: "Run", entry: "Entry", overrides: Mapping[str, Any] | None = None) -> RunConfig:
    """What a run's model would be trained with on another text, which is read as by `reading.as_read_by`.

    Args:
        overrides: nested values that go over the run's; any budget in them replaces the run's whole budget.

    Raises:
        ConfigError: with a sentence for each bad field, and for each that would make it another network.
        UserError: where `run.toml` is damaged.
    """
    asked = overrides or {}
    values = run.config.model_dump() | {"text": as_read_by(run, entry).model_dump()}
    values["learning"] |= {"hold_from": None, "restart_at": None}  # steps of the run's own course
    problems = list(_other_network(run, asked))
    try:
        config = check(recipes.over(values, asked))
    except ConfigError as error:
        named = {problem.field for problem in problems}
        problems += [problem for problem in error.problems if problem.field not in named]
    if problems:
        raise ConfigError(problems)
    return config


def _other_network(run: "Run", asked: Mapping[str, Any]) -> Iterator[Problem]:
    """What is asked for that the run's weights, or its vocabulary, are not for; what no field can be is not said."""
    before = run.config
    for leaf in leaves():
        shape = leaf.section == "model" and leaf.name in SHAPES
        if not (shape or leaf.path == "text.tokens" or (leaf.path == "model.embedding" and _embeds(before))):
            continue
        section = asked.get(leaf.section)
        if not isinstance(section, Mapping) or leaf.name not in section:
            continue
        try:
            config = RunConfig.model_validate(merge(before.model_dump(), nest({leaf.path: section[leaf.name]})))
        except ValidationError:
            continue
        was, wanted = leaf.value(before), leaf.value(config)
        if was != wanted:
            sentence = f"{run.id} has {show(was)}, which its weights are for, not {show(wanted)}; {_WAYS}."
            yield Problem(leaf.path, f"{leaf.path}: {sentence}")


def _embeds(config: RunConfig) -> bool:
    return config.model.input == "embedding"


def parent(run: "Run") -> Parent:
    """What a child says of the run it begins from: its best checkpoint, or the last where none was scored yet.

    Raises:
        UserError: where it has saved none, or that is damaged; or it is gone.
    """
    if not files.is_file(run.folder / "run.toml"):
        raise UserError(f"The run {run.id} is gone; choose another one, or a recipe.")
    kind = run.saved
    if kind is None:
        raise UserError(
            f"The run {run.id} has no checkpoint to begin from: it had not saved yet. Train it first, with: "
            f"lstm-tui resume {run.id}"
        )
    return described(run, kind, checkpoint.read_info(run.checkpoint_path(kind)))


def values_before(run: "Run", config: RunConfig) -> dict[str, str]:
    """`Parent.before`, for a child with that config."""
    differ = changes(config, run.config)
    return {
        leaf.path: show(leaf.value(run.config)) for leaf in leaves() if leaf.path in differ or leaf.section == "budget"
    }


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
    others = [token for token in new if token != END]
    leaves_out = run.vocabulary.kind == "characters" or run.vocabulary.unknown_id is not None
    steps, ways = [], ["begin from a recipe or a run with another input"]
    if END in new:
        steps.append("put what it knows, such as a space, between the records with text.separator")
    if others:
        steps.append(f"leave {'the others' if steps else 'them'} out with text.kinds {len(run.vocabulary)}")
    if leaves_out or not others:
        ways.insert(0, " and ".join(steps))
    shown = ["the end-of-record token"] * (END in new) + [repr(token) for token in others[:10]]
    raise UserError(
        f"{run.id} reads a token as its number divided by its {len(run.vocabulary)} kinds (model.input scalar): new "
        f"ones would change all others, and this text has {len(new):,} ({', '.join(shown)}"
        f"{' …' if len(others) > 10 else ''}). To learn it, {', or '.join(ways)}."
    )
