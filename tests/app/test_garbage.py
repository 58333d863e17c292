"""Garbage is looked for neither while libraries are imported nor among what they made."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from lstm_tui.app import garbage


class Node:
    """Part of a circle: only a search finds it."""

    def __init__(self) -> None:
        self.other: Node | None = None


def circle() -> "weakref.ref[Node]":
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.enable()


def test_what_is_imported_is_looked_at_no_more_and_what_comes_later_is() -> None:
    with garbage.importing():
        assert not gc.isenabled()
        before = circle()
    assert gc.isenabled()
    later = circle()
    gc.collect()
    assert before() is not None and later() is None


def test_only_the_first_time() -> None:
    with garbage.importing():
        pass
    with garbage.importing():
        model = circle()
    gc.collect()
    assert model() is None


def test_an_import_that_fails_leaves_the_search_on() -> None:
    with pytest.raises(ImportError), garbage.importing():
        raise ImportError
    assert gc.isenabled()
