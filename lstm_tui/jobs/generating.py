"""A run and a prompt → text as it is made, or several side by side. On a CPU without torch."""

import json
import math
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lstm_tui.errors import UserError
from lstm_tui.generation.sampling import draw, draw_each
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper, Token
from lstm_tui.runs import lineage
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.cleaning import Choices, clean_text
from lstm_tui.text.copies import longest_copy
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN, Vocabulary

if TYPE_CHECKING:
    from lstm_tui.lstm.model import LanguageModel

# The tutorial's windows, and so its slices.
_SLICE = 100


@dataclass(frozen=True)
class Copied:
    """The longest stretch of a text that stands, token for token, in the text that was learnt."""

    length: int
    text: str


class Writer:
    """A run's model, loaded once: it begins as many texts as one asks it for."""

    def __init__(self, run: Run, checkpoint: str | None = None, device: str = "cpu") -> None:
        """Load the model.

        Args:
            checkpoint: "best" or "last"; None takes the best there is.
            device: as torch calls it.

        Raises:
            UserError: where the run has not saved yet, or its files are damaged.
        """
        kind = checkpoint or run.saved or "last"
        self._stepper: Stepper | None = None
        if device != "cpu":
            from lstm_tui.jobs.evaluating import load_model

            self._model = load_model(run, kind, device)
            return
        weights = run.read_checkpoint(kind).part("model")
        try:
            self._stepper = Stepper(run.config.model, len(run.vocabulary), weights, run.reset_at)
        except (KeyError, ValueError) as error:
            raise UserError(f"The checkpoint {kind} of {run.id} does not fit its run.toml: {error}.") from error

    def tokens(self, prompt: list[int], sampling: SamplingConfig, seed: int, streams: int = 1) -> Iterator[list[int]]:
        """Endlessly, a token of each stream: from NumPy on a CPU, from torch elsewhere."""
        if self._stepper:
            return stepped(self._stepper, prompt, sampling, np.random.default_rng(seed), streams)
        from lstm_tui.lstm.generation import tokens

        return tokens(self._model, prompt, sampling, seed, streams)


class Written:
    """One text, as its tokens come.

    Attributes:
        pieces: what each token added.
        ids: the tokens, an end of record that ended the text left out.
        seconds: from the first step after loading to the last token.
    """

    def __init__(self, vocabulary: Vocabulary, sampling: SamplingConfig, before: int | None) -> None:
        self.pieces: list[str] = []
        self.ids: list[int] = []
        self.seconds = 0.0
        self._vocabulary = vocabulary
        self._length = sampling.length
        self._stop = sampling.stop
        self._end = vocabulary.end_id if sampling.stop_at_end else None
        self._before = before
        self._tail = ""
        self._stopped = False

    @property
    def done(self) -> bool:
        return self._stopped or len(self.ids) >= self._length

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, number: int) -> str:
        """One more token; what it adds to the text."""
        if number == self._end:
            self._stopped = True
            return ""
        piece = self._vocabulary.piece(number, first=self._before in (None, self._vocabulary.end_id))
        self._before = number
        self.ids.append(number)
        if self._stop:
            piece = self._up_to_stop(piece, self._stop)
        self.pieces.append(piece)
        return piece

    def _up_to_stop(self, piece: str, stop: str) -> str:
        """The piece, cut after the stop string where that is whole now: it may have begun in earlier ones."""
        seen = self._tail + piece
        place = seen.find(stop)
        if place >= 0:
            self._stopped = True
            return piece[: place + len(stop) - len(self._tail)]
        self._tail = seen[max(0, len(seen) - len(stop) + 1) :]
        return piece


class Generation:
    """One text, drawn from a run's model: iterate for its pieces; leave the loop to stop. Or several side by side.

    Attributes:
        prompt: what the model goes on from, as it was given.
        seed: the one used.
        unknown: tokens of the prompt that the model does not know: `<unk>` stands for them, or they were left out.
        texts: the text of each stream.
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
        streams: int = 1,
        writer: Writer | None = None,
    ) -> None:
        """Load the model; nothing is made yet.

        Args:
            prompt: what to go on from; None takes the run's own, "" the zero state.
            sampling: settings; None takes the run's own.
            checkpoint: "best" or "last"; None takes the best there is.
            seed: of the draws; None draws one.
            device: as torch calls it.
            streams: how many texts, each drawn for itself.
            writer: the model, where it is loaded already; checkpoint and device are its own then.

        Raises:
            UserError: where the run has not saved yet, or its files are damaged.
        """
        self.run = run
        self.sampling = sampling or run.config.sampling
        self.seed = new_seed() if seed is None else seed
        self.prompt = opening(run, self.seed) if prompt is None else prompt
        prompt_ids, self.unknown = encode_prompt(run.vocabulary, as_read(run, self.prompt))
        self._vocabulary = run.vocabulary
        before = prompt_ids[-1] if prompt_ids else None
        self.texts = [Written(run.vocabulary, self.sampling, before) for _ in range(streams)]
        writer = writer or Writer(run, checkpoint, device)
        self._drawn = writer.tokens(prompt_ids, self.sampling, self.seed, streams)

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
        """What has been made so far, of the first stream."""
        return self.texts[0].text

    @property
    def tokens(self) -> int:
        """How many tokens have been made, of all streams."""
        return sum(len(text.ids) for text in self.texts)

    @property
    def seconds(self) -> float:
        """From the first step after loading to the last token."""
        return max(text.seconds for text in self.texts)

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0

    def __iter__(self) -> Iterator[str]:
        for pieces in self.steps():
            yield pieces[0]

    def steps(self) -> Iterator[list[str]]:
        """What a token of each stream adds to its text, until all have ended; one that has ended gets ""."""
        began = time.perf_counter()
        while not all(text.done for text in self.texts):
            added = []
            for text, number in zip(self.texts, next(self._drawn), strict=True):
                if text.done:
                    added.append("")
                    continue
                added.append(text.take(number))
                text.seconds = time.perf_counter() - began
            yield added

    def longest_copy(self, stream: int = 0) -> Copied:
        """Memorised or made? What of a text stands word for word in what was learnt: by the run, and by those that
        it comes from, while they are there.

        Raises:
            UserError: where the run's ids cannot be read.
        """
        ids = self.texts[stream].ids
        made = np.array(ids, np.int64)
        found = max((longest_copy(made, text) for text in lineage.learnt(self.run)), key=lambda copy: copy.length)
        return Copied(found.length, self._vocabulary.shown(ids[found.start : found.start + found.length]))

    def to_json(self, stream: int = 0) -> str:
        """One text and all that is needed to have it again; which of several it is, counted from 1."""
        text = self.texts[stream]
        try:
            copied = asdict(self.longest_copy(stream))
        except UserError:  # the text was written without the ids
            copied = None
        return json.dumps(
            {
                "run": self.run.id,
                "prompt": self.prompt,
                "text": text.text,
                "tokens": len(text.ids),
                "seconds": text.seconds,
                "tokens_per_second": len(text.ids) / text.seconds if text.seconds else 0.0,
                "seed": self.seed,
                "sampling": self.sampling.model_dump(exclude={"prompt"}),
                "unknown": self.unknown,
                "longest_copy": copied,
            }
            | ({"stream": stream + 1} if len(self.texts) > 1 else {}),
            ensure_ascii=False,
        )


def new_seed() -> int:
    """A seed where none was given."""
    return secrets.randbelow(2**31)


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


def stepped(
    stepper: Stepper, prompt: list[int], sampling: SamplingConfig, generator: np.random.Generator, streams: int = 1
) -> Iterator[list[int]]:
    """Endlessly, the tokens after `prompt`, one of each stream, on a CPU; an empty prompt begins from the zero
    state."""
    rows = streams if streams > 1 else None
    reading = SlidingWindow(stepper, sampling.window, rows) if sampling.window else CarriedState(stepper, rows)
    for token in prompt[-sampling.window :] if sampling.window else prompt:
        reading.read(token)
    kept = sampling.repetition_window
    read = np.array(prompt[-kept:], np.intp)
    recent = (np.tile(read, (streams, 1)) if rows else read) if sampling.penalises else None
    while True:
        drawn: Token
        if rows is None:
            drawn = draw(reading.logits(), sampling, generator, recent)
            yield [drawn]
        else:
            drawn = draw_each(reading.logits(), sampling, generator, recent)
            yield drawn.tolist()
        reading.read(drawn)
        if recent is not None:
            recent = np.concatenate((recent, np.asarray(drawn)[..., None]), -1)[..., -kept:]


def sample(model: "LanguageModel", vocabulary: Vocabulary, prompt: str, sampling: SamplingConfig, seed: int) -> str:
    """A short text from a model in training, prompt included; the training does not notice."""
    ids, _ = encode_prompt(vocabulary, prompt)
    if str(model.output.weight.device) == "cpu":
        weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        stepper = Stepper(model.config, len(vocabulary), weights, model.reset_at)
        drawn = stepped(stepper, ids, sampling, np.random.default_rng(seed))
    else:
        from lstm_tui.lstm.generation import tokens

        drawn = tokens(model, ids, sampling, seed)
    made = Written(vocabulary, sampling, ids[-1] if ids else None)
    while not made.done:
        made.take(next(drawn)[0])
    return vocabulary.shown(ids) + made.text


def as_read(run: Run, prompt: str) -> str:
    """A prompt as the run's text was cleaned: a lower-cased model knows no capitals. It is no file of a book."""
    choices = replace(Choices.of(run.config.text), gutenberg=False, repair=False)
    return clean_text(prompt, choices)[0]


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
