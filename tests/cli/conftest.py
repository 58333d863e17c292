"""Running commands in this process, on tiny runs."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lstm_tui import cli
from lstm_tui.errors import no_control_characters
from tests.conftest import TINY

TINY_FLAGS = {
    f"--{section}.{name.replace('_', '-')}": str(value)
    for section, values in TINY.items()
    for name, value in values.items()
} | {"--device": "cpu"}


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def tiny(*flags: str) -> list[str]:
    """Flags of a tiny run, with some over them, each as --name=value."""
    over = dict(flag.split("=", 1) for flag in flags)
    return [f"{name}={value}" for name, value in {**TINY_FLAGS, **over}.items()]


Command = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """command("runs", "--json"): run a command in this process."""

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["lstm-tui", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert isinstance(code, int)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert no_control_characters(out + err, keep="\n\t") == out + err
        return Result(code, out, err)

    return run


def refused(result: Result, code: int, *sentences: str) -> None:
    """The command said why in one sentence for each thing that is wrong, and nothing else."""
    assert (result.code, result.out) == (code, "")
    lines = [line for line in result.err.splitlines() if not line.startswith("cpu, ")]
    assert len(lines) == len(sentences), lines
    for line, sentence in zip(lines, sentences, strict=True):
        assert sentence in line
        assert line[-1] in ".)" or "--help" in line or "lstm-tui" in line
        assert "unexpected" not in line
