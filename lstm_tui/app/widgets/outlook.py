"""The box that says what would be trained: how large, on how much text, and how long it takes on the device.

At most one thread reads the text; it goes on until it has answered the last question. Another one measures, a
moment after the last key, while nothing is being trained on that device. It knows no form and no recipe.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import get_current_worker

from lstm_tui.app import outlook
from lstm_tui.app.outlook import Weighed
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words, readable
from lstm_tui.errors import UserError
from lstm_tui.fields import nest
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.recipes import Figures

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui
    from lstm_tui.app.widgets.frame import Frame
    from lstm_tui.jobs.preparing import Preview
    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry

_PREPARING = "preparing"
# What takes longer than this does not leave the figures of the settings before on the screen.
_STALE_SECONDS = 0.3
# Nothing is measured before the values have stood still so long.
_SETTLED_SECONDS = 0.5
_WRONG = "no figures while a value is wrong"
# What a preview is made of: when it is not this any more, it is made anew.
Asked = tuple["Entry", "str | Run", dict[str, str | None]]
Plan = Callable[[Asked, Tell], "Preview"]


def plan(asked: Asked, tell: Tell) -> "Preview":
    """Read the text and say what would be trained."""
    from lstm_tui.jobs.preparing import plan_for

    entry, origin, overrides = asked
    return plan_for(entry, origin, nest(overrides), tell=tell)


def weigh(preview: "Preview", device: str) -> Weighed:
    """What it would take of a device's memory, and what would fit where it is too much."""
    from lstm_tui.jobs.memory import free_memory
    from lstm_tui.lstm.size import memory_needed, what_would_fit

    config, kinds, tokens = preview.config, preview.vocabulary, preview.train_tokens + preview.validation_tokens
    needed, free = memory_needed(config, kinds, tokens, device), free_memory(device)
    if free is None or needed <= free:
        return Weighed(device, needed, free)
    return Weighed(device, needed, free, what_would_fit(config, kinds, tokens, free, device))


def known(preview: "Preview", device: str) -> float | None:
    """Seconds of a training step on a device, where they were measured before."""
    from lstm_tui.jobs import probing

    return probing.known(preview.config, preview.vocabulary, device)


def measure(preview: "Preview", device: str, stopped: Callable[[], bool]) -> float:
    """Seconds of a training step on a device."""
    from lstm_tui.jobs.probing import step_seconds

    return step_seconds(preview.config, preview.parameters, preview.vocabulary, device, stopped)


class Outlook(Panel):
    """See the module."""

    # Tests put their own here: measuring loads PyTorch.
    weigh = staticmethod(weigh)
    known = staticmethod(known)
    measure = staticmethod(measure)

    class Read(Message):
        """The text was read: a recipe may fit itself to it."""

        def __init__(self, figures: Figures) -> None:
            super().__init__()
            self.figures = figures

    def __init__(self, plan: Plan, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._plan = plan
        self._wanted: Asked | None = None
        self._answered: Asked | None = None
        self._planning = False
        self._asked_at = 0.0
        self._reading = ("", 0.0)
        self._answer: Preview | str = ""
        self._measured: tuple[Preview, str, bool] | None = None
        self._weighed: Weighed | None = None
        self._pace = ""
        self._held = False

    def compose(self) -> ComposeResult:
        yield Words(id="plan")

    def on_mount(self) -> None:
        cast("Frame", self.screen).every(_STALE_SECONDS, self.look)

    @property
    def tui(self) -> "LstmTui":
        return cast("LstmTui", self.app)

    @property
    def warning(self) -> str:
        """A sentence where the memory of the device cannot hold what is asked for now; else empty."""
        return self._weighed.warning if self._weighed and self._answered == self._wanted else ""

    # What it would be.

    def ask(self, wanted: Asked, anew: bool) -> None:
        """Say what these would be; `anew`: the text's file may be another now."""
        held, self._held = self._held, False
        if wanted == self._wanted and not anew:
            if held:
                self.look()
            return
        if self._wanted is None or wanted[0] != self._wanted[0]:
            self._answer = ""  # of another text
        self._wanted = wanted
        if not self._planning:
            self._planning, self._asked_at = True, time.monotonic()
            self._work_out()

    def hold(self) -> None:
        """Say nothing of what was asked last: what is typed now is wrong, and cannot be worked out."""
        if not self._held:
            self._held = True
            self.look()

    @work(thread=True, group="plan", exit_on_error=False)
    def _work_out(self) -> None:
        answer: Preview | BaseException | None = None
        asked = None
        while asked != self._wanted:
            asked = self._wanted
            try:
                answer = self._plan(asked, self._teller(asked)) if asked else None
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
            self.post_message(self.Read(Figures(answer.train_tokens, answer.vocabulary)))
        if asked != self._wanted:
            self._planning = True
            self._work_out()
        else:
            self._answered = asked
        self.look()

    # What it would take.

    def _weigh_anew(self) -> None:
        """Where settings, device, or who uses it are others than those that were measured."""
        answer, device = self._answer, self.tui.device
        if isinstance(answer, str) or device is None or self._planning or self._held:
            return
        busy = self._busy(device.name)
        before, self._measured = self._measured, (answer, device.name, busy)
        if before != self._measured:
            if before is None or before[:2] != self._measured[:2]:
                self._pace, self._weighed = "", None
            self._take_measure(answer, device.name, busy)

    def _busy(self, device: str) -> bool:
        """Whether a run is being trained on a device; one that is being prepared has none yet."""
        source = self.tui.source
        return source.busy and source.snapshot().device in ("", device)

    @work(thread=True, group="measure", exclusive=True, exit_on_error=False)
    def _take_measure(self, preview: "Preview", device: str, busy: bool) -> None:
        worker, app = get_current_worker(), self.tui

        def stopped() -> bool:
            return worker.is_cancelled or self._busy(device)

        def told(weighed: Weighed | None, pace: str) -> None:
            if not worker.is_cancelled:
                app.call_from_thread(self._told, weighed, pace)

        weighed = None
        try:
            weighed = self.weigh(preview, device)
            if busy:
                told(weighed, f"an epoch: timed when nothing trains on {device}")
                return
            if weighed.too_large:
                told(weighed, "")
                return
            seconds = self.known(preview, device)
            if seconds is None:
                told(weighed, "measuring how long an epoch takes")
                until = time.monotonic() + _SETTLED_SECONDS
                while time.monotonic() < until and not stopped():
                    time.sleep(0.05)
                seconds = self.measure(preview, device, stopped)
            told(weighed, outlook.pace(preview, seconds))
        except Cancelled:
            told(weighed, "")
        except Exception as error:
            told(weighed, str(error) if isinstance(error, UserError) else "an epoch's time could not be measured")

    def _told(self, weighed: Weighed | None, pace: str) -> None:
        self._weighed, self._pace = weighed, pace
        self.look()

    # What is shown.

    def look(self) -> None:
        """The last answer, and the device, whose name comes later than the first picture."""
        self._weigh_anew()
        stale = self._planning and time.monotonic() - self._asked_at > _STALE_SECONDS
        shown, answer, device = self.query_one("#plan", Words), "" if stale else self._answer, self.tui.device
        auto = "auto: " if self.tui.choice.device == "auto" else ""
        why = f" ({device.reason})" if device and auto else ""
        on_device = [f"{auto}{self.tui.device_words}{why}", *([device.warning] if device and device.warning else [])]
        wrong = f"bold {self.app.theme_variables['error']}"
        if self._held:
            shown.show(Text("\n").join([Text(_WRONG), *map(Text, map(readable, on_device))]))
            return
        if isinstance(answer, str):
            doing, share = self._reading
            reading = f"{doing}, {share * 100:.0f} %" if doing else "reading the text" if self._planning else ""
            first = Text(readable(answer or reading), style=wrong if answer else "")
            shown.show(Text("\n").join([first, *map(Text, map(readable, on_device))]))
            return
        warning = self.warning
        lines = [outlook.size(answer, self._weighed), outlook.text(answer), self._pace, *on_device, *answer.notes]
        texts = [Text(warning, style=wrong)] if warning else []
        shown.show(Text("\n").join([*texts, *(Text(readable(line)) for line in lines if line)]))


def _text(asked: Asked) -> Asked:
    """What decides how the text is read."""
    entry, origin, overrides = asked
    return entry, origin, {path: value for path, value in overrides.items() if path.startswith("text.")}
