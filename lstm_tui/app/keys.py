"""How a key is written down in a screen's list of keys."""

from textual.binding import Binding


def key(
    keys: str, action: str, word: str, tooltip: str, id: str, shown: str | None = None, *, priority: bool = False
) -> Binding:
    """A key, what it does, and what is said of it.

    Args:
        keys: as Textual calls them, several with commas between.
        word: in the footer and in the palette.
        tooltip: a sentence, for the help and the palette.
        id: `screen.word`.
        shown: how it stands in the footer; without, it does not stand there.
    """
    show = shown is not None
    return Binding(keys, action, word, id=id, tooltip=tooltip, key_display=shown, show=show, priority=priority)
