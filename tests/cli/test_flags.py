"""Settings as flags: how switches are spelt, what a sentence calls a setting, which escapes are read."""

import json

import pytest

from lstm_tui.flags import as_flags, spelled
from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("--model.tied", "--model.tied=true"),
        ("--model.tied --seed 3", "--model.tied=true --seed 3"),
        ("--model.tied true --greedy FALSE x", "--model.tied=true --greedy=false x"),
        ("--model.tied yes --text.lower 0", "--model.tied=yes --text.lower=0"),
        ("--no-model.tied --no-stop-at-end --no-greedy 1", "--model.tied=false --stop-at-end=false --greedy=false 1"),
        ("--greedy 1 --json on", "--greedy=true 1 --json=true on"),
        ("--text.blank_lines --batches.reset-at-ends=no", "--text.blank-lines=true --batches.reset-at-ends=no"),
        ("--prompt --greedy true", "--prompt --greedy true"),
        ("--prompt=--greedy --json", "--prompt=--greedy --json=true"),
        ("--prompt -- --json -- --json", "--prompt -- --json=true -- --json"),
        ("corpora add - --name --json", "corpora add - --name --json"),
        ("--model.hidden", "--model.hidden"),
    ],
)
def test_switches_have_one_spelling(typed: str, read: str) -> None:
    assert spelled(typed.split()) == read.split()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("model.weight_drop: expected less than 1, not '3'.", "--model.weight-drop: expected less than 1, not '3'."),
        ("a smaller batches.size or batches.length.", "a smaller --batches.size or --batches.length."),
        ("seed: expected 0 or more.\nThe seed is seed: x", "--seed: expected 0 or more.\nThe seed is seed: x"),
        ("no file 'text.test', no /x/text.lower", "no file 'text.test', no /x/text.lower"),
        ("--text.malformed true, text.lower.txt", "--text.malformed true, text.lower.txt"),
        ("model.width: there is no such setting.", "model.width: there is no such setting."),
        ("sampling.top_k: expected 1 or more", "--sampling.top-k: expected 1 or more"),
        ("budget: set steps or a budget: x", "--budget: set steps or a budget: x"),
    ],
)
def test_a_sentence_names_flags(said: str, shown: str) -> None:
    assert as_flags(said) == shown


def test_a_command_with_bare_flags_names_those() -> None:
    assert as_flags("sampling.top_k: x; model.hidden: y", bare=True) == "--top-k: x; --model.hidden: y"


def test_every_way_of_a_switch_means_the_same(command: Command, small_run: Run) -> None:
    def greedy(*flags: str) -> object:
        made = json.loads(command("generate", *flags, "small", "--length=5", "--json").out)
        return made["sampling"]["greedy"]

    assert [greedy("--greedy"), greedy("--greedy", "true"), greedy("--greedy=true")] == [True] * 3
    assert [greedy("--no-greedy"), greedy("--greedy", "false")] == [False] * 2
    refused(command("generate", "small", "--greedy=maybe"), 2, "--greedy: expected true or false, not 'maybe'.")


def test_line_breaks_are_typed(command: Command, small_run: Run) -> None:
    def stop(typed: str) -> object:
        return json.loads(command("generate", "small", "--length=5", "--json", "--stop", typed).out)["sampling"]["stop"]

    assert [stop(r"\n"), stop(r"x\ty"), stop(r"\\n"), stop(r"\d")] == ["\n", "x\ty", r"\n", r"\d"]
    prompt = json.loads(command("generate", "small", "--length=5", "--json", "--prompt", r"a\nb").out)["prompt"]
    assert prompt == r"a\nb"


def test_help_says_what_is_expected(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = command("train", "--help").out
    assert max(map(len, shown.splitlines())) == 80
    for part in ("--model.hidden INTEGER ", "--model.dropout NUMBER ", "--model.cell CHOICE ", "--text.pattern TEXT "):
        assert part in shown
    assert "--model.tied  " in shown and "STR" not in shown and "--no-json" not in shown
    order = [
        shown.index(f"Settings: {name}") for name in ("text", "model", "batches", "learning", "budget", "sampling")
    ]
    assert order == sorted(order)
    # A description is broken where its column ends, not where the source's line does.
    assert "given several times, one text of all; - is standard input." in " ".join(
        line.strip("│ ") for line in shown.splitlines()
    )
