"""Which run writes: those there are, the one to take, its checkpoints, and the texts of it that were marked.

It reads the disk, so that it is called in a thread, and knows no widgets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lstm_tui.app.figures import figure
from lstm_tui.app.widgets.picker import Pick
from lstm_tui.app.writing import Saved, saved
from lstm_tui.errors import UserError
from lstm_tui.runs import generations, store
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run


@dataclass(frozen=True)
class Found:
    """What there is.

    Attributes:
        summaries: the runs that can be read, newest first.
        run: the one to take; None where there is none.
        saved: its checkpoints.
        marked: its texts that were marked, newest first.
        wrong: why another one could not be taken; a sentence, or "".
    """

    summaries: Sequence[store.Summary] = ()
    run: Run | None = None
    saved: Mapping[str, Saved] = field(default_factory=dict)
    marked: Sequence[Output] = ()
    wrong: str = ""


def find(*first: str) -> Found:
    """The first of these runs that is there and can be read, or else the newest."""
    there = store.summaries()
    summaries = [summary for summary in there if summary.state != "damaged"]
    names = {summary.run for summary in there}
    gone = [name for name in first if name and name not in names]
    wrong = f"There is no run {gone[0]} any more." if gone else ""
    for name in [*(name for name in first if name in names), *(summary.run for summary in summaries)]:
        try:
            run = store.find(name)
            run.config  # noqa: B018  (read here, in the thread; it may be damaged)
        except UserError as error:
            wrong = wrong or str(error)
        else:
            return Found(summaries, run, saved(run), generations.marked(run.folder), wrong)
    return Found(summaries, wrong=wrong)


def picks(summaries: Sequence[store.Summary]) -> list[Pick]:
    """The runs as a list to choose from, with both their checkpoints."""
    return [
        Pick(
            summary.run,
            f"{summary.run:<40} {figure(summary.best_validation_loss):>7}  {summary.state}",
            f"best {figure(summary.best_validation_loss) or 'not scored'}; last: step {summary.step:,}, train "
            f"{figure(summary.train_loss) or 'none'}. The key c changes between them.\n{summary.directory}",
        )
        for summary in summaries
    ]
