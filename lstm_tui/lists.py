"""The commands that list things: `runs`, `recipes`, `devices`, `locate`; and `export`, for a run that was listed."""

import json as notation
import sys
from typing import TYPE_CHECKING, Any

from lstm_tui.console import command, table, telling
from lstm_tui.errors import escaped_in_json, no_control_characters

if TYPE_CHECKING:
    from cyclopts import App

_RUN = ("run", "state", "corpus", "recipe", "step", "train_loss", "best_validation_loss", "elapsed")
_FIRST = ("run", "state", "best_validation_loss", "against_ngram", "created", "corpus", "recipe", "step", "elapsed")
_LOSSES = ("train_loss", "best_validation_loss", "uniform", "letters", "ngram")
_HEADINGS = {
    "best_validation_loss": "best",
    "against_ngram": "to n-gram",
    "created": "when",
    "elapsed": "seconds",
    "ngram": "n-gram",
}


def add_lists(app: "App") -> None:
    """Add the commands."""

    @command(app)
    def runs(*, json: bool = False) -> None:
        """List the runs, newest first, with their best loss and how far it is from the n-gram's (below 0 is better).

        Parameters
        ----------
        json
            Print one JSON array of objects. Losses are nats per token, `elapsed` is seconds of training.
        """
        from lstm_tui.runs import store

        rows: list[dict[str, Any]] = [
            {key: getattr(summary, key) for key in _RUN}
            | {name: getattr(summary.baselines, name, None) for name in ("uniform", "letters", "ngram")}
            | {key: getattr(summary, key) for key in ("parent", "against_ngram", "created")}
            for summary in store.summaries()
        ]
        nothing = "There are no runs yet; begin with: lstm-tui train"
        table(rows if json else list(map(_read, rows)), json, nothing, first=_FIRST, headings=_HEADINGS)

    @command(app)
    def export(run: str, path: str, /, *, json: bool = False) -> None:
        """Write a run for elsewhere: lstm-tui reads its folder or zip on any machine.

        A folder and a zip hold all of it: the text it has learnt as ids, what was written with it in the app, prompts
        and all (generations.jsonl), and its log (run.log). A symbolic link is left out.

        Parameters
        ----------
        run
            An id, the beginning of one, a path, or `latest`.
        path
            A zip where it ends in .zip, the run's metrics as a table where in .csv, else a folder; in a folder that is
            there, one under the run's name.
        json
            Print one JSON object.
        """
        from lstm_tui.runs import store
        from lstm_tui.runs.export import export as write
        from lstm_tui.runs.export import left_out

        found = store.find(run)
        with telling() as tell:
            written = write(found, path, tell)
        if json:
            print(escaped_in_json(notation.dumps({"run": found.id, "path": str(written)}, ensure_ascii=False)))
        else:
            print(no_control_characters(str(written), keep=""))
        if lacking := left_out(found, written):
            print(no_control_characters(lacking, keep=""), file=sys.stderr)

    @command(app)
    def recipes(*, json: bool = False) -> None:
        """List the recipes: those that are built in, then your own.

        Parameters
        ----------
        json
            Print one JSON array of objects.
        """
        from lstm_tui.own_recipes import Damaged, listed
        from lstm_tui.recipes import RECIPES

        own = listed()
        there = [*RECIPES.values(), *(recipe for recipe in own if not isinstance(recipe, Damaged))]
        table([{"name": r.name, "text": r.text, "summary": r.summary} for r in there], json)
        for recipe in own:
            if isinstance(recipe, Damaged):
                print(no_control_characters(recipe.wrong, keep=""), file=sys.stderr)

    @command(app)
    def devices(*, json: bool = False) -> None:
        """List the devices that can be used, the one chosen by `auto` first, and why.

        Parameters
        ----------
        json
            Print one JSON array of objects.
        """
        from lstm_tui import devices

        found = devices.available()
        table([{"name": d.name, "label": d.label, "reason": d.reason} for d in found], json)
        for warning in {device.warning for device in found} - {""}:
            print(warning, file=sys.stderr)

    @command(app)
    def locate(*, json: bool = False) -> None:
        """Say where files live.

        Parameters
        ----------
        json
            Print one JSON array of objects.
        """
        from lstm_tui import locations

        places = (
            locations.data,
            locations.runs,
            locations.corpora,
            locations.config,
            locations.settings,
            locations.cache,
            locations.log,
        )
        table([{"what": place.__name__, "path": str(place())} for place in places], json)


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """A run's row as a person reads it."""
    losses = {key: f"{row[key]:.3f}" for key in _LOSSES if row[key] is not None}
    against, when = row["against_ngram"], row["created"][:16].replace("T", " ")
    shown = {**row, **losses, "elapsed": f"{row['elapsed']:,.1f}", "created": when}
    return shown if against is None else {**shown, "against_ngram": f"{against:+.3f}"}
