"""A run and a prompt → text as it is made. On a CPU without torch."""

import json
import math
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui.config import ModelConfig, SamplingConfig
from lstm_tui.errors import UserError
from lstm_tui.generation.sampling import draw
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper
from lstm_tui.runs.run import Run
from lstm_tui.text.cleaning import Choices, clean_text
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN, Vocabulary

if TYPE_CHECKING:
    from lstm_tui.lstm.model import LanguageModel


class Generation:
    """One text, drawn from a run's model: iterate for its pieces; leave the loop to stop.

    Attributes:
        prompt: what the model goes on from, as it was given.
        seed: the one used.
        unknown: tokens of the prompt that the model does not know: `<unk>` stands for them, or they were left out.
        tokens: how many tokens that is.
        seconds: from the first step after loading.
    """

    def __init__(
        self,
        run: Run,
        prompt: str | None = None,
        sampling: SamplingConfig | None = None,
        *,
        checkpoint: str | None = None,
        seed: int | None = None,
        device: str = "cpu",
    ) -> None:
        """Load the model; nothing is made yet.

        Args:
            prompt: what to go on from; None takes the run's own, "" the zero state.
            sampling: settings; None takes the run's own.
            checkpoint: "best" or "last"; None takes the best there is.
            seed: of the draws; None draws one.
            device: as torch calls it.

        Raises:
            UserError: where the run has not saved yet, or its files are damaged.
        """
        self.run = run
        self.sampling = sampling or run.config.sampling
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self.prompt = opening(run, self.seed) if prompt is None else prompt
        self._prompt_ids, self.unknown = encode_prompt(run.vocabulary, as_read(run, self.prompt))
        self._vocabulary = run.vocabulary
        self._pieces: list[str] = []
        self.tokens = 0
        self.seconds = 0.0
        kind = checkpoint or ("best" if run.checkpoint_path("best").exists() else "last")
        weights = run.read_checkpoint(kind).part("model")
        try:
            self._drawn = _drawing(
                run.config.model, len(run.vocabulary), weights, self._prompt_ids, self.sampling, self.seed, device
            )
        except (KeyError, ValueError, RuntimeError) as error:
            raise UserError(f"The checkpoint {kind} of {run.id} does not fit its run.toml: {error}.") from error

    @property
    def unknown_note(self) -> str:
        """What the model does not know of the prompt, and what became of it, a sentence; or ""."""
        if not self.unknown:
            return ""
        became = "left out of the prompt" if self._vocabulary.unknown_id is None else "read as <unk>"
        shown = " ".join(map(repr, self.unknown[:20])) + (" …" if len(self.unknown) > 20 else "")
        return f"Not known to this model, {became}: {shown}"

    @property
    def text(self) -> str:
        """What has been made so far."""
        return "".join(self._pieces)

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0

    def __iter__(self) -> Iterator[str]:
        began = time.perf_counter()
        before = self._prompt_ids[-1] if self._prompt_ids else None
        while self.tokens < self.sampling.length:
            number = next(self._drawn)
            piece = self._vocabulary.piece(number, first=before in (None, self._vocabulary.end_id))
            before = number
            self.tokens += 1
            self._pieces.append(piece)
            self.seconds = time.perf_counter() - began
            yield piece

    def to_json(self) -> str:
        return json.dumps(
            {
                "run": self.run.id,
                "prompt": self.prompt,
                "text": self.text,
                "tokens": self.tokens,
                "seconds": self.seconds,
                "tokens_per_second": self.tokens_per_second,
                "seed": self.seed,
                "sampling": self.sampling.model_dump(exclude={"prompt"}),
                "unknown": self.unknown,
            },
            ensure_ascii=False,
        )


def encode_prompt(vocabulary: Vocabulary, prompt: str) -> tuple[list[int], list[str]]:
    """A prompt's known tokens as ids, and its unknown ones."""
    ids, unknown = vocabulary.encode_known(prompt)
    return ids.tolist(), unknown


def _drawing(
    config: ModelConfig,
    vocabulary: int,
    weights: Mapping[str, NDArray[Any]],
    prompt: list[int],
    sampling: SamplingConfig,
    seed: int,
    device: str,
) -> Iterator[int]:
    """Endless tokens: from NumPy on a CPU, from torch elsewhere."""
    if device == "cpu":
        return stepped(Stepper(config, vocabulary, weights), prompt, sampling, np.random.default_rng(seed))
    import torch

    from lstm_tui.lstm.generation import tokens
    from lstm_tui.lstm.model import LanguageModel

    model = LanguageModel(config, vocabulary)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return tokens(model.to(device), prompt, sampling, seed)


def stepped(
    stepper: Stepper, prompt: list[int], sampling: SamplingConfig, generator: np.random.Generator
) -> Iterator[int]:
    """Endless tokens after `prompt`, on a CPU; an empty prompt begins from the zero state."""
    reading = SlidingWindow(stepper, sampling.window) if sampling.window else CarriedState(stepper)
    for token in prompt[-sampling.window :] if sampling.window else prompt:
        reading.read(token)
    while True:
        token = draw(reading.logits(), sampling, generator)
        yield token
        reading.read(token)


def sample(model: "LanguageModel", vocabulary: Vocabulary, prompt: str, sampling: SamplingConfig, seed: int) -> str:
    """A short text from a model in training, prompt included; the training does not notice."""
    ids, _ = encode_prompt(vocabulary, prompt)
    device = str(model.output.weight.device)
    if device == "cpu":
        weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        drawn = _drawing(model.config, len(vocabulary), weights, ids, sampling, seed, device)
    else:
        from lstm_tui.lstm.generation import tokens

        drawn = tokens(model, ids, sampling, seed)
    made = [next(drawn) for _ in range(sampling.length)]
    return vocabulary.shown([*ids, *made])


def as_read(run: Run, prompt: str) -> str:
    """A prompt as the run's text was cleaned: a lower-cased model knows no capitals. It is no file of a book."""
    choices = replace(Choices.of(run.config.text), gutenberg=False, repair=False)
    return clean_text(prompt, choices)[0]


def opening(run: Run, seed: int) -> str:
    """A prompt for a run: its own, or where it names none, the first words of some line of its text."""
    if run.config.sampling.prompt is not None:
        return run.config.sampling.prompt
    start = int(np.random.default_rng(seed).integers(max(1, len(run.ids) - 2000)))
    around = run.ids[start : start + 2000]
    if run.vocabulary.kind != "characters":
        words = [number for number in around if run.vocabulary.tokens[number].strip(" ") not in (UNKNOWN, END)]
        return run.vocabulary.decode(words[:4])
    text = run.vocabulary.shown(around)
    lines = [line.strip() for line in text.split("\n")[1:-1] if len(line.strip()) > 20] or [text.strip()]
    line = lines[0].split(" ")
    return " ".join(line[: max(1, min(4, math.ceil(len(line) / 2)))])
