"""A text out of the app: to the terminal's clipboard, as a command, to a file. For the screens that show texts."""

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual.binding import BindingType
from textual.screen import Screen

from lstm_tui import files
from lstm_tui.app.as_command import as_command, why_not_again
from lstm_tui.app.keys import key
from lstm_tui.app.widgets.ask import Ask
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.writing import saved
from lstm_tui.errors import UserError
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run

if TYPE_CHECKING:
    from lstm_tui.app.app import LstmTui

# Some terminals take no more than this of base64, which has four characters for three bytes.
_MOST_COPIED = 74_000
# This would hold a slow line for minutes, and next to no terminal takes it.
_TOO_MUCH = 1_000_000


def handing_keys(name: str, shown: bool) -> list[BindingType]:
    """The keys of a screen `name` that calls what is below; `shown`: whether the footer has them all."""
    return [
        key("y", "copy", "Copy", "Send the text to the terminal's clipboard (OSC 52)", f"{name}.copy", "y"),
        key(
            "Y",
            "copy_command",
            "Command",
            "Copy the lstm-tui command that writes the same text",
            f"{name}.command",
            "Y" if shown else None,
        ),
        key("w", "save", "Save", "Write the text to a file", f"{name}.save", "w" if shown else None),
    ]


def _copy(tui: "LstmTui", output: Output) -> None:
    """Send a text to the clipboard of the terminal, wherever that is, and say so: whether it took it is not known."""
    text = output.whole_text
    if len(text) > _TOO_MUCH:
        tui.say(f"{len(text):,} characters: too much for a terminal's clipboard; w saves them to a file.", wrong=True)
        return
    tui.copy_to_clipboard(text)
    much = len(text.encode(errors="replace")) > _MOST_COPIED
    limit = " Many terminals take less than that; w saves it to a file." if much else ""
    tui.say(f"{len(text):,} characters sent to the terminal's clipboard (OSC 52).{limit}")


def _copy_command(tui: "LstmTui", run: Run, output: Output) -> None:
    """The same with the command that writes the text."""

    def work() -> None:
        try:
            command = as_command(run.id, output, run.config.sampling)
        except UserError as error:
            tui.call_from_thread(tui.report, error)
            return
        now = saved(run).get(output.checkpoint)
        other = why_not_again(output)
        if not other and (now is None or now.step != output.step):
            at = "has gone" if now is None else f"is of step {now.step:,} now" if now.step is not None else "is another"
            other = f"It does not write this very text: the checkpoint {output.checkpoint} {at}."
        tui.call_from_thread(_sent, tui, command, other)

    tui.run_worker(work, thread=True, group="command", exit_on_error=False)


def _sent(tui: "LstmTui", command: str, other: str) -> None:
    tui.copy_to_clipboard(command)
    tui.say(f"The command was sent to the terminal's clipboard (OSC 52). {other}".strip())


def _save(tui: "LstmTui", run: Run, output: Output) -> None:
    """Ask for a path, ask again before something there is replaced, and write."""

    def found(typed: str) -> tuple[Path, bool]:
        path = files.typed_path(typed).absolute()
        if files.is_folder(path):
            raise UserError(f"{path} is a folder; give a file's name in it.")
        if not files.is_folder(path.parent):
            raise UserError(f"There is no folder {path.parent}.")
        return path, files.is_file(path)

    def chosen(answer: tuple[Path, bool] | None) -> None:
        if answer is None:
            return
        path, there = answer
        if not there:
            write(path, replace=False)
            return
        question = Question(f"There is a file {path}.", {"o": "Overwrite it", "escape": "Leave it as it is"})
        tui.push_screen(question, lambda key: write(path, replace=True) if key == "o" else None)

    def write(path: Path, replace: bool) -> None:
        def work() -> None:
            content = (output.whole_text.rstrip("\n") + "\n").encode(errors="replace")
            try:
                if replace:
                    files.write_atomic(path, content)
                elif not files.create_exclusive(path, content):
                    raise UserError(f"There is a file {path} since a moment ago; choose another name.")
            except UserError as error:
                tui.call_from_thread(tui.report, error)
            else:
                tui.call_from_thread(tui.say, f"Saved: {path}")

        tui.run_worker(work, thread=True, group="save", exit_on_error=False)

    tui.push_screen(
        Ask("save the text to", f"~/{run.id}.txt", "A path; ~ is your home. Enter saves it.", found), chosen
    )


class Handing(Screen[Any]):
    """A screen that shows a text. Its keys are `handing_keys`."""

    @abstractmethod
    def text_there(self) -> tuple[Run, Output] | None:
        """The text that is meant and the run that wrote it; None, which is said, where there is none."""

    def action_copy(self) -> None:
        if there := self.text_there():
            _copy(cast("LstmTui", self.app), there[1])

    def action_copy_command(self) -> None:
        if there := self.text_there():
            _copy_command(cast("LstmTui", self.app), *there)

    def action_save(self) -> None:
        if there := self.text_there():
            _save(cast("LstmTui", self.app), *there)
