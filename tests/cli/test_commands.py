"""The command line, as other programs rely on it: names, keys, exit codes."""

import json
import re
import shutil
from pathlib import Path

import pytest

from lstm_tui import __version__, locations
from lstm_tui.runs import store
from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused, tiny

KEYS = {
    "started": ["run", "directory", "device", "parameters", "vocabulary", "train_tokens", "validation_tokens"],
    "progress": [
        "step",
        "epoch",
        "train_loss",
        "learning_rate",
        "gradient_norm",
        "tokens_per_second",
        "elapsed",
        "clipped",
    ],
    "scored": ["step", "validation_loss", "best"],
    "sampled": ["step", "text"],
    "saved": ["kind", "step"],
    "finished": ["run", "reason", "step", "train_loss", "best_validation_loss", "elapsed"],
}


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
        "uniform",
        "letters",
        "ngram",
        "parent",
        "against_ngram",
        "created",
    ]
    assert listed["against_ngram"] == listed["best_validation_loss"] - listed["ngram"]
    assert 0 < listed["ngram"] < listed["letters"] < listed["uniform"]
    assert (listed["run"], listed["state"], listed["corpus"], listed["step"]) == ("mine", "done", "fox.txt", 12)

    written = command("generate", "latest", "--prompt", "The fox", "--length", 30, "--seed", 5)
    assert (written.code, written.err) == (0, "")
    assert len(written.out) == 31 and written.out.endswith("\n")
    assert command("generate", "mine", "--prompt=The fox", "--length=30", "--seed=5").out == written.out
    assert command("generate", "mine", "--prompt=The fox", "--length=30", "--seed=6").out != written.out

    scored = command("evaluate", "mine")
    assert scored.code == 0 and "nats per token" in scored.out and "stateful" in scored.out
    assert re.search(r"to n-gram +[+]\d[.]\d{3} [(]\d[.]\d{3}; below 0 is better[)]", scored.out)
    assert "n-gram" not in command("evaluate", "mine", "--window=9").out

    assert "has used its budget (12 steps)" in command("resume", "mine").err
    resumed = command("resume", "mine", "--budget", "20 steps", "--schedule", "hold", "--json", "--device", "cpu")
    assert resumed.code == 0
    assert [event["step"] for event in resumed.events if event["event"] == "progress"] == [15, 18, 20]
    assert resumed.events[-1]["reason"] == "budget"
    assert store.find("mine").config.learning.hold_from == 12
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
    kept = [{key: it for key, it in line.items() if key != "when"} for line in store.find("mine").lines("metrics")]
    assert kept == [event for event in events if event["event"] in ("progress", "scored")]


def test_a_model_of_words_says_perplexity_and_bits_per_character(command: Command, text_file: Path) -> None:
    words = command("train", f"--corpus={text_file}", *tiny("--text.tokens=words"))
    scored = [line for line in words.out.splitlines() if " valid " in line]
    ending = next(line for line in words.out.splitlines() if "best validation" in line)
    for line in (*scored, ending):
        assert re.search(r"[\d.]+ \(perplexity [\d,.]+, \d\.\d\d bits/character\)", line)
    assert len(scored) == 3
    assert "perplexity" not in command("train", f"--corpus={text_file}", *tiny()).out
    rare = command("train", f"--corpus={text_file}", *tiny("--text.tokens=words", "--text.least=5"))
    assert re.search(r"valid .* bits/character, [\d.]+% <unk>\)", rare.out)


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
        "longest_copy",
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
        "part",
        "mode",
        "window",
        "tokens",
        "nats_per_token",
        "bits_per_character",
        "perplexity",
        "targets",
        "unknown_share",
    ]
    held_out = json.loads(command("evaluate", "small", "--json").out)
    assert list(held_out) == keys
    assert (held_out["run"], held_out["checkpoint"]) == ("small", "best")
    assert (held_out["part"], held_out["mode"], held_out["window"]) == ("validation", "stateful", None)
    cold = json.loads(command("evaluate", "small", "--json", "--window=16", "--checkpoint=last").out)
    assert (cold["mode"], cold["window"], cold["checkpoint"]) == ("cold", 16, "last")
    last = json.loads(command("evaluate", "small", "--json", "--window=16", "--targets=last").out)
    assert (last["targets"], cold["targets"]) == ("last", "every") and last["tokens"] == cold["tokens"] - 15
    assert cold["tokens"] == held_out["tokens"] == len(small_run.ids) - small_run.train_tokens - 1
    text_file.write_text("The fox ☃ 12", encoding="utf-8")
    other = command("evaluate", "small", "--json", "--text", text_file)
    assert (json.loads(other.out)["tokens"], json.loads(other.out)["part"]) == (10, None)
    assert "'☃'" in other.err
    assert held_out["bits_per_character"] == pytest.approx(held_out["nats_per_token"] / 0.6931, rel=1e-3)


def test_lists(command: Command, small_run: Run) -> None:
    keys = {
        "corpora": ["name", "title", "bytes", "characters", "kinds", "uniform", "letters", "ngram", "about"],
        "recipes": ["name", "text", "summary"],
        "devices": ["name", "label", "reason"],
        "locate": ["what", "path"],
    }
    for name, expected in keys.items():
        rows = json.loads(command(name, "--json").out)
        assert all(list(row) == expected for row in rows)
        shown = command(name)
        assert shown.code == 0 and str(rows[0][expected[0]]) in shown.out
    located = {row["what"]: row["path"] for row in json.loads(command("locate", "--json").out)}
    assert located["runs"] == str(locations.runs())
    assert located["settings"] == str(locations.config() / "settings.toml")


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
    for name in (
        "train",
        "resume",
        "generate",
        "evaluate",
        "export",
        "runs",
        "corpora",
        "recipes",
        "devices",
        "locate",
    ):
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

    shorter = command("train", f"--corpus={text_file}", f"--config={mine}", "--budget=3 steps", "--device=cpu")
    assert shorter.code == 0
    assert store.find("latest").config.budget.model_dump() == {"steps": 3, "epochs": None, "minutes": None}
    shutil.rmtree(store.find("latest").folder)

    again = command("train", f"--corpus={text_file}", "--config", store.find("latest").folder / "run.toml")
    assert again.code == 0
    assert store.find("latest").config == config


def test_a_budget_in_words_replaces_the_recipes(command: Command, text_file: Path) -> None:
    flags = tiny("--budget=1k steps or 0.5 epochs, until validation stops improving for 3 scorings")
    flags = [flag for flag in flags if not flag.startswith("--budget.")]
    assert command("train", "--corpus", text_file, *flags).code == 0
    config = store.find("latest").config
    assert config.budget.model_dump() == {"steps": 1000, "epochs": 0.5, "minutes": None}
    assert config.learning.patience == 3


def test_ones_own_recipes_are_listed(command: Command) -> None:
    folder = locations.config() / "recipes"
    folder.mkdir(parents=True)
    (folder / "wide.toml").write_text('base = "quick"\nsummary = "Twice as wide."\n[config.model]\nhidden = 512\n')
    (folder / "broken.toml").write_text("base = 5")
    listed = command("recipes", "--json")
    assert json.loads(listed.out)[-1] == {"name": "wide", "text": "any", "summary": "Twice as wide."}
    assert "broken" in listed.err


# A run is a folder that needs nothing else.


def test_an_exported_run_speaks_elsewhere(command: Command, small_run: Run, tmp_path: Path) -> None:
    said = [command("generate", "small", "--seed=1", "--length=9").out]
    for name in ("run.zip", "folder"):
        path = tmp_path / name
        assert command("export", "small", path).out == f"{path}\n"
        said.append(command("generate", path, "--seed=1", "--length=9").out)
    assert len(set(said)) == 1
    written = json.loads(command("export", "small", tmp_path / "folder", "--json").out)
    assert written == {"run": "small", "path": str(tmp_path / "folder" / "small")}
    (small_run.folder / "notes.txt").symlink_to(tmp_path)
    told = command("export", "small", tmp_path / "without.zip")
    assert (told.code, told.err) == (0, "Left out, as it is a link to elsewhere: notes.txt.\n")
    table = command("export", "small", tmp_path / "m.csv")
    assert (table.code, table.err) == (0, "")
    assert (tmp_path / "m.csv").read_text().startswith("event,step,epoch,train_loss,")
    refused(command("export", "small", tmp_path / "m.csv"), 1, "m.csv already; give another path")


def test_a_copied_run_goes_on_without_its_corpus(command: Command, small_run: Run, tmp_path: Path) -> None:
    copied = tmp_path / "elsewhere"
    shutil.move(small_run.folder, copied)
    assert command("generate", copied, "--length=5").code == 0
    assert command("evaluate", copied).code == 0
    assert command("resume", copied, "--budget.steps=15", "--device=cpu").code == 0
    assert store.summary(Run(copied)).step == 15


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
        (["--length=0"], "--length: expected 1 or more, not '0'."),
        (["--temperature=-1"], "--temperature: expected 0.0 or more, not '-1'."),
        (["--temperature=hot"], "--temperature: expected a number, not 'hot'."),
        (["--top-k=0"], "--top-k: expected 1 or more, not '0'."),
        (["--window=5000"], "--window: expected 4,096 or less, not '5000'."),
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
