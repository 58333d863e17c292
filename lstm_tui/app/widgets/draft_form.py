"""A form over a draft: what is stepped and typed there goes into the draft at once, and Escape takes it back.

It knows neither what the settings mean nor what follows from a change: its screen is told, and shows the items anew.
"""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from textual import on
from textual.message import Message

from lstm_tui.app.widgets.form import Form


class Settings(Protocol):
    """What the form needs of a `Draft`, or of the `Dials`."""

    def step(self, path: str, direction: int) -> None:
        """The next sensible value."""

    def set(self, path: str, text: str) -> None:
        """Take what is typed."""

    @property
    def typed(self) -> tuple[Any, ...]:
        """All that was typed so far."""
        ...

    def restore(self, *args: Any, **kwargs: Any) -> None:
        """Exactly that again."""


Kept = TypeVar("Kept", bound=Settings)


class DraftForm(Form, Generic[Kept]):
    """See the module.

    Attributes:
        draft: where the settings are kept; its owner may put another.

    Args:
        empty: what an empty field means.
    """

    class Changed(Message):
        """The draft may be another; not `settled`: it is still being typed."""

        def __init__(self, settled: bool = True) -> None:
            super().__init__()
            self.settled = settled

    def __init__(self, draft: Kept, *, empty: str = "", opened: Sequence[str] = ()) -> None:
        super().__init__(opened=opened)
        self.draft = draft
        self._empty = empty
        self._before: tuple[Any, ...] | None = None  # the field was opened

    @on(Form.Stepped)
    def _step(self, message: Form.Stepped) -> None:
        self.draft.step(message.path, message.direction)
        self.post_message(self.Changed())

    @on(Form.Typed)
    def _type(self, message: Form.Typed) -> None:
        if self._before is None:
            self._before = self.draft.typed
        self.draft.set(message.path, message.text or self._empty)
        self.post_message(self.Changed(settled=False))

    @on(Form.Closed)
    def _leave(self, message: Form.Closed) -> None:
        if self._before is not None and not message.kept:
            self.draft.restore(*self._before)
        self._before = None
        self.post_message(self.Changed())
