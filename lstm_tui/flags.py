"""A run's settings as flags of a command: `--model.hidden 512`, made from RunConfig, read by its own check.

Here alone a field's path becomes what a person types for it on a command line, in flags and in sentences. What a
field means, and which values fit, is in `sections.py`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args

from lstm_tui.errors import UserError

if TYPE_CHECKING:
    from lstm_tui.fields import Leaf

# Switches of the commands themselves.
_SWITCHES = ("--json", "--prompt-from-text")
_TRUTHS = ("true", "false")
# Further words that may stand behind a switch that was never without a value; behind `--greedy`, 1 may be a run.
_MORE_TRUTHS = (*_TRUTHS, "yes", "no", "on", "off", "1", "0", "y", "n", "t", "f")
# Texts that mostly hold what no key types. A backslash that is meant is typed twice; in a prompt it is itself.
_ESCAPED = ("text.separator", "sampling.stop")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}


def flags(sections: Iterable[str], *, bare: bool = False, without: Iterable[str] = ()) -> Any:
    """A parameter that takes a flag for each setting of some sections, all of them texts: the config's own
    check reads them, so that every bad one is named, in its words.

    Args:
        bare: flags are named by the setting alone, `--top-k`.
        without: paths that get no flag.
    """
    from cyclopts import Group, Parameter

    from lstm_tui.fields import leaves

    order = list(dict.fromkeys(leaf.section for leaf in leaves()))

    def flag(leaf: "Leaf") -> Any:
        expected = _expected(leaf)
        choices = f" One of {', '.join(leaf.choices)}." if expected == "CHOICE" else ""
        escapes = r" \n is a line break, \t a tab, \\ a backslash." if leaf.path in _ESCAPED else ""
        about = Parameter(
            name=_flag(leaf, bare),
            help=leaf.help + choices + escapes,
            group=Group(f"Settings: {leaf.section or 'run'}", sort_key=(order.index(leaf.section),)),
            allow_leading_hyphen=True,
            show_default=False,
            metavar=expected,
        )
        return Annotated[str | None, about]

    chosen = [leaf for leaf in leaves() if leaf.section in sections and leaf.path not in without]
    members = [(leaf.path.replace(".", "__"), flag(leaf), None) for leaf in chosen]
    # Without a module of its own the class counts as a built-in type, and is not taken apart into flags.
    kind = make_dataclass("Settings", members, namespace={"__module__": __name__})
    return Annotated[kind | None, Parameter(name="*")]


def _flag(leaf: "Leaf", bare: bool) -> str:
    return f"--{(leaf.name if bare else leaf.path).replace('_', '-')}"


def _expected(leaf: "Leaf") -> str:
    """What help shows for a setting's value; nothing for a switch."""
    kinds = set(_kinds(leaf.info.annotation))
    if bool in kinds:
        return ""
    if leaf.choices:
        return "CHOICE"
    return "INTEGER" if int in kinds else "NUMBER" if float in kinds else "TEXT"


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def spelled(arguments: list[str]) -> list[str]:
    """Arguments with each switch in the one way that is read: `--x` and `--x true` as `--x=true`, `--no-x` and
    `--x false` as `--x=false`. What is the value of another flag stays as it is."""
    switches = {*_SWITCHES, *_switches(bare=True), *_switches(bare=False)}
    result: list[str] = []
    rest = list(arguments)
    while rest:
        token = rest.pop(0)
        name = token.replace("_", "-")
        if token == "--":
            return [*result, token, *rest]
        if name in switches:
            truths = _MORE_TRUTHS if "." in name else _TRUTHS
            follows = rest and rest[0].lower() in truths
            result.append(f"{name}={rest.pop(0).lower() if follows else 'true'}")
        elif name.startswith("--no-") and f"--{name[5:]}" in switches:
            result.append(f"--{name[5:]}=false")
        else:
            result.append(token)
            if name.startswith("--") and "=" not in name and rest:
                result.append(rest.pop(0))
    return result


def _switches(bare: bool) -> list[str]:
    from lstm_tui.fields import leaves

    chosen = (leaf for leaf in leaves() if leaf.section == "sampling" or not bare)
    return [_flag(leaf, bare) for leaf in chosen if leaf.info.annotation is bool]


def as_flags(sentence: str, *, bare: bool = False) -> str:
    """A sentence with flags in place of the paths of settings: `--model.weight-drop` for `model.weight_drop`.

    Args:
        bare: for a command whose flags for sampling are named by the setting alone.
    """
    from lstm_tui.fields import leaves

    named = {leaf.path: _flag(leaf, bare and leaf.section == "sampling") for leaf in leaves()}
    # `seed` and `budget` are words as well: they are settings where a sentence begins with them.
    paths = "|".join(re.escape(path) for path in sorted(named, key=len, reverse=True) if "." in path)
    pattern = rf"(?<![\w/.'\"-])(?:{paths})(?![\w/'\"]|\.\w)|^(?:seed|budget)(?=: )"
    return re.sub(pattern, lambda found: named.get(found[0], f"--{found[0]}"), sentence, flags=re.MULTILINE)


def given(settings: Any) -> dict[str, str]:
    """The settings that were given as flags, as they were typed, escapes read: `{"text.column": "Joke"}`."""
    if settings is None:
        return {}
    typed = {field.name.replace("__", "."): getattr(settings, field.name) for field in fields(settings)}
    return {path: _unescaped(path, value) for path, value in typed.items() if value is not None}


def _unescaped(path: str, value: str) -> str:
    if path not in _ESCAPED:
        return value
    return re.sub(r"\\[nt\\]", lambda found: _ESCAPES[found[0]], value)


def nested(settings: Any) -> dict[str, Any]:
    """The same as nested values; `none` clears."""
    from lstm_tui.fields import nest, parse

    return nest({path: parse(value) for path, value in given(settings).items()})


def budget_values(words: str | None) -> dict[str, Any]:
    """A budget in words as nested values; empty where none is given, or what it does not say.

    Raises:
        ConfigError: where it is none.
    """
    from lstm_tui import budgets
    from lstm_tui.config import ConfigError, Problem
    from lstm_tui.fields import nest

    if words is None:
        return {}
    try:
        values = budgets.parse(words)
    except UserError as error:
        raise ConfigError([Problem("budget", f"--{error}")]) from None
    limits = {path: value for path, value in values.items() if path.startswith("budget.")}
    # One limit replaces them all, and so does none; those of a file are replaced, too.
    said = {path: value for path, value in values.items() if value is not None}
    return nest({**limits, **said} if any(limits.values()) or not said else said)
