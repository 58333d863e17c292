"""What is asked before runs are deleted. Pure."""

from collections.abc import Mapping, Sequence

from lstm_tui.app.figures import size_on_disk
from lstm_tui.app.widgets.words import one_line
from lstm_tui.runs.store import Summary

# So many are named.
_NAMED = 6


def deletion(going: Sequence[Summary], staying: int) -> tuple[str, Mapping[str, str], str]:
    """The question, its answers (`y` deletes) and what is said beneath.

    Args:
        going: at least one.
        staying: how many others were marked, and are in training.
    """
    names = ", ".join(one_line(run.run) for run in going[:_NAMED])
    freed = f"{size_on_disk(sum(run.size for run in going))} are freed"
    if len(going) == 1:
        asked, it, said = f"Delete {names}?", "it", f"Its model and its texts are gone then; {freed}."
    else:
        more = f" and {len(going) - _NAMED} more" if len(going) > _NAMED else ""
        said = f"{names}{more}. Their models and texts are gone then; {freed}."
        asked, it = f"Delete {len(going)} runs?", "them"
    if staying:
        said += f" {staying} in training {'stays' if staying == 1 else 'stay'}."
    return asked, {"y": f"Delete {it}", "escape": f"Keep {it}"}, said
