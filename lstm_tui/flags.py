"""A run's settings as flags of a command: `--model.hidden 512`, made from RunConfig, read by its own check."""

from collections.abc import Iterable
from dataclasses import fields, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any

from lstm_tui.errors import UserError

if TYPE_CHECKING:
    from lstm_tui.fields import Leaf


def flags(sections: Iterable[str], *, bare: bool = False, without: Iterable[str] = ()) -> Any:
    """A parameter that takes a flag for each setting of some sections, all of them texts: the config's own
    check reads them, so that every bad one is named, in its words.

    Args:
        bare: flags are named by the setting alone, `--top-k`, and a switch takes no value.
        without: paths that get no flag.
    """
    from cyclopts import Parameter

    from lstm_tui.fields import leaves

    def flag(leaf: "Leaf") -> Any:
        switch = bare and leaf.info.annotation is bool
        choices = f" One of {', '.join(leaf.choices)}." if leaf.choices and not switch else ""
        about = Parameter(
            name=f"--{(leaf.name if bare else leaf.path).replace('_', '-')}",
            help=leaf.help + choices,
            group=f"Settings: {leaf.section or 'run'}",
            allow_leading_hyphen=True,
            show_default=False,
        )
        return Annotated[bool | None if switch else str | None, about]

    chosen = [leaf for leaf in leaves() if leaf.section in sections and leaf.path not in without]
    members = [(leaf.path.replace(".", "__"), flag(leaf), None) for leaf in chosen]
    # Without a module of its own the class counts as a built-in type, and is not taken apart into flags.
    kind = make_dataclass("Settings", members, namespace={"__module__": __name__})
    return Annotated[kind | None, Parameter(name="*")]


def given(settings: Any) -> dict[str, Any]:
    """The settings that were given as flags, as they were typed: `{"text.column": "Joke"}`; a switch as a bool."""
    if settings is None:
        return {}
    typed = {field.name.replace("__", "."): getattr(settings, field.name) for field in fields(settings)}
    return {path: value for path, value in typed.items() if value is not None}


def nested(settings: Any) -> dict[str, Any]:
    """The same as nested values; `none` clears."""
    from lstm_tui.fields import nest, parse

    return nest({path: parse(value) if isinstance(value, str) else value for path, value in given(settings).items()})


def budget_values(words: str | None) -> dict[str, Any]:
    """A budget in words as nested values; empty where none is given, or what it does not say.

    Raises:
        ConfigError: where it is none.
    """
    from lstm_tui import budgets
    from lstm_tui.config import ConfigError, Problem
    from lstm_tui.fields import nest

    try:
        values = budgets.parse(words) if words is not None else {}
    except UserError as error:
        raise ConfigError([Problem("budget", f"--{error}")]) from None
    limits = {path: value for path, value in values.items() if path.startswith("budget.")}
    # One limit replaces them all; those of a file are replaced, too.
    said = {path: value for path, value in values.items() if value is not None}
    return nest({**limits, **said} if any(limits.values()) or words == "none" else said)
