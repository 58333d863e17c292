"""The dialog that adds a text: a file, a folder, a Gutenberg book by its number, or an address.

One field takes them all, and beneath it stands what was understood, how far it is, or what is wrong. It
does not know how a text is stored or fetched.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Footer, Input
from textual.worker import get_current_worker

from lstm_tui import files
from lstm_tui.app.figures import size
from lstm_tui.app.sentences import may_pass, sentence
from lstm_tui.app.underway import Underway
from lstm_tui.app.widgets.ask import Line, PathLine
from lstm_tui.app.widgets.gauge import Gauge
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.text import catalogue, library
from lstm_tui.text.decoding import Malformed

LOG = logging.getLogger(__name__)
Kind = Literal["nothing", "number", "address", "folder", "file"]

_ADVICE = (
    "A file or a folder of texts: a copy is kept, so that it may go. Or a book of Project Gutenberg by its "
    "number, or an https address: that is fetched."
)
# While somebody types, nothing is looked at.
_SETTLED_SECONDS = 0.2


class AddText(ModalScreen[None]):
    """See the module.

    Args:
        added: told of the text, be it after the dialog was left.
        what: fetched at once, where it is given.
        advice: what stands beneath the empty field.
    """

    DEFAULT_CSS = """
    AddText { align: center middle; background: $background 60%; }
    AddText Panel {
        width: 72; max-width: 100%; height: auto; padding: 1 2 0 2; border: round $primary; background: $background;
    }
    AddText Horizontal { height: 1; visibility: hidden; &.-folder { visibility: visible; } }
    AddText Horizontal Words { width: 9; color: $quiet; }
    AddText Horizontal Input { width: 1fr; }
    AddText #sentence { height: 5; color: $quiet; }
    AddText #sentence.wrong { color: $error; }
    AddText Gauge { padding: 0 1; }
    AddText Footer { dock: none; margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "call_off", "Cancel", id="add.cancel", key_display="Esc", tooltip="Call off what is done"),
        Binding("escape", "leave", "Leave it", id="add.leave", key_display="Esc", tooltip="Close, and add nothing"),
    ]

    def __init__(self, added: Callable[[library.Entry], None], what: str = "", advice: str = "") -> None:
        super().__init__()
        self._added = added
        self._what = what
        self._advice = f"{advice[:1].upper()}{advice[1:]}." if advice else _ADVICE
        self._work: Underway | None = None
        self._malformed = False

    def compose(self) -> ComposeResult:
        with Panel(title="add a text"):
            yield PathLine(self._what, "~/books/alice.txt, a folder, 11, or https://...", id="what")
            with Horizontal():
                yield Words("files")
                yield Line("*", "*.txt, or *.py *.md", id="pattern")
            yield Gauge()
            yield Words(self._advice, id="sentence")
            yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.set_interval(0.1, self._show_progress)
        if self._what:
            self._enter()

    # What is typed.

    @property
    def _typed(self) -> str:
        return self.query_one("#what", Input).value.strip().strip("'\"")

    @on(Input.Changed)
    def _understand(self) -> None:
        if self._work is None:
            self._malformed = False
            self._look(self._typed, self.query_one("#pattern", Input).value)

    @work(thread=True, group="look", exclusive=True, exit_on_error=False)
    def _look(self, what: str, pattern: str) -> None:
        """Say what it is, once nobody types any more."""
        app, worker = self.app, get_current_worker()
        time.sleep(_SETTLED_SECONDS)
        if worker.is_cancelled:
            return
        kind = kind_of(what)
        try:
            said = understood(kind, what, pattern or "*")
        except UserError as error:
            said = sentence(error)
        if not worker.is_cancelled:
            app.call_from_thread(self._understood, kind, said)

    def _understood(self, kind: Kind, said: str) -> None:
        if self.is_attached and self._work is None:
            self.query_one(Horizontal).set_class(kind == "folder", "-folder")
            self._say(said or self._advice)

    # Adding.

    @on(Input.Submitted)
    def _enter(self) -> None:
        if self._work is not None:
            return
        if not self._typed:
            self._say("Type a path, a number or an address.", wrong=True)
            return
        self.workers.cancel_group(self, "look")
        self._work = Underway()
        self._say("")
        self.refresh_bindings()
        self._add(self._typed, self.query_one("#pattern", Input).value.strip(), self._malformed, self._work)

    @work(thread=True, group="add", exit_on_error=False)
    def _add(self, what: str, pattern: str, malformed: bool, work: Underway) -> None:
        app = self.app  # a dialog that was left since does not know it any more
        kind = kind_of(what)
        text = {"malformed": "true"} if malformed else {}
        if kind == "folder" and pattern not in {"", "*"}:
            text["pattern"] = pattern
        try:
            entry = bring(kind, what, text, work.tell)
        except UserError as error:
            app.call_from_thread(self._refused, error)
        except Exception as error:
            LOG.exception("adding a text")
            app.call_from_thread(self._refused, UserError(f"{what} could not be read ({error})."))
        else:
            app.call_from_thread(self._done, entry)

    def _refused(self, error: UserError) -> None:
        self._work = None
        self._malformed = isinstance(error, Malformed)
        if not self.is_attached:
            return
        self.refresh_bindings()
        again = "\n\nEnter reads it." if self._malformed else "\n\nEnter tries again." if may_pass(error) else ""
        if isinstance(error, Cancelled):
            self._say("It was called off; nothing was added.")
        else:
            self._say(f"{sentence(error)}{again}", wrong=True)

    def _done(self, entry: library.Entry) -> None:
        self._work = None
        self._added(entry)
        if self.app.screen is self:  # or somebody else's dialog would be closed
            self.dismiss()
        elif self.is_attached:
            self._say(f"{entry.title} is among your texts.")

    # Showing.

    def _say(self, sentence: str, wrong: bool = False) -> None:
        if self.is_attached:
            shown = self.query_one("#sentence", Words)
            shown.set_class(wrong, "wrong")
            shown.show(sentence)

    def _show_progress(self) -> None:
        if self._work is None:
            self.query_one(Gauge).show("", 0.0)
        elif self._work.off:
            self.query_one(Gauge).show("calling it off", self._work.now[1])
        else:
            doing, share = self._work.now
            self.query_one(Gauge).show(doing or "beginning", share)

    # Leaving.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc calls off what is being done; once more, or where nothing is, it closes."""
        working = self._work is not None and not self._work.off
        return {"call_off": working, "leave": not working}.get(action, True)

    def action_call_off(self) -> None:
        if self._work is not None:
            self._work.off = True
            self.refresh_bindings()

    def on_unmount(self) -> None:
        self.action_call_off()  # the program would not end before it

    def action_leave(self) -> None:
        self.dismiss()


def kind_of(what: str) -> Kind:
    """What was typed."""
    path = files.typed_path(what)
    if what and files.is_folder(path):
        return "folder"
    if what and files.is_file(path):
        return "file"
    if catalogue.number(what) is not None:
        return "number"
    return "address" if catalogue.is_address(what) else "nothing"


def understood(kind: Kind, what: str, pattern: str) -> str:
    """A sentence on what would be added; empty where that is not known yet."""
    match kind:
        case "number":
            known = {str(book.number): f"{book.title}, {book.author}" for book in catalogue.BOOKS}
            title = f" ({known[what]})" if what in known else ""
            return f"Book {what} of Project Gutenberg{title}, fetched from {catalogue.address(what)[0]}."
        case "address":
            return f"Fetched from there, as {catalogue.address(what)[1]}."
        case "file":
            return f"A file of {size(files.size(files.typed_path(what)))} bytes."
        case "folder":
            path = files.typed_path(what).absolute()
            taken = library.parts(library.Entry(path.name, path.name, "", 0, "given", (path,)), pattern)
            whole, count = size(sum(part.size for part in taken.parts)), len(taken.parts)
            match = f"{count:,} files match" if count > 1 else "1 file matches"
            return f"A folder: {match}, {whole} bytes; what is no text among them is left out. Each file is a document."
    return ""


def bring(kind: Kind, what: str, text: dict[str, str], tell: Tell) -> library.Entry:
    """Add it to the library.

    Raises:
        UserError: where it cannot be read or fetched; Malformed, Cancelled.
    """
    if kind in {"number", "address"}:
        from lstm_tui.text import download

        return download.fetch(what, tell, text)
    return library.add(Path(what), text, tell=tell)
