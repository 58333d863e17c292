"""What the app remembers from one start to the next: theme, text, values, how a screen was left.

Screens ask by name, and say what is new; `settings.py` keeps the file.
"""

import copy
import threading
from typing import Any, TypeVar

from lstm_tui import settings
from lstm_tui.errors import UserError

Value = TypeVar("Value")


class Memory:
    """Values by name (`train.axis`), of the kinds that TOML has.

    Attributes:
        wrong: why nothing is remembered: the file is damaged, and is left as it is. A sentence, or "".
    """

    def __init__(self) -> None:
        self.wrong = ""
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._changed: dict[str, Any] = {}
        try:
            self._values = dict(settings.read().remembered)
        except UserError as error:
            self._values, self.wrong = {}, str(error)

    def get(self, name: str, default: Value) -> Value:
        """What was remembered under a name, where it is of the default's kind; else the default."""
        value = self._values.get(name, default)
        if isinstance(value, list) and not all(isinstance(it, str) for it in value):
            return default  # a person wrote into the file: all lists are of words
        return value if type(value) is type(default) else default

    def set(self, name: str, value: Any) -> bool:
        """Remember a value; whether it is another than before, so that there is something to write."""
        if name in self._values and repr(self._values[name]) == repr(value):  # order, too: what was used last is last
            return False
        with self._lock:
            self._values[name] = self._changed[name] = copy.deepcopy(value)  # whoever has it may change it
        return True

    def write(self) -> None:
        """Put on the disk what is new since the last time it could be.

        Raises:
            UserError: where the disk says no.
        """
        with self._writing:  # one at a time: each reads the file and adds to it
            with self._lock:
                changed, self._changed = self._changed, {}
            try:
                if changed and not self.wrong:
                    settings.remember(changed)
            except UserError:
                with self._lock:
                    self._changed = changed | self._changed
                raise
