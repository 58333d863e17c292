"""One run's folder: what is in it, what damages it, and who may train it."""

import dataclasses
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import tomli_w

from lstm_tui import __version__, locks
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.runs import run as run_module
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import Baselines
from lstm_tui.text.vocabulary import Vocabulary

TEXT = "to be — or not\n"


def encoded(text: str = TEXT, train_tokens: int = 11) -> Encoded:
    vocabulary = Vocabulary.of(text, "characters")
    return Encoded(vocabulary, vocabulary.encode(text), train_tokens, "hamlet.txt", "Hamlet", "0" * 64, key="k")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "a-run", RunConfig(seed=3), "quick", encoded())


def damage(run: Run, **changed: Any) -> Run:
    """The run with values of its `run.toml` changed; None takes one out."""
    about = {key: value for key, value in {**run.about, **changed}.items() if value is not None}
    (run.folder / "run.toml").write_text(tomli_w.dumps(about))
    return Run(run.folder)


# What it is.


def test_a_folder_explains_itself(run: Run) -> None:
    again = Run(run.folder)
    assert sorted(path.name for path in run.folder.iterdir()) == ["ids.npy", "run.toml", "vocabulary.json"]
    assert (again.id, again.recipe, again.corpus, again.train_tokens) == ("a-run", "quick", "hamlet.txt", 11)
    assert again.config == RunConfig(seed=3)
    assert again.vocabulary.decode(again.ids) == TEXT
    assert again.ids.dtype == np.uint8
    assert again.about["corpus"] == {
        "name": "hamlet.txt", "title": "Hamlet", "sha256": "0" * 64, "key": "k", "tokens": 15, "kinds": 9,
        "documents": 1, "notes": [],
    }  # fmt: skip
    assert again.baselines is None
    assert (again.about["format"], again.about["lstm_tui"]) == (1, __version__)
    assert again.created.startswith("20")


def test_the_parts_of_its_text(tmp_path: Path) -> None:
    text = dataclasses.replace(encoded(), test_tokens=3)
    Run.create(tmp_path / "x", RunConfig(), "quick", text)
    run = Run(tmp_path / "x")
    parts: tuple[run_module.Part, ...] = ("training", "validation", "test")
    assert [run.vocabulary.decode(run.part(part)) for part in parts] == [TEXT[:11], TEXT[11:12], TEXT[12:]]
    assert run.about["test_tokens"] == 3
    before = damage(run, test_tokens=None)  # as an earlier version wrote it
    assert [len(before.part(part)) for part in parts] == [11, 4, 0]
    with pytest.raises(UserError, match=r"run\.toml is damaged: test_tokens is missing, or not what it should be\.$"):
        damage(run, test_tokens="3").part("test")


def test_a_vocabulary_of_any_characters_is_kept(tmp_path: Path) -> None:
    text = "".join(map(chr, [*range(1, 300), 0x2028, 0xFEFF, 0xFFFF, 0x10FFFF]))
    run = Run.create(tmp_path / "x", RunConfig(), "quick", encoded(text, len(text)))
    assert Run(run.folder).vocabulary.decode(run.ids) == text


@pytest.mark.parametrize("ngram", [1.5, None])
def test_the_losses_to_beat_are_kept(tmp_path: Path, ngram: float | None) -> None:
    losses = Baselines(2.2, 2.0, ngram, 5)
    Run.create(tmp_path / "x", RunConfig(), "quick", encoded(), losses)
    assert Run(tmp_path / "x").baselines == losses


def test_ids_of_the_cache_are_linked_and_stay(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "ids.npy"
    kept.parent.mkdir()
    np.save(kept, encoded().ids)
    run = Run.create(tmp_path / "x", RunConfig(), "quick", dataclasses.replace(encoded(), path=kept))
    assert (run.folder / "ids.npy").samefile(kept)
    kept.unlink()
    assert run.vocabulary.decode(run.ids) == TEXT
    gone = Run.create(tmp_path / "y", RunConfig(), "quick", dataclasses.replace(encoded(), path=kept))
    assert gone.vocabulary.decode(gone.ids) == TEXT


def test_what_is_written_to_mapped_ids_is_not_written_to_the_run(run: Run) -> None:
    run.ids[:] = 0
    assert Run(run.folder).vocabulary.decode(Run(run.folder).ids) == TEXT


def test_replan_changes_the_config_alone(run: Run) -> None:
    before = run.about
    config = check({"budget": {"steps": 5}, "seed": 3})
    run.replan(config)
    assert run.config == Run(run.folder).config == config
    assert {**run.about, "config": None} == {**before, "config": None}


# What damages it.


def test_a_newer_format_is_refused_whatever_else_it_holds(run: Run) -> None:
    newer = damage(run, format=2, config=None, recipe=5)
    with pytest.raises(UserError, match=r"^The run a-run was written by a newer lstm-tui; upgrade to read it\.$"):
        _ = newer.config


@pytest.mark.parametrize(
    "content", [b"", b"format = ", b"\xff\xff", b"format = 1\n", b"[format]\n", b"x=" + b"[" * 999]
)
def test_a_damaged_run_toml(run: Run, content: bytes) -> None:
    (run.folder / "run.toml").write_bytes(content)
    for read in ("about", "config", "recipe", "corpus", "created", "train_tokens"):
        with pytest.raises(UserError, match=r"run\.toml is damaged: .*\.$"):
            getattr(Run(run.folder), read)


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", "1"), ("recipe", 5), ("created", None), ("train_tokens", "many"), ("corpus", "x"), ("config", None)],
)
def test_a_value_that_is_not_what_it_should_be(run: Run, key: str, value: object) -> None:
    with pytest.raises(UserError, match=rf"run\.toml is damaged: {key} is missing, or not what it should be\."):
        _ = damage(run, **{key: value}).config


@pytest.mark.parametrize("config", [{"model": 5}, {"model": {"hidden": 0}, "seed": -1}, {"budget": {}}, {"speed": 1}])
def test_a_config_that_does_not_fit(run: Run, config: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"run\.toml: \w+(\.\w+)?: .*"):
        _ = damage(run, config=config).config


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b"[" * 99_999, b'{"kind": "characters", "tokens": ["ab"]}']
)
def test_a_damaged_vocabulary(run: Run, content: bytes) -> None:
    (run.folder / "vocabulary.json").write_bytes(content)
    with pytest.raises(UserError, match=r"vocabulary\.json is damaged: "):
        _ = run.vocabulary
    (run.folder / "vocabulary.json").unlink()
    with pytest.raises(UserError, match=r"There is no file .*vocabulary\.json"):
        _ = run.vocabulary


def test_damaged_ids(run: Run) -> None:
    whole = (run.folder / "ids.npy").read_bytes()
    for size in range(0, len(whole), 3):
        (run.folder / "ids.npy").write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"ids\.npy is missing or damaged"):
            _ = Run(run.folder).ids
    np.save(run.folder / "ids.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"ids\.npy is missing or damaged"):
        _ = Run(run.folder).ids
    (run.folder / "ids.npy").unlink()
    with pytest.raises(UserError, match=r"ids\.npy is missing or damaged"):
        _ = Run(run.folder).ids


# Lines.


def test_lines_pass_over_what_was_cut(run: Run) -> None:
    assert list(run.lines("metrics")) == []
    run.append("metrics", '{"step": 1}')
    with (run.folder / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 2, "lo')
    run.append("metrics", '{"step": 3}')
    with (run.folder / "metrics.jsonl").open("ab") as file:
        file.write(b'[1]\n{"text": "\xe4')
    assert [line["step"] for line in run.lines("metrics")] == [1, 3]


def rewound(run: Run, content: str, step: int) -> str:
    (run.folder / "metrics.jsonl").write_text(content)
    run.rewind(step)
    return (run.folder / "metrics.jsonl").read_text()


def test_rewind_forgets_what_came_later(run: Run) -> None:
    lines = [json.dumps({"step": step, "loss": 0.1}) + "\n" for step in (5, 10, 10, 15, 20)]
    assert rewound(run, "".join(lines), 10) == "".join(lines[:3])
    assert rewound(run, "".join(lines), 12) == "".join(lines[:3])
    assert rewound(run, "".join(lines), 20) == "".join(lines)
    assert rewound(run, "".join(lines), 0) == ""


def test_rewind_cuts_half_a_line(run: Run) -> None:
    assert rewound(run, '{"step": 5}\n{"step": 10, "lo', 20) == '{"step": 5}\n'
    assert rewound(run, '{"st', 20) == ""


def test_rewind_keeps_what_follows_a_line_that_was_cut_earlier(run: Run) -> None:
    """A disk that was full for a moment must not cost all the metrics that came after."""
    content = '{"step": 5}\n{"step": 7, "lo\n{"step": 10}\n'
    assert rewound(run, content + '{"step": 15}\n', 10) == content


@pytest.mark.parametrize("damaged", ['{"step": "x"}', '{"step": [3]}', "[" * 100_000])
def test_rewind_passes_over_a_line_that_is_no_event(run: Run, damaged: str) -> None:
    for line in ('{"step": 1}', damaged, '{"step": 2}', '{"step": 9}'):
        run.append("metrics", line)
    run.rewind(5)
    assert [line["step"] for line in run.lines("metrics") if isinstance(line["step"], int)] == [1, 2]


def test_rewind_goes_over_samples_too(run: Run) -> None:
    for name in ("samples", "generations"):
        run.append(name, '{"step": 9}')
    run.rewind(5)
    assert list(run.lines("samples")) == []
    assert list(run.lines("generations")) == [{"step": 9}]


def test_the_log(run: Run) -> None:
    run.log("Traceback: something")
    assert (run.folder / "run.log").read_text().endswith(" Traceback: something\n")


# Who trains it.


def lock(run: Run, **changed: Any) -> None:
    """A lock as another process would have left it."""
    holder = {"pid": os.getpid(), "host": platform.node(), "started": psutil.Process().create_time(), **changed}
    (run.folder / "lock").write_text(json.dumps(holder))


def ended_process() -> tuple[int, float]:
    """A process that has ended: its pid, and when it started."""
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        return process.pid, psutil.Process(process.pid).create_time()


def test_only_one_trains(run: Run) -> None:
    assert run.trainer() is None
    with run.locked():
        holder = run.trainer()
        assert holder is not None and holder["pid"] == os.getpid()
        sentence = rf"The run a-run is being trained by process {os.getpid()} on .*; stop that one first\. If there"
        with pytest.raises(UserError, match=sentence), Run(run.folder).locked():
            pytest.fail("two hold the lock")
        assert run.trainer() == holder
    assert run.trainer() is None
    assert not (run.folder / "lock").exists()


def test_the_lock_is_given_back_after_an_error(run: Run) -> None:
    with pytest.raises(RuntimeError), run.locked():
        raise RuntimeError
    with run.locked():
        assert run.trainer()


def test_the_lock_of_a_process_that_died_is_taken_over(run: Run) -> None:
    pid, started = ended_process()
    lock(run, pid=pid, started=started)
    assert run.trainer() is None
    with run.locked():
        holder = run.trainer()
        assert holder is not None and holder["pid"] == os.getpid()


def test_a_pid_that_is_another_process_by_now_is_no_trainer(run: Run) -> None:
    lock(run, started=psutil.Process().create_time() - 3600)
    assert run.trainer() is None


def test_a_clock_that_was_set_does_not_free_the_lock(run: Run) -> None:
    """A process's start is told from the time of boot, which moves when the clock is set."""
    lock(run, started=psutil.Process().create_time() + 1)
    with pytest.raises(UserError, match="is being trained"), run.locked():
        pytest.fail("two hold the lock")


def test_the_lock_of_another_machine_is_respected(run: Run) -> None:
    pid, started = ended_process()
    lock(run, pid=pid, started=started, host="elsewhere")
    with pytest.raises(UserError, match=rf"by process {pid} on elsewhere; .*delete .*lock\."), run.locked():
        pytest.fail("two hold the lock")
    assert (run.folder / "lock").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "5", '{"pid": 1}', '{"pid": "x", "host": "HOST", "started": 1}'])
def test_a_damaged_lock_is_none(run: Run, content: str) -> None:
    (run.folder / "lock").write_text(content.replace("HOST", platform.node()))
    assert run.trainer() is None
    with run.locked():
        assert run.trainer()


@pytest.mark.parametrize("pid", [-1, 0, 2**40, 2**80])
def test_an_odd_pid_is_no_trainer(run: Run, pid: int) -> None:
    lock(run, pid=pid, started=1.0)
    assert run.trainer() is None


def test_a_start_that_is_not_known_is_no_trainer(run: Run) -> None:
    pid, _ = ended_process()
    lock(run, pid=pid, started=None)
    assert run.trainer() is None
    assert locks._started(pid) is None


# Orders.


def test_orders_are_taken_once_in_order(run: Run) -> None:
    assert run.take_requests() == []
    for order in ("pause", "rate 0.5", "stop"):
        run.request(order)
    assert Run(run.folder).take_requests() == ["pause", "rate 0.5", "stop"]
    assert run.take_requests() == []
    assert list((run.folder / "requests").iterdir()) == []


def test_orders_that_are_still_being_written_are_left(run: Run) -> None:
    run.request("stop")
    (run.folder / "requests" / ".123.456.new").write_bytes(b"sto")
    assert run.take_requests() == ["stop"]
