"""One's own recipes: a TOML file each in the config folder, saved from the app or written by hand.

    base = "quick"                      the built-in recipe that it goes over
    summary = "quick with hidden 512."
    cleared = ["learning.clip"]         settings that are none, which TOML cannot say

    [config.model]
    hidden = 512

It is a base and what differs from it, not a full set of settings: what it leaves out goes on fitting itself to
the text and the budget, as its base does. (What is saved from a run is the full set: that was made for a text
once, and is meant as it stands.)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_tui import files, locations
from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.fields import leaves, merge, nest, require_tables, show
from lstm_tui.recipes import RECIPES, Budget, Figures, Recipe, Values, budget_of, over

_NAME = re.compile(r"\w[\w.-]{0,39}")
_NAMES = "A recipe's name has up to 40 letters, digits, - _ and dots, and no space."
# So many settings are named in a summary.
_NAMED = 3


@dataclass(frozen=True)
class OwnRecipe(Recipe):
    """A recipe that a person saved: `changed` are paths and values over the built-in recipe `base`."""

    base: str
    changed: Mapping[str, Any]


@dataclass(frozen=True)
class Damaged:
    """A file that is no recipe, and a sentence on what is wrong with it."""

    name: str
    wrong: str


def path_of(name: str) -> Path:
    return locations.config() / "recipes" / f"{name}.toml"


def exists(name: str) -> bool:
    return files.is_file(path_of(name))


def listed() -> list[OwnRecipe | Damaged]:
    """One's own recipes by name; what cannot be read is listed, too."""
    found: list[OwnRecipe | Damaged] = []
    for path in _paths():
        try:
            found.append(_read(path))
        except UserError as error:
            found.append(Damaged(no_control_characters(path.stem, keep=""), str(error)))
    return found


def _paths() -> list[Path]:
    try:
        return sorted((locations.config() / "recipes").glob("*.toml"))
    except OSError:
        return []


def read(name: str) -> OwnRecipe:
    """The recipe of that name.

    Raises:
        UserError: where there is none, with the names there are; or where it is damaged.
    """
    if not _NAME.fullmatch(name) or not exists(name):
        there = [*RECIPES, *(path.stem for path in _paths() if _NAME.fullmatch(path.stem))]
        raise UserError(f"There is no recipe {name!r}; there are {', '.join(there)}.")
    return _read(path_of(name))


def _read(path: Path) -> OwnRecipe:
    """The recipe in a file; raises as `read`."""
    name = path.stem
    if not _NAME.fullmatch(name):
        raise UserError(f"{path}: {_NAMES} Give the file another name.")
    if name.casefold() in RECIPES:
        raise UserError(f"{path}: {name} is a recipe that is built in; give the file another name.")
    values = files.read_toml(path)
    base, config, cleared = values.get("base"), values.get("config", {}), values.get("cleared", [])
    if not isinstance(base, str) or base not in RECIPES:
        raise UserError(f"{path}: base: expected one of {', '.join(RECIPES)}, not {base!r}.")
    paths = {leaf.path for leaf in leaves()}
    if not isinstance(cleared, list) or not paths.issuperset(map(str, cleared)):
        raise UserError(f'{path}: cleared: expected a list of settings, such as ["learning.clip"], not {cleared!r}.')
    changed = _flat(config) if isinstance(config, dict) else {"config": config}
    try:
        require_tables(config if isinstance(config, dict) else {})
        recipe = _made(name, base, changed | dict.fromkeys(cleared), str(values.get("summary", "")))
        recipe.config()
    except ConfigError as error:
        raise UserError(f"{path}: {error}") from None
    return recipe


def _flat(config: Mapping[str, Any]) -> Values:
    """Nested values by paths; what is no section stays as it is, for the check to name."""
    flat: Values = {}
    for key, value in config.items():
        flat |= {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
    return flat


def _made(name: str, base: str, changed: Mapping[str, Any], summary: str = "") -> OwnRecipe:
    beneath, own = RECIPES[base], nest(changed)

    def values(figures: Figures, budget: Budget) -> Values:
        return over(beneath.values(figures, budget or budget_of(own)), own)

    said = no_control_characters(" ".join((summary or _summary(base, changed)).split()), keep="")
    return OwnRecipe(name, said, beneath.text, values, base, changed)


def _summary(base: str, changed: Mapping[str, Any]) -> str:
    """`quick with hidden 512, dropout 0.15 and 3 more.`"""
    said = [
        f"{leaf.label} {show(changed[leaf.path])}"
        for leaf in leaves()
        if leaf.path in changed and not (leaf.section == "budget" and changed[leaf.path] is None)
    ]
    if not said:
        return f"{base} as it is."
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{base} with {', '.join(said[:_NAMED])}{more}."


def require_name(name: str) -> str:
    """A name for a recipe of one's own.

    Raises:
        UserError: where it cannot be one, or a built-in recipe has it.
    """
    if not _NAME.fullmatch(name):
        raise UserError(_NAMES)
    if name.casefold() in RECIPES:
        raise UserError(f"{name} is a recipe that is built in; choose another name.")
    return name


def save(name: str, base: str, changed: Mapping[str, Any]) -> OwnRecipe:
    """Write a recipe, over an older one of that name.

    Args:
        base: a recipe's name. Where that is one's own, what is written goes over its base and has its changes, too.
        changed: paths → values over the base.

    Raises:
        UserError: where the name cannot be one, the base is damaged, or the disk says no.
    """
    import tomli_w

    require_name(name)
    if base not in RECIPES:
        beneath = read(base)
        base, changed = beneath.base, {**beneath.changed, **_without_its_budget(beneath.changed, changed)}
    recipe = _made(name, base, changed)
    cleared = [path for path, value in changed.items() if value is None]
    about = {"base": base, "summary": recipe.summary} | ({"cleared": cleared} if cleared else {})
    config = nest({path: value for path, value in changed.items() if value is not None})
    files.write_atomic(path_of(name), tomli_w.dumps({**about, "config": merge(config)}).encode())
    return recipe


def _without_its_budget(before: Mapping[str, Any], changed: Mapping[str, Any]) -> Values:
    """Changes over a recipe that has some itself: any budget in them replaces its whole budget."""
    budget = [path for path in before if path.startswith("budget.")]
    if not any(path.startswith("budget.") for path in changed):
        return dict(changed)
    return {**dict.fromkeys(budget), **changed}


def delete(name: str) -> None:
    """Delete a recipe of one's own."""
    files.delete(path_of(name))
