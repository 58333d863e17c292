"""What one token does to a layer: the cells' arithmetic, and their weights laid out for it. NumPy.

All three work alike: what enters and what is remembered, each times its weights, are added up (`gates`, one
product); the rest is done unit by unit. A GRU gates the remembered half of its candidate alone, so that the two
halves are columns of their own. Sigmoids' columns are halved beforehand, since σ(x) = (1 + tanh(x / 2)) / 2: one
tanh serves an LSTM's four gates.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.sections import ModelConfig

Floats = NDArray[np.float32]


def laid_out(config: ModelConfig, weights: Mapping[str, NDArray[Any]], depth: int) -> tuple[Floats, Floats, Floats]:
    """A layer's weights for what enters (features, gates) and what is remembered (hidden, gates), and biases (gates,).

    Raises:
        KeyError, ValueError: where the weights are not such a layer's.
    """
    entering, remembered, bias, other = (
        np.asarray(weights[f"layers.{depth}.{name}_l0"], np.float32)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden = config.hidden
    if remembered.shape != (config.gates * hidden, hidden):
        raise ValueError(f"layer {depth} is no {config.cell} of {hidden} units")
    if config.cell == "gru":
        # Reset, update, the candidate's entering half, its remembered half.
        halves = np.repeat(np.array([0.5, 0.5, 1, 1], np.float32), hidden)
        both, nothing = slice(2 * hidden), np.zeros_like(remembered[:hidden])
        entering = np.vstack((entering, np.zeros_like(entering[:hidden])))
        remembered = np.vstack((remembered[both], nothing, remembered[2 * hidden :]))
        bias = np.concatenate((bias[both] + other[both], bias[2 * hidden :], other[2 * hidden :]))
        return (entering * halves[:, None]).T, (remembered * halves[:, None]).T, bias * halves
    if config.cell == "lstm":
        halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), hidden)
        return (entering * halves[:, None]).T, (remembered * halves[:, None]).T, bias * halves + other * halves
    return entering.T, remembered.T, bias + other


def lstm(gates: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """The state after a token; `gates` (batch, 4 · hidden) is used up: input, forget, cell, output."""
    np.tanh(gates, out=gates)
    size = hidden.shape[1]
    forget = gates[:, size : 2 * size]
    forget += 1
    enter = gates[:, :size]
    enter += 1
    cell = forget * cell
    enter *= gates[:, 2 * size : 3 * size]
    cell += enter
    cell *= 0.5
    hidden = np.tanh(cell)
    leave = gates[:, 3 * size :]
    leave += 1
    hidden *= leave
    hidden *= 0.5
    return hidden, cell


def gru(gates: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """The same for a GRU, whose `cell` is empty; `gates`: reset, update, candidate entering and remembered."""
    size = hidden.shape[1]
    both = gates[:, : 2 * size]
    np.tanh(both, out=both)
    both += 1
    both *= 0.5
    new = gates[:, 3 * size :]
    new *= gates[:, :size]
    new += gates[:, 2 * size : 3 * size]
    np.tanh(new, out=new)
    return new + gates[:, size : 2 * size] * (hidden - new), cell


def rnn(gates: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """The same for a plain RNN, whose `cell` is empty; `gates` is (batch, hidden) and becomes the state."""
    return np.tanh(gates, out=gates), cell


CELLS: Mapping[str, Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]] = {"lstm": lstm, "gru": gru, "rnn": rnn}
