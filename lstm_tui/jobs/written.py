"""One text as its tokens come: what each adds, where it ends, and how likely the model found it. No model here."""

import numpy as np
from numpy.typing import NDArray

from lstm_tui.generation.cells import Floats
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.vocabulary import Vocabulary


class Written:
    """One text, as its tokens come.

    Attributes:
        pieces: what each token added.
        ids: the tokens, an end of record that ended the text left out.
        seconds: from the first step after loading to the last token.
        characters: how many those are.
        scored: how many of the tokens were scored so far, and their nats together.
    """

    def __init__(self, vocabulary: Vocabulary, sampling: SamplingConfig, before: int | None) -> None:
        self.pieces: list[str] = []
        self.ids: list[int] = []
        self.seconds = 0.0
        self.characters = 0
        self.scored = (0, 0.0)
        self._vocabulary = vocabulary
        self._before = before
        self._stopped = False
        self._stop, self._tail = sampling.stop, ""
        self.follow(sampling)

    def follow(self, sampling: SamplingConfig) -> None:
        """Where it ends, from now on: what has been written is not looked through again for another stop string."""
        self._length = sampling.length
        if sampling.stop != self._stop:
            self._stop, self._tail = sampling.stop, ""
        self._end = self._vocabulary.end_id if sampling.stop_at_end else None

    @property
    def done(self) -> bool:
        return self._stopped or len(self.ids) >= self._length

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def score(self, nats: NDArray[np.float64]) -> None:
        """Take the nats of the tokens that were not scored yet, in their order; after its end they are not its own."""
        tokens, before = self.scored
        mine = nats[: len(self.ids) - tokens]
        self.scored = tokens + len(mine), before + float(mine.sum())

    def take(self, number: int) -> str:
        """One more token; what it adds to the text."""
        if number == self._end:
            self._stopped = True
            return ""
        piece = self._vocabulary.piece(number, first=self._before in (None, self._vocabulary.end_id))
        self._before = number
        self.ids.append(number)
        if self._stop:
            piece = self._up_to_stop(piece, self._stop)
        self.pieces.append(piece)
        self.characters += len(piece)
        return piece

    def _up_to_stop(self, piece: str, stop: str) -> str:
        """The piece, cut after the stop string where that is whole now: it may have begun in earlier ones."""
        seen = self._tail + piece
        place = seen.find(stop)
        if place >= 0:
            self._stopped = True
            return piece[: place + len(stop) - len(self._tail)]
        self._tail = seen[max(0, len(seen) - len(stop) + 1) :]
        return piece


def surprise(logits: Floats, drawn: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each token cost the model, in nats: -log p under its own distribution, before temperature, penalty and
    what else the settings do.

    Args:
        logits: (..., vocabulary).
        drawn: the tokens, (...).
    """
    values = logits.astype(np.float64)
    values -= values.max(-1, keepdims=True)
    there = np.take_along_axis(values, drawn[..., None], -1)[..., 0]
    return np.asarray(np.log(np.exp(values, out=values).sum(-1)) - there)
