"""A corpus → ids, in two passes over its pieces: the first counts, the second encodes. The text is never whole.

Ids of a small text stay in memory; those of a large one go to a file in the cache, keyed by the text and all that
decides them. What a corpus holds and how it is cleaned is `corpus.py`'s to know.
"""

import hashlib
import io
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstm_tui import files
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.sections import MOST_APART, TextConfig
from lstm_tui.text import kept, mapped
from lstm_tui.text.vocabulary import UNKNOWN, Counts, Kind, Splitter, Tokens, Vocabulary

if TYPE_CHECKING:
    from lstm_tui.text.corpus import Corpus

# Part of every key: another number makes all files anew.
FORMAT = 1
# Ids of fewer bytes stay in memory.
IN_MEMORY = 8 << 20
# Characters that are cut and encoded at once: short records are gathered, long pieces are parted.
_BATCH = 1 << 18
# Whole documents are not held out, or kept for the test, beyond this share of the tokens.
_MOST_HELD_OUT = 0.5
# The parts of a text, in the order of their ids.
_LEARNT, _HELD_OUT, _TEST = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Encoded:
    """A text as ids.

    Attributes:
        ids: (tokens,), unsigned: those to learn, then those held out, then those of the test, each in the order
            of the text.
        train_tokens: how many are to be learnt.
        test_tokens: how many are of the test.
        corpus: its name.
        sha256: of its bytes.
        key: equal for equal ids; what is worked out of them is kept by it.
        path: the file that `ids` are mapped from; None where they are in memory.
        documents: what the text is made of; 1 for a single text.
        notes: what the vocabulary, the held-out part and the test leave out, sentences for a person.
    """

    vocabulary: Vocabulary
    ids: NDArray[Any]
    train_tokens: int
    corpus: str
    title: str
    sha256: str
    key: str = ""
    path: Path | None = None
    documents: int = 1
    notes: tuple[str, ...] = ()
    test_tokens: int = 0

    @property
    def validation_tokens(self) -> int:
        """How many are held out."""
        return len(self.ids) - self.train_tokens - self.test_tokens


def encode(
    corpus: "Corpus", config: TextConfig, seed: int, tell: Tell = silent, known: Vocabulary | None = None
) -> Encoded:
    """The ids of a text; from the cache, where a large one was encoded before.

    Args:
        seed: draws the documents that are held out, where there are several.
        known: what a model knows already; what the text has beside it comes after it.

    Raises:
        UserError: where the text cannot be read or is too short, or the cache not be written.
        Cancelled: as `tell` does; nothing is left of the work.
    """
    key = _key(corpus, config, seed, known)
    encoded = _stored(corpus, key, tell)
    if encoded is None:
        encoded = _encoded(corpus, config, seed, key, tell, known)
    for name, share, tokens, few in (
        ("held_out", config.held_out, encoded.validation_tokens, "hold {:.0%} of them out"),
        ("test", config.test, encoded.test_tokens, "keep {:.0%} of them for the test"),
    ):
        if share and tokens < 2:
            single, several = f"too few to {few.format(share)}", f"no whole documents of them come near to {share:.0%}"
            raise UserError(
                f"{corpus.title} has {len(encoded.ids):,} tokens: {single if encoded.documents == 1 else several}; "
                f"choose a longer text, or set text.{name} to 0."
            )
    return encoded


def _key(corpus: "Corpus", config: TextConfig, seed: int, known: Vocabulary | None) -> str:
    """Names all that decides the ids: where nothing is drawn, the seed does not."""
    drawn = seed if corpus.several and (config.held_out or config.test) else None
    decides = [FORMAT, corpus.key, config.tokens, config.kinds, config.least, config.held_out, drawn]
    decides += [known.digest] if known else []
    decides += [config.test] if config.test else []  # without one, the key is what it was before there were tests
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def _encoded(
    corpus: "Corpus", config: TextConfig, seed: int, key: str, tell: Tell, known: Vocabulary | None
) -> Encoded:
    """Count; choose the vocabulary, and the documents that are held out; encode."""
    counts, lengths = Counts(config.tokens), array("q", [0])
    for tokens, segments in _batches(corpus, config.tokens, _between(tell, f"counting {corpus.title}", 0.0, 0.4)):
        counts.add(tokens)
        lengths[-1] += segments[0]
        lengths.extend(segments[1:])
    documents = np.array(lengths[:-1], np.int64)
    vocabulary, kinds, places = counts.choose(config.least, config.kinds, known)
    expected = int(documents.sum()) - (places if config.tokens == "characters" else 0)
    parts = _drawn(documents, (config.held_out, config.test), seed) if corpus.several else None
    of_parts = [int(documents[parts == part].sum()) for part in (_LEARNT, _HELD_OUT)] if parts is not None else []
    path = mapped.path_of(key) if expected * vocabulary.id_type.itemsize >= IN_MEMORY else None
    with files.new_file(path) if path else io.BytesIO() as file:
        writer = mapped.Writer(file, vocabulary.id_type, of_parts)
        telling = _between(tell, f"encoding {corpus.title}", 0.4, 0.9)
        for numbers, of_part in _numbered(corpus, vocabulary, parts, telling):
            for part in range(len(of_parts) + 1):
                writer.write(part, numbers[of_part == part])
        written = writer.finish()
        if sum(written) != expected:
            raise UserError(f"{corpus.title} was changed while it was being read; try again.")
        if path is None:
            file.seek(0)
            ids = np.load(file, allow_pickle=False)
    if path:
        ids = mapped.array(path)
    if parts is None:  # of a single text, its end
        held_out, test = round(len(ids) * config.held_out), round(len(ids) * config.test)
    else:
        _, held_out, test = written
    encoded = Encoded(
        vocabulary=vocabulary,
        ids=ids,
        train_tokens=len(ids) - held_out - test,
        corpus=corpus.name,
        title=corpus.title,
        sha256=corpus.sha256,
        key=key,
        path=path,
        documents=len(documents) if corpus.several else 1,
        notes=(
            *_new(config, vocabulary, known),
            *_left_out(config, kinds, places, int(documents.sum()), known),
            *_apart_notes(config, parts, held_out, test, len(ids)),
        ),
        test_tokens=test,
    )
    if path:
        _store(encoded, path, _between(tell, f"checking {corpus.title}", 0.9, 1.0))
    return encoded


def _batches(corpus: "Corpus", kind: Kind, tell: Tell) -> Iterator[tuple[Tokens, list[int]]]:
    """The text's tokens, about a million characters' at a time, and how they fall on documents.

    Yields:
        Tokens, and how many of them are of each document in turn: the first of the one under way, the last
        of the one that goes on in the next batch, each perhaps none.
    """
    # The separator's words are tokens of their own; where nothing is lost, it is cut with its document.
    separator = corpus.separator if kind == "words" else ""
    after = [word for word in separator.split(" ") if word]
    splitter, gathered, segments, characters = Splitter(kind), list[Tokens](), [0], 0
    for piece, last in corpus.stream(tell):
        text = piece.removesuffix(separator) if last else piece
        for start in range(0, max(1, len(text)), _BATCH):
            part = text[start : start + _BATCH]
            ends = last and start + _BATCH >= len(text)
            gathered.append(splitter.feed(part, ends))
            segments[-1] += len(gathered[-1])
            characters += len(part)
            if ends:
                gathered.append(after)
                segments[-1] += len(after)
                segments.append(0)
            if characters >= _BATCH:
                yield _joined(gathered, kind), segments
                gathered, segments, characters = [], [0], 0
    yield _joined(gathered, kind), segments


def _joined(gathered: list[Tokens], kind: Kind) -> Tokens:
    if kind == "characters":
        return "".join(tokens for tokens in gathered if isinstance(tokens, str))
    return list(chain.from_iterable(gathered))


def _drawn(documents: NDArray[np.int64], shares: Sequence[float], seed: int) -> NDArray[np.uint8] | None:
    """Which documents are held out, and which of the rest are of the test: for each of the two, drawn until they
    hold its share of all tokens, at least one, never all that are left.

    A document that would bring one of the two above half of all tokens, or both above nine tenths, is passed over.

    Args:
        documents: tokens of each.
        shares: to hold out, and for the test; what is held out does not depend on the test.

    Returns:
        (documents,): the part of each; None where all are to be learnt, or there are no two documents.
    """
    there = np.flatnonzero(documents)
    if not any(shares) or len(there) < 2:
        return None
    total = documents.sum()
    parts, apart = np.full(len(documents), _LEARNT, np.uint8), 0
    order = np.random.default_rng(seed).permutation(there)
    for part, share in zip((_HELD_OUT, _TEST), shares, strict=True):
        most = min(_MOST_HELD_OUT * total, MOST_APART * total - apart)
        taken = 0
        for place in order[parts[order] == _LEARNT]:
            if taken >= share * total:
                break
            if taken + documents[place] <= most:
                parts[place] = part
                taken += documents[place]
        apart += taken
    return parts


def _numbered(
    corpus: "Corpus", vocabulary: Vocabulary, parts: NDArray[np.uint8] | None, tell: Tell
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
    """The ids of a text, batch by batch, and for each of them the part that its document is of."""
    # The last document is followed by one that never comes.
    of_parts = np.append(np.empty(0, np.uint8) if parts is None else parts, np.uint8(_LEARNT))
    document = 0
    for tokens, segments in _batches(corpus, vocabulary.kind, tell):
        numbers = vocabulary.numbers(tokens)
        known = numbers >= 0
        documents = np.arange(document, document + len(segments)).clip(max=len(of_parts) - 1)
        yield numbers[known], np.repeat(of_parts[documents], segments)[known]
        document += len(segments) - 1


def _new(config: TextConfig, vocabulary: Vocabulary, known: Vocabulary | None) -> Iterator[str]:
    """What is new to a model, in words."""
    new = len(vocabulary) - len(known) if known else 0
    if known and new:
        kinds = "kind" if new == 1 else "kinds"
        yield f"{new:,} new {kinds} of {config.tokens} beside the {len(known):,} that it knows"


def _left_out(config: TextConfig, kinds: int, places: int, tokens: int, known: Vocabulary | None) -> Iterator[str]:
    """What the vocabulary lacks, in words."""
    if kinds:
        which = ("new" if known else "rare") + (" kind" if kinds == 1 else " kinds")
        where = f"{places:,} place{'' if places == 1 else 's'} ({places / max(1, tokens):.2%})"
        share = f"{kinds:,} {which} of {config.tokens}, in {where}"
        yield f"{share}, left out" if config.tokens == "characters" else f"{share}, became {UNKNOWN}"


def _apart_notes(
    config: TextConfig, parts: NDArray[np.uint8] | None, held_out: int, test: int, tokens: int
) -> Iterator[str]:
    """How much the documents that were drawn make, in words: of a few, it may be far from what was asked for. The
    end of a single text is what was asked for; of the test it is said all the same, as nothing else does."""
    if config.held_out and parts is not None:
        share = held_out / max(1, tokens)
        yield f"{(parts == _HELD_OUT).sum():,} of {len(parts):,} documents held out, {share:.1%} of the tokens"
    if config.test:
        what = f"{test:,} tokens ({test / max(1, tokens):.1%})"
        of = "" if parts is None else f"{(parts == _TEST).sum():,} of {len(parts):,} documents, "
        yield f"{of}{what}{',' if of else ''} kept for the test"


def encode_known(corpus: "Corpus", vocabulary: Vocabulary, tell: Tell = silent) -> tuple[NDArray[Any], list[str]]:
    """All of a text as ids of a model's vocabulary, and the kinds of tokens that this one lacks, each once.

    What is unknown becomes what `Vocabulary.encode_known` makes of it.

    Raises:
        UserError: where the text cannot be read.
        Cancelled: as `tell` does.
    """
    buffer, unknown = io.BytesIO(), dict[str, None]()
    for tokens, _ in _batches(corpus, vocabulary.kind, _between(tell, f"encoding {corpus.title}", 0.0, 1.0)):
        ids, lacking = vocabulary.known(tokens)
        unknown.update(dict.fromkeys(lacking))
        buffer.write(ids.tobytes())
    return np.frombuffer(buffer.getbuffer(), vocabulary.id_type), list(unknown)


def _between(tell: Tell, doing: str, begin: float, end: float) -> Tell:
    """Tells the share of a part of the work as one of all of it."""
    return lambda _, share: tell(doing, begin + share * (end - begin))


# The cache.


def _store(encoded: Encoded, path: Path, tell: Tell) -> None:
    """Keep what belongs to a file of ids, and make room for it."""
    try:
        checksum = mapped.checksum(path, tell)
    except BaseException:
        mapped.delete(path)
        raise
    about = {
        "format": FORMAT,
        "checksum": checksum,
        "vocabulary": encoded.vocabulary.to_json(),
        "train_tokens": encoded.train_tokens,
        "documents": encoded.documents,
        "test_tokens": encoded.test_tokens,
        "notes": encoded.notes,
    }
    kept.write("ids", encoded.key, about)
    mapped.trim(path)


def _stored(corpus: "Corpus", key: str, tell: Tell) -> Encoded | None:
    """What was encoded before; None where it was not, or its files are damaged."""
    path, about = mapped.path_of(key), kept.read("ids", key)
    try:
        if (
            not about
            or mapped.checksum(path, _between(tell, f"checking {corpus.title}", 0.0, 1.0)) != about["checksum"]
        ):
            return None
        found = Encoded(
            vocabulary=Vocabulary.from_json(about["vocabulary"]),
            ids=mapped.array(path),
            train_tokens=int(about["train_tokens"]),
            corpus=corpus.name,
            title=corpus.title,
            sha256=corpus.sha256,
            key=key,
            path=path,
            documents=int(about["documents"]),
            notes=tuple(map(str, about["notes"])),
            test_tokens=int(about.get("test_tokens", 0)),  # kept before there were tests
        )
    except Cancelled:
        raise
    except (UserError, OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    files.touch(path)
    return found
