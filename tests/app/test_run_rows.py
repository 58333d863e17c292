"""The runs as rows: columns that have room, order, finding."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from lstm_tui.app.figures import size_on_disk
from lstm_tui.app.run_rows import (
    COLUMNS,
    Order,
    Place,
    arrange,
    cell,
    fitted,
    head,
    layout,
    matches,
    more_of,
    when,
)
from lstm_tui.app.widgets import glyphs
from lstm_tui.runs.store import Summary
from lstm_tui.text.ngram import Baselines

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
ALL = list(COLUMNS)


def run(name: str, **values: Any) -> Summary:
    base = Summary(name, "done", "alice", "quick", 740, None, 1.41, 1.5, 72.0, "2026-11-21T14:02:00+0000", size=29_000)
    return replace(base, **values)


def names(places: list[Place]) -> list[str]:
    return [place.column.name for place in places]


def test_what_matters_most_has_room_first() -> None:
    beaten = Baselines(4.1, 2.9, 1.698, 5)
    runs = [
        run("2026-11-21-1402-alice-quick", changed="hidden 512", baselines=beaten),
        run("2026-11-21-1400-alice-quick"),
    ]
    narrow, usual, wide = (layout(runs, ALL, width) for width in (58, 75, 154))
    assert {"state", "recipe", "best", "when"} <= set(names(narrow))
    assert {"state", "text", "recipe", "best", "when", "took"} <= set(names(usual)) and "name" not in names(usual)
    assert names(wide) == ALL
    for places, width in ((narrow, 58), (usual, 75), (wide, 154)):
        row = "".join(cell(place, runs[0], NOW) for place in places)
        assert cell_len(row) == cell_len("".join(head(place, Order()) for place in places)) <= width
        assert "quick: hidden 512" in row and "1.500" in row
    assert "2026-11-21-1402-alice-quick" in "".join(cell(place, runs[0], NOW) for place in wide)


def test_a_name_that_a_person_gave_has_room() -> None:
    runs = [run("big", baselines=Baselines(4.1, 2.9, 1.698, 5)), run("2026-11-21-1400-alice-quick")]
    places = layout(runs, ALL, 75)
    assert "name" in names(places)
    first, second = ("".join(cell(place, it, NOW) for place in places) for it in runs)
    assert " big " in first and "-0.198" in first and "2026" not in second


def test_what_was_not_chosen_is_not_there() -> None:
    assert names(layout([run("big")], ["best", "state"], 75)) == ["state", "best"]


@pytest.mark.parametrize("recipe", ["many-to-one-every", "many-to-one-deep"])
def test_no_recipes_name_is_cut_at_80_columns(recipe: str) -> None:
    runs = [run("a-long-name-of-a-run", recipe=recipe, corpus="a long name of a text.txt")]
    assert recipe in "".join(cell(place, runs[0], NOW) for place in layout(runs, ALL, 75))


def test_what_is_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fitted("hidden 512", 6) == "hidde…"
    monkeypatch.setattr(glyphs, "_chosen", glyphs._ASCII)
    assert fitted("hidden 512", 6) == "hidde~" and fitted("日本語", 4) == "日 ~" and fitted("ab", 0) == ""
    assert head(Place(COLUMNS["best"], 7), Order("best")) == "  ^best"


def test_what_has_no_column_is_said_of_the_run_under_the_cursor() -> None:
    assert more_of(run("big"), ["best", "when", "took"]) == "bits/char 2.164 · train 1.410 · steps 740 · size 29 k"
    assert more_of(run("big"), ALL) == ""


def test_order() -> None:
    a, b, c = run("a", best_validation_loss=1.6), run("b", best_validation_loss=None), run("c", size=5)
    there = [a, b, c]
    assert arrange(there, Order()) == there and arrange(there, Order(reversed=True)) == [c, b, a]
    assert arrange(there, Order("best")) == [c, a, b]
    assert arrange(there, Order("best", reversed=True)) == [a, c, b]  # what is not known stays last
    assert arrange(there, Order("size")) == [a, b, c] and Order("size").falling
    assert Order("best").next(["state", "best", "when"]) == Order("when")
    assert Order("when").next(["state", "best", "when"]) == Order("state")
    assert Order("gone").next(["state"]) == Order("state")
    assert Order("best").next([]) == Order("best")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("", True),
        ("hidden 512", True),
        ("ALICE", True),
        ("big, dropout", True),
        ("done", True),
        ("from seed", True),
        ("hidden 256", False),
        ("layers 2", True),
        ("dropout 0.15, top k 5", True),
        ("layers", False),  # all runs have some
        ("ayers 2", False),
        ("big, words", False),
    ],
)
def test_found_by_all_that_is_said_of_it(word: str, found: bool) -> None:
    settings = "hidden 512, layers 2, dropout 0.15, top k 5"
    assert matches(run("big", changed="hidden 512, dropout 0.15", parent="seed", settings=settings), word) == found


@pytest.mark.parametrize(
    ("created", "said"),
    [
        ("2026-11-21T14:02:00+0000", "14:02"),
        ("2026-11-19T14:02:00+0000", "Thu"),
        ("2026-11-03T14:02:00+0000", "3 Nov"),
        ("2025-11-03T14:02:00+0000", "2025-11"),
        ("yesterday", ""),
    ],
)
def test_when(created: str, said: str) -> None:
    assert when(created, NOW) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (512, "512 B"), (64_000, "64 k"), (4_700_000, "4.7 M"), (21_000_000_000, "21.0 G")]
)
def test_sizes_are_short(count: int, said: str) -> None:
    assert size_on_disk(count) == said
