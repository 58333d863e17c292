"""Seconds and peak memory of encoding a text, and of training from it: `python -m tests.benchmarks.encoding`.

Beside it what the tutorials do: the whole text in a string, `[lookup[c] for c in text]`. Every figure is of a
process of its own. Sizes in MB may be given: `python -m tests.benchmarks.encoding 1 10`.

Memory is the most that was resident: all of it, and what is the process's own (pages of a mapped file are shared
with the disk's cache, and given up where memory is short); that of the interpreter with its libraries is named apart.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

STEPS = 50
FIXED = {
    "model": {"hidden": 64},
    "budget": {"steps": STEPS},
    "plan": {"score_every": STEPS, "record_every": STEPS, "precision": "fp32", "threads": 1},
    "sampling": {"length": 1},
}


def write_text(path: Path, megabytes: int) -> None:
    """Lines of drawn words of Python's manual, the seed fixed: ASCII, some 90 kinds of characters."""
    import random
    from pydoc_data.topics import topics

    words = " ".join(topics[name] for name in sorted(topics)).split()
    draw, left = random.Random(1), megabytes * 1_000_000
    with path.open("w") as file:
        while left > 0:
            chunk = " ".join(draw.choices(words, k=min(100_000, left // 4 + 1)))
            file.write("\n".join(chunk[start : start + 72] for start in range(0, len(chunk), 72))[:left])
            left -= len(chunk) + len(chunk) // 72


class Memory:
    """Looks a hundred times a second at how much the process holds."""

    def __init__(self) -> None:
        self.all = self.own = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._over.wait(0.01):
            now = process.memory_info()
            self.all, self.own = max(self.all, now.rss), max(self.own, now.rss - getattr(now, "shared", 0))

    def peak(self) -> tuple[int, int]:
        self._over.set()
        self._thread.join()
        return self.all, self.own


def tutorial(path: Path) -> None:
    text = path.read_text()
    lookup = {c: number for number, c in enumerate(sorted(set(text)))}
    ids = [lookup[c] for c in text]
    assert len(ids) == len(text)


def encode(path: Path, tokens: str = "characters") -> None:
    from lstm_tui.config import check
    from lstm_tui.text import corpus, ids, library

    config = check({"text": {"tokens": tokens}, "budget": {"steps": 1}})
    ids.encode(corpus.open_corpus(library.find(str(path)), config.text), config.text, config.seed)


def words(path: Path) -> None:
    encode(path, "words and punctuation")


def prepare(path: Path) -> None:
    from lstm_tui.jobs.preparing import prepare
    from lstm_tui.text import library

    for cut in ("streams", "windows"):
        prepare(library.find(str(path)), "quick", {**FIXED, "batches": {"cut": cut}}, name=cut)


def train(cut: str) -> None:
    from lstm_tui.jobs.requests import Requests
    from lstm_tui.jobs.training import train
    from lstm_tui.runs import store

    last = list(train(store.find(cut), "cpu", Requests()))[-1]
    assert last.event == "finished"


WORKS: dict[str, Callable[[Path], None]] = {
    "[lookup[c] for c in text]": tutorial,
    "encode": encode,
    "encode again, from the cache": encode,
    "encode words and punctuation": words,
    "prepare, with the losses to beat": prepare,
    "train, streams": lambda path: train("streams"),
    "train, windows": lambda path: train("windows"),
}


def measure(work: str, path: Path) -> None:
    """One work, in this process; prints its figures as JSON."""
    if work != "[lookup[c] for c in text]":
        import lstm_tui.text.corpus
        import lstm_tui.text.ids
    if "prepare" in work or "train" in work:
        import lstm_tui.jobs.training  # noqa: F401
    began, memory, base = time.perf_counter(), Memory(), psutil.Process().memory_info().rss
    WORKS[work](path)
    print(json.dumps([time.perf_counter() - began, base, *memory.peak()]))


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [1, 10, 100, 500]
    print(f"{'':32} {'MB':>4} {'seconds':>9} {'peak MB':>9} {'own MB':>8} {'libraries':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text.txt"
            write_text(path, size)
            for work in WORKS:
                command = [sys.executable, "-m", "tests.benchmarks.encoding", "--measure", work, str(path)]
                environment = {**os.environ, "LSTM_TUI_HOME": f"{folder}/home"}
                result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
                seconds, base, peak, own = json.loads(result.stdout.splitlines()[-1])
                print(
                    f"{work:32} {size:4} {seconds:9.2f} {peak / 1e6:9.0f} {own / 1e6:8.0f} {base / 1e6:9.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
