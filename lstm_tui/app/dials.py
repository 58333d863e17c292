"""The settings of the Generate screen: what of a run's config decides a text, and how many are written at once.

It knows no widgets; how the settings are shown and when they count is the screen's affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.app.widgets.rows import Item
from lstm_tui.config import RunConfig, check
from lstm_tui.fields import merge
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig

STREAMS = "streams"
MOST_STREAMS = 16
_FIRST = ("sampling.temperature", "sampling.top_k", "sampling.length", "seed")
_FIELDS = {path: FIELDS[path] for path in _FIRST} | {
    path: leaf for path, leaf in FIELDS.items() if leaf.section == "sampling" and leaf.name != "prompt"
}
# The values stand beside the longest label: these would leave them no room.
_SHORT = {"sampling.repetition_penalty": "repetition", "sampling.repetition_window": "its window"}
_ABOUT_STREAMS = f"So many texts at once from the same prompt, each drawn for itself; at most {MOST_STREAMS}."


@dataclass(frozen=True)
class Way:
    """How a text is to be written.

    Attributes:
        seed: None draws one.
        streams: how many texts.
    """

    sampling: SamplingConfig
    seed: int | None
    streams: int = 1


Typed = tuple[dict[str, str | None], str]


class Dials:
    """What was changed of the run that writes; each run keeps its own, the number of streams is for all."""

    def __init__(self) -> None:
        self._draft: Draft | None = None
        self._overrides: dict[str, dict[str, str | None]] = {}
        self._streams = "1"

    def take(self, run: Run | None) -> None:
        """The settings are that run's from now on.

        Raises:
            UserError: where its config cannot be read.
        """
        if run is None:
            self._draft = None
            return
        stored = run.config.model_dump()

        def base(overrides: Mapping[str, Any]) -> RunConfig:
            return check(merge(stored, overrides))

        self._draft = Draft(base, self._overrides.setdefault(run.id, {}), keep={"seed"})

    def items(self) -> list[Item]:
        """The rows of the form; none without a run."""
        if self._draft is None:
            return []
        items = [replace(i, section="", label=_SHORT.get(i.path, i.label)) for i in self._draft.items(_FIELDS)]
        seed = _FIRST.index("seed")
        if "seed" not in self._draft.overrides:
            items[seed] = replace(items[seed], value="new", was="")
        was = "1" if self._streams != "1" else ""
        return [*items[: seed + 1], Item(STREAMS, "", STREAMS, self._streams, was, self._wrong), *items[seed + 1 :]]

    def about(self, path: str) -> str:
        """What a setting is for."""
        return _ABOUT_STREAMS if path == STREAMS else _FIELDS[path].help

    @property
    def problem(self) -> str:
        """What is wrong, a sentence; or ""."""
        return self._wrong or next(iter(self._draft.problems.values()), "") if self._draft else ""

    @property
    def _wrong(self) -> str:
        well = self._streams.isdecimal() and 1 <= int(self._streams) <= MOST_STREAMS
        return "" if well else f"{STREAMS}: expected 1 to {MOST_STREAMS}, not {self._streams!r}."

    @property
    def way(self) -> Way | None:
        """What the settings come to; None without a run, or where something is wrong."""
        if self._draft is None or self.problem:
            return None
        config = self._draft.config
        return Way(config.sampling, config.seed if "seed" in self._draft.overrides else None, int(self._streams))

    # What a person does.

    @property
    def typed(self) -> Typed:
        """All that was typed so far, to come back to."""
        return dict(self._draft.overrides) if self._draft else {}, self._streams

    def restore(self, typed: Typed) -> None:
        """Exactly that again."""
        overrides, self._streams = typed
        if self._draft:
            self._draft.restore(overrides)

    def set(self, path: str, text: str) -> None:
        """Take what was typed."""
        if path == STREAMS:
            self._streams = text.strip() or "1"
        elif self._draft is None:
            return
        elif path == "seed" and text.strip() in {"", "new", "none"}:
            self._draft.reset("seed")
        else:
            self._draft.set(path, text)

    def step(self, path: str, direction: int) -> None:
        """The next sensible value."""
        if path == STREAMS:
            now = 1 if self._wrong else int(self._streams) + direction
            self._streams = str(min(max(now, 1), MOST_STREAMS))
        elif self._draft is not None:
            self._draft.step(path, direction)

    def heat(self, direction: int) -> None:
        """Another temperature, which counts from then on."""
        if self._draft is not None:
            if self._draft.config.sampling.greedy:  # or nothing would come of it
                self._draft.set("sampling.greedy", "false")
            self.step("sampling.temperature", direction)
