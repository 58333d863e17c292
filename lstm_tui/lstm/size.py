"""How large a network is and what its training needs of memory, from its config alone: a form shows it without torch,
and before anything is built."""

from lstm_tui.config import RunConfig
from lstm_tui.sections import ModelConfig

_FLOAT = 4
# What smaller batches and networks are tried.
_POWERS = tuple(2**power for power in range(12, -1, -1))
# Of the recurrent weights, oneDNN lays out its own on the way forward and back.
_REORDERED = 2
# For each kind of token: logits alone, which a processor overwrites by their gradient; on an accelerator their
# logarithms of chances and the gradient, too.
_TARGET_ON_CPU, _TARGET = 1, 3
# A switch a kind is made of 64-bit numbers, and copied once.
_SWITCH = 4
# Bytes that libraries take: measured on a processor; a CUDA context's are about these.
_LIBRARIES, _CONTEXT = 80 << 20, 500 << 20
# Copies of the weights that an optimiser keeps as moments.
_MOMENTS = {"adam": 2, "adamw": 2, "amsgrad": 3, "rmsprop": 1, "sgd": 1}


def parameter_count(config: ModelConfig, vocabulary: int) -> int:
    """Weights of `LanguageModel(config, vocabulary)`; tied ones count once."""
    entering = {"embedding": config.embedding, "one-hot": vocabulary, "scalar": 1}[config.input]
    total = vocabulary * config.embedding if config.input == "embedding" else 0
    for _ in range(config.layers):
        total += config.gates * config.hidden * (entering + config.hidden + 2)
        entering = config.hidden
    total += (config.output_layers - 1) * config.hidden * (config.hidden + 1)
    if config.projects:
        total += config.hidden * config.embedding
    return total + vocabulary * (1 if config.tied else config.hidden + 1)


def memory_needed(config: RunConfig, vocabulary: int, tokens: int, device: str = "cpu") -> int:
    """Bytes that training needs at its highest, about: weights, gradients, moments, a batch on its way, the ids, and
    what the libraries take for themselves.

    Fitted to what 15 trainings took on a processor (tests/lstm/test_size.py has them), all but that of a plain RNN
    within a sixth; on an accelerator it is a count.

    Args:
        tokens: of the whole text, which stays on the device.
        device: as torch calls it.
    """
    learning, batches = config.learning, config.batches
    processor = device == "cpu"
    copies = 2 + _MOMENTS[learning.optimiser] + (learning.average is not None) + (_REORDERED if processor else 0)
    last_only = batches.targets == "last"
    batch = batches.length * _floats_a_token(config.model, vocabulary, last_only)
    batch += (1 if last_only else batches.length) * vocabulary * (_TARGET_ON_CPU if processor else _TARGET)
    width = 1 if vocabulary <= 256 else 2 if vocabulary <= 65_536 else 4
    own = _LIBRARIES if processor else _CONTEXT
    return _FLOAT * (copies * parameter_count(config.model, vocabulary) + batches.size * batch) + width * tokens + own


def _floats_a_token(model: ModelConfig, vocabulary: int, last_only: bool) -> int:
    """What is kept of a token from the way forward until the way back, and what the way back takes in one layer."""
    entering = {"embedding": model.embedding, "one-hot": _SWITCH * vocabulary, "scalar": 1}[model.input]
    kept = entering * (2 if model.input_dropout else 1) + (model.gates + 3) * model.hidden
    for layer in range(model.layers):
        highest = layer == model.layers - 1
        dropped = not last_only if highest and model.last_dropout else not highest and model.dropout > 0
        kept += model.hidden * (2 * model.gates + bool(dropped))
    if not last_only:
        kept += (model.output_layers - 1) * 2 * model.hidden + (model.embedding if model.projects else 0)
    return kept


def what_would_fit(config: RunConfig, vocabulary: int, tokens: int, free: float, device: str) -> str:
    """The largest smaller batch that `free` bytes hold, in words; else the largest smaller network, with a batch of 1;
    empty where even that is too large."""
    sizes = [size for size in _POWERS if size < config.batches.size]
    widths = [width for width in _POWERS if width < config.model.hidden]
    ways = [(size, config.model.hidden, f"a batch of {size}") for size in sizes]
    ways += [(1, width, f"hidden {width}{' with a batch of 1' if sizes else ''}") for width in widths]
    for size, hidden, words in ways:
        batches = config.batches.model_copy(update={"size": size})
        model = config.model.model_copy(update={"hidden": hidden})
        smaller = config.model_copy(update={"batches": batches, "model": model})
        if memory_needed(smaller, vocabulary, tokens, device) <= free:
            return words
    return ""
