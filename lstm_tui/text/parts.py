"""One file of a text, read in pieces: the whole is never held in memory.

Imported by the app before its first picture: nothing heavy at the top.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lstm_tui import files
from lstm_tui.progress import Tell, silent

PIECE = 1 << 18
END = "\x1e"
"""Put after each document where there are several: ASCII's record separator. Shown to a person, it is a line break."""


@dataclass(frozen=True)
class Part:
    """Where some bytes are: a file, or what was made in memory.

    Attributes:
        name: what messages call it.
    """

    name: str
    content: Path | bytes

    def pieces(self, size: int = PIECE) -> Iterator[bytes]:
        """The bytes, from the beginning, `size` at a time.

        Raises:
            UserError: where the file has gone or may not be read.
        """
        if isinstance(self.content, bytes):
            for start in range(0, len(self.content), size):
                yield self.content[start : start + size]
        else:
            yield from files.read_pieces(self.content, size)

    def beginning(self, size: int) -> bytes:
        """The first `size` bytes, or all there are."""
        return next(self.pieces(size), b"")

    def sha256(self, doing: str, tell: Tell = silent) -> str:
        """The checksum of the bytes, in hexadecimal; `tell` hears `doing`. Raises as `pieces`."""
        digest, total, done = hashlib.sha256(), max(1, self.size), 0
        for piece in self.pieces():
            digest.update(piece)
            done += len(piece)
            tell(doing, min(1.0, done / total))
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Bytes; 0 where the file has gone."""
        return len(self.content) if isinstance(self.content, bytes) else files.size(self.content)

    @property
    def stamp(self) -> tuple[int, ...]:
        """Changes when the file does, as far as a disk tells."""
        return (self.size,) if isinstance(self.content, bytes) else files.stamp(self.content)
