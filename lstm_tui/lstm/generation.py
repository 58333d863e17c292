"""Model → text on an accelerator: many steps before anything is read back, since each reading waits."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lstm_tui.lstm.model import LanguageModel, State
from lstm_tui.sections import SamplingConfig

# Tokens made on the device before they are read: a few milliseconds' worth, so that a stream still flows.
_CHUNK = 32


@torch.no_grad()
def tokens(
    model: LanguageModel, prompt: Sequence[int], settings: SamplingConfig, seed: int, streams: int = 1
) -> Iterator[list[int]]:
    """Endlessly, the tokens that follow `prompt`, one for each of several streams; an empty prompt begins from
    the zero state.

    With `settings.window` every token is predicted from the last so many alone: a window begins at each
    token, all open ones are stepped as one batch, and the oldest of each stream speaks.
    """
    device = model.output.weight.device
    generator = torch.Generator(device).manual_seed(seed)
    window = settings.window
    state = model.zero_state(0 if window else streams)
    logits = model.speak(torch.zeros(streams, model.config.hidden, device=device))
    entering = torch.tensor(list(prompt), dtype=torch.long, device=device)[:, None].expand(-1, streams)
    recent = entering[-settings.repetition_window :].T if settings.penalises else None
    if window is None and len(entering):
        all_logits, state = model(entering, state)
        logits = all_logits[-1]
    else:
        for token in entering[-window:] if window else entering:
            logits, state = _step(model, token, state, window)
    while True:
        made = []
        for _ in range(_CHUNK):
            token = draw(logits[:streams], settings, generator, recent)
            made.append(token)
            logits, state = _step(model, token, state, window)
            if recent is not None:
                recent = torch.cat((recent, token[:, None]), 1)[:, -settings.repetition_window :]
        yield from torch.stack(made).tolist()


def _step(model: LanguageModel, token: Tensor, state: State, window: int | None) -> tuple[Tensor, State]:
    """Logits (rows, vocabulary) and state after one more token of each stream, (streams,), in a new window too
    where there are windows: those that began together stand together."""
    if window is not None:
        streams = len(token)
        begun = model.zero_state(streams)
        kept = slice(streams, None) if state[0].shape[1] == window * streams else slice(None)
        state = (torch.cat((state[0][:, kept], begun[0]), 1), torch.cat((state[1][:, kept], begun[1]), 1))
        token = token.repeat(state[0].shape[1] // streams)
    return model(token[None], state, last_only=True)  # type: ignore[no-any-return]


def draw(logits: Tensor, settings: SamplingConfig, generator: torch.Generator, recent: Tensor | None = None) -> Tensor:
    """A token for each distribution, (streams,) from (streams, vocabulary), on the device.

    The settings mean what `generation.sampling` says. argmax(p / Exp(1)) is an exact draw from p, and waits
    for nothing.

    Args:
        recent: the tokens that a penalty counts, (streams, tokens).
    """
    values = logits.float()
    if recent is not None and settings.penalises:
        there, penalty = values.gather(-1, recent), settings.repetition_penalty
        values = values.scatter(-1, recent, torch.where(there > 0, there / penalty, there * penalty))
    if settings.is_greedy:
        return values.argmax(-1)
    values = values - values.amax(-1, keepdim=True)
    if settings.top_k is not None and settings.top_k < values.shape[-1]:
        values = values.masked_fill(values < values.topk(settings.top_k).values[..., -1:], -torch.inf)
    chances = (values / settings.temperature).softmax(-1)
    if settings.top_p < 1:
        likely = chances.sort(-1, descending=True).values
        place = (likely.cumsum(-1) < settings.top_p).sum(-1, keepdim=True).clamp(max=likely.shape[-1] - 1)
        chances = chances.masked_fill(chances < likely.gather(-1, place), 0)
    if settings.min_p > 0:
        chances = chances.masked_fill(chances < settings.min_p * chances.amax(-1, keepdim=True), 0)
    return (chances / torch.empty_like(chances).exponential_(generator=generator)).argmax(-1)
