"""Going on with a run that has ended: where it stands, how much longer, and what its learning rate does then. Pure but
for one look at the run's folder."""

from dataclasses import dataclass, replace
from typing import Any

from lstm_tui import budgets
from lstm_tui.app.figures import duration
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.jobs.preparing import Way
from lstm_tui.lstm.plan import ENDING, Plan, has_ended, learning_rate
from lstm_tui.runs import checkpoint, store

_REASONS = {"budget": "It has used its budget", "early stop": "It ended when validation stopped improving"}


@dataclass(frozen=True)
class Standing:
    """A run that has ended: why, and what it has used."""

    run: str
    config: RunConfig
    reason: str
    step: int
    epochs: float
    elapsed: float
    rate_factor: float = 1.0

    @property
    def words(self) -> str:
        used = f"{self.step:,} steps, {self.epochs:.1f} epochs, {duration(self.elapsed)}"
        return f"{_REASONS[self.reason]}: {used} of training."

    @property
    def amount(self) -> str:
        """What is offered: as much again as it was given."""
        given = {path: getattr(self.config.budget, path.partition(".")[2], None) for path in budgets.PATHS}
        return budgets.show(given)


@dataclass(frozen=True)
class Longer:
    """What was chosen: the values of a new budget, and the rest of `preparing.reopen`'s arguments."""

    budget: dict[str, Any]
    patience: int | None = None
    way: Way | None = None


def standing(run_id: str) -> Standing | None:
    """Where a run stands that has ended; None for one that goes on as it is.

    Raises:
        UserError: where there is no such run, or it is damaged.
    """
    run = store.find(run_id)
    path = run.checkpoint_path("last")
    info = checkpoint.read_info(path) if path.exists() else {}
    reason = info.get("reason")
    if reason not in _REASONS or (reason == "budget" and info["budget"] != run.config.budget.model_dump()):
        return None
    used = (info["step"], info.get("epochs", 0.0), info["elapsed"], info.get("rate_factor", 1.0))
    return Standing(run.id, run.config, reason, *used)


def longer(here: Standing, typed: str) -> Longer:
    """So much more than it has used.

    Raises:
        UserError: where that is no budget.
    """
    more = budgets.parse(typed)
    patience = more.pop("learning.patience")
    used = {"budget.steps": here.step, "budget.epochs": here.epochs, "budget.minutes": here.elapsed / 60}
    total = {path.partition(".")[2]: used[path] + value for path, value in more.items() if value is not None}
    if not any(more.values()):
        raise UserError("Say how much longer, such as 90s, 5k steps, 20 epochs, or 20 epochs or 8h.")
    return Longer(total, None if patience is None else int(patience))


def until(here: Standing, chosen: Longer) -> str:
    """When it ends then, all told."""
    budget, parts = chosen.budget, []
    if "steps" in budget:
        parts.append(f"{budget['steps']:,} steps")
    if "epochs" in budget:
        parts.append(f"{budget['epochs']:.1f} epochs")
    if "minutes" in budget:
        parts.append(f"{duration(budget['minutes'] * 60)} of training")
    early = ", or when validation stops improving" if chosen.patience else ""
    return f"It ends at {' or '.join(parts)}, all told{early}."


def ways(here: Standing, chosen: Longer | None) -> list[tuple[Way, str, str]]:
    """What the rate may do: each way in a few words, and with its rates; none for a schedule that goes on by itself."""
    learning = here.config.learning
    if learning.schedule not in ENDING:
        return []
    highest = learning.rate * here.rate_factor
    final = highest * learning.final_rate
    again = "a new cosine" if learning.schedule == "cosine" else "a new cycle"
    laid = "" if chosen is None else f": {_stretched(here, chosen):.2g} now, down to {final:.2g}"
    reached = has_ended(learning, here.step if here.reason == "budget" else None, here.step)
    held: list[tuple[Way, str, str]] = [("hold", "hold the final rate", f"{final:.2g} from here on")]
    return [
        *(held if reached else []),
        ("restart", again, f"a warm restart: {highest:.2g} again, down to {final:.2g}"),
        ("stretch", "the old one, longer", f"over all of it{laid}"),
    ]


def _stretched(here: Standing, chosen: Longer) -> float:
    """The next step's rate, the schedule laid over the larger budget; about, where that is none of steps."""
    used = {"steps": here.step, "epochs": here.epochs, "minutes": here.elapsed / 60}
    times = min(value / max(used[name], 1e-9) for name, value in chosen.budget.items())
    plain = here.config.learning.model_copy(update={"hold_from": None, "restart_at": None})
    plan = Plan(round(here.step * times), None, None, "fp32", 1)
    return here.rate_factor * learning_rate(plain, plan, here.step)


def with_way(chosen: Longer, way: str | None) -> Longer:
    """The same, the rate as it was chosen."""
    known: dict[str, Way] = {"hold": "hold", "restart": "restart", "stretch": "stretch"}
    return replace(chosen, way=known.get(way or ""))
