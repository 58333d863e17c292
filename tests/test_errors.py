"""What a terminal may see."""

import json
import sys
import unicodedata

import pytest

from lstm_tui.errors import escaped_in_json, no_control_characters

EVERY_CONTROL = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cs")]
TURNS = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("text", ["plain", "Γειά, 世界 — “ok” 🦊", "", "line\nline", "e\u0301"])
def test_text_stays(text: str) -> None:
    assert no_control_characters(text) == text
    assert escaped_in_json(json.dumps(text)) == json.dumps(text)


def test_control_characters_are_replaced() -> None:
    for character in {*EVERY_CONTROL, *TURNS} - {"\n"}:
        assert no_control_characters(f"a{character}b") == "a\ufffdb", hex(ord(character))


def test_what_is_kept_is_said() -> None:
    assert no_control_characters("a\tb\nc") == "a\ufffdb\nc"
    assert no_control_characters("a\tb\nc", keep="\n\t") == "a\tb\nc"
    assert no_control_characters("a\nb", keep="") == "a\ufffdb"


def test_an_escape_sequence_loses_its_power() -> None:
    assert no_control_characters("\x1b]0;title\x07\x1b[2J\x9b31m") == "\ufffd]0;title\ufffd\ufffd[2J\ufffd31m"


def test_json_says_the_same_without_control_characters() -> None:
    value = {"text": "é世🦊" + " ".join([*EVERY_CONTROL, *TURNS])}
    document = escaped_in_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(document) == value
    assert no_control_characters(document, keep="") == document
    assert "é世🦊" in document
