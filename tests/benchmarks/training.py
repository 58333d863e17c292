"""A training step of each recipe beside the tutorial's plain loop: `python -m tests.benchmarks.training [RECIPE…]`.

The plain loop stores every window, reads them through a DataLoader, and calls `.item()` after each step, on
the same network, batch and optimiser. Both run on the same text on the same threads, one after the other; ours in
single precision and in bfloat16, of which a run takes the faster.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from lstm_tui import devices, recipes
from lstm_tui.config import RunConfig
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.text import corpus, library
from lstm_tui.text.ids import encode

SECONDS = 6.0


def plain_loop(config: RunConfig, ids: NDArray[np.uint8], vocabulary: int) -> Iterator[None]:
    """The tutorials' way: stored windows, a DataLoader, a fresh state, `.item()` for each step."""
    how = config.batches
    length = how.length if how.cut != "random lengths" else (how.shortest + how.length) // 2
    data = torch.from_numpy(ids.astype(np.int64))
    windows = data[: 20_000 + length].unfold(0, length + 1, 1).contiguous()
    batches = DataLoader(TensorDataset(windows), batch_size=how.size, shuffle=True, drop_last=True)
    model = LanguageModel(config.model, vocabulary, torch.Generator().manual_seed(1))
    dropout = torch.Generator().manual_seed(1)
    optimiser = torch.optim.Adam(model.parameters(), lr=config.learning.rate)
    total = 0.0
    while True:
        for (batch,) in batches:
            logits, _ = model(batch[:, :-1].T, dropout=dropout)
            if how.targets == "last":
                loss = functional.cross_entropy(logits[-1], batch[:, -1])
            else:
                loss = functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].T.flatten())
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total += loss.item()
            yield


def ours(config: RunConfig, ids: NDArray[np.uint8], vocabulary: int, precision: str) -> Iterator[None]:
    for _ in Trainer(config, Plan(None, None, None, precision, torch.get_num_threads()), ids, vocabulary):
        yield


def milliseconds(steps: Iterator[None]) -> float:
    for _ in range(3):
        next(steps)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        next(steps)
        count += 1
    return (time.perf_counter() - began) / count * 1000


def main() -> None:
    torch.set_num_threads(devices.threads())
    for recipe in map(recipes.find, sys.argv[1:] or recipes.RECIPES):
        entry = library.find("jokes" if recipe.name == "words" else "fables")
        sketch = recipe.config(None, {"text": dict(entry.text)})
        encoded = encode(corpus.open_corpus(entry, sketch.text), sketch.text, sketch.seed)
        ids, vocabulary = encoded.ids, encoded.vocabulary
        config = recipe.config(recipes.Figures(len(ids), len(vocabulary)))
        if len(ids) < 20_000:
            ids = np.tile(ids, 20_000 // len(ids) + 1)
        plain = milliseconds(plain_loop(config, ids, len(vocabulary)))
        line = f"{recipe.name:18} {len(vocabulary):5} kinds  plain {plain:8.1f} ms"
        for precision in ("fp32", "bf16"):
            mine = milliseconds(ours(config, ids, len(vocabulary), precision))
            line += f"  {precision} {mine:8.1f} ms {plain / mine:5.2f} ×"
        print(line, flush=True)


if __name__ == "__main__":
    main()
