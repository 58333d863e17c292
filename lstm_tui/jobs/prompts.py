"""What a text begins with: a prompt as its run reads it, and one from the run's own text where none is given.

Nothing is generated here.
"""

import math
from dataclasses import replace

import numpy as np

from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.cleaning import Choices, clean_text
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN, Vocabulary

# The tutorial's windows, and so its slices.
_SLICE = 100


def as_read(run: Run, prompt: str) -> str:
    """A prompt as the run's text was cleaned: a lower-cased model knows no capitals. It is no file of a book."""
    choices = replace(Choices.of(run.config.text), gutenberg=False, repair=False)
    return clean_text(prompt, choices)[0]


def encode_prompt(vocabulary: Vocabulary, prompt: str) -> tuple[list[int], list[str]]:
    """A prompt's known tokens as ids, and its unknown ones.

    Ends of records are shown as line breaks: where no token has one, those of a prompt are read as ends of records.
    """
    end = vocabulary.end_id
    if end is None or "\n" not in prompt or any("\n" in token for token in vocabulary.tokens):
        ids, unknown = vocabulary.encode_known(prompt)
        return ids.tolist(), unknown
    read: list[int] = []
    lacking: dict[str, None] = {}
    for number, record in enumerate(prompt.split("\n")):
        read += [end] * (number > 0)
        if record:
            ids, unknown = vocabulary.encode_known(record)
            read += ids.tolist()
            lacking |= dict.fromkeys(unknown)
    return read, list(lacking)


def opening(run: Run, seed: int) -> str:
    """A prompt for a run: its own, or where it names none, the first words of some line of its text."""
    if run.config.sampling.prompt is not None:
        return run.config.sampling.prompt
    seen = run.ids[: len(run.ids) - len(run.part("test"))]
    start = int(np.random.default_rng(seed).integers(max(1, len(seen) - 2000)))
    around = seen[start : start + 2000]
    if run.vocabulary.kind != "characters":
        words = [number for number in around if run.vocabulary.tokens[number].strip(" ") not in (UNKNOWN, END)]
        return run.vocabulary.decode(words[:4])
    text = run.vocabulary.shown(around)
    lines = [line.strip() for line in text.split("\n")[1:-1] if len(line.strip()) > 20] or [text.strip()]
    line = lines[0].split(" ")
    return " ".join(line[: max(1, min(4, math.ceil(len(line) / 2)))])


def random_slice(run: Run, sampling: SamplingConfig, seed: int) -> str:
    """A prompt as the tutorial of `many-to-one` takes it: a slice of the text that was learnt, from anywhere, as
    long as the window, or 100 tokens."""
    length = sampling.window or _SLICE
    start = int(np.random.default_rng(seed).integers(max(1, run.train_tokens - length + 1)))
    return run.vocabulary.shown(run.part("training")[start : start + length])
