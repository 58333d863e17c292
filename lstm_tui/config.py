"""RunConfig: everything that decides a run, in one class. The device is not in it.

The form's fields, their limits and help, the command line's flags, `run.toml` and the check of a file
written by hand all come from it: `sections.py` says what the fields are, `fields.py` lists them all. This file
does not know recipes (they fill it), texts or torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from lstm_tui.errors import UserError
from lstm_tui.sections import (
    MOST_APART,
    BatchesConfig,
    BudgetConfig,
    LearningConfig,
    ModelConfig,
    PlanConfig,
    SamplingConfig,
    Section,
    TextConfig,
)


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
    if round(config.text.held_out + config.text.test, 9) > MOST_APART:
        shares = f"{config.text.held_out:g} held out and {config.text.test:g} for the test"
        message = f"text.test: {shares} leave too little to learn; together at most {MOST_APART:g}."
        problems.append(Problem("text.test", message))
    if config.model.tied and config.model.input != "embedding":
        message = f"model.tied: there are no embedding weights to share with model.input {config.model.input}."
        problems.append(Problem("model.tied", message))
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
        case "too_short":
            text = f"{limits['min_length']} character or more"
        case "value_error":
            text = "text in Unicode"
        case "model_type" | "model_attributes_type":
            text = "a table of settings"
        case _:
            text = detail["msg"].lower()
    return Problem(field, f"{field}: expected {text}, not {given!r}.")
