"""A guess at the encoding of bytes that are no Unicode, by charset-normalizer. Loaded only where one is needed."""

from dataclasses import dataclass

from charset_normalizer import CharsetMatch, from_bytes

from lstm_tui.text.parts import Part

# A guess from more is not better, only slower.
_SAMPLE = 1 << 16
_OPENING = 1 << 12
# Unicode was tried before, strictly.
_TRIED = ["utf_7", "utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"]
_SEVERAL_BYTES = ("big5", "cp932", "cp949", "cp950", "euc_", "gb", "hz", "iso2022", "johab", "shift_jis")
# Where several would give the same text, or do as well, the one that is met most.
_COMMON = ["cp1252", "cp1251", "cp1250", "koi8_r", "cp866", "mac_roman", "cp850", "cp932", "euc_jp", "gb18030", "cp949"]
_BEYOND_ASCII = bytes(range(0x80, 0x100))


@dataclass(frozen=True)
class Guess:
    """An encoding, and how sure: the share of what is read that does not look wrong, as charset-normalizer counts,
    divided by how many of the common encodings make another text that looks as good."""

    name: str
    sure: float

    @property
    def how(self) -> str:
        return f"guessed, {min(99, int(100 * self.sure))} % sure"


def sample(part: Part, cut: bool) -> bytes:
    """What a guess is made from: the opening, and the lines with bytes beyond ASCII, wherever they are.

    Args:
        cut: whether the end of `part` may cut a character.
    """
    found, size, left = [], 0, b""
    for piece in part.pieces():
        *lines, left = (left + piece).split(b"\n")
        for line in lines:
            if size < _SAMPLE and (size < _OPENING or not line.isascii()):
                found.append(line)
                size += len(line) + 1
        if size + len(left) >= _SAMPLE:
            break
    content = b"\n".join([*found, left])
    return _whole_characters(content[:_SAMPLE]) if cut or len(content) > _SAMPLE else content


def _whole_characters(content: bytes) -> bytes:
    """Cut after a byte that is never the second half of a character: a cut one would speak against its encoding."""
    end = max(content.rfind(byte) for byte in b"\n ,.")
    return content[: end + 1] if end > len(content) / 2 else content


def guesses(content: bytes) -> tuple[list[Guess], list[Guess]]:
    """Encodings of several bytes a character that `content` may have, and those of one; the likeliest first."""
    matches = list(from_bytes(content, cp_exclusion=_TRIED))
    several = [match for match in matches if match.encoding.startswith(_SEVERAL_BYTES)]
    single = [match for match in matches if not match.encoding.startswith((*_SEVERAL_BYTES, "ascii"))]
    # A guess at several bytes is taken first, so it has to be the best there is.
    return _named(several if several[:1] == matches[:1] else []), _named(single)


def _named(matches: list[CharsetMatch]) -> list[Guess]:
    """The encodings of the matches, each once; of those that do as well as the best, the commonest first."""
    equal = [match for match in matches if _does_as_well(match, matches[0])]
    names = [(name, match.chaos) for match in equal for name in match.could_be_from_charset]
    names.sort(key=lambda found: _COMMON.index(found[0]) if found[0] in _COMMON else len(_COMMON))
    names += [(name, match.chaos) for match in matches for name in match.could_be_from_charset]
    rivals = max(1, sum(not set(_COMMON).isdisjoint(match.could_be_from_charset) for match in equal))
    found: dict[str, float] = {}
    for name, chaos in names:
        found.setdefault(name, (1 - chaos) / rivals)
    return [Guess(name, sure) for name, sure in found.items()]


def _does_as_well(match: CharsetMatch, best: CharsetMatch) -> bool:
    # Portuguese, for one, looks a little better in a rare encoding than in the one that nearly all of it has.
    margin = 0.1 if _COMMON[0] in match.could_be_from_charset else 0.0
    return match.chaos <= best.chaos + margin and match.coherence >= best.coherence
