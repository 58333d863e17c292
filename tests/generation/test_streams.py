"""Several texts side by side: each row reads its own tokens, as it would alone, in NumPy and in torch."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest
import torch

from lstm_tui.generation import stepping
from lstm_tui.generation.drawing import stepped
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper
from lstm_tui.lstm.generation import tokens
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.sections import ModelConfig, SamplingConfig

VOCABULARY, STREAMS = 13, 3
READ = np.random.default_rng(4).integers(VOCABULARY, size=(30, STREAMS))
Reading = Callable[[Stepper, int | None], CarriedState | SlidingWindow]
readings = pytest.mark.parametrize("reading", [CarriedState, lambda stepper, rows: SlidingWindow(stepper, 7, rows)])


def model(**values: object) -> LanguageModel:
    config = ModelConfig.model_validate({"hidden": 24, "embedding": 7, "layers": 2, **values})
    made = LanguageModel(config, VOCABULARY, torch.Generator().manual_seed(2))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(5)
    return made


def stepper(made: LanguageModel) -> Stepper:
    return Stepper(made.config, VOCABULARY, {name: tensor.numpy() for name, tensor in made.state_dict().items()})


@pytest.mark.parametrize("largest_table", [0, 64_000_000])
@pytest.mark.parametrize("entering", ["embedding", "one-hot", "scalar"])
@readings
def test_each_stream_reads_as_it_would_alone(
    reading: Reading, entering: str, largest_table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "_LARGEST_TABLE", largest_table)
    steps = stepper(model(input=entering))
    together, alone = reading(steps, STREAMS), [reading(steps, None) for _ in range(STREAMS)]
    for row in READ:
        np.testing.assert_allclose(together.logits(), [one.logits() for one in alone], atol=1e-4)
        together.read(row)
        for one, token in zip(alone, row.tolist(), strict=True):
            one.read(token)


@pytest.mark.parametrize("window", [None, 7])
@pytest.mark.parametrize("prompt", [[], [3], list(range(12))])
@pytest.mark.parametrize("penalty", [1.0, 1.6])
def test_greedy_streams_are_all_the_same_and_numpy_equals_torch(
    prompt: list[int], window: int | None, penalty: float
) -> None:
    made = model()
    settings = SamplingConfig(greedy=True, window=window, repetition_penalty=penalty, repetition_window=5)
    alone = list(islice(stepped(stepper(made), prompt, settings, np.random.default_rng(1)), 80))
    for drawn in (
        stepped(stepper(made), prompt, settings, np.random.default_rng(1), STREAMS),
        tokens(made, prompt, settings, 1, STREAMS),
    ):
        assert list(islice(drawn, 80)) == [token * STREAMS for token in alone]
    assert list(islice(tokens(made, prompt, settings, 1), 80)) == alone


def test_drawn_streams_differ_and_a_seed_repeats_them() -> None:
    made = model()
    settings = SamplingConfig(temperature=1.0, top_p=0.95, repetition_penalty=1.1)

    def by_numpy(seed: int) -> Iterator[list[int]]:
        return stepped(stepper(made), [1], settings, np.random.default_rng(seed), STREAMS)

    def by_torch(seed: int) -> Iterator[list[int]]:
        return tokens(made, [1], settings, seed, STREAMS)

    for begun in (by_numpy, by_torch):
        one, again, other = (np.array(list(islice(begun(seed), 60))) for seed in (1, 1, 2))
        assert (one == again).all() and (one != other).any()
        assert len({tuple(stream) for stream in one.T}) == STREAMS


def test_the_penalty_counts_the_prompt_and_the_last_tokens_only() -> None:
    """With a penalty beyond measure nothing is said twice within the window, and after it may be."""
    made, window = model(), 5
    settings = SamplingConfig(greedy=True, repetition_penalty=10, repetition_window=window)
    with torch.no_grad():
        made.output.bias.add_(20)  # all logits positive: a tenth is less than any other
    prompt = [1, 2, 3, 4]
    for drawn in (
        stepped(stepper(made), prompt, settings, np.random.default_rng(1)),
        tokens(made, prompt, settings, 1),
    ):
        said = prompt + [token for (token,) in islice(drawn, 200)]
        for place in range(4, len(said)):
            assert said[place] not in said[max(0, place - window) : place]
        assert len(set(said)) < len(said)
