"""How long a step takes, measured without disturbing anything."""

import time
from typing import Any

import pytest
import torch

from lstm_tui.config import RunConfig, check
from lstm_tui.jobs import probing
from lstm_tui.lstm.size import parameter_count
from lstm_tui.progress import Cancelled


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_seconds", {})
    monkeypatch.setattr(probing, "_SECONDS", 0.05)


def tiny(**batches: Any) -> RunConfig:
    return check({"model": {"hidden": 8, "embedding": 4}, "batches": {"size": 2, "length": 8, **batches}})


def seconds(config: RunConfig, **more: Any) -> float:
    return probing.step_seconds(config, parameter_count(config.model, 20), 20, "cpu", **more)


@pytest.mark.parametrize("cut", ["streams", "windows", "random lengths"])
@pytest.mark.parametrize("targets", ["every", "last"])
def test_a_step_is_timed_for_every_way_of_cutting(cut: str, targets: str) -> None:
    assert seconds(tiny(cut=cut, targets=targets, shortest=3, roll=True)) > 0


def test_what_was_measured_once_is_known_whatever_else_changes() -> None:
    config = tiny()
    assert probing.known(config, 20, "cpu") is None
    first = seconds(config)
    other = check({**config.model_dump(), "budget": {"steps": 5}, "seed": 9, "learning": {"rate": 0.1}})
    assert probing.known(other, 20, "cpu") == first == seconds(other)
    assert probing.known(tiny(size=3), 20, "cpu") is None and probing.known(config, 21, "cpu") is None


def test_the_speed_counts_the_mean_of_random_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    for config, tokens in (
        (tiny(), 16),
        (tiny(cut="random lengths", shortest=3), 11),
        (tiny(cut="random lengths", shortest=3, targets="last"), 2),
    ):
        monkeypatch.setattr(probing, "_seconds", {probing._asked(config, 20, "cpu"): 0.5})
        assert probing.known_speed(config, 20, "cpu") == 2 * tokens
    large = {"hidden": 2048, "layers": 2}
    config = check({"model": large, "batches": {"size": 64, "length": 512, "shortest": 4, "cut": "random lengths"}})
    small, times = probing._shortened(config, parameter_count(config.model, 20), "cpu")
    assert small.batches.size * (small.batches.shortest + small.batches.length) * times == 64 * (4 + 512)


def test_nothing_is_drawn_from_the_global_generator() -> None:
    before = torch.random.get_rng_state()
    seconds(tiny())
    assert torch.equal(before, torch.random.get_rng_state())


def test_it_ends_when_nobody_wants_to_know() -> None:
    with pytest.raises(Cancelled):
        seconds(tiny(), stopped=lambda: True)
    assert probing.known(tiny(), 20, "cpu") is None


def test_a_step_that_would_take_long_is_cut_short_and_multiplied() -> None:
    config = check({"model": {"hidden": 2048, "layers": 2}, "batches": {"size": 64, "length": 1024}})
    parameters = parameter_count(config.model, 20)
    small, times = probing._shortened(config, parameters, "cpu")
    done = small.batches.size * small.batches.length
    assert 6 * parameters * done <= 3e10 and small.batches.length == 16 and done * times == 64 * 1024
    whole, once = probing._shortened(tiny(), 1000, "cpu")
    assert (whole.batches.size, whole.batches.length, once) == (2, 8, 1)
    accumulated = check({**tiny().model_dump(), "learning": {"accumulate": 4}})
    assert probing._shortened(accumulated, 1000, "cpu")[1] == 4
    widest = check({"model": {"hidden": 4096, "layers": 8}, "batches": {"size": 4096, "length": 4096}})
    began = time.thread_time()
    least, _ = probing._shortened(widest, parameter_count(widest.model, 20), "cpu")
    assert (least.batches.size, least.batches.length) == (1, 16) and time.thread_time() - began < 0.1
