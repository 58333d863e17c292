"""Seconds until `quick` has learnt Alice as well as tutorial 1's models: `python -m tests.benchmarks.alice PATH`.

PATH is Alice's Adventures in Wonderland as Project Gutenberg has it. All of it is learnt, in lower case, and the loss
is of all of it with dropout off, in nats per character. Only the seconds inside training steps count. Settings may
follow, which go over `quick`: `python -m tests.benchmarks.alice PATH model.dropout=0 budget.epochs=3`.

The tutorial's loop is the method as its author wrote it; it is not run to its end: 20 of its steps are timed, and their
time is multiplied by the steps of its 40 epochs (what its author scores after each epoch is left out).
"""

import sys
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lstm_tui import devices, recipes
from lstm_tui.fields import merge, nest, parse
from lstm_tui.jobs import planning
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.ids import on_device
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.text import corpus, library
from lstm_tui.text.ids import Encoded, encode

# Layers → the loss reported after 40 epochs: 234,176.28 and 196,966.13 summed over 144,474 windows.
REPORTED = {1: 1.6209, 2: 1.3633}
EPOCHS, WINDOW, BATCH = 40, 100, 128
TIMED_STEPS, WARMING_STEPS = 20, 3
# The whole text is scored where a part of it comes as near as this to the next goal, every so many steps.
NEAR, PART, EVERY = 0.04, 16_384, 20


class TutorialsModel(nn.Module):
    """One number for each character in, an LSTM, dropout, what follows the last one out."""

    def __init__(self, layers: int, kinds: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 256, num_layers=layers, batch_first=True, dropout=0.2 if layers > 1 else 0.0)
        self.dropout = nn.Dropout(0.2)
        self.output = nn.Linear(256, kinds)

    def forward(self, windows: Tensor) -> Any:
        passing, _ = self.lstm(windows)
        return self.output(self.dropout(passing[:, -1]))


def tutorial(encoded: Encoded, layers: int) -> float:
    """Seconds that the tutorial's 40 epochs would take at the pace of its first steps."""
    torch.manual_seed(1)
    ids, kinds = torch.from_numpy(encoded.ids.astype("int64")), len(encoded.vocabulary)
    windows = (ids[:-1].float() / kinds).unfold(0, WINDOW, 1).unsqueeze(-1).contiguous()
    batches = DataLoader(TensorDataset(windows, ids[WINDOW:]), batch_size=BATCH, shuffle=True)
    model = TutorialsModel(layers, kinds)
    optimiser, loss_of = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss(reduction="sum")
    began, total = 0.0, 0.0
    for step, (read, next_one) in enumerate(batches):
        if step == WARMING_STEPS:
            began = time.perf_counter()
        if step == WARMING_STEPS + TIMED_STEPS:
            break
        loss = loss_of(model(read), next_one)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item()
    a_step = (time.perf_counter() - began) / TIMED_STEPS
    print(f"the tutorial's loop, {layers} × 256: {a_step * 1000:.1f} ms a step, {len(batches):,} steps an epoch")
    return a_step * len(batches) * EPOCHS


def quick(encoded: Encoded, asked: dict[str, Any]) -> dict[float, float]:
    """Each goal that was reached → seconds of training to it."""
    ids, kinds, cpu = encoded.ids, len(encoded.vocabulary), torch.device("cpu")
    config = recipes.find("quick").config(recipes.Figures(len(ids), kinds), asked)
    plan = planning.first_plan(config, len(ids), kinds, cpu)
    trainer, text = Trainer(config, plan, ids, kinds), on_device(ids, cpu)
    trainer.stride = EVERY
    goals, reached, seconds, values = sorted(REPORTED.values()), dict[float, float](), 0.0, iter(trainer)
    print(f"quick: {plan.horizon:,} steps at most, {plan.precision}, {plan.threads} threads")
    while goals:
        began = time.perf_counter()
        value = next(values, None)
        seconds += time.perf_counter() - began
        if value is None or seconds > 60 * (config.budget.minutes or 60):
            break
        part = evaluation.stateful(trainer.model, text, PART).nats
        print(f"  step {value.step:5}  {seconds:6.1f} s  train {value.train_loss:.4f}  about {part:.4f}", flush=True)
        while goals and part < goals[-1] + NEAR:
            whole = evaluation.stateful(trainer.model, text).nats
            print(f"  step {value.step:5}  {seconds:6.1f} s  the whole text {whole:.4f}", flush=True)
            if whole > goals[-1]:
                break
            reached[goals.pop()] = seconds
    return reached


def main() -> None:
    path, settings = sys.argv[1], dict(setting.split("=", 1) for setting in sys.argv[2:])
    asked = merge(
        {"text": {"lower": True, "held_out": 0}, "plan": {"record_every": EVERY}},
        nest({name: parse(value) for name, value in settings.items()}),
    )
    config = recipes.find("quick").config(None, asked)
    encoded = encode(corpus.open_corpus(library.find(path), config.text), config.text, config.seed)
    print(f"{len(encoded.ids):,} characters, {len(encoded.vocabulary)} kinds, {' '.join(sys.argv[2:])}")
    torch.set_num_threads(devices.threads())
    reached = quick(encoded, asked)
    torch.set_num_threads(devices.threads())
    rows = [(layers, goal, tutorial(encoded, layers), reached.get(goal)) for layers, goal in REPORTED.items()]
    print(f"\n{'nats per character':>18}  {'the tutorial, 40 epochs (extrapolated)':>38}  {'quick':>11}  {'ratio':>7}")
    for layers, goal, theirs, ours in rows:
        told = f"{ours:9.1f} s  {theirs / ours:7,.0f}" if ours else "not reached"
        print(f"{goal:18}  {f'{layers} × 256':>16} {theirs:19,.0f} s  {told}")


if __name__ == "__main__":
    main()
