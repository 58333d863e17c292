"""Budgets in words: read, written, and the same again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_tui.budgets import EXAMPLES, PATHS, parse, show
from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.flags import budget_values


def said(text: str) -> dict[str, float]:
    """What a budget says, by the fields' last names."""
    return {path.partition(".")[2]: value for path, value in parse(text).items() if value is not None}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("90s", {"minutes": 1.5}),
        ("90 seconds", {"minutes": 1.5}),
        ("8h", {"minutes": 480}),
        ("2h30", {"minutes": 150}),
        ("2h 30m", {"minutes": 150}),
        ("1.5 hours", {"minutes": 90}),
        ("1d12", {"minutes": 2160}),
        ("10 min", {"minutes": 10}),
        ("1m30", {"minutes": 1.5}),
        ("5k steps", {"steps": 5000}),
        ("5,000 Steps", {"steps": 5000}),
        ("1.5M steps", {"steps": 1_500_000}),
        ("1000000M steps", {"steps": 10**12}),
        ("1h90m", {"minutes": 150}),
        ("0.1h", {"minutes": 6}),
        ("1 step", {"steps": 1}),
        ("20 epochs", {"epochs": 20}),
        ("0.5 epochs", {"epochs": 0.5}),
        ("20 epochs or 8h", {"epochs": 20, "minutes": 480}),
        ("20 epochs, 5,000 steps and 90s", {"epochs": 20, "steps": 5000, "minutes": 1.5}),
        ("until validation stops improving", {"patience": 5}),
        ("20 epochs until validation stops improving for 8 scorings", {"epochs": 20, "patience": 8}),
        ("8h, until it stops improving", {"minutes": 480, "patience": 5}),
        ("none", {}),
    ],
)
def test_what_people_write(text: str, values: dict[str, float]) -> None:
    assert said(text) == values
    assert said(show(parse(text))) == values


def test_every_example_is_a_budget() -> None:
    assert all(said(example) for example in EXAMPLES.split(", "))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected such as 90s"),
        ("500", "500 of what? Write 500 steps, 500 epochs, 500s"),
        ("soon", "not 'soon'"),
        ("90s or 2h", "'2h' is a second number of the same kind"),
        ("30s10", "not '30s10'"),
        ("-5 steps", "not '-5 steps'"),
        ("until I am home", "not 'until I am home'"),
        ("\x1b[31m", "expected such as"),
        ("1.5 steps", "'1.5 steps' is no whole number of steps"),
        ("0.0004k steps", "'0.0004k steps' is no whole number of steps"),
        ("1h90", "'1h90': fewer than 60 minutes follow hours; for more, write 1h90m"),
        ("1d24", "'1d24': fewer than 24 hours follow days; for more, write 1d24h"),
        ("1m60", "'1m60': fewer than 60 seconds follow minutes; for more, write 1m60s"),
    ],
)
def test_what_is_none_is_a_sentence_with_examples(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        parse(text)
    assert sentence in str(raised.value) and str(raised.value).endswith(".")


def test_it_is_written_shortly() -> None:
    def words(*values: float | None) -> str:
        return show(dict(zip(PATHS, values, strict=True)))

    assert words(None, 12, 1.5, None) == "12 epochs or 90s"
    assert words(5000, None, 150, 5) == "5k steps or 2h30, until validation stops improving"
    assert words(1, 1, 10, 1) == "1 step or 1 epoch or 10min, until validation stops improving for 1 scoring"
    assert words(12_345, 0.1, 480, None) == "12345 steps or 0.1 epochs or 8h"
    assert words(None, None, None, None) == "none"


@given(
    st.none() | st.integers(1, 10**12),
    st.none() | st.floats(1e-9, 1e9),
    st.none() | st.floats(1e-6, 1e7) | st.integers(1, 100_000).map(lambda seconds: seconds / 60),
    st.none() | st.integers(1, 10**6),
)
def test_whatever_is_written_is_read_as_the_same(
    steps: int | None, epochs: float | None, minutes: float | None, patience: int | None
) -> None:
    values = dict(zip(PATHS, (steps, epochs, minutes, patience), strict=True))
    assert parse(show(values)) == values


def test_a_flag_replaces_a_files_budget_and_only_what_it_says() -> None:
    limits = {"steps": None, "epochs": 20.0, "minutes": None}
    assert budget_values("20 epochs") == {"budget": limits}
    assert budget_values("20 epochs until it stops improving") == {"budget": limits, "learning": {"patience": 5}}
    assert budget_values("until it stops improving") == {"learning": {"patience": 5}}
    for none in ("none", "None", " NONE "):
        assert budget_values(none) == {"budget": dict.fromkeys(limits)}
    assert budget_values(None) == {}
    with pytest.raises(ConfigError, match=r"^--budget: 12 of what\?"):
        budget_values("12")


@pytest.mark.parametrize(
    "text",
    [
        "9" * 400 + " steps",
        "5.5 epochs or " + "9" * 16 + "k steps",
        "9" * 400 + "h",
        "1,000,000,000,001 steps",
        "1000000.000001M steps",
        "99999999999999999999999999999999999999999999." + "9" * 400 + " epochs",
        "until it stops improving for " + "9" * 5000 + " scorings",
        "until it stops improving for 1000001 scorings",
    ],
)
def test_no_run_lasts_so_long(text: str) -> None:
    with pytest.raises(UserError, match="no run lasts so long"):
        parse(text)


def test_even_what_no_run_lasts_is_shown() -> None:
    assert show({"budget.steps": 10**400}).startswith("1000")
    assert show({"budget.minutes": 1e308}).endswith("min")
