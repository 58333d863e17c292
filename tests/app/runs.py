"""Small runs on the disk, for the tests of the screens that list and open them."""

import os
import time
from typing import Any

from lstm_tui.config import RunConfig, check
from lstm_tui.fields import merge
from lstm_tui.recipes import Figures, find
from lstm_tui.runs import store
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import Baselines
from lstm_tui.text.vocabulary import Vocabulary

TEXT = "the fox and the lamp\n" * 20


def make_run(
    name: str,
    *,
    saved: bool = True,
    recipe: str = "quick",
    info: Any = None,
    baselines: Baselines | None = None,
    **sampling: Any,
) -> Run:
    """A run of a few words, saved with the figures in `info`."""
    vocabulary = Vocabulary.of(TEXT, "characters")
    ids = vocabulary.encode(TEXT)
    base = find(recipe).config(Figures(len(ids) - 40, len(vocabulary)))
    config: RunConfig = check(merge(base.model_dump(), {"sampling": sampling}))
    encoded = Encoded(vocabulary, ids, len(ids) - 40, "fables", "Fables", "0")
    run = store.create(config, recipe, encoded, baselines, name)
    # A disk's clock is coarse: two runs made at once are told apart.
    made = time.time() + len(store.runs())
    os.utime(run.folder / "vocabulary.json", (made, made))
    if saved:
        figures = {
            "step": 740,
            "train_loss": 1.41,
            "best_validation_loss": 1.548,
            "elapsed": 72.0,
            "reason": "budget",
            "budget": config.budget.model_dump(),
        }
        run.write_checkpoint("last", Checkpoint({}, {**figures, **(info or {})}))
    return run
