"""Configure: a recipe or a run to begin from, what is changed in it, and what that will be trained as.

What it changes is the app's `choice`, which F5 trains from anywhere. It knows neither how a text is read
nor what a field does; the form, its checks and its help all come from RunConfig.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList

from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.origins import Origins, about
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.picker import Pick, Picker
from lstm_tui.app.widgets.words import Words
from lstm_tui.config import ConfigError, RunConfig, check
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.fields import nest, typed
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.recipes import Figures, find
from lstm_tui.runs import parents
from lstm_tui.text.library import Entry

if TYPE_CHECKING:
    from lstm_tui.devices import Device
    from lstm_tui.jobs.preparing import Preview
    from lstm_tui.runs.run import Run

_PREPARING = "preparing"
# What takes longer than this does not leave the figures of the settings before on the screen.
_STALE_SECONDS = 0.3
# What a preview is made of: when it is not this any more, it is made anew.
Asked = tuple[Entry, "str | Run", dict[str, str | None]]


def plan(asked: Asked, tell: Tell) -> "Preview":
    """Read the text and say what would be trained."""
    from lstm_tui.jobs.preparing import plan_for

    entry, origin, overrides = asked
    return plan_for(entry, origin, nest(overrides), tell=tell)


def devices() -> "Sequence[Device]":
    """The devices that can be chosen, the one that `auto` takes first."""
    from lstm_tui.devices import available

    return available()


class ConfigureScreen(Frame):
    """See the module."""

    NUMBER = 2
    TITLE_WORD = "Configure"
    FIGURES = ("parameters", "memory", "steps an epoch", "seconds an epoch", "characters", "held out", "kinds")
    DEFAULT_CSS = """
    ConfigureScreen #recipe-side { width: 27; }
    ConfigureScreen.-wide #recipe-side { width: 40; }
    ConfigureScreen #recipes-box { height: auto; }
    ConfigureScreen #recipes { height: auto; border: none; padding: 0; background: transparent; }
    ConfigureScreen #summary-box { height: 1fr; color: $quiet; }
    ConfigureScreen #help-box { height: 4; }
    ConfigureScreen #help.wrong { color: $error; }
    ConfigureScreen #plan-box { height: auto; min-height: 5; max-height: 9; color: $quiet; }
    ConfigureScreen #plan.wrong { color: $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reset", "Reset", id="configure.reset", tooltip="This setting as the recipe or run has it"),
        Binding(
            "R",
            "reset_all",
            "Reset all",
            id="configure.reset-all",
            tooltip="All as the recipe or run has them",
        ),
        Binding("v", "device", "Device", id="configure.device", tooltip="Choose what the run is trained on"),
        Binding("t", "train", "Train", id="configure.train", tooltip="Train the chosen text with these settings"),
        Binding(
            "f5",
            "train",
            "Train",
            id="configure.f5",
            key_display="F5",
            tooltip="Train the chosen text with these settings",
        ),
    ]

    # Tests put their own here: reading a text and asking for devices load PyTorch.
    plan = staticmethod(plan)
    devices = staticmethod(devices)

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self._before: dict[str, str | None] | None = None
        self._wanted: Asked | None = None
        self._planning = False
        self._asked_at = 0.0
        self._reading = ("", 0.0)
        self._answer: Preview | str = ""

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="recipe-side"):
                with Panel(title="recipes", id="recipes-box", classes="-open"):
                    yield Origins(id="recipes")
                with Panel(id="summary-box", classes="-joined"):
                    yield Words(id="summary")
            with Vertical():
                with Panel(id="form-box", classes="-open"):
                    yield Form(opened=("model",))
                with Panel(id="help-box", classes="-open -joined"):
                    yield Words(id="help")
                with Panel(id="plan-box", classes="-joined"):
                    yield Words(id="plan")

    def on_mount(self) -> None:
        self._draft = Draft(self._base, self.tui.choice.overrides)
        if self.size.height > 40:
            self.form.open("batches", "budget")
        self._take_up()
        self.form.focus()
        self.call_after_refresh(self.form.put, "model.hidden")
        self.every(_STALE_SECONDS, self._show_plan)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._take_up()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def _base(self, overrides: Mapping[str, Any]) -> RunConfig:
        """The recipe or run, over it what belongs to the text, over that what is typed."""
        choice, entry = self.tui.choice, self.tui.choice.entry
        try:
            check({"text": typed(entry.text)})
        except ConfigError:  # a file beside the text was written by hand; training says what is wrong
            entry = replace(entry, text=())
        if choice.parent:
            return parents.settings(choice.parent, entry, overrides)
        return find(choice.recipe).config(self._figures, {"text": typed(entry.text)}, overrides)

    def _take_up(self) -> None:
        """Begin with the app's choice as it is now: the text, or the run to begin from, may be another one."""
        self.query_one(Origins).put(self.tui.choice.origin)
        self._draft.rebase(self._base)
        self._look(anew=True)

    def _look(self, anew: bool = False) -> None:
        """Show the choice, and have worked out what it means; `anew`: its text's file may be another now."""
        choice, draft = self.tui.choice, self._draft
        count = len(draft.changed)
        changed = f", {count} changed" if count else ""
        title = no_control_characters(f"{choice.entry.title}, {choice.origin_words}{changed}", keep="")
        self.query_one("#form-box", Panel).entitle(title)
        self.form.show(draft.items())
        self._show_help()
        if not draft.problems:
            self._plan(anew)

    # Recipes.

    @on(OptionList.OptionHighlighted)
    def _origin_highlighted(self) -> None:
        # The cursor itself is asked: when a message is read, the list may be another.
        origin, choice = self.query_one(Origins).chosen, self.tui.choice
        if origin is None:
            return
        title, summary = about(origin)
        self.query_one("#summary-box", Panel).entitle(no_control_characters(title, keep=""))
        self.query_one("#summary", Words).show(summary)
        if origin != choice.origin:
            choice.begin_from(origin)
            self._draft.rebase(self._base)
            self._look()

    @on(OptionList.OptionSelected)
    def _to_settings(self) -> None:
        self.form.focus()

    @on(Form.Escaped)
    def _to_recipes(self) -> None:
        self.query_one(Origins).focus()

    # Settings.

    @on(Form.Moved)
    def _show_help(self) -> None:
        path, section = self.form.path, self.form.section
        wrong = self._draft.problems.get(path or "", "")
        shown = self.query_one("#help", Words)
        self.query_one("#help-box", Panel).entitle(FIELDS[path].label if path else section)
        shown.set_class(bool(wrong), "wrong")
        info = RunConfig.model_fields.get(section)
        about = FIELDS[path].help if path else (getattr(info and info.annotation, "__doc__", "") or "")
        shown.show(wrong or about)

    @on(Form.Stepped)
    def _stepped(self, message: Form.Stepped) -> None:
        self._draft.step(message.path, message.direction)
        self._look()

    @on(Form.Typed)
    def _typed(self, message: Form.Typed) -> None:
        if self._before is None:
            self._before = dict(self._draft.overrides)
        self._draft.set(message.path, message.text)
        self._look()

    @on(Form.Closed)
    def _field_left(self, message: Form.Closed) -> None:
        if self._before is not None and not message.kept:
            self._draft.restore(self._before)
        self._before = None
        self._look()

    def action_reset(self) -> None:
        path, section = self.form.path, self.form.section
        paths = [path] if path else [leaf.path for leaf in FIELDS.values() if leaf.section == section]
        self._draft.reset(*paths)
        self._look()

    def action_reset_all(self) -> None:
        self._draft.reset(*FIELDS)
        self._look()

    def action_train(self) -> None:
        for path, message in self._draft.problems.items():
            self.form.put(path)
            self.tui.say(message, wrong=True)
            return
        self.tui.start_training()

    # What it would be. At most one thread reads the text; it goes on until it has answered the last question.

    def _plan(self, anew: bool) -> None:
        choice = self.tui.choice
        wanted = (choice.entry, choice.origin, dict(choice.overrides))
        if wanted == self._wanted and not anew:
            return
        if self._wanted is None or wanted[0] != self._wanted[0]:
            self._answer = ""  # of another text
        self._wanted = wanted
        if not self._planning:
            self._planning, self._asked_at = True, time.monotonic()
            self._work_out()

    @work(thread=True, group="plan", exit_on_error=False)
    def _work_out(self) -> None:
        answer: Preview | BaseException | None = None
        asked = None
        while asked != self._wanted:
            asked = self._wanted
            try:
                answer = self.plan(asked, self._teller(asked)) if asked else None
            except Exception as error:
                answer = error
            if not isinstance(answer, Cancelled):
                self._asked_at = time.monotonic()
        if asked and answer:
            self.app.call_from_thread(self._planned, asked, answer)

    def _teller(self, asked: Asked) -> Tell:
        """Says how far the reading of a text is; ends it where another is asked for, or training reads it itself."""

        def tell(doing: str, share: float) -> None:
            if _text(asked) != (self._wanted and _text(self._wanted)) or self.tui.source.snapshot().state == _PREPARING:
                raise Cancelled("Another text is asked for.")
            self._reading = doing, share

        return tell

    def _planned(self, asked: Asked, answer: "Preview | BaseException") -> None:
        self._planning = False
        if self._wanted and asked[0] != self._wanted[0]:  # the text is another by now
            self._planning = True
            self._work_out()
            return
        self._reading = ("", 0.0)
        if isinstance(answer, Cancelled):
            self._answer = ""
        elif isinstance(answer, UserError):
            self._answer = str(answer)
        elif isinstance(answer, BaseException):
            self._answer = "What it would be could not be worked out."
            self.tui.report(answer)
        else:
            self._answer = answer
            figures = Figures(answer.train_tokens, answer.vocabulary)
            if figures != self._figures:
                self._figures = figures
                self._draft.rebase(self._base)
                self._look()
        if asked != self._wanted:
            self._planning = True
            self._work_out()
        self._show_plan()

    def _show_plan(self) -> None:
        """The last answer, and the device, whose name comes later than the first picture."""
        stale = self._planning and time.monotonic() - self._asked_at > _STALE_SECONDS
        shown, answer, device = self.query_one("#plan", Words), "" if stale else self._answer, self.tui.device
        shown.set_class(isinstance(answer, str) and bool(answer), "wrong")
        doing, share = self._reading
        reading = f"{doing}, {share * 100:.0f} %" if doing else "reading the text"
        said = (answer or reading) if isinstance(answer, str) else _plan_text(answer)
        auto = "auto: " if self.tui.choice.device == "auto" else ""
        why = f" ({device.reason})" if device and auto else ""
        warning = f"\n{device.warning}" if device and device.warning else ""
        shown.show(f"{said}\n{auto}{self.tui.device_words}{why}{warning}")

    # The device.

    @work(thread=True, group="devices", exclusive=True, exit_on_error=False)
    def action_device(self) -> None:
        try:
            found = self.devices()
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
            return
        self.app.call_from_thread(self._choose_device, found)

    def _choose_device(self, found: "Sequence[Device]") -> None:
        if self.app.screen is not self:  # it took a while, and the person is elsewhere
            return
        first = found[0]
        picks = [Pick("auto", f"auto: {first.label}", f"Takes {first.name}: {first.reason}. {first.warning}".strip())]
        picks += [Pick(device.name, device.label, f"{device.reason}. {device.warning}".strip()) for device in found]
        self.app.push_screen(Picker("device", picks, self.tui.choice.device), self._take_device)

    def _take_device(self, name: str | None) -> None:
        if name is not None:
            self.tui.choose_device(name)


def _text(asked: Asked) -> Asked:
    """What decides how the text is read."""
    entry, origin, overrides = asked
    return entry, origin, {path: value for path, value in overrides.items() if path.startswith("text.")}


def _plan_text(preview: "Preview") -> str:
    """Two lines on what would be trained, and what would be left out of it."""
    dot = f" {glyphs().separator} "
    tokens = preview.config.text.tokens
    held_out = f"{preview.validation_tokens:,}" if preview.validation_tokens else "none"
    steps = f"{preview.steps_per_epoch:,.{0 if preview.steps_per_epoch >= 10 else 1}f}"
    lines = (
        f"{preview.parameters:,} parameters{dot}{steps} steps an epoch",
        f"{preview.train_tokens:,} {tokens}, {held_out} held out{dot}{preview.vocabulary:,} kinds",
        *preview.notes,
    )
    return "\n".join(lines)
