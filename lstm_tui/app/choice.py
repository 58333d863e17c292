"""What F5 would train: the text, the recipe or run to begin from, what the person changed in it, and the device."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lstm_tui.text import library

if TYPE_CHECKING:  # which brings NumPy, and the first picture comes without
    from lstm_tui.runs.run import Run


@dataclass
class Choice:
    """Owned by the app; the Corpus and Configure screens change it.

    Attributes:
        recipe: the one chosen last.
        parent: the run to begin from instead; None: from the recipe.
        overrides: paths of RunConfig's fields → what the person typed (`"model.hidden": "512"`); None clears.
    """

    entry: library.Entry = field(default_factory=lambda: library.built_in()[0])
    recipe: str = "quick"
    parent: "Run | None" = None
    overrides: dict[str, str | None] = field(default_factory=dict)
    device: str = "auto"
    # What was typed of how a text is read (`text.…`), by the names of the texts that are not chosen now.
    _aside: dict[str, dict[str, str | None]] = field(default_factory=dict, init=False)
    # What was typed over origins that are not chosen now: over the recipes (""), and over each run.
    _others: dict[str, dict[str, str | None]] = field(default_factory=dict, init=False)

    @property
    def origin(self) -> "str | Run":
        """The recipe's name, or the run to begin from."""
        return self.parent or self.recipe

    @property
    def origin_words(self) -> str:
        """`quick`, or `from` a run."""
        return f"from {self.parent.id}" if self.parent else self.recipe

    def begin_from(self, origin: "str | Run") -> None:
        """Choose a recipe, by its name, or a run. What was typed over the recipes is for them, and comes back with
        them; what was typed over a run, with that run. How the text's files are read is the text's.

        Raises:
            UserError: where the run's settings cannot be read.
        """
        before, run = self.parent, None if isinstance(origin, str) else origin
        if before is not run:
            from lstm_tui.runs.parents import READING

            if run is not None:
                run.config  # noqa: B018  (read now, so that the form need not be ready for what is damaged)
            paths = [path for path in self.overrides if path.removeprefix("text.") not in READING]
            self._others[before.id if before else ""] = {path: self.overrides.pop(path) for path in paths}
            self.overrides.update(self._others.pop(run.id if run else "", {}))
        self.parent = run
        if isinstance(origin, str):
            self.recipe = origin

    def take(self, entry: library.Entry) -> None:
        """Choose a text. What was typed of how it is read comes with it; that of the one before is put aside."""
        if entry.name != self.entry.name:
            paths = [path for path in self.overrides if path.startswith("text.")]
            self._aside[self.entry.name] = {path: self.overrides.pop(path) for path in paths}
            self.overrides.update(self._aside.pop(entry.name, {}))
            for other in self._others.values():
                for path in [path for path in other if path.startswith("text.")]:
                    del other[path]
        self.entry = entry

    def follow(self, before: library.Entry, after: library.Entry | None) -> None:
        """A text was renamed, is read otherwise, or is gone (None): go with it."""
        if self.entry.name != before.name:
            aside = self._aside.pop(before.name, None)
            if aside and after is not None:
                self._aside[after.name] = aside
        elif after is not None:
            self.entry = after
        else:
            self.take(library.built_in()[0])
            self._aside.pop(before.name)
