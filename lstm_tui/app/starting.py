"""What the form begins with: the recipe or run that is chosen, settings of a file or an earlier run. From the form to a
recipe of one's own. The devices to choose from.

It reads and writes the disk, and knows no widgets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_tui import files, own_recipes
from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.config import ConfigError, RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import read_file, typed
from lstm_tui.recipes import RECIPES, Figures, Recipe, find
from lstm_tui.runs import parents, store
from lstm_tui.runs.reading import READING
from lstm_tui.runs.run import Run

if TYPE_CHECKING:
    from lstm_tui.app.choice import Choice
    from lstm_tui.devices import Device

# Of what is wrong in a file, as much is said as can be read in a corner of the screen.
_SAID = 3
# How a text's files are read is that text's, not a recipe's.
_OF_FILES = {f"text.{name}" for name in READING}


def settings(choice: "Choice", recipe: Recipe, figures: Figures | None, overrides: Mapping[str, Any]) -> RunConfig:
    """The recipe or the run that is chosen, over it what belongs to the text, over that what is typed.

    Raises:
        ConfigError: where they do not fit.
    """
    entry = choice.entry
    try:
        check({"text": typed(entry.text)})
    except ConfigError:  # a file beside the text was written by hand; training says what is wrong
        entry = replace(entry, text=())
    if choice.parent:
        return parents.settings(choice.parent, entry, overrides)
    return recipe.config(figures, {"text": typed(entry.text)}, overrides)


@dataclass(frozen=True)
class Start:
    """Settings to put into the form: nested values, where they come from in words, and the recipe they belong over
    (empty: over what is chosen)."""

    values: dict[str, Any]
    words: str
    recipe: str = ""


def told(words: str, count: int, wrong: Sequence[str], differ: str) -> str:
    """What came of settings that were put into the form: how many were set, and what was wrong."""
    more = [f"And {len(wrong) - _SAID} more are wrong."] if len(wrong) > _SAID else []
    if not count:
        return "\n".join([f"Nothing is changed: there is no setting to take in {words}.", *wrong[:_SAID], *more])
    first = f"{count} setting{'' if count == 1 else 's'} set by {words}; {differ}."
    return "\n".join([first, *wrong[:_SAID], *more])


def to_save(choice: "Choice", draft: Draft) -> tuple[str, dict[str, Any]]:
    """A recipe's base, and paths → values over it: what was changed; of a run, all that it has (see `own_recipes`)."""
    config, run = draft.config, choice.parent
    paths = set(FIELDS if run else draft.changed) - _OF_FILES
    base = choice.recipe if run is None else run.recipe if run.recipe in RECIPES else "quick"
    return base, {path: leaf.value(config) for path, leaf in FIELDS.items() if path in paths}


def name_for(typed: str) -> str:
    """A recipe's name as it was typed, with or without the file's ending.

    Raises:
        UserError: where it cannot be one.
    """
    return own_recipes.require_name(typed.removesuffix(".toml"))


def from_file(typed: str) -> Start:
    """The settings in a TOML file, or in the `run.toml` of a folder.

    Raises:
        UserError: where it cannot be read, or is none.
    """
    path = files.typed_path(typed)
    if files.is_folder(path) and files.is_file(path / "run.toml"):
        path /= "run.toml"
    try:
        return Start(_without_reading(read_file(path)), str(path))
    except ConfigError as error:  # its sentences name the settings alone
        raise UserError(f"{path}: {error}") from None


def from_run(directory: str) -> Start:
    """The settings of a run, over its recipe where that is still there.

    Raises:
        UserError: where the run is damaged.
    """
    run = Run(Path(directory))
    try:
        recipe = find(run.recipe).name
    except UserError:
        recipe = ""
    return Start(_without_reading(run.config.model_dump()), f"the run {run.id}", recipe)


def _without_reading(values: dict[str, Any]) -> dict[str, Any]:
    """A whole run's settings without how its files were read; what a person wrote in a file is meant."""
    text = values.get("text")
    if not isinstance(text, dict) or not text.keys() >= READING:
        return values
    return {**values, "text": {name: value for name, value in text.items() if name not in READING}}


def earlier_runs() -> list[tuple[str, str, str]]:
    """The runs whose settings can be read, newest first: folder, a line, and a sentence."""
    found = []
    for summary in store.summaries():
        if summary.state == "damaged":
            continue
        best = summary.best_validation_loss
        loss = f", best validation {best:.3f}" if best is not None else ""
        words = f"{summary.recipe} on {summary.corpus}, {summary.step:,} steps{loss}. Its weights are drawn anew."
        found.append((summary.directory, summary.run, words))
    return found


def devices() -> "Sequence[Device]":
    """The devices that can be chosen, the one that `auto` takes first."""
    from lstm_tui.devices import available

    return available()


def device_lines(found: "Sequence[Device]") -> list[tuple[str, str, str]]:
    """The devices that can be chosen, `auto` before them: name, a line, and a sentence."""
    first = found[0]
    auto = ("auto", f"auto: {first.label}", f"Takes {first.name}: {first.reason}. {first.warning}".strip())
    return [auto, *((device.name, device.label, f"{device.reason}. {device.warning}".strip()) for device in found)]
