"""RunConfig's fields, one by one: listed, typed, shown, merged, and read from a file.

For whoever treats all fields alike: the form, the flags, `run.toml`, the tests. What a field means is in
`config.py`.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from lstm_tui import files
from lstm_tui.config import ConfigError, Problem, RunConfig
from lstm_tui.errors import UserError
from lstm_tui.sections import Section


@dataclass(frozen=True)
class Leaf:
    """One field of RunConfig, for whoever lists them all: the form, the flags, the tests."""

    section: str
    name: str
    info: FieldInfo

    @property
    def path(self) -> str:
        """`model.hidden`; `seed`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    @property
    def help(self) -> str:
        return self.info.description or ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words a field may take; empty for numbers and free text."""
        for kind in (self.info.annotation, *get_args(self.info.annotation)):
            if get_origin(kind) is Literal:
                return get_args(kind)
        return ("true", "false") if self.info.annotation is bool else ()

    @property
    def optional(self) -> bool:
        """Whether `none` is a value."""
        return type(None) in get_args(self.info.annotation)

    def value(self, config: RunConfig) -> Any:
        return getattr(getattr(config, self.section) if self.section else config, self.name)


def leaves() -> Iterator[Leaf]:
    """Every field, in the order of the form."""
    for name, info in RunConfig.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            for inner, inner_info in info.annotation.model_fields.items():
                yield Leaf(name, inner, inner_info)
        else:
            yield Leaf("", name, info)


def parse(text: str) -> Any:
    """What a person typed for a field, as the check takes it: the word `none` clears."""
    return None if text.strip().lower() == "none" else text


def typed(settings: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Settings as a person typed them, `(name, text)` each, as the check takes them."""
    return {name: parse(text) for name, text in settings}


def show(value: Any) -> str:
    """A field's value as a person would type it."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Nested dictionaries, later ones over earlier ones, section by section."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            if isinstance(value, Mapping):
                below = result.get(key)
                result[key] = merge(below if isinstance(below, Mapping) else {}, value)
            else:
                result[key] = value
    return result


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"model.hidden": 512}` as `{"model": {"hidden": 512}}`."""
    result: dict[str, Any] = {}
    for path, value in flat.items():
        section, _, name = path.rpartition(".")
        if section:
            result.setdefault(section, {})[name] = value
        else:
            result[name] = value
    return result


def changes(config: RunConfig, base: RunConfig) -> dict[str, tuple[Any, Any]]:
    """Fields whose values differ: path → (value, value in `base`)."""
    pairs = {leaf.path: (leaf.value(config), leaf.value(base)) for leaf in leaves()}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def read_file(path: Path) -> dict[str, Any]:
    """The settings in a TOML file: a config written by hand, or a run's `run.toml`.

    A setting that a `run.toml` leaves out is none; one that a file written by hand leaves out is not said.

    Raises:
        ConfigError: where a section is no table.
        UserError: where it is missing or no TOML.
    """
    values = files.read_toml(path)
    config = values.get("config", values)
    if not isinstance(config, dict):
        raise UserError(f"{path}: [config] is not a table of settings.")
    require_tables(config)
    return with_nones(config) if "format" in values else config


def require_tables(config: Mapping[str, Any]) -> None:
    """Refuse nested values in which a section is no table.

    Raises:
        ConfigError: with each of them.
    """
    bare = [name for name in _sections() if not isinstance(config.get(name, {}), dict)]
    if bare:
        raise ConfigError(
            [Problem(name, f"{name}: expected a table of settings, not {config[name]!r}.") for name in bare]
        )


def require_known(values: Mapping[str, Any], path: Path) -> None:
    """That a file's values are settings.

    Raises:
        ConfigError: naming the file, and what may be meant.
    """
    given = [name for name, value in values.items() if not isinstance(value, dict)]
    given += [f"{name}.{inner}" for name, value in values.items() if isinstance(value, dict) for inner in value]
    there = {leaf.path for leaf in leaves()}
    problems = [Problem(name, f"{path}: {no_such(name)}") for name in given if name not in there]
    if problems:
        raise ConfigError(problems)


def no_such(name: str) -> str:
    """That it is the name of no setting, and which may be meant."""
    near = difflib.get_close_matches(name, [leaf.path for leaf in leaves()], 1, 0.75)
    return f"{name}: there is no such setting." + (f" Did you mean '{near[0]}'?" if near else "")


def with_nones(values: Mapping[str, Any]) -> dict[str, Any]:
    """A stored config with its left-out fields as None, so that no default comes back in their place."""
    missing = nest({leaf.path: None for leaf in leaves() if leaf.optional})
    return merge(missing, values)


def _sections() -> list[str]:
    return list(dict.fromkeys(leaf.section for leaf in leaves() if leaf.section))
