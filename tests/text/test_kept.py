"""What was worked out of texts, kept in the cache."""

import pytest

from lstm_tui.text import kept


@pytest.mark.parametrize("content", ["", "{", "[]", "\xff", "[" * 100_000])
def test_what_is_damaged_is_as_good_as_nothing(content: str) -> None:
    kept.write("figures", "a", {"words": 1})
    assert kept.read("figures", "a") == {"words": 1}
    kept.path("figures", "a").write_text(content, encoding="latin-1")
    assert kept.read("figures", "a") == {} == kept.read("figures", "b")
