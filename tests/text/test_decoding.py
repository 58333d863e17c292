"""Bytes → text: what is found, what is said, and what is refused."""

import codecs
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text.cleaning import Choices, Cleaner
from lstm_tui.text.decoding import Encoding, Malformed, decoded, detect, double_encoded, repaired
from lstm_tui.text.parts import PIECE, Part

TEXT = "Größe, naïveté — “quoted” 世界 🦊\n"
GERMAN = "Die Größe der Äpfel, “so heißt es”, überrascht – schön für Müller’s Café. Das wäre doch möglich.\n" * 20
FRENCH = "Où est passé l’été ? Ça va, très bien : « déjà vu » à Noël, cœur ému, maïs.\n" * 20
SPANISH = "El niño comió una piña mañana. ¿Qué pasó? ¡Aquí está el pingüino!\n" * 20
PORTUGUESE = "A ação não é fácil; coração, irmã e avô são palavras em português.\n" * 20
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy.\n" * 20
JAPANESE = "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。\n" * 20
CHINESE = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。\n" * 20
TAIWANESE = "話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。\n" * 20
KOREAN = "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.\n" * 20
RUSSIAN = "Съешь же ещё этих мягких французских булок да выпей чаю.\n" * 20
GREEK = "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.\n" * 20


def found(content: bytes, encoding: str | None = None, malformed: bool = False) -> tuple[str, Encoding]:
    """The text that some bytes are read as, and how."""
    part = Part("x", content)
    how = detect(part, encoding, malformed)
    return "".join(decoded(part, how)), how


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed_and_taken_out(encoding: str) -> None:
    content = TEXT.encode("utf-8-sig" if encoding == "utf-8" else encoding)
    assert found(content) == (TEXT, Encoding(encoding, "byte-order mark"))


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")])
def test_the_other_byte_order(mark: bytes, encoding: str) -> None:
    assert found(mark + TEXT.encode(encoding))[0] == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [TEXT, "a\n", RUSSIAN, CHINESE, "1\t2\r\n" * 9000])
def test_utf16_without_a_mark(text: str, encoding: str) -> None:
    assert found(text.encode(encoding)) == (text.replace("\r\n", "\n"), Encoding(encoding, "no byte-order mark"))


def test_utf8_needs_no_mark() -> None:
    assert found(TEXT.encode()) == (TEXT, Encoding("utf-8"))
    assert found(TEXT.encode())[1].label == "utf-8"


# UTF-8 that is broken in places.


def test_malformed_utf8_is_read_only_where_that_is_wanted() -> None:
    content = GERMAN.encode()[:1000] + b"\xff\xfe" + GERMAN.encode()[1000:]
    with pytest.raises(Malformed) as caught:
        found(content)
    assert (caught.value.offset, caught.value.places) == (1000, 2)
    assert str(caught.value) == (
        "x is UTF-8, but byte 1,000 is malformed (the first of 2 places); to read it all the same, a � at each: "
        "--text.malformed true (in the app: text, malformed)."
    )
    text, encoding = found(content, malformed=True)
    assert text == content.decode("utf-8", "replace") and text.count("�") == 2
    assert (encoding.label, encoding.replaced) == ("utf-8 (2 malformed places)", 2)


@pytest.mark.parametrize("text", [SPANISH, FRENCH, CZECH, RUSSIAN, JAPANESE, KOREAN, CHINESE])
def test_one_bad_byte_makes_it_no_other_encoding(text: str) -> None:
    with pytest.raises(Malformed, match="the only place"):
        found(text.encode() + b"\xff")


def test_a_replacement_character_that_was_there_is_no_malformed_place() -> None:
    assert found(("�" * 9 + GERMAN).encode() + b"\xff", malformed=True)[1].replaced == 1


def test_malformed_places_are_the_same_however_a_file_is_cut() -> None:
    content = ("é" * (PIECE // 2)).encode()[1:] + b"\xe4\xb8"  # a character lies across the pieces
    with pytest.raises(Malformed) as caught:
        found(content)
    assert (caught.value.offset, caught.value.places) == (0, 2)
    content = b"a" + ("é" * PIECE).encode() + b"\xe4\xb8"
    with pytest.raises(Malformed) as caught:
        found(content)
    assert (caught.value.offset, caught.value.places) == (2 * PIECE + 1, 1)


def test_a_mark_on_a_broken_text() -> None:
    with pytest.raises(Malformed, match=r"x is UTF-8, but byte 6 is malformed"):
        found(b"\xef\xbb\xbfabc\xff\xff")
    with pytest.raises(Malformed, match=r"x is UTF-16, but byte 4 is malformed"):
        found(b"\xff\xfea\0\0\xd8b\0")
    assert found(b"\xff\xfea\0\0\xd8b\0", malformed=True)[0] == "a�b"


# Guesses.


@pytest.mark.parametrize("text", [GERMAN, FRENCH, SPANISH, PORTUGUESE])
@pytest.mark.parametrize("times", [1, 100])
def test_cp1252_is_guessed(text: str, times: int) -> None:
    read, encoding = found((text * times).encode("cp1252"))
    assert (read, encoding.name) == (text * times, "cp1252")
    assert encoding.how.startswith("guessed, ") and encoding.how.endswith(" % sure")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CZECH, "cp1250"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (GREEK, "cp1253"), (JAPANESE, "cp932"),
     (JAPANESE, "euc_jp"), (CHINESE, "gb18030"), (TAIWANESE, "big5"), (KOREAN, "cp949")],
)  # fmt: skip
def test_other_languages_are_guessed_too(text: str, encoding: str) -> None:
    assert found(text.encode(encoding))[0] == text


def test_few_bytes_make_no_sure_guess() -> None:
    assert found("Müller\n".encode("latin-1")) == ("Müller\n", Encoding("cp1252", "guessed, 25 % sure"))


def test_a_guess_looks_where_the_text_is_not_ascii() -> None:
    plain = "All is plain here, line after line.\n" * 40_000
    assert found(plain.encode() + GERMAN.encode("cp1252"))[1].name == "cp1252"


def test_a_guess_looks_at_whole_characters() -> None:
    content = (JAPANESE * 200).replace("\n", " ").encode("cp932")
    assert all(found(b" " * shift + content)[1].name == "cp932" for shift in range(3))


# What a person says.


def test_a_named_encoding_is_used() -> None:
    text, encoding = found("Müller".encode("latin-1"), "ISO-8859-1")
    assert (text, encoding.label) == ("Müller", "iso8859-1 (as you said)")
    assert found(TEXT.encode("utf-8-sig"), "utf-8")[0] == TEXT
    assert found(TEXT.encode("utf-16-le"), "utf-16-le")[0] == TEXT


def test_a_named_encoding_that_does_not_fit() -> None:
    with pytest.raises(UserError, match=r"x is not utf-8: byte 1 does not fit; leave the encoding to be detected"):
        found("Müller".encode("latin-1"), "utf-8")


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "a\0b", "utf-8" * 1000, "\ud800"])
def test_an_encoding_that_there_is_not(encoding: str) -> None:
    with pytest.raises(UserError, match=r"There is no encoding .*; try utf-8, utf-16, cp1252 or latin-1"):
        found(b"text", encoding)


def test_half_a_character_is_refused() -> None:
    """UTF-7 can name a lone surrogate, which no file of a run could hold."""
    with pytest.raises(UserError, match="x is not utf-7"):
        found(b"half: +2AA-.", "utf-7")


# What is no text.


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x is empty; choose a file with some text in it"),
        (b" \n\t\r\n ", "x holds nothing but white space; choose"),
        (b" " * (PIECE + 1), "x holds nothing but white space; choose"),
        (b"\xef\xbb\xbf", "x holds nothing but white space; choose"),
        ("\u3000\u2003\n".encode("utf-16"), "x holds nothing but white space; choose"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", "x is not a text but binary data; choose a text file"),
        (b"one\0two\0three\0four\0", "x is not a text but binary data"),
        (bytes(range(1, 256)) * 4, "x is not a text but binary data"),
        (random.Random(1).randbytes(5000), "x is not a text but binary data"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        found(content)


def test_a_few_control_characters_are_no_reason() -> None:
    text = "\x1b[1mbold\x1b[0m\n" + "plain text\n" * 100 + "\x01\0"
    assert found(text.encode())[0] == text


# Pieces.


def test_ends_of_lines_become_one_kind() -> None:
    assert found(b"a\r\nb\rc\nd\r\r\n")[0] == "a\nb\nc\nd\n\n"
    assert found("a\r\nb".encode("utf-16"))[0] == "a\nb"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_the_text_is_the_same_however_a_file_is_cut(encoding: str, size: int) -> None:
    text = "line 🦊\r\n\r世é\r" * 5
    part = Part("x", text.encode(encoding))
    pieces = "".join(decoded(part, Encoding(encoding.removesuffix("-sig")), size))
    assert pieces == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_beginning_of_a_file_may_cut_a_character(encoding: str) -> None:
    content = ("text 🦊世é" * 3).encode(encoding)
    for size in range(20, len(content)):
        assert detect(Part("x", content[:size]), cut=True).name == encoding.removesuffix("-sig")
    with pytest.raises(Malformed):
        detect(Part("x", content[:-1]))


@pytest.mark.parametrize("size", [1000, 1001, 1002, 1003])
def test_a_guess_stands_the_cut(size: int) -> None:
    assert detect(Part("x", JAPANESE.encode("cp932")[:size]), cut=True).name == "cp932"


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    encoding = detect(Part("a.txt", path))
    path.write_bytes(b"caf\xe9 ")
    with pytest.raises(UserError, match=r"a\.txt has changed while it was read; try again"):
        list(decoded(Part("a.txt", path), encoding))


def test_detection_says_how_far_it_is_and_can_be_called_off() -> None:
    told: list[float] = []
    detect(Part("x", b"text " * PIECE), tell=lambda doing, share: told.append(share))
    assert len(told) >= 5 and told == sorted(told) and told[-1] == 1.0

    def cancel(doing: str, share: float) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        detect(Part("x", b"text"), tell=cancel)


# Properties.


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.sampled_from(["utf-16", "utf-8-sig"]))
def test_any_text_with_a_mark_comes_back(text: str, encoding: str) -> None:
    if text.strip():
        assert found(text.encode(encoding))[0] == text.removeprefix("\ufeff")


def test_any_bytes_are_read_or_refused_in_a_sentence() -> None:
    """5,000 byte strings: noise, and texts of many encodings cut and broken; nothing but a UserError comes of them."""
    draw = random.Random(1)
    sources = [text.encode(name, "ignore") for text in (TEXT, GERMAN[:200], JAPANESE[:90], "a\r\n\n\n \x1e")
               for name in ("utf-8", "utf-16", "utf-16-le", "cp1252", "cp932", "utf-32", "utf-7")]  # fmt: skip
    marks = [b"", b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE]
    every = Choices(**dict.fromkeys(("repair", "nfc", "ascii", "lower", "letters", "blank_lines"), True))
    read = 0
    for number in range(5000):
        content = bytearray(draw.choice(sources) if number % 2 else draw.randbytes(draw.randrange(24)))
        for _ in range(draw.randrange(3)):
            at = draw.randrange(len(content) + 1)
            content[at : at + draw.randrange(4)] = draw.randbytes(draw.randrange(4))
        part = Part("x", draw.choice(marks) + bytes(content))
        try:
            encoding = detect(part, malformed=number % 3 > 0)
            pieces = ((piece, False) for piece in decoded(part, encoding, size=draw.choice((1, 7, PIECE))))
            text = "".join(piece for piece, _ in Cleaner(every).clean(pieces))
        except UserError as error:
            assert str(error).endswith(".") and "\n" not in str(error)
        else:
            text.encode()
            read += 1
    assert read > 1000


# Double encoding.


@pytest.mark.parametrize("text", [GERMAN, FRENCH, CZECH, JAPANESE, TEXT])
def test_double_encoding_is_seen_and_undone(text: str) -> None:
    # Windows-1252 has no character for five bytes; what reads them all the same makes controls of them.
    double = "".join(bytes([b]).decode("cp1252" if b not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
                     for b in text.encode())  # fmt: skip
    assert double_encoded(double) and not double_encoded(text)
    assert repaired(double) == text
    assert repaired(text) == text


def test_plain_text_is_not_double_encoded() -> None:
    assert not double_encoded("plain") and repaired("plain\n") == "plain\n"
