"""What the screens see of a run: one frozen value. `fold.py` makes it of the events of its job."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lstm_tui.app.history import Moment, Points

if TYPE_CHECKING:  # they bring NumPy, pydantic and more, and the first picture comes without
    from lstm_tui.config import RunConfig
    from lstm_tui.jobs.events import Reason, Sampled
    from lstm_tui.text.ngram import Baselines

State = Literal["idle", "preparing", "training", "paused", "scoring", "finished", "failed"]


@dataclass(frozen=True)
class Snapshot:
    """What is known of the run at one moment. Losses are nats per token; what is not known is None.

    Attributes:
        parent: the run that it began from; empty where there is none.
        message: what is prepared, that it stops, how it ended, or why it failed.
        refused: why the last order to train did not come to a run; all else is as it was before.
        reason: why it ended.
        tokens: what the losses count.
        characters: of a token, on average over what is scored.
        unknown: the share of that which is `<unk>`.
        begun_at: the step at which this sitting began; None of a run that is not being trained here.
        best_step: where the best validation loss was.
        rate_factor: what the learning rate was multiplied by, as asked.
        clipped: the share of the last steps whose gradient was clipped; None also where nothing is.
        curve: (step, training loss), of bounded length however long the run; `validation` the same.
        course: what else is known of its moments, as bounded.
        samples: the last ones, oldest first; `sampled` is how many there were in all.
        log: what happened, oldest first, each with its time of day.
        saved_at: of the last saving, on `time.monotonic`'s clock.
        expected_speed: tokens a second, where a probe promised them.
        baselines: the losses to beat on its text.
    """

    state: State = "idle"
    run: str = ""
    title: str = ""
    parent: str = ""
    directory: str = ""
    device: str = ""
    message: str = ""
    refused: str = ""
    reason: "Reason | None" = None
    tokens: Literal["characters", "words", "words and punctuation"] = "characters"
    characters: float = 1.0
    unknown: float = 0.0
    step: int = 0
    begun_at: int | None = None
    horizon: int | None = None
    epoch: float = 0.0
    train_loss: float | None = None
    validation_loss: float | None = None
    best_validation_loss: float | None = None
    best_step: int | None = None
    learning_rate: float | None = None
    rate_factor: float = 1.0
    gradient_norm: float | None = None
    clipped: float | None = None
    tokens_per_second: float | None = None
    elapsed: float = 0.0
    seconds_left: float | None = None
    curve: Points = ()
    validation: Points = ()
    course: tuple[Moment, ...] = ()
    samples: "tuple[Sampled, ...]" = ()
    sampled: int = 0
    log: tuple[str, ...] = ()
    saved_at: float | None = None
    expected_speed: float | None = None
    parameters: int | None = None
    validation_tokens: int | None = None
    baselines: "Baselines | None" = None
    config: "RunConfig | None" = None

    @property
    def busy(self) -> bool:
        """Whether a job has begun whose last event has not come yet."""
        return self.state in {"preparing", "training", "paused", "scoring"}

    @property
    def complete(self) -> bool:
        """Whether it ended by itself, so that there is nothing to go on with."""
        return self.reason not in {None, "stopped"}
