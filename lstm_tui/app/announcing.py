"""What the terminal is told beside the screen: its title says how far a run is; when one ends, it may ring.

It writes through Textual's driver, in the screen's thread, and nothing where there is no terminal.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from lstm_tui.app.snapshot import Snapshot
from lstm_tui.errors import no_control_characters

if TYPE_CHECKING:
    from lstm_tui.app.background import BackgroundApp

SECONDS = 3.0
"""How often to look: a title that flickers is worse than none."""
# Keep the title that was there, and bring it back (xterm's stack of titles; who has none sees no title at the end).
_KEEP, _BRING_BACK = "\x1b[22;2t", "\x1b]2;\x1b\\\x1b[23;2t"
_NAME = "lstm-tui"


class Announcer:
    """Looks at what is being trained, whatever screen shows.

    Args:
        write: to the terminal; as the app's driver does it, where none is given.
    """

    def __init__(self, app: "BackgroundApp", write: Callable[[str], None] | None = None) -> None:
        self._app = app
        self._write = write or self._to_driver
        self._title = ""
        self._trained = False

    def look(self) -> None:
        """Write what is new since the last time."""
        seen = self._app.source.snapshot()
        title = title_of(seen)
        if title != self._title and (self._title or seen.busy):
            self._write(("" if self._title else _KEEP) + f"\x1b]2;{title}\x1b\\")
            self._title = title
        if self._trained and not seen.busy and self._app.memory.get("train.bell", False):
            self._write("\a" + notification(f"{seen.title}: {seen.message}"))
        self._trained = seen.state in {"training", "paused", "scoring"}

    def close(self) -> None:
        """Leave the terminal's title as it was."""
        if self._title:
            self._title = ""
            self._write(_BRING_BACK)

    def _to_driver(self, sequence: str) -> None:
        driver = self._app._driver  # Textual has no other way to write beside the picture
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)
            driver.flush()


def title_of(seen: Snapshot) -> str:
    """`lstm-tui: 72 %, 1.412`: the validation loss, or the training loss before there is one."""
    loss = seen.train_loss if seen.validation_loss is None else seen.validation_loss
    figure = "" if loss is None else f", {loss:.3f}"
    if seen.state in {"training", "scoring"} and seen.horizon:
        return f"{_NAME}: {seen.step / seen.horizon * 100:.0f} %{figure}"
    if seen.busy or seen.state == "failed":
        return f"{_NAME}: {seen.state}"
    if seen.state == "finished":
        best = seen.best_validation_loss
        return f"{_NAME}: {seen.reason or 'finished'}" + (figure if best is None else f", best {best:.3f}")
    return _NAME


def notification(words: str) -> str:
    """A sentence on the desktop: OSC 777 where the terminal is known to want that (VTE, rxvt, foot), else OSC 9."""
    words = no_control_characters(words, keep="")
    if os.environ.get("VTE_VERSION") or os.environ.get("TERM", "").startswith(("rxvt", "foot")):
        return f"\x1b]777;notify;{_NAME};{words.replace(';', ',')}\x1b\\"
    return f"\x1b]9;{_NAME}: {words}\x1b\\"
