"""One's own recipes: saved, listed, used like any other, and said where they are damaged."""

import json
from pathlib import Path

import pytest

from lstm_tui import locations, own_recipes
from lstm_tui.cli import build
from lstm_tui.config import check
from lstm_tui.errors import UserError
from lstm_tui.fields import leaves
from lstm_tui.own_recipes import Damaged, OwnRecipe
from lstm_tui.recipes import RECIPES, Figures, find
from tests.test_config import OTHER

LARGE = Figures(5_000_000, 100)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSTM_TUI_HOME", str(tmp_path))
    return tmp_path


def test_it_goes_on_fitting_itself_to_the_text_and_the_budget() -> None:
    own_recipes.save("mine", "quick", {"model.dropout": 0.25, "learning.clip": None})
    mine = find("mine").config(LARGE)
    quick = find("quick").config(LARGE)
    assert (mine.model.dropout, mine.learning.clip) == (0.25, None)
    assert mine.batches == quick.batches and mine.model.weight_drop == quick.model.weight_drop
    assert find("mine").config(None, {"learning": {"clip": 2}}).learning.clip == 2
    # With ten minutes, quick's network grows: be they asked for, or the recipe's own.
    assert find("mine").config(LARGE, {"budget": {"minutes": 10}}).model.hidden == 768
    own_recipes.save("long", "quick", {"budget.minutes": 10.0, "budget.epochs": None})
    long = find("long")
    assert (long.config(LARGE).model.hidden, long.config(LARGE).budget.epochs) == (768, None)
    assert long.config(LARGE, {"budget": {"epochs": 2}}).budget.minutes is None


def test_it_is_listed_with_a_line_on_what_it_is() -> None:
    assert own_recipes.listed() == []
    changed = {"model.hidden": 512, "model.layers": 2, "learning.rate": 0.002, "seed": 5, "learning.clip": None}
    own_recipes.save("big-alice", "many-to-one", changed)
    own_recipes.save("as.it.is", "poems", {})
    as_it_is, big = own_recipes.listed()
    assert isinstance(big, OwnRecipe) and isinstance(as_it_is, OwnRecipe)
    assert (big.name, big.text, big.base) == ("big-alice", "Alice", "many-to-one")
    assert big.summary == "many-to-one with hidden 512, layers 2, rate 0.002 and 2 more."
    assert as_it_is.summary == "poems as it is."
    own_recipes.delete("big-alice")
    assert [own.name for own in own_recipes.listed()] == ["as.it.is"]
    with pytest.raises(UserError, match=r"no recipe 'big-alice'; there are quick, .*, poems, as\.it\.is\.$"):
        find("big-alice")


def test_one_saved_over_another_of_ones_own_keeps_both_changes() -> None:
    own_recipes.save("one", "quick", {"model.hidden": 100, "budget.steps": 5})
    own_recipes.save("two", "one", {"model.layers": 2, "budget.minutes": 3.0})
    own_recipes.delete("one")
    two = find("two").config()
    assert (two.model.hidden, two.model.layers) == (100, 2)
    assert (two.budget.steps, two.budget.epochs, two.budget.minutes) == (None, None, 3.0)


def test_every_field_survives() -> None:
    everything = {**OTHER, "model.input": "embedding"}
    own_recipes.save("all", "quick", everything)
    config = find("all").config()
    assert {leaf.path: leaf.value(config) for leaf in leaves()} == everything
    nothing = {leaf.path: None for leaf in leaves() if leaf.optional and leaf.section != "budget"}
    own_recipes.save("none", "quick", nothing)
    config = find("none").config()
    assert all(leaf.value(config) is None for leaf in leaves() if leaf.path in nothing)
    assert check(config.model_dump()) == config


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", ".x", "x" * 41, "a\x1b[31m", "a/b"])
def test_a_name_that_cannot_be_one_is_a_sentence(name: str) -> None:
    with pytest.raises(UserError, match="letters, digits"):
        own_recipes.save(name, "quick", {})
    with pytest.raises(UserError, match="There is no recipe"):
        find(name)


@pytest.mark.parametrize("name", ["quick", "Quick", "POEMS"])
def test_the_name_of_one_that_is_built_in_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="built in; choose another name"):
        own_recipes.save(name, "quick", {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("base = 3", "base: expected one of quick, "),
        ("", "base: expected one of quick, "),
        ("base = 'slow'", "not 'slow'"),
        ("base == ", "is not TOML"),
        ("base = 'quick'\ncleared = ['model.width']", "cleared: expected a list of settings"),
        ("base = 'quick'\ncleared = 5", "cleared: expected a list of settings"),
        ("base = 'quick'\nconfig = 5", "config: there is no such setting"),
        ("base = 'quick'\n[config.model]\nwidth = 5", "model.width: there is no such setting."),
        ("base = 'quick'\n[config.model]\nhidden = 'x'", "model.hidden: expected a whole number, not 'x'."),
        ("base = 'quick'\n[config]\nmodel = 5", "model: expected a table of settings"),
        ("base = 'quick'\n[config]\nbudget = 5", "budget: expected a table of settings, not 5."),
        ("base = 'quick'\nx = " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("base = 'quick'\n[config.model." + "a." * 3000 + "b]", "nested too deeply"),
    ],
)
def test_what_is_damaged_is_listed_and_said(content: str, sentence: str) -> None:
    own_recipes.save("well", "quick", {})
    path = own_recipes.path_of("broken")
    path.write_text(content)
    (broken, well) = own_recipes.listed()
    assert isinstance(broken, Damaged) and broken.name == "broken" and isinstance(well, OwnRecipe)
    assert sentence in broken.wrong and str(path) in broken.wrong
    with pytest.raises(UserError, match=r"broken\.toml"):
        find("broken")


def test_a_file_that_can_be_no_recipe_is_listed_and_hides_no_other() -> None:
    own_recipes.save("well", "quick", {})
    folder = own_recipes.path_of("well").parent
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to("nowhere")
    for name in ("my best", "x" * 41, "red\x1b[31m"):
        (folder / f"{name}.toml").write_text('base = "quick"')
    wrong = {own.name: own.wrong for own in own_recipes.listed() if isinstance(own, Damaged)}
    assert len(wrong) == 5 and len(own_recipes.listed()) == 6
    assert "is a folder" in wrong["folder"] and "There is no file" in wrong["gone"]
    assert "no space. Give the file another name." in wrong["my best"] and "red�[31m" in wrong
    with pytest.raises(UserError, match=r"no recipe 'nosuch'; there are quick, .*, folder, gone, well\.$"):
        find("nosuch")


def test_a_summary_is_one_line_without_control_characters() -> None:
    own_recipes.save("mine", "quick", {"sampling.prompt": "one\ntwo\x1b"})
    assert own_recipes.read("mine").summary == "quick with prompt one two�."
    own_recipes.path_of("mine").write_text('base = "quick"\nsummary = "a\\u001b[31m\\nred"')
    assert own_recipes.read("mine").summary == "a�[31m red"


def test_a_file_with_a_built_in_name_hides_nothing() -> None:
    own_recipes.save("mine", "quick", {"model.hidden": 7})
    own_recipes.path_of("mine").rename(locations.config() / "recipes" / "quick.toml")
    assert find("quick") is RECIPES["quick"]
    (only,) = own_recipes.listed()
    assert isinstance(only, Damaged) and "built in; give the file another name" in only.wrong


def test_the_command_line_lists_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    own_recipes.save("mine", "words", {"model.hidden": 7})
    own_recipes.path_of("broken").write_text("base = 3")
    build()(["recipes", "--json"], result_action="return_value")
    shown = capsys.readouterr()
    rows = json.loads(shown.out)
    assert rows[-1] == {"name": "mine", "text": "jokes", "summary": "words with hidden 7."}
    assert [row["name"] for row in rows[:-1]] == list(RECIPES) and "broken.toml: base" in shown.err
