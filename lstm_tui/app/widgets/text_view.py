"""The text under the cursor: its figures, and how it begins; or why it cannot be read.

Reading and counting happen in threads, and what they need (pydantic, NumPy) is imported there, after the preview
stands. How a text is read and counted is not known here.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from lstm_tui.app.looking import Facts
from lstm_tui.app.sentences import sentence
from lstm_tui.app.shelf import offered
from lstm_tui.app.underway import Underway
from lstm_tui.app.widgets.about import About
from lstm_tui.app.widgets.long_text import LongText, Passage
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.text_list import Offer, Row
from lstm_tui.app.widgets.words import readable
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.text import library
from lstm_tui.text.decoding import Malformed

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui
    from lstm_tui.app.widgets.frame import Frame
    from lstm_tui.text.corpus import Preview

# Passing over texts with the arrows counts none of them.
_SETTLED_SECONDS = 0.2
_AGREE = "\n\nPress m to read it."

Beginning = Callable[[library.Entry], "Preview"]
Measure = Callable[[library.Entry, Tell, Callable[[Facts], None]], None]


class TextView(Vertical):
    """See the module.

    Args:
        beginning: how a text begins; a UserError of it stands in its place.
        measure: counts one, and tells what it finds as it comes.

    Attributes:
        facts: of the texts looked at so far.
        malformed: the text can be read once one agrees.
    """

    class Changed(Message):
        """More is known of the text, or that it cannot be read."""

    def __init__(self, beginning: Beginning, measure: Measure) -> None:
        super().__init__()
        self._beginning, self._measure = beginning, measure
        self.facts: dict[library.Entry, Facts] = {}
        self.malformed = self._wrong = False
        self._expected: dict[library.Entry, str] = {}
        self._row: Row | None = None
        self._work = Underway()
        self._told = ("", 0.0)

    def compose(self) -> ComposeResult:
        yield About()
        with Panel(title="text", classes="-joined"):
            yield LongText(id="beginning")

    def on_mount(self) -> None:
        cast("Frame", self.screen).every(0.2, self._show_progress)

    @property
    def _tui(self) -> "LstmTui":
        return cast("LstmTui", self.app)

    def expect(self, beginnings: dict[library.Entry, str]) -> None:
        """How texts begin that will be shown in a moment."""
        self._expected = beginnings

    def show(self, row: Row | None, otherwise: str = "") -> None:
        """Show that text or offer; without one, a sentence."""
        self.rest()
        self._row, self._work = row, Underway()
        self._wrong = self.malformed = False
        self._show_about()
        if row is None:
            self._show_words(otherwise)
        elif isinstance(row, Offer):
            self._show_words(offered(row))
        elif row in self._expected:
            self._begun(row, self._work, self._expected.pop(row))
        else:
            self._read(row, self._work)

    def again(self) -> None:
        """The screen is seen again: go on with what is not known yet."""
        if isinstance(self._row, library.Entry) and not self._is_known(self._row):
            self.show(self._row)
        else:
            self._show_about()

    def rest(self) -> None:
        """Call off what is being counted."""
        self._work.off = True

    def on_unmount(self) -> None:
        self.rest()  # the program would not end before it

    def on_resize(self) -> None:
        self._show_about()

    # Figures.

    def _show_about(self) -> None:
        if self._row is None:
            self.query_one(About).clear()
        else:
            facts = self.facts.get(self._row) if isinstance(self._row, library.Entry) else None
            self.query_one(About).show(self._row, facts, self._work.now, self._wrong)

    def _show_progress(self) -> None:
        if self._work.now != self._told:
            self._told = self._work.now
            self._show_about()

    def _is_known(self, entry: library.Entry) -> bool:
        """Whether nothing is left to find out; what lies in a folder of the person's may have changed since."""
        facts = self.facts.get(entry)
        return facts is not None and bool(facts.baselines or facts.why) and entry.group != "folders"

    @work(thread=True, group="measure", exclusive=True, exit_on_error=False)
    def _count(self, entry: library.Entry, work: Underway) -> None:
        app = self.app
        time.sleep(_SETTLED_SECONDS)
        try:
            work.tell("", 0.0)
            self._measure(entry, work.tell, lambda facts: app.call_from_thread(self._keep, entry, facts))
        except Cancelled:
            pass
        except Exception as error:
            app.call_from_thread(self._refused, work, error)
        finally:
            work.now = ("", 0.0)

    def _keep(self, entry: library.Entry, facts: Facts) -> None:
        self.facts[entry] = facts
        if self.is_attached and self.screen.is_current and entry == self._row:
            self._show_about()
            self.post_message(self.Changed())

    # Its beginning.

    @work(thread=True, group="preview", exclusive=True, exit_on_error=False)
    def _read(self, entry: library.Entry, work: Underway) -> None:
        app = self.app
        try:
            text = self._beginning(entry).text
        except Exception as error:
            app.call_from_thread(self._refused, work, error)
        else:
            app.call_from_thread(self._begun, entry, work, text)

    def _begun(self, entry: library.Entry, work: Underway, text: str) -> None:
        if work is not self._work or not self.is_attached:  # the cursor is elsewhere, or the program closes
            return
        self._show_words(text)
        self._tui.call_after_refresh(self._tui.first_picture_shown)
        if not self._is_known(entry):
            self.call_after_refresh(self._count, entry, work)  # it imports what is heavy

    def _refused(self, work: Underway, error: BaseException) -> None:
        """It cannot be read: the reason stands in its place."""
        if not isinstance(error, UserError):
            self._tui.report(error)
        elif work is self._work:
            self._wrong, self.malformed = True, isinstance(error, Malformed)
            self._show_about()
            self._show_words(f"{sentence(error)}{_AGREE if self.malformed else ''}", wrong=True)
            self.post_message(self.Changed())
        self._tui.call_after_refresh(self._tui.first_picture_shown)

    def _show_words(self, text: str, wrong: bool = False) -> None:
        beginning = self.query_one(LongText)
        beginning.set_class(wrong, "wrong")
        beginning.show([Passage(readable(text))])
