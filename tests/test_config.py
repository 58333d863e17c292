"""RunConfig: one class for the form, the flags, `run.toml` and the check of all three."""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from lstm_tui.cli import build
from lstm_tui.config import ConfigError, RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import changes, leaves, merge, nest, parse, read_file, show
from lstm_tui.runs.run import Run

LEAVES = {leaf.path: leaf for leaf in leaves()}
# For each field a value that is neither its default nor none.
OTHER: dict[str, Any] = {
    "text.encoding": "cp1252",
    "text.column": "Joke",
    "text.separator": " | ",
    "text.malformed": True,
    "text.repair": True,
    "text.pattern": "*.txt",
    "text.gutenberg": False,
    "text.nfc": True,
    "text.ascii": True,
    "text.lower": True,
    "text.letters": True,
    "text.blank_lines": True,
    "text.kinds": 400,
    "text.least": 2,
    "text.tokens": "words",
    "text.held_out": 0.25,
    "text.test": 0.125,
    "model.cell": "gru",
    "model.input": "one-hot",
    "model.embedding": 3,
    "model.hidden": 7,
    "model.layers": 2,
    "model.tied": True,
    "model.output_layers": 2,
    "model.dropout": 0.5,
    "model.input_dropout": 0.1,
    "model.output_dropout": 0.2,
    "model.locked_dropout": True,
    "model.weight_drop": 0.3,
    "model.embedding_dropout": 0.1,
    "model.forget_bias": -1.5,
    "batches.cut": "random lengths",
    "batches.size": 3,
    "batches.length": 32,
    "batches.shortest": 5,
    "batches.shuffle": False,
    "batches.roll": True,
    "batches.reset": 0.25,
    "batches.reset_at_ends": True,
    "batches.targets": "last",
    "learning.optimiser": "amsgrad",
    "learning.rate": 0.125,
    "learning.beta2": 0.5,
    "learning.momentum": 0.5,
    "learning.weight_decay": 0.5,
    "learning.decay_on": "matrices",
    "learning.schedule": "constant",
    "learning.warmup": 3,
    "learning.final_rate": 0.5,
    "learning.hold_from": 500,
    "learning.restart_at": 700,
    "learning.rise": 0.5,
    "learning.fall": 0.25,
    "learning.fall_epochs": 2.5,
    "learning.fall_after": 3,
    "learning.clip": 2.5,
    "learning.clip_value": 2.5,
    "learning.accumulate": 3,
    "learning.average": "ema",
    "learning.average_decay": 0.5,
    "learning.average_share": 0.5,
    "learning.patience": 3,
    "budget.steps": 9,
    "budget.epochs": 1.5,
    "budget.minutes": 0.5,
    "sampling.prompt": "Once — ",
    "sampling.length": 9,
    "sampling.temperature": 0.5,
    "sampling.top_k": 3,
    "sampling.top_p": 0.5,
    "sampling.min_p": 0.25,
    "sampling.repetition_penalty": 1.5,
    "sampling.repetition_window": 9,
    "sampling.greedy": True,
    "sampling.window": 9,
    "sampling.stop": "\n",
    "sampling.stop_at_end": True,
    "plan.score_every": 3,
    "plan.record_every": 3,
    "plan.precision": "bf16",
    "plan.threads": 3,
    "seed": 5,
}


def problems(values: dict[str, Any]) -> dict[str, str]:
    """What `check` finds: field → sentence."""
    with pytest.raises(ConfigError) as raised:
        check(values)
    return {problem.field: problem.message for problem in raised.value.problems}


# Every field.


def test_every_field_has_a_value_to_be_tested_with() -> None:
    assert OTHER.keys() == LEAVES.keys()
    assert all(LEAVES[path].value(RunConfig()) != value for path, value in OTHER.items())


@pytest.mark.parametrize("path", LEAVES)
def test_every_field_has_help_in_a_sentence(path: str) -> None:
    assert re.fullmatch(r"[A-Z].{10,}[.]", LEAVES[path].help)


@pytest.mark.parametrize("path", LEAVES)
def test_help_fits_into_the_forms_three_lines(path: str) -> None:
    assert len(textwrap.wrap(LEAVES[path].help, 49)) <= 3


def test_every_field_is_a_flag() -> None:
    names = {name for flag in build()["train"].assemble_argument_collection() for name in flag.names}
    assert {f"--{path.replace('_', '-')}" for path in LEAVES} <= names


@pytest.mark.parametrize("path", LEAVES)
def test_every_field_is_reached_and_comes_back_from_its_text(path: str) -> None:
    """What `show` says of a value is what a person may type for it."""
    typed = show(OTHER[path])
    config = check(merge(RunConfig().model_dump(), nest({path: parse(typed)})))
    assert LEAVES[path].value(config) == OTHER[path]
    assert changes(config, RunConfig()) == {path: (OTHER[path], LEAVES[path].value(RunConfig()))}


def test_none_clears_what_may_be_none_and_is_refused_elsewhere() -> None:
    everything = nest({**OTHER, "model.input": "embedding"})  # which tied weights need
    for path, leaf in LEAVES.items():
        cleared = merge(everything, nest({path: parse("None")}))
        if leaf.optional:
            assert leaf.value(check(cleared)) is None
        else:
            assert problems(cleared).keys() == {path}


def test_choices_are_those_the_check_takes() -> None:
    for path, leaf in LEAVES.items():
        for choice in leaf.choices:
            assert show(leaf.value(check(nest({path: choice, "budget.epochs": 1})))) == choice
        if leaf.choices:
            assert problems(nest({path: "neither"})).keys() == {path}


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        RunConfig().model.hidden = 3  # type: ignore[misc]


# The check.


def test_every_bad_field_is_named_at_once_in_a_sentence() -> None:
    found = problems(
        {
            "model": {"hidden": "x", "layers": 0, "input": "two-hot", "dropout": 1, "width": 3},
            "batches": {"size": 4097, "shuffle": "perhaps"},
            "learning": {"rate": 0, "beta2": "nan", "clip": -1},
            "budget": {"steps": 1.5, "minutes": "soon"},
            "sampling": {"prompt": 5},
            "seed": -1,
            "speed": 9,
        }
    )
    assert found == {
        "model.hidden": "model.hidden: expected a whole number, not 'x'.",
        "model.layers": "model.layers: expected 1 or more, not 0.",
        "model.input": "model.input: expected one of embedding, one-hot or scalar, not 'two-hot'.",
        "model.dropout": "model.dropout: expected less than 1.0, not 1.",
        "model.width": "model.width: there is no such setting.",
        "batches.size": "batches.size: expected 4,096 or less, not 4097.",
        "batches.shuffle": "batches.shuffle: expected true or false, not 'perhaps'.",
        "learning.rate": "learning.rate: expected more than 0.0, not 0.",
        "learning.beta2": "learning.beta2: expected a number, not 'nan'.",
        "learning.clip": "learning.clip: expected more than 0.0, not -1.",
        "budget.steps": "budget.steps: expected a whole number, not 1.5.",
        "budget.minutes": "budget.minutes: expected a number, not 'soon'.",
        "sampling.prompt": "sampling.prompt: expected text, not 5.",
        "seed": "seed: expected 0 or more, not -1.",
        "speed": "speed: there is no such setting.",
    }


@pytest.mark.parametrize("typed", ["9" * 30, "9" * 5000, "1e3", "0x10", "1.0.0", "-0", "inf", ""])
def test_odd_numbers_are_a_sentence(typed: str) -> None:
    (message,) = problems({"model": {"hidden": typed}}).values()
    assert message.startswith("model.hidden: expected ")


def test_a_section_that_is_no_table() -> None:
    for value in (5, "x", [1], None):
        (message,) = problems({"model": value}).values()
        assert message == f"model: expected a table of settings, not {value!r}."


def test_half_a_character_in_a_text_is_a_sentence() -> None:
    (message,) = problems({"sampling": {"prompt": "\udcff"}}).values()
    assert message == "sampling.prompt: expected text in Unicode, not '\\udcff'."


def test_fields_are_checked_against_each_other() -> None:
    random_lengths = {"cut": "random lengths", "length": 20, "shortest": 21}
    assert problems({"batches": random_lengths, "budget": {"epochs": None}}) == {
        "batches.shortest": "batches.shortest: 21 is longer than batches.length, 20.",
        "budget.steps": "budget: set steps, epochs or minutes; without one a run would never end.",
    }
    check({"batches": {**random_lengths, "shortest": 20}})
    check({"batches": {**random_lengths, "cut": "streams"}})
    check({"budget": {"epochs": None, "minutes": 1}})
    assert problems({"text": {"held_out": 0.5, "test": 0.45}}) == {
        "text.test": "text.test: 0.5 held out and 0.45 for the test leave too little to learn; together at most 0.9.",
    }
    check({"text": {"held_out": 0.5, "test": 0.4}})
    for entering in ("one-hot", "scalar"):
        assert problems({"model": {"input": entering, "tied": True}}) == {
            "model.tied": f"model.tied: there are no embedding weights to share with model.input {entering}.",
        }


def test_a_config_stored_before_a_field_existed_is_the_run_it_was() -> None:
    """The network's options came later than the first runs: left out, they are off."""
    later = ("cell", "tied", "output_layers", "locked_dropout", "weight_drop", "embedding_dropout")
    stored = RunConfig().model_dump()
    assert {name: stored["model"].pop(name) for name in later} == dict(
        zip(later, ("lstm", False, 1, False, 0.0, 0.0), strict=True)
    )
    assert stored["text"].pop("test") == 0
    off = {name: stored["batches"].pop(name) for name in ("roll", "reset", "reset_at_ends")}
    assert not any(off.values())
    assert check(stored) == RunConfig()


def test_what_sections_say_of_themselves() -> None:
    assert check({"model": {"dropout": 0.5}}).model.last_dropout == 0.5
    assert check({"model": {"dropout": 0.5, "output_dropout": 0}}).model.last_dropout == 0
    greedy = ({"greedy": True}, {"temperature": 0}, {"top_k": 1}, {"top_p": 0}, {"min_p": 1})
    assert all(check({"sampling": values}).sampling.is_greedy for values in greedy)
    assert not check({"sampling": {"temperature": 0.1, "top_k": 2, "top_p": 0.1}}).sampling.is_greedy


# Nested values.


def test_parse() -> None:
    assert [parse(text) for text in ("none", "NONE ")] == [None] * 2
    # A space is a separator, and nothing a prompt.
    assert [parse(text) for text in ("0", "false", "nones", " a ", " ", "")] == ["0", "false", "nones", " a ", " ", ""]


def test_merge_goes_section_by_section() -> None:
    low = {"model": {"hidden": 1, "layers": 2}, "seed": 1}
    assert merge(low, {"model": {"hidden": None}}, {"seed": 3}) == {"model": {"hidden": None, "layers": 2}, "seed": 3}
    assert merge() == {}
    assert low == {"model": {"hidden": 1, "layers": 2}, "seed": 1}


def test_a_table_where_a_value_belongs_is_named() -> None:
    with pytest.raises(ConfigError, match=r"model\.hidden: expected a whole number"):
        check(merge({"model": {"hidden": 5}}, {"model": {"hidden": {"x": 1}}}))


def test_nest_and_changes() -> None:
    config = check(nest({"model.hidden": 9, "budget.epochs": None, "budget.steps": 5, "seed": 2}))
    assert changes(config, RunConfig()) == {
        "model.hidden": (9, 256),
        "budget.steps": (5, None),
        "budget.epochs": (None, 10),
        "seed": (2, 1),
    }
    assert changes(config, config) == {}


# Files.


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    for content in ("seed = 3\n[model]\nhidden = 9\n", "[config]\nseed = 3\n[config.model]\nhidden = 9\n"):
        path.write_text(content)
        assert read_file(path) == {"seed": 3, "model": {"hidden": 9}}


def test_a_run_toml_is_a_config_and_its_nones_are_kept(small_run: Run) -> None:
    """The run was begun with `quick`, which clips; a run that does not clip must say so again."""
    original = check(merge(small_run.config.model_dump(), {"learning": {"clip": None}, "model": {"dropout": 0.1}}))
    small_run.replan(original)
    assert "clip" not in small_run.about["config"]["learning"]
    assert Run(small_run.folder).config == original
    quick = {"learning": {"clip": 1.0}, "sampling": {"top_k": 5}}
    assert check(merge(quick, read_file(small_run.folder / "run.toml"))) == original


def test_every_field_survives_run_toml(small_run: Run) -> None:
    for path, value in OTHER.items():
        config = check(nest({path: value}))
        small_run.replan(config)
        assert Run(small_run.folder).config == config, path


@pytest.mark.parametrize("content", [b"hidden == 3", b"\xff\xfe", b"[model", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(UserError, match=r"mine\.toml is not TOML: .*\.$"):
        read_file(tmp_path / "mine.toml")


def test_a_file_whose_sections_are_no_tables(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(tomli_w.dumps({"model": 5, "seed": 1, "budget": [1]}))
    with pytest.raises(ConfigError) as raised:
        read_file(path)
    assert str(raised.value) == (
        "model: expected a table of settings, not 5.\nbudget: expected a table of settings, not [1]."
    )
    path.write_text("config = 3")
    with pytest.raises(UserError, match=r"\[config\] is not a table of settings"):
        read_file(path)
