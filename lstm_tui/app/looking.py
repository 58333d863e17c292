"""What the Corpus and cleaning screens want to know of a text, for their threads.

What takes long tells how far it is, and can be called off. It knows no widgets. Nothing heavy at the top:
the first picture needs `beginning`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.text import corpus, library, records

if TYPE_CHECKING:  # the first picture comes without NumPy and pydantic
    from lstm_tui.text.figures import TextFigures
    from lstm_tui.text.ngram import Baselines


@dataclass(frozen=True)
class Facts:
    """What is known of a whole text, read as it will be learnt.

    Attributes:
        baselines: the losses to beat; None before they are worked out, and where they cannot be.
        why: a sentence on why they cannot.
    """

    figures: "TextFigures"
    baselines: "Baselines | None" = None
    why: str = ""


def is_table(entry: library.Entry) -> bool:
    """Whether a column can be chosen in it, as its name says."""
    return any(path.suffix.lower() in records.TABLES for path in entry.paths) or "column" in dict(entry.text)


def with_text(entry: library.Entry, text: Mapping[str, str]) -> library.Entry:
    """The same text, read with other settings."""
    return replace(entry, text=tuple(sorted(text.items())))


def beginning(entry: library.Entry) -> "corpus.Preview":
    """How a text begins, with the settings that belong to it.

    Raises:
        UserError: where it cannot be read so.
    """
    return corpus.preview(entry)


def measure(entry: library.Entry, tell: Tell, found: Callable[[Facts], None]) -> None:
    """Count a text, then work out the losses to beat; `found` is told of each as it comes.

    Raises:
        UserError: where the text cannot be read.
        Cancelled: where `tell` says so.
    """
    from lstm_tui.config import check
    from lstm_tui.fields import typed
    from lstm_tui.text import figures, ids, ngram

    config = check({"text": typed(entry.text)})
    text = corpus.open_corpus(entry, config.text, tell)
    counted = figures.figures(text, tell)
    found(Facts(counted))
    figures.remember(entry, text)
    try:
        encoded = ids.encode(text, config.text, config.seed, tell)
        losses = ngram.baselines(encoded, tell)
    except Cancelled:
        raise
    except UserError as error:  # such as too few tokens to hold any out
        found(Facts(counted, why=str(error)))
    else:
        found(Facts(replace(counted, notes=(*counted.notes, *encoded.notes)), losses))
        figures.remember(entry, text, encoded)


def removed(entry: library.Entry, tell: Tell) -> Iterable[str]:
    """What reading and cleaning do to the whole of a text, a sentence each.

    Raises:
        UserError: where it cannot be read so, or nothing is left of it.
        Cancelled: where `tell` says so.
    """
    from lstm_tui.config import check
    from lstm_tui.fields import typed

    text = corpus.open_corpus(entry, check({"text": typed(entry.text)}).text, tell)
    for _ in text.stream(tell):
        pass
    return text.notes
