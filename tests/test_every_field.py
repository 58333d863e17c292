"""The walk over every field of RunConfig: it changes what it should and nothing else, it survives a stop, and where it
decides the network or how text is drawn, NumPy agrees with torch.

A new field needs a line in FIELDS, or the first test fails.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lstm_tui.errors import UserError
from lstm_tui.fields import leaves, merge, nest
from lstm_tui.generation.sampling import probabilities
from lstm_tui.generation.stepping import CarriedState, Stepper
from lstm_tui.jobs.events import Event, Finished, Progress, Scored, Started
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import prepare
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.lstm import generation
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.run import Run
from lstm_tui.text import library
from tests.jobs.test_going_on import assert_same, whole

VERSES = Path(library.__file__).parent / "builtin" / "verses.txt"
BASE: dict[str, Any] = {
    "model": {"hidden": 8, "embedding": 4, "layers": 2, "dropout": 0.2, "locked_dropout": False, "weight_drop": 0.0},
    "batches": {"size": 4, "length": 8, "reset": 0.0},
    "learning": {"rate": 0.01, "warmup": 2},
    "budget": {"steps": 12},
    "plan": {"score_every": 4, "record_every": 1, "precision": "fp32", "threads": 1},
    "sampling": {"length": 30, "prompt": "the ", "temperature": 0.9},
    "seed": 7,
}
# What a field may bring with it. `written` is a text drawn from the best checkpoint, `samples` are those of the run.
SPOKEN = "samples written"
SCORED = f"scores kept {SPOKEN}"
LEARNT = f"losses weights {SCORED}"
CUT = f"batch first-loss {LEARNT}"
NETWORK = f"parameters start first-loss {LEARNT}"
TEXT = f"held-out batch {NETWORK}"


@dataclass(frozen=True)
class Field:
    """A value to change a field to, what must differ then, what may, and what else is set before and after."""

    value: Any
    must: str
    may: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    text: str = "text.txt"
    ends: str = "stopped"  # how a run ends that is asked to stop when it has been scored


WINDOWS = {"batches.cut": "windows"}
RANDOM = {"batches.cut": "random lengths"}
TABLE = {"text.column": "Joke"}
STEP = {"learning.schedule": "step", "learning.fall_epochs": 0.05}
# Far too high a rate: no score is better than the first, and there is one after each step.
RISING = {"learning.rate": 10.0, "learning.clip": None, "learning.schedule": "plateau", "plan.score_every": 1}
REPEATS = {"sampling.repetition_penalty": 3.0, "sampling.temperature": 0.1}
REMEMBERS = {"sampling.length": 300, "learning.rate": 0.1, "model.forget_bias": 3.0}
ENDS = {**TABLE, "sampling.length": 200, "sampling.temperature": 2.0}
FIELDS: dict[str, Field] = {
    "text.encoding": Field("cp1251", "text", TEXT, text="latin.txt"),
    "text.malformed": Field(True, "text", TEXT, text="broken.txt"),
    "text.repair": Field(True, "text", TEXT),
    "text.pattern": Field("*.md", "text", TEXT, text="folder"),
    "text.column": Field("Joke", "text", TEXT, text="table.csv"),
    "text.separator": Field(" | ", "text", TEXT, TABLE, text="table.csv"),
    "text.gutenberg": Field(False, "text", TEXT),
    "text.nfc": Field(True, "text", TEXT),
    "text.ascii": Field(True, "text", TEXT),
    "text.lower": Field(True, "text", TEXT),
    "text.letters": Field(True, "text", TEXT),
    "text.blank_lines": Field(True, "text", TEXT),
    "text.tokens": Field("words", "text parameters", TEXT),
    "text.kinds": Field(20, "text parameters notes", TEXT),
    "text.least": Field(5, "text parameters notes", TEXT),
    "text.held_out": Field(0.25, "held-out scores", CUT),
    "text.test": Field(0.25, "held-out scores", CUT),
    "model.cell": Field("gru", "parameters start losses", NETWORK),
    "model.input": Field("one-hot", "parameters start losses", NETWORK),
    "model.embedding": Field(5, "parameters start losses", NETWORK),
    "model.hidden": Field(9, "parameters start losses", NETWORK),
    "model.layers": Field(1, "parameters start losses", NETWORK),
    "model.tied": Field(True, "parameters start losses", NETWORK),
    "model.output_layers": Field(2, "parameters start losses", NETWORK),
    "model.dropout": Field(0.5, "first-loss losses weights", LEARNT),
    "model.input_dropout": Field(0.3, "first-loss losses weights", LEARNT),
    "model.output_dropout": Field(0.0, "first-loss losses weights", LEARNT),
    "model.locked_dropout": Field(True, "first-loss losses weights", LEARNT),
    "model.weight_drop": Field(0.3, "first-loss losses weights", LEARNT),
    "model.embedding_dropout": Field(0.3, "first-loss losses weights", LEARNT),
    "model.forget_bias": Field(-1.5, "start first-loss losses weights", LEARNT),
    "batches.cut": Field("windows", "batch first-loss losses weights", LEARNT),
    "batches.size": Field(3, "batch first-loss losses weights", LEARNT),
    "batches.length": Field(5, "batch first-loss losses weights", LEARNT),
    "batches.shortest": Field(2, "losses weights", CUT, RANDOM | {"batches.shortest": 7}),
    "batches.shuffle": Field(False, "batch first-loss losses weights", LEARNT, WINDOWS),
    "batches.roll": Field(True, "batch first-loss losses weights", LEARNT),
    "batches.reset": Field(0.9, "losses weights", LEARNT),
    "batches.reset_at_ends": Field(True, "first-loss losses weights", LEARNT, TABLE, text="table.csv"),
    "batches.targets": Field("last", "first-loss losses weights", LEARNT),
    "learning.optimiser": Field("rmsprop", "losses weights", LEARNT),
    "learning.rate": Field(0.02, "rates losses weights", LEARNT),
    "learning.beta2": Field(0.5, "losses weights", LEARNT),
    "learning.momentum": Field(0.5, "losses weights", LEARNT, {"learning.optimiser": "sgd"}),
    "learning.weight_decay": Field(0.5, "losses weights", LEARNT),
    "learning.decay_on": Field("matrices", "losses weights", LEARNT, {"learning.weight_decay": 0.5}),
    "learning.schedule": Field("constant", "rates losses weights", LEARNT),
    "learning.warmup": Field(5, "rates losses weights", LEARNT),
    "learning.final_rate": Field(0.5, "rates losses weights", LEARNT),
    "learning.hold_from": Field(6, "rates losses weights", LEARNT),
    "learning.restart_at": Field(6, "rates losses weights", LEARNT),
    "learning.rise": Field(0.6, "rates losses weights", LEARNT, {"learning.schedule": "one-cycle"}),
    "learning.fall": Field(0.1, "rates losses weights", LEARNT, STEP),
    "learning.fall_epochs": Field(0.1, "rates losses weights", LEARNT, STEP),
    "learning.fall_after": Field(4, "rates losses weights", LEARNT, RISING | {"learning.fall_after": 1}),
    "learning.clip": Field(0.05, "weights", LEARNT),
    "learning.clip_value": Field(0.001, "weights", LEARNT, {"learning.clip": None}),
    "learning.accumulate": Field(2, "first-loss losses weights", LEARNT),
    "learning.average": Field("ema", "scores kept", SCORED),
    "learning.average_decay": Field(0.1, "scores kept", SCORED, {"learning.average": "ema"}),
    "learning.average_share": Field(0.9, "scores kept", SCORED, {"learning.average": "mean"}),
    "learning.patience": Field(5, "when weights", f"rates {LEARNT}", RISING),
    "budget.steps": Field(9, "when rates", LEARNT),
    "budget.epochs": Field(0.1, "when rates", LEARNT),
    "budget.minutes": Field(1e-7, "when", f"rates {LEARNT}", ends="budget"),
    "sampling.prompt": Field("and ", SPOKEN),
    "sampling.length": Field(9, SPOKEN),
    "sampling.temperature": Field(0.1, SPOKEN),
    "sampling.top_k": Field(2, SPOKEN),
    "sampling.top_p": Field(0.2, SPOKEN),
    "sampling.min_p": Field(0.7, SPOKEN),
    "sampling.repetition_penalty": Field(10.0, SPOKEN, beside={"sampling.temperature": 0.1}),
    "sampling.repetition_window": Field(2, SPOKEN, beside=REPEATS),
    "sampling.greedy": Field(True, SPOKEN),
    "sampling.window": Field(3, SPOKEN, beside=REMEMBERS),
    "sampling.stop": Field("t", SPOKEN, beside={"sampling.length": 100}),
    "sampling.stop_at_end": Field(True, SPOKEN, beside=ENDS, text="table.csv"),
    "plan.score_every": Field(3, "when scores", SCORED),
    # The losses of lines that are written more rarely are means over more steps.
    "plan.record_every": Field(3, "when", "first-loss losses rates"),
    "plan.precision": Field("bf16", "plan losses weights", f"first-loss {LEARNT}"),
    "plan.threads": Field(2, "plan", f"first-loss {LEARNT}", {"budget.steps": 8}),
    "seed": Field(5, "start first-loss losses weights", LEARNT),
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of texts, in which every setting of a text finds something to do."""
    folder = tmp_path_factory.mktemp("texts")
    verses = VERSES.read_text(encoding="utf-8")[:3000]
    odd = "Café, cafÃ© or cafe\u0301 — one (1) & two\n\n\n\nagain; "
    book = "*** START OF THE PROJECT GUTENBERG EBOOK VERSES ***", "*** END OF THE PROJECT GUTENBERG EBOOK VERSES ***"
    (folder / "text.txt").write_text(f"A book\n\n{book[0]}\n\n{odd}{verses}\n\n{book[1]}\n\nEnd\n", encoding="utf-8")
    plain = verses.encode("ascii", "ignore").replace(b" o", b" \xf6")
    (folder / "latin.txt").write_bytes(plain)
    (folder / "broken.txt").write_bytes(plain.replace(b"\xf6", "ö".encode()) + b"\xff\xc3")
    rows = "".join(f'{number},"{line}"\n' for number, line in enumerate(verses.split("\n")) if '"' not in line)
    (folder / "table.csv").write_text(f"ID,Joke\n{rows}", encoding="utf-8")
    (folder / "folder").mkdir()
    (folder / "folder" / "one.txt").write_text(verses[:1500], encoding="utf-8")
    (folder / "folder" / "two.md").write_text(verses[1500:], encoding="utf-8")
    return folder


def made(texts: Path, entry: Field, change: Mapping[str, Any]) -> Run:
    overrides = merge(BASE, nest(entry.beside), nest(change))
    return prepare(library.find(str(texts / entry.text)), "quick", overrides)


def outcome(run: Run) -> dict[str, Any]:
    """Everything that a run is and does, by the names that FIELDS uses."""
    trainer = Trainer(run.config, Plan(1, None, None, "fp32", 1), run.ids[: run.train_tokens], len(run.vocabulary))
    start, cut = frozen(trainer.weights()), trainer.cutter.next()
    events = whole(run)
    progress = [event for event in events if isinstance(event, Progress)]
    last, best = run.read_checkpoint("last"), run.read_checkpoint("best")
    raw = last.part("raw") or last.part("model")
    losses = {event.step: event.train_loss for event in progress}
    plan = last.info["plan"]
    return {
        "text": (run.vocabulary.tokens, run.ids.tolist()),
        "notes": run.about["corpus"]["notes"],
        "held-out": run.train_tokens,
        "parameters": next(event.parameters for event in events if isinstance(event, Started)),
        "start": start,
        "batch": (cut.starts.tolist(), cut.length),
        "first-loss": losses.get(1),
        "losses": losses,
        "rates": {event.step: event.learning_rate for event in progress},
        "weights": frozen(raw),
        "when": [(event.event, event.step) for event in events if isinstance(event, Progress | Scored | Finished)],
        "scores": {event.step: event.validation_loss for event in events if isinstance(event, Scored)},
        "kept": frozen(best.tensors),
        "samples": [line["text"] for line in run.lines("samples")],
        "written": "".join(Generation(run, seed=1)),
        "plan": (plan["precision"], plan["threads"]),
    }


def frozen(arrays: Mapping[str, Any]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}


_unchanged: dict[str, dict[str, Any]] = {}


def before(texts: Path, entry: Field) -> dict[str, Any]:
    """The outcome without the change, worked out once for all fields that have it in common; a text that cannot be
    read is none."""
    key = json.dumps([entry.beside, entry.text, str(texts)])
    if key not in _unchanged:
        try:
            _unchanged[key] = outcome(made(texts, entry, {}))
        except UserError:
            _unchanged[key] = {"text": None}
    return _unchanged[key]


def test_every_field_has_an_entry() -> None:
    assert FIELDS.keys() == {leaf.path for leaf in leaves()}


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_changes_what_it_should_and_survives_a_stop(texts: Path, path: str) -> None:
    entry = FIELDS[path]
    one, other = (made(texts, entry, {path: entry.value}) for _ in range(2))
    was, now = before(texts, entry), outcome(one)
    changed = {name for name in was if now[name] != was[name]}
    must, may = set(entry.must.split()), set(entry.may.split())
    assert must <= changed
    assert changed <= must | may | ({"notes"} if path.startswith("text.") else set())
    stopped = whole(other)[-1] if entry.ends == "budget" else stopped_early(other)[-1]
    assert isinstance(stopped, Finished) and stopped.reason == entry.ends
    if stopped.reason == "stopped":
        assert stopped.step in (4, 6)
        whole(other)
        assert_same(one, other)


def stopped_early(run: Run) -> list[Event]:
    """Train to the fourth step or the first scoring after it, which need not be where a line of metrics is written."""
    requests, events = Requests(), []
    for event in train(run, "cpu", requests):
        events.append(event)
        if isinstance(event, Scored) and event.step >= 4:
            requests.put("stop")
    return events


def of_section(*sections: str) -> Iterable[str]:
    return [path for path in FIELDS if path.partition(".")[0] in sections]


def wide(run: Run) -> LanguageModel:
    """The run's network, its weights drawn wide: what it makes of a token depends on all it has read."""
    model = LanguageModel(run.config.model, len(run.vocabulary), torch.Generator().manual_seed(3))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model


@torch.no_grad()
@pytest.mark.parametrize("path", of_section("model"))
def test_numpy_and_torch_agree_on_a_network(texts: Path, path: str) -> None:
    run = made(texts, FIELDS[path], {path: FIELDS[path].value})
    model = wide(run)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    reading = CarriedState(Stepper(run.config.model, len(run.vocabulary), weights))
    logits, _ = model(torch.from_numpy(run.ids[:30].astype(np.int64))[:, None])
    for token, expected in zip(run.ids[:30].tolist(), logits[:, 0].numpy(), strict=True):
        reading.read(token)
        np.testing.assert_allclose(reading.logits(), expected, atol=1e-4)


@pytest.mark.parametrize("path", of_section("sampling"))
def test_numpy_and_torch_agree_on_what_is_drawn(texts: Path, path: str) -> None:
    entry = FIELDS[path]
    run = made(texts, entry, {path: entry.value})
    settings, draws = run.config.sampling, 20_000
    logits = np.random.default_rng(1).normal(size=12).astype(np.float32)
    recent = np.array([1, 4, 4, 7])
    chances = probabilities(logits, settings, recent)
    rows, seen = torch.from_numpy(logits).expand(draws, -1), torch.from_numpy(recent).expand(draws, -1)
    drawn = generation.draw(rows, settings, torch.Generator().manual_seed(2), seen)
    frequencies = np.bincount(drawn.numpy(), minlength=12) / draws
    assert not frequencies[chances == 0].any()
    np.testing.assert_allclose(frequencies, chances, atol=0.015)
    # And on whole texts, where nothing is left to chance.
    weights = {f"model.{name}": tensor.detach().numpy() for name, tensor in wide(run).state_dict().items()}
    run.write_checkpoint("best", Checkpoint(weights, {"step": 1, "loss": 1.0, "held_out": True}))
    likeliest = settings.model_copy(update={"greedy": True})
    numpy, by_torch = (Generation(run, sampling=likeliest, device=device) for device in ("cpu", "cpu:0"))
    assert list(numpy) == list(by_torch) and numpy.tokens > 0
