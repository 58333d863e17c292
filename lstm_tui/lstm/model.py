"""LanguageModel: a token enters, LSTM layers remember, a linear output says what comes next.

Everything is time-major: ids are (time, batch), state is (layers, batch, hidden). State goes in and comes
out of `forward`; nothing is kept on the module. Dropout is on exactly when a generator is given, so there
is no mode to forget. One `nn.LSTM` per layer, with our own dropout between: another thread that draws from
torch's global generator must not change a run, and a GPU's fastest kernels want single layers.
"""

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_tui.config import ModelConfig

State = tuple[Tensor, Tensor]
"""Hidden and cell state, each (layers, batch, hidden), float32."""


class LanguageModel(nn.Module):
    """An LSTM language model over `vocabulary` tokens (Hochreiter & Schmidhuber 1997, Gers et al. 2000)."""

    def __init__(self, config: ModelConfig, vocabulary: int, generator: torch.Generator | None = None) -> None:
        """Build the network on the CPU, its weights drawn from `generator` (without one they are not set)."""
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        entering = {"embedding": config.embedding, "one-hot": vocabulary, "scalar": 1}[config.input]
        # Made without memory first: the constructors would draw from torch's global generator.
        if config.input == "embedding":
            self.embedding = nn.Embedding(vocabulary, config.embedding, device="meta").to_empty(device="cpu")
        self.layers = nn.ModuleList(
            nn.LSTM(config.hidden if depth else entering, config.hidden, device="meta").to_empty(device="cpu")
            for depth in range(config.layers)
        )
        self.output = nn.Linear(config.hidden, vocabulary, device="meta").to_empty(device="cpu")
        if generator is not None:
            self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        """PyTorch's own distributions: embedding N(0, 1), the rest U(-1/√hidden, 1/√hidden)."""
        bound = 1 / math.sqrt(self.config.hidden)
        if self.config.input == "embedding":
            self.embedding.weight.normal_(generator=generator)
        for module in (*self.layers, self.output):
            for parameter in module.parameters():
                parameter.uniform_(-bound, bound, generator=generator)
        for layer in self.layers:
            # PyTorch's order of gates is input, forget, cell, output (Jozefowicz et al. 2015 on the bias).
            bias = cast(Tensor, layer.bias_ih_l0)
            bias[self.config.hidden : 2 * self.config.hidden] += self.config.forget_bias

    @property
    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())

    def zero_state(self, batch: int) -> State:
        """The state before any token."""
        shape = (self.config.layers, batch, self.config.hidden)
        device = self.output.weight.device
        return torch.zeros(shape, device=device), torch.zeros(shape, device=device)

    def forward(
        self,
        ids: Tensor,
        state: State | None = None,
        *,
        dropout: torch.Generator | None = None,
        last_only: bool = False,
    ) -> tuple[Tensor, State]:
        """Logits for the token after each step, and the state after the last.

        Args:
            ids: (time, batch), integers.
            state: before the first step; None is zero.
            dropout: where the masks are drawn from; None: no dropout.
            last_only: project the last step alone.

        Returns:
            Logits (time, batch, vocabulary), or (batch, vocabulary) with `last_only`; and the new state.
        """
        hidden, cell = state if state is not None else self.zero_state(ids.shape[1])
        passing = drop(self._enter(ids), self.config.input_dropout, dropout)
        hiddens, cells = [], []
        for depth, layer in enumerate(self.layers):
            if depth:
                passing = drop(passing, self.config.dropout, dropout)
            before = (hidden[depth : depth + 1], cell[depth : depth + 1])
            # Under autocast the state is as narrow as the arithmetic; it is kept wide.
            passing, (h, c) = layer(passing, before)
            hiddens.append(h.float())
            cells.append(c.float())
        if last_only:
            passing = passing[-1]
        logits = self.output(drop(passing, self.config.last_dropout, dropout))
        return logits, (torch.cat(hiddens), torch.cat(cells))

    def _enter(self, ids: Tensor) -> Tensor:
        """Tokens as the first layer takes them, (time, batch, features)."""
        match self.config.input:
            case "embedding":
                return self.embedding(ids)  # type: ignore[no-any-return]
            case "one-hot":
                return functional.one_hot(ids, self.vocabulary).to(self.output.weight.dtype)
            case "scalar":
                return (ids.to(self.output.weight.dtype) / self.vocabulary).unsqueeze(-1)


def drop(values: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    """Dropout (Srivastava et al. 2014) with masks from `generator`: zeroed with probability `share`, else scaled up.

    Four mask elements are cut from each random 64-bit number: several times faster than a Bernoulli draw each,
    at a resolution of 1/65,536, and the scale is that of the share really kept.
    """
    if generator is None or share == 0:
        return values
    if values.device.type == "mps":  # which draws no 64-bit numbers
        chances = torch.rand(values.shape, device=values.device, generator=generator)
        return values * (chances >= share) / (1 - share)
    count = values.numel()
    bits = torch.empty((count + 3) // 4, dtype=torch.int64, device=values.device)
    bits.random_(-(2**63), None, generator=generator)
    dropped = min(round(share * 65_536), 65_535)
    keep = bits.view(torch.int16)[:count].view(values.shape) >= dropped - 32_768
    return values * keep * (65_536 / (65_536 - dropped))
