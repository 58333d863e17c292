"""RunConfig: everything that decides a run, in one class. The device is not in it.

The form's fields, their limits and help, the command line's flags, `run.toml` and the check of a file
written by hand all come from here: a field is written once. This file does not know recipes (they fill
it), texts or torch.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from lstm_tui import files
from lstm_tui.errors import UserError


def _unicode(text: str) -> str:
    """Refuse what a command line may hold, but no file: bytes that are no UTF-8."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_unicode)]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A frozen group of fields; an unknown key is an error, so that a typing mistake is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TextConfig(Section):
    """How a file becomes the ids that are learnt."""

    encoding: Text | None = Field(None, description="The file's encoding, such as utf-8 or cp1252; none detects it.")
    column: Text | None = Field(
        None, description="For a CSV file, the column that holds the text; none reads it as plain text."
    )
    separator: Text = Field("\n", description="What is put between the records of a CSV column.")
    gutenberg: bool = Field(True, description="Strip Project Gutenberg's header and footer, where there are any.")
    lower: bool = Field(False, description="Lower-case the text: fewer kinds of characters, learnt sooner.")
    tokens: Literal["characters", "words"] = Field(
        "characters", description="What is predicted: the next character, or the next word (split at single spaces)."
    )
    held_out: float = Field(
        0.1, ge=0, le=0.5, description="The share at the text's end that is not learnt but used to score (validation)."
    )


class ModelConfig(Section):
    """The network: input, LSTM layers, a linear output."""

    input: Literal["embedding", "one-hot", "scalar"] = Field(
        "embedding", description="How a token enters: a learnt vector, one of V switches, or its number divided by V."
    )
    embedding: int = Field(
        64, ge=1, le=4096, description="Length of the learnt vector of each token (for input embedding)."
    )
    hidden: int = Field(
        256, ge=1, le=4096, description="Units of each LSTM layer. More remember more; the cost grows as their square."
    )
    layers: int = Field(1, ge=1, le=8, description="LSTM layers, each reading what the one below makes.")
    dropout: Fraction = Field(
        0.0,
        description="Share of what each layer hands on that is zeroed in training: between layers, and to the output.",
    )
    input_dropout: Fraction = Field(0.0, description="The same for what enters the first layer.")
    output_dropout: Fraction | None = Field(
        None, description="The same for what reaches the output only; none takes the value of dropout."
    )
    forget_bias: float = Field(
        0.0,
        ge=-10,
        le=10,
        description="Added to the forget gate's bias at the start; 1 remembers longer from the first step.",
    )

    @property
    def last_dropout(self) -> float:
        """The share dropped between the last LSTM layer and the output."""
        return self.dropout if self.output_dropout is None else self.output_dropout


class BatchesConfig(Section):
    """How ids are cut into training batches."""

    cut: Literal["streams", "windows", "random lengths"] = Field(
        "streams",
        description="Parallel streams read in order with the state carried; windows from anywhere, the state zero; "
        "or streams in pieces of random length.",
    )
    size: int = Field(16, ge=1, le=4096, description="Streams, or windows, in a batch.")
    length: int = Field(64, ge=1, le=4096, description="Tokens of each piece or window: how far gradients reach back.")
    shortest: int = Field(10, ge=1, le=4096, description="The shortest piece, for cut random lengths.")
    shuffle: bool = Field(True, description="Windows in a new random order at each epoch.")
    targets: Literal["every", "last"] = Field(
        "every", description="The loss counts the token after every step, or only the one after the whole piece."
    )


class LearningConfig(Section):
    """The optimiser and its schedule."""

    optimiser: Literal["adam", "adamw", "amsgrad"] = Field(
        "adamw", description="Adam; AdamW (decoupled weight decay); AMSGrad (Adam whose steps never grow back)."
    )
    rate: float = Field(0.005, gt=0, le=10, description="The learning rate at its highest.")
    beta2: float = Field(0.99, ge=0, lt=1, description="How slowly Adam's scale of each weight's gradient moves.")
    weight_decay: float = Field(0.01, ge=0, le=10, description="How strongly weights are pulled to zero.")
    schedule: Literal["constant", "cosine"] = Field(
        "cosine", description="The rate stays, or falls along half a cosine to its final share."
    )
    warmup: int = Field(50, ge=0, le=1_000_000, description="Steps in which the rate rises from zero.")
    final_rate: float = Field(0.05, ge=0, le=1, description="For the cosine: the share of the rate at the end.")
    clip: float | None = Field(
        1.0, gt=0, description="The largest norm of the gradient; a longer one is shortened. None: any."
    )


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
    greedy: bool = Field(False, description="Always the likeliest token; temperature and top-k are not used.")
    window: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Run the last so many tokens through the network anew for each; none carries the state.",
    )

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        # Below that, nothing but the likeliest has a chance that a float can hold.
        return self.greedy or self.temperature < 1e-6 or self.top_k == 1


class PlanConfig(Section):
    """What a run otherwise measures and decides in its first seconds; none: decided then, and recorded."""

    score_every: int | None = Field(None, ge=1, description="Steps between scorings of the held-out part.")
    record_every: int | None = Field(None, ge=1, description="Steps between lines of metrics.")
    precision: Literal["fp32", "bf16"] | None = Field(
        None,
        description="Arithmetic of a training step: single precision, or bfloat16 where that is faster.",
    )
    threads: int | None = Field(None, ge=1, le=1024, description="Processor threads used to train.")


class RunConfig(Section):
    """A whole run. Equal configs on equal texts and devices give equal runs."""

    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    batches: BatchesConfig = BatchesConfig()
    learning: LearningConfig = LearningConfig()
    budget: BudgetConfig = BudgetConfig(epochs=10)
    sampling: SamplingConfig = SamplingConfig()
    plan: PlanConfig = PlanConfig()
    seed: int = Field(1, ge=0, le=2**32 - 1, description="Start of every random draw: same seed, same run.")


@dataclass(frozen=True)
class Problem:
    """One field that does not fit: its dotted path (`model.hidden`), and a sentence."""

    field: str
    message: str


class ConfigError(UserError):
    """Every bad field of a config, one sentence each."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.message for problem in problems))


def check(values: Mapping[str, Any]) -> RunConfig:
    """Nested values as a RunConfig.

    Raises:
        ConfigError: with one sentence for each bad field.
    """
    try:
        config = RunConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError([_problem(dict(detail)) for detail in error.errors()]) from None
    problems = []
    if config.batches.cut == "random lengths" and config.batches.shortest > config.batches.length:
        message = f"batches.shortest: {config.batches.shortest} is longer than batches.length, {config.batches.length}."
        problems.append(Problem("batches.shortest", message))
    if config.budget.unlimited:
        problems.append(
            Problem("budget.steps", "budget: set steps, epochs or minutes; without one a run would never end.")
        )
    if problems:
        raise ConfigError(problems)
    return config


def _problem(detail: Mapping[str, Any]) -> Problem:
    """One of pydantic's findings as a sentence for a person."""
    field = ".".join(str(part) for part in detail["loc"] if not str(part).startswith(("constrained", "literal")))
    given, limits = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return Problem(field, f"{field}: there is no such setting.")
        case "literal_error":
            text = f"one of {limits['expected'].replace(chr(39), '')}"
        case "greater_than_equal":
            text = f"{limits['ge']:,} or more"
        case "less_than_equal":
            text = f"{limits['le']:,} or less"
        case "greater_than":
            text = f"more than {limits['gt']:,}"
        case "less_than":
            text = f"less than {limits['lt']:,}"
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            text = "a whole number"
        case "float_parsing" | "float_type" | "finite_number":
            text = "a number"
        case "bool_parsing" | "bool_type":
            text = "true or false"
        case "string_type":
            text = "text"
        case "value_error":
            text = "text in Unicode"
        case "model_type" | "model_attributes_type":
            text = "a table of settings"
        case _:
            text = detail["msg"].lower()
    return Problem(field, f"{field}: expected {text}, not {given!r}.")


@dataclass(frozen=True)
class Leaf:
    """One field of RunConfig, for whoever lists them all: the form, the flags, the tests."""

    section: str
    name: str
    info: FieldInfo

    @property
    def path(self) -> str:
        """`model.hidden`; `seed`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    @property
    def help(self) -> str:
        return self.info.description or ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words a field may take; empty for numbers and free text."""
        for kind in (self.info.annotation, *get_args(self.info.annotation)):
            if get_origin(kind) is Literal:
                return get_args(kind)
        return ("true", "false") if self.info.annotation is bool else ()

    @property
    def optional(self) -> bool:
        """Whether `none` is a value."""
        return type(None) in get_args(self.info.annotation)

    def value(self, config: RunConfig) -> Any:
        return getattr(getattr(config, self.section) if self.section else config, self.name)


def leaves() -> Iterator[Leaf]:
    """Every field, in the order of the form."""
    for name, info in RunConfig.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            for inner, inner_info in info.annotation.model_fields.items():
                yield Leaf(name, inner, inner_info)
        else:
            yield Leaf("", name, info)


def parse(text: str) -> Any:
    """What a person typed for a field, as the check takes it: the word `none` clears."""
    return None if text.strip().lower() == "none" else text


def show(value: Any) -> str:
    """A field's value as a person would type it."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Nested dictionaries, later ones over earlier ones, section by section."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            if isinstance(value, Mapping):
                below = result.get(key)
                result[key] = merge(below if isinstance(below, Mapping) else {}, value)
            else:
                result[key] = value
    return result


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"model.hidden": 512}` as `{"model": {"hidden": 512}}`."""
    result: dict[str, Any] = {}
    for path, value in flat.items():
        section, _, name = path.rpartition(".")
        if section:
            result.setdefault(section, {})[name] = value
        else:
            result[name] = value
    return result


def changes(config: RunConfig, base: RunConfig) -> dict[str, tuple[Any, Any]]:
    """Fields whose values differ: path → (value, value in `base`)."""
    pairs = {leaf.path: (leaf.value(config), leaf.value(base)) for leaf in leaves()}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def read_file(path: Path) -> dict[str, Any]:
    """The settings in a TOML file: a config written by hand, or a run's `run.toml`.

    A setting that a `run.toml` leaves out is none; one that a file written by hand leaves out is not said.

    Raises:
        ConfigError: where a section is no table.
        UserError: where it is missing or no TOML.
    """
    try:
        values = tomllib.loads(files.read_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not TOML: {error}.") from None
    config = values.get("config", values)
    if not isinstance(config, dict):
        raise UserError(f"{path}: [config] is not a table of settings.")
    bare = [name for name in _sections() if not isinstance(config.get(name, {}), dict)]
    if bare:
        raise ConfigError(
            [Problem(name, f"{name}: expected a table of settings, not {config[name]!r}.") for name in bare]
        )
    return with_nones(config) if "format" in values else config


def with_nones(values: Mapping[str, Any]) -> dict[str, Any]:
    """A stored config with its left-out fields as None, so that no default comes back in their place."""
    missing = nest({leaf.path: None for leaf in leaves() if leaf.optional})
    return merge(missing, values)


def _sections() -> list[str]:
    return list(dict.fromkeys(leaf.section for leaf in leaves() if leaf.section))
