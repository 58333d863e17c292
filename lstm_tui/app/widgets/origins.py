"""What a run may begin from: the recipes, and above them a run while one is offered."""

from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstm_tui.errors import no_control_characters
from lstm_tui.recipes import RECIPES, find

if TYPE_CHECKING:
    from lstm_tui.runs.run import Run

# No recipe has this name: a space is in it.
_RUN = "a run"


class Origins(OptionList):
    """The recipes; the one under the cursor is the one chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,right",
            "select",
            "Settings",
            key_display="Enter",
            id="recipes.settings",
            tooltip="To the settings of this recipe",
        ),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(*(Option(_recipe(name), name) for name in RECIPES), id=id)
        self._run: Run | None = None

    def put(self, chosen: "str | Run") -> None:
        """The cursor on a recipe, or on a run, which then stands above them; another run is offered no more."""
        run = None if isinstance(chosen, str) else chosen
        if run is not self._run:
            self._run = run
            first = [Option(_line(f"from {run.id}"), _RUN)] if run else []
            self.set_options([*first, *(Option(_recipe(name), name) for name in RECIPES)])
        self.highlighted = self.get_option_index(chosen if isinstance(chosen, str) else _RUN)

    @property
    def chosen(self) -> "str | Run | None":
        """The recipe's name, or the run, under the cursor."""
        name = self.highlighted_option.id if self.highlighted_option else None
        return self._run if name == _RUN else name


def about(origin: "str | Run") -> tuple[str, str]:
    """The text that an origin is for, or was, in a title's few words; and what it is, in a few lines."""
    if isinstance(origin, str):
        recipe = find(origin)
        return "for any text" if recipe.text == "any" else f"its text: {recipe.text}", recipe.summary
    return (
        f"its text: {origin.corpus}",
        f"The settings, the vocabulary and the best weights of {origin.id}, to be trained on the chosen text.",
    )


def _recipe(name: str) -> Table:
    """A recipe's name, and at the right the text its author used."""
    return _line(name, find(name).text)


def _line(name: str, text: str = "") -> Table:
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True)
    line.add_column(no_wrap=True, justify="right", style="dim")
    line.add_row(no_control_characters(name, keep=""), text)
    return line
