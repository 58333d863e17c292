"""The runs that a run comes from, while their folders are there, and what its model may have learnt from them.

A child keeps its parent's weights, but not its text. No torch here.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lstm_tui import files, locations
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.runs.reading import READING
from lstm_tui.runs.run import Run
from lstm_tui.sections import TextConfig
from lstm_tui.text.ids import Encoded

# The end of the note that says so.
_FLATTERED = ": scores may be too good"
# What may differ while the same parts of a text are held back: how its files are read, and the rare tokens.
_NO_MATTER = READING | {"kinds", "least", "held_out", "test"}


def line(run: Run) -> Iterator[Run]:
    """A run, its parent, and so on, as far as they are there and can be read."""
    seen: list[Path] = []
    here: Run | None = run
    while here and here.folder not in seen:  # a parent's name may be another run's by now
        yield here
        seen.append(here.folder)
        here = _parent(here)


def _parent(run: Run) -> Run | None:
    """The run that a run began from, beside it or among the runs; None where it is not there."""
    try:
        if run.parent is None:
            return None
        beside = [Run(folder / run.parent.run) for folder in (run.folder.parent, locations.runs())]
        found = next((run for run in beside if files.is_file(run.folder / "run.toml")), None)
        if found:
            found.config  # noqa: B018  (whoever asks need not be ready for what is damaged)
    except UserError:
        return None
    return found


def learnt(run: Run) -> Iterator[NDArray[Any]]:
    """All that the model has learnt and that can be found, in the run's ids: the text of the run, its parent's …

    Raises:
        UserError: where the run's own ids cannot be read.
    """
    yield run.part("training")
    for before in line(run):
        with contextlib.suppress(UserError):
            if before is not run and before.vocabulary.tokens == run.vocabulary.tokens[: len(before.vocabulary)]:
                yield before.part("training")


def held_back_note(parent: Run, config: RunConfig, encoded: Encoded) -> Iterator[str]:
    """A sentence where what a new child holds back of its text may be what its model has learnt already."""
    held = ["held out"] * (encoded.validation_tokens > 0) + ["kept for the test"] * (encoded.test_tokens > 0)
    for before in line(parent) if held else ():
        if before.about["corpus"].get("sha256") != encoded.sha256:
            continue
        if flattered(before.notes) or _learnt_more(before.config, config, several=encoded.documents > 1):
            yield f"{before.id}, which had this text, may have learnt what is {' and '.join(held)}{_FLATTERED}"
            return


def flattered(notes: Iterable[str]) -> list[str]:
    """Those of a run's notes that say that its scores may be too good."""
    return [note for note in notes if note.endswith(_FLATTERED)]


def _learnt_more(before: RunConfig, after: RunConfig, several: bool) -> bool:
    """Whether the one before may have learnt, of the same text, what the one after holds back."""
    if _cleaning(before.text) != _cleaning(after.text):
        return True
    was, now = before.text, after.text
    if not several:
        return was.held_out + was.test < now.held_out + now.test
    # What is held out does not depend on the test, which is drawn after it.
    drawn = (was.held_out, before.seed) != (now.held_out, after.seed)
    return drawn or (now.test > 0 and was.test != now.test)


def _cleaning(text: TextConfig) -> dict[str, Any]:
    return text.model_dump(exclude=set(_NO_MATTER))
