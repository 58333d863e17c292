"""How large a network is, from its config alone: a form shows it without torch, and before anything is built."""

from lstm_tui.sections import ModelConfig


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
