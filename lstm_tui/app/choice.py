"""What F5 would train: the text, the recipe, what the person changed in it, and the device."""

from dataclasses import dataclass, field

from lstm_tui.text import library


@dataclass
class Choice:
    """Owned by the app; the Corpus and Configure screens change it.

    Attributes:
        overrides: paths of RunConfig's fields → what the person typed (`"model.hidden": "512"`); None clears.
    """

    entry: library.Entry = field(default_factory=lambda: library.built_in()[0])
    recipe: str = "quick"
    overrides: dict[str, str | None] = field(default_factory=dict)
    device: str = "auto"
    # What was typed of how a text is read (`text.…`), by the names of the texts that are not chosen now.
    _aside: dict[str, dict[str, str | None]] = field(default_factory=dict, init=False)

    def take(self, entry: library.Entry) -> None:
        """Choose a text. What was typed of how it is read comes with it; that of the one before is put aside."""
        if entry.name != self.entry.name:
            paths = [path for path in self.overrides if path.startswith("text.")]
            self._aside[self.entry.name] = {path: self.overrides.pop(path) for path in paths}
            self.overrides.update(self._aside.pop(entry.name, {}))
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
