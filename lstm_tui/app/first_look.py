"""What the Corpus screen shows first, read in a thread while the screen is made, so that its first picture has it.

What is not there when the screen asks, or could not be read, the screen reads as at any other time; it also says why.
"""

import contextlib
from collections.abc import Sequence
from threading import Thread

from lstm_tui.app import looking
from lstm_tui.app.shelf import groups_of
from lstm_tui.app.widgets.text_list import Row
from lstm_tui.errors import UserError
from lstm_tui.text import library


class FirstLook:
    """Begins to read at once.

    Args:
        wanted: the name of the text that the cursor will be on.

    Attributes:
        groups: the list under its headings; empty until it is there.
        beginnings: how the text under the cursor begins; nothing where it cannot be read.
    """

    def __init__(self, wanted: str) -> None:
        self.groups: dict[str, Sequence[Row]] = {}
        self.beginnings: dict[library.Entry, str] = {}
        Thread(target=self._read, args=(wanted,), name="first look", daemon=True).start()

    def _read(self, wanted: str) -> None:
        with contextlib.suppress(Exception):
            entries = library.entries()
            under = next((entry for entry in entries if entry.name == wanted), entries[0])
            with contextlib.suppress(UserError):
                self.beginnings[under] = looking.beginning(under).text
            self.groups = groups_of(entries)  # last: where it is, all is
