"""What was worked out of texts, kept in the cache: a small JSON object for each key.

Imported by lists of texts: nothing heavy at the top. What it means is not known here.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstm_tui import files, locations
from lstm_tui.errors import UserError


def path(kind: str, key: str) -> Path:
    return locations.cache() / kind / f"{key}.json"


def read(kind: str, key: str) -> dict[str, Any]:
    """What was written; empty where there is nothing, or nothing that can be read."""
    place = path(kind, key)
    if not files.is_file(place):
        return {}
    try:
        found = json.loads(files.read_bytes(place))
    except (ValueError, RecursionError, UserError):
        return {}
    return found if isinstance(found, dict) else {}


def write(kind: str, key: str, values: Mapping[str, Any]) -> None:
    """Keep `values`; a disk that says no is no reason to fail, as all of it can be worked out again."""
    with contextlib.suppress(UserError):
        files.write_atomic(path(kind, key), json.dumps(values).encode())
