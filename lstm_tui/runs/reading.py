"""Another text as a run reads it: cleaned and cut as its own was, its files read in their own way."""

from typing import TYPE_CHECKING

from lstm_tui.config import check
from lstm_tui.fields import merge, typed
from lstm_tui.sections import TextConfig
from lstm_tui.text import records

if TYPE_CHECKING:
    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry

READING = frozenset({"encoding", "malformed", "repair", "column", "pattern"})
"""Settings of a text that belong to its files, not to what a model has learnt."""


def as_read_by(run: "Run", entry: "Entry") -> TextConfig:
    """How a text becomes what a run's model reads.

    The column is the run's where the text is such a table too and names none.

    Raises:
        ConfigError: where the text's own settings do not fit.
        UserError: where `run.toml` is damaged.
    """
    before = run.config
    reading = TextConfig().model_dump(include=set(READING))
    if entry.paths and all(path.suffix.lower() in records.TABLES for path in entry.paths):
        reading["column"] = before.text.column
    reading |= typed(setting for setting in entry.text if setting[0] in READING)
    return check(merge(before.model_dump(), {"text": reading})).text
