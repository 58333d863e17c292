"""What the model wrote while it learnt, one sample at a time, and what happened, as a log: two boxes that scroll."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words

_NONE_YET = "The first one comes when the model is first scored; g asks for one now."


class Scroll(VerticalScroll, can_focus=False):
    """Scrolled by the screen's keys; no stop of Tab."""


class SampleBox(Panel):
    """The newest sample; or the one that was gone back to, until the newest is come to again."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._seen = Snapshot()
        self._chosen: int | None = None  # counted from the run's first; None follows

    def compose(self) -> ComposeResult:
        with Scroll():
            yield Words()

    def show(self, seen: Snapshot) -> None:
        if seen.run != self._seen.run:
            self._chosen = None
        self._seen = seen
        self._draw()

    def go(self, by: int) -> None:
        """To an older one (-1) or a newer one (1)."""
        kept, newest = len(self._seen.samples), self._seen.sampled - 1
        if kept:
            at = newest if self._chosen is None else self._chosen
            at = min(max(at + by, newest - kept + 1), newest)
            self._chosen = None if at == newest else at
            self.query_one(Scroll).scroll_home(animate=False)
            self._draw()

    def scroll_by(self, lines: int) -> None:
        self.query_one(Scroll).scroll_relative(y=lines, animate=False)

    def _draw(self) -> None:
        seen, total = self._seen, max(self._seen.sampled, len(self._seen.samples))
        if not seen.samples:
            self.entitle("sample")
            self.note("")
            self.query_one(Words).show(_NONE_YET)
            return
        at = total - 1 if self._chosen is None else self._chosen
        sample = seen.samples[max(at - total, -len(seen.samples))]
        sampling = seen.config.sampling if seen.config else None
        how = (
            "" if sampling is None else ", greedy" if sampling.is_greedy else f", temperature {sampling.temperature:g}"
        )
        title = f"sample {at + 1:,} of {total:,}, step {sample.step:,}"
        self.entitle(title + how if len(title + how) + 6 <= self.size.width else title)
        newer = total - 1 - at
        self.note(f"{newer:,} newer: right" if newer else "older: left" if total > 1 else "")
        self.query_one(Words).show(sample.text)


class LogBox(Panel):
    """The last line stays in sight, until one scrolls up."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(title="what happened", id=id)
        self._follows = True
        self._log: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Scroll():
            yield Words()

    def on_resize(self) -> None:
        self.follow()  # it was hidden, or another part of it was seen

    def show(self, seen: Snapshot) -> None:
        if seen.log != self._log:
            self._log = seen.log
            self.query_one(Words).show("\n".join(seen.log))
            self.follow()

    def follow(self) -> None:
        if self._follows:
            self.query_one(Scroll).scroll_end(animate=False, immediate=False)

    def scroll_by(self, lines: int) -> None:
        scroll = self.query_one(Scroll)
        self._follows = scroll.scroll_offset.y + lines >= scroll.max_scroll_y
        scroll.scroll_relative(y=lines, animate=False)
