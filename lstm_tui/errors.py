"""The one exception that is meant for a person."""

import re

# C0, DEL, C1, what turns the direction of writing, and lone surrogates.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


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
    return _CONTROL.sub(lambda found: found[0] if found[0] in keep else "�", text)


def escaped_in_json(document: str) -> str:
    """A JSON document as a terminal may see it: the same value, its control characters as `\\u` escapes."""
    if document.isascii() and document.isprintable():
        return document
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
