"""What a person changes in a config before it is used: typed values over a base, checked at every key.

The Configure and Generate screens each own one: it turns RunConfig's fields into a form's items. It knows
no widgets and reads no text; where the base comes from is the screen's affair.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lstm_tui import budgets
from lstm_tui.app.stepping import step
from lstm_tui.app.widgets.rows import Item
from lstm_tui.config import ConfigError, RunConfig
from lstm_tui.errors import UserError
from lstm_tui.fields import Leaf, leaves, nest, no_such, parse, show

Base = Callable[[Mapping[str, Any]], RunConfig]

FIELDS: dict[str, Leaf] = {leaf.path: leaf for leaf in leaves()}
BUDGET = "budget"
"""A row of its own above the fields of a budget: all of it in words."""
_LIMITS = ("budget.steps", "budget.epochs", "budget.minutes")
_PATIENCE = "learning.patience"


def label_of(path: str) -> str:
    """What a row is called."""
    return BUDGET if path == BUDGET else FIELDS[path].label


def help_of(name: str) -> str:
    """What a row, or a section, is for."""
    if name == BUDGET:
        return f"When the run ends, in words: {budgets.EXAMPLES}."
    if name in FIELDS:
        return FIELDS[name].help
    section = RunConfig.model_fields.get(name)
    return getattr(section and section.annotation, "__doc__", "") or ""


class Draft:
    """A base, and what was typed over it.

    Attributes:
        overrides: paths → what was typed, None clears. The owner's own dictionary, changed in place.
        plain: what the base is without them.
        config: the result; where something is wrong, that of what is well.
        problems: paths → what is wrong there, a sentence each.

    Args:
        keep: paths of which what was typed is kept even where it is the base's value.
    """

    def __init__(self, base: Base, overrides: dict[str, str | None], keep: Collection[str] = ()) -> None:
        self.overrides = overrides
        self._keep = keep
        self._budget = ("", "")  # what was typed for it and cannot be read, and why
        self._dropped: tuple[dict[str, str | None], tuple[str, str]] | None = None
        self.rebase(base)

    def rebase(self, base: Base) -> None:
        """Put what was typed over another base: nested overrides → checked config, or ConfigError."""
        self._base = base
        for path in self.overrides.keys() - FIELDS.keys():  # of another version
            del self.overrides[path]
        self.plain = base({})
        self._check()

    def _check(self) -> None:
        self.problems: dict[str, str] = {}
        try:
            self.config = self._base(nest(self.overrides))
        except ConfigError as error:
            self.problems = {problem.field: problem.message for problem in error.problems}
            self.config = self._config({path: v for path, v in self.overrides.items() if path not in self.problems})
        wrong = self._budget[1] or next((self.problems[path] for path in budgets.PATHS if path in self.problems), "")
        if wrong:
            self.problems[BUDGET] = wrong

    def _config(self, overrides: Mapping[str, str | None]) -> RunConfig:
        try:
            return self._base(nest(overrides))
        except ConfigError:
            return self.plain

    @property
    def changed(self) -> dict[str, str]:
        """Paths whose values differ from the base → the base's value as one would type it."""
        return {path: was for path in FIELDS if (was := self._was(path))}

    @property
    def count(self) -> int:
        """How many settings are changed, the limits of a budget counted as one."""
        return len({BUDGET if path in _LIMITS else path for path in self.changed})

    def value(self, path: str) -> str:
        """A row as a person would type it; what is wrong is shown as it was typed."""
        if path == BUDGET:
            return self._budget[0] or _words(self.config)
        if path in self.overrides and path in self.problems:
            return self.overrides[path] or "none"
        return _typed(FIELDS[path].value(self.config))

    def _was(self, path: str) -> str:
        if path == BUDGET:
            before = _words(self.plain)
            return before if self.value(path) != before else ""
        leaf = FIELDS[path]
        wrong = path in self.overrides and path in self.problems
        plain = leaf.value(self.plain)
        return _typed(plain) if wrong or leaf.value(self.config) != plain else ""

    def items(self, paths: Mapping[str, Leaf] = FIELDS) -> list[Item]:
        """Fields as the form shows them, in the order of RunConfig; a budget's begin with all of it in words."""
        return list(self._items(paths))

    def _items(self, paths: Mapping[str, Leaf]) -> Iterator[Item]:
        for path, leaf in paths.items():
            if path == _LIMITS[0]:
                words = self._item(BUDGET, leaf.section, choices=False)
                yield replace(words, told=words.value)
            item = self._item(path, leaf.section, choices=bool(leaf.choices))
            yield replace(item, told="") if path in _LIMITS else item

    def _item(self, path: str, section: str, *, choices: bool) -> Item:
        wrong = self.problems.get(path, "")
        return Item(path, section, label_of(path), self.value(path), self._was(path), wrong, choices)

    def set(self, path: str, text: str) -> None:
        """Put what was typed over the base. What changes nothing is not kept as a change."""
        if path == BUDGET:
            self._set_budget(text)
            return
        if path in _LIMITS:  # the others stay: in a base, one limit would replace them all
            there = {limit: FIELDS[limit].value(self.config) for limit in _LIMITS}
            self._limit({**{limit: _exact(value) for limit, value in there.items()}, path: _read(text)})
            return
        others = {key: value for key, value in self.overrides.items() if key != path}
        self.overrides[path] = _read(text)
        self._check()
        if self.problems or path in self._keep:
            return
        if FIELDS[path].value(self.config) == FIELDS[path].value(self._config(others)):
            self.reset(path)

    def _set_budget(self, text: str) -> None:
        """All of a budget in words. One that says nothing but when validation ends it keeps the base's limits."""
        try:
            values = budgets.parse(text)
        except UserError as error:
            self._budget = (text, str(error))
            self._check()
            return
        patience = values.pop(_PATIENCE)
        self.overrides.pop(_PATIENCE, None)
        if patience != FIELDS[_PATIENCE].value(self.plain):
            self.overrides[_PATIENCE] = _exact(patience)
        base = patience is not None and set(values.values()) == {None}
        self._limit({path: _exact(self._plain_value(path) if base else value) for path, value in values.items()})

    def _limit(self, limits: Mapping[str, str | None]) -> None:
        """Put limits over the base, all that are none; those of the base are no change."""
        self._budget = ("", "")
        for path in _LIMITS:
            self.overrides.pop(path, None)
        given = {path: value for path, value in limits.items() if value is not None}
        self.overrides.update(given or limits)
        self._check()
        same = all(FIELDS[path].value(self.config) == self._plain_value(path) for path in _LIMITS)
        if same and not self.problems.keys() & {*_LIMITS}:
            self.reset(*_LIMITS)

    def _plain_value(self, path: str) -> Any:
        return FIELDS[path].value(self.plain)

    def load(self, values: Mapping[str, Any]) -> tuple[int, list[str]]:
        """Put a file's nested values over what was typed; where none of them is well, nothing is changed. What is wrong
        beside others is a problem at its field.

        Returns: how many settings were set, and a sentence for each that was not.
        """
        before = self.typed
        flat: dict[str, Any] = {}
        for key, value in values.items():
            nested = isinstance(value, Mapping)
            flat |= {f"{key}.{name}": inner for name, inner in value.items()} if nested else {key: value}
        limits = {path: _exact(flat.pop(path)) for path in _LIMITS if path in flat}
        known = {path: _exact(value) for path, value in flat.items() if path in FIELDS}
        self.overrides.update(known)
        self._check()
        if any(value is not None for value in limits.values()):
            self._limit(limits)
        others = self.overrides.keys() - {*_LIMITS} - self.problems.keys()
        self.reset(*(path for path in others if FIELDS[path].value(self.config) == self._plain_value(path)))
        given = {*known, *(path for path, value in limits.items() if value is not None)}
        wrong = [self.problems[path] for path in FIELDS if path in given & self.problems.keys()]
        count = len(given - self.problems.keys())
        if not count:
            self.restore(*before)
        return count, wrong + [no_such(path) for path in flat if path not in FIELDS]

    def step(self, path: str, direction: int) -> None:
        """The next sensible value; of a budget in words, of each of its limits."""
        if path != BUDGET:
            self.set(path, step(FIELDS[path], self.value(path), direction))
            return
        there = {limit: FIELDS[limit].value(self.config) for limit in _LIMITS}
        self._limit(
            {
                limit: None if value is None else step(FIELDS[limit], show(value), direction)
                for limit, value in there.items()
            }
        )

    def reset(self, *paths: str) -> None:
        """Back to the base's values: of a field, of a section's all."""
        sections = [leaf.path for leaf in FIELDS.values() if leaf.section in paths]
        paths = (*paths, *sections, *(budgets.PATHS if BUDGET in paths else ()))
        if {BUDGET, *_LIMITS} & {*paths}:
            self._budget = ("", "")
        for path in paths:
            self.overrides.pop(path, None)
        self._check()

    def reset_all(self) -> str:
        """All back to the base; where nothing was changed, all that this took away the last time is there again. Says
        which."""
        changed = self.count
        if changed or self.problems:
            self._dropped = self.typed
            self.reset(BUDGET, *FIELDS)
            gone, them = (f"All {changed} changes are", "them") if changed > 1 else ("The change is", "it")
            return f"{gone} gone; R again brings {them} back."
        if self._dropped is None:
            return "Nothing is changed."
        self.restore(*self._dropped)
        return "What was changed is back."

    @property
    def typed(self) -> tuple[dict[str, str | None], tuple[str, str]]:
        """All that was typed, for `restore`."""
        return dict(self.overrides), self._budget

    def restore(self, overrides: Mapping[str, str | None], budget: tuple[str, str] = ("", "")) -> None:
        """Exactly these again."""
        self._budget = budget
        self.overrides.clear()
        self.overrides.update(overrides)
        self._check()


def _words(config: RunConfig) -> str:
    """A config's budget."""
    return budgets.show({path: FIELDS[path].value(config) for path in budgets.PATHS})


def _exact(value: Any) -> str | None:
    """A value as a person would type it, with all its digits."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


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
