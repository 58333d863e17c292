"""Devices: which are there, which is chosen, and figures that may be absent."""

import math
from pathlib import Path

import psutil
import pytest
import torch

from lstm_tui import devices
from lstm_tui.devices import CpuFigures, GpuFigures
from lstm_tui.errors import UserError

GPUS = torch.cuda.device_count()
needs_gpu = pytest.mark.skipif(not GPUS, reason="there is no CUDA device here")
needs_none = pytest.mark.skipif(bool(GPUS) or torch.backends.mps.is_available(), reason="there is an accelerator here")


def test_the_cpu_is_always_there() -> None:
    assert devices.available()[-1].name == "cpu"
    chosen = devices.choose("cpu")
    assert (chosen.name, chosen.reason) == ("cpu", "asked for")
    assert chosen.label.startswith(f"cpu, {devices.threads()} thread")


def test_auto_takes_the_first_and_says_why() -> None:
    chosen = devices.choose()
    assert chosen == devices.available()[0]
    assert chosen.reason


@needs_none
@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps", "tpu", ""])
def test_a_device_that_is_not_there(name: str) -> None:
    with pytest.raises(UserError, match=rf"There is no device '{name}' here \(.*\); there is cpu\."):
        devices.choose(name)


@needs_none
def test_without_a_gpu_auto_is_the_cpu() -> None:
    assert devices.choose().name == "cpu"
    assert devices.gpu_figures("cpu") is None


@needs_gpu
def test_a_gpu_is_chosen_and_measured() -> None:
    chosen = devices.choose()
    assert chosen.name.startswith("cuda:") and chosen.reason
    assert devices.choose("cuda").name == chosen.name
    assert devices.choose("cuda:0").reason == "asked for"
    assert devices.accelerator_suspected()
    held = torch.zeros(2**20, device=chosen.name)
    figures = devices.gpu_figures(chosen.name)
    assert figures is not None and figures.name == torch.cuda.get_device_name(chosen.name)
    assert figures.memory_mine is not None and figures.memory_mine >= held.nbytes
    assert figures.memory_total is None or figures.memory_total > figures.memory_mine
    with pytest.raises(UserError, match="There is no device 'cuda:99'"):
        devices.choose("cuda:99")


def test_threads_are_within_the_limits() -> None:
    assert 1 <= devices.threads() <= (psutil.cpu_count() or 1)


def test_cpu_figures_are_sane() -> None:
    figures = devices.cpu_figures()
    assert figures.memory_mine is not None and figures.memory_total is not None
    assert 0 < figures.memory_mine < figures.memory_total
    assert figures.use is not None and 0 <= figures.use <= 100
    assert figures.use_mine is not None and 0 <= figures.use_mine <= 100 * (psutil.cpu_count() or 1)


def test_figures_that_cannot_be_had_are_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "virtual_memory", refused)
    assert devices.cpu_figures() == CpuFigures()
    assert GpuFigures("x").use is None


# Control groups: how many processors a container may use.


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def quota(root: Path, membership: str) -> float | None:
    write(root / "cgroup", membership)
    return devices._cgroup_quota(root / "fs", root / "cgroup")


def test_version_2_takes_the_tightest_of_all_above(tmp_path: Path) -> None:
    write(tmp_path / "fs/a/cpu.max", "400000 100000\n")
    write(tmp_path / "fs/a/b/cpu.max", "max 100000\n")
    assert quota(tmp_path, "0::/a/b\n") == 4.0
    write(tmp_path / "fs/cpu.max", "150000 100000\n")
    assert quota(tmp_path, "0::/a/b\n") == 1.5
    assert quota(tmp_path, "0::/\n") == 1.5


def test_version_2_without_a_limit(tmp_path: Path) -> None:
    write(tmp_path / "fs/a/cpu.max", "max 100000\n")
    assert quota(tmp_path, "0::/a\n") is None
    assert quota(tmp_path, "0::/elsewhere\n") is None


def test_version_1(tmp_path: Path) -> None:
    membership = "12:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/\n"
    for folder, allowed in (("fs/cpu", "250000"), ("fs/cpu/docker/x", "-1")):
        write(tmp_path / folder / "cpu.cfs_quota_us", allowed)
        write(tmp_path / folder / "cpu.cfs_period_us", "100000")
    assert quota(tmp_path, membership) == 2.5


@pytest.mark.parametrize("content", ["", "lots\n", "1 2 3\n", "100000 0\n"])
def test_files_that_make_no_sense_are_no_limit(tmp_path: Path, content: str) -> None:
    write(tmp_path / "fs/cpu.max", content)
    assert quota(tmp_path, "0::/\n") is None


def test_a_system_without_control_groups(tmp_path: Path) -> None:
    assert devices._cgroup_quota(tmp_path, tmp_path / "gone") is None


def test_a_quota_below_one_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_cgroup_quota", lambda: 0.4)
    assert devices.threads() == 1
    monkeypatch.setattr(devices, "_cgroup_quota", lambda: math.inf)
    assert devices.threads() >= 1
