"""One run's folder: it explains itself and needs nothing else; the corpus may be gone.

run.toml  vocabulary.json  ids.npy  metrics.jsonl  samples.jsonl
last.safetensors  best.safetensors  run.log  lock  requests/
start.safetensors, where it began with another run's weights
"""

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tomli_w
from numpy.typing import NDArray

from lstm_tui import __version__, files, locations
from lstm_tui.config import ConfigError, RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.fields import with_nones
from lstm_tui.runs import checkpoint, lock
from lstm_tui.runs.parents import Parent
from lstm_tui.text import mapped
from lstm_tui.text.ids import Encoded
from lstm_tui.text.ngram import Baselines
from lstm_tui.text.vocabulary import Vocabulary

FORMAT = 1
# What `run.toml` must hold for the run to be read.
_ABOUT = {
    "format": int,
    "recipe": str,
    "created": str,
    "train_tokens": int,
    "test_tokens": int,
    "corpus": dict,
    "config": dict,
}
Part = Literal["training", "validation", "test"]


class Run:
    """A run's folder, read lazily; what was read once is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        return self.folder.name

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    # What it is: written once, when the run is made.

    @classmethod
    def create(
        cls,
        folder: Path,
        config: RunConfig,
        recipe: str,
        encoded: Encoded,
        baselines: Baselines | None = None,
        start: checkpoint.Checkpoint | None = None,
    ) -> "Run":
        """Fill a new run's folder. `run.toml` comes last: a folder without it is no run.

        Args:
            encoded: its text; ids that are in the cache are linked, not copied.
            baselines: the losses to beat.
            start: the weights it begins with, and as metadata the `Parent` they are from; None: they are drawn.
        """
        files.make_folder(folder)
        _write_ids(folder / "ids.npy", encoded)
        files.write_atomic(folder / "vocabulary.json", encoded.vocabulary.to_json().encode())
        about = {
            "format": FORMAT,
            "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "recipe": recipe,
            "lstm_tui": __version__,
            "torch": metadata.version("torch"),
            "train_tokens": encoded.train_tokens,
            "test_tokens": encoded.test_tokens,
            "corpus": {
                "name": encoded.corpus,
                "title": encoded.title,
                "sha256": encoded.sha256,
                "key": encoded.key,
                "tokens": len(encoded.ids),
                "kinds": len(encoded.vocabulary),
                "documents": encoded.documents,
                "notes": list(encoded.notes),
            },
        }
        if baselines:
            about["baselines"] = {name: value for name, value in asdict(baselines).items() if value is not None}
        run = cls(folder)
        if start:
            run.write_checkpoint("start", start)
            about["parent"] = {name: value for name, value in start.info.items() if value is not None}
        run._write_about(about, config)
        return run

    def _write_about(self, about: Mapping[str, Any], config: RunConfig) -> None:
        # TOML has no null: a field that is none is left out, and `config` puts it back.
        self._write({**about, "config": config.model_dump(exclude_none=True)})

    def _write(self, about: Mapping[str, Any]) -> None:
        files.write_atomic(self.folder / "run.toml", tomli_w.dumps(about).encode())
        for name in ("about", "config"):
            self.__dict__.pop(name, None)

    @cached_property
    def about(self) -> dict[str, Any]:
        """`run.toml` as it stands.

        Raises:
            UserError: where it is missing, damaged, or of a newer format.
        """
        path = self.folder / "run.toml"
        about = files.read_toml(path, wrong="is damaged")
        found = about.get("format")
        if isinstance(found, int) and found > FORMAT:
            raise UserError(f"The run {self.id} was written by a newer lstm-tui; upgrade to read it.")
        about.setdefault("test_tokens", 0)  # an earlier version did not say
        for name, kind in _ABOUT.items():
            if not isinstance(about.get(name), kind):
                raise UserError(f"{path} is damaged: {name} is missing, or not what it should be.")
        return about

    @cached_property
    def config(self) -> RunConfig:
        """What decides the run.

        Raises:
            UserError: where `run.toml` was changed by hand into something that does not fit.
        """
        try:
            return check(with_nones(self.about["config"]))
        except ConfigError as error:
            raise UserError(f"{self.folder / 'run.toml'}: {error}") from error

    def replan(self, config: RunConfig) -> None:
        """Go on with another budget: the new config is written over the old one.

        Raises:
            UserError: where what it holds is only read here, or the disk says no.
        """
        self._refuse_where_unpacked()
        self._write_about(self.about, config)

    def rename_parent(self, name: str) -> None:
        """The run that it began from is called otherwise by now."""
        self._write({**self.about, "parent": {**self.about["parent"], "run": name}})

    @property
    def recipe(self) -> str:
        return str(self.about["recipe"])

    @property
    def corpus(self) -> str:
        return str(self.about["corpus"].get("name", ""))

    @property
    def notes(self) -> list[str]:
        """What was left out of the text, a sentence each."""
        return [str(note) for note in self.about["corpus"].get("notes", [])]

    @property
    def parent(self) -> Parent | None:
        """Whose child it is; None where its first weights are drawn.

        Raises:
            UserError: where `run.toml` is damaged there.
        """
        try:
            return Parent.of(self.about["parent"]) if "parent" in self.about else None
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise UserError(f"{self.folder / 'run.toml'} is damaged: parent is not what it should be.") from error

    @property
    def created(self) -> str:
        return str(self.about["created"])

    @property
    def train_tokens(self) -> int:
        return int(self.about["train_tokens"])

    @property
    def baselines(self) -> Baselines | None:
        """The losses to beat on its text; None where they were not worked out."""
        return Baselines.of(self.about.get("baselines"))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        path = self.folder / "vocabulary.json"
        try:
            return Vocabulary.from_json(files.read_bytes(path).decode())
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(f"{path} is damaged: {error}.") from error

    @property
    def scored(self) -> NDArray[Any]:
        """The ids that are scored in training: the held-out part, or all that is learnt where there is none."""
        held_out = self.part("validation")
        return held_out if len(held_out) else self.part("training")

    @property
    def characters(self) -> float:
        """Of a token, on average over what is scored: 1 where tokens are characters.

        Raises:
            UserError: where its ids or its vocabulary cannot be read.
        """
        if self.config.text.tokens == "characters":
            return 1.0
        return self.vocabulary.length(self.scored) / len(self.scored)

    @property
    def reset_at(self) -> int | None:
        """The token that its model reads from the zero state, where its records are not to see each other."""
        return self.vocabulary.end_id if self.config.batches.reset_at_ends else None

    @cached_property
    def ids(self) -> NDArray[Any]:
        """The whole text, shape (tokens,), mapped from the disk; what is written to it stays in memory."""
        path = self.folder / "ids.npy"
        try:
            return mapped.array(path)
        except (OSError, ValueError, EOFError) as error:
            raise UserError(f"{path} is missing or damaged: {error}.") from error

    def part(self, name: Part) -> NDArray[Any]:
        """The ids that are learnt, held out, or kept for the test; empty where there are none."""
        begin, end = self.train_tokens, len(self.ids) - self.about["test_tokens"]
        match name:
            case "training":
                return self.ids[:begin]
            case "validation":
                return self.ids[begin:end]
            case "test":
                return self.ids[end:]

    # What happens in it.

    def checkpoint_path(self, kind: str) -> Path:
        return self.folder / f"{kind}.safetensors"

    @property
    def saved(self) -> checkpoint.Kind | None:
        """The checkpoint to take where none is named: the best, or the last where none was scored; None: none yet."""
        kinds: tuple[checkpoint.Kind, ...] = ("best", "last")
        return next((kind for kind in kinds if self.checkpoint_path(kind).exists()), None)

    def read_checkpoint(self, kind: str) -> checkpoint.Checkpoint:
        """`last`, `best` or `start`.

        Raises:
            UserError: where it is missing or damaged.
        """
        return checkpoint.read(self.checkpoint_path(kind))

    def write_checkpoint(self, kind: str, content: checkpoint.Checkpoint) -> None:
        checkpoint.write(self.checkpoint_path(kind), content)

    def append(self, name: str, line: str) -> None:
        """Add a line to `metrics` or `samples`."""
        files.append_line(self.folder / f"{name}.jsonl", line)

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The lines of `metrics` or `samples`; one that a crash cut is passed over."""
        try:
            content = (self.folder / f"{name}.jsonl").read_bytes()
        except OSError:
            return
        for line in content.splitlines():
            value = _object(line)
            if value:
                yield value

    def rewind(self, step: int) -> None:
        """Forget metrics and samples after `step`: the run goes on from there and will write them again.

        A line that a crash or a full disk cut is forgotten at the end, and passed over before it.
        """
        for name in ("metrics", "samples"):
            path = self.folder / f"{name}.jsonl"
            if not path.exists():
                continue
            kept = end = 0
            for line in files.read_bytes(path).splitlines(keepends=True):
                end += len(line)
                value = _object(line)
                at = value.get("step") if value else None
                if isinstance(at, int | float) and at > step:
                    break
                if value and line.endswith(b"\n"):
                    kept = end
            files.truncate(path, kept)

    def log(self, message: str) -> None:
        """Add what went wrong, traceback and all, to `run.log`."""
        files.append_line(self.folder / "run.log", f"{time.strftime('%Y-%m-%d %H:%M:%S')} {message}")

    # Who trains it.

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Hold the run while training: no two processes train it.

        Raises:
            UserError: where another one does, or what it holds is only read here.
        """
        self._refuse_where_unpacked()
        return lock.held(self.folder)

    def trainer(self) -> dict[str, Any] | None:
        """Who trains it now, as `lock.holder`: pid, host and start time. None where nobody does."""
        return lock.holder(self.folder)

    def _refuse_where_unpacked(self) -> None:
        if locations.unpacked() in self.folder.parents:
            raise UserError(
                f"The run {self.id} was read from a zip, which is only read; to go on with it, put it among the runs: "
                f"lstm-tui export FILE.zip {locations.runs() / self.id}, then lstm-tui resume {self.id}"
            )

    def request(self, order: str) -> None:
        """Leave an order for the process that trains the run."""
        files.write_atomic(self.folder / "requests" / f"{time.time_ns()}", order.encode())

    def take_requests(self) -> list[str]:
        """Orders from other processes, oldest first; each is taken once."""
        try:
            waiting = sorted(path for path in (self.folder / "requests").iterdir() if path.name.isdigit())
        except OSError:
            return []
        orders = []
        for path in waiting:
            # One that cannot be taken away would be obeyed again and again: it is not obeyed at all.
            with contextlib.suppress(UserError):
                order = files.read_bytes(path).decode(errors="replace")
                files.delete(path)
                orders.append(order)
        return orders


def _write_ids(path: Path, encoded: Encoded) -> None:
    """The ids of a run: a second name for the cache's file, or a file of its own."""
    if encoded.path and files.is_file(encoded.path):
        with contextlib.suppress(UserError):  # it was taken out of the cache: it is still mapped
            files.link(encoded.path, path)
            return
    with files.new_file(path) as file:
        np.save(file, encoded.ids, allow_pickle=False)


def _object(line: bytes) -> dict[str, Any] | None:
    """A line's JSON object; None for a line that was cut."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
