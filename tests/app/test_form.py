"""The form widget, the steps of its numbers, and the draft behind it."""

import time

import pytest
from textual.app import App, ComposeResult
from textual.message import Message

from lstm_tui.app.draft import BUDGET, FIELDS, Draft
from lstm_tui.app.stepping import step
from lstm_tui.app.theme import THEME
from lstm_tui.app.widgets.form import Field, Form
from lstm_tui.app.widgets.rows import Item
from lstm_tui.config import RunConfig, check
from lstm_tui.fields import show
from lstm_tui.recipes import find
from tests.app.conftest import shown, wait_until


def quick() -> Draft:
    return Draft(lambda overrides: find("quick").config(None, overrides), {})


# Steps.


@pytest.mark.parametrize(
    ("path", "value", "more", "less"),
    [
        ("model.hidden", "256", "384", "128"),
        ("model.hidden", "300", "384", "256"),
        ("model.hidden", "4096", "4096", "3584"),
        ("model.hidden", "1", "2", "1"),
        ("model.layers", "1", "2", "1"),
        ("model.dropout", "0.15", "0.2", "0.1"),
        ("model.dropout", "0", "0.05", "0"),
        ("model.output_dropout", "none", "0", "0"),
        ("learning.hold_from", "none", "100", "100"),
        ("learning.restart_at", "5000", "10000", "2000"),
        ("text.kinds", "100", "200", "50"),
        ("learning.rate", "0.007", "0.01", "0.005"),
        ("learning.rate", "10", "10", "5"),
        ("learning.beta2", "0.99", "0.995", "0.98"),
        ("learning.weight_decay", "0", "0.0001", "0"),
        ("sampling.top_p", "1", "1", "0.99"),
        ("sampling.top_p", "0.9", "0.95", "0.85"),
        ("sampling.min_p", "0", "0.05", "0"),
        ("sampling.repetition_penalty", "1", "1.1", "1"),
        ("sampling.temperature", "0.8", "0.9", "0.7"),
        ("sampling.top_k", "5", "10", "2"),
        ("budget.minutes", "1.5", "2", "1"),
        ("model.input", "embedding", "one-hot", "scalar"),
        ("text.lower", "false", "true", "true"),
        ("plan.precision", "none", "fp32", "bf16"),
        ("seed", "1", "2", "0"),
        ("text.encoding", "none", "none", "none"),
        ("model.hidden", "many", "many", "many"),
    ],
)
def test_a_step_is_sensible(path: str, value: str, more: str, less: str) -> None:
    assert step(FIELDS[path], value, 1) == more
    assert step(FIELDS[path], value, -1) == less


@pytest.mark.parametrize("path", list(FIELDS))
@pytest.mark.parametrize("direction", [1, -1])
def test_however_often_one_steps_the_value_is_allowed(path: str, direction: int) -> None:
    value = show(FIELDS[path].value(RunConfig()))
    section, _, name = path.rpartition(".")
    for _ in range(60):
        value = step(FIELDS[path], value, direction)
        typed = None if value == "none" else value
        values = {section: {name: typed}} if section else {name: typed}
        if section != "budget" and path != "batches.shortest":  # checked together with others
            check(values)


# The draft.


def test_every_field_is_an_item_once() -> None:
    paths = [item.path for item in quick().items()]
    assert [path for path in paths if path != BUDGET] == list(FIELDS)
    assert paths[paths.index(BUDGET) + 1] == "budget.steps" and paths.count(BUDGET) == 1


def test_a_change_is_marked_and_reset() -> None:
    draft = quick()
    before = draft.value("model.hidden")
    draft.set("model.hidden", "512")
    assert draft.config.model.hidden == 512
    assert draft.changed == {"model.hidden": before}
    draft.reset("model.hidden")
    assert draft.changed == {} and draft.overrides == {}


def test_what_changes_nothing_is_no_change() -> None:
    draft = quick()
    draft.set("model.hidden", draft.value("model.hidden"))
    assert draft.overrides == {}


def test_what_is_wrong_is_kept_as_typed_with_its_sentence() -> None:
    draft = quick()
    draft.set("model.layers", "99")
    draft.set("model.hidden", "512")
    assert draft.value("model.layers") == "99"
    assert "8 or less" in draft.problems["model.layers"]
    assert draft.config.model.hidden == 512
    draft.set("model.layers", "2")
    assert draft.problems == {} and draft.config.model.layers == 2


def test_one_limit_of_a_budget_leaves_the_others() -> None:
    draft = quick()
    draft.set("budget.epochs", "20")
    assert draft.config.budget.minutes == 1.5 and draft.changed.keys() == {"budget.epochs"}
    draft.set("budget.steps", "100")
    draft.set("budget.minutes", "none")
    assert draft.value(BUDGET) == "100 steps or 20 epochs"
    draft.set("budget.epochs", "x")
    assert draft.problems.keys() == {"budget.epochs", BUDGET} and draft.value("budget.epochs") == "x"
    draft.reset("budget.epochs")
    assert draft.problems == {}


def test_a_budget_in_words_sets_all_of_it() -> None:
    draft = quick()
    assert draft.value(BUDGET) == "12 epochs or 90s"
    draft.set(BUDGET, "5k steps, until validation stops improving")
    assert draft.config.budget.model_dump() == {"steps": 5000, "epochs": None, "minutes": None}
    assert draft.config.learning.patience == 5 and draft.changed.keys() == {
        "budget.steps",
        "budget.epochs",
        "budget.minutes",
        "learning.patience",
    }
    (words,) = [item for item in draft.items() if item.path == BUDGET]
    assert (words.value, words.was) == ("5k steps, until validation stops improving", "12 epochs or 90s")
    draft.set(BUDGET, "until validation stops improving")  # the recipe's limits
    assert draft.value(BUDGET) == "12 epochs or 90s, until validation stops improving"
    draft.set(BUDGET, "90s or 12 epochs")
    assert draft.overrides == {}
    draft.step(BUDGET, 1)
    assert draft.value(BUDGET) == "20 epochs or 2min"
    draft.reset(BUDGET)
    assert draft.overrides == {}


def test_a_budget_that_is_none_is_said_at_its_row_and_kept_as_typed() -> None:
    draft = quick()
    draft.set(BUDGET, "soon")
    assert draft.value(BUDGET) == "soon" and "90s" in draft.problems[BUDGET] and draft.overrides == {}
    draft.set("model.hidden", "512")
    assert BUDGET in draft.problems
    draft.set(BUDGET, "none")
    assert "without one a run would never end" in draft.problems[BUDGET]
    draft.restore({})
    assert draft.problems == {} and draft.value(BUDGET) == "12 epochs or 90s"
    draft.set(BUDGET, "soon")
    draft.reset(BUDGET)
    assert draft.problems == {}


def test_a_files_values_go_over_what_is_typed() -> None:
    draft = quick()
    draft.set("model.layers", "2")
    draft.set("seed", "7")
    assert draft.load({"model": {"hidden": 512}}) == (1, [])
    assert draft.overrides == {"model.layers": "2", "seed": "7", "model.hidden": "512"}
    same = find("quick").config().model_dump()
    assert draft.load(same)[1] == [] and draft.overrides == {}
    other = check({**same, "budget": {"minutes": 1 / 7}, "learning": {"rate": 0.0012345678, "clip": None}})
    assert draft.load(other.model_dump())[1] == [] and draft.config == other
    assert draft.overrides["learning.clip"] is None and "model.hidden" not in draft.overrides
    count, wrong = draft.load({"model": {"hidden": [1], "width": 3, "tied": True}, "seed": 2, "speed": 9})
    assert count == 2 and wrong[1:] == ["model.width: there is no such setting.", "speed: there is no such setting."]
    assert "model.hidden: expected" in wrong[0]
    assert draft.problems.keys() == {"model.hidden"} and draft.value("model.hidden") == "[1]"
    assert draft.config.model.tied and draft.config.seed == 2


def test_a_file_of_which_nothing_is_well_changes_nothing() -> None:
    draft = quick()
    draft.set("model.layers", "2")
    draft.set(BUDGET, "soon")
    before = draft.typed
    count, wrong = draft.load({"budget": {"steps": "x"}, "model": {"hidden": 6000}, "speed": 9})
    assert count == 0 and len(wrong) == 3 and draft.typed == before and draft.problems.keys() == {BUDGET}


def test_all_changes_dropped_at_once_come_back_once() -> None:
    draft = quick()
    assert draft.reset_all() == "Nothing is changed."
    draft.set("model.layers", "2")
    draft.set("model.hidden", "6000")
    before = dict(draft.overrides)
    assert draft.reset_all() == "All 2 changes are gone; R again brings them back." and draft.overrides == {}
    assert "back" in draft.reset_all() and draft.overrides == before and "model.hidden" in draft.problems


def test_what_another_version_left_behind_is_dropped() -> None:
    overrides: dict[str, str | None] = {"model.width": "3", "model.hidden": "none", "seed": "2"}
    draft = Draft(lambda overrides: find("quick").config(None, overrides), overrides)
    assert overrides == {"model.hidden": "none", "seed": "2"}
    assert draft.problems.keys() == {"model.hidden"}


@pytest.mark.parametrize("text", ["\n", " ", "none", "ROMEO:\nO", '"quoted"', "plain"])
def test_text_survives_being_shown_and_typed_again(text: str) -> None:
    draft = quick()
    draft.overrides["sampling.prompt"] = text
    draft.reset()
    typed = draft.value("sampling.prompt")
    draft.reset("sampling.prompt")
    draft.set("sampling.prompt", typed)
    assert draft.config.sampling.prompt == text


# The widget.

ITEMS = [
    Item("model.hidden", "model", "hidden", "512", was="256"),
    Item("model.input", "model", "input", "embedding", choices=True),
    Item("learning.rate", "learning", "rate", "0.005"),
    Item("seed", "", "seed", "1"),
]


def at(form: Form) -> tuple[str | None, str]:
    return form.path, form.section


class FormApp(App[None]):
    def __init__(self, items: list[Item]) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.items = items
        self.said: list[tuple[object, ...]] = []

    def compose(self) -> ComposeResult:
        yield Form(opened=("model",))

    def on_mount(self) -> None:
        self.query_one(Form).show(self.items)
        self.query_one(Form).focus()

    def on_form_typed(self, message: Form.Typed) -> None:
        self.said.append(("typed", message.path, message.text))

    def on_form_closed(self, message: Form.Closed) -> None:
        self.said.append(("closed", message.path, message.kept))

    def on_form_stepped(self, message: Form.Stepped) -> None:
        self.said.append(("stepped", message.path, message.direction))

    def on_form_escaped(self, message: Message) -> None:
        self.said.append(("escaped",))


async def test_rows_are_grouped_and_marked() -> None:
    app = FormApp(ITEMS)
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.pause()
        lines = [line.rstrip() for line in shown(app).splitlines()]
        assert lines[0].split() == ["▾", "model"]
        assert lines[1].split() == ["hidden", "512", "was", "256"]
        assert lines[3].split() == ["▸", "learning", "rate", "0.005"]
        assert lines[4].split() == ["seed", "1"]


async def test_arrows_open_and_close_sections() -> None:
    app = FormApp(ITEMS)
    async with app.run_test(size=(50, 12)) as pilot:
        form = app.query_one(Form)
        await pilot.press("down", "down")
        assert form.path == "model.input"
        await pilot.press("left")
        assert at(form) == (None, "model")
        await pilot.press("left")
        await wait_until(
            pilot, lambda: "hidden 512" in shown(app)
        )  # what is in a closed section stands beside its name
        await pilot.press("left")
        assert app.said == [("escaped",)]
        await pilot.press("right", "down")
        assert form.path == "model.hidden"


async def test_typing_is_told_at_every_key_and_kept_with_enter() -> None:
    app = FormApp(ITEMS)
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.press("down", "enter", "6", "4", "enter")
        path = "model.hidden"
        await wait_until(pilot, lambda: ("closed", path, True) in app.said)
        assert app.said == [("typed", path, "6"), ("typed", path, "64"), ("closed", path, True)]
        assert not app.query_one(Field).display


async def test_escape_leaves_it_as_it_was() -> None:
    app = FormApp(ITEMS)
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.press("down", "enter", "7", "escape")
        await wait_until(pilot, lambda: ("closed", "model.hidden", False) in app.said)


async def test_enter_takes_the_next_choice_and_keys_step() -> None:
    app = FormApp(ITEMS)
    async with app.run_test(size=(50, 12)) as pilot:
        await pilot.press("down", "minus", "plus", "down", "enter")
        await pilot.pause()
        assert app.said == [
            ("stepped", "model.hidden", -1),
            ("stepped", "model.hidden", 1),
            ("stepped", "model.input", 1),
        ]


async def test_control_characters_do_not_reach_the_terminal() -> None:
    app = FormApp([Item("text.column", "", "column", "\x1b[31mred", was="\x07")])
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        assert "\x1b[31m" not in shown(app) and "\x07" not in shown(app)


async def test_a_form_of_hundreds_of_fields_stays_quick() -> None:
    items = [Item(f"s{n // 20}.f{n}", f"s{n // 20}", f"field {n}", str(n)) for n in range(400)]
    app = FormApp(items)
    async with app.run_test(size=(60, 20)) as pilot:
        form = app.query_one(Form)
        form.open(*{item.section for item in items})
        began = time.thread_time()
        for _ in range(20):
            form.show(items)
            await pilot.pause()
        assert (time.thread_time() - began) / 20 < 0.1  # a screen's worth of rows, not four hundred


def test_from_the_largest_number_no_step_leads() -> None:
    for path in ("model.forget_bias", "budget.steps", "sampling.top_k", "learning.hold_from"):
        assert step(FIELDS[path], "1e308", 1) == "1e308"
