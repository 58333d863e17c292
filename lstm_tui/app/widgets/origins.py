"""What a run may begin from: the recipes that are built in, one's own, and above them a run while one is offered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.fields import changes, leaves, show
from lstm_tui.own_recipes import Damaged, OwnRecipe
from lstm_tui.recipes import RECIPES, Recipe, find

if TYPE_CHECKING:
    from lstm_tui.runs.run import Run

# No recipe has such a name: a space is in it.
_RUN = "a run"
_YOURS = "the yours"
FROM_RUN = "from a run"
"""The last line, which is no origin: Enter on it asks for one."""


class Origins(Options):
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
        super().__init__(id=id)
        self.styles.scrollbar_size_vertical = 0  # it would cover the ends of the lines
        self._run: Run | None = None
        self._own: dict[str, OwnRecipe | Damaged] = {}
        self._fill()

    def _fill(self) -> None:
        """The lines anew; the cursor stays on its own where that is still there."""
        before = self.highlighted_option.id if self.highlighted_option else None
        first = [Option(_line(f"from {self._run.id}"), _RUN)] if self._run else []
        built_in = [Option(_line(recipe.name, recipe.text), recipe.name) for recipe in RECIPES.values()]
        yours = [Option(_line("yours"), _YOURS, disabled=True)] if self._own else []
        own = [
            Option(_line(it.name, it.text if isinstance(it, Recipe) else "damaged"), it.name)
            for it in self._own.values()
        ]
        self.set_options([*first, *built_in, *yours, *own, Option(_line("from a run ..."), FROM_RUN)])
        ids = [option.id for option in self.options]
        self.highlighted = ids.index(before) if before in ids else None

    def offer(self, own: Sequence[OwnRecipe | Damaged]) -> None:
        """One's own recipes as they are now."""
        new = {recipe.name: recipe for recipe in own}
        if new != self._own:
            self._own = new
            self._fill()

    def put(self, chosen: "Recipe | Run") -> None:
        """The cursor on a recipe, or on a run, which then stands above them; another run is offered no more."""
        run = None if isinstance(chosen, Recipe) else chosen
        if isinstance(chosen, OwnRecipe) and chosen.name not in self._own:
            self._own[chosen.name] = chosen
            self._fill()
        if run is not self._run:
            self._run = run
            self._fill()
        self.highlighted = self.get_option_index(chosen.name if isinstance(chosen, Recipe) else _RUN)

    @property
    def chosen(self) -> "str | Run | Damaged | None":
        """The recipe's name, the run, or what cannot be chosen, under the cursor; None on a line that is none."""
        name = self.highlighted_option.id if self.highlighted_option else None
        if name == _RUN:
            return self._run
        own = self._own.get(name or "")
        return own if isinstance(own, Damaged) else None if name in (_YOURS, FROM_RUN) else name

    @property
    def own(self) -> str:
        """The recipe of one's own under the cursor, be it damaged; else empty."""
        name = self.highlighted_option.id if self.highlighted_option else None
        return name if name in self._own else ""


def about(origin: "str | Run | Damaged | None") -> tuple[str, str]:
    """The text that an origin is for, or was, in a title's few words; and what it is, in a few lines.

    Raises:
        UserError: where there is no such recipe any more.
    """
    if origin is None:
        return "an earlier run", (
            "The settings of an earlier run, to change what you like; its weights are drawn anew. Enter lists the runs."
        )
    if isinstance(origin, Damaged):
        return "damaged", origin.wrong
    if isinstance(origin, str):
        recipe = find(origin)
        return "for any text" if recipe.text == "any" else f"its text: {recipe.text}", recipe.summary
    return (
        f"its text: {origin.corpus}",
        f"The settings, the vocabulary and the best weights of {origin.id}, to be trained on the chosen text.",
    )


class OriginAbout(Panel):
    """What the origin under the cursor is and teaches, in a box of its own."""

    DEFAULT_CSS = "OriginAbout { height: 1fr; color: $quiet; }"

    def compose(self) -> ComposeResult:
        yield Words()

    def tell(self, origin: "str | Run | Damaged | None", config: RunConfig | None) -> None:
        """Say it; and where there is room, `config` is what it comes to, of which all is said that is not a default."""
        try:
            title, words = about(origin)
        except UserError as error:
            title, words = "gone", str(error)
        self.entitle(one_line(title))
        if config is not None:
            lines = [
                f"{leaf.label} {one_line(show(leaf.value(config)))}"
                for leaf in leaves()
                if leaf.path in changes(config, RunConfig())
            ]
            words = "\n".join([words, "", "It sets, beside the defaults:", *lines])
        self.query_one(Words).show(words)


def _line(name: str, text: str = "") -> Table:
    """A recipe's name, and at the right the text its author used."""
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True, min_width=len(name))  # whole, before the text
    line.add_column(no_wrap=True, justify="right", style="dim")
    line.add_row(no_control_characters(name, keep=""), text)
    return line
