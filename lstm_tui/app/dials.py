"""The settings of the Generate screen: what of a run's config decides a text, which checkpoint writes, and how many
are written at once.

It knows no widgets; how the settings are shown and when they count is the screen's affair.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.app.widgets.rows import Item
from lstm_tui.config import RunConfig, check
from lstm_tui.fields import merge
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig

TEMPERATURE, STREAMS, CHECKPOINT, SEED = "sampling.temperature", "streams", "checkpoint", "seed"
MOST_STREAMS = 16
# So many runs' settings are remembered from one start to the next.
_MOST_REMEMBERED = 20


@dataclass(frozen=True)
class Dial:
    """A setting as the list shows it, with its key before it; `about` is what the key does."""

    path: str
    key: str
    label: str
    about: str


DIALS = (
    Dial(TEMPERATURE, "+", "temperature", "Safer below 1, wilder above"),
    Dial("sampling.top_k", "k", "top-k", "Draw among the k likeliest"),
    Dial("sampling.top_p", "P", "top-p", "Draw among the likeliest that have the chance p together"),
    Dial("sampling.min_p", "M", "min-p", "Draw what has at least a share of the likeliest's chance"),
    Dial("sampling.length", "l", "length", "How much to write"),
    Dial(SEED, "e", "seed", "Same seed, same text"),
    Dial(STREAMS, "m", "streams", "How many texts are written at once"),
    Dial(CHECKPOINT, "c", "checkpoint", "Let the best or the last weights write"),
    Dial("sampling.greedy", "g", "greedy", "Always take the likeliest, or draw"),
    Dial("sampling.repetition_penalty", "R", "repetition", "Make what was just there less likely"),
    Dial("sampling.repetition_window", "i", "its window", "How far back the repetition penalty looks"),
    Dial("sampling.stop", "S", "stop", "End after a string, such as \\n"),
    Dial("sampling.stop_at_end", "E", "stop at end", "End where a record ends, or go on"),
    Dial("sampling.window", "W", "window", "Read the last so many tokens anew for each"),
)
_FIELDS = {dial.path: FIELDS[dial.path] for dial in DIALS if dial.path in FIELDS}
_ABOUT_STREAMS = f"So many texts at once from the same prompt, each drawn for itself; at most {MOST_STREAMS}."


@dataclass(frozen=True)
class Way:
    """How a text is to be written.

    Attributes:
        seed: None draws one.
        streams: how many texts.
        checkpoint: "best" or "last"; None takes the best there is.
    """

    sampling: SamplingConfig
    seed: int | None
    streams: int = 1
    checkpoint: str | None = None

    def needs_another_text(self, other: "Way") -> str:
        """Those of the other's settings that cannot change while this one is written, in words; or ""."""
        pairs = {
            "the seed": (self.seed, other.seed),
            "the streams": (self.streams, other.streams),
            "the checkpoint": (self.checkpoint, other.checkpoint),
            "the window": (self.sampling.window, other.sampling.window),
        }
        return " and ".join(name for name, (mine, its) in pairs.items() if mine != its)

    def following(self, other: "Way") -> "Way":
        """This one with those of the other's settings that count at once."""
        sampling = other.sampling.model_copy(update={"window": self.sampling.window})
        return replace(self, sampling=sampling)


class Dials:
    """What was changed of the run that writes; each run keeps its own, the number of streams is for all.

    Args:
        remembered: run → path → what was typed, of an earlier start. What fits no more is dropped.
    """

    def __init__(self, remembered: Mapping[str, Any] | None = None, streams: int = 1) -> None:
        self._draft: Draft | None = None
        self._run: Run | None = None
        self._overrides: dict[str, dict[str, str | None]] = {}
        self._remembered = remembered or {}
        self._streams = str(streams) if 1 <= streams <= MOST_STREAMS else "1"
        self._checkpoint: str | None = None
        self._checkpoints: dict[str, str] = {}

    def take(self, run: Run | None) -> None:
        """The settings are that run's from now on.

        Raises:
            UserError: where its config cannot be read.
        """
        self._run, self._checkpoint, self._checkpoints = run, None, {}
        if run is None:
            self._draft = None
            return
        stored = run.config.model_dump()

        def base(overrides: Mapping[str, Any]) -> RunConfig:
            return check(merge(stored, overrides))

        if run.id not in self._overrides:
            self._overrides[run.id] = _recalled(self._remembered.get(run.id))
        self._draft = Draft(base, self._overrides[run.id], keep={SEED})
        if self._draft.problems:
            self._draft.reset(*self._draft.problems)

    def offer(self, checkpoints: Mapping[str, str]) -> None:
        """The checkpoints that the run has, the one to take first, and what is said of each."""
        self._checkpoints = dict(checkpoints)
        if self._checkpoint not in self._checkpoints:
            self._checkpoint = None

    @property
    def checkpoint(self) -> str:
        """The one that writes; "" without one."""
        return self._checkpoint or next(iter(self._checkpoints), "")

    def items(self) -> list[Item]:
        """The rows of the form; none without a run."""
        if self._draft is None:
            return []
        fields = {item.path: item for item in self._draft.items(_FIELDS)}
        if SEED not in self._draft.overrides:
            fields[SEED] = replace(fields[SEED], value="new", was="")
        was = "1" if self._streams != "1" else ""
        fields[STREAMS] = Item(STREAMS, "", "", self._streams, was, self._wrong)
        fields[CHECKPOINT] = Item(CHECKPOINT, "", "", self.checkpoint or "none", choices=True)
        return [replace(fields[dial.path], section="", label=f"{dial.key} {dial.label}") for dial in DIALS]

    def about(self, path: str) -> str:
        """What a setting is for."""
        if path == STREAMS:
            return _ABOUT_STREAMS
        if path == CHECKPOINT:
            return "\n".join(self._checkpoints.values())
        return _FIELDS[path].help

    @property
    def problem(self) -> str:
        """What is wrong, a sentence; or ""."""
        return self._wrong or next(iter(self._draft.problems.values()), "") if self._draft else ""

    @property
    def _wrong(self) -> str:
        well = self._streams.isdecimal() and len(self._streams) < 9 and 1 <= int(self._streams) <= MOST_STREAMS
        return "" if well else f"{STREAMS}: expected 1 to {MOST_STREAMS}, not {self._streams!r}."

    @property
    def way(self) -> Way | None:
        """What the settings come to; None without a run, or where something is wrong."""
        if self._draft is None or self.problem:
            return None
        config = self._draft.config
        seed = config.seed if SEED in self._draft.overrides else None
        return Way(config.sampling, seed, int(self._streams), self._checkpoint)

    @property
    def to_remember(self) -> dict[str, dict[str, str]]:
        """Run → path → what was typed, seeds left out; the run in use last, and no more than a few."""
        all_of_them = {**{run: _recalled(typed) for run, typed in self._remembered.items()}, **self._overrides}
        if self._run is not None:
            all_of_them[self._run.id] = all_of_them.pop(self._run.id, {})
        plain = {
            run: {path: "none" if text is None else text for path, text in typed.items() if path != SEED}
            for run, typed in all_of_them.items()
        }
        return dict([(run, typed) for run, typed in plain.items() if typed][-_MOST_REMEMBERED:])

    @property
    def streams(self) -> int:
        return 1 if self._wrong else int(self._streams)

    # What a person does.

    @property
    def typed(self) -> tuple[dict[str, str | None], str]:
        """All that was typed so far, to come back to."""
        return dict(self._draft.overrides) if self._draft else {}, self._streams

    def restore(self, overrides: Mapping[str, str | None], streams: str) -> None:
        """Exactly that again."""
        self._streams = streams
        if self._draft:
            self._draft.restore(overrides)

    def set(self, path: str, text: str) -> None:
        """Take what was typed."""
        if path == STREAMS:
            self._streams = text.strip() or "1"
        elif self._draft is None:
            return
        elif path == SEED and text.strip() in {"", "new", "none"}:
            self._draft.reset(SEED)
        elif path == "sampling.stop" and text[:1] != '"' and "\\" in text:
            self._draft.set(path, _unescaped(text))
        else:
            self._draft.set(path, text)

    def step(self, path: str, direction: int) -> None:
        """The next sensible value."""
        if path == STREAMS:
            now = 1 if self._wrong else int(self._streams) + direction
            self._streams = str(min(max(now, 1), MOST_STREAMS))
        elif path == CHECKPOINT:
            kinds = list(self._checkpoints)
            if len(kinds) > 1:
                self._checkpoint = kinds[(kinds.index(self.checkpoint) + 1) % len(kinds)]
        elif self._draft is not None:
            self._draft.step(path, direction)

    def heat(self, direction: int) -> None:
        """Another temperature, which counts from then on."""
        if self._draft is not None:
            if self._draft.config.sampling.greedy:  # or nothing would come of it
                self._draft.set("sampling.greedy", "false")
            self.step(TEMPERATURE, direction)

    def take_again(self, sampling: Mapping[str, Any], seed: int, streams: int, checkpoint: str) -> None:
        """The settings of a text that was written: its own instead of all that was typed. What fits no more is left."""
        if self._draft is None:
            return
        self._draft.restore({})
        for path, leaf in _FIELDS.items():
            if leaf.section == "sampling" and leaf.name in sampling:
                value = sampling[leaf.name]
                self._draft.set(path, "none" if value is None else _quoted(value))
        self._draft.set(SEED, str(seed))
        if self._draft.problems:
            self._draft.reset(*self._draft.problems)
        self._streams = str(min(max(streams, 1), MOST_STREAMS))
        self._checkpoint = checkpoint if checkpoint in self._checkpoints else None

    def new_seed(self) -> None:
        """Let the next text draw its own seed again."""
        if self._draft is not None:
            self._draft.reset(SEED)


def _recalled(remembered: Any) -> dict[str, str | None]:
    """What was remembered of a run, where it is what was written."""
    if not isinstance(remembered, Mapping):
        return {}
    typed = {path: text for path, text in remembered.items() if path in _FIELDS and path != SEED}
    return {path: None if text == "none" else text for path, text in typed.items() if isinstance(text, str)}


def _quoted(value: Any) -> str:
    """A stored value as it would be typed, to the last digit."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value).lower()


def _unescaped(text: str) -> str:
    r"""What was typed with `\n`, `\t` or `\\` in it, in quotes."""
    signs = {"n": "\n", "t": "\t", "\\": "\\"}
    return json.dumps(re.sub(r"\\([nt\\])", lambda found: signs[found[1]], text))
