"""A run looked at without training it: its curve, what it wrote, its settings, what happened to it.

Read from its folder, in a thread. No widgets.
"""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from lstm_tui import files
from lstm_tui.app.figures import size_on_disk
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.source import recalled
from lstm_tui.errors import UserError
from lstm_tui.fields import show
from lstm_tui.runs.run import Run
from lstm_tui.runs.summary import FIELDS, changed_fields

DAMAGED = "This run is damaged and cannot be read; x deletes it."
_LOG_LINES = 60
# A look is taken again when one of these is another.
_READ = ("run.toml", "metrics.jsonl", "samples.jsonl", "last.safetensors", "run.log")


@dataclass(frozen=True)
class Setting:
    """One field of its config as a person would type it; `was`: in its recipe or parent, where that is another."""

    section: str
    label: str
    value: str
    was: str | None = None


@dataclass(frozen=True)
class Look:
    """What was seen of a run.

    Attributes:
        stamp: changes when there is something else to see.
        snapshot: the run as it was last; an empty one where it is damaged.
        happened: oldest first.
        wrong: why it cannot be read; empty where it can.
    """

    folder: Path
    stamp: tuple[object, ...] = ()
    snapshot: Snapshot = field(default_factory=Snapshot)
    settings: tuple[Setting, ...] = ()
    happened: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def sample(self) -> str:
        """What it wrote last."""
        return self.snapshot.samples[-1].text if self.snapshot.samples else ""


def look_at(folder: Path, before: Look | None = None) -> Look:
    """A run as its folder tells it now; `before` itself where nothing is new."""
    stamp = tuple(files.stamp(folder / name) for name in _READ)
    if before is not None and before.folder == folder and before.stamp == stamp:
        return before
    run = Run(folder)
    try:
        seen = recalled(run)
        return Look(folder, stamp, seen, _settings(run), _happened(run, seen))
    except (UserError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        return Look(folder, stamp, happened=tuple(_logged(run)), wrong=str(error) or DAMAGED)


def _settings(run: Run) -> tuple[Setting, ...]:
    try:
        before = changed_fields(run)
    except UserError:  # its recipe is gone: all is as it is
        before = {}
    config = run.config
    return tuple(
        Setting(leaf.section or "run", leaf.label, show(leaf.value(config)), before.get(path))
        for path, leaf in FIELDS.items()
    )


def _happened(run: Run, seen: Snapshot) -> tuple[str, ...]:
    about = run.about["corpus"]
    created = run.created[:16].replace("T", " ")
    lines = [
        f"{created} begun: {run.recipe} on {about.get('title') or run.corpus}, {run.train_tokens:,} tokens to learn"
    ]
    if run.parent:
        lines.append(f"It began {run.parent}.")
    lines += run.notes
    lines += seen.log
    lines += _logged(run)
    return tuple(lines)


def _logged(run: Run) -> list[str]:
    """The end of its log, and its files with their sizes."""
    try:
        text = files.read_bytes(run.folder / "run.log").decode(errors="replace") if _has_log(run) else ""
        there = sorted((path.name, files.size(path)) for path in run.folder.iterdir() if files.is_file(path))
    except (OSError, UserError):
        return []
    said = deque(text.splitlines(), maxlen=_LOG_LINES)
    listed = [f"{size_on_disk(count):>7}  {name}" for name, count in there]
    return [*(["", "run.log:", *said] if said else []), "", *listed]


def _has_log(run: Run) -> bool:
    return files.is_file(run.folder / "run.log")
