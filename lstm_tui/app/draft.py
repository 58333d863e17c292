"""What a person changes in a config before it is used: typed values over a base, checked at every key.

The Configure and Generate screens each own one: it turns RunConfig's fields into a form's items. It knows
no widgets and reads no text; where the base comes from is the screen's affair.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from lstm_tui.app.stepping import step
from lstm_tui.app.widgets.rows import Item
from lstm_tui.config import ConfigError, RunConfig
from lstm_tui.fields import Leaf, leaves, nest, parse, show

Base = Callable[[Mapping[str, Any]], RunConfig]

FIELDS: dict[str, Leaf] = {leaf.path: leaf for leaf in leaves()}


class Draft:
    """A base, and what was typed over it.

    Attributes:
        overrides: paths → what was typed, None clears. The owner's own dictionary, changed in place.
        config: the result; where something is wrong, that of what is well.
        problems: paths → what is wrong there, a sentence each.

    Args:
        keep: paths of which what was typed is kept even where it is the base's value.
    """

    def __init__(self, base: Base, overrides: dict[str, str | None], keep: Collection[str] = ()) -> None:
        self.overrides = overrides
        self._keep = keep
        self.rebase(base)

    def rebase(self, base: Base) -> None:
        """Put what was typed over another base: nested overrides → checked config, or ConfigError."""
        self._base = base
        self._plain = base({})
        self._check()

    def _check(self) -> None:
        self.problems: dict[str, str] = {}
        try:
            self.config = self._base(nest(self.overrides))
        except ConfigError as error:
            self.problems = {problem.field: problem.message for problem in error.problems}
            self.config = self._config({path: v for path, v in self.overrides.items() if path not in self.problems})

    def _config(self, overrides: Mapping[str, str | None]) -> RunConfig:
        try:
            return self._base(nest(overrides))
        except ConfigError:
            return self._plain

    @property
    def changed(self) -> dict[str, str]:
        """Paths whose values differ from the base → the base's value as one would type it."""
        return {path: was for path in FIELDS if (was := self._was(path))}

    def value(self, path: str) -> str:
        """A field as a person would type it; what is wrong is shown as it was typed."""
        if path in self.overrides and path in self.problems:
            return self.overrides[path] or "none"
        return _typed(FIELDS[path].value(self.config))

    def _was(self, path: str) -> str:
        leaf = FIELDS[path]
        wrong = path in self.overrides and path in self.problems
        plain = leaf.value(self._plain)
        return _typed(plain) if wrong or leaf.value(self.config) != plain else ""

    def items(self, paths: Mapping[str, Leaf] = FIELDS) -> list[Item]:
        """Fields as the form shows them, in the order of RunConfig."""
        return [
            Item(
                path,
                leaf.section,
                leaf.label,
                self.value(path),
                self._was(path),
                self.problems.get(path, ""),
                bool(leaf.choices),
            )
            for path, leaf in paths.items()
        ]

    def set(self, path: str, text: str) -> None:
        """Put what was typed over the base. What changes nothing is not kept as a change."""
        others = {key: value for key, value in self.overrides.items() if key != path}
        self.overrides[path] = _read(text)
        self._check()
        if self.problems or path in self._keep:
            return
        if FIELDS[path].value(self.config) == FIELDS[path].value(self._config(others)):
            self.reset(path)

    def step(self, path: str, direction: int) -> None:
        """The next sensible value."""
        self.set(path, step(FIELDS[path], self.value(path), direction))

    def reset(self, *paths: str) -> None:
        """Back to the base's value."""
        for path in paths:
            self.overrides.pop(path, None)
        self._check()

    def restore(self, overrides: Mapping[str, str | None]) -> None:
        """Exactly these again."""
        self.overrides.clear()
        self.overrides.update(overrides)
        self._check()


def _typed(value: Any) -> str:
    """A value as a person would type it: text that would be lost or misread stands in quotes."""
    text = show(value)
    if isinstance(value, str) and (
        not text or text != text.strip() or not text.isprintable() or parse(text) is None or text[0] == '"'
    ):
        return json.dumps(text, ensure_ascii=False)
    return text


def _read(text: str) -> str | None:
    """The other way round."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    value = parse(text)
    return None if value is None else str(value)
