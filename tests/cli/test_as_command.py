"""A text of the app as a command: what the command line writes with it is the same text."""

import shlex
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from lstm_tui.app.as_command import as_command, why_not_again
from lstm_tui.flags import _unescaped
from lstm_tui.jobs.generating import Generation
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from tests.cli.conftest import Command

Written = Callable[[Generation], Output]
PROMPT = '-- it\'s a "$HOME"\n`fox` \\ '


def whole(made: Generation) -> Output:
    for _ in made.steps():
        pass
    return made.output(whole=True)


def stopped(made: Generation) -> Output:
    for _ in islice(made.steps(), 9):
        pass
    return made.output(whole=False)


def made_longer(made: Generation) -> Output:
    for number, _ in enumerate(made.steps()):
        if number == 5:
            made.change(made.sampling.model_copy(update={"length": 25}))
    return made.output(whole=True)


@pytest.mark.parametrize(
    ("sampling", "streams", "written"),
    [
        ({}, 1, whole),
        ({"temperature": 1.2345678, "top_k": 5, "top_p": 0.9, "min_p": 0.01, "repetition_penalty": 1.3}, 1, whole),
        ({"greedy": True, "temperature": 0.3}, 1, whole),
        ({"stop": "\n", "window": 7, "length": 100}, 1, whole),
        ({"stop": "-", "stop_at_end": True}, 1, stopped),
        ({"temperature": 1.1}, 3, stopped),
        ({}, 1, made_longer),
    ],
)
def test_the_command_writes_the_same_text(
    small_run: Run, command: Command, sampling: dict[str, Any], streams: int, written: Written
) -> None:
    settings = SamplingConfig.model_validate({**small_run.config.sampling.model_dump(), "length": 20, **sampling})
    output = written(Generation(small_run, PROMPT, settings, seed=5, streams=streams))
    assert not why_not_again(output)
    line = as_command(small_run.id, output, small_run.config.sampling)
    name, *arguments = shlex.split(line)
    assert name == "lstm-tui"
    result = command(*arguments)
    assert result.code == 0
    texts = output.texts
    numbered = "".join(f"--- {number} of {len(texts)} ---\n{text}\n" for number, text in enumerate(texts, 1))
    assert result.out == (f"{texts[0]}\n" if len(texts) == 1 else numbered)


@pytest.mark.parametrize("stop", [r"\n", "\\", r"\\t", r"\d", "\n", "--"])
def test_a_stop_string_is_typed_so_that_it_is_read_as_it_is(stop: str) -> None:
    output = Output("a", ("b",), 1, SamplingConfig(stop=stop).model_dump(exclude={"prompt"}))
    words = shlex.split(as_command("one", output, SamplingConfig()))
    typed = next(words[at + 1] if word == "--stop" else word[7:] for at, word in enumerate(words) if "--stop" in word)
    assert _unescaped("sampling.stop", typed) == stop and not why_not_again(output)


def test_a_stop_string_that_is_the_word_none_cannot_be_typed() -> None:
    output = Output("a", ("b",), 1, SamplingConfig(stop="None").model_dump(exclude={"prompt"}))
    assert why_not_again(output).startswith("It does not write this very text: the stop string None")


def test_a_greedy_run_that_was_told_to_draw_says_so(small_run: Run) -> None:
    output = Output("a", ("b",), 1, SamplingConfig(greedy=False).model_dump(exclude={"prompt"}))
    assert "--no-greedy" in as_command("one", output, SamplingConfig(greedy=True))
    assert "greedy" not in as_command("one", output, SamplingConfig())


def test_what_changed_in_the_midst_cannot_be_had_again() -> None:
    output = Output("a", ("b",), 1, {"temperature": 0.5}, changes=((3, {"temperature": 0.7}), (9, {"length": 4})))
    assert "after 3, 9 tokens" in why_not_again(output)
    assert "--temperature 0.7" in as_command("one", output, SamplingConfig())
