"""Why: all that a run's course says of it, with the figures that say so and what to do about it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer

from lstm_tui.app.standing import COLOURS
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.words import Words
from lstm_tui.jobs.diagnosis import Finding

_WORDS = {"wrong": "Wrong", "warning": "Look", "good": "Good", "note": "Note"}


class WhyScreen(ModalScreen[None]):
    """The findings, the most important first. Scrolls."""

    DEFAULT_CSS = """
    WhyScreen { align: center middle; background: $background 60%; }
    WhyScreen Panel {
        width: 76; max-width: 100%; height: auto; max-height: 90%; padding: 1 2 0 2; border: round $accent;
        background: $background; border-title-color: $accent;
    }
    WhyScreen VerticalScroll { height: auto; max-height: 100%; }
    WhyScreen Words { height: auto; }
    WhyScreen Footer { dock: none; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,w,q", "dismiss", "Close", id="why.close", key_display="Esc", tooltip="Back to the run"),
    ]

    def __init__(self, title: str, findings: Sequence[Finding]) -> None:
        super().__init__()
        self._title, self._findings = title, findings

    def compose(self) -> ComposeResult:
        with Panel(title=self._title):
            with VerticalScroll():
                yield Words(findings_text(self._findings, self.app.theme_variables))
            yield Footer(show_command_palette=False, compact=True)


def findings_text(findings: Sequence[Finding], colours: Mapping[str, str]) -> Text:
    """Each with its sentence, its evidence, its remedy and the setting that would change it."""
    text = Text()
    for number, finding in enumerate(findings):
        text.append("\n\n" if number else "")
        text.append(f"{_WORDS[finding.severity]:<6}", style=f"bold {colours[COLOURS[finding.severity]]}")
        text.append(finding.sentence, style=f"bold {colours['foreground']}")
        if finding.evidence:
            figures = ", ".join(f"{label} {value}" for label, value in finding.evidence)
            text.append(f"\n{figures}", style=colours["quiet"])
        text.append(f"\n{finding.remedy}", style=colours["foreground"])
        if finding.setting:
            text.append(f"\n{in_configure(finding.setting)}", style=colours["accent"])
    return text


def in_configure(setting: str) -> str:
    """Where flags such as `--learning.rate 0.0018` are set in the app: `In Configure (2): learning, rate 0.0018`."""
    from lstm_tui.app.draft import label_of

    rows = []
    for flag in setting.removeprefix("--").split(" --"):
        name, _, value = flag.partition(" ")
        path = name.replace("-", "_")
        rows.append(f"{path.partition('.')[0]}, {label_of(path)} {value}")
    return f"In Configure (2): {'; '.join(rows)}"
