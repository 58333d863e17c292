"""A run and a prompt → text as it is made, or several side by side. On a CPU without torch."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_tui.errors import UserError
from lstm_tui.generation.drawing import Flow, stepped
from lstm_tui.generation.stepping import Stepper
from lstm_tui.jobs.prompts import as_read, encode_prompt, opening
from lstm_tui.jobs.written import Written, surprise
from lstm_tui.runs import lineage
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.copies import longest_copy
from lstm_tui.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from lstm_tui.lstm.model import LanguageModel

# Tokens are scored so many at a time, or as many as have a million logits: one by one it costs what a step costs.
_SCORED_AT_ONCE, _MOST_LOGITS = 64, 1_000_000


@dataclass(frozen=True)
class Copied:
    """The longest stretch of a text that stands, token for token, in the text that was learnt."""

    length: int
    text: str


@dataclass(frozen=True)
class Change:
    """Settings that were replaced while a text was written.

    Attributes:
        at: tokens of each text that were written before.
        sampling: those that changed, and what they became.
    """

    at: int
    sampling: Mapping[str, Any]


class Writer:
    """A run's model, loaded once: it begins as many texts as one asks it for.

    Attributes:
        checkpoint: "best" or "last".
        step: of the training, when it was saved; None where it does not say.
    """

    def __init__(self, run: Run, checkpoint: str | None = None, device: str = "cpu") -> None:
        """Load the model.

        Args:
            checkpoint: "best" or "last"; None takes the best there is.
            device: as torch calls it.

        Raises:
            UserError: where the run has not saved yet, or its files are damaged.
        """
        self.checkpoint = kind = checkpoint or run.saved or "last"
        content = run.read_checkpoint(kind)
        self.step: int | None = content.info.get("step")
        self._stepper: Stepper | None = None
        if device != "cpu":
            from lstm_tui.jobs.evaluating import model_of

            self._model = model_of(run, kind, content, device)
            return
        try:
            self._stepper = Stepper(run.config.model, len(run.vocabulary), content.part("model"), run.reset_at)
        except (KeyError, ValueError) as error:
            raise UserError(f"The checkpoint {kind} of {run.id} does not fit its run.toml: {error}.") from error

    @property
    def flows(self) -> bool:
        """Whether a `Flow` counts: elsewhere than on a CPU tokens are made many at a time."""
        return self._stepper is not None

    def tokens(
        self, prompt: list[int], sampling: SamplingConfig, seed: int, streams: int = 1, flow: Flow | None = None
    ) -> Iterator[list[int]]:
        """Endlessly, a token of each stream: from NumPy on a CPU, from torch elsewhere."""
        if self._stepper:
            return stepped(self._stepper, prompt, sampling, np.random.default_rng(seed), streams, flow)
        from lstm_tui.lstm.generation import tokens

        return tokens(self._model, prompt, sampling, seed, streams)


class Generation:
    """One text, drawn from a run's model: iterate for its pieces; leave the loop to stop. Or several side by side.

    Attributes:
        prompt: what the model goes on from, as it was given.
        sampling: the settings that count now.
        begun_with: those that it began with.
        changes: what became of them since.
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
        self.sampling = self.begun_with = self._wanted = self._followed = sampling or run.config.sampling
        self.changes: list[Change] = []
        self.seed = new_seed() if seed is None else seed
        self.prompt = opening(run, self.seed) if prompt is None else prompt
        prompt_ids, self.unknown = encode_prompt(run.vocabulary, as_read(run, self.prompt))
        self._vocabulary = run.vocabulary
        before = prompt_ids[-1] if prompt_ids else None
        self.texts = [Written(run.vocabulary, self.sampling, before) for _ in range(streams)]
        self.writer = writer or Writer(run, checkpoint, device)
        self._flow = Flow(self.sampling) if self.writer.flows else None
        self._steps = 0
        self._unscored: list[list[int]] = []
        self._scored_at_once = max(1, min(_SCORED_AT_ONCE, _MOST_LOGITS // (len(run.vocabulary) * streams)))
        self._drawn = self.writer.tokens(prompt_ids, self.sampling, self.seed, streams, self._flow)

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

    @property
    def nats_per_token(self) -> float | None:
        """Of all streams, as the model itself found what was drawn (see `surprise`); None where nothing was scored."""
        scored = [text.scored for text in self.texts]
        tokens = sum(tokens for tokens, _ in scored)
        return sum(nats for _, nats in scored) / tokens if tokens else None

    @property
    def nats_per_character(self) -> float | None:
        """The same for each character of what is read."""
        nats, characters = self.nats_per_token, sum(text.characters for text in self.texts)
        return nats * self.tokens / characters if nats is not None and characters else None

    def change(self, sampling: SamplingConfig) -> None:
        """Other settings from the next token on, on a CPU; from any thread. The window stays as it is."""
        self._wanted = sampling

    def steps(self) -> Iterator[list[str]]:
        """What a token of each stream adds to its text, until all have ended; one that has ended gets ""."""
        began = time.perf_counter()
        try:
            while True:
                if self._wanted is not self._followed:
                    self._follow(self._wanted)
                if all(text.done for text in self.texts):
                    return
                added = []
                numbers = next(self._drawn)
                for text, number in zip(self.texts, numbers, strict=True):
                    if text.done:
                        added.append("")
                        continue
                    added.append(text.take(number))
                    text.seconds = time.perf_counter() - began
                self._steps += 1
                if self._flow is not None:
                    self._unscored.append(numbers)
                    if len(self._unscored) >= self._scored_at_once:
                        self._score(self._flow)
                yield added
        finally:
            if self._flow is not None:
                self._score(self._flow)

    def _follow(self, wanted: SamplingConfig) -> None:
        self._followed = wanted
        if self._flow is None:
            return
        kept = {"window": self.sampling.window, "prompt": self.sampling.prompt}
        before, after = self.sampling.model_dump(), wanted.model_dump() | kept
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed:
            if self._steps:
                self.changes.append(Change(self._steps, changed))
            else:
                self.begun_with = wanted.model_copy(update=kept)
            self.sampling = self._flow.sampling = wanted.model_copy(update=kept)
            for text in self.texts:
                text.follow(self.sampling)

    def _score(self, flow: Flow) -> None:
        """Score the tokens that were not yet."""
        if not self._unscored:
            return
        drawn = np.array(self._unscored, np.intp)
        # One stream's logits have no row of their own; what was drawn last may have been left.
        logits = np.stack(flow.logits[: len(drawn)]).reshape(*drawn.shape, -1)
        nats = surprise(logits, drawn)
        self._unscored.clear()
        flow.logits.clear()
        for number, text in enumerate(self.texts):
            text.score(nats[:, number])

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

    def output(self, *, whole: bool, copy: int | None = None) -> Output:
        """What has been made so far, with all that is needed to have it again.

        Args:
            whole: whether it came to its end by itself.
            copy: tokens of its longest copy, where they were looked up.
        """
        return Output(
            prompt=self.prompt,
            texts=tuple(text.text for text in self.texts),
            seed=self.seed,
            sampling=self.begun_with.model_dump(exclude={"prompt"}),
            changes=tuple((change.at, change.sampling) for change in self.changes),
            checkpoint=self.writer.checkpoint,
            step=self.writer.step,
            tokens=self.tokens,
            longest=max(len(text.ids) for text in self.texts),
            tokens_per_second=self.tokens_per_second,
            nats=self.nats_per_token,
            copy=copy,
            whole=whole,
        )

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
