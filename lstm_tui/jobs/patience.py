"""Scorings without a better one: what early stopping and the schedule plateau go by. A warm restart makes scores worse
at first: `plan.gives_back` says which of them are not counted."""

from lstm_tui.sections import LearningConfig


class Patience:
    """Counts scorings since the best one.

    Attributes:
        waited: how many that is; a checkpoint keeps it.
    """

    def __init__(self, config: LearningConfig) -> None:
        self.waited = 0
        self._config = config

    def count(self, best: bool) -> bool:
        """Take in whether a scoring was the best so far; returns whether plateau lets the rate fall."""
        self.waited = 0 if best else self.waited + 1
        return not best and self._config.schedule == "plateau" and self.waited % self._config.fall_after == 0

    def begin_anew(self) -> None:
        """The rate was raised again: what has been waited is past."""
        self.waited = 0

    @property
    def ended(self) -> bool:
        """Whether the run ends early (Prechelt 1998)."""
        return self._config.patience is not None and self.waited >= self._config.patience

    def go_on(self, waited: int) -> None:
        """Go on from a checkpoint; whoever goes on with a run that ended early is patient anew."""
        self.waited = waited
        if self.ended:
            self.waited = 0
