"""lstm-tui: train an LSTM on a text and talk to it, from a terminal."""

__version__ = "0.1.0"
