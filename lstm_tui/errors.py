"""The one exception that is meant for a person."""


class UserError(Exception):
    """A sentence that says what is wrong and what to do; shown as it is, never with a traceback."""


def no_control_characters(text: str, keep: str = "\n") -> str:
    """`text` as a terminal may see it: control characters become the replacement character.

    Names, texts, prompts and what a model writes pass through here before they are shown: an escape
    sequence in them must not reach the terminal. C0 but `keep`, DEL, C1, the characters that turn the
    direction of writing, and lone surrogates, which no terminal can be sent, are replaced.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if _is_control(c) and c not in keep else c for c in text)


def escaped_in_json(document: str) -> str:
    """A JSON document as a terminal may see it: the same value, its control characters as `\\u` escapes."""
    if document.isascii() and document.isprintable():
        return document
    return "".join(f"\\u{ord(c):04x}" if _is_control(c) else c for c in document)


def _is_control(character: str) -> bool:
    code = ord(character)
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xD800 <= code <= 0xDFFF
    )
