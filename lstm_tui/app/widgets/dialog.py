"""A question with a few answers, each with its key."""

from collections.abc import Mapping

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.plain import Options
from lstm_tui.app.widgets.words import Words

_NAMES = {"escape": "Esc", "enter": "Enter"}


class Question(ModalScreen[str]):
    """Asks; the answer is the key of the chosen line. Arrows and Enter choose, too.

    Args:
        answers: key → words, the safe one last; with `escape` among the keys.
    """

    DEFAULT_CSS = """
    Question { align: center middle; background: $background 60%; }
    Question Panel {
        width: 60; max-width: 100%; height: auto; padding: 1 2; border: round $accent; background: $background;
        border-title-color: $accent;
    }
    Question OptionList { height: auto; margin-top: 1; }
    """

    def __init__(self, question: str, answers: Mapping[str, str], explanation: str = "") -> None:
        super().__init__()
        self._question = question
        self._answers = dict(answers)
        self._explanation = explanation

    def compose(self) -> ComposeResult:
        with Panel():
            yield Words(self._question)
            if self._explanation:
                yield Words(self._explanation, classes="quiet")
            yield Options(
                *(
                    Option(Text.assemble((f"{_NAMES.get(key, key):>5}", "bold"), f"  {words}"), id=key)
                    for key, words in self._answers.items()
                )
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = len(self._answers) - 1

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_key(self, event: events.Key) -> None:
        if event.key in self._answers:
            event.stop()
            self.dismiss(event.key)
