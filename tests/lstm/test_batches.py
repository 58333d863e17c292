"""The three ways of cutting ids, worked out by hand and by property."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.lstm import batches
from lstm_tui.lstm.batches import Cut, Cutter, cutter, require, steps_per_epoch
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
    assert [cut.fresh.tolist() for cut in cuts] == [[True] * 3, [False] * 3] * 2
    assert streams.epochs == 2.0


def test_windows_in_order_by_hand() -> None:
    # 9 tokens, windows of 4 and the token after: they start at 0 … 4.
    windows = cutter(9, config(cut="windows", shuffle=False), seed=1)
    cuts = [windows.next() for _ in range(3)]
    assert [cut.starts.tolist() for cut in cuts] == [[0, 1, 2], [3, 4], [0, 1, 2]]
    assert all(cut.fresh.all() and len(cut.fresh) == len(cut.starts) and cut.length == 4 for cut in cuts)


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
        assert cut.starts.tolist() == [place] and cut.fresh.tolist() == [place == 0]
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
    roll=st.booleans(),
    reset=st.sampled_from([0.0, 0.3]),
)
def test_every_cut_lies_in_the_text_and_a_position_goes_on(
    cut: str, tokens: int, size: int, length: int, steps: int, seed: int, most_stored: int, roll: bool, reset: float
) -> None:
    batches.MOST_STORED, stored = most_stored, batches.MOST_STORED
    how = config(cut=cut, size=size, length=length, shortest=max(1, length // 2), roll=roll, reset=reset)
    try:
        check_cut(how, tokens, steps, seed)
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

    def following(cutter: Cutter) -> list[tuple[list[int], int, list[bool]]]:
        return [(c.starts.tolist(), c.length, c.fresh.tolist()) for c in (cutter.next() for _ in range(30))]

    assert following(other) == following(one)


def test_windows_of_a_large_text_take_little_memory_and_go_on() -> None:
    how = config(cut="windows", size=128, length=100)
    windows = cutter(10**9, how, seed=1)
    for _ in range(3):
        starts = windows.next().starts
    assert starts.dtype == np.int64 and starts.max() > 10**8
    again = cutter(10**9, how, seed=2)
    again.set_position(json.loads(json.dumps(windows.position())))
    assert np.array_equal(again.next().starts, windows.next().starts)


def test_rolled_streams_by_hand() -> None:
    """20 tokens, 3 streams of 6, rolled by r: the last stream meets the text's end after 6 - r tokens."""
    streams = cutter(20, config(roll=True), seed=1)
    rolls = set()
    for _ in range(40):
        first = streams.next()
        roll = first.starts[0]
        assert first.starts.tolist() == [roll, 6 + roll, 12 + roll] and first.fresh.all()
        rolls.add(int(roll))
        cuts, read = [first], first.length
        while read < 6:
            cuts.append(streams.next())
            turned = read >= 6 - roll
            expected = [roll + read, 6 + roll + read, (0 if turned else 18) + roll + read - 6]
            assert cuts[-1].starts.tolist() == expected
            assert cuts[-1].fresh.tolist() == [False, False, read == 6 - roll]
            read += cuts[-1].length
        # Pieces of 4, cut short where the last stream turns and where the epoch ends.
        parts = [[min(4, part - place) for place in range(0, part, 4)] for part in (6 - roll, roll)]
        assert [cut.length for cut in cuts] == [length for part in parts for length in part]
    assert rolls == set(range(6)) and streams.epochs == 40


@settings(max_examples=60, deadline=None)
@given(
    tokens=st.integers(10, 300),
    size=st.integers(1, 5),
    cut=st.sampled_from(["streams", "random lengths"]),
    seed=st.integers(0, 9),
)
def test_rolled_streams_predict_every_token_once_an_epoch_and_know_what_came_before(
    tokens: int, size: int, cut: str, seed: int
) -> None:
    how = config(cut=cut, size=size, length=7, roll=True)
    try:
        streams = cutter(tokens, how, seed)
    except UserError:
        return
    for epoch in range(3):
        predicted, follows = np.zeros(tokens, int), None
        while streams.epoch == epoch:
            piece = streams.next()
            for start in piece.starts:
                predicted[start + 1 : start + piece.length + 1] += 1
            # A state is carried only to where its stream goes on.
            if follows is not None:
                assert np.array_equal(piece.fresh, piece.starts != follows)
            follows = piece.starts + piece.length
        usable = (tokens - 1) // size * size
        assert predicted[0] == 0 and (predicted[1 : usable + 1] == 1).all() and not predicted[usable + 1 :].any()


def test_streams_are_reset_with_the_chance_asked_for() -> None:
    streams = cutter(100_001, config(size=10, length=10, reset=0.25), seed=1)
    cuts = [streams.next() for _ in range(1000)]
    assert cuts[0].fresh.all()
    shares = np.mean([cut.fresh for cut in cuts[1:]], axis=0)
    # Each stream for itself: 999 draws, five standard deviations.
    assert (abs(shares - 0.25) < 0.07).all() and len({tuple(cut.fresh) for cut in cuts}) > 100
    always = cutter(1001, config(reset=1.0), seed=1)
    assert all(always.next().fresh.all() for _ in range(50))


@pytest.mark.parametrize("cut", CUTS)
def test_what_is_off_draws_nothing(cut: str) -> None:
    """Lengths and orders are those of a config that does not know the options."""
    plain, drawn = cutter(500, config(cut=cut, roll=False, reset=0.0), 1), np.random.default_rng(1)
    if cut == "windows":
        order = np.arange(496, dtype=np.uint32)
        drawn.shuffle(order)
        assert plain.next().starts.tolist() == order[:3].tolist()
    elif cut == "random lengths":
        assert [plain.next().length for _ in range(20)] == [int(drawn.integers(2, 5)) for _ in range(20)]
    else:
        plain.next()
    assert plain.generator.bit_generator.state == drawn.bit_generator.state


def counted(tokens: int, how: BatchesConfig, epochs: int = 1) -> float:
    """Steps an epoch takes, by making so many epochs."""
    one, steps = cutter(tokens, how, 1), 0
    while one.epoch < epochs:
        one.next()
        steps += 1
    return steps / epochs


@pytest.mark.parametrize("tokens", [40, 3000, 3002])
def test_steps_per_epoch_of_rolled_streams_are_a_mean(tokens: int) -> None:
    how = config(roll=True)
    assert counted(tokens, how, 3000 // (tokens // 30)) == pytest.approx(steps_per_epoch(tokens, how), rel=0.02)


@pytest.mark.parametrize("cut", CUTS)
def test_steps_per_epoch(cut: str) -> None:
    how = config(cut=cut)
    assert counted(3000, how) == pytest.approx(steps_per_epoch(3000, how), rel=0.02 if cut == "random lengths" else 0)


@pytest.mark.parametrize("roll", [False, True])
@pytest.mark.parametrize(("tokens", "shortest", "length"), [(421, 10, 130), (6001, 10, 70), (901, 5, 5), (301, 9, 10)])
def test_steps_per_epoch_of_random_lengths_count_the_piece_cut_short(
    tokens: int, shortest: int, length: int, roll: bool
) -> None:
    how = config(cut="random lengths", shortest=shortest, length=length, roll=roll)
    assert counted(tokens, how, 1000) == pytest.approx(steps_per_epoch(tokens, how), rel=0.02)


def test_steps_per_epoch_of_a_long_text_go_on_from_those_of_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hows = [config(cut="random lengths", shortest=10, length=70, roll=roll) for roll in (False, True)]
    quickly = [steps_per_epoch(60_001, how) for how in hows]
    monkeypatch.setattr(batches, "_COUNTED_PIECES", 1000)
    assert quickly == pytest.approx([steps_per_epoch(60_001, how) for how in hows], rel=1e-6)
    assert quickly[1] > quickly[0]


def test_the_tutorials_count_of_windows() -> None:
    assert cutter(144_574, config(cut="windows", length=100), 1).total == 144_474


@pytest.mark.parametrize("cut", CUTS)
def test_a_text_shorter_than_a_batch_is_refused_and_the_shortest_is_not(cut: str) -> None:
    how = config(cut=cut)
    shortest = 5 if cut == "windows" else 13
    with pytest.raises(UserError, match=f"needs {shortest}"):
        require(shortest - 1, how)
    assert isinstance(cutter(shortest, how, 1).next(), Cut)
