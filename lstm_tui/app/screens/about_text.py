"""All that is known of one text, over the Corpus screen: every figure, what was done, what was skipped.

`?` says beneath each what it means.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from lstm_tui.app.glossary import meaning
from lstm_tui.app.looking import Facts
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.signs import sign
from lstm_tui.app.widgets.words import one_line
from lstm_tui.text.library import Entry

# A folder may hold thousands of files that are no texts.
_MOST_SKIPPED = 500
_IN_A_ROW = 3


class AboutText(ModalScreen[None]):
    """A page to scroll."""

    DEFAULT_CSS = """
    AboutText { align: center middle; background: $background 60%; }
    AboutText Panel {
        width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $primary; background: $background;
    }
    AboutText VerticalScroll { height: auto; max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i,q,enter", "dismiss", "Close", id="about.close", tooltip="Close what is known of the text"),
        Binding("question_mark,f1", "explain", "Explain", id="about.explain", tooltip="What each figure means"),
    ]

    def __init__(self, entry: Entry, facts: Facts) -> None:
        super().__init__()
        self._entry, self._facts = entry, facts
        self._explained = False

    def compose(self) -> ComposeResult:
        with Panel(title=one_line(self._entry.title)) as panel, VerticalScroll(can_focus=True):
            panel.border_subtitle = "? explains, Esc closes"
            yield Static(self._page(), id="page")

    def action_explain(self) -> None:
        self._explained = not self._explained
        self.query_one("#page", Static).update(self._page())

    def _page(self) -> Table:
        quiet = self.app.theme_variables["quiet"]
        table = Table.grid(padding=(0, 2))
        table.add_column(style=quiet, no_wrap=True)
        table.add_column(overflow="fold")
        means = ""  # of the figure whose lines these are
        for label, words in (*facts_of(self._entry, self._facts), (" ", "")):
            if label:
                if self._explained and means:
                    table.add_row("", Text(means, style=quiet))
                means = meaning(label)
            table.add_row(label, Text(one_line(words)))
        return table


def facts_of(entry: Entry, facts: Facts) -> Iterable[tuple[str, str]]:
    """Label and words; a label that goes on is empty."""
    figures, losses = facts.figures, facts.baselines
    yield "name", entry.name
    yield "from", entry.about
    yield "encoding", figures.encoding
    yield from _listed("settings", [f"text.{name} {value}" for name, value in entry.text])
    for name in ("documents", "characters", "kinds", "words", "lines", "longest_line"):
        yield name.replace("_", " "), f"{getattr(figures, name):,}"
    shares = [(character, f"{count / figures.characters * 100:.1f} %") for character, count in figures.frequent]
    yield from _listed("most frequent", _rows(shares))
    yield from _listed("rarest", _rows([(character, f"{count:,}") for character, count in figures.rarest]))
    if losses:
        yield "to beat", f"uniform {losses.uniform:.3f} nats per token: every kind alike"
        yield "", f"{losses.single} {losses.letters:.3f}: how often each kind occurs"
        ngram = "nothing is held out to score it on" if losses.ngram is None else f"{losses.ngram:.3f}, Witten-Bell"
        yield "", f"{losses.name} {ngram}"
    elif facts.why:
        yield "to beat", facts.why
    yield from _listed("done", figures.notes)
    skipped = [f"{name}: {why}" for name, why in figures.skipped[:_MOST_SKIPPED]]
    more = len(figures.skipped) - len(skipped)
    yield from _listed("skipped", [*skipped, *([f"and {more:,} more"] if more else [])])


def _listed(label: str, sentences: Sequence[str]) -> Iterable[tuple[str, str]]:
    for number, sentence in enumerate(sentences):
        yield "" if number else label, sentence


def _rows(counts: Sequence[tuple[str, str]]) -> Sequence[str]:
    """Characters and their counts, a few in each line, one under another."""
    cells = [set_cell_size(sign(character), 8) + f"{count:>6}" for character, count in counts]
    return ["   ".join(cells[at : at + _IN_A_ROW]) for at in range(0, len(cells), _IN_A_ROW)]
