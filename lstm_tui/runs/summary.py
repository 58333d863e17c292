"""A run as a list shows it, and what is other in it than in its recipe.

One run at a time; which there are, and which need to be read again, `listing.py` knows.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from lstm_tui import budgets
from lstm_tui.errors import UserError
from lstm_tui.fields import changes, leaves, show
from lstm_tui.recipes import Figures, find
from lstm_tui.runs import checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.sections import BudgetConfig
from lstm_tui.text.ngram import Baselines

State = Literal["training", "done", "stopped", "diverged", "new", "damaged"]
FIELDS = {leaf.path: leaf for leaf in leaves()}


@dataclass(frozen=True)
class Summary:
    """A run as a list shows it. Losses are nats per token; what is not known is None.

    Attributes:
        state: `training` now; `done`: its budget is used; `stopped`: it can go on; `diverged`; `new`:
            nothing is saved yet; `damaged`: it cannot be read.
        elapsed: seconds of training.
        baselines: the losses to beat on its text.
        parent: the run that it began from.
        changed: what its config has otherwise than its recipe, or than the run it began from had: `hidden 512,
            dropout 0.15`; empty for nothing.
        settings: all of its config, `hidden 384, layers 2`, for whoever looks for a run.
        characters: of a token, on average over what is scored; 1 where tokens are characters.
        size: bytes on the disk that are its own; files that the cache has, too, are not counted.
    """

    run: str
    state: State
    corpus: str = ""
    recipe: str = ""
    step: int = 0
    horizon: int | None = None
    train_loss: float | None = None
    best_validation_loss: float | None = None
    elapsed: float = 0.0
    created: str = ""
    directory: str = ""
    baselines: Baselines | None = None
    parent: str | None = None
    changed: str = ""
    settings: str = ""
    characters: float = 1.0
    size: int = 0

    @property
    def against_ngram(self) -> float | None:
        """The best loss on the held-out part beside the n-gram's: below 0 where the model is better."""
        best, ngram = self.best_validation_loss, self.baselines.ngram if self.baselines else None
        return None if best is None or ngram is None else best - ngram

    @property
    def bits_per_character(self) -> float | None:
        """The best loss on the held-out part, shared by the characters of a token."""
        best = self.best_validation_loss
        return None if best is None else best / math.log(2) / self.characters

    @property
    def origin(self) -> str:
        """`quick`, or `quick from` another run."""
        return f"{self.recipe} from {self.parent}" if self.parent else self.recipe


def read(run: Run) -> Summary:
    """What a run's folder says, whoever trains it now, its size unknown; a damaged one is said to be so."""
    damaged = Summary(run.id, "damaged", directory=str(run.folder))
    try:
        corpus, recipe, created, parent = run.corpus, run.recipe, run.created, run.parent
    except UserError:
        return damaged
    try:
        info = checkpoint.read_info(run.checkpoint_path("last"))
    except UserError:
        info = {}
    try:
        horizon = _figure((info.get("plan") or {}).get("horizon"))
        return Summary(
            run=run.id,
            state=_state(info),
            corpus=corpus,
            recipe=recipe,
            step=int(_figure(info.get("step")) or 0),
            horizon=None if horizon is None else int(horizon),
            train_loss=_figure(info.get("train_loss")),
            best_validation_loss=_figure(info.get("best_validation_loss")),
            elapsed=_figure(info.get("elapsed")) or 0.0,
            created=created,
            directory=str(run.folder),
            baselines=run.baselines,
            parent=parent.run if parent else None,
            changed=changes_of(run),
            settings=_settings(run),
            characters=_characters(run),
        )
    except (AttributeError, TypeError, OverflowError):
        return damaged


def now(summary: Summary, run: Run, size: int) -> Summary:
    """The same with what may be another at any moment: whether it is being trained, and its size."""
    training = summary.state != "damaged" and run.trainer() is not None
    return replace(summary, state="training" if training else summary.state, size=size)


def _figure(value: Any) -> float | None:
    """A number of a checkpoint; None for none, and for one that is not finite.

    Raises:
        TypeError: where it is something else.
    """
    if isinstance(value, str):
        raise TypeError(value)
    return None if value is None or not math.isfinite(value) else value


def _state(info: dict[str, Any]) -> State:
    match info.get("reason"):
        case "budget" | "early stop":
            return "done"
        case "diverged":
            return "diverged"
    return "stopped" if info else "new"


def _characters(run: Run) -> float:
    """1 where it cannot be told: a list is no place to fail."""
    try:
        return run.characters
    except (UserError, ArithmeticError, ValueError, IndexError):
        return 1.0


def changed_fields(run: Run) -> dict[str, str]:
    """What its config has otherwise than its recipe, or than the run it began from had: paths → the value there, as a
    person would type it.

    Raises:
        UserError: where `run.toml` is damaged, or there is no such recipe any more.
    """
    config = run.config
    if run.parent:
        before = run.parent.before
        return {
            path: before[path]
            for path, leaf in FIELDS.items()
            if before.get(path) not in (None, show(leaf.value(config)))
        }
    figures = Figures(run.train_tokens, int(run.about["corpus"]["kinds"]))
    return {path: show(was) for path, (_, was) in changes(config, find(run.recipe).config(figures)).items()}


def changes_of(run: Run) -> str:
    """As `Summary.changed`; empty as well where that cannot be told."""
    try:
        changed = [FIELDS[path] for path in changed_fields(run)]
    except (UserError, KeyError, TypeError, ValueError):
        return ""
    said = [
        _budget(run.config.budget) if leaf.section == "budget" else f"{leaf.label} {show(leaf.value(run.config))}"
        for leaf in changed
    ]
    return ", ".join(dict.fromkeys(said))  # the limits of a budget are said together


def _settings(run: Run) -> str:
    """As `Summary.settings`; empty as well where they cannot be read."""
    try:
        return ", ".join(f"{leaf.label} {show(leaf.value(run.config))}" for leaf in FIELDS.values())
    except UserError:
        return ""


def _budget(budget: BudgetConfig) -> str:
    """`budget 20 epochs or 62s`: a time as exactly as one is told it, not as it was worked out."""
    minutes = budget.minutes
    if minutes is not None:
        minutes = round(minutes * 60) / 60 if 0.1 < minutes < 2 else round(minutes, 1 if 2 <= minutes < 60 else 3)
    limits = {"budget.steps": budget.steps, "budget.epochs": budget.epochs, "budget.minutes": minutes}
    return f"budget {budgets.show(limits)}"
