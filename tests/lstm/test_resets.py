"""A token that is read from the zero state: what stands before it is as if it had never been."""

from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lstm_tui.config import check
from lstm_tui.generation.drawing import stepped
from lstm_tui.generation.stepping import CarriedState, SlidingWindow, Stepper
from lstm_tui.lstm import evaluation
from lstm_tui.lstm.generation import tokens
from lstm_tui.lstm.model import LanguageModel
from lstm_tui.lstm.plan import Plan
from lstm_tui.lstm.trainer import Trainer
from lstm_tui.sections import ModelConfig, SamplingConfig

END, VOCABULARY = 3, 11
CELLS = ("lstm", "gru", "rnn")
# Two streams: ends at the first step, in a row, at the last, at the same step as the other's.
TOKENS = torch.tensor([[3, 1, 4, 3, 5, 9, 2, 6, 5, 8], [9, 7, 3, 3, 2, 3, 8, 4, 6, 3]]).T


def build(**values: object) -> LanguageModel:
    config = ModelConfig.model_validate({"hidden": 16, "embedding": 5, "layers": 2, **values})
    model = LanguageModel(config, VOCABULARY, torch.Generator().manual_seed(2), reset_at=END)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5 if config.cell == "rnn" else 3)
    return model


def carrying(model: LanguageModel) -> LanguageModel:
    """The same network, which knows no such token."""
    other = LanguageModel(model.config, VOCABULARY)
    other.load_state_dict(model.state_dict())
    return other


def records(stream: Tensor) -> list[Tensor]:
    """One stream's tokens, cut before each END."""
    places = [0, *(place for place, token in enumerate(stream.tolist()) if token == END and place), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(places)]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("carried", [False, True])
def test_each_record_is_read_as_if_alone(cell: str, carried: bool) -> None:
    model = build(cell=cell)
    before = None
    if carried:
        before = model(torch.randint(4, VOCABULARY, (5, 2), generator=torch.Generator().manual_seed(1)))[1]
    logits, (hidden, inner) = model(TOKENS, before)
    for stream in range(2):
        made = []
        for place, record in enumerate(records(TOKENS[:, stream])):
            own = None
            if before is not None and place == 0 and record[0] != END:
                own = (before[0][:, stream : stream + 1].contiguous(), before[1][:, stream : stream + 1].contiguous())
            alone, state = carrying(model)(record[:, None], own)
            made.append(alone[:, 0])
        torch.testing.assert_close(logits[:, stream], torch.cat(made))
        torch.testing.assert_close(hidden[:, stream : stream + 1], state[0])
        torch.testing.assert_close(inner[:, stream : stream + 1], state[1])
    assert not torch.allclose(logits, carrying(model)(TOKENS, before)[0], atol=1e-3)
    torch.testing.assert_close(model(TOKENS, before, last_only=True)[0], logits[-1])


def test_the_gradient_is_that_of_the_records_apart() -> None:
    model = build().double()
    apart = carrying(model).double()
    targets = TOKENS.roll(1, 0)
    torch.autograd.backward(
        functional.cross_entropy(model(TOKENS)[0].flatten(0, 1), targets.flatten(), reduction="sum")
    )
    for stream in range(2):
        place = 0
        for record in records(TOKENS[:, stream]):
            logits = apart(record[:, None])[0][:, 0]
            aims = targets[place : place + len(record), stream]
            torch.autograd.backward(functional.cross_entropy(logits, aims, reduction="sum"))
            place += len(record)
    for parameter, other in zip(model.parameters(), apart.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, other.grad, atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    "values", [{"weight_drop": 0.5}, {"dropout": 0.5, "locked_dropout": True}, {"embedding_dropout": 0.5}]
)
def test_a_piece_in_parts_keeps_its_masks(values: dict[str, object]) -> None:
    model = build(**values)
    piece = TOKENS[1:, :1]

    def read(ids: Tensor) -> Tensor:
        logits: Tensor = model(ids, dropout=torch.Generator().manual_seed(4))[0]
        return logits

    # Each record read alone with the same seed draws the same masks: they are the whole piece's.
    torch.testing.assert_close(read(piece), torch.cat([read(record[:, None]) for record in records(piece[:, 0])]))


def test_a_piece_without_an_end_is_read_in_one_go_bit_for_bit() -> None:
    model, calls = build(), []
    model.layers[0].register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    calm = TOKENS[6:9]
    assert torch.equal(model(calm)[0], carrying(model)(calm)[0]) and calls == [3]
    model(TOKENS)
    assert calls == [3, 2, 1, 2, 4, 1]  # parted before steps 2, 3, 5 and 9; the end at step 0 costs nothing


def test_a_score_is_that_of_the_records_apart() -> None:
    model = build()
    ids = torch.randint(VOCABULARY, (700,), generator=torch.Generator().manual_seed(3))
    # All but the last token of a record predict what follows; the last one predicts END, or the text's last token.
    total = 0.0
    with torch.no_grad():
        place = 0
        for record in records(ids[:-1]):
            logits = carrying(model)(record[:, None])[0][:, 0]
            total += float(functional.cross_entropy(logits, ids[place + 1 : place + 1 + len(record)], reduction="sum"))
            place += len(record)
    assert evaluation.stateful(model, ids).nats == pytest.approx(total / 699, abs=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@torch.no_grad()
def test_numpy_equals_torch(cell: str, layers: int) -> None:
    model = build(cell=cell, layers=layers)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    stepper = Stepper(model.config, VOCABULARY, weights, reset_at=END)
    alone, together = CarriedState(stepper), CarriedState(stepper, 2)
    windows, window = SlidingWindow(stepper, 4, 2), SlidingWindow(stepper, 4)
    expected = model(TOKENS)[0].numpy()
    for step, row in enumerate(TOKENS.numpy()):
        alone.read(int(row[0]))
        window.read(int(row[0]))
        together.read(row)
        windows.read(row)
        np.testing.assert_allclose(alone.logits(), expected[step, 0], atol=1e-4)
        np.testing.assert_allclose(together.logits(), expected[step], atol=1e-4)
        anew = model(TOKENS[max(0, step - 3) : step + 1])[0][-1].numpy()
        np.testing.assert_allclose(windows.logits(), anew, atol=1e-4)
        np.testing.assert_allclose(window.logits(), anew[0], atol=1e-4)


@pytest.mark.parametrize("window", [None, 5])
@pytest.mark.parametrize("streams", [1, 3])
def test_greedy_texts_agree_and_forget_what_stood_before_an_end(window: int | None, streams: int) -> None:
    model = build()
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    stepper = Stepper(model.config, VOCABULARY, weights, reset_at=END)
    settings = SamplingConfig(greedy=True, window=window)

    def by_numpy(prompt: list[int]) -> list[list[int]]:
        return list(islice(stepped(stepper, prompt, settings, np.random.default_rng(1), streams), 40))

    assert by_numpy([1, 2, END, 7]) == by_numpy([9, 5, 6, END, 7]) == by_numpy([END, 7])
    assert list(islice(tokens(model, [1, 2, END, 7], settings, 1, streams), 40)) == by_numpy([END, 7])


def test_the_trainer_begins_a_stream_anew_where_its_piece_says() -> None:
    ids = np.random.default_rng(3).integers(0, 9, 401).astype(np.uint8)
    plan = Plan(20, None, 1, "fp32", 1)

    def losses(batches: dict[str, object]) -> list[float]:
        trainer = Trainer(
            check({"model": {"hidden": 8}, "batches": {"size": 4, "length": 10, **batches}}), plan, ids, 9
        )
        return [value.train_loss for value in trainer]

    always, sometimes, never = losses({"reset": 1.0}), losses({"reset": 0.3}), losses({})
    assert always[0] == sometimes[0] == never[0]
    assert len({always[-1], sometimes[-1], never[-1]}) == 3

    one = Trainer(check({"model": {"hidden": 8}, "batches": {"size": 4, "length": 10}}), plan, ids, 9)
    next(iter(one))
    cut = one.cutter.next()
    assert one._before(cut) is one._state and one._state is not None
    cut.fresh[2] = True
    before = one._before(cut)
    assert before is not None
    for part, carried in zip(before, one._state, strict=True):
        assert not part[:, 2].any() and torch.equal(part[:, [0, 1, 3]], carried[:, [0, 1, 3]])
