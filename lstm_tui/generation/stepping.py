"""One token through the network: state in, logits and state out. NumPy.

Four things make it fast. Whatever the input is, the first layer's share of a token is a row of one table
(embedding, input weights and biases folded together). The weights lie transposed, so that a step is one
product per layer. One tanh serves all gates of an LSTM (`cells.py`). And a batch of states goes through at
once, which the sliding window lives on.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.generation.cells import CELLS, Floats, laid_out
from lstm_tui.sections import ModelConfig

Token = int | NDArray[np.intp]
"""A token that every row of a batch reads, or one for each row, (batch,)."""
NumpyState = list[tuple[Floats, Floats]]
"""Hidden and cell state of each layer, each (batch, hidden); the cell state is (batch, 0) where a cell has none."""

# Above this many elements the table would be larger than what it is made of: rows are made as needed.
_LARGEST_TABLE = 64_000_000


class Stepper:
    """A model's weights, laid out for single steps."""

    def __init__(
        self,
        config: ModelConfig,
        vocabulary: int,
        weights: Mapping[str, NDArray[Any]],
        reset_at: int | None = None,
    ) -> None:
        """Lay the weights out.

        Args:
            weights: as a checkpoint names them (`layers.0.weight_ih_l0`, …), float32.
            reset_at: a token that is always read from the zero state; None: the state is carried through all.

        Raises:
            KeyError, ValueError: where they do not fit the config.
        """
        self.vocabulary = vocabulary
        self._reset_at = reset_at
        self.hidden = config.hidden
        self._cell = CELLS[config.cell]
        # Units of the cell state.
        self._inner = config.hidden if config.cell == "lstm" else 0
        entering, first, bias = laid_out(config, weights, 0)
        self._recurrent, biases = [np.ascontiguousarray(first)], [bias]
        for depth in range(1, config.layers):
            below, remembered, bias = laid_out(config, weights, depth)
            self._recurrent.append(np.ascontiguousarray(np.vstack((below, remembered))))
            biases.append(bias)

        def transposed(name: str) -> Floats:
            return np.ascontiguousarray(np.asarray(weights[f"{name}.weight"], np.float32).T)

        between = [f"between.{index}" for index in range(config.output_layers - 1)]
        self._between = [(transposed(name), np.asarray(weights[f"{name}.bias"], np.float32)) for name in between]
        self._projection = transposed("projection") if config.projects else None
        self._output = transposed("output")
        self._output_bias = np.asarray(weights["output.bias"], np.float32)
        match config.input:
            case "embedding":
                tokens = np.asarray(weights["embedding.weight"], np.float32)
            case "one-hot":
                tokens, entering = entering, np.empty((0, 0), np.float32)
            case "scalar":
                tokens = (np.arange(vocabulary, dtype=np.float32) / np.float32(vocabulary))[:, None]
        self._tokens, self._entering = tokens, entering
        if entering.size and vocabulary * entering.shape[1] <= _LARGEST_TABLE:
            self._tokens, self._entering = tokens @ entering, np.empty((0, 0), np.float32)
        # The first layer's biases come with the token.
        if not self._entering.size:
            self._tokens = self._tokens + biases[0]
        self._first_bias, self._biases = biases[0], biases[1:]

    def zero_state(self, batch: int = 1) -> NumpyState:
        """The state before any token."""
        zero = np.zeros((batch, self.hidden), np.float32)
        return [(zero, zero[:, : self._inner]) for _ in self._recurrent]

    def step(self, token: Token, state: NumpyState) -> NumpyState:
        """The state after one more token of each row of the batch. `state` is not changed."""
        if self._reset_at is not None and np.any(resets := np.equal(token, self._reset_at)):
            kept = ~resets.reshape(-1, 1)
            state = [(hidden * kept, cell * kept) for hidden, cell in state]
        after: NumpyState = []
        for depth, (recurrent, (hidden, cell)) in enumerate(zip(self._recurrent, state, strict=True)):
            if depth == 0:
                gates = hidden @ recurrent
                gates += self._enter(token)
            else:
                gates = np.concatenate((after[-1][0], hidden), axis=1) @ recurrent
                gates += self._biases[depth - 1]
            after.append(self._cell(gates, hidden, cell))
        return after

    def _enter(self, token: Token) -> Floats:
        """What a token adds to the first layer's gates, (gates,) or a row for each, biases included."""
        row: Floats = self._tokens[token]
        return row @ self._entering + self._first_bias if self._entering.size else row

    def logits(self, state: NumpyState, row: int | slice = 0) -> Floats:
        """What comes next after the state of one row, (vocabulary,), or of several, (rows, vocabulary)."""
        passing = state[-1][0][row]
        for weights, bias in self._between:
            passing = np.maximum(passing @ weights + bias, 0)
        if self._projection is not None:
            passing = passing @ self._projection
        result: Floats = passing @ self._output
        result += self._output_bias
        return result


class CarriedState:
    """Reading with the state carried: only the new token enters.

    Args:
        streams: how many texts are read side by side; None is one, whose logits have no row of their own.
    """

    def __init__(self, stepper: Stepper, streams: int | None = None) -> None:
        self._stepper = stepper
        self._state = stepper.zero_state(streams or 1)
        self._rows = slice(streams) if streams else 0

    def read(self, token: Token) -> None:
        self._state = self._stepper.step(token, self._state)

    def logits(self) -> Floats:
        return self._stepper.logits(self._state, self._rows)


class SlidingWindow:
    """Reading as the `many-to-one` tutorial samples: the last `window` tokens, anew from the zero state, for each.

    A window begins at every token, and a new token enters all that are open, as one batch: the oldest has
    then read exactly the last `window` tokens. That is the same arithmetic in matrix products. Of several
    `streams` the windows that began together stand together, a row for each stream.
    """

    def __init__(self, stepper: Stepper, window: int, streams: int | None = None) -> None:
        self._stepper = stepper
        self._streams = streams or 1
        self._rows = slice(streams) if streams else 0
        self._most = window * self._streams
        self._state = stepper.zero_state(0)

    def read(self, token: Token) -> None:
        begun = self._stepper.zero_state(self._streams)
        open_rows = len(self._state[0][0])
        kept = slice(self._streams, None) if open_rows == self._most else slice(None)
        rows = [
            (np.concatenate((hidden[kept], no_hidden)), np.concatenate((cell[kept], no_cell)))
            for (hidden, cell), (no_hidden, no_cell) in zip(self._state, begun, strict=True)
        ]
        if not isinstance(token, int):
            token = np.tile(token, len(rows[0][0]) // self._streams)
        self._state = self._stepper.step(token, rows)

    def logits(self) -> Floats:
        if not len(self._state[0][0]):
            return self._stepper.logits(self._stepper.zero_state(self._streams), self._rows)
        return self._stepper.logits(self._state, self._rows)
