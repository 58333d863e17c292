"""Work in a thread, between the thread that does it and the screen that shows how far it is.

It knows neither: the work tells, a timer of the screen reads, a key calls it off.
"""

from dataclasses import dataclass

from lstm_tui.progress import Cancelled


@dataclass
class Underway:
    """One piece of work.

    Attributes:
        now: what is being done, and the share that is done, 0 to 1; nothing at first.
        off: whether it was called off; the work ends when it next tells.
    """

    now: tuple[str, float] = ("", 0.0)
    off: bool = False

    def tell(self, doing: str, share: float) -> None:
        """A `Tell`.

        Raises:
            Cancelled: once it was called off.
        """
        if self.off:
            raise Cancelled("It was called off.")
        self.now = doing, share
