"""Bytes → text: which encoding a file has, and its text in pieces. Knows nothing of records, cleaning or ids.

A file is looked at from its first byte to its last, a piece at a time. In this order: what a person named, a
byte-order mark, UTF-16 without one, strict UTF-8; else a guess (`guessing.py`).

Imported by the app before its first picture: nothing heavy at the top.
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lstm_tui.errors import UserError
from lstm_tui.progress import Tell, silent
from lstm_tui.text.parts import PIECE, Part

# UTF-32's little-endian mark begins with UTF-16's: the longer ones come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD, _GLANCE = 1 << 18, 1 << 13
# Shares of the bytes beyond ASCII that stand in whole UTF-8 characters. Of texts in two-byte encodings up to a half do;
# and UTF-8 that is broken in few places is valid Shift-JIS surprisingly often.
_MAYBE_UTF8, _SURELY_UTF8 = 0.1, 0.75
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_CONTROLS = bytes(byte for byte in range(1, 32) if byte not in b"\t\n\r\f\x1a\x1b\x1e")


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes become text.

    Attributes:
        name: Python's name of the codec.
        how: how it is known: "" (strict UTF-8), "byte-order mark", "no byte-order mark" (UTF-16), "as you said",
            or "guessed, 87 % sure".
        replaced: malformed places that are read as a replacement character each; 0: none is allowed.
    """

    name: str
    how: str = ""
    replaced: int = 0

    @property
    def label(self) -> str:
        """What a person is shown: `cp1252 (guessed, 96 % sure)`."""
        places = f"{self.replaced:,} malformed {'place' if self.replaced == 1 else 'places'}" if self.replaced else ""
        how = ", ".join(part for part in (self.how, places) if part)
        return f"{self.name} ({how})" if how else self.name


class Malformed(UserError):
    """A Unicode file that is broken in places; it is read only when the person agrees.

    Attributes:
        offset: of the first byte that does not fit.
        places: how many do not; where only a beginning was looked at, in that.
    """

    def __init__(self, name: str, encoding: str, offset: int, places: int, cut: bool = False) -> None:
        self.offset, self.places = offset, places
        which = f"the first of {places:,} places" if places > 1 else "the only place"
        which = "there may be more" if cut else which
        super().__init__(
            f"{name} is {encoding.upper()}, but byte {offset:,} is malformed ({which}); to read it all the same, "
            "a � at each: --text.malformed true (in the app: text, malformed)."
        )


def detect(
    part: Part, encoding: str | None = None, malformed: bool = False, tell: Tell = silent, *, cut: bool = False
) -> Encoding:
    """Find how a file is encoded, and that all of it fits.

    Args:
        encoding: what the person named; None detects it.
        malformed: whether Unicode that is broken in places is wanted all the same.
        cut: whether this is the beginning of a file only: a character cut at its end is no fault.

    Raises:
        Malformed: for Unicode that is broken in places, where that is not wanted.
        UserError: for an empty or binary file, one of white space only, an encoding that there is not or that
            does not fit, or where none could be told.
    """
    head = part.beginning(_HEAD)
    if not head:
        raise UserError(f"{part.name} is empty; choose a file with some text in it.")
    if encoding:
        return _named(part, encoding, tell, cut)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _unicode(part, Encoding(name, "byte-order mark"), malformed, tell, cut)
    order = _utf16_order(head)
    if order and misfit(part, order, tell, cut) is None:
        return Encoding(order, "no byte-order mark")
    _require_text(part, head)
    if misfit(part, "utf-8", tell, cut) is None:
        return Encoding("utf-8")
    return _guessed(part, malformed, tell, cut)


def decoded(part: Part, encoding: Encoding, size: int = PIECE) -> Iterator[str]:
    """The text of a file in pieces, newlines as `\\n`, without its byte-order mark.

    Args:
        size: bytes read at a time.

    Raises:
        UserError: where the file has gone, or no longer fits its encoding.
    """
    errors = "replace" if encoding.replaced else "strict"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding.name)(errors), translate=True)
    begun = False
    try:
        for piece in part.pieces(size):
            text = decoder.decode(piece)
            if text and not begun:
                text, begun = text.removeprefix("\ufeff"), True
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeError:
        raise UserError(f"{part.name} has changed while it was read; try again.") from None


def misfit(part: Part, name: str, tell: Tell, cut: bool = False) -> int | None:
    """The offset of the first byte that is not of an encoding; None where all fit.

    Raises:
        UserError: where all fit and there is nothing but white space.
    """
    decoder = codecs.getincrementaldecoder(name)()
    blank, offset, size = True, 0, max(1, part.size)
    for piece in _and_end(part):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece, final=not piece and not cut)
            text.encode()  # some encodings, such as utf-7, can name half a character, which no file can hold
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            return offset - pending + start
        blank = blank and not text.strip("\ufeff").strip()
        offset += len(piece)
        tell(f"reading {part.name}", min(1.0, offset / size))
    if blank and not cut:
        raise UserError(f"{part.name} holds nothing but white space; choose a file with some text in it.")
    return None


def _and_end(part: Part) -> Iterator[bytes]:
    yield from part.pieces()
    yield b""


def _named(part: Part, encoding: str, tell: Tell, cut: bool) -> Encoding:
    try:
        info = codecs.lookup(encoding)
        if not info._is_text_encoding:
            raise LookupError(encoding)
        at = misfit(part, info.name, tell, cut)
    except (LookupError, ValueError):
        raise UserError(f"There is no encoding {encoding!r}; try utf-8, utf-16, cp1252 or latin-1.") from None
    if at is not None:
        raise UserError(f"{part.name} is not {encoding}: byte {at:,} does not fit; leave the encoding to be detected.")
    return Encoding(info.name, "as you said")


def _unicode(part: Part, encoding: Encoding, malformed: bool, tell: Tell, cut: bool) -> Encoding:
    """One of Unicode's encodings, which may be broken in places."""
    at = misfit(part, encoding.name, tell, cut)
    if at is None:
        return encoding
    places, _ = _replaced(part, encoding.name, tell, cut)
    if not malformed:
        raise Malformed(part.name, encoding.name, at, places, cut)
    return Encoding(encoding.name, encoding.how, places)


def _replaced(part: Part, name: str, tell: Tell, cut: bool) -> tuple[int, float]:
    """Malformed places, and the share of the bytes beyond ASCII that stand in whole characters all the same."""
    replacing, ignoring = (codecs.getincrementaldecoder(name)(errors) for errors in ("replace", "ignore"))
    places = beyond = whole = offset = 0
    for piece in _and_end(part):
        final = not piece and not cut
        kept = ignoring.decode(piece, final)
        places += len(replacing.decode(piece, final)) - len(kept)
        ascii_bytes = len(piece.translate(None, _BEYOND_ASCII))
        beyond += len(piece) - ascii_bytes
        whole += len(kept.encode()) - ascii_bytes
        offset += len(piece)
        tell(f"reading {part.name}", min(1.0, offset / max(1, part.size)))
    return places, whole / max(1, beyond)


def _utf16_order(head: bytes) -> str | None:
    """UTF-16's byte order where the beginning looks like it: white space and ASCII have a zero byte.

    Latin texts have it in most characters. Others have it in spaces, line ends and digits only: then they must be no
    text of single bytes, Chinese for its bytes beyond ASCII, Russian for its many control characters.
    """
    if b"\0" not in head:
        return None
    plain = not _has_controls(head) and _fits(head, "utf-8")
    found = []
    for name, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        zeros = high.count(0)
        if zeros < len(high) / 200 or not zeros or (zeros < len(high) / 4 and plain):
            continue
        if _fits(head, name) and _reads_well(head, name):
            found.append((zeros, name))
    return max(found)[1] if found else None


def _fits(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _reads_well(head: bytes, name: str) -> bool:
    """Whether at most a hundredth of the characters are such as no text holds."""
    text = codecs.getincrementaldecoder(name)("replace").decode(head[:_GLANCE])
    return sum(map(_is_strange, text)) <= len(text) / 100


def _is_strange(character: str) -> bool:
    """Whether no text holds that: a control character, or one that is not assigned or for private use."""
    return unicodedata.category(character) in ("Cc", "Cn", "Co") and not character.isspace()


def _has_controls(sample: bytes) -> bool:
    """Whether more than a hundredth are control characters that no text has (zero apart)."""
    return len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) / 100


def _require_text(part: Part, sample: bytes) -> None:
    """Refuse control characters, and more than a few zero bytes: compressed data has one in 256."""
    if _has_controls(sample) or sample.count(0) > len(sample) / 1000:
        raise UserError(f"{part.name} is not a text but binary data; choose a text file.")


def _guessed(part: Part, malformed: bool, tell: Tell, cut: bool) -> Encoding:
    from lstm_tui.text import guessing

    sample = guessing.sample(part, cut)
    _require_text(part, sample)
    several, single = guessing.guesses(sample)
    _, whole = _replaced(part, "utf-8", tell, cut)
    if whole < _SURELY_UTF8:
        for guess in several:
            if _reads_well(sample, guess.name) and misfit(part, guess.name, tell, cut) is None:
                return Encoding(guess.name, guess.how)
    if whole >= _MAYBE_UTF8:
        return _unicode(part, Encoding("utf-8"), malformed, tell, cut)
    for guess in single:
        if misfit(part, guess.name, tell, cut) is None:
            return Encoding(guess.name, guess.how)
    raise UserError(f"The encoding of {part.name} could not be told; name it, as in --text.encoding cp1252.")


# What Windows-1252, or Latin-1, makes of the bytes of a UTF-8 character but the first.
_REST = "[\x80-\xbf" + "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)) + "]"
_DOUBLE = re.compile(f"[Â-ß]{_REST}|[à-ï]{_REST}{{2}}|[ð-ô]{_REST}{{3}}")


def double_encoded(text: str) -> bool:
    """Whether at least half of what is beyond ASCII looks like UTF-8 read as Windows-1252 (`Ã©` for `é`)."""
    beyond = re.findall(r"[^\x00-\x7f]+", text)
    size = sum(map(len, beyond))
    return 0 < size <= 2 * sum(len(found) for run in beyond for found in _DOUBLE.findall(run))


def repaired(text: str) -> str:
    """The text with its double encoding undone, line by line, where ftfy is sure of it."""
    if text.isascii():
        return text
    from ftfy import fix_encoding

    return "\n".join(line if line.isascii() else fix_encoding(line) for line in text.split("\n"))
