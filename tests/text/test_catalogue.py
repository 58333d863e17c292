"""Books and addresses."""

import pytest

from lstm_tui.errors import UserError
from lstm_tui.text import catalogue


def test_ten_books_each_once() -> None:
    assert [book.number for book in catalogue.BOOKS] == [11, 27200, 1597, 100, 1661, 2701, 84, 1322, 12242, 24264]
    assert all(book.title and book.author and 0 < len(book.short) <= 22 for book in catalogue.BOOKS)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("11", ("https://www.gutenberg.org/ebooks/11.txt.utf-8", "pg11.txt")),
        (" 24264 ", ("https://www.gutenberg.org/ebooks/24264.txt.utf-8", "pg24264.txt")),
        ("https://example.org/a/b.txt?x=1#y", ("https://example.org/a/b.txt?x=1#y", "b.txt")),
        ("http://example.org:8080/a%20b.txt", ("http://example.org:8080/a%20b.txt", "a b.txt")),
        ("https://example.org/%2e%2e/", ("https://example.org/%2e%2e/", "..")),
        ("https://example.org", ("https://example.org", "example.org.txt")),
    ],
)
def test_addresses(what: str, expected: tuple[str, str]) -> None:
    assert catalogue.address(what) == expected


@pytest.mark.parametrize(
    "what",
    [
        *("https://[::1", "https://x:99999/", "https://x/\x1b[2J", "http://x/\ny"),
        *(
            "",
            "0",
            "-3",
            "123456789",
            "١٢",
            "alice",
            "ftp://x/y",
            "file:///etc/passwd",
            "https://",
            "http://a b/c",
            "//x/y",
        ),
    ],
)
def test_what_is_neither_a_number_nor_an_address(what: str) -> None:
    with pytest.raises(UserError, match=r"is neither a book's number at Project Gutenberg .* nor an address"):
        catalogue.address(what)
