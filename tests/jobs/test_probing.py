"""How long a step takes, measured without disturbing anything."""

import time
from pathlib import Path
from typing import Any

import pytest
import torch

from lstm_tui import devices
from lstm_tui.config import RunConfig, check
from lstm_tui.devices import CpuFigures, GpuFigures
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
    assert 0 < seconds(tiny(cut=cut, targets=targets, shortest=3, roll=True)) < 0.5


def test_what_was_measured_once_is_known_whatever_else_changes() -> None:
    config = tiny()
    assert probing.known(config, 20, "cpu") is None
    first = seconds(config)
    other = check({**config.model_dump(), "budget": {"steps": 5}, "seed": 9, "learning": {"rate": 0.1}})
    assert probing.known(other, 20, "cpu") == first == seconds(other)
    assert probing.known(tiny(size=3), 20, "cpu") is None and probing.known(config, 21, "cpu") is None


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
    assert 6 * parameters * done <= 2e10 and done * times == 64 * 1024
    whole, once = probing._shortened(tiny(), 1000, "cpu")
    assert (whole.batches.size, whole.batches.length, once) == (2, 8, 1)
    accumulated = check({**tiny().model_dump(), "learning": {"accumulate": 4}})
    assert probing._shortened(accumulated, 1000, "cpu")[1] == 4
    widest = check({"model": {"hidden": 4096, "layers": 8}, "batches": {"size": 4096, "length": 4096}})
    began = time.perf_counter()
    least, _ = probing._shortened(widest, parameter_count(widest.model, 20), "cpu")
    assert (least.batches.size, least.batches.length) == (3, 1) and time.perf_counter() - began < 0.1


def test_free_memory_is_what_the_device_and_the_container_leave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "cpu_figures", lambda: CpuFigures(memory_used=20.0, memory_total=100.0))
    monkeypatch.setattr(probing, "_left_in_group", lambda: None)
    assert probing.free_memory("cpu") == 80
    monkeypatch.setattr(probing, "_left_in_group", lambda: 50.0)
    assert probing.free_memory("cpu") == 50
    monkeypatch.setattr(devices, "cpu_figures", CpuFigures)
    assert probing.free_memory("cpu") is None
    full = GpuFigures("H100", memory_mine=5.0, memory_others=30.0, memory_total=80.0)
    monkeypatch.setattr(devices, "gpu_figures", lambda device: full)
    assert probing.free_memory("cuda:0") == 45
    monkeypatch.setattr(devices, "gpu_figures", lambda device: GpuFigures("H100"))
    assert probing.free_memory("cuda:0") is None


def test_what_a_container_leaves_is_read(tmp_path: Path) -> None:
    left = probing._left_in_group
    assert left(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 200\n")
    assert left(tmp_path) == 500
    (tmp_path / "memory.max").write_text("max\n")
    assert left(tmp_path) is None
