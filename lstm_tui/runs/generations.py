"""`generations.jsonl` of a run: every text that it wrote in the app, with all that is needed to have it again.

Lines are only ever added, so that two processes may write at once and nothing is lost: a text is one line, and
that it was marked, or taken off the list, is another after it.
"""

import json
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from lstm_tui import files
from lstm_tui.errors import escaped_in_json

# What is read of the file, from its end: some thousands of texts.
_MOST_BYTES = 32 << 20
# By so many bytes at the end of what was read it is told whether that still stands there.
_COMPARED = 200


@dataclass(frozen=True)
class Output:
    """What was written from one prompt, and how.

    Attributes:
        texts: of each stream, without the prompt.
        sampling: the settings that it was begun with.
        changes: what became of them while it was written: the tokens of each text before, and the settings.
        checkpoint: "best" or "last", as it was at `step` of the training.
        tokens: of all texts together.
        longest: tokens of the longest of them.
        nats: per token, under the model's own distribution; None where it was not scored.
        copy: tokens of the longest stretch that stands in the text that was learnt; None: not known.
        whole: whether it came to its end; else somebody stopped it.
        when: seconds since 1970.
        id: distinct in the file.
    """

    prompt: str
    texts: tuple[str, ...]
    seed: int
    sampling: Mapping[str, Any]
    changes: tuple[tuple[int, Mapping[str, Any]], ...] = ()
    checkpoint: str = "best"
    step: int | None = None
    tokens: int = 0
    longest: int = 0
    tokens_per_second: float = 0.0
    nats: float | None = None
    copy: int | None = None
    whole: bool = True
    when: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: f"{time.time_ns():x}-{secrets.token_hex(3)}")
    marked: bool = False

    @property
    def temperatures(self) -> str:
        """`0.8`; `0.8 > 1.2` where it was changed; `greedy`."""
        now = dict(self.sampling)
        said = [_heat(now)]
        for _, changed in self.changes:
            now |= changed
            if said[-1] != _heat(now):
                said.append(_heat(now))
        return " > ".join(said)

    @property
    def whole_text(self) -> str:
        """All of it with its prompt, as one would keep it: several texts one below the other, each under its number."""
        if len(self.texts) == 1:
            return self.prompt + self.texts[0]
        parts = (
            f"--- {number} of {len(self.texts)} ---\n{self.prompt}{text}" for number, text in enumerate(self.texts, 1)
        )
        return "\n".join(parts)


def _heat(sampling: Mapping[str, Any]) -> str:
    temperature = sampling.get("temperature")
    return "greedy" if sampling.get("greedy") or temperature is None else f"{temperature:g}"


def append(folder: Path, output: Output) -> None:
    """Keep a text in the run's folder.

    Raises:
        UserError: where the disk says no, or the run has gone.
    """
    values = asdict(output)
    values.pop("marked")
    _add(folder, {**values, "sampling": dict(output.sampling)})
    if output.marked:
        mark(folder, output.id)


def mark(folder: Path, id: str, marked: bool = True) -> None:
    """Mark a text, or no more; raises as `append`."""
    _add(folder, {"of": id, "marked": marked})


def remove(folder: Path, id: str) -> None:
    """Take a text off the list; raises as `append`."""
    _add(folder, {"of": id, "removed": True})


def _add(folder: Path, line: Mapping[str, Any]) -> None:
    files.append_line(folder / "generations.jsonl", escaped_in_json(json.dumps(line, ensure_ascii=False)))


def outputs(folder: Path) -> list[Output]:
    """The texts that the run's folder keeps, newest first; a damaged line is passed over. Asked again, it reads what
    was added since.
    """
    with _lock:
        return list(reversed(_known(folder).texts.values()))


def marked(folder: Path) -> list[Output]:
    """Those of them that were marked."""
    return [output for output in outputs(folder) if output.marked]


class _Known:
    """What was read of a file. It only ever grows: what comes after `end` is new, while what came before still stands.

    Attributes:
        texts: by their ids, oldest first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[str, Output] = {}
        self._end = 0
        self._before_end = b""

    def read(self) -> bool:
        """Take what was added; False where it is another file than it was. One that cannot be read has nothing new."""
        try:
            with self.path.open("rb") as file:
                if self._end:
                    file.seek(self._end - len(self._before_end))
                    if file.read(len(self._before_end)) != self._before_end:
                        return False
                else:
                    file.seek(max(0, files.size(self.path) - _MOST_BYTES))
                    if file.tell():
                        file.readline()
                self._end = file.tell()
                for line in file:
                    if line.endswith(b"\n"):  # else it may not be whole, and is read again
                        self._end += len(line)
                        self._before_end = line[-_COMPARED:]
                    self._take(line)
        except OSError:
            return not self._end
        return True

    def _take(self, line: bytes) -> None:
        try:
            value = json.loads(line)
            if "of" in value:
                id = str(value["of"])
                if value.get("removed"):
                    self.texts.pop(id, None)
                elif id in self.texts:
                    self.texts[id] = replace(self.texts[id], marked=bool(value["marked"]))
            else:
                output = _output(value)
                self.texts[output.id] = output
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            pass


_lock = Lock()
_last = _Known(Path())


def _known(folder: Path) -> _Known:
    """All of a file as it is now; of one file at a time, what was read of it is kept."""
    global _last
    path = folder / "generations.jsonl"
    if _last.path != path or not _last.read():
        _last = _Known(path)
        _last.read()
    return _last


def _output(value: Mapping[str, Any]) -> Output:
    """One line's text.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, OverflowError: where it is none.
    """
    prompt, texts, id, sampling = value["prompt"], value["texts"], value["id"], value["sampling"]
    if not texts or not all(isinstance(text, str) for text in (prompt, id, *texts)):
        raise TypeError(texts)
    step, copy = value.get("step"), value.get("copy")
    output = Output(
        prompt=prompt,
        texts=tuple(texts),
        seed=int(value["seed"]),
        sampling=dict(sampling),
        changes=tuple((int(at), dict(changed)) for at, changed in value.get("changes", ())),
        checkpoint=str(value.get("checkpoint", "best")),
        step=None if step is None else int(step),
        tokens=int(value.get("tokens", 0)),
        longest=int(value.get("longest", 0)),
        tokens_per_second=_finite(value.get("tokens_per_second")) or 0.0,
        nats=_finite(value.get("nats")),
        copy=None if copy is None else int(copy),
        whole=bool(value.get("whole", True)),
        when=_finite(value.get("when")) or 0.0,
        id=id,
    )
    _ = output.temperatures  # which must be numbers
    return output


def _finite(value: Any) -> float | None:
    number = None if value is None else float(value)
    return number if number is None or math.isfinite(number) else None
