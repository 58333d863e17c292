"""The three ways of cutting ids, worked out by hand and by property."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.lstm import batches
from lstm_tui.lstm.batches import Cut, cutter, require, steps_per_epoch
from lstm_tui.sections import BatchesConfig

CUTS = ("streams", "windows", "random lengths")


def config(**values: object) -> BatchesConfig:
    return BatchesConfig.model_validate({"size": 3, "length": 4, "shortest": 2, **values})


def test_streams_by_hand() -> None:
    # 20 tokens: 3 streams of 6 (the target of each stream's last token is the token after it).
    streams = cutter(20, config(), seed=1)
    cuts = [streams.next() for _ in range(4)]
    assert [cut.starts.tolist() for cut in cuts] == [[0, 6, 12], [4, 10, 16], [0, 6, 12], [4, 10, 16]]
    assert [cut.length for cut in cuts] == [4, 2, 4, 2]
    assert [cut.fresh for cut in cuts] == [True, False, True, False]
    assert streams.epochs == 2.0


def test_windows_in_order_by_hand() -> None:
    # 9 tokens, windows of 4 and the token after: they start at 0 … 4.
    windows = cutter(9, config(cut="windows", shuffle=False), seed=1)
    cuts = [windows.next() for _ in range(3)]
    assert [cut.starts.tolist() for cut in cuts] == [[0, 1, 2], [3, 4], [0, 1, 2]]
    assert all(cut.fresh and cut.length == 4 for cut in cuts)


@pytest.mark.parametrize("stored", [True, False])
def test_shuffled_windows_are_all_windows_once_and_new_each_epoch(
    stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_STORED", 96 if stored else 95)
    windows = cutter(100, config(cut="windows"), seed=1)
    epochs = [np.concatenate([windows.next().starts for _ in range(32)]) for _ in range(2)]
    for starts in epochs:
        assert sorted(starts) == list(range(96))
    assert not np.array_equal(epochs[0], epochs[1])


def test_random_lengths_read_a_stream_in_order() -> None:
    pieces = cutter(1001, config(cut="random lengths", size=1, shortest=10, length=40), seed=1)
    place, lengths = 0, []
    while place < 1000:
        cut = pieces.next()
        assert cut.starts.tolist() == [place] and cut.fresh == (place == 0)
        place += cut.length
        lengths.append(cut.length)
    assert pieces.epoch == 1 and min(lengths[:-1]) >= 10 and max(lengths) <= 40 and len(set(lengths)) > 10


@settings(max_examples=60, deadline=None)
@given(
    cut=st.sampled_from(CUTS),
    tokens=st.integers(2, 400),
    size=st.integers(1, 9),
    length=st.integers(1, 20),
    steps=st.integers(0, 40),
    seed=st.integers(0, 5),
    most_stored=st.sampled_from([0, 1 << 24]),
)
def test_every_cut_lies_in_the_text_and_a_position_goes_on(
    cut: str, tokens: int, size: int, length: int, steps: int, seed: int, most_stored: int
) -> None:
    batches.MOST_STORED, stored = most_stored, batches.MOST_STORED
    try:
        check_cut(config(cut=cut, size=size, length=length, shortest=max(1, length // 2)), tokens, steps, seed)
    finally:
        batches.MOST_STORED = stored


def check_cut(how: BatchesConfig, tokens: int, steps: int, seed: int) -> None:
    try:
        one = cutter(tokens, how, seed)
    except UserError:
        return
    for _ in range(steps):
        piece = one.next()
        assert piece.length >= 1 and piece.starts.min() >= 0
        # The token after the piece is a target: it must be there too.
        assert piece.starts.max() + piece.length < tokens
    position = json.loads(json.dumps(one.position()))
    other = cutter(tokens, how, seed + 1)
    other.set_position(position)

    def following(cuts: int) -> list[tuple[list[int], int, bool]]:
        return [(c.starts.tolist(), c.length, c.fresh) for c in (one.next() for _ in range(cuts))]

    expected = following(30)
    actual = [(c.starts.tolist(), c.length, c.fresh) for c in (other.next() for _ in range(30))]
    assert actual == expected


def test_windows_of_a_large_text_take_little_memory_and_go_on() -> None:
    how = config(cut="windows", size=128, length=100)
    windows = cutter(10**9, how, seed=1)
    for _ in range(3):
        starts = windows.next().starts
    assert starts.dtype == np.int64 and starts.max() > 10**8
    again = cutter(10**9, how, seed=2)
    again.set_position(json.loads(json.dumps(windows.position())))
    assert np.array_equal(again.next().starts, windows.next().starts)


@pytest.mark.parametrize("cut", CUTS)
def test_steps_per_epoch(cut: str) -> None:
    how = config(cut=cut)
    one, steps = cutter(3000, how, 1), 0
    while one.epoch == 0:
        one.next()
        steps += 1
    assert steps == pytest.approx(steps_per_epoch(3000, how), rel=0.1 if cut == "random lengths" else 0)


def test_the_tutorials_count_of_windows() -> None:
    assert cutter(144_574, config(cut="windows", length=100), 1).total == 144_474


@pytest.mark.parametrize("cut", CUTS)
def test_a_text_shorter_than_a_batch_is_refused_and_the_shortest_is_not(cut: str) -> None:
    how = config(cut=cut)
    shortest = 5 if cut == "windows" else 13
    with pytest.raises(UserError, match=f"needs {shortest}"):
        require(shortest - 1, how)
    assert isinstance(cutter(shortest, how, 1).next(), Cut)
