"""What a person at a terminal sees beside what a pipe gets: tables that fit, the prompt, the end of a line."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import cli
from lstm_tui.console import NO_BREAK, hung, table
from lstm_tui.jobs.events import Progress, describe
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from lstm_tui.writing import _print_as_it_comes
from tests.cli.conftest import Command

NAME = "2026-11-21-1405-a-text-of-a-longish-name-many-to-one-every"


def at_a_terminal(patch: pytest.MonkeyPatch) -> None:
    """From now on stdout is a terminal of 80 columns that knows no escapes."""
    patch.setenv("COLUMNS", "80")
    patch.setenv("TERM", "dumb")
    patch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def test_runs_are_a_line_each(command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    header, row = command("runs").out.splitlines()
    assert header.split() == ["run", "state", "best", "to", "n-gram", "when", "corpus", "recipe", "step", "seconds"]
    assert row.startswith("small  done   ") and len(row.rstrip()) <= 80
    small_run.folder.rename(small_run.folder.with_name(NAME))
    for columns, last in (("80", "best"), ("67", "state"), ("20", "run")):
        monkeypatch.setenv("COLUMNS", columns)
        header, row = (line.rstrip() for line in command("runs").out.splitlines())
        assert row.startswith(NAME) and header.endswith(last)
        assert len(row) <= max(len(NAME), int(columns))


def test_a_pipe_gets_all_columns_and_a_line_a_row(command: Command, small_run: Run) -> None:
    header, _ = command("runs").out.splitlines()
    assert header.split()[-5:] == ["loss", "uniform", "letters", "n-gram", "parent"]
    listed = command("corpora").out.splitlines()
    assert listed[0].split()[-1] == "about" and len(listed) == 6


def test_words_are_broken_between_and_empty_columns_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "a-name", "none": None, "summary": "word " * 20, "address": "https://" + "x" * 60, "loss": 1234.5},
        {"name": "b", "none": "", "summary": "", "address": "", "loss": 0.123456},
    ]
    at_a_terminal(monkeypatch)
    table(rows, False)
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert shown[0] == "name    summary" and len(shown) == 4
    assert [len(line) for line in shown[1:3]] == [77, 37]
    table(rows, False, first=["loss"], headings={"loss": "nats"})
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in shown[:2]] == [["nats", "name"], ["1,234", "a-name"]]


def test_the_prompt_is_shown_to_a_terminal_only(
    command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ("generate", "small", "--prompt=The fox", "--length=9", "--seed=1")
    piped = command(*flags).out
    both = command(*flags, "--streams=2").out
    assert piped.endswith("\n") and "The fox" not in piped + both
    at_a_terminal(monkeypatch)
    assert command(*flags).out == "The fox" + piped
    assert command(*flags, "--streams=2").out.count("---\nThe fox") == 2


def test_the_prompt_is_dimmed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Text:
        prompt = "The\x1b fox"

        def __iter__(self) -> object:
            yield " went"
            raise KeyboardInterrupt

    at_a_terminal(monkeypatch)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyboardInterrupt):
        _print_as_it_comes(Text())  # type: ignore[arg-type]
    assert capsys.readouterr().out == "\x1b[2mThe\ufffd fox\x1b[22m went\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_prompts_come_from_pipes(command: Command, small_run: Run, tmp_path: Path) -> None:
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for flag, length in (("--prompts", 2), ("--prompt-file", 1)):
        writer = threading.Thread(target=pipe.write_text, args=("The fox\nwent",))
        writer.start()
        assert len(command("generate", "small", flag, pipe, "--length=5", "--json").events) == length
        writer.join()
    assert command("generate", "small", "--prompts", os.devnull).out == ""


def test_a_line_of_progress_fits() -> None:
    def line(*values: float) -> str:
        step, epoch, loss, rate, speed, elapsed = values
        return describe(
            Progress(
                step=int(step),
                epoch=epoch,
                train_loss=loss,
                learning_rate=rate,
                gradient_norm=1.0,
                tokens_per_second=speed,
                elapsed=elapsed,
            )
        )

    lines = [line(1, 0.01, 7.66, 1e-4, 312, 0.1), line(999_999, 999.99, 0.5, 0.5, 9_999_999, 359_999)]
    assert [len(line) for line in lines] == [len(lines[0])] * 2 and len(lines[0]) <= 80
    assert [line.index("train") for line in lines] == [lines[0].index("train")] * 2
    assert lines[0].endswith("312 tok/s     0:00") and lines[1].endswith("9,999,999 tok/s 99:59:59")


def test_an_interruption_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "find", interrupted)
    monkeypatch.setattr(sys, "argv", ["lstm-tui", "generate", "latest"])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, tuple(capsys.readouterr())) == (130, ("", "\r  \r"))


def test_long_lines_go_on_below(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "label   " + "  ".join(f"{letter}{NO_BREAK}1,000" for letter in "abcdefghijkl")
    assert hung(line, 8) == line.replace(NO_BREAK, " ")
    at_a_terminal(monkeypatch)
    first, second = hung(line, 8).splitlines()
    assert first.endswith("h 1,000") and len(first) <= 80 and second == "        i 1,000  j 1,000  k 1,000  l 1,000"
