"""Rows as the lines of a table: which columns fit, and how a value stands in one. Knows nothing of terminals."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from lstm_tui.errors import no_control_characters

_APART = "  "
# Columns that words must have to be broken into lines.
_LEAST = 20


def laid_out(rows: list[dict[str, Any]], first: Sequence[str], headings: Mapping[str, str], room: int | None) -> str:
    """A line of headings, then the rows.

    Names are neither cut nor broken: columns that do not fit are left out, from the first of them on; only words of
    the last one may go on below. The first column is there however narrow it is.

    Args:
        rows: one or more, all with the same keys.
        first: the columns that matter most, in order; the others follow as they stand in a row.
        headings: what stands over a column, where it is not its key.
        room: columns of the screen, where those without a value are left out as well; None shows all.
    """
    from rich.cells import cell_len

    columns = list[list[str]]()
    used = 0
    for key in dict.fromkeys((*first, *rows[0])):
        texts = [headings.get(key, key.replace("_", " ")), *(cell(row[key]) for row in rows)]
        texts = [no_control_characters(text, keep="") for text in texts]
        if room is not None and not any(texts[1:]):
            continue
        wide = max(map(cell_len, texts))
        if columns and room is not None and used + wide > room:
            if room - used >= max(_LEAST, *(cell_len(word) for text in texts for word in text.split(" "))):
                below = "\n" + " " * used
                columns.append([below.join(textwrap.wrap(text, room - used)) for text in texts])
            break
        right = bool(columns) and all(map(_is_number, filter(None, texts[1:])))
        gaps = [" " * (wide - cell_len(text)) for text in texts]
        columns.append([gap + text if right else text + gap for text, gap in zip(texts, gaps, strict=True)])
        used += wide + len(_APART)
    return "\n".join(_APART.join(row).rstrip() for row in zip(*columns, strict=True))


def _is_number(text: str) -> bool:
    return text.lstrip("+-")[:1].isdigit() and " " not in text


def cell(value: Any) -> str:
    """A value as a table shows it: three decimals below ten, as losses have; four digits of what is larger or tiny;
    all of a number from a thousand on."""
    if value is None:
        return ""
    if isinstance(value, float):
        decimals = value == 0 or 0.01 <= abs(value) < 10
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}" if decimals else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
