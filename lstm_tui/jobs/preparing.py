"""A text, and a recipe or another run → a run's folder, ready to be trained; or a look at what it would be."""

import threading
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from lstm_tui import recipes
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import merge, typed
from lstm_tui.lstm import batches
from lstm_tui.lstm.plan import ENDING, has_ended
from lstm_tui.lstm.size import parameter_count
from lstm_tui.progress import Tell, silent
from lstm_tui.runs import checkpoint, lineage, parents, store
from lstm_tui.runs.run import Run
from lstm_tui.sections import TextConfig
from lstm_tui.text import corpus, ids, library
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import baselines
from lstm_tui.text.vocabulary import Vocabulary

Origin = str | Run
"""What a run begins from: a recipe, by its name; or another run, with its settings, weights and vocabulary."""

Way = Literal["stretch", "hold", "restart"]
"""What the rate does when a run goes on longer: its schedule is laid over the larger budget; its final rate is held;
or the schedule begins anew, a warm restart (SGDR: Loshchilov & Hutter 2017)."""


@dataclass(frozen=True)
class Preview:
    """What a run would be, before it is begun; `notes` say whose child it is, what its vocabulary leaves out, and what
    is kept for the test."""

    config: RunConfig
    parameters: int
    steps_per_epoch: float
    train_tokens: int
    validation_tokens: int
    vocabulary: int
    notes: tuple[str, ...] = ()


_NO_ENDS = "the text has no end-of-record tokens: batches.reset_at_ends changes nothing"
_NO_STREAMS = "batches.{} is for streams and random lengths: windows begin anywhere, from the zero state"
_NO_END = "learning.{} is for cosine and one-cycle: the schedule {} has no end"
_NOT_DRAWN = "model.forget_bias is for weights that are drawn: those of {} stay as they are"


def _resolve(
    entry: library.Entry, origin: Origin, overrides: Mapping[str, Any], tell: Tell
) -> tuple[RunConfig, Encoded]:
    """The checked config, of a recipe sized to the text, and the text encoded as it says."""
    if isinstance(origin, Run):
        config = parents.settings(origin, entry, overrides)
        encoded = _encode(entry, config.text, config.seed, tell, origin.vocabulary)
        parents.require_tokens(origin, encoded.vocabulary)
        encoded = replace(encoded, notes=(*lineage.held_back_note(origin, config, encoded), *encoded.notes))
    else:
        chosen = recipes.find(origin)
        asked = merge({"text": typed(entry.text)}, overrides)
        sketch = chosen.config(None, asked)
        encoded = _encode(entry, sketch.text, sketch.seed, tell)
        config = chosen.config(recipes.Figures(encoded.train_tokens, len(encoded.vocabulary)), asked)
    batches.require(encoded.train_tokens, config.batches)
    return config, replace(encoded, notes=(*encoded.notes, *_without_effect(config, encoded, origin, overrides)))


def _without_effect(config: RunConfig, encoded: Encoded, origin: Origin, overrides: Mapping[str, Any]) -> list[str]:
    """A sentence for each setting that was asked for and changes nothing here."""
    notes, asked = [], overrides.get("batches") or {}
    if config.batches.reset_at_ends and not _has_ends(encoded):
        notes.append(_NO_ENDS)
    if config.batches.cut == "windows":
        notes += [
            _NO_STREAMS.format(name) for name in ("roll", "reset") if name in asked and getattr(config.batches, name)
        ]
    learning = overrides.get("learning") or {}
    if config.learning.schedule not in ENDING:
        schedule = config.learning.schedule
        notes += [
            _NO_END.format(name, schedule) for name in ("hold_from", "restart_at") if learning.get(name) is not None
        ]
    if isinstance(origin, Run) and config.model.forget_bias != origin.config.model.forget_bias:
        notes.append(_NOT_DRAWN.format(origin.id))
    return notes


def _has_ends(encoded: Encoded) -> bool:
    """Whether records end in a text; a child may know their end from its parent alone."""
    end = encoded.vocabulary.end_id
    if end is None:
        return False
    slices = (encoded.ids[start : start + _SLICE] for start in range(0, len(encoded.ids), _SLICE))
    return any(bool((part == end).any()) for part in slices)


# Ids that are looked through at once: an end mostly stands among the first.
_SLICE = 1 << 20
# What was encoded last, by all that decides it; the app asks for the same text again and again.
_latest: dict[Hashable, Encoded] = {}
_MOST_KEPT = 2
_encoding = threading.Lock()


def _encode(
    entry: library.Entry, config: TextConfig, seed: int, tell: Tell, known: Vocabulary | None = None
) -> Encoded:
    """The text as ids, from the memory of this process where its files have not changed since."""
    # The same text is asked for by the screen and by the training at once: one waits for the other.
    while not _encoding.acquire(timeout=0.1):
        tell(f"reading {entry.title}", 0.0)
    try:
        stamps = _stamps(entry, config, tell)
        asked = (entry, stamps, config, seed, known and known.digest)
        encoded = _latest.pop(asked, None)
        if encoded is None:
            encoded = ids.encode(corpus.open_corpus(entry, config, tell), config, seed, tell, known)
        _latest[asked] = encoded
        for oldest in list(_latest)[:-_MOST_KEPT]:
            del _latest[oldest]
        return encoded
    finally:
        _encoding.release()


def _stamps(entry: library.Entry, config: TextConfig, tell: Tell) -> tuple[Hashable, ...]:
    """Changes when a file of a text does, or when there are other files."""
    return tuple((part.name, part.stamp) for part in library.parts(entry, config.pattern, tell).parts)


def plan_for(entry: library.Entry, origin: Origin, overrides: Mapping[str, Any], *, tell: Tell = silent) -> Preview:
    """What `prepare` would make, nothing written but the cache.

    Args:
        overrides: as for `prepare`.

    Raises:
        ConfigError: with each bad field.
        UserError: where the text cannot be read, is too short, or cannot be learnt from there.
        Cancelled: as `tell` does.
    """
    begins = (f"begins {parents.parent(origin)}",) if isinstance(origin, Run) else ()
    config, encoded = _resolve(entry, origin, overrides, tell)
    return Preview(
        config=config,
        parameters=parameter_count(config.model, len(encoded.vocabulary)),
        steps_per_epoch=batches.steps_per_epoch(encoded.train_tokens, config.batches, config.learning.accumulate),
        train_tokens=encoded.train_tokens,
        validation_tokens=encoded.validation_tokens,
        vocabulary=len(encoded.vocabulary),
        notes=(*begins, *encoded.notes),
    )


def prepare(
    entry: library.Entry,
    origin: Origin,
    overrides: Mapping[str, Any],
    *,
    name: str | None = None,
    tell: Tell = silent,
) -> Run:
    """Make a new run's folder.

    Args:
        origin: of a run, what is its own at the start: the weights of its best checkpoint, its settings instead of a
            recipe's (but how files are read), and its vocabulary, to which the text's new tokens are added.
        overrides: nested values over the text's own settings, which go over the recipe's: a file's, then the flags'.
        name: of the run, instead of the time, the text and the recipe.

    Raises:
        ConfigError: with each bad field.
        UserError: where the text cannot be read, is too short or cannot be learnt from there, or the folder not be
            written.
        Cancelled: as `tell` does; no folder is made.
    """
    if name:
        store.require_free(name)  # before the text is read
    if isinstance(origin, str):
        config, encoded = _resolve(entry, origin, overrides, tell)
        return store.create(config, origin, encoded, baselines(encoded, tell), name)
    parents.parent(origin)  # a run that has none is said before the text is read
    config, encoded = _resolve(entry, origin, overrides, tell)
    start = _start(origin, len(encoded.vocabulary), config)
    return store.create(config, origin.recipe, encoded, baselines(encoded, tell), name, start)


def _start(run: Run, vocabulary: int, config: RunConfig) -> checkpoint.Checkpoint:
    """The weights that a child of `run` with that config begins with, for so many tokens, and whose they are."""
    import torch

    from lstm_tui.jobs.evaluating import model_of
    from lstm_tui.lstm.growth import grown

    kind = parents.parent(run).checkpoint
    content = run.read_checkpoint(kind)
    model = grown(model_of(run, kind, content, "cpu"), vocabulary, torch.Generator().manual_seed(config.seed))
    weights = {f"model.{name}": tensor.numpy() for name, tensor in model.state_dict().items()}
    parent = replace(parents.described(run, kind, content.info), before=parents.values_before(run, config))
    return checkpoint.Checkpoint(weights, asdict(parent))


def reopen(run: Run, budget: Mapping[str, Any], way: Way | None = None, patience: int | None = None) -> Run:
    """A run to go on with, to its budget or another one.

    Args:
        budget: new values, any of which replaces the run's whole budget; empty to go on to the old one.
        way: what the rate does from here on, for a new budget and a schedule that ends; written into the run's config,
            so that it is the same however often the run is stopped. None leaves the config as it is.
        patience: a new value of learning.patience; None leaves it as it is.

    Raises:
        ConfigError: where the budget does not fit.
        UserError: where the run has used its budget, is being trained, or cannot be written; or where the way is not
            for it: a final rate is held where it has been reached.
    """
    info = checkpoint.read_info(run.checkpoint_path("last")) if run.checkpoint_path("last").exists() else {}
    given = {key: value for key, value in budget.items() if value is not None}
    learning = _onward(run, way, info) | ({} if patience is None else {"patience": patience})
    if given:
        nothing = dict.fromkeys(run.config.budget.model_dump())
        config = check(merge(run.config.model_dump(), {"budget": {**nothing, **given}, "learning": learning}))
        _require_larger(run, config, info)
        if run.trainer() is None:
            run.replan(config)
    elif learning:
        raise UserError("That is for a run that goes on longer: give a larger budget, too.")
    elif info.get("reason") == "budget" and info["budget"] == run.config.budget.model_dump():
        raise UserError(
            f"The run {run.id} has used its budget ({info['step']:,} steps); to go on, give a larger one: "
            f"lstm-tui resume {run.id} --budget.steps {2 * info['step']}"
        )
    return run


def _onward(run: Run, way: Way | None, info: Mapping[str, Any]) -> dict[str, int | None]:
    """The settings of the schedule by which it goes on so from its checkpoint."""
    if way is None:
        return {}
    schedule = run.config.learning.schedule
    if way != "stretch" and schedule not in ENDING:
        raise UserError(
            f"The schedule {schedule} of {run.id} goes on by itself: hold and restart are for cosine and one-cycle."
        )
    step, horizon = info.get("step", 0), (info.get("plan") or {}).get("horizon")
    if way == "hold" and not has_ended(run.config.learning, horizon, step):
        raise UserError(
            f"The schedule of {run.id} has not come to its final rate (step {step:,}), which would be held at once; "
            "choose stretch or restart."
        )
    here = max(1, step)
    return {"hold_from": here if way == "hold" else None, "restart_at": here if way == "restart" else None}


def _require_larger(run: Run, config: RunConfig, info: Mapping[str, Any]) -> None:
    """Refuse a budget that the run has used already."""
    budget, step, elapsed = config.budget, info.get("step", 0), info.get("elapsed", 0.0)
    epochs = info.get("epochs", 0.0)
    if (
        (budget.steps is not None and budget.steps <= step)
        or (budget.minutes is not None and budget.minutes * 60 <= elapsed)
        or (budget.epochs is not None and budget.epochs <= epochs)
    ):
        raise UserError(
            f"The run {run.id} has used more than that already ({step:,} steps, {epochs:.1f} epochs, "
            f"{elapsed / 60:.1f} minutes); give a larger budget."
        )
