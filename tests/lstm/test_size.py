"""What a training needs of memory, against what trainings took; and what would fit instead."""

from typing import Any

import pytest

from lstm_tui.config import check
from lstm_tui.lstm.size import memory_needed, what_would_fit

# MiB that the resident set of a process grew by at most in three steps on a processor (torch loaded before, read every
# two milliseconds), for a config and so many kinds of tokens.
MEASURED: list[tuple[int, int, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (79, 60, {"hidden": 16}, {"size": 2, "length": 8}, {}),
    (488, 60, {"hidden": 2048}, {"size": 4, "length": 16}, {}),
    (1122, 60, {"hidden": 512}, {"size": 64, "length": 512}, {}),
    (916, 60, {"hidden": 256, "cell": "gru"}, {"size": 128, "length": 512}, {}),
    (370, 60, {"hidden": 256, "cell": "rnn"}, {"size": 128, "length": 512}, {}),
    (628, 60, {"hidden": 512, "weight_drop": 0.3}, {"size": 64, "length": 256}, {}),
    (434, 2000, {"hidden": 64, "input": "one-hot"}, {"size": 64, "length": 128}, {}),
    (928, 60, {"hidden": 512, "layers": 2, "dropout": 0.3}, {"size": 64, "length": 256}, {}),
    (1100, 60, {"hidden": 512, "layers": 3}, {"size": 64, "length": 256}, {}),
    (452, 20_000, {"hidden": 64}, {"size": 64, "length": 64}, {}),
    (338, 60, {"hidden": 256, "input": "scalar"}, {"size": 128, "length": 128, "targets": "last"}, {}),
    (225, 100, {"hidden": 256, "input": "one-hot"}, {"size": 64, "length": 128}, {}),
    (113, 60, {"hidden": 384, "dropout": 0.4, "weight_drop": 0.2}, {"size": 8, "length": 48}, {}),
    (744, 60, {"hidden": 1024, "layers": 3}, {"size": 16, "length": 64}, {"optimiser": "amsgrad", "average": "ema"}),
    (597, 60, {"hidden": 1024, "output_layers": 3}, {"size": 32, "length": 128}, {"optimiser": "sgd"}),
]


@pytest.mark.parametrize(("mebibytes", "kinds", "model", "batches", "learning"), MEASURED)
def test_the_estimate_is_near_what_was_measured(
    mebibytes: int, kinds: int, model: dict[str, Any], batches: dict[str, Any], learning: dict[str, Any]
) -> None:
    config = check({"model": model, "batches": batches, "learning": learning})
    needed = memory_needed(config, kinds, 3 * config.batches.size * config.batches.length) / 2**20
    assert 0.84 < needed / mebibytes < (1.4 if config.model.cell == "rnn" else 1.19)


def test_the_ids_are_on_the_device_in_the_bytes_that_a_token_needs() -> None:
    config = check({})
    least = memory_needed(config, 200, 0)
    assert memory_needed(config, 200, 10**9) - least == 10**9
    more = memory_needed(config, 300, 10**9) - memory_needed(config, 300, 0)
    assert more == 2 * 10**9


def test_a_smaller_batch_that_fits_is_found_and_then_a_smaller_network() -> None:
    config = check({"model": {"hidden": 1024, "layers": 2}, "batches": {"size": 512, "length": 512}})
    gigabyte = 2**30
    for device in ("cpu", "cuda:0"):
        needed = memory_needed(config, 60, 10**6, device)
        assert what_would_fit(config, 60, 10**6, needed, device) == "a batch of 256"
        words = what_would_fit(config, 60, 10**6, 2 * gigabyte, device)
        size = int(words.removeprefix("a batch of "))
        for sizes, fits in ((size, True), (2 * size, False)):
            other = check({"model": {"hidden": 1024, "layers": 2}, "batches": {"size": sizes, "length": 512}})
            assert (memory_needed(other, 60, 10**6, device) <= 2 * gigabyte) == fits
        assert what_would_fit(config, 60, 10**6, 10_000, device) == ""
    assert what_would_fit(config, 60, 10**6, 0.2 * gigabyte, "cpu") == "hidden 512 with a batch of 1"
    alone = check({"model": {"hidden": 4096}, "batches": {"size": 1, "length": 512}})
    assert what_would_fit(alone, 60, 10**6, gigabyte, "cpu") == "hidden 2048"
