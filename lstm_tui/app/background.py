"""The App behind its screens: what it loads and writes in threads, what it remembers, and how it says something.

Nothing heavy is imported before the first picture stands.
"""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import work
from textual.filter import LineFilter
from textual.worker import get_current_worker

from lstm_tui.app import announcing, garbage, since
from lstm_tui.app.choice import Choice
from lstm_tui.app.first_look import FirstLook
from lstm_tui.app.leaving import LeavingApp
from lstm_tui.app.memory import Memory
from lstm_tui.app.source import Source
from lstm_tui.app.widgets.glyphs import is_ascii
from lstm_tui.app.widgets.plain import StandIns
from lstm_tui.errors import UserError, no_control_characters

if TYPE_CHECKING:
    from lstm_tui.devices import Device

LOG = logging.getLogger(__name__)
# What changes at every key is written once.
_SETTLED_SECONDS = 0.3


class BackgroundApp(LeavingApp):
    """See the module.

    Attributes:
        choice: what F5 would train.
        device: what it would be trained on; None while PyTorch is loaded, and where there is none.
        first_look: what the first screen shows, read ahead.
        last_seen: when the app was open before; None at the first start.
        news: what has happened since, until another screen is shown.
    """

    def __init__(self, source: Source, plain: bool = False) -> None:
        super().__init__(source, plain)
        self.memory = Memory()
        self.choice = Choice.remembered(self.memory)
        self.device: Device | None = None
        self.last_seen = since.last_seen()
        self.news: since.News | None = None
        self._loading = False
        self._no_device = "loading PyTorch"
        self._announcer = announcing.Announcer(self)
        self._stand_ins = StandIns()

    def on_load(self) -> None:
        self.first_look = FirstLook(self.memory.get("corpus", self.choice.entry.name))

    def on_mount(self) -> None:
        self.set_interval(announcing.SECONDS, self._announcer.look)

    def on_unmount(self) -> None:
        self._announcer.close()
        with suppress(UserError):  # it was said when it was to be written
            self.memory.write()
        if not self.called_off:
            since.seen()

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, self._stand_ins] if is_ascii() else filters

    # After the first picture.

    def first_picture_shown(self) -> None:
        """The Corpus screen calls this once its list and preview stand: now the heavy parts may come."""
        if not self._loading:
            self._loading = True
            garbage.opened()
            self.choose_device(self.choice.device)
            self._look_back()

    @work(thread=True, group="since", exit_on_error=False)
    def _look_back(self) -> None:
        """What has happened since the app was last open."""
        if self.last_seen is None:
            since.seen()  # from now on, there is a time before
            return
        try:
            found = since.news(since.happened(self.last_seen), time.time())
        except Exception:
            LOG.exception("looking back")
        else:
            self.call_from_thread(self._tell_news, found)

    def _tell_news(self, news: "since.News | None") -> None:
        if self.current_mode == self.DEFAULT_MODE:  # its key is that screen's
            self.news = news

    @work(thread=True, group="load", exclusive=True, exit_on_error=False)
    def choose_device(self, name: str) -> None:
        """Train on that device from now on (`auto`: the best there is). Loads PyTorch at the first call."""
        try:
            with garbage.importing():
                import lstm_tui.app.screens.configure
                import lstm_tui.app.screens.generate
                import lstm_tui.app.screens.runs
                import lstm_tui.app.screens.train
                import lstm_tui.jobs.training  # noqa: F401  (what a first F5 would wait for)
                from lstm_tui import devices

            try:
                device = devices.choose(name)
            except UserError as error:
                if self.device is not None:
                    raise
                self.call_from_thread(self.report, error)  # the one remembered is not there any more
                name, device = "auto", devices.choose("auto")
        except Exception as error:
            self._no_device = "no device"
            self.call_from_thread(self.report, error)
            return
        self.choice.device, self.device = name, device
        if device.warning:
            self.call_from_thread(self.say, device.warning)

    # What is remembered, and what is said.

    def remember(self, name: str, value: Any) -> None:
        """Keep a value for the next start, under a name such as `train.axis`; `memory.get` gives it back."""
        if self.memory.set(name, value):
            self._write_memory()

    @work(thread=True, group="memory", exclusive=True, exit_on_error=False)
    def _write_memory(self) -> None:
        worker = get_current_worker()
        time.sleep(_SETTLED_SECONDS)
        if not worker.is_cancelled:
            try:
                self.memory.write()
            except UserError as error:
                self.call_from_thread(self.report, error)

    def copy_to_clipboard(self, text: str) -> None:
        """Send it to the terminal's clipboard, wherever that is: nothing that a shell or an editor would obey."""
        super().copy_to_clipboard(no_control_characters(text, keep="\n\t"))

    def on_notify(self) -> None:
        """Whoever says something: what was said before makes room, even where both come at once."""
        self.clear_notifications()

    def say(self, message: str, wrong: bool = False) -> None:
        """One sentence in a corner of the screen, in the place of the one before."""
        self.notify(no_control_characters(message), severity="error" if wrong else "information", markup=False)

    def report(self, error: BaseException) -> str:
        """Say what went wrong: a UserError as it is, anything else in one sentence, its traceback in the log.

        Returns: what was said.
        """
        if isinstance(error, UserError):
            words = str(error)
        else:
            LOG.error("unexpected", exc_info=error)
            words = f"Something went wrong ({type(error).__name__}); `lstm-tui locate` names the log."
        self.say(words, wrong=True)
        return words
