"""Characters per second on a CPU, beside what the tutorials do: `python -m tests.benchmarks.generation`.

Each row is one run: the NumPy step (on one thread and on two), `nn.LSTM` one token at a time with the state
carried, and the tutorials' way, the window of the last 100 characters run again for each. Beside them the
NumPy step while another process trains on all cores.
"""

import multiprocessing
import time
from collections.abc import Iterator
from itertools import islice
from multiprocessing.synchronize import Event

import numpy as np
import threadpoolctl
import torch

from lstm_tui.config import RunConfig
from lstm_tui.generation.drawing import stepped
from lstm_tui.generation.stepping import Stepper
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.sections import ModelConfig, SamplingConfig

VOCABULARY = 65
SECONDS = 3.0
SAMPLING = SamplingConfig(temperature=0.8)


def rate(tokens: Iterator[int]) -> float:
    """Tokens per second over a few seconds."""
    for _ in islice(tokens, 20):
        pass
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        count += sum(1 for _ in islice(tokens, 10))
    return count / (time.perf_counter() - began)


def ours(model: LanguageModel, threads: int, window: int | None = None) -> float:
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    sampling = SAMPLING.model_copy(update={"window": window})
    with threadpoolctl.threadpool_limits(threads):
        drawn = stepped(Stepper(model.config, VOCABULARY, weights), [1], sampling, np.random.default_rng(1))
        return rate(token for (token,) in drawn)


@torch.no_grad()
def one_token_at_a_time(model: LanguageModel) -> Iterator[int]:
    token, state = torch.tensor([[1]]), None
    while True:
        logits, state = model(token, state)
        token = torch.multinomial((logits[0, 0] / 0.8).softmax(0), 1)[None]
        yield int(token)


@torch.no_grad()
def window_again(model: LanguageModel) -> Iterator[int]:
    window = [1] * 100
    while True:
        logits, _ = model(torch.tensor(window)[:, None], last_only=True)
        token = int(torch.multinomial((logits[0] / 0.8).softmax(0), 1))
        window = [*window[1:], token]
        yield token


def train_until(over: Event, started: Event) -> None:
    config = RunConfig()
    ids = np.random.default_rng(1).integers(VOCABULARY, size=200_000).astype(np.uint8)
    for _ in Trainer(config, Plan(None, None, None, "fp32", torch.get_num_threads()), ids, VOCABULARY):
        started.set()
        if over.is_set():
            return


def ours_while_training(model: LanguageModel) -> float:
    context = multiprocessing.get_context("spawn")
    over, started = context.Event(), context.Event()
    process = context.Process(target=train_until, args=(over, started))
    process.start()
    started.wait()
    try:
        return ours(model, 1)
    finally:
        over.set()
        process.join()


def main() -> None:
    for layers, hidden in ((1, 256), (2, 512)):
        config = ModelConfig(hidden=hidden, layers=layers)
        model = LanguageModel(config, VOCABULARY, torch.Generator().manual_seed(1))
        one = ours(model, 1)
        rows = (
            ("NumPy step, one thread", one),
            ("NumPy step, two threads", ours(model, 2)),
            ("NumPy step, while another process trains", ours_while_training(model)),
            ("nn.LSTM, one token at a time", rate(one_token_at_a_time(model))),
            ("window of 100 run again", rate(window_again(model))),
            ("the same window, ours", ours(model, 1, window=100)),
        )
        for what, figure in rows:
            print(f"{layers} × {hidden}  {what:42} {figure:9,.0f} characters/s  {one / figure:6.1f}", flush=True)


if __name__ == "__main__":
    main()
