"""Bytes → text: what is found, what is said, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.text.decoding import decode
from tests.conftest import CORPORA

HARD = CORPORA / "hard"
needs_hard = pytest.mark.skipif(not HARD.is_dir(), reason="the hard texts are not here")
TEXT = "Größe, naïveté — “quoted” 世界 🦊\n"
GERMAN = "Die Größe der Äpfel, “so heißt es”, überrascht – schön für Müller’s Café. Das wäre doch möglich.\n" * 20
FRENCH = "Où est passé l’été ? Ça va, très bien : « déjà vu » à Noël, cœur ému, maïs.\n" * 20
SPANISH = "El niño comió una piña mañana. ¿Qué pasó? ¡Aquí está el pingüino!\n" * 20
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy.\n" * 20
JAPANESE = "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。\n" * 20
RUSSIAN = "Съешь же ещё этих мягких французских булок да выпей чаю.\n" * 20


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
def test_a_byte_order_mark_is_believed_and_taken_out(encoding: str, found: str) -> None:
    decoded = decode(TEXT.encode(encoding), "x")
    assert (decoded.text, decoded.encoding, decoded.how) == (TEXT, found, "byte-order mark")


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")])
def test_the_other_byte_order(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding), "x").text == TEXT


def test_a_mark_that_lies_is_named() -> None:
    with pytest.raises(UserError, match=r"x begins as utf-8, but byte \d+ does not fit; name another encoding"):
        decode(b"\xef\xbb\xbfabc\xff\xff", "x")
    with pytest.raises(UserError, match=r"x begins as utf-16, but byte \d+ does not fit"):
        decode(b"\xff\xfea\0b\0c", "x")


def test_utf8_needs_no_mark() -> None:
    decoded = decode(TEXT.encode(), "x")
    assert (decoded.text, decoded.label) == (TEXT, "utf-8")


@pytest.mark.parametrize("text", [GERMAN, FRENCH, SPANISH])
def test_cp1252_is_guessed(text: str) -> None:
    decoded = decode(text.encode("cp1252"), "x")
    assert decoded.text == text
    assert decoded.label == "cp1252 (guessed)"


@pytest.mark.parametrize(("text", "encoding"), [(CZECH, "cp1250"), (RUSSIAN, "cp1251"), (JAPANESE, "cp932")])
def test_other_languages_are_guessed_too(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "x").text == text


def test_a_named_encoding_is_used() -> None:
    decoded = decode("Müller".encode("latin-1"), "x", "ISO-8859-1")
    assert (decoded.text, decoded.label) == ("Müller", "iso8859-1 (as you said)")
    assert decode(TEXT.encode("utf-8-sig"), "x", "utf-8").text == TEXT
    assert decode(TEXT.encode("utf-16-le"), "x", "utf-16-le").text == TEXT


def test_a_named_encoding_that_does_not_fit() -> None:
    with pytest.raises(UserError, match=r"x is not utf-8: byte 1 does not fit; leave the encoding to be detected"):
        decode("Müller".encode("latin-1"), "x", "utf-8")


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "a\0b", "utf-8" * 1000])
def test_an_encoding_that_there_is_not(encoding: str) -> None:
    with pytest.raises(UserError, match=r"There is no encoding .*; try utf-8, utf-16, cp1252 or latin-1"):
        decode(b"text", "x", encoding)


def test_half_a_character_is_refused() -> None:
    """UTF-7 can name a lone surrogate, which no file of a run could hold."""
    with pytest.raises(UserError, match="x is not utf-7"):
        decode(b"half: +2AA-.", "x", "utf-7")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x is empty; choose a file with some text in it"),
        (b" \n\t\r\n ", "x holds nothing but white space; choose"),
        (b"\xef\xbb\xbf", "x holds nothing but white space; choose"),
        ("\u3000\u2003\n".encode("utf-16"), "x holds nothing but white space; choose"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", "x is not a text but binary data; choose a text file"),
        (bytes(range(1, 256)) * 4, "x is not a text but binary data"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        decode(content, "x")


def test_a_few_control_characters_are_no_reason() -> None:
    text = "\x1b[1mbold\x1b[0m\n" + "plain text\n" * 100 + "\x01"
    assert decode(text.encode(), "x").text == text


def test_ends_of_lines_become_one_kind() -> None:
    assert decode(b"a\r\nb\rc\nd\r\r\n", "x").text == "a\nb\nc\nd\n\n"
    assert decode("a\r\nb".encode("utf-16"), "x").text == "a\nb"


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.sampled_from(["utf-16", "utf-8-sig"]))
def test_any_text_with_a_mark_comes_back(text: str, encoding: str) -> None:
    if text.strip():
        assert decode(text.encode(encoding), "x").text == text.removeprefix("\ufeff")


# The beginning of a file: a character may be cut.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_cut_character_is_left_out(encoding: str) -> None:
    whole = "text 🦊世é" * 3
    content = whole.encode(encoding)
    for size in range(20, len(content)):
        text = decode(content[:size], "x", cut=True).text
        assert whole.startswith(text) and len(text) >= len(content[:size].decode(encoding, "ignore"))


def test_a_cut_character_is_an_error_at_the_end_of_a_whole_file() -> None:
    with pytest.raises(UserError, match="does not fit"):
        decode("世".encode("utf-8-sig")[:-1], "x")


@pytest.mark.parametrize("size", [1000, 1001, 1002, 1003])
def test_a_guess_stands_the_cut(size: int) -> None:
    start = decode(JAPANESE.encode("cp932")[:size], "x", cut=True)
    assert start.encoding == "cp932"
    assert JAPANESE.startswith(start.text) and len(start.text) > 490


def test_a_guess_on_a_long_file_looks_at_whole_lines() -> None:
    content = (JAPANESE * 200).encode("cp932")
    assert all(decode(b" " * shift + content, "x").encoding == "cp932" for shift in range(3))


# Real files.


@needs_hard
@pytest.mark.parametrize(
    ("name", "label", "within"),
    [
        ("alice_wonderland_cp1252_crlf.txt", "cp1252 (guessed)", "Alice’s"),
        ("emoji-test_unicode.txt", "utf-8", "🦊"),
        ("tang300_zh.json", "utf-8", "李白"),
        ("udhr_Japanese_Nihongo-SJIS.txt", "cp932 (guessed)", "世界人権宣言"),
        ("utf16_le_bom.srt", "utf-16 (byte-order mark)", "-->"),
        ("utf8_bom.srt", "utf-8 (byte-order mark)", "-->"),
    ],
)
def test_real_files(name: str, label: str, within: str) -> None:
    decoded = decode((HARD / name).read_bytes(), name)
    assert decoded.label == label
    assert within in decoded.text and "\r" not in decoded.text and "\ufeff" not in decoded.text


@needs_hard
def test_utf16_without_a_mark_must_be_named() -> None:
    content = (HARD / "utf16le_nobom.txt").read_bytes()
    with pytest.raises(UserError, match="binary data"):
        decode(content, "x")
    assert "\0" not in decode(content, "x", "utf-16-le").text
