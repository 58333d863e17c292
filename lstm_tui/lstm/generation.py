"""Model → text on an accelerator: many steps before anything is read back, since each reading waits."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lstm_tui.config import SamplingConfig
from lstm_tui.lstm.model import LanguageModel, State

# Tokens made on the device before they are read: a few milliseconds' worth, so that a stream still flows.
_CHUNK = 32


@torch.no_grad()
def tokens(model: LanguageModel, prompt: Sequence[int], settings: SamplingConfig, seed: int) -> Iterator[int]:
    """Endlessly, the tokens that follow `prompt`; an empty prompt begins from the zero state.

    With `settings.window` every token is predicted from the last so many alone: a window begins at each
    token, all open ones are stepped as one batch, and the oldest speaks.
    """
    device = model.output.weight.device
    generator = torch.Generator(device).manual_seed(seed)
    window = settings.window
    state = model.zero_state(0 if window else 1)
    logits = model.speak(torch.zeros(1, model.config.hidden, device=device))
    entering = torch.tensor(list(prompt), dtype=torch.long, device=device)
    if window is None and len(entering):
        all_logits, state = model(entering[:, None], state)
        logits = all_logits[-1]
    else:
        for token in entering[-window:] if window else entering:
            logits, state = _step(model, token, state, window)
    while True:
        made = []
        for _ in range(_CHUNK):
            token = draw(logits[0], settings, generator)
            made.append(token)
            logits, state = _step(model, token, state, window)
        yield from torch.stack(made).tolist()


def _step(model: LanguageModel, token: Tensor, state: State, window: int | None) -> tuple[Tensor, State]:
    """Logits (rows, vocabulary) and state after one more token, in a new window too where there are windows."""
    if window is not None:
        begun = model.zero_state(1)
        kept = slice(1, None) if state[0].shape[1] == window else slice(None)
        state = (torch.cat((state[0][:, kept], begun[0]), 1), torch.cat((state[1][:, kept], begun[1]), 1))
    return model(token.expand(1, state[0].shape[1]), state, last_only=True)  # type: ignore[no-any-return]


def draw(logits: Tensor, settings: SamplingConfig, generator: torch.Generator) -> Tensor:
    """One token, on the device: argmax(p / Exp(1)) is an exact draw from p, and waits for nothing."""
    if settings.is_greedy:
        return logits.argmax()
    values = logits.float() - logits.max()
    if settings.top_k is not None and settings.top_k < len(values):
        values = values.masked_fill(values < values.topk(settings.top_k).values[-1], -torch.inf)
    chances = (values / settings.temperature).softmax(0)
    return (chances / torch.empty_like(chances).exponential_(generator=generator)).argmax()
