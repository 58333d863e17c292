"""Styles reach what they are meant for."""

import importlib
import pkgutil
from collections import Counter

from textual.widget import Widget

import lstm_tui.app


def _below(kind: type[Widget]) -> set[type[Widget]]:
    return {found for below in kind.__subclasses__() for found in (below, *_below(below))}


def test_no_two_widgets_have_one_name() -> None:
    """Style sheets know widgets by the names of their classes: of two, each would get the styles of both."""
    for module in pkgutil.walk_packages(lstm_tui.app.__path__, "lstm_tui.app."):
        importlib.import_module(module.name)
    names = Counter(kind.__name__ for kind in _below(Widget) if kind.__module__.startswith("lstm_tui."))
    assert [name for name, count in names.items() if count > 1] == []
