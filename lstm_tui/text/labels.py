"""What is kept beside a text: its title, where it came from, and the settings that belong to it.

A small JSON file for each, in `.about` of the library's folder; one that is missing or damaged says nothing,
and the text is listed all the same.
Imported by the app before its first picture: nothing heavy at the top.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lstm_tui import files, locations


@dataclass(frozen=True)
class Label:
    """What is known of a text beside its bytes; empty where nothing is.

    Attributes:
        size: its bytes, for a folder's sake.
        text: settings of TextConfig, as they would be typed; None where none were ever set.
    """

    title: str = ""
    about: str = ""
    size: int = 0
    text: Mapping[str, str] | None = field(default=None, hash=False)


def _path(key: str) -> Path:
    if "/" in key:
        raise ValueError(f"the key of a label leads out of its folder: {key!r}")
    return locations.corpora() / ".about" / f"{key}.json"


def read(key: str) -> Label:
    """What is kept under a key (`shelves.key`)."""
    try:
        stored: Any = json.loads(_path(key).read_bytes())
        text = stored.get("text")
        if text is not None:
            text = {str(name): str(value) for name, value in text.items()}
        return Label(str(stored.get("title") or ""), str(stored.get("about") or ""), int(stored.get("size") or 0), text)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return Label()


def write(key: str, label: Label) -> None:
    """Keep it in place of what was label."""
    stored: dict[str, Any] = {"title": label.title, "about": label.about, "size": label.size}
    if label.text is not None:
        stored["text"] = dict(sorted(label.text.items()))
    files.write_atomic(_path(key), json.dumps(stored, ensure_ascii=False, indent=1).encode())


def forget(key: str) -> None:
    """Keep nothing under this key any more."""
    files.delete(_path(key))
