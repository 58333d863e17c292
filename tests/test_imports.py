"""What each command loads: torch only where it trains, Textual only in the app; and how soon help is there."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lstm_tui
from lstm_tui.runs.run import Run

PACKAGE = Path(lstm_tui.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
# Run a command in a fresh interpreter; the names of all loaded modules are its last line.
WATCHED = """
import json, sys
from lstm_tui import cli
sys.argv = ["lstm-tui", *sys.argv[1:]]
try:
    cli.main()
except SystemExit as ended:
    assert not ended.code, ended.code
print()
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["runs"],
        ["corpora"],
        ["recipes"],
        ["locate"],
        ["generate", "small", "--device", "cpu", "--length", "20"],
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_commands_that_do_without_torch(small_run: Run, arguments: list[str]) -> None:
    loaded = loaded_by(*arguments)
    assert "lstm_tui.cli" in loaded
    assert loaded & {"torch", "textual"} == set()


def test_lists_of_texts_do_without_numpy_too() -> None:
    assert loaded_by("corpora") & {"numpy", "pooch", "requests", "charset_normalizer"} == set()


def test_the_watch_sees_what_is_loaded(small_run: Run) -> None:
    assert {"torch", "numpy"} <= loaded_by("evaluate", "small", "--device", "cpu")


def fastest(*arguments: str) -> float:
    """Seconds that an interpreter computes, the fewest of three runs: what else the machine does does not count."""
    seconds = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(seconds)


def test_help_is_there_at_once() -> None:
    assert fastest("-m", "lstm_tui", "--help") - fastest("-c", "pass") < 0.4  # 0.2 on a quiet machine


def imported_by(source: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(PACKAGE)))
def test_textual_and_torch_have_their_places(source: Path) -> None:
    place = source.relative_to(PACKAGE).parts[0]
    imported = imported_by(source)
    if place != "app":
        assert imported & {"textual"} == set()
    if place not in ("lstm", "jobs", "devices.py"):
        assert "torch" not in imported
    assert "pickle" not in imported


def test_the_places_are_used() -> None:
    users = {
        package: {source.relative_to(PACKAGE).parts[0] for source in SOURCES if package in imported_by(source)}
        for package in ("torch", "textual")
    }
    assert users == {"torch": {"lstm", "jobs", "devices.py"}, "textual": {"app"}}


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys; before = set(sys.modules); import lstm_tui; print(*set(sys.modules) - before)"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert result.stdout.split() == ["lstm_tui"]
