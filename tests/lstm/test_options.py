"""The network's options: cells, tied weights, an output of several layers, and the three ways to regularise.

That each trains and resumes bit for bit is tested in `tests/jobs/test_going_on_options.py`, that NumPy agrees in
`tests/generation/test_stepping.py`.
"""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lstm_tui.lstm.model import LanguageModel, drop
from lstm_tui.lstm.size import parameter_count
from tests.lstm.test_model import build, ids

CELLS = ("lstm", "gru", "rnn")
TOKENS = ids(9, 3)


def masks(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def gradients(model: LanguageModel, dropout: torch.Generator | None = None) -> dict[str, Tensor]:
    model.zero_grad()
    logits = model(TOKENS[:-1], dropout=dropout)[0]
    torch.autograd.backward(functional.cross_entropy(logits.flatten(0, 1), TOKENS[1:].flatten()))
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("embedding", [16, 5])
@pytest.mark.parametrize("output_layers", [1, 4])
def test_shapes_parameters_and_the_generators(cell: str, tied: bool, embedding: int, output_layers: int) -> None:
    values = {"cell": cell, "tied": tied, "embedding": embedding, "output_layers": output_layers}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    model = build(**values)  # type: ignore[arg-type]
    logits, (hidden, inner) = model(TOKENS)
    assert logits.shape == (9, 3, 11)
    assert hidden.shape == (2, 3, 16)
    assert inner.shape == ((2, 3, 16) if cell == "lstm" else (2, 3, 0))
    assert model.parameter_count == parameter_count(model.config, 11)
    assert gradients(model).keys() == dict(model.named_parameters()).keys()
    torch.testing.assert_close(
        build(**values).state_dict(),  # type: ignore[arg-type]
        model.state_dict(),
        rtol=0,
        atol=0,
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert all(tensor.isfinite().all() and tensor.abs().max() > 0 for tensor in model.state_dict().values())


# Cells.


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_a_cell_is_pytorchs_own_in_layers(cell: str) -> None:
    model = build(cell=cell).double()
    plain = {"gru": nn.GRU, "rnn": nn.RNN}[cell](5, 16, num_layers=2).double()
    with torch.no_grad():
        for depth, layer in enumerate(model.layers):
            for name, parameter in layer.named_parameters():
                getattr(plain, name.replace("l0", f"l{depth}")).copy_(parameter)
    passing, after = plain(model.embedding(TOKENS))
    made, (hidden, _) = model(TOKENS)
    torch.testing.assert_close(made, model.output(passing), atol=1e-10, rtol=0)
    torch.testing.assert_close(hidden, after, atol=1e-10, rtol=0)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("weight_drop", [0.0, 0.5])
def test_state_carried_equals_one_long_reading(cell: str, weight_drop: float) -> None:
    model = build(cell=cell, weight_drop=weight_drop)
    whole, end = model(TOKENS, dropout=masks())
    first, state = model(TOKENS[:4], dropout=masks())
    second, state = model(TOKENS[4:], state, dropout=masks())
    torch.testing.assert_close(torch.cat((first, second)), whole)
    torch.testing.assert_close(state, end)


def test_the_forget_bias_is_a_grus_update_gates() -> None:
    plain, biased = build(cell="gru").state_dict(), build(cell="gru", forget_bias=1.0).state_dict()
    added = (biased["layers.1.bias_ih_l0"] - plain["layers.1.bias_ih_l0"]).view(3, 16)
    torch.testing.assert_close(added, torch.tensor([0.0, 1.0, 0.0])[:, None].expand(3, 16))
    # Which is the gate that keeps what was: wide open, the state does not move.
    model = build(cell="gru", forget_bias=10.0, layers=1)
    state = (torch.ones(1, 3, 16), torch.ones(1, 3, 0))
    torch.testing.assert_close(model(TOKENS[:1], state)[1][0], state[0], atol=1e-3, rtol=0)
    torch.testing.assert_close(build(cell="rnn", forget_bias=1.0).state_dict(), build(cell="rnn").state_dict())


# Output.


def test_tied_weights_are_one_and_both_ends_teach_them() -> None:
    """The gradient is the sum of what an embedding and an output of their own would get."""
    model, apart = build(tied=True, embedding=16), build(embedding=16)
    assert model.output.weight is model.embedding.weight
    assert model.output.weight.abs().max() <= 1 / 4
    apart.load_state_dict(model.state_dict())
    own = gradients(apart)
    made = gradients(model)["embedding.weight"]
    torch.testing.assert_close(made, own["embedding.weight"] + own["output.weight"])


def test_a_linear_layer_without_bias_leads_to_a_shorter_tied_embedding() -> None:
    model = build(tied=True, embedding=5)
    passing = torch.randn(9, 3, 16, generator=masks())
    logits = passing @ model.projection.weight.T @ model.embedding.weight.T + model.output.bias
    torch.testing.assert_close(model.speak(passing), logits)
    assert not hasattr(build(tied=True, embedding=16), "projection") and not hasattr(build(), "projection")


def test_tied_weights_stay_one_after_loading_and_moving() -> None:
    model, other = build(tied=True), build(2, tied=True)
    other.load_state_dict({name: tensor.clone() for name, tensor in model.state_dict().items()})
    other = other.to("cpu", torch.float64)
    assert other.output.weight is other.embedding.weight
    torch.testing.assert_close(other(TOKENS)[0].float(), model(TOKENS)[0])


def test_an_output_of_several_layers_is_linear_and_relu_in_turn() -> None:
    model = build(output_layers=3)
    plain = nn.Sequential(model.between[0], nn.ReLU(), model.between[1], nn.ReLU(), model.output)
    passing = torch.randn(9, 3, 16, generator=masks())
    assert torch.equal(model.speak(passing), plain(passing))


# Regularisation.


def test_a_shared_mask_is_the_same_along_the_first_dimension() -> None:
    values = torch.ones(7, 40, 50)
    dropped = drop(values, 0.3, masks(), shared=1)
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert dropped.max().item() == pytest.approx(1 / 0.7, rel=1e-3)
    # Each stream has its own.
    assert not torch.equal(dropped[:, 0], dropped[:, 1])


def test_locked_dropout_is_one_mask_a_piece_in_all_three_places() -> None:
    values = {"dropout": 0.5, "input_dropout": 0.5, "output_dropout": 0.5, "input": "one-hot"}
    model = build(locked_dropout=True, **values)  # type: ignore[arg-type]
    seen: list[Tensor] = []
    for module in (*model.layers, model.output):
        module.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    tokens = torch.full((20, 64), 3)
    model(tokens, dropout=masks())
    # What a layer zeroes at one step of a stream it zeroes at every step; the input is token 3 alone.
    for passing in seen:
        zero = passing == 0
        assert torch.equal(zero, zero[:1].expand_as(zero))
    assert 0.3 < (seen[0][0, :, 3] == 0).float().mean() < 0.7
    for passing in seen[1:]:
        assert 0.4 < (passing[0] == 0).float().mean() < 0.6
    seen.clear()
    unlocked = build(**values)  # type: ignore[arg-type]
    unlocked.output.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    unlocked(tokens, dropout=masks())
    assert not torch.equal(seen[0][0] == 0, seen[0][1] == 0)


@pytest.mark.parametrize("last_only", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        {"locked_dropout": True, "dropout": 0.4, "input_dropout": 0.2},
        {"weight_drop": 0.5},
        {"embedding_dropout": 0.5},
    ],
)
def test_each_drops_with_a_generator_alone_and_repeats_with_its_seed(values: dict[str, float], last_only: bool) -> None:
    model, off = build(**values), build()  # type: ignore[arg-type]
    assert torch.equal(model(TOKENS, last_only=last_only)[0], off(TOKENS, last_only=last_only)[0])
    one, same, other = (model(TOKENS, dropout=masks(seed), last_only=last_only)[0] for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.allclose(one, other)
    assert not torch.allclose(one, model(TOKENS, last_only=last_only)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_weight_drop_is_training_with_the_weights_masked(cell: str) -> None:
    """As with masked weights in the layers; the gradient reaches the raw ones, none those that were left out."""
    model = build(cell=cell, weight_drop=0.5)
    raw = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    made, grads = model(TOKENS, dropout=masks())[0], gradients(model, masks())
    torch.testing.assert_close(model.state_dict(), raw, rtol=0, atol=0)
    generator, masked = masks(), build(cell=cell)
    masked.load_state_dict(raw)
    kept = {}
    with torch.no_grad():
        for depth in range(2):
            name = f"layers.{depth}.weight_hh_l0"
            kept[name] = drop(torch.ones_like(raw[name]), 0.5, generator)
            assert 0.4 < (kept[name] == 0).float().mean() < 0.6
            masked.get_parameter(name).mul_(kept[name])
    torch.testing.assert_close(made, masked(TOKENS)[0])
    for name, gradient in gradients(masked).items():
        torch.testing.assert_close(grads[name], gradient * kept[name] if name in kept else gradient)


@pytest.mark.parametrize("entering", ["embedding", "one-hot", "scalar"])
def test_embedding_dropout_leaves_out_kinds_of_tokens(entering: str) -> None:
    model = build(vocabulary=200, input=entering, embedding_dropout=0.5)
    tokens = ids(60, 50, vocabulary=200)
    seen: list[Tensor] = []
    model.layers[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model(tokens)
    model(tokens, dropout=masks())
    ratio = (seen[1].abs().sum(-1) / seen[0].abs().sum(-1)).nan_to_num(0.0)
    # Each kind is zero wherever it stands, or twice as large wherever it stands.
    by_kind = [ratio[tokens == kind] for kind in range(1, 200)]
    assert all((ratios - ratios[0]).abs().max() < 1e-4 for ratios in by_kind)
    firsts = torch.stack([ratios[0] for ratios in by_kind])
    assert ((firsts == 0) | ((firsts - 2).abs() < 1e-3)).all()
    assert 0.35 < (firsts == 0).float().mean() < 0.65


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_everything_at_once_learns(cell: str, precision: str) -> None:
    values = {"tied": True, "output_layers": 2, "locked_dropout": True, "dropout": 0.1, "input_dropout": 0.1}
    model = build(cell=cell, weight_drop=0.1, embedding_dropout=0.1, **values)  # type: ignore[arg-type]
    optimiser, generator, losses = torch.optim.Adam(model.parameters(), 0.02), masks(), []
    tokens = torch.arange(12).repeat(3)[:, None] % 11
    for _ in range(60):
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits, (hidden, _) = model(tokens[:-1], dropout=generator)
        assert hidden.dtype == torch.float32
        loss = functional.cross_entropy(logits.float().flatten(0, 1), tokens[1:].flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
