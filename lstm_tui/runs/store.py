"""The runs there are: list, find, create, delete."""

import math
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lstm_tui import files, locations
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.runs import checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import Baselines

State = Literal["training", "done", "stopped", "diverged", "new", "damaged"]


@dataclass(frozen=True)
class Summary:
    """A run as a list shows it. Losses are nats per token; what is not known is None.

    Attributes:
        state: `training` now; `done`: its budget is used; `stopped`: it can go on; `diverged`; `new`:
            nothing is saved yet; `damaged`: it cannot be read.
        elapsed: seconds of training.
        baselines: the losses to beat on its text.
        parent: the run that it began from.
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

    @property
    def against_ngram(self) -> float | None:
        """The best loss on the held-out part beside the n-gram's: below 0 where the model is better."""
        best, ngram = self.best_validation_loss, self.baselines.ngram if self.baselines else None
        return None if best is None or ngram is None else best - ngram


def runs() -> list[Run]:
    """All runs, newest first."""
    try:
        folders = [path for path in locations.runs().iterdir() if files.is_file(path / "run.toml")]
    except OSError:
        return []
    return [Run(path) for path in sorted(folders, key=_age, reverse=True)]


def _age(folder: Path) -> tuple[float, str]:
    """When a run was made. `vocabulary.json` is never written again, `run.toml` may be."""
    try:
        return (folder / "vocabulary.json").stat().st_mtime, folder.name
    except OSError:
        return 0.0, folder.name


def summaries() -> list[Summary]:
    """All runs as a list shows them, newest first."""
    return [summary(run) for run in runs()]


def summary(run: Run) -> Summary:
    """One run as a list shows it; a damaged one is shown as such."""
    try:
        corpus, recipe, created, parent = run.corpus, run.recipe, run.created, run.parent
    except UserError:
        return Summary(run.id, "damaged", directory=str(run.folder))
    try:
        info = checkpoint.read_info(run.checkpoint_path("last"))
    except UserError:
        info = {}
    try:
        horizon = _figure((info.get("plan") or {}).get("horizon"))
        return Summary(
            run=run.id,
            state=_state(run, info),
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
        )
    except (AttributeError, TypeError, OverflowError):
        return Summary(run.id, "damaged", directory=str(run.folder))


def _figure(value: Any) -> float | None:
    """A number of a checkpoint; None for none, and for one that is not finite.

    Raises:
        TypeError: where it is something else.
    """
    if isinstance(value, str):
        raise TypeError(value)
    return None if value is None or not math.isfinite(value) else value


def _state(run: Run, info: dict[str, Any]) -> State:
    if run.trainer():
        return "training"
    match info.get("reason"):
        case "budget" | "early stop":
            return "done"
        case "diverged":
            return "diverged"
    return "stopped" if info else "new"


def find(name: str) -> Run:
    """The run of that id, unique beginning of an id, path, or `latest`.

    Raises:
        UserError: where there is none, or more than one.
    """
    there = runs()
    if name == "latest":
        if not there:
            raise UserError("There are no runs yet; begin with: lstm-tui train")
        return there[0]
    exact = [run for run in there if run.id == name]
    if exact:
        return exact[0]
    path = files.typed_path(name)
    if name and files.is_file(path / "run.toml"):
        return Run(path.absolute())
    matching = [run for run in there if run.id.startswith(name)] if name else []
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = ", ".join(run.id for run in matching[:5])
        raise UserError(f"{len(matching)} runs begin with {name!r} ({names}); give more of the name.")
    raise UserError(f"There is no run {name!r}; `lstm-tui runs` lists those there are.")


def create(
    config: RunConfig,
    recipe: str,
    encoded: Encoded,
    baselines: Baselines | None = None,
    name: str | None = None,
    start: checkpoint.Checkpoint | None = None,
) -> Run:
    """Make a new run's folder, named by the time, the text and the recipe, or by `name`.

    Args:
        start: as for `Run.create`.

    Raises:
        UserError: where it cannot be written.
    """
    stem = Path(encoded.corpus).stem
    wanted = _slug(name) if name else f"{time.strftime('%Y-%m-%d-%H%M')}-{_slug(stem)}-{_slug(recipe)}"
    folder, number = locations.runs() / wanted, 2
    while not files.make_new_folder(folder):
        folder, number = locations.runs() / f"{wanted}-{number}", number + 1
    try:
        return Run.create(folder, config, recipe, encoded, baselines, start)
    except UserError:
        if not (folder / "run.toml").exists():
            files.delete(folder)
        raise


def _slug(name: str) -> str:
    """A name as a folder may be called: letters, digits, dots and dashes, at most 60."""
    return re.sub(r"[^\w.]+", "-", name.lower()).strip("-._")[:60] or "run"


def delete(run: Run) -> None:
    """Delete a run's folder.

    Raises:
        UserError: while it is being trained, or where the disk says no.
    """
    trainer = run.trainer()
    if trainer:
        # Of another machine nobody knows here whether the process still lives.
        far = trainer["host"] != platform.node()
        hint = f" (or, if {trainer['host']} trains it no more, delete {run.folder / 'lock'})" if far else ""
        raise UserError(f"The run {run.id} is being trained; stop it first{hint}.")
    files.delete(run.folder)
