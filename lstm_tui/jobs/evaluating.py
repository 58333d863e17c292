"""A run's model scored on a part of its own text, or on any other."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from numpy.typing import NDArray

from lstm_tui import devices
from lstm_tui.errors import UserError
from lstm_tui.jobs.losses import bits_per_character, perplexity
from lstm_tui.jobs.memory import enough_memory
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.ids import on_device
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.progress import Tell, silent
from lstm_tui.runs import lineage
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.reading import as_read_by
from lstm_tui.runs.run import Part, Run
from lstm_tui.text import corpus, library
from lstm_tui.text.ids import encode_known
from lstm_tui.text.vocabulary import UNKNOWN

_ABSENT = {
    "validation": "The run {run} holds nothing out; without --part it is scored on its training text.",
    "test": "The run {run} has no test part; one is kept from the beginning, with train --text.test 0.1.",
}


@dataclass(frozen=True)
class Evaluation:
    """What a model makes of a text.

    Attributes:
        part: of the run's own text; None for another text.
        window: tokens of a cold window; None where the state is carried.
        tokens: predicted.
        bits_per_character: also for words, whose nats are shared by their characters and spaces.
        targets: whether every token was predicted, or only the one after each window.
        unknown_share: of the text, what is `<unk>`, 0 to 1: easily predicted, and counted as no more than it says.
        note: what a person should know of it, such as that it was the training text; or "".
    """

    run: str
    checkpoint: str
    part: Part | None
    mode: Literal["stateful", "cold"]
    window: int | None
    tokens: int
    nats_per_token: float
    bits_per_character: float
    perplexity: float
    targets: Literal["every", "last"]
    unknown_share: float
    note: str

    def to_json(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if key != "note"})


def evaluate(
    run: Run,
    text: str | None = None,
    *,
    part: Literal["validation", "test"] | None = None,
    window: int | None = None,
    targets: Literal["every", "last"] | None = None,
    checkpoint: str | None = None,
    device: str = "cpu",
    tell: Tell = silent,
) -> Evaluation:
    """Score a run's checkpoint.

    Args:
        text: a library text or a file; None is a part of the run's own.
        part: which one; None is what is held out (validation), and where nothing is, what was learnt.
        window: tokens of cold windows; None carries the state, or takes windows as the model learnt them where only
            the token after each is predicted.
        targets: predict every token, or only the one after each window; None does as the model was trained.
        checkpoint: "best" or "last"; None takes the best there is.
        device: as torch calls it.

    Raises:
        UserError: where something is missing, damaged, or too short to score.
        Cancelled: as `tell` does.
    """
    kind = checkpoint or run.saved or "last"
    notes = []
    own: Part | None = None
    if text is not None:
        ids, unknown = _another(run, text, tell)
        if unknown:
            shown = " ".join(map(repr, unknown[:10])) + (" …" if len(unknown) > 10 else "")
            kinds, were = ("kind of tokens is", "was") if len(unknown) == 1 else ("kinds of tokens are", "were")
            became = f"{were} left out" if run.vocabulary.unknown_id is None else f"became {UNKNOWN}"
            notes.append(f"{len(unknown):,} {kinds} not known to this model and {became}: {shown}")
    else:
        own = part or ("validation" if len(run.part("validation")) else "training")
        ids = run.part(own)
        if not len(ids):
            raise UserError(_ABSENT[own].format(run=run.id))
        if own == "training":
            notes.append("this run holds nothing out: scored on its training text")
        else:
            notes += lineage.flattered(run.notes)
    if len(ids) < 2:
        raise UserError("The text has fewer than two tokens that this model knows; there is nothing to predict.")
    share = run.vocabulary.unknown_share(ids)
    if share:
        notes.append(f"{share:.1%} of the tokens are {UNKNOWN}, counted as {len(UNKNOWN)} characters each")
    batches = run.config.batches
    last_only = evaluation.speaks_last(batches) if targets is None else targets == "last"
    if window is None and last_only:
        window = batches.length
    torch.set_num_threads(devices.threads())
    with enough_memory(device):
        model = load_model(run, kind, device)
        on = on_device(ids, torch.device(device))
        if window is None:
            score = evaluation.stateful(model, on, tell=tell)
        else:
            score = evaluation.cold(model, on, window, last_only=last_only, tell=tell)
    return Evaluation(
        run=run.id,
        checkpoint=kind,
        part=own,
        mode="stateful" if window is None else "cold",
        window=window,
        tokens=score.tokens,
        nats_per_token=score.nats,
        bits_per_character=bits_per_character(score.nats, run.vocabulary.length(ids) / len(ids)),
        perplexity=perplexity(score.nats),
        targets="last" if last_only else "every",
        unknown_share=share,
        note="; ".join(notes),
    )


def _another(run: Run, name: str, tell: Tell) -> tuple[NDArray[Any], list[str]]:
    """Another text as the run's model would read it, and the kinds of tokens that the model lacks."""
    entry = library.find(name)
    return encode_known(corpus.open_corpus(entry, as_read_by(run, entry), tell), run.vocabulary, tell)


def load_model(run: Run, kind: str, device: str) -> LanguageModel:
    """The network of a checkpoint, on a device.

    Raises:
        UserError: where it is missing, damaged, or does not fit `run.toml`.
    """
    return model_of(run, kind, run.read_checkpoint(kind), device)


def model_of(run: Run, kind: str, content: Checkpoint, device: str) -> LanguageModel:
    """The same of a checkpoint that was read already.

    Raises:
        UserError: where it does not fit `run.toml`.
    """
    weights = content.part("model")
    model = LanguageModel(run.config.model, len(run.vocabulary), reset_at=run.reset_at)
    try:
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    except RuntimeError as error:
        raise UserError(f"The checkpoint {kind} of {run.id} does not fit its run.toml: {error}.") from error
    return model.to(device)
