"""What F5 would train: the text, the recipe or run to begin from, what the person changed in it, and the device."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lstm_tui.app.memory import Memory
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

    entry: library.Entry = field(default_factory=library.default)
    recipe: str = "quick"
    parent: "Run | None" = None
    overrides: dict[str, str | None] = field(default_factory=dict)
    device: str = "auto"
    # What was typed for what is not chosen now: by the origin it is for and the text it is for, each None where it is
    # for all of them.
    _aside: dict[tuple[str | None, str | None], dict[str, str | None]] = field(default_factory=dict, init=False)

    @classmethod
    def remembered(cls, memory: Memory) -> "Choice":
        """What was chosen at the last start: recipe, what was typed over the recipes, device.

        Nothing is checked here, before the first picture: what does not fit any more is said where it is shown.
        """
        values: dict[str, Any] = memory.get("configure.values", {})
        overrides: dict[str, str | None] = dict.fromkeys(map(str, memory.get("configure.cleared", [])))
        overrides |= {path: value for path, value in values.items() if isinstance(value, str)}
        recipe, device = memory.get("configure.recipe", "quick"), memory.get("configure.device", "auto")
        return cls(recipe=recipe, overrides=overrides, device=device)

    def to_remember(self) -> dict[str, Any]:
        """What `remembered` takes up again, by the memory's names. How a text is read is that text's, and left out."""
        over_recipes = self._aside.get(("", None), {}) if self.parent else self.overrides
        typed = {path: value for path, value in over_recipes.items() if not path.startswith("text.")}
        return {
            "configure.recipe": self.recipe,
            "configure.values": {path: value for path, value in typed.items() if value is not None},
            "configure.cleared": [path for path, value in typed.items() if value is None],
            "configure.device": self.device,
        }

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
        run = None if isinstance(origin, str) else origin
        if run is not None and run is not self.parent:
            run.config  # noqa: B018  (read now, so that the form need not be ready for what is damaged)
        self._choose(run, self.entry)
        if isinstance(origin, str):
            self.recipe = origin

    def take(self, entry: library.Entry) -> None:
        """Choose a text. What was typed of how it is read comes with it; that of the one before is put aside."""
        self._choose(self.parent, entry)

    def _choose(self, parent: "Run | None", entry: library.Entry) -> None:
        """Put aside what was typed, and take back what was typed for these two."""
        for path, value in self.overrides.items():
            self._aside.setdefault(self._place(path), {})[path] = value
        self.overrides.clear()
        self.parent, self.entry = parent, entry
        for place in ((self._from, None), (None, entry.name), (self._from, entry.name)):
            self.overrides.update(self._aside.pop(place, {}))

    @property
    def _from(self) -> str:
        """Names the run to begin from; all recipes are one."""
        return str(self.parent.folder) if self.parent else ""

    def _place(self, path: str) -> tuple[str | None, str | None]:
        """For which origin, and which text, something is typed now."""
        if not path.startswith("text."):
            return self._from, None
        from lstm_tui.runs.reading import READING

        return (None if path.removeprefix("text.") in READING else self._from), self.entry.name

    def follow(self, before: library.Entry, after: library.Entry | None) -> None:
        """A text was renamed, is read otherwise, or is gone (None): go with it."""
        if self.entry.name == before.name:
            if after is not None:
                self.entry = after
            else:
                self.take(library.default())
        for origin, text in [place for place in self._aside if place[1] == before.name]:
            aside = self._aside.pop((origin, text))
            if after is not None:
                self._aside[origin, after.name] = aside
