"""What is left to do when a training has ended: the best scored on all that is held out, or a lost loss said."""

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from torch import Tensor

from lstm_tui.errors import UserError
from lstm_tui.jobs.evaluating import load_model
from lstm_tui.jobs.events import Event, Scoring, Warned
from lstm_tui.jobs.requests import Requests, Verb
from lstm_tui.lstm import evaluation
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run


def score_whole(run: Run, held_out: Tensor, device: str, requests: Requests) -> Generator[Event, None, float | None]:
    """Score the best checkpoint on the whole held-out part, where training scored pieces of it.

    Args:
        held_out: (tokens,), on the device.
        requests: a stop calls it off; the rest is for a training, and is said not to be obeyed.

    Returns:
        Nats per token; None where it was called off, or the checkpoint cannot be read.
    """
    yield Scoring(len(held_out))
    passed_over: list[Verb] = []
    nats = None
    try:
        model = load_model(run, "best", device)
        call_off = requests.calling_off(run, passed_over)
        nats = evaluation.as_trained(model, held_out, run.config.batches, tell=call_off).nats
    except UserError as error:
        yield Warned(f"The held-out part was scored in pieces only. {error}")
    if passed_over:
        verbs = ", ".join(dict.fromkeys(passed_over))
        yield Warned(f"Training has ended and was being scored: only stop is obeyed then, not {verbs}.")
    return nats


def mark_diverged(run: Run, step: int) -> Iterator[Event]:
    """Leave `last` as it was before the loss was lost by `step`, and say in it what happened."""
    where = "nothing was saved before"
    if run.checkpoint_path("last").exists():
        last = run.read_checkpoint("last")
        run.write_checkpoint("last", Checkpoint(last.tensors, {**_own(last.info), "reason": "diverged"}))
        where = f"the last checkpoint is of step {last.info['step']:,}"
    yield Warned(
        f"The loss stopped being a number by step {step:,} ({where}): "
        "begin again with a lower learning.rate, or a learning.clip."
    )


def _own(info: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint's metadata without what writing it adds."""
    return {key: value for key, value in info.items() if key not in ("format", "sha256")}
