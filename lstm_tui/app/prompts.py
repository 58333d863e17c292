"""The prompts that were written so far, kept between starts, and where among them one stands. It knows no widgets."""

import json
from pathlib import Path

from lstm_tui import files, locations
from lstm_tui.errors import UserError

# So many are read; the file is cut to them when it has grown to twice as many.
MOST = 200


class History:
    """Prompts, the oldest first. One walks through them from the one that is being written, which is not lost."""

    def __init__(self) -> None:
        self._prompts: list[str] = []
        self._at = 0
        self._begun = ""

    def begin(self, prompts: list[str]) -> None:
        """Those of earlier starts, before what has been added since; where one is among these, one stays."""
        added, back = self._prompts, len(self._prompts) - self._at
        self._prompts = list(prompts)
        for prompt in added:
            self._put(prompt)
        self._at = len(self._prompts) - back

    def add(self, prompt: str) -> bool:
        """A prompt that was used; whether it is to be kept: it is another than the one before."""
        new = bool(prompt.strip()) and self._prompts[-1:] != [prompt]
        if new:
            self._put(prompt)
        self._at = len(self._prompts)
        return new

    def _put(self, prompt: str) -> None:
        self._prompts = [*(other for other in self._prompts if other != prompt), prompt][-MOST:]

    def earlier(self, now: str) -> str | None:
        """The prompt before the one that stands there now; None where that is the first."""
        if self._at == 0:
            return None
        if self._at == len(self._prompts):
            self._begun = now
        self._at -= 1
        return self._prompts[self._at]

    def later(self) -> str | None:
        """The one after it, at last the one that was being written; None where that stands there."""
        if self._at == len(self._prompts):
            return None
        self._at += 1
        return self._begun if self._at == len(self._prompts) else self._prompts[self._at]


def _path() -> Path:
    return locations.state() / "prompts.jsonl"


def read() -> list[str]:
    """The prompts of earlier starts, oldest first, each once; a damaged line is passed over."""
    try:
        lines = files.read_bytes(_path()).splitlines()
    except UserError:
        return []
    found: dict[str, None] = {}
    for line in lines[-2 * MOST :]:
        try:
            prompt = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(prompt, str):
            found.pop(prompt, None)
            found[prompt] = None
    return list(found)[-MOST:]


def keep(prompt: str) -> None:
    """Add one to the file.

    Raises:
        UserError: where the disk says no.
    """
    path = files.make_folder(_path().parent) / _path().name
    files.append_line(path, json.dumps(prompt))
    if files.read_bytes(path).count(b"\n") > 2 * MOST:
        files.write_atomic(path, "".join(json.dumps(prompt) + "\n" for prompt in read()).encode())
