"""The sections of RunConfig: one for each concern, every field with its default, limits and help.

A field is written once, here: the form, the command line's flags, `run.toml` and the check all come from it.
Each help says what the setting does, and where it comes from. `config.py` makes them one.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _unicode(text: str) -> str:
    """Refuse what a command line may hold, but no file: bytes that are no UTF-8."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_unicode)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
# The share of a text that may be held out and kept for the test together.
MOST_APART = 0.9


class Section(BaseModel):
    """A frozen group of fields; an unknown key is an error, so that a typing mistake is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TextConfig(Section):
    """How files become the ids that are learnt: read, cleaned, cut into tokens, a part held out."""

    encoding: Text | None = Field(None, description="The file's encoding, such as utf-8 or cp1252; none detects it.")
    malformed: bool = Field(False, description="Read UTF-8 that is broken in places, a replacement sign at each.")
    repair: bool = Field(
        False, description="Undo double encoding: UTF-8 that was read as Windows-1252 and encoded once more."
    )
    pattern: Text = Field(
        "*", min_length=1, description="For a folder: which files are taken, such as *.txt, or *.py *.md."
    )
    column: Text | None = Field(
        None, description="For a CSV, TSV or JSONL file, the column that holds the text; none reads it as plain text."
    )
    separator: Text | None = Field(
        None, description="What is put after each document or record; none: an end-of-record token."
    )
    gutenberg: bool = Field(True, description="Strip Project Gutenberg's header and footer, where there are any.")
    nfc: bool = Field(
        False, description="Compose letters and their accents (Unicode's NFC), so that each has one form."
    )
    ascii: bool = Field(False, description="Write every character in ASCII, as in Ae for Æ (transliteration).")
    lower: bool = Field(False, description="Lower-case the text: fewer kinds of characters, learnt sooner.")
    letters: bool = Field(False, description="Keep letters and white space only.")
    blank_lines: bool = Field(False, description="Collapse each run of blank lines to one.")
    tokens: Literal["characters", "words", "words and punctuation"] = Field(
        "characters",
        description="What is predicted: the next character, the next word (split at single spaces), or the next word "
        "or punctuation mark.",
    )
    kinds: int | None = Field(
        None,
        ge=2,
        le=10_000_000,
        description="The most kinds of tokens: rarer characters are left out, rarer words become <unk>. What a run "
        "knows already, and the end-of-record token, stay.",
    )
    least: int = Field(
        1, ge=1, le=1_000_000, description="Rarer than this, a character is left out and a word becomes <unk>."
    )
    held_out: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="Share not learnt but used to score (validation): the end of a single text, before any test part, "
        "or whole documents drawn with the seed.",
    )
    test: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Share neither learnt nor scored while training, for one last score (evaluate --part test): the "
        "very end of a single text, or whole documents.",
    )


class ModelConfig(Section):
    """The network: input, recurrent layers, a linear output."""

    cell: Literal["lstm", "gru", "rnn"] = Field(
        "lstm",
        description="LSTM; GRU (Cho et al. 2014), a quarter smaller, slower on a CPU; or a tanh RNN (Elman 1990), "
        "which soon forgets.",
    )
    input: Literal["embedding", "one-hot", "scalar"] = Field(
        "embedding", description="How a token enters: a learnt vector, one of V switches, or its number divided by V."
    )
    embedding: int = Field(
        64, ge=1, le=4096, description="Length of the learnt vector of each token (for input embedding)."
    )
    hidden: int = Field(
        256,
        ge=1,
        le=4096,
        description="Units of each recurrent layer. More remember more; the cost grows as their square.",
    )
    layers: int = Field(1, ge=1, le=8, description="Recurrent layers, each reading what the one below makes.")
    tied: bool = Field(
        False,
        description="The embedding's weights are the output's too (Press & Wolf 2017, Inan et al. 2017), for input "
        "embedding.",
    )
    output_layers: int = Field(
        1, ge=1, le=4, description="Linear layers between the last recurrent layer and the tokens, ReLU between them."
    )
    dropout: Fraction = Field(
        0.0,
        description="Share of what each layer hands on that is zeroed in training: between layers, and to the output.",
    )
    input_dropout: Fraction = Field(0.0, description="The same for what enters the first layer.")
    output_dropout: Fraction | None = Field(
        None, description="The same for what reaches the output only; none takes the value of dropout."
    )
    locked_dropout: bool = Field(
        False,
        description="The dropouts above zero the same units at every step of a piece (Gal & Ghahramani 2016), not "
        "others at each.",
    )
    weight_drop: Fraction = Field(
        0.0,
        description="Share of the recurrent weights left out of each training step (DropConnect: Wan et al. 2013, "
        "Merity et al. 2017).",
    )
    embedding_dropout: Fraction = Field(
        0.0,
        description="Share of the kinds of tokens that enter a training step as nothing, wherever they stand (Gal & "
        "Ghahramani 2016).",
    )
    forget_bias: float = Field(
        0.0,
        ge=-10,
        le=10,
        description="Added to the forget gate's bias at the start (a GRU's update gate's); 1 remembers longer from the "
        "first step.",
    )

    @property
    def last_dropout(self) -> float:
        """The share dropped between the last recurrent layer and the output."""
        return self.dropout if self.output_dropout is None else self.output_dropout

    @property
    def gates(self) -> int:
        """What a cell works out for each of its units, gates and candidates counted."""
        return {"lstm": 4, "gru": 3, "rnn": 1}[self.cell]

    @property
    def projects(self) -> bool:
        """Whether a linear layer leads from the hidden units to the length of a tied embedding."""
        return self.tied and self.hidden != self.embedding


class BatchesConfig(Section):
    """How ids are cut into training batches."""

    cut: Literal["streams", "windows", "random lengths"] = Field(
        "streams",
        description="Parallel streams read in order with the state carried; windows from anywhere, the state zero; "
        "or streams in pieces of random length.",
    )
    targets: Literal["every", "last"] = Field(
        "every",
        description="The loss counts the token after every step, or only the one after the last: a piece of 100 then "
        "teaches one token, not 100, for the same work.",
    )
    size: int = Field(16, ge=1, le=4096, description="Streams, or windows, in a batch.")
    length: int = Field(64, ge=1, le=4096, description="Tokens of each piece or window: how far gradients reach back.")
    shortest: int = Field(10, ge=1, le=4096, description="The shortest piece, for cut random lengths.")
    shuffle: bool = Field(True, description="Windows in a new random order at each epoch.")
    roll: bool = Field(
        False,
        description="Streams and random lengths begin elsewhere at each epoch, so that pieces are cut at other places.",
    )
    reset: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Chance that a stream's next piece begins from the zero state, which is else rarely met (Melis et "
        "al. 2018: 0.01).",
    )
    reset_at_ends: bool = Field(
        False,
        description="The state is zero before each end-of-record token is read, in training, scoring and writing: "
        "records do not see each other.",
    )


class LearningConfig(Section):
    """The optimiser, its schedule, and what is kept of the weights it passes through."""

    optimiser: Literal["adam", "adamw", "amsgrad", "rmsprop", "sgd"] = Field(
        "adamw",
        description="Adam; AdamW (weight decay apart: Loshchilov & Hutter 2019); AMSGrad (steps never grow back: Reddi "
        "2018); RMSprop (Hinton 2012); SGD.",
    )
    rate: float = Field(0.005, gt=0, le=10, description="The learning rate at its highest.")
    beta2: float = Field(
        0.99, ge=0, lt=1, description="How slowly Adam's and RMSprop's scale of each weight's gradient moves."
    )
    momentum: float = Field(
        0.9, ge=0, lt=1, description="For sgd: the share of the last step that the next one keeps (Polyak 1964)."
    )
    weight_decay: float = Field(
        0.01,
        ge=0,
        le=10,
        description="How strongly weights are pulled to zero: by adamw in a step of its own, else in the gradient.",
    )
    decay_on: Literal["all", "matrices"] = Field(
        "all", description="Whether weight decay pulls all weights, or only matrices: no biases (as in GPT-2)."
    )
    schedule: Literal["constant", "step", "plateau", "cosine", "one-cycle"] = Field(
        "cosine",
        description="The rate stays; falls every few epochs; falls where scores no longer improve; falls along half a "
        "cosine; or rises and falls (Smith 2018).",
    )
    warmup: int = Field(50, ge=0, le=1_000_000, description="Steps in which the rate rises from zero.")
    final_rate: float = Field(
        0.05, ge=0, le=1, description="For cosine and one-cycle: the share of the rate at the end."
    )
    hold_from: int | None = Field(
        None,
        ge=1,
        description="For cosine and one-cycle: the schedule ends after so many steps, and its last rate is held. None: "
        "it ends with the run.",
    )
    restart_at: int | None = Field(
        None,
        ge=1,
        description="For cosine and one-cycle: the schedule begins anew after so many steps (warm restart: Loshchilov "
        "& Hutter 2017).",
    )
    rise: Fraction = Field(
        0.3, description="For one-cycle: the share of the run in which the rate rises, from a 25th to the whole."
    )
    fall: float = Field(0.5, gt=0, lt=1, description="For step and plateau: what the rate is multiplied by each time.")
    fall_epochs: float = Field(1.0, gt=0, le=1_000_000, description="For step: after how many epochs the rate falls.")
    fall_after: int = Field(
        4, ge=1, le=1_000_000, description="For plateau: after how many scorings without a better one the rate falls."
    )
    clip: float | None = Field(
        1.0,
        gt=0,
        description="The largest norm of the gradient; a longer one is shortened (Pascanu et al. 2013). None: any.",
    )
    clip_value: float | None = Field(
        None, gt=0, description="The largest value in the gradient, cut before its norm is (Graves 2013). None: any."
    )
    accumulate: int = Field(
        1,
        ge=1,
        le=1024,
        description="Batches whose gradients are averaged to one step: a larger batch, in less memory.",
    )
    average: Literal["ema", "mean"] | None = Field(
        None,
        description="Score, keep and sample averaged weights: a moving average, or the mean over the run's last steps "
        "(Polyak 1992); training keeps its own.",
    )
    average_decay: float = Field(
        0.999, ge=0, lt=1, description="For average ema: what a step keeps of the average, at most n/(n+10) at step n."
    )
    average_share: float = Field(
        0.25, gt=0, le=1, description="For average mean: the share of the run, at its end, that is averaged."
    )
    patience: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="End the run after so many scorings without a better one (Prechelt 1998); the first half after a "
        "warm restart does not count. None: never.",
    )

    @property
    def clips(self) -> bool:
        """Whether a gradient may be clipped."""
        return self.clip is not None or self.clip_value is not None


class BudgetConfig(Section):
    """When a run ends: at the first of these to be reached."""

    steps: int | None = Field(None, ge=1, description="Training steps.")
    epochs: float | None = Field(None, gt=0, description="Passes over the training text.")
    minutes: float | None = Field(
        None, gt=0, description="Minutes of training; scoring, saving and pauses not counted."
    )

    @property
    def unlimited(self) -> bool:
        """Whether nothing is set that would end a run."""
        return self.steps is None and self.epochs is None and self.minutes is None


class SamplingConfig(Section):
    """How text is drawn from the model."""

    prompt: Text | None = Field(
        None, description="What the model goes on from; none takes the beginning of a line of the text."
    )
    length: int = Field(500, ge=1, le=1_000_000, description="Tokens to write.")
    temperature: float = Field(
        0.8, ge=0, le=100, description="Below 1 safer, above 1 wilder; 0 always takes the likeliest token."
    )
    top_k: int | None = Field(None, ge=1, description="Draw among the k likeliest tokens only; none: among all.")
    top_p: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Draw among the fewest tokens that have this chance together; 1: all, 0: the likeliest (nucleus "
        "sampling, Holtzman et al. 2020).",
    )
    min_p: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Draw only what has this share of the likeliest token's chance; 0: anything, 1: the likeliest "
        "(Nguyen et al. 2024).",
    )
    repetition_penalty: float = Field(
        1.0,
        ge=1,
        le=10,
        description="Above 1, tokens that were there a moment ago become less likely: their logits are divided by it "
        "(Keskar et al. 2019). For models of words.",
    )
    repetition_window: int = Field(
        64, ge=1, le=4096, description="How many of the last tokens the repetition penalty counts, the prompt's too."
    )
    greedy: bool = Field(False, description="Always the likeliest token; nothing is drawn.")
    window: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Run the last so many tokens through the network anew for each; none carries the state.",
    )
    stop: Text | None = Field(
        None, min_length=1, description="A string after which the text ends, such as a line break; none: at its length."
    )
    stop_at_end: bool = Field(
        False, description="End at the end-of-record token too, where the text was learnt with one."
    )

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        alone = self.top_k == 1 or self.top_p == 0 or self.min_p == 1
        # Below that, nothing but the likeliest has a chance that a float can hold.
        return self.greedy or alone or self.temperature < 1e-6

    @property
    def penalises(self) -> bool:
        """Whether what was there a moment ago counts."""
        return self.repetition_penalty != 1


class PlanConfig(Section):
    """What a run otherwise measures and decides in its first seconds; none: decided then, and recorded."""

    score_every: int | None = Field(None, ge=1, description="Steps between scorings of the held-out part.")
    record_every: int | None = Field(None, ge=1, description="Steps between lines of metrics.")
    precision: Literal["fp32", "bf16"] | None = Field(
        None,
        description="Arithmetic of a training step: single precision, or bfloat16 where that is faster.",
    )
    threads: int | None = Field(None, ge=1, le=1024, description="Processor threads used to train.")
