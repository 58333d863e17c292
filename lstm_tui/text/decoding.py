"""Bytes → text: byte-order marks, UTF-8, else a guess that is shown. Knows nothing of files or ids.

Imported by the app before its first picture: nothing heavy at the top.
"""

import codecs
from dataclasses import dataclass

from lstm_tui.errors import UserError

# UTF-32's little-endian mark begins with UTF-16's: the longer ones come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Guessing reads this much; a guess from more is not better, only slower.
_GUESS_BYTES = 256 * 1024
_COMMON = "cp1252"


@dataclass(frozen=True)
class Decoded:
    """A text with newlines as `\\n`, the encoding's name, and how it is known ("", "byte-order mark", "guessed")."""

    text: str
    encoding: str
    how: str = ""

    @property
    def label(self) -> str:
        return f"{self.encoding} ({self.how})" if self.how else self.encoding


def decode(content: bytes, name: str, encoding: str | None = None, *, cut: bool = False) -> Decoded:
    """The text in `content`.

    Args:
        content: a file's bytes.
        name: what messages call it.
        encoding: an encoding the person named; None detects it.
        cut: whether this is the beginning of a file only; a character cut at its end is left out.

    Raises:
        UserError: for an empty or binary file, an unknown encoding, or one that does not fit.
    """
    if not content:
        raise UserError(f"{name} is empty; choose a file with some text in it.")
    decoded = _named(content, name, encoding, cut) if encoding else _detected(content, name, cut)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise UserError(f"{name} holds nothing but white space; choose a file with some text in it.")
    return Decoded(text, decoded.encoding, decoded.how)


def _text(content: bytes, encoding: str, cut: bool) -> str:
    return codecs.getincrementaldecoder(encoding)().decode(content, final=not cut)


def _named(content: bytes, name: str, encoding: str, cut: bool) -> Decoded:
    try:
        info = codecs.lookup(encoding)
        if not info._is_text_encoding:
            raise LookupError(encoding)
        text = _text(content, info.name, cut).removeprefix("\ufeff")
        text.encode()  # some encodings, such as utf-7, can name half a character, which no file can hold
        return Decoded(text, info.name, "as you said")
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise UserError(
            f"{name} is not {encoding}: byte {at:,} does not fit; leave the encoding to be detected."
        ) from None
    except (LookupError, ValueError):
        raise UserError(f"There is no encoding {encoding!r}; try utf-8, utf-16, cp1252 or latin-1.") from None


def _detected(content: bytes, name: str, cut: bool) -> Decoded:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return Decoded(_text(content, encoding, cut), encoding.removesuffix("-sig"), "byte-order mark")
            except UnicodeDecodeError as error:
                raise UserError(
                    f"{name} begins as {encoding.removesuffix('-sig')}, but byte {error.start:,} does not fit; "
                    "name another encoding."
                ) from None
    if _binary(content):
        raise UserError(f"{name} is not a text but binary data; choose a text file.")
    try:
        return Decoded(_text(content, "utf-8", cut), "utf-8")
    except UnicodeDecodeError:
        return _guessed(content, name, cut)


def _binary(content: bytes) -> bool:
    """NUL bytes, or more than a hundredth of other control characters, at the beginning."""
    head = content[:_GUESS_BYTES]
    controls = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1a\x1b")
    return b"\0" in head or controls > len(head) / 100


def _guessed(content: bytes, name: str, cut: bool) -> Decoded:
    from charset_normalizer import from_bytes

    head = content[:_GUESS_BYTES]
    if cut or len(content) > len(head):
        # A cut character would speak against its encoding; an end of line is no part of one.
        head = head[: head.rfind(b"\n") + 1] or head
    matches = from_bytes(head)
    best = matches.best()
    if best is not None:
        # Where several do as well (cp1250 is named first), the commonest by far.
        equal = [match for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)]
        common = any(_COMMON in match.could_be_from_charset for match in equal)
        encoding = _COMMON if common else best.encoding
        try:
            return Decoded(_text(content, encoding, cut), encoding, "guessed")
        except UnicodeDecodeError:
            pass
    raise UserError(f"The encoding of {name} could not be told; name it, as in --text.encoding cp1252.")
