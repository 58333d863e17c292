"""How one text is read and cleaned: the settings that belong to it, and what they make of it, before and after.

The beginning is shown at once; what each step takes out of the whole is worked out behind it. What the
steps are is RunConfig's and `text/cleaning.py`'s affair.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from lstm_tui import files
from lstm_tui.app import looking
from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.app.keys import key
from lstm_tui.app.underway import Underway
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.draft_form import DraftForm
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.gauge import Gauge
from lstm_tui.app.widgets.long_text import LongText
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.rows import Item
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text.corpus import Preview
from lstm_tui.text.library import Entry

_STEPS = ("gutenberg", "repair", "nfc", "ascii", "lower", "letters", "blank_lines")
_READING = ("encoding", "malformed")
# While somebody changes several settings, the whole text is not read for each.
_SETTLED_SECONDS = 0.4
_WIDE = 110
_NOTHING = "Nothing is taken out or changed."


class CleanText(Frame):
    """See the module.

    Args:
        keep: told of the settings, as they would be typed, when they shall belong to the text.
    """

    NUMBER = 1
    TITLE_WORD = "cleaning"
    DEFAULT_CSS = """
    CleanText #settings { width: 30; }
    CleanText.-wide #settings { width: 42; }
    CleanText #help-box { height: 7; color: $quiet; }
    CleanText #help.wrong { color: $error; }
    CleanText #both { layout: vertical; height: 1fr; }
    CleanText.-wide #both { layout: horizontal; }
    CleanText #both Panel { height: 1fr; width: 1fr; }
    CleanText #before { color: $quiet; }
    CleanText #removed-box { height: 7; }
    CleanText.-tall #removed-box { height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "reset", "Reset", "This setting as it is for any text", "clean.reset", "r"),
        key("s", "keep", "Keep", "Keep these settings with the text", "clean.keep", "s"),
        key("escape", "leave", "Back", "Back to the texts", "clean.leave", "Esc"),
        key("t", "train", "Train", "Keep these settings, and train this text", "clean.train", "t"),
        key("f5", "train", "Train", "Keep these settings, and train this text", "clean.f5"),
    ]

    # Tests put their own here.
    beginning = staticmethod(looking.beginning)
    removed = staticmethod(looking.removed)

    def __init__(self, entry: Entry, keep: Callable[[dict[str, str]], object]) -> None:
        super().__init__()
        self._entry, self._keep = entry, keep
        self._paths = _paths(entry)
        overrides: dict[str, str | None] = {f"text.{name}": value for name, value in entry.text}
        self._draft = Draft(_checked, {path: value for path, value in overrides.items() if path in FIELDS})
        self._shown: dict[str, str] | None = None
        self._work = Underway()

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="settings"):
                with Panel(title=one_line(self._entry.title), classes="-open"):
                    yield DraftForm(self._draft, empty="none")
                with Panel(id="help-box", classes="-joined"):
                    yield Words(id="help")
            with Vertical():
                with Horizontal(id="both"):
                    with Panel(title="before", classes="-open"):
                        yield LongText(id="before")
                    with Panel(title="after", id="after-box", classes="-open -joined"):
                        yield LongText(id="after")
                with Panel(title="what was taken out or changed", id="removed-box", classes="-joined"):
                    yield Gauge()
                    yield Words(id="removed")

    def on_mount(self) -> None:
        self.query_one(Form).focus()
        self._look()
        self.every(0.2, self._show_progress)

    def on_resize(self, event: events.Resize) -> None:
        # Where both stand side by side, neither is joined to the other.
        self.query_one("#after-box").set_class(event.size.width < _WIDE, "-joined")

    def on_unmount(self) -> None:
        self._work.off = True

    # Settings.

    @property
    def text(self) -> dict[str, str]:
        """The settings that differ from any text's, as they would be typed."""
        changed = {path: self._draft.overrides.get(path) for path in self._draft.changed}
        return {path.removeprefix("text."): value for path, value in changed.items() if value is not None}

    def _items(self) -> list[Item]:
        known = self._draft.items({path: FIELDS[path] for path in self._paths})
        return [Item(item.path, "", item.label, item.value, item.was, item.wrong, item.choices) for item in known]

    @on(DraftForm.Changed)
    def _look(self) -> None:
        """Show the settings, and have shown what they do."""
        self.query_one(Form).show(self._items())
        self._show_help()
        self.refresh_bindings()
        if self._draft.problems or self.text == self._shown:
            return
        self._shown = self.text
        self._work.off = True
        self._work = Underway(("reading", 0.0))
        self._read(looking.with_text(self._entry, self.text), self._work)

    @on(Form.Moved)
    def _show_help(self) -> None:
        path = self.query_one(Form).path
        wrong = self._draft.problems.get(path or "", "")
        shown = self.query_one("#help", Words)
        shown.set_class(bool(wrong), "wrong")
        shown.show(wrong or (FIELDS[path].help if path else ""))

    def action_reset(self) -> None:
        path = self.query_one(Form).path
        if path:
            self._draft.reset(path)
            self._look()

    # What they do.

    @work(thread=True, group="clean", exit_on_error=False)
    def _read(self, entry: Entry, work: Underway) -> None:
        """The beginning at once; the whole, once nothing is changed any more."""
        app = self.app
        try:
            app.call_from_thread(self._show_beginning, work, self.beginning(entry))
            time.sleep(_SETTLED_SECONDS)
            work.tell("reading", 0.0)
            notes = list(self.removed(entry, work.tell))
        except Cancelled:
            return
        except UserError as error:
            app.call_from_thread(self._show_removed, work, [str(error)], True)
        except Exception as error:
            app.call_from_thread(self.tui.report, error)
        else:
            app.call_from_thread(self._show_removed, work, notes, False)

    def _show_beginning(self, work: Underway, preview: Preview) -> None:
        if work is self._work and self.is_attached:
            self.query_one("#before", LongText).read(preview.before)
            self.query_one("#after", LongText).read(preview.text)

    def _show_removed(self, work: Underway, sentences: list[str], wrong: bool) -> None:
        if work is self._work and self.is_attached:
            work.now = ("", 0.0)
            shown = self.query_one("#removed", Words)
            shown.set_class(wrong, "wrong")
            shown.show("\n".join(sentences) or _NOTHING)
            if wrong:
                self.query_one("#after", LongText).read("")
            self._show_progress()

    def _show_progress(self) -> None:
        doing, share = self._work.now
        gauge = self.query_one(Gauge)
        gauge.display = bool(doing)
        self.query_one("#removed", Words).display = not doing
        gauge.show(doing, share)

    # Leaving.

    @property
    def _changed(self) -> bool:
        return self.text != dict(self._entry.text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (True if self._changed else None) if action == "keep" else True

    def action_keep(self) -> bool:
        for message in self._draft.problems.values():
            self.tui.say(message, wrong=True)
            return False
        if self._changed:
            self._keep(self.text)
        self.dismiss()
        return True

    def action_train(self) -> None:
        if self.action_keep():
            self.tui.take(looking.with_text(self._entry, self.text))
            self.tui.start_training()

    def action_leave(self) -> None:
        if not self._changed:
            self.dismiss()
            return
        answers = {"s": "Keep it so", "n": "As it was", "escape": "Stay here"}
        question = Question(f"Read {one_line(self._entry.title)} so from now on?", answers)

        def answered(answer: str | None) -> None:
            if answer == "s":
                self.action_keep()
            elif answer == "n":
                self.dismiss()

        self.app.push_screen(question, answered)


def _checked(overrides: Mapping[str, Any]) -> RunConfig:
    return check(overrides)


def _paths(entry: Entry) -> list[str]:
    """The settings that have a meaning for this text: steps of cleaning, then how it is read."""
    names = [*_STEPS, *_READING]
    if looking.is_table(entry):
        names.append("column")
    if any(files.is_folder(path) for path in entry.paths):
        names.append("pattern")
    if len(entry.paths) > 1 or {"column", "pattern"} & set(names):
        names.append("separator")
    return [f"text.{name}" for name in names]
