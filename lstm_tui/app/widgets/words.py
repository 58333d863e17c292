"""Words on the screen: as a terminal may see them, and laid out anew only when they are others."""

from rich.text import Text
from textual.widgets import Static

from lstm_tui.errors import no_control_characters


def readable(text: str) -> str:
    """What a text, a model or a person wrote: tabs as spaces, nothing that a terminal obeys."""
    return no_control_characters(text.expandtabs(4))


class Words(Static):
    """Text that is no markup. A str is made readable; a Text is shown as it is."""

    def __init__(self, content: str | Text = "", id: str | None = None, classes: str | None = None) -> None:
        self._shown = _plain(content)
        super().__init__(self._shown, markup=False, id=id, classes=classes)

    def show(self, content: str | Text) -> None:
        content = _plain(content)
        if content != self._shown:
            self._shown = content
            self.update(content)


def _plain(content: str | Text) -> str | Text:
    return readable(content) if isinstance(content, str) else content
