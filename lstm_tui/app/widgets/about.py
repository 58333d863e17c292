"""The figures of the text under the cursor: how much it is, the losses to beat, what was done to it.

What is not known yet is an ellipsis, or the share that is done; nothing moves when it comes.
"""

from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from lstm_tui.app.looking import Facts, is_table
from lstm_tui.app.widgets.gauge import gauge
from lstm_tui.app.widgets.glyphs import glyphs, overflow
from lstm_tui.app.widgets.panel import Figures, Panel, Row
from lstm_tui.app.widgets.signs import chart, signs
from lstm_tui.app.widgets.text_list import Offer
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.text import library

_RAREST_WIDTH = 14
# Two figures in a line; where it is narrower, only these and the n-gram's loss.
_ROOM_FOR_TWO, _NARROW = 46, {"characters", "kinds", "words"}


class About(Panel):
    """See the module."""

    DEFAULT_CSS = """
    About { height: auto; min-height: 9; }
    About Horizontal { height: auto; }
    About #numbers { height: auto; width: 1fr; max-width: 60; }
    About #chart { height: 2; }
    About #source { height: 2; color: $quiet; }
    About #done { display: none; width: 1fr; height: 6; margin-left: 3; color: $quiet; }
    """

    def __init__(self) -> None:
        super().__init__(id="about", classes="-open")

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="numbers"):
                yield Figures(columns=2)
                yield Words(id="chart")
            yield Words(id="done")
        yield Words(id="source")

    def show(self, row: library.Entry | Offer, facts: Facts | None, now: tuple[str, float], wrong: bool) -> None:
        """All that is known of it; `now` is what is being worked out (nothing: it waits); `wrong`: it cannot be."""
        self.entitle(one_line(row.title))
        offered = isinstance(row, Offer)
        figures, rows = self.query_one(Figures), [] if offered else _figures(facts, now, wrong)
        narrow = self.size.width < _ROOM_FOR_TWO
        figures.columns = 1 if narrow else 2
        figures.show([row for row in rows if row[0] in _NARROW or "gram" in row[0]] if narrow else rows)
        said = said_of(row, facts)
        self.query_one("#source", Words).show(one_line(", ".join(said)))
        self.query_one("#done", Words).show("\n".join(map(one_line, said)))
        self.query_one("#chart", Words).display = not offered
        if facts:
            self.query_one("#chart", Words).show(self._chart(facts))
        else:
            self.query_one("#chart", Words).show(gauge(*now, self.app.theme_variables) if now[0] else "")

    def clear(self) -> None:
        """Nothing is under the cursor."""
        self.entitle("")
        self.query_one(Figures).show([])
        for words in self.query(Words):
            words.show("")

    def _chart(self, facts: Facts) -> Text:
        width = self.query_one("#numbers").content_size.width
        colours = self.app.theme_variables
        bars, letters = chart(facts.figures.frequent, width - _RAREST_WIDTH, colours["primary"])
        room = max(width - _RAREST_WIDTH, 0)
        for line in (bars, letters):
            line.pad_right(room - line.cell_len)
        rarest = signs(facts.figures.rarest, _RAREST_WIDTH)
        return Text.assemble(
            bars, ("rarest", colours["quiet"]), "\n", letters, rarest, no_wrap=True, overflow=overflow()
        )


def said_of(row: library.Entry | Offer, facts: Facts | None) -> list[str]:
    """What was found and done, then where it comes from; where its copy is kept is not worth the room."""
    if isinstance(row, Offer):
        return [row.about]
    found = (facts.figures.encoding, *facts.figures.notes, facts.why) if facts else ()
    table = "a table: c chooses a column of it" if is_table(row) and "column" not in dict(row.text) else ""
    copied = row.group == "yours" and Path(row.about).is_absolute()
    return [words for words in (*found, table, "" if copied else row.about) if words]


def _figures(facts: Facts | None, now: tuple[str, float], wrong: bool) -> list[Row]:
    """Four lines of two."""
    unknown, figures, losses = "n/a" if wrong else glyphs().ellipsis, facts and facts.figures, facts and facts.baselines
    sizes = [f"{getattr(figures, name):,}" if figures else unknown for name in ("characters", "kinds", "words")]
    if losses:
        ngram = "none" if losses.ngram is None else f"{losses.ngram:.3f}"
        beat = [f"{losses.uniform:.3f}", f"{losses.letters:.3f}", ngram]
    elif facts and facts.why:
        beat = ["n/a"] * 3
    else:
        share = f"{now[1] * 100:.0f} %" if facts and now[0] else unknown
        beat = [unknown, unknown, share]
    single, ngrams = (losses.single, losses.name) if losses else ("letters", "5-gram")
    rows: list[Row] = []
    for label, size, name, loss in zip(
        ("characters", "kinds", "words"), sizes, ("uniform", single, ngrams), beat, strict=True
    ):
        rows += [(label, size), (f"to beat: {name}", loss)]
    longest = f"{figures.longest_line:,}" if figures else unknown
    return [*rows, ("lines", f"{figures.lines:,}" if figures else unknown), ("longest line", longest)]
