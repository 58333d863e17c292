"""A run's model scored on its held-out part, or on any text."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Literal

import torch

from lstm_tui import devices
from lstm_tui.errors import UserError
from lstm_tui.jobs.memory import enough_memory
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.trainer import on_device
from lstm_tui.runs.run import Run
from lstm_tui.text import corpus, library


@dataclass(frozen=True)
class Evaluation:
    """What a model makes of a text.

    Attributes:
        window: tokens of a cold window; None where the state is carried.
        tokens: predicted.
        bits_per_character: also for words, whose nats are shared by their characters and spaces.
        note: what a person should know of it, such as that it was the training text; or "".
    """

    run: str
    checkpoint: str
    mode: Literal["stateful", "cold"]
    window: int | None
    tokens: int
    nats_per_token: float
    bits_per_character: float
    perplexity: float
    note: str

    def to_json(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if key != "note"})


def evaluate(
    run: Run, text: str | None = None, *, window: int | None = None, checkpoint: str | None = None, device: str = "cpu"
) -> Evaluation:
    """Score a run's checkpoint.

    Args:
        text: a library text or a file; None is the run's held-out part.
        window: tokens of cold windows; None scores as the model was trained: with the state carried, or for a
            model that learnt only the token after a window, in such windows.
        checkpoint: "best" or "last"; None takes the best there is.
        device: as torch calls it.

    Raises:
        UserError: where something is missing, damaged, or too short to score.
    """
    kind = checkpoint or ("best" if run.checkpoint_path("best").exists() else "last")
    notes = []
    if text is not None:
        cleaned = corpus.read(library.find(text), run.config.text).text
        ids, unknown = run.vocabulary.encode_known(cleaned)
        if unknown:
            shown = " ".join(map(repr, unknown[:10])) + (" …" if len(unknown) > 10 else "")
            notes.append(f"{len(unknown)} kinds of tokens are not known to this model and were left out: {shown}")
    elif run.train_tokens < len(run.ids):
        ids = run.ids[run.train_tokens :]
    else:
        ids = run.ids
        notes.append("this run holds nothing out: scored on its training text")
    if len(ids) < 2:
        raise UserError("The text has fewer than two tokens that this model knows; there is nothing to predict.")
    torch.set_num_threads(devices.threads())
    with enough_memory(device):
        model = load_model(run, kind, device)
        on = on_device(ids, torch.device(device))
        if window is None:
            score = evaluation.as_trained(model, on, run.config.batches)
            window = run.config.batches.length if evaluation.speaks_last(run.config.batches) else None
        else:
            score = evaluation.cold(model, on, window, last_only=evaluation.speaks_last(run.config.batches))
    characters = len(run.vocabulary.decode(ids))
    return Evaluation(
        run=run.id,
        checkpoint=kind,
        mode="stateful" if window is None else "cold",
        window=window,
        tokens=score.tokens,
        nats_per_token=score.nats,
        bits_per_character=score.nats / math.log(2) * len(ids) / characters,
        perplexity=math.exp(min(score.nats, 700)),
        note="; ".join(notes),
    )


def load_model(run: Run, kind: str, device: str) -> LanguageModel:
    """The network of a checkpoint, on a device.

    Raises:
        UserError: where it is missing, damaged, or does not fit `run.toml`.
    """
    weights = run.read_checkpoint(kind).part("model")
    model = LanguageModel(run.config.model, len(run.vocabulary))
    try:
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    except RuntimeError as error:
        raise UserError(f"The checkpoint {kind} of {run.id} does not fit its run.toml: {error}.") from error
    return model.to(device)
