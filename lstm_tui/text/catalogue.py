"""Books that can be fetched at a keypress, and the addresses of texts. Nothing is fetched here (`download.py`).

Imported by the app before its first picture: nothing heavy at the top.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lstm_tui.errors import UserError, no_control_characters

# Project Gutenberg's lasting address of a book's plain text; it leads to wherever the file is today.
GUTENBERG = "https://www.gutenberg.org/ebooks/{}.txt.utf-8"


@dataclass(frozen=True)
class Book:
    """A book of Project Gutenberg by its number there; `short` is what a narrow list calls it."""

    number: int
    short: str
    title: str
    author: str


BOOKS = (
    Book(11, "Alice in Wonderland", "Alice's Adventures in Wonderland", "Lewis Carroll"),
    Book(27200, "Andersen, Fairy Tales", "Fairy Tales of Hans Christian Andersen", "H. C. Andersen"),
    Book(1597, "Andersen, a selection", "Andersen's Fairy Tales", "H. C. Andersen"),
    Book(100, "Shakespeare, all works", "The Complete Works of William Shakespeare", "William Shakespeare"),
    Book(1661, "Sherlock Holmes", "The Adventures of Sherlock Holmes", "Arthur Conan Doyle"),
    Book(2701, "Moby Dick", "Moby Dick; Or, The Whale", "Herman Melville"),
    Book(84, "Frankenstein", "Frankenstein; Or, The Modern Prometheus", "Mary Wollstonecraft Shelley"),
    Book(1322, "Leaves of Grass", "Leaves of Grass", "Walt Whitman"),
    Book(12242, "Emily Dickinson", "Poems by Emily Dickinson, Three Series, Complete", "Emily Dickinson"),
    Book(24264, "紅樓夢", "紅樓夢", "曹雪芹"),
)


def number(what: str) -> int | None:
    """The book's number that a person typed; None where it is none."""
    return int(what) if re.fullmatch(r"\s*[1-9][0-9]{0,7}\s*", what, re.ASCII) else None


def is_address(what: str) -> bool:
    """Whether it looks like an address, right or wrong, rather than a path."""
    return "://" in what


def address(what: str) -> tuple[str, str]:
    """Where a text is, and what its file is called.

    Args:
        what: a number of Project Gutenberg, such as 11, or an http(s) address.

    Raises:
        UserError: where it is neither.
    """
    book = number(what)
    if book is not None:
        return GUTENBERG.format(book), f"pg{book}.txt"
    url = what.strip()
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or any(c.isspace() for c in url) or no_control_characters(url, keep="") != url:
        raise UserError(
            f"{without_password(what)!r} is neither a book's number at Project Gutenberg (such as 11) nor an address "
            "that begins with https:// or http://."
        )
    name = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return url, no_control_characters(name, keep="") or f"{parts.hostname}.txt"


def without_password(address: str) -> str:
    """An address as it may be shown and kept: without the name and the password that let somebody in."""
    return re.sub(r"(//)[^/?#]*@", r"\1", address, count=1)
