"""A sentence of a floor below, as a screen shows it: without the flags where a key does the same."""

import re

from lstm_tui.errors import UserError
from lstm_tui.text.decoding import Malformed
from lstm_tui.text.download import Unfetched

_ADVICE = re.compile(r"; to read it all the same\b.*", re.DOTALL)
_FLAGS = re.compile(r" \((?:or: lstm-tui|--text\.)[^()]*\)")


def sentence(error: UserError) -> str:
    """What is wrong; how to have a malformed text read all the same, the screen itself says."""
    words = str(error)
    if isinstance(error, Malformed):
        words = _ADVICE.sub(".", words)
    return _FLAGS.sub("", words)


def may_pass(error: UserError) -> bool:
    """Whether trying again may help: the network failed, or whoever answered does not at the moment."""
    return isinstance(error, Unfetched) and error.may_pass
