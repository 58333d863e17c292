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

    def take(self, entry: library.Entry) -> None:
        """Choose a text. What was typed of how another one is read (`text.…`) goes with that one."""
        if entry.name != self.entry.name:
            for path in [path for path in self.overrides if path.startswith("text.")]:
                del self.overrides[path]
        self.entry = entry
