"""How well a model predicts a text: nats per token, with the state carried through it, or in cold windows.

Dropout is off, there is no autocast, and the training's state is not touched: state is a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from lstm_tui.lstm.ids import at
from lstm_tui.lstm.model import LanguageModel, State
from lstm_tui.progress import Tell, silent
from lstm_tui.sections import BatchesConfig

# A long text is read in up to this many parts at once, each but the first led in by this many tokens that are not
# counted: 64 parts are read some thirty times as fast as one. On tiny Shakespeare the score of `quick` is that of one
# reading to 0.00001 nats, after 400 steps and after 980.
PARTS = 64
LEAD = 512
_SHORTEST_PART = 2048
_CHUNK = 128
# A lead begins with the state of whichever of so many readings of so many tokens predicted best.
_TRIED, _TRIED_TOKENS = 16, 128
_DOING = "scoring"
# The logits of a step of all parts, times the steps of a chunk: 128 MB in float32, whatever the vocabulary.
_MOST_LOGITS = 32_000_000
# Tokens that a processor reads at once, times the network's parameters: about a second on two cores, so that
# whoever waits is told, and can call it off.
_MOST_WORK = 40_000_000_000


@dataclass(frozen=True)
class Score:
    """Mean negative log-likelihood in nats per token, and how many tokens were predicted."""

    nats: float
    tokens: int


def as_trained(
    model: LanguageModel, ids: Tensor, config: BatchesConfig, most: int | None = None, tell: Tell = silent
) -> Score:
    """The score that fits how a model was trained: with the state carried; but a model whose loss was on the
    last step of windows knows nothing but windows, and is scored on the token after each.

    Args:
        ids: (tokens,), at least 2.
        most: let at most about so many tokens enter, spread evenly over the text.
        tell: told the share that is done, here and below; may call it off.
    """
    if speaks_last(config):
        windows = None if most is None else max(1, most // config.length)
        return cold(model, ids, config.length, last_only=True, most=windows, tell=tell)
    return stateful(model, ids, most, tell)


def speaks_last(config: BatchesConfig) -> bool:
    """Whether a model learns only the token after a window."""
    return config.cut == "windows" and config.targets == "last"


@torch.no_grad()
def stateful(model: LanguageModel, ids: Tensor, most: int | None = None, tell: Tell = silent) -> Score:
    """Read a text from its beginning with the state carried, and predict every token but the first.

    Args:
        ids: (tokens,), at least 2.
        most: where the text is longer, predict about so many tokens only, spread evenly over it.
    """
    predicted = len(ids) - 1
    parts = max(1, min(PARTS, predicted // _SHORTEST_PART))
    spacing = -(-predicted // parts)
    counted = spacing if most is None or predicted <= most else max(1, most // parts)
    begins = torch.arange(parts, device=ids.device) * spacing
    ends = (begins + counted).clamp(max=predicted)
    starts = (begins - LEAD).clamp(min=0)
    end = counted + (LEAD if parts > 1 else 0)
    total, state = 0.0, _amid(model, ids, starts) if parts > 1 else None
    for places, losses, _ in _read(model, ids, starts, end, state, tell):
        inside = losses[(places >= begins) & (places < ends)]
        total += float(inside.double().sum() if ids.device.type != "mps" else inside.sum())
    tokens = int((ends - begins).sum())
    return Score(total / tokens, tokens)


def _amid(model: LanguageModel, ids: Tensor, starts: Tensor) -> State:
    """The state that each of several parts begins its lead with: zero for the first, which is the text's beginning,
    and for the others one from amid a text.

    A network that carries its state in training hardly ever meets the zero state, and from there may fall into states
    that it never leaves: then a part would be lost. In tiny Shakespeare after an epoch of `quick`, one of a hundred
    places to begin at led to 11 nats for as long as it was read; from a state that predicts, none did.
    """
    tried = starts[-_TRIED:]
    totals = torch.zeros(len(tried), device=ids.device)
    for _, losses, after in _read(model, ids, tried, _TRIED_TOKENS, None):
        totals += losses.sum(0)
        state = after
    best = totals.argmin()
    hidden, cell = (part[:, best, None].repeat(1, len(starts), 1) for part in state)
    hidden[:, 0] = cell[:, 0] = 0
    return hidden, cell


def _read(
    model: LanguageModel, ids: Tensor, starts: Tensor, steps: int, state: State | None, tell: Tell = silent
) -> Iterator[tuple[Tensor, Tensor, State]]:
    """Read on from several places at once, (parts,), some steps at a time.

    Yields:
        The places of the tokens that entered, (steps, parts), beyond the text too; the nats of those that followed;
        and the state.
    """
    last = len(ids) - 2
    chunk = min(_CHUNK, _at_once(model, ids, len(starts)))
    for offset in range(0, steps, chunk):
        tell(_DOING, offset / steps)
        places = torch.arange(offset, offset + chunk, device=ids.device)[:, None] + starts
        within = places.clamp(max=last)
        logits, state = model(at(ids, within), state)
        yield places, _losses(logits, at(ids, within + 1)), state


@torch.no_grad()
def cold(
    model: LanguageModel,
    ids: Tensor,
    window: int,
    *,
    last_only: bool = False,
    most: int | None = None,
    batch: int = 128,
    tell: Tell = silent,
) -> Score:
    """Read windows from the zero state.

    Args:
        ids: (tokens,), at least 2; where shorter than a window, the window is as long as the text.
        window: tokens that enter.
        last_only: predict only the token after each window, the windows overlapping (stride 1), as models
            with the loss on the last step are trained; else every token of windows that lie end to end.
        most: with `last_only`: at most so many windows, spread evenly.
    """
    window = min(window, len(ids) - 1)
    if last_only:
        count = len(ids) - window
        windows = count if most is None else min(count, most)
    else:
        windows = count = -(-(len(ids) - 1) // window)
    apart = 1 if last_only else window
    total, tokens = 0.0, 0
    batch = min(batch, _at_once(model, ids, window))
    steps = torch.arange(window + 1, device=ids.device)[:, None]
    for begin in range(0, windows, batch):
        tell(_DOING, begin / windows)
        numbers = torch.arange(begin, min(begin + batch, windows), device=ids.device)
        places = steps + numbers * count // windows * apart
        inside = places[1:] < len(ids)
        read = at(ids, places.clamp(max=len(ids) - 1))
        logits, _ = model(read[:-1], last_only=last_only)
        losses = _losses(logits, read[-1] if last_only else read[1:])
        counted = losses if last_only else losses[inside]
        total += float(counted.sum())
        tokens += counted.numel()
    return Score(total / tokens, tokens)


def _at_once(model: LanguageModel, ids: Tensor, tokens: int) -> int:
    """How many times so many tokens may be read at once; at least one time."""
    most = _MOST_LOGITS // model.vocabulary
    if ids.device.type == "cpu":
        most = min(most, _MOST_WORK // model.parameter_count)
    return max(1, most // tokens)


def _losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Nats for each target, in the targets' shape."""
    return functional.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="none").view(targets.shape)
