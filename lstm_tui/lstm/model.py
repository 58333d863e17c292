"""LanguageModel: a token enters, recurrent layers remember, a linear output says what comes next.

Everything is time-major: ids are (time, batch), state is (layers, batch, hidden). State goes in and comes
out of `forward`; nothing is kept on the module. Dropout is on exactly when a generator is given, so there
is no mode to forget. One `nn.LSTM` (or GRU, RNN) per layer, with our own dropout between: another thread that
draws from torch's global generator must not change a run, and a GPU's fastest kernels want single layers.
"""

import math
import warnings
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_tui.sections import ModelConfig

State = tuple[Tensor, Tensor]
"""Hidden and cell state, each (layers, batch, hidden), as wide as the weights (float32).

Only an LSTM has a cell state; a GRU's and an RNN's is (layers, batch, 0), so that whoever carries a state, saves
it or cuts it need not know the cell.
"""

# A layer's weights in the order in which the functions below want them, which is nn.LSTM's own.
_WEIGHTS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
# cuDNN wants a layer's weights in one piece of memory, and warns where a masked matrix is not in it.
warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous chunk of memory")
# What follows the weights there: biases, one layer, no dropout, training, one direction, time first.
_REST = (True, 1, 0.0, True, False, False)


class LanguageModel(nn.Module):
    """A recurrent language model over `vocabulary` tokens.

    Its cell is an LSTM (Hochreiter & Schmidhuber 1997, Gers et al. 2000), a GRU (Cho et al. 2014, with PyTorch's
    reset after the product) or a plain tanh RNN (Elman 1990).
    """

    def __init__(
        self,
        config: ModelConfig,
        vocabulary: int,
        generator: torch.Generator | None = None,
        reset_at: int | None = None,
    ) -> None:
        """Build the network on the CPU, its weights drawn from `generator` (without one they are not set).

        Args:
            reset_at: a token that is always read from the zero state; None: the state is carried through all.
        """
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.reset_at = reset_at
        entering = {"embedding": config.embedding, "one-hot": vocabulary, "scalar": 1}[config.input]
        kind = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[config.cell]
        # Made without memory first: the constructors would draw from torch's global generator.
        if config.input == "embedding":
            self.embedding = nn.Embedding(vocabulary, config.embedding, device="meta").to_empty(device="cpu")
        self.layers = nn.ModuleList(
            kind(config.hidden if depth else entering, config.hidden, device="meta").to_empty(device="cpu")
            for depth in range(config.layers)
        )
        self.between = nn.ModuleList(
            nn.Linear(config.hidden, config.hidden, device="meta").to_empty(device="cpu")
            for _ in range(config.output_layers - 1)
        )
        if config.projects:
            projection = nn.Linear(config.hidden, config.embedding, bias=False, device="meta")
            self.projection = projection.to_empty(device="cpu")
        leaving = config.embedding if config.tied else config.hidden
        self.output = nn.Linear(leaving, vocabulary, device="meta").to_empty(device="cpu")
        if config.tied:
            self.output.weight = self.embedding.weight
        if generator is not None:
            self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        """PyTorch's own distributions: embedding N(0, 1), the rest U(-1/√hidden, 1/√hidden).

        Tied weights are drawn as an output's, U(-1/√embedding, 1/√embedding): with N(0, 1) the first logits would
        be far too sure (Merity et al. 2017 draw theirs from U(-0.1, 0.1)).
        """
        bound = 1 / math.sqrt(self.config.hidden)
        if self.config.tied:
            narrow = 1 / math.sqrt(self.config.embedding)
            self.embedding.weight.uniform_(-narrow, narrow, generator=generator)
        elif self.config.input == "embedding":
            self.embedding.weight.normal_(generator=generator)
        projection = (self.projection,) if self.config.projects else ()
        for module in (*self.layers, *self.between, *projection, self.output):
            for parameter in module.parameters():
                if not (self.config.tied and parameter is self.embedding.weight):
                    parameter.uniform_(-bound, bound, generator=generator)
        if self.config.cell == "rnn":
            return
        for layer in self.layers:
            # PyTorch's order of gates is input, forget, cell, output (Jozefowicz et al. 2015 on the bias), and for
            # a GRU reset, update, new: the gate that keeps what was is the second of both.
            bias = cast(Tensor, layer.bias_ih_l0)
            bias[self.config.hidden : 2 * self.config.hidden] += self.config.forget_bias

    @property
    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())

    def zero_state(self, batch: int) -> State:
        """The state before any token."""
        weight = self.output.weight
        hidden = weight.new_zeros((self.config.layers, batch, self.config.hidden))
        return hidden, torch.zeros_like(hidden) if self.config.cell == "lstm" else hidden[..., :0]

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
        resets = self._resets(ids)
        shared = 1 if self.config.locked_dropout else 0
        passing = drop(self._enter(ids, dropout), self.config.input_dropout, dropout, shared)
        hiddens, cells = [], []
        for depth in range(self.config.layers):
            if depth:
                passing = drop(passing, self.config.dropout, dropout, shared)
            before = (hidden[depth : depth + 1], cell[depth : depth + 1])
            passing, (h, c) = self._through(depth, passing, before, dropout, resets)
            # Under autocast the state is as narrow as the arithmetic; it is kept wide.
            hiddens.append(h.to(hidden.dtype))
            cells.append(c.to(hidden.dtype))
        if last_only:
            passing, shared = passing[-1], 0
        logits = self.speak(drop(passing, self.config.last_dropout, dropout, shared))
        return logits, (torch.cat(hiddens), torch.cat(cells))

    def speak(self, passing: Tensor) -> Tensor:
        """What the last layer hands on, (…, hidden), as logits (…, vocabulary)."""
        for linear in self.between:
            passing = functional.relu(linear(passing))
        if self.config.projects:
            passing = self.projection(passing)
        return self.output(passing)  # type: ignore[no-any-return]

    def _resets(self, ids: Tensor) -> list[tuple[int, Tensor]]:
        """Where the state becomes zero: each such step, and whose it does, (batch, 1) bool."""
        if self.reset_at is None:
            return []
        found = ids == self.reset_at
        if len(ids) == 1:  # one step costs no look at what is on the device
            return [(0, found[0, :, None])]
        return [(step, found[step, :, None]) for step in found.any(1).nonzero().flatten().tolist()]

    def _through(
        self,
        depth: int,
        passing: Tensor,
        state: State,
        dropout: torch.Generator | None,
        resets: list[tuple[int, Tensor]],
    ) -> tuple[Tensor, State]:
        """One recurrent layer: what it hands on, (time, batch, hidden), and its state (1, batch, hidden).

        It is run in as many parts as the state is reset in between.
        """
        weights = None
        if dropout is not None and self.config.weight_drop:
            # Weight-drop: DropConnect (Wan et al. 2013) on the recurrent matrix, one mask for the whole piece (Merity
            # et al. 2017). The layer keeps its raw weights, which the gradient reaches through the mask.
            weights = [getattr(self.layers[depth], name) for name in _WEIGHTS]
            weights[1] = drop(weights[1], self.config.weight_drop, dropout)
        if not resets:
            return self._run(depth, passing, state, weights)
        begin, parts = 0, []
        for step, which in resets:
            if step > begin:
                part, state = self._run(depth, passing[begin:step], state, weights)
                parts.append(part)
            begin, state = step, zeroed(state, which)
        part, state = self._run(depth, passing[begin:], state, weights)
        return torch.cat((*parts, part)), state

    def _run(self, depth: int, passing: Tensor, state: State, weights: list[Tensor] | None) -> tuple[Tensor, State]:
        """A layer's steps in one go, with `weights` in the place of its own."""
        layer = self.layers[depth]
        hidden, cell = state
        if weights is None:
            if self.config.cell == "lstm":
                return layer(passing, state)  # type: ignore[no-any-return]
            passing, after = layer(passing, hidden)
            return passing, (after, cell)
        match self.config.cell:
            case "lstm":
                passing, hidden, cell = torch.lstm(passing, state, weights, *_REST)
            case "gru":
                passing, hidden = torch.gru(passing, hidden, weights, *_REST)
            case "rnn":
                passing, hidden = torch.rnn_tanh(passing, hidden, weights, *_REST)
        return passing, (hidden, cell)

    def _enter(self, ids: Tensor, dropout: torch.Generator | None) -> Tensor:
        """Tokens as the first layer takes them, (time, batch, features).

        Embedding dropout leaves out kinds of tokens, each wherever it stands in the piece (Gal & Ghahramani 2016).
        """
        match self.config.input:
            case "embedding":
                entering = self.embedding(ids)
            case "one-hot":
                entering = functional.one_hot(ids, self.vocabulary).to(self.output.weight.dtype)
            case "scalar":
                entering = (ids.to(self.output.weight.dtype) / self.vocabulary).unsqueeze(-1)
        if dropout is None or not self.config.embedding_dropout:
            return entering  # type: ignore[no-any-return]
        kinds = drop(entering.new_ones(self.vocabulary, 1), self.config.embedding_dropout, dropout)
        return entering * functional.embedding(ids, kinds)  # type: ignore[no-any-return]


def zeroed(state: State, which: Tensor) -> State:
    """The state with the rows of `which`, (batch, 1) bool, as they are before any token."""
    hidden, cell = state
    return hidden.masked_fill(which, 0), cell.masked_fill(which, 0)


def drop(values: Tensor, share: float, generator: torch.Generator | None, shared: int = 0) -> Tensor:
    """Dropout (Srivastava et al. 2014) with masks from `generator`: zeroed with probability `share`, else scaled up.

    Four mask elements are cut from each random 64-bit number: several times faster than a Bernoulli draw each,
    at a resolution of 1/65,536, and the scale is that of the share really kept.

    Args:
        shared: so many of the first dimensions have one mask in common; 1 for (time, batch, features) is locked
            dropout (Gal & Ghahramani 2016), the same mask at every step of a piece.
    """
    if generator is None or share == 0:
        return values
    if values.device.type == "mps":  # which draws no 64-bit numbers
        chances = torch.rand(values.shape[shared:], device=values.device, generator=generator)
        return values * (chances >= share) / (1 - share)
    shape = values.shape[shared:]
    count = shape.numel()
    bits = torch.empty((count + 3) // 4, dtype=torch.int64, device=values.device)
    bits.random_(-(2**63), None, generator=generator)
    dropped = min(round(share * 65_536), 65_535)
    keep = bits.view(torch.int16)[:count].view(shape) >= dropped - 32_768
    return values * keep * (65_536 / (65_536 - dropped))
