"""A trained network for more tokens than it was trained on: new rows beside the old ones."""

import torch

from lstm_tui.lstm.model import LanguageModel


@torch.no_grad()
def grown(model: LanguageModel, vocabulary: int, generator: torch.Generator) -> LanguageModel:
    """The same network for `vocabulary` tokens, on the CPU; those it knows keep their ids.

    What belongs to a new token (its embedding, its column of a one-hot input, its output weights and bias) is drawn
    as a new network's; all else is copied.

    Args:
        vocabulary: as many as the model has, or more. With more, the input is not scalar.
    """
    larger = LanguageModel(model.config, vocabulary, generator)
    before = model.state_dict()
    for name, weights in larger.state_dict().items():
        weights[tuple(slice(size) for size in before[name].shape)] = before[name]
    return larger
