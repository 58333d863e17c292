"""Tokens one after another on a CPU: read, draw, read. Its settings may be replaced between two tokens. NumPy."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lstm_tui.generation.cells import Floats
from lstm_tui.generation.sampling import draw, draw_each
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper, Token
from lstm_tui.sections import SamplingConfig

# The most tokens that a repetition penalty may count, and so the most that are remembered for one.
_MOST_RECENT = 4096


class Flow:
    """What may be done between two tokens: replace the settings, and take the logits that were drawn from."""

    def __init__(self, sampling: SamplingConfig) -> None:
        self.sampling = sampling
        self.logits: list[Floats] = []


def stepped(
    stepper: Stepper,
    prompt: list[int],
    sampling: SamplingConfig,
    generator: np.random.Generator,
    streams: int = 1,
    flow: Flow | None = None,
) -> Iterator[list[int]]:
    """Endlessly, the tokens after `prompt`, one of each stream, on a CPU; an empty prompt begins from the zero
    state.

    Args:
        flow: where other settings may come from, of which the window is not read again, and where logits are left.
    """
    rows = streams if streams > 1 else None
    reading = SlidingWindow(stepper, sampling.window, rows) if sampling.window else CarriedState(stepper, rows)
    for token in prompt[-sampling.window :] if sampling.window else prompt:
        reading.read(token)
    read: deque[Token] = deque(prompt, _MOST_RECENT)
    recent = _recent(read, sampling, rows)
    while True:
        logits = reading.logits()
        if flow is not None:
            flow.logits.append(logits)
            if flow.sampling is not sampling:
                sampling = flow.sampling
                recent = _recent(read, sampling, rows)
        drawn: Token
        if rows is None:
            drawn = draw(logits, sampling, generator, recent)
            yield [drawn]
        else:
            drawn = draw_each(logits, sampling, generator, recent)
            yield drawn.tolist()
        reading.read(drawn)
        read.append(drawn)
        if recent is not None:
            recent = np.concatenate((recent, np.asarray(drawn)[..., None]), -1)[..., -sampling.repetition_window :]


def _recent(read: Iterable[Token], sampling: SamplingConfig, rows: int | None) -> NDArray[np.intp] | None:
    """The tokens that the repetition penalty counts, (tokens,) or (streams, tokens); None where there is none."""
    if not sampling.penalises:
        return None
    last = list(read)[-sampling.repetition_window :]
    if rows is None:
        return np.array(last, np.intp)
    return np.array([np.broadcast_to(token, rows) for token in last], np.intp).reshape(-1, rows).T
