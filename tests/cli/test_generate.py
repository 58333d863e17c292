"""The command `generate`: where prompts come from, several texts, where they end, and how they are drawn."""

import io
import json
import sys
from pathlib import Path

import pytest

from lstm_tui.runs.run import Run
from tests.cli.conftest import Command, refused

SEED = "--seed=3"


@pytest.mark.parametrize("content", ["The fox", "The fox\n", "The\r\nfox", "\ufeffThe fox"])
def test_a_prompt_from_a_file_is_all_of_it(command: Command, small_run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "prompt.txt"
    path.write_bytes(content.encode())
    made = json.loads(command("generate", "small", "--json", SEED, "--length=5", "--prompt-file", path).out)
    assert made["prompt"] == content.replace("\r", "").replace("\ufeff", "")
    typed = command("generate", "small", "--json", SEED, "--length=5", "--prompt", made["prompt"])
    assert json.loads(typed.out)["text"] == made["text"]


def test_a_prompt_file_that_cannot_be_read(command: Command, small_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prompt.txt"
    refused(command("generate", "small", "--prompt-file", path), 1, "prompt.txt")
    path.write_bytes(b"caf\xe9 \xff")
    refused(command("generate", "small", "--prompt-file", path), 1, "prompt.txt is not UTF-8")
    refused(command("generate", "small", "--prompts", path), 1, "prompt.txt is not UTF-8")


def test_a_prompt_from_standard_input(command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("The fox\nwent"))
    made = command("generate", "small", "--json", "--length=5", "--prompt-file", "-")
    assert json.loads(made.out)["prompt"] == "The fox\nwent"


def test_a_prompt_a_line_in_and_an_object_a_line_out(
    command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prompts = "The fox\n\nwent ☃\n—over"
    monkeypatch.setattr(sys, "stdin", io.StringIO(prompts))
    result = command("generate", "small", "--prompts", "-", SEED, "--length=6")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["prompt"] for line in lines] == ["The fox", "", "went ☃", "—over"]
    assert [line["unknown"] for line in lines] == [[], [], ["☃"], []] and result.err == ""
    for line in lines:
        alone = command("generate", "small", "--json", SEED, "--length=6", "--prompt", line["prompt"])
        assert json.loads(alone.out)["text"] == line["text"]
    path = tmp_path / "prompts.txt"
    path.write_text(prompts, encoding="utf-8")
    from_file = command("generate", "small", "--prompts", path, SEED, "--length=6", "--streams=2")
    said = [json.loads(line) for line in from_file.out.splitlines()]
    assert [(line["prompt"], line["stream"]) for line in said[:3]] == [("The fox", 1), ("The fox", 2), ("", 1)]
    assert len(said) == 8


def test_no_prompts_are_no_texts(command: Command, small_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    result = command("generate", "small", "--prompts", "-")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_a_random_slice_of_the_text_as_prompt(command: Command, small_run: Run) -> None:
    learnt = small_run.vocabulary.decode(small_run.ids[: small_run.train_tokens])
    made = [
        json.loads(command("generate", "small", "--json", "--length=5", "--prompt-from-text", seed).out)
        for seed in (SEED, SEED, "--seed=4")
    ]
    assert [len(one["prompt"]) for one in made] == [100] * 3
    assert all(one["prompt"] in learnt for one in made)
    assert made[0]["prompt"] == made[1]["prompt"] != made[2]["prompt"] and made[0]["text"] == made[1]["text"]
    short = command("generate", "small", "--json", "--length=5", "--prompt-from-text", "--window=9").out
    assert len(json.loads(short)["prompt"]) == 9


def test_one_prompt_is_enough(command: Command, small_run: Run) -> None:
    for flags in (
        ["--prompt=a", "--prompts=-"],
        ["--prompt-file=x", "--prompt-from-text"],
        ["--prompt=", "--prompts=x"],
    ):
        refused(command("generate", "small", *flags), 2, "Give one of --prompt, --prompt-file,")


def test_several_texts(command: Command, small_run: Run) -> None:
    flags = ["--prompt=The fox", "--length=8", SEED, "--temperature=2"]
    shown = command("generate", "small", "--streams=3", *flags).out
    lines = [
        json.loads(line) for line in command("generate", "small", "--streams=3", "--json", *flags).out.splitlines()
    ]
    assert [line["stream"] for line in lines] == [1, 2, 3]
    assert shown == "".join(f"--- {line['stream']} of 3 ---\n{line['text']}\n" for line in lines)
    assert "stream" not in json.loads(command("generate", "small", "--streams=1", "--json", *flags).out)
    for count in (0, -1, 5000):
        refused(command("generate", "small", f"--streams={count}"), 2, "--streams: expected 1 to 1,024, not")


def test_where_a_text_ends(command: Command, small_run: Run) -> None:
    flags = ["--prompt=The fox", "--length=300", SEED, "--temperature=1"]
    whole = command("generate", "small", *flags).out[:-1]
    ended = command("generate", "small", *flags, "--stop", "e").out[:-1]
    assert ended == whole[: whole.index("e") + 1]
    assert command("generate", "small", *flags, "--stop", "none").out[:-1] == whole
    assert command("generate", "small", *flags, "--stop-at-end").out[:-1] == whole  # it knows no such token
    refused(command("generate", "small", "--stop", ""), 2, "--stop: expected 1 character or more, not ''.")


def test_every_way_to_draw_is_a_flag(command: Command, small_run: Run) -> None:
    flags = ["--top-p=0.9", "--min-p=0.05", "--repetition-penalty=1.2", "--repetition-window=9", "--top-k=8"]
    made = json.loads(command("generate", "small", "--json", "--length=9", *flags, "--no-greedy").out)
    assert made["sampling"] == {
        **small_run.config.sampling.model_dump(exclude={"prompt"}),
        "length": 9,
        "top_k": 8,
        "top_p": 0.9,
        "min_p": 0.05,
        "repetition_penalty": 1.2,
        "repetition_window": 9,
    }


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("--top-p=1.1", "--top-p: expected 1.0 or less, not '1.1'."),
        ("--top-p=nan", "--top-p: expected a number, not 'nan'."),
        ("--min-p=-0.1", "--min-p: expected 0.0 or more, not '-0.1'."),
        ("--repetition-penalty=0.5", "--repetition-penalty: expected 1.0 or more, not '0.5'."),
        ("--repetition-window=0", "--repetition-window: expected 1 or more, not '0'."),
    ],
)
def test_what_is_out_of_bounds_is_a_sentence(command: Command, small_run: Run, flag: str, sentence: str) -> None:
    refused(command("generate", "small", flag), 2, sentence)


def test_the_edges(command: Command, small_run: Run) -> None:
    flags = ["generate", "small", "--length=20", "--prompt=The"]
    greedy = command(*flags, "--greedy").out
    for flag in ("--top-p=0", "--min-p=1", "--top-k=1", "--temperature=0", "--temperature=1e-6"):
        assert command(*flags, flag).out == greedy
    plain = command(*flags, SEED).out
    for flag in ("--top-p=1", "--min-p=0", "--top-k=99999", "--repetition-penalty=1"):
        assert command(*flags, SEED, flag).out == plain


def test_the_longest_copy_is_in_the_json(command: Command, small_run: Run) -> None:
    made = json.loads(command("generate", "small", "--json", "--length=50", SEED).out)
    copied = made["longest_copy"]
    assert copied["length"] == len(copied["text"]) > 0 and copied["text"] in made["text"]
    assert copied["text"] in small_run.vocabulary.decode(small_run.ids[: small_run.train_tokens])
