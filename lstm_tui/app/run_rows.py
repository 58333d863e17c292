"""The runs as rows of a table: which columns there are and which have room, in what order, and which are looked for.

Pure: it knows summaries and widths, no widgets.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.cells import cell_len, set_cell_size

from lstm_tui.app.figures import duration, figure, size_on_disk
from lstm_tui.app.widgets.glyphs import glyphs, is_ascii
from lstm_tui.errors import no_control_characters
from lstm_tui.runs.store import Summary

Key = Callable[[Summary], Any]
# As `store.create` names a run whose name nobody gave.
_BY_ITSELF = re.compile(r"\d{4}-\d\d-\d\d-\d{4}-")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: its head; what it is remembered by.
        about: what it says, for the list of columns.
        cell: what stands in it.
        order: what it is sorted by; None comes last.
        least, most: its width with the gap before it; of words, no more than what stands in it.
        rank: where there is no room for all, the highest are left out first.
        words: words stand at the left and may be shortened; figures stand at the right, whole.
        falling: whether the largest comes first.
    """

    name: str
    about: str
    cell: Callable[[Summary, datetime], str]
    order: Key
    least: int
    most: int
    rank: int
    words: bool = False
    falling: bool = False


def given_name(summary: Summary) -> str:
    """The name, where a person gave it: another one repeats what stands beside it."""
    return "" if _BY_ITSELF.match(summary.run) else summary.run


def _recipe(summary: Summary) -> str:
    if summary.state == "damaged":
        return "" if given_name(summary) else summary.run
    return f"{summary.origin}: {summary.changed}" if summary.changed else summary.origin


def _bits(summary: Summary) -> str:
    return figure(summary.bits_per_character)


def _beside(summary: Summary, _now: datetime) -> str:
    return "" if summary.against_ngram is None else f"{summary.against_ngram:+.3f}"


_STATES = ("training", "stopped", "new", "done", "diverged", "damaged")

COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column(
            "state",
            "done, stopped (it can go on), training, diverged, damaged",
            lambda it, _: it.state,
            lambda it: _STATES.index(it.state),
            9,
            9,
            0,
            words=True,
        ),
        Column(
            "name",
            "its name; one it gave itself only where there is room",
            lambda it, _: it.run,
            lambda it: it.run,
            12,
            61,
            4,
            words=True,
        ),
        Column("text", "the text it learns", lambda it, _: it.corpus, lambda it: it.corpus, 9, 31, 3, words=True),
        Column(
            "recipe",
            "the recipe, and what was changed in it",
            lambda it, _: _recipe(it),
            _recipe,
            22,
            200,
            1,
            words=True,
        ),
        Column(
            "best",
            "best validation loss, nats per token",
            lambda it, _: figure(it.best_validation_loss),
            lambda it: it.best_validation_loss,
            7,
            7,
            1,
        ),
        Column(
            "n-gram",
            "best validation beside the n-gram's: below 0 is better",
            _beside,
            lambda it: it.against_ngram,
            8,
            8,
            5,
        ),
        Column(
            "bits/char",
            "best validation in bits per character",
            lambda it, _: _bits(it),
            lambda it: it.bits_per_character,
            10,
            10,
            7,
        ),
        Column(
            "train",
            "training loss, nats per token",
            lambda it, _: figure(it.train_loss),
            lambda it: it.train_loss,
            7,
            7,
            8,
        ),
        Column(
            "steps",
            "training steps",
            lambda it, _: f"{it.step:,}" if it.step else "",
            lambda it: it.step,
            9,
            11,
            9,
            falling=True,
        ),
        Column(
            "took",
            "time inside training steps",
            lambda it, _: duration(it.elapsed) if it.elapsed else "",
            lambda it: it.elapsed,
            8,
            10,
            6,
            falling=True,
        ),
        Column(
            "when",
            "when it was begun",
            lambda it, now: when(it.created, now),
            lambda it: it.created,
            8,
            8,
            2,
            falling=True,
        ),
        Column(
            "size", "bytes on the disk", lambda it, _: size_on_disk(it.size), lambda it: it.size, 7, 7, 10, falling=True
        ),
    )
}
# Columns of a higher rank have what room the words in these leave.
_ESSENTIAL = 5
# By when it was begun they come from the disk.
NEWEST = "when"


@dataclass(frozen=True)
class Order:
    """What the runs are sorted by, and whether the other way round."""

    column: str = NEWEST
    reversed: bool = False

    @property
    def falling(self) -> bool:
        return COLUMNS[self.column].falling != self.reversed

    @property
    def words(self) -> str:
        """`newest first`, `by best`."""
        if self.column == NEWEST:
            return "oldest first" if self.reversed else "newest first"
        return f"by {self.column}{', the other way round' if self.reversed else ''}"

    def next(self, shown: Sequence[str]) -> "Order":
        """By the column after this one; the same where none has room."""
        if not shown:
            return self
        place = shown.index(self.column) if self.column in shown else -1
        return Order(shown[(place + 1) % len(shown)])


def arrange(summaries: Iterable[Summary], order: Order) -> list[Summary]:
    """Sorted; those without what it is sorted by come last, the newest first among equals."""
    there = list(summaries)
    if order.column == NEWEST:
        return there[::-1] if order.reversed else there
    key = COLUMNS[order.column].order
    known = [it for it in there if key(it) not in (None, "")]
    missing = [it for it in there if key(it) in (None, "")]
    return sorted(known, key=key, reverse=order.falling) + missing


def matches(summary: Summary, looked_for: str) -> bool:
    """Whether all that is looked for, with commas between, is said of the run: `alice, hidden 512`. A setting's label
    alone is that of every run: with a value after it, it is looked for among all settings."""
    said = " ".join((summary.run, summary.state, summary.corpus, _recipe(summary))).lower()
    settings = f", {summary.settings.lower()}"
    parts = (part.strip() for part in looked_for.lower().split(","))
    return all(part in said or (" " in part and f", {part}" in settings) for part in parts)


@dataclass(frozen=True)
class Place:
    """A column and the width it has, the gap before it included."""

    column: Column
    width: int


def layout(summaries: Sequence[Summary], chosen: Sequence[str], width: int) -> list[Place]:
    """The chosen columns that have room in `width` cells, in their order: those that say most first, then as wide
    as what stands in them needs."""
    columns = [column for name, column in COLUMNS.items() if name in chosen]
    needs = {column.name: _needs(column, summaries) for column in columns}
    widths: dict[str, int] = {}

    def widen(times: float) -> None:
        # By so many times what they need at least. What was changed first, which differs most, then names, then texts.
        for column in sorted((it for it in columns if it.words), key=lambda it: -it.most):
            least, most = needs[column.name]
            left = width - sum(widths.values())
            if column.name in widths:
                widths[column.name] += max(0, min(left, round(times * column.least), most - widths[column.name]))
            elif least == 0 and 0 < most <= left and times > 1:
                widths[column.name] = most

    for essential in (True, False):
        for column in sorted((it for it in columns if (it.rank <= _ESSENTIAL) == essential), key=lambda it: it.rank):
            least, _ = needs[column.name]
            if 0 < least <= width - sum(widths.values()):
                widths[column.name] = least
        widen(0.6 if essential else 100)
    return [Place(column, widths[column.name]) for column in columns if column.name in widths]


def _needs(column: Column, summaries: Sequence[Summary]) -> tuple[int, int]:
    """The least and the most width that a column has use for. Least 0: it stands only where there is room for all;
    most 0: nothing stands in it."""
    if not column.words:
        known = any(column.order(it) for it in summaries)
        return (column.least, column.most) if known else (0, 0)
    now = datetime.now().astimezone()
    longest = max((cell_len(column.cell(it, now)) for it in summaries), default=0)
    most = min(column.most, max(longest, len(column.name) + 1) + 1)
    if column.name == "name":
        given = max((cell_len(given_name(it)) for it in summaries), default=0)
        return (min(column.least, max(given, len("name") + 1) + 1) if given else 0), most
    return min(column.least, most), most


def cell(place: Place, summary: Summary, now: datetime) -> str:
    """What stands in one place, as wide as that; what is cut ends in an ellipsis."""
    said = no_control_characters(place.column.cell(summary, now), keep="")
    room = place.width - 1
    if place.column.name == "name" and cell_len(said) > room:
        said = given_name(summary)
    return f" {fitted(said, room)}" if place.column.words else said.rjust(place.width)


def head(place: Place, order: Order) -> str:
    """The head of a column, with an arrow where the runs are sorted by it."""
    name = place.column.name
    arrow = ("v^" if is_ascii() else "▾▴")[not order.falling] if name == order.column else ""
    if place.column.words:
        return f" {fitted(f'{name}{arrow}', place.width - 1)}"
    return f"{arrow}{name}".rjust(place.width)[-place.width :]


def more_of(summary: Summary, shown: Sequence[str]) -> str:
    """The figures of a run whose columns have no room in the table, in a line."""
    now = datetime.now().astimezone()
    hidden = (it for it in COLUMNS.values() if not it.words and it.name not in shown)
    parts = (f"{it.name} {said}" for it in hidden if (said := it.cell(summary, now)))
    return f" {glyphs().separator} ".join(parts)


def fitted(words: str, room: int) -> str:
    """Exactly `room` cells; what is cut ends in an ellipsis."""
    if cell_len(words) <= room:
        return set_cell_size(words, room)
    return set_cell_size(words, max(0, room - 1)) + glyphs().ellipsis[:room]


def when(created: str, now: datetime) -> str:
    """`14:02` today, `Fri` within a week, else `3 Nov`, else `2025-11`."""
    try:
        made = datetime.fromisoformat(created).astimezone(now.tzinfo)
    except ValueError:
        return ""
    days = (now.date() - made.date()).days
    if days == 0:
        return f"{made:%H:%M}"
    if 0 < days < 7:
        return f"{made:%a}"
    return f"{made.day} {made:%b}" if made.year == now.year else f"{made:%Y-%m}"
