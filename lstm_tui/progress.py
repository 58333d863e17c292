"""How work that takes time says how far it is, and how it is called off."""

from collections.abc import Callable

from lstm_tui.errors import UserError

Tell = Callable[[str, float], None]
"""Told what is being done (`reading alice.txt`) and the share that is done, 0 to 1; called a few times a
second or more. It may raise `Cancelled`: the work ends there, and leaves nothing half done."""


class Cancelled(UserError):
    """The person called it off."""


def silent(doing: str, share: float) -> None:
    """Tells nobody."""
