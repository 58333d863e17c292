"""`train --from RUN`: a run that goes on from another one's weights, on another text."""

import json
import shutil
from pathlib import Path

import pytest

from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused
from tests.conftest import TEXT


def test_a_childs_life(command: Command, small_run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("The Žaba went over the hill.\n" * 100, encoding="utf-8")
    flags = ("--device", "cpu", "--name", "child", "--json")
    trained = command("train", "--corpus", tmp_path / "other.txt", "--from", "sma", *flags)
    assert trained.code == 0 and trained.events[-1]["step"] == 12
    assert "Begins from small, its best weights (step " in trained.err
    assert "1 new kind of characters beside the 33 that it knows" in trained.err
    rows = {row["run"]: row for row in json.loads(command("runs", "--json").out)}
    assert (rows["child"]["parent"], rows["small"]["parent"]) == ("small", None)
    assert "parent" in command("runs").out.splitlines()[0]
    shutil.rmtree(small_run.folder)
    resumed = command("resume", "child", "--budget.steps", 15, "--device", "cpu")
    assert resumed.code == 0 and "Begins from" not in resumed.err and "1 new kind" in resumed.err
    assert command("generate", "child", "--length", 20).code == 0
    assert json.loads(command("evaluate", "child", "--json").out)["run"] == "child"


def test_a_config_file_goes_over_the_run(command: Command, small_run: Run, text_file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[learning]\nrate = 0.001\nclip = 0.5\n")
    flags = ("--config", tmp_path / "mine.toml", "--learning.clip", "0.25", "--device", "cpu", "--name", "child")
    assert command("train", "--corpus", text_file, "--from", "small", *flags).code == 0
    about = command("generate", "child", "--length", 5)
    assert about.code == 0
    child = Run(small_run.folder.parent / "child").config
    assert (child.learning.rate, child.learning.clip) == (0.001, 0.25)


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        (("--from", "small", "--recipe", "quick"), 2, "leave out --recipe, or --from"),
        (("--from", "small", "--model.layers", "2"), 2, "model.layers: small has 1, which its weights are for, not 2"),
        (("--from", "nobody"), 1, "There is no run 'nobody'"),
    ],
)
def test_what_cannot_be(
    command: Command, small_run: Run, text_file: Path, flags: tuple[str, ...], code: int, sentence: str
) -> None:
    refused(command("train", "--corpus", text_file, *flags), code, sentence)
    assert [path.name for path in small_run.folder.parent.iterdir()] == ["small"]


def test_a_text_that_has_gone_or_changed_must_be_named(
    command: Command, small_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = "say which text the run's model is to learn, with --corpus."
    refused(command("train", "--from", "small"), 2, f"The text of small, fox.txt, is not to be found: {ask}")
    monkeypatch.chdir(tmp_path)
    Path("fox.txt").write_text("The fox is another one.\n" * 99)
    refused(
        command("train", "--from", "small"), 2, f"fox.txt, has changed since, or is another one of that name: {ask}"
    )


def test_the_runs_own_text_is_learnt_otherwise(command: Command, small_run: Run) -> None:
    (small_run.folder.parent / "x.txt").write_text(TEXT, encoding="utf-8")
    assert command("corpora", "add", small_run.folder.parent / "x.txt", "--name=fox.txt").code == 0
    trained = command("train", "--from", "small", "--device=cpu", "--name=child")
    assert trained.code == 0 and "Learns fox.txt, as small did." in trained.err
    assert len(Run(small_run.folder.parent / "child").ids) == len(small_run.ids)
