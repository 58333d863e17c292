"""Figures as screens write them: times, losses, sizes. Pure, and light: the first picture needs some."""

import math


def duration(seconds: float) -> str:
    """`0:34`, `12:05`, `3:12:09`."""
    minutes, rest = divmod(max(int(seconds), 0) if math.isfinite(seconds) else 0, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def figure(loss: float | None) -> str:
    """A loss in a list; nothing where there is none."""
    return "" if loss is None else f"{loss:.3f}"


def size(count: float) -> str:
    """Bytes in at most four characters: `512`, `64k`, `4.7M`."""
    return _scaled(count, "", "")


def size_on_disk(count: float) -> str:
    """The same with its unit apart, in at most six: `512 B`, `64 k`, `4.7 M`."""
    return _scaled(count, " ", "B")


def _scaled(count: float, gap: str, one: str) -> str:
    for unit in (one, "k", "M"):
        if count < 999.5:
            return f"{count:.{1 if unit == 'M' and count < 9.95 else 0}f}{gap}{unit}"
        count /= 1000
    return f"{count:.1f}{gap}G"
