"""A clear sentence for all that is wrong, and nothing lost."""

from pathlib import Path

import pytest

from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused, tiny


def test_without_a_terminal_there_is_no_app(command: Command) -> None:
    for arguments in ([], ["--ascii"], ["--no-mouse", "--ascii"]):
        result = command(*arguments)
        refused(result, 2, "use train, resume, generate, evaluate, export, runs, corpora, recipes, devices and locate")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fly"], "There is no command 'fly'; there are train, resume, generate, evaluate, export, runs, "),
        (["train", "--wings=2"], "--wings"),
        (["train", "text.txt"], "'text.txt' belongs to no flag; did you mean --corpus text.txt?"),
        (["generate", "latest", "The fox"], "did you mean --prompt 'The fox'?"),
        (["train", "--model.hidden"], "--model.hidden"),
        (["generate"], "RUN"),
        (["generate", "latest", "--seed=x"], "--seed: expected a whole number, not 'x'."),
        (["--ascii", "runs"], "--ascii is for the app, which opens without a command."),
        (["runs", "a", "b"], "'a' belongs to no flag. See lstm-tui runs --help."),
        (["generate", "latest", "--seed=-1"], "--seed: expected 0 or more, not -1."),
        (["generate", "latest", "--checkpoint=first"], "--checkpoint: expected best or last, not 'first'."),
        (["evaluate", "latest", "--window=0"], "--window: expected 1 or more, not 0."),
        (["evaluate", "latest", "--window=x"], "--window"),
        (["evaluate", "latest", "--part=training"], "--part"),
        (["evaluate", "latest", "--part=test", "--text=a"], "leave out --part, or --text."),
    ],
)
def test_usage(command: Command, small_run: Run, arguments: list[str], sentence: str) -> None:
    refused(command(*arguments), 2, sentence)


@pytest.mark.parametrize("name", ["size", "empty", "blank", "binary", "missing", "folder", "long", "nobody", "nothing"])
def test_texts_that_cannot_be_learnt(command: Command, tmp_path: Path, name: str) -> None:
    contents = {"size": b"Too short for this batch.", "empty": b"", "blank": b" \n\t ", "binary": bytes(99) + b"abc"}
    corpus, sentence = {
        "size": ("size.txt", "needs 33: choose a longer text, or a smaller --batches.size or --batches.length."),
        "empty": ("empty.txt", "empty.txt is empty; choose a file with some text in it."),
        "blank": ("blank.txt", "blank.txt holds nothing but white space"),
        "binary": ("binary.txt", "binary.txt is not a text but binary data; choose a text file."),
        "missing": ("missing.txt", "There is no text and no file "),
        "folder": ("folder", "No file in folder matches '*'; set another pattern (--text.pattern)."),
        "long": ("x" * 5000, "There is no text and no file "),
        "nothing": ("", "There is no text and no file ''; give a path"),
        "nobody": ("~nobody-of-that-name/x", "There is no text and no file "),
    }[name]
    if name in contents:
        (tmp_path / corpus).write_bytes(contents[name])
    (tmp_path / "folder").mkdir()
    path = corpus if name in ("long", "nobody", "nothing") else tmp_path / corpus
    refused(command("train", "--corpus", path, *tiny()), 1, sentence)
    assert store.runs() == []


@pytest.mark.parametrize(
    ("flags", "code", "sentences"),
    [
        (["--recipe=slow"], 1, ["There is no recipe 'slow'; there are quick, "]),
        (["--device=tpu"], 1, ["There is no device 'tpu' here"]),
        (["--config=gone.toml"], 1, ["There is no file gone.toml; check the path."]),
        (["--model.hidden=99999999"], 2, ["--model.hidden: expected 4,096 or less, not '99999999'."]),
        (["--model.hidden=0"], 2, ["--model.hidden: expected 1 or more, not '0'."]),
        (["--model.hidden=-3"], 2, ["--model.hidden: expected 1 or more, not '-3'."]),
        (["--model.hidden=none"], 2, ["--model.hidden: expected a whole number, not None."]),
        (["--sampling.prompt=\udcff"], 2, ["--sampling.prompt: expected text in Unicode, not '\\udcff'."]),
        (
            ["--model.input=x", "--model.layers=9", "--learning.rate=nan", "--seed=-1", "--budget.steps=0"],
            2,
            [
                "--model.input: expected one of embedding, one-hot or scalar",
                "--model.layers: expected 8 or less",
                "--learning.rate: expected a number",
                "--budget.steps: expected 1 or more",
                "--seed: expected 0 or more",
            ],
        ),
        (["--name=Latest"], 1, ["latest means the newest run; give another name."]),
        (["--text.encoding=klingon"], 1, ["There is no encoding 'klingon'"]),
        (["--text.encoding=utf-16"], 1, ["is not utf-16"]),
        (["--text.column=Joke"], 1, ["fox.txt has no column 'Joke'"]),
    ],
)
def test_settings_that_do_not_fit(
    command: Command, text_file: Path, flags: list[str], code: int, sentences: list[str]
) -> None:
    refused(command("train", "--corpus", text_file, *tiny(*flags)), code, *sentences)
    assert store.runs() == []


def test_a_budget_in_words_that_is_none(command: Command, small_run: Run) -> None:
    for name in (["train"], ["resume", "small"]):
        refused(command(*name, "--budget", "soon"), 2, "--budget: expected such as 90s, 2h30, 5k steps")
    refused(command("resume", "small", "--budget", "12 steps"), 1, "give a larger budget.")


def test_a_name_that_is_taken(command: Command, small_run: Run, text_file: Path) -> None:
    result = command("train", "--corpus", text_file, *tiny("--name=Small"))
    refused(result, 1, "There is a run small already; give another name, or go on with it: lstm-tui resume small")


def test_a_config_file_that_is_none(command: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    for content, code, sentence in (
        ("model = 5\nbudget = 3", 2, "model: expected a table"),
        ("[model]\nwidth = 5", 2, "mine.toml: model.width: there is no such setting."),
        ("[model]\nhiden = 5", 2, "mine.toml: model.hiden: there is no such setting. Did you mean 'model.hidden'?"),
        ("speeed = 5", 2, "mine.toml: speeed: there is no such setting."),
        ("[model]\nweight_drop = 5", 2, "model.weight_drop: expected less than 1.0, not 5."),
        ("model == 5", 1, "mine.toml is not TOML"),
    ):
        mine.write_text(content)
        result = command("train", "--config", mine, "--model.layers", "1")
        assert result.code == code and sentence in result.err.splitlines()[0]
        assert store.runs() == []


@pytest.mark.parametrize("name", ["generate", "evaluate", "resume"])
def test_a_run_that_is_not_there(command: Command, name: str) -> None:
    refused(command(name, "latest"), 1, "There are no runs yet")
    refused(command(name, "alice"), 1, "There is no run 'alice'; `lstm-tui runs` lists those there are.")


@pytest.mark.parametrize("name", ["generate", "evaluate", "resume"])
def test_a_checkpoint_that_was_cut(command: Command, small_run: Run, name: str) -> None:
    for kind in ("best", "last"):
        path = small_run.checkpoint_path(kind)
        path.write_bytes(path.read_bytes()[:-20])
    extra = ["--budget.steps=20", "--device=cpu"] if name == "resume" else []
    result = command(name, "small", *extra)
    assert result.code == 1 and "safetensors is damaged (cut short or changed)" in result.err
    assert "unexpected" not in result.err


@pytest.mark.parametrize("file", ["run.toml", "vocabulary.json", "ids.npy"])
@pytest.mark.parametrize("name", ["generate", "evaluate", "resume"])
def test_a_run_that_is_damaged(command: Command, small_run: Run, name: str, file: str) -> None:
    (small_run.folder / file).write_bytes(b"{")
    extra = ["--budget.steps=20", "--device=cpu"] if name == "resume" else ["--device=cpu"]
    result = command(name, "small", *extra)
    if (name, file) == ("generate", "ids.npy"):
        assert result.code == 0  # a prompt of its own needs no text
    else:
        assert result.code == 1 and f"{file} is " in result.err and "damaged" in result.err
    assert "unexpected" not in result.err


def test_a_resumed_budget_must_be_larger(command: Command, small_run: Run) -> None:
    for flag in ("--budget.steps=12", "--budget.steps=3", "--budget.minutes=0.00001"):
        refused(command("resume", "small", flag), 1, "give a larger budget.")
    refused(command("resume", "small", "--budget.steps=x"), 2, "--budget.steps: expected a whole number, not 'x'.")
    assert small_run.config.budget.steps == 12


def test_a_run_that_is_being_trained(command: Command, small_run: Run) -> None:
    with small_run.locked():
        result = command("resume", "small", "--budget.steps=20", "--json", "--device=cpu")
    assert result.code == 1
    (failed,) = result.events
    assert list(failed) == ["event", "message"] and failed["event"] == "failed"
    assert "is being trained by process" in failed["message"]
    assert Run(small_run.folder).config.budget.steps == 12
