"""The command line, as other programs rely on it: names, keys, exit codes; and a sentence for all that is wrong."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lstm_tui import __version__, cli, locations
from lstm_tui.errors import no_control_characters
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.conftest import TINY

TINY_FLAGS = {
    f"--{section}.{name.replace('_', '-')}": str(value)
    for section, values in TINY.items()
    for name, value in values.items()
} | {"--device": "cpu"}
KEYS = {
    "started": ["run", "directory", "device", "parameters", "vocabulary", "train_tokens", "validation_tokens"],
    "progress": ["step", "epoch", "train_loss", "learning_rate", "gradient_norm", "tokens_per_second", "elapsed"],
    "scored": ["step", "validation_loss", "best"],
    "sampled": ["step", "text"],
    "saved": ["kind", "step"],
    "finished": ["run", "reason", "step", "train_loss", "best_validation_loss", "elapsed"],
}


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


# The way through.


def test_a_run_from_beginning_to_end(command: Command, text_file: Path) -> None:
    trained = command("train", "--corpus", text_file, *tiny(), "--name", "Mine")
    assert trained.code == 0
    assert trained.err.startswith("cpu, ")
    assert "mine on cpu: " in trained.out and "Done after 12 steps" in trained.out

    (listed,) = json.loads(command("runs", "--json").out)
    assert list(listed) == [
        "run",
        "state",
        "corpus",
        "recipe",
        "step",
        "train_loss",
        "best_validation_loss",
        "elapsed",
    ]
    assert (listed["run"], listed["state"], listed["corpus"], listed["step"]) == ("mine", "done", "fox.txt", 12)

    written = command("generate", "latest", "--prompt", "The fox", "--length", 30, "--seed", 5)
    assert (written.code, written.err) == (0, "")
    assert len(written.out) == 31 and written.out.endswith("\n")
    assert command("generate", "mine", "--prompt=The fox", "--length=30", "--seed=5").out == written.out
    assert command("generate", "mine", "--prompt=The fox", "--length=30", "--seed=6").out != written.out

    scored = command("evaluate", "mine")
    assert scored.code == 0 and "nats per token" in scored.out and "stateful" in scored.out

    assert "has used its budget (12 steps)" in command("resume", "mine").err
    resumed = command("resume", "mine", "--budget.steps", 20, "--json", "--device", "cpu")
    assert resumed.code == 0
    assert [event["step"] for event in resumed.events if event["event"] == "progress"] == [15, 18, 20]
    assert resumed.events[-1]["reason"] == "budget"
    assert json.loads(command("runs", "--json").out)[0]["step"] == 20


def test_json_says_each_event_on_a_line(command: Command, text_file: Path) -> None:
    result = command("train", "--corpus", text_file, *tiny(), "--json", "--name", "mine")
    events = result.events
    scoring = ["scored", "saved", "sampled"]
    assert [event["event"] for event in events] == [
        "started",
        "progress",
        *scoring,
        "progress",
        "progress",
        *scoring,
        "progress",
        *scoring,
        "saved",
        "finished",
    ]
    for event in events:
        assert list(event) == ["event", *KEYS[event["event"]]]
    started, finished = events[0], events[-1]
    assert (started["run"], started["device"]) == ("mine", "cpu")
    assert started["directory"] == str(locations.runs() / "mine")
    assert started["train_tokens"] + started["validation_tokens"] == len(text_file.read_text(encoding="utf-8"))
    assert [event["step"] for event in events if event["event"] == "progress"] == [3, 6, 9, 12]
    assert [event["kind"] for event in events if event["event"] == "saved"] == ["best"] * 3 + ["last"]
    assert (finished["reason"], finished["step"]) == ("budget", 12)
    assert finished["best_validation_loss"] == min(e["validation_loss"] for e in events if e["event"] == "scored")
    kept = list(store.find("mine").lines("metrics"))
    assert kept == [event for event in events if event["event"] in ("progress", "scored")]


def test_json_of_a_run_that_holds_nothing_out(command: Command, text_file: Path) -> None:
    flags = tiny("--text.held-out=0", "--sampling.prompt=none")
    events = command("train", "--corpus", text_file, *flags, "--json").events
    assert events[0]["validation_tokens"] is None
    assert {event["validation_loss"] for event in events if event["event"] == "scored"} == {None}
    assert events[-1]["best_validation_loss"] is None
    scored = command("evaluate", "latest", "--json")
    assert "scored on its training text" in scored.err
    assert json.loads(scored.out)["tokens"] == events[0]["train_tokens"] - 1


def test_json_of_generate(command: Command, small_run: Run) -> None:
    result = command("generate", "small", "--json", "--prompt=The ☃ fox", "--length=9", "--seed=3", "--temperature=0.5")
    written = json.loads(result.out)
    assert list(written) == [
        "run",
        "prompt",
        "text",
        "tokens",
        "seconds",
        "tokens_per_second",
        "seed",
        "sampling",
        "unknown",
    ]
    assert (written["run"], written["prompt"], written["unknown"]) == ("small", "The ☃ fox", ["☃"])
    assert (written["tokens"], len(written["text"]), written["seed"]) == (9, 9, 3)
    assert written["sampling"]["temperature"] == 0.5 and written["sampling"]["length"] == 9
    assert command("generate", "small", "--prompt=The  fox", "--length=9", "--seed=3", "--temperature=0.5").out == (
        written["text"] + "\n"
    )


def test_json_of_evaluate(command: Command, small_run: Run, text_file: Path) -> None:
    keys = [
        "run",
        "checkpoint",
        "mode",
        "window",
        "tokens",
        "nats_per_token",
        "bits_per_character",
        "perplexity",
    ]
    held_out = json.loads(command("evaluate", "small", "--json").out)
    assert list(held_out) == keys
    assert (held_out["run"], held_out["checkpoint"]) == ("small", "best")
    assert (held_out["mode"], held_out["window"]) == ("stateful", None)
    cold = json.loads(command("evaluate", "small", "--json", "--window=16", "--checkpoint=last").out)
    assert (cold["mode"], cold["window"], cold["checkpoint"]) == ("cold", 16, "last")
    assert cold["tokens"] == held_out["tokens"] == len(small_run.ids) - small_run.train_tokens - 1
    text_file.write_text("The fox ☃ 12", encoding="utf-8")
    other = command("evaluate", "small", "--json", "--text", text_file)
    assert json.loads(other.out)["tokens"] == 10
    assert "'☃'" in other.err
    assert held_out["bits_per_character"] == pytest.approx(held_out["nats_per_token"] / 0.6931, rel=1e-3)


def test_lists(command: Command, small_run: Run) -> None:
    keys = {
        "corpora": ["name", "title", "bytes", "about"],
        "recipes": ["name", "text", "summary"],
        "devices": ["name", "label", "reason"],
        "locate": ["what", "path"],
    }
    for name, expected in keys.items():
        rows = json.loads(command(name, "--json").out)
        assert all(list(row) == expected for row in rows)
        shown = command(name)
        assert shown.code == 0 and str(rows[0][expected[0]]) in shown.out
    assert {row["what"]: row["path"] for row in json.loads(command("locate", "--json").out)}["runs"] == str(
        locations.runs()
    )


def test_a_list_shows_whole_names(command: Command, small_run: Run) -> None:
    """A name that a list cuts short could not be given to another command."""
    name = "2026-11-21-1405-" + "a-very-long-name-of-a-text" + "-many-to-one-deep"
    small_run.folder.rename(small_run.folder.with_name(name))
    assert name in command("runs").out
    assert str(locations.log()) in command("locate").out


def test_no_runs_yet(command: Command) -> None:
    assert json.loads(command("runs", "--json").out) == []
    result = command("runs")
    assert (result.code, result.out, result.err) == (0, "", "There are no runs yet; begin with: lstm-tui train\n")


def test_help_and_version(command: Command) -> None:
    assert command("--version").out.strip() == __version__
    overview = command("--help").out
    for name in ("train", "resume", "generate", "evaluate", "runs", "corpora", "recipes", "devices", "locate"):
        assert name in overview
        assert command(name, "--help").code == 0


def test_a_config_file_lies_between_recipe_and_flags(command: Command, text_file: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("seed = 9\n[learning]\nrate = 0.25\nclip = 7\n[budget]\nminutes = 9\n")
    result = command("train", f"--corpus={text_file}", f"--config={mine}", *tiny("--learning.clip=NONE"))
    assert result.code == 0
    config = store.find("latest").config
    assert (config.seed, config.learning.rate, config.learning.clip, config.learning.beta2) == (9, 0.25, None, 0.99)
    assert (config.budget.minutes, config.budget.steps) == (9, 12)

    again = command("train", f"--corpus={text_file}", "--config", store.find("latest").folder / "run.toml")
    assert again.code == 0
    assert store.find("latest").config == config


# A run is a folder that needs nothing else.


def test_a_copied_run_goes_on_without_its_corpus(command: Command, small_run: Run, tmp_path: Path) -> None:
    copied = tmp_path / "elsewhere"
    shutil.move(small_run.folder, copied)
    assert command("generate", copied, "--length=5").code == 0
    assert command("evaluate", copied).code == 0
    assert command("resume", copied, "--budget.steps=15", "--device=cpu").code == 0
    assert store.summary(Run(copied)).step == 15


# Signals.


@contextmanager
def signalled(number: int, run: str) -> Iterator[threading.Event]:
    """Send this process a signal once the run of that name has a line of metrics; gives whether it was sent."""
    metrics = locations.runs() / run / "metrics.jsonl"

    over, sent = threading.Event(), threading.Event()

    def send() -> None:
        while not over.wait(0.01):
            if metrics.exists() and metrics.stat().st_size:
                os.kill(os.getpid(), number)
                sent.set()
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_saves_and_ends_and_the_run_goes_on(command: Command, text_file: Path, name: str) -> None:
    number = getattr(signal, name)
    came: list[int] = []
    before = signal.signal(number, lambda *_: came.append(number))
    try:
        with signalled(number, "mine"):
            flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
            result = command("train", "--corpus", text_file, *flags, "--json")
        assert signal.getsignal(number) != signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert (result.code, came) == (130, [])
    assert [event["event"] for event in result.events[-2:]] == ["saved", "finished"]
    assert result.events[-1]["reason"] == "stopped"
    step = store.summary(store.find("mine")).step
    assert step == result.events[-1]["step"] > 0
    resumed = command("resume", "mine", f"--budget.steps={step + 6}", "--json", "--device=cpu")
    assert resumed.code == 0 and resumed.events[-1]["step"] == step + 6


def test_nohup_is_respected(command: Command, text_file: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signalled(signal.SIGHUP, "mine") as sent:
            flags = tiny("--budget.steps=1500", "--plan.score-every=1500", "--name=mine")
            result = command("train", "--corpus", text_file, *flags)
        assert sent.is_set() and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert result.code == 0
    assert store.summary(store.find("mine")).step == 1500


def lstm_tui(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A process of its own, its signals as a shell in front would set them."""
    return subprocess.Popen(
        [sys.executable, "-m", "lstm_tui", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **{"stdout": subprocess.PIPE, **options},
    )


def test_ctrl_c_saves_and_ends_with_130(command: Command, text_file: Path) -> None:
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    with lstm_tui("train", "--corpus", text_file, *flags, "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "started"
        assert json.loads(process.stdout.readline())["event"] == "progress"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["reason"]) == ("finished", "stopped")
    assert store.find("mine").trainer() is None
    resumed = command("resume", "mine", f"--budget.steps={last['step'] + 3}", "--json", "--device=cpu")
    assert resumed.code == 0 and resumed.events[-1]["step"] == last["step"] + 3


# Readers that go.


@pytest.mark.parametrize("arguments", [["corpora"], ["recipes", "--json"], ["train", "--help"]])
def test_a_reader_that_has_gone_is_no_traceback(arguments: list[str]) -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for reader in ("head -1", "true"):
        line = f"{sys.executable} -m lstm_tui {' '.join(arguments)} | {reader}"
        result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, env=buffered)
        assert result.stderr == ""


def test_a_reader_that_goes_while_a_run_trains(text_file: Path) -> None:
    """It is saved, and ends: nobody reads any more."""
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    with lstm_tui("train", "--corpus", text_file, *flags, "--json") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err.startswith("cpu, ") and len(err.splitlines()) == 1
    assert store.summary(store.find("mine")).state == "stopped"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_an_output_that_is_full(text_file: Path) -> None:
    flags = tiny("--budget.steps=50000", "--plan.score-every=50000", "--name=mine")
    for arguments in (["corpora", "--json"], ["train", f"--corpus={text_file}", *flags]):
        with Path("/dev/full").open("w") as full_disk, lstm_tui(*arguments, stdout=full_disk) as process:
            _, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert err.splitlines()[-1] == "Could not write the output: the disk is full."
        assert "Traceback" not in err and "ignored" not in err
    assert store.summary(store.find("mine")).state == "stopped"


def test_an_output_that_lacks_a_character(small_run: Run) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    arguments = ["generate", "small", "--device=cpu", "--seed=1", "--length=400"]
    with lstm_tui(*arguments, env=environment) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "?" in out and len(out) == 401


# What is wrong is a sentence.


def test_without_a_terminal_there_is_no_app(command: Command) -> None:
    for arguments in ([], ["--ascii"], ["--no-mouse", "--ascii"]):
        result = command(*arguments)
        refused(result, 2, "use train, resume, generate, evaluate, runs, corpora, recipes, devices and locate")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fly"], 'Unknown command "fly"'),
        (["train", "--wings=2"], "--wings"),
        (["train", "text.txt"], "text.txt"),
        (["train", "--model.hidden"], "--model.hidden"),
        (["generate"], "RUN"),
        (["generate", "latest", "--seed=x"], "--seed"),
        (["generate", "latest", "--seed=-1"], "--seed: expected 0 or more, not -1."),
        (["generate", "latest", "--checkpoint=first"], "--checkpoint: expected best or last, not 'first'."),
        (["evaluate", "latest", "--window=0"], "--window: expected 1 or more, not 0."),
        (["evaluate", "latest", "--window=x"], "--window"),
    ],
)
def test_usage(command: Command, small_run: Run, arguments: list[str], sentence: str) -> None:
    refused(command(*arguments), 2, sentence)


@pytest.mark.parametrize("name", ["size", "empty", "blank", "binary", "missing", "folder", "long", "nobody"])
def test_texts_that_cannot_be_learnt(command: Command, tmp_path: Path, name: str) -> None:
    contents = {"size": b"Too short for this batch.", "empty": b"", "blank": b" \n\t ", "binary": bytes(99) + b"abc"}
    corpus, sentence = {
        "size": ("size.txt", "needs 33: choose a longer text, or a smaller batches.size or batches.length."),
        "empty": ("empty.txt", "empty.txt is empty; choose a file with some text in it."),
        "blank": ("blank.txt", "blank.txt holds nothing but white space"),
        "binary": ("binary.txt", "binary.txt is not a text but binary data; choose a text file."),
        "missing": ("missing.txt", "There is no text and no file "),
        "folder": (".", "is a folder; name one text file in it."),
        "long": ("x" * 5000, "There is no text and no file "),
        "nobody": ("~nobody-of-that-name/x", "There is no text and no file "),
    }[name]
    if name in contents:
        (tmp_path / corpus).write_bytes(contents[name])
    path = corpus if name in ("long", "nobody") else tmp_path / corpus
    refused(command("train", "--corpus", path, *tiny()), 1, sentence)
    assert store.runs() == []


@pytest.mark.parametrize(
    ("flags", "code", "sentences"),
    [
        (["--recipe=slow"], 1, ["There is no recipe 'slow'; there are quick, "]),
        (["--device=tpu"], 1, ["There is no device 'tpu' here"]),
        (["--config=gone.toml"], 1, ["There is no file gone.toml; check the path."]),
        (["--model.hidden=99999999"], 2, ["model.hidden: expected 4,096 or less, not '99999999'."]),
        (["--model.hidden=0"], 2, ["model.hidden: expected 1 or more, not '0'."]),
        (["--model.hidden=-3"], 2, ["model.hidden: expected 1 or more, not '-3'."]),
        (["--model.hidden=none"], 2, ["model.hidden: expected a whole number, not None."]),
        (["--sampling.prompt=\udcff"], 2, ["sampling.prompt: expected text in Unicode, not '\\udcff'."]),
        (
            ["--model.input=x", "--model.layers=9", "--learning.rate=nan", "--seed=-1", "--budget.steps=0"],
            2,
            [
                "model.input: expected one of embedding, one-hot or scalar",
                "model.layers: expected 8 or less",
                "learning.rate: expected a number",
                "budget.steps: expected 1 or more",
                "seed: expected 0 or more",
            ],
        ),
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


def test_a_config_file_that_is_none(command: Command, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    for content, code, sentence in (
        ("model = 5\nbudget = 3", 2, "model: expected a table"),
        ("[model]\nwidth = 5", 2, "model.width: there is no such setting."),
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
    refused(command("resume", "small", "--budget.steps=x"), 2, "budget.steps: expected a whole number, not 'x'.")
    assert small_run.config.budget.steps == 12


def test_a_run_that_is_being_trained(command: Command, small_run: Run) -> None:
    with small_run.locked():
        result = command("resume", "small", "--budget.steps=20", "--json", "--device=cpu")
    assert result.code == 1
    (failed,) = result.events
    assert list(failed) == ["event", "message"] and failed["event"] == "failed"
    assert "is being trained by process" in failed["message"]
    assert Run(small_run.folder).config.budget.steps == 12


# Prompts.


def test_unknown_characters_are_named_and_left_out(command: Command, small_run: Run) -> None:
    result = command("generate", "small", "--prompt=Ω fox ☃Ω", "--length=9")
    assert (result.code, len(result.out)) == (0, 10)
    assert result.err == "Not known to this model, left out of the prompt: 'Ω' '☃'\n"
    nothing_known = command("generate", "small", "--prompt=ΩΩ", "--length=9")
    assert (nothing_known.code, len(nothing_known.out)) == (0, 10)


def test_an_empty_prompt_begins_from_nothing(command: Command, small_run: Run) -> None:
    result = command("generate", "small", "--prompt", "", "--length=9", "--json")
    assert result.code == 0
    assert (json.loads(result.out)["prompt"], json.loads(result.out)["tokens"]) == ("", 9)


@pytest.mark.parametrize("prompt", ["- and", "--Hello", "-x", "--json"])
def test_a_prompt_may_begin_with_a_hyphen(command: Command, small_run: Run, prompt: str) -> None:
    result = command("generate", "small", "--json", "--length=5", "--prompt", prompt)
    assert json.loads(result.out)["prompt"] == prompt


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--length=0"], "sampling.length: expected 1 or more, not '0'."),
        (["--temperature=-1"], "sampling.temperature: expected 0.0 or more, not '-1'."),
        (["--temperature=hot"], "sampling.temperature: expected a number, not 'hot'."),
        (["--top-k=0"], "sampling.top_k: expected 1 or more, not '0'."),
        (["--window=5000"], "sampling.window: expected 4,096 or less, not '5000'."),
    ],
)
def test_sampling_that_does_not_fit(command: Command, small_run: Run, flags: list[str], sentence: str) -> None:
    refused(command("generate", "small", *flags), 2, sentence)


@pytest.mark.parametrize("flags", [["--temperature=0"], ["--top-k=1"], ["--greedy"]])
def test_greedy_text_does_not_depend_on_the_seed(command: Command, small_run: Run, flags: list[str]) -> None:
    one, other = (command("generate", "small", *flags, f"--seed={seed}").out for seed in (1, 2))
    assert one == other


def test_sampling_at_the_edges(command: Command, small_run: Run) -> None:
    for flags in (["--top-k=9999"], ["--temperature=100"], ["--window=4"], ["--top-k=none"], ["--temperature=1e-9"]):
        assert command("generate", "small", "--length=7", *flags).code == 0


# Disks.


@pytest.mark.parametrize("home", ["file/below", "/proc/lstm-tui"])
def test_a_data_folder_that_cannot_be_written(
    command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (text_file.parent / "file").write_bytes(b"")
    monkeypatch.setenv("LSTM_TUI_HOME", str(text_file.parent / home))
    refused(command("train", "--corpus", text_file, *tiny()), 1, "Could not make the folder ")
    assert command("runs").code == 0


def full(call: Callable[..., Any], when: Callable[[], bool]) -> Callable[..., Any]:
    """A call of the system on a disk that is full at times."""

    def on_a_full_disk(*arguments: Any) -> Any:
        if when():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return call(*arguments)

    return on_a_full_disk


def test_a_disk_that_is_full(command: Command, text_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full(os.fsync, lambda: True))
    refused(command("train", "--corpus", text_file, *tiny()), 1, "the disk is full; make room")
    assert list(locations.runs().iterdir()) == []


def test_a_disk_that_fills_up(command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training goes on, what was saved stays, and the end says that this sitting could not be kept."""
    before = {kind: small_run.checkpoint_path(kind).read_bytes() for kind in ("last", "best")}
    trains = threading.Event()
    append = Run.append

    def first_line(run: Run, name: str, line: str) -> None:
        trains.set()
        append(run, name, line)

    monkeypatch.setattr(Run, "append", first_line)
    monkeypatch.setattr(os, "fsync", full(os.fsync, trains.is_set))
    result = command("resume", "small", "--budget.steps=25", "--json", "--device=cpu")
    assert result.code == 1
    kinds = [event["event"] for event in result.events]
    assert kinds.count("warned") >= 1 and kinds[-1] == "failed"
    assert [event["step"] for event in result.events if event["event"] == "progress"][-1] == 25
    assert "the disk is full" in result.events[-1]["message"]
    assert {kind: small_run.checkpoint_path(kind).read_bytes() for kind in before} == before

    monkeypatch.undo()
    monkeypatch.setenv("LSTM_TUI_HOME", str(small_run.folder.parents[2]))
    assert command("resume", "small", "--budget.steps=26", "--json", "--device=cpu").events[-1]["step"] == 26


# Control characters never reach the terminal (the fixture looks at all that a command prints).

EVIL = "\x1b[31m\x07\x9b2J\x7f\u202e"


def test_control_characters_in_a_text(command: Command, tmp_path: Path) -> None:
    path = tmp_path / f"evil{EVIL}.txt"
    path.write_text(f"The fox {EVIL}went.\n" + "The fox went over the hill.\n" * 40, encoding="utf-8")
    for flags in ([], ["--json"]):
        training = command("train", "--corpus", path, *tiny("--sampling.temperature=9", f"--name=x{EVIL}"), *flags)
        assert training.code == 0
    assert any(character in event["text"] for event in training.events[4:5] for character in EVIL)
    assert EVIL.replace("\x07", "\ufffd")[1:4] in command("runs").out
    assert json.loads(command("runs", "--json").out)[0]["corpus"] == path.name
    for flags in ([], ["--json"]):
        assert command("generate", "latest", f"--prompt=\x1b{EVIL}\x02", "--temperature=9", *flags).code == 0
        assert command("evaluate", "latest", *flags, "--text", path).code == 0


def test_control_characters_in_names(command: Command, tmp_path: Path) -> None:
    for arguments in (
        ["train", "--corpus", EVIL],
        ["train", "--recipe", EVIL],
        ["train", *tiny(f"--device={EVIL}")],
        ["train", "--model.input", EVIL],
        ["train", f"--{EVIL}"],
        ["generate", EVIL],
        [EVIL],
    ):
        assert command(*arguments).code in (1, 2)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_not_unicode(command: Command, text_file: Path, small_run: Run) -> None:
    path = text_file.with_name(os.fsdecode(b"caf\xe9.txt"))
    shutil.copy(text_file, path)
    assert command("train", "--corpus", path, *tiny(), "--json").code == 0
    assert json.loads(command("runs", "--json").out)[0]["corpus"] == "caf?.txt"
    written = command("generate", "small", "--prompt=fox\udcff", "--json", "--length=5")
    assert json.loads(written.out)["unknown"] == ["\udcff"]
