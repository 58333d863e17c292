"""The texts to choose from, as the list groups them: those that are here, and those that can be fetched."""

from collections.abc import Sequence

from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.text_list import Offer, Row
from lstm_tui.text import catalogue, library

_FETCHING = "\n\nIt becomes one of your texts, and is there without a network from then on."
_NUMBER = "the number of any book of Project Gutenberg, such as 11"
_ADDRESS = "any address of a text, such as https://example.org/text.txt"


def groups_of(entries: Sequence[library.Entry]) -> dict[str, Sequence[Row]]:
    """The list under its headings; books that are here already are not offered again."""
    groups: dict[str, Sequence[Row]] = {
        group: [entry for entry in entries if entry.group == group] for group in ("built in", "yours", "folders")
    }
    there = {entry.about for entry in entries}
    books = [
        Offer(str(book.number), book.short, f"{book.title}, {book.author}, Project Gutenberg {book.number}")
        for book in catalogue.BOOKS
        if catalogue.address(str(book.number))[0] not in there
    ]
    dots = glyphs().ellipsis
    anything = (Offer("", f"any Gutenberg number{dots}", _NUMBER), Offer("", f"any address{dots}", _ADDRESS))
    return groups | {"to download": [*books, *anything]}


def searched(row: Row) -> str:
    """What Find looks in."""
    return (f"{row.title} {row.about}" if isinstance(row, Offer) else row.title).casefold()


def offered(offer: Offer) -> str:
    """What stands in the place of a text that is not here yet."""
    if not offer.what:
        return f"Enter asks for it.{_FETCHING}"
    return f"Enter fetches it from\n{catalogue.address(offer.what)[0]}{_FETCHING}"
