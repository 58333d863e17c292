"""Train: the loss as it falls, the figures that matter, what the model writes, and the keys that steer.

It reads a Snapshot and makes requests; how a model is trained it does not know.
"""

import time
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from lstm_tui.app.source import Snapshot
from lstm_tui.app.widgets import meters
from lstm_tui.app.widgets.chart import LossChart
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.widgets.panel import Figures, Panel, Row
from lstm_tui.app.widgets.status import duration
from lstm_tui.app.widgets.words import Words
from lstm_tui.errors import no_control_characters
from lstm_tui.jobs.losses import bits_per_character, shown_perplexity, shown_unknown

if TYPE_CHECKING:
    from lstm_tui.devices import CpuFigures, GpuFigures
    from lstm_tui.jobs.requests import Verb


def _key(key: str, action: str, word: str, tooltip: str, name: str) -> Binding:
    shown = "Enter" if key == "enter" else key
    return Binding(key, action, word, id=f"train.{name}", tooltip=tooltip, key_display=shown)


class TrainScreen(Frame):
    """See the module."""

    NUMBER = 3
    TITLE_WORD = "Train"
    CSS = """
    TrainScreen #run { display: none; }
    TrainScreen.-run #run { display: block; }
    TrainScreen.-run #nothing { display: none; }
    TrainScreen #nothing { align: center middle; }
    TrainScreen #nothing Words { width: auto; height: auto; }
    TrainScreen #chart-box { height: 1fr; padding: 0; }
    TrainScreen #sample-box { height: 9; }
    TrainScreen.-tall #sample-box { height: 13; }
    TrainScreen #log-box { display: none; height: 9; }
    TrainScreen.-tall #log-box { display: block; }
    TrainScreen #side { width: 24; }
    TrainScreen.-wide #side { width: 34; }
    TrainScreen #side Panel { height: auto; }
    TrainScreen #side #cpu-box { height: 1fr; }
    TrainScreen .absent { display: none; }
    /* Over what the model writes, not over the figures. */
    TrainScreen ToastHolder { align-horizontal: left; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("p", "pause", "Pause", "Let the training rest; the same key goes on", "pause"),
        _key("p", "go_on", "Go on", "Go on with the training", "go-on"),
        _key("s", "stop", "Stop", "Stop and save; the run can go on later", "stop"),
        _key("x", "call_off", "Call it off", "Call off the training that is prepared", "call-off"),
        _key("escape", "call_off", "Call it off", "Call off the training that is prepared", "call-off.escape"),
        _key("c", "save", "Save", "Save now (it is saved twice a minute anyway)", "save"),
        _key("g", "sample", "Sample", "Let the model write a sample now", "sample"),
        _key("enter", "talk", "Talk to it", "Let this model write on the Generate screen", "talk"),
        _key("r", "resume", "Go on", "Go on with this run from where it stopped", "resume"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen = Snapshot()
        self._drawn: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        with Vertical(id="nothing"):
            yield Words(id="advice")
        with Horizontal(id="run"):
            with Vertical():
                with Panel(title="loss, nats, by step", id="chart-box"):
                    yield LossChart(id="chart")
                with Panel(id="sample-box"), VerticalScroll():
                    yield Words(id="sample")
                with Panel(title="what happened", id="log-box"):
                    yield Words(id="log")
            with Vertical(id="side"):
                with Panel(id="losses-box", classes="-open"):
                    yield Figures(id="losses")
                with Panel(title="schedule", classes="-open -joined"):
                    yield Figures(id="schedule")
                with Panel(id="gpu-box", classes="-open -joined absent"):
                    yield Figures(id="gpu")
                with Panel(title="processor", id="cpu-box", classes="-joined"):
                    yield Figures(id="cpu")

    def on_mount(self) -> None:
        self.every(0.5, self._look)
        self.every(1.0, self._draw)
        self.every(1.0, self._measure)

    # Looking.

    def _look(self) -> None:
        """Figures, sample and keys, as the run is now."""
        seen, before = self.tui.source.snapshot(), self._seen
        self._seen = seen
        if seen.state != before.state:
            self.refresh_bindings()
            if seen.state == "failed":
                self.tui.say(seen.message, wrong=True)
        if seen.run != before.run:
            self._draw()  # now: the chart of the run before would stand beside this one's figures
        if seen.refused and seen.refused != before.refused:
            self.tui.say(seen.refused, wrong=True)
        shows_run = bool(seen.run) and seen.state != "preparing"
        self.set_class(shows_run, "-run")
        if shows_run:
            self._show_figures(seen)
            self._show_texts(seen)
        else:
            self.query_one("#advice", Words).show(self._advice(seen))

    def _show_figures(self, seen: Snapshot) -> None:
        parent = f", from {seen.parent}" if seen.parent else ""
        unknown = f", {shown_unknown(seen.unknown)}" if seen.unknown else ""
        self.query_one("#chart-box", Panel).entitle(f"loss, nats, by step{unknown}{parent}")
        self.query_one("#losses-box", Panel).entitle(seen.title)
        losses, schedule = _losses(seen, self.app.theme_variables["accent"]), _schedule(seen)
        full = not self.query_one("#gpu-box").has_class("absent") and not self.has_class("-tall")
        if full and len(losses) > _USUAL_LOSSES:  # or no line would be left for the processor
            schedule = [row for row in schedule if row[0] != "trained"]
        self.query_one("#losses", Figures).show(losses)
        self.query_one("#schedule", Figures).show(schedule)

    def _show_texts(self, seen: Snapshot) -> None:
        latest = seen.samples[-1] if seen.samples else None
        box = self.query_one("#sample-box", Panel)
        box.entitle(f"sample, step {latest.step:,}" if latest else "sample")
        self.query_one("#sample", Words).show(latest.text if latest else _NO_SAMPLE)
        lines = self.query_one("#log-box").content_size.height
        self.query_one("#log", Words).show("\n".join(seen.log[-max(lines, 1) :]))

    def _advice(self, seen: Snapshot) -> Text:
        """What to do where there is no run to show."""
        choice, colours = self.tui.choice, self.app.theme_variables
        if seen.state == "preparing":
            return Text.assemble(
                ("Preparing\n\n", f"bold {colours['foreground']}"),
                (f"{no_control_characters(seen.message):<50}\n\n", colours["foreground"]),  # its middle stays
                ("x", f"bold {colours['accent']}"),
                ("  calls it off", colours["foreground"]),
            )
        advice = Text("Nothing is being trained.\n", style=f"bold {colours['foreground']}")
        if seen.refused:
            advice = Text(f"{no_control_characters(seen.refused)}\n", style=colours["error"])
        title = no_control_characters(choice.entry.title, keep="")
        origin = choice.origin_words if choice.parent else f"with the recipe {choice.recipe}"
        for key, words in (
            ("t", f"trains {title} {origin}"),
            ("1", "chooses another text"),
            ("2", "changes the settings"),
            ("5", "goes on with an earlier run"),
        ):
            advice.append(f"\n  {key}  ", style=f"bold {colours['accent']}").append(words, style=colours["foreground"])
        return advice

    def _draw(self) -> None:
        """The chart, where there is something new to draw."""
        seen = self.tui.source.snapshot()
        drawn = (seen.run, seen.curve[-1:], seen.validation[-1:], seen.horizon)
        if seen.run and drawn != self._drawn:
            self._drawn = drawn
            self.query_one(LossChart).show(seen)
            self.query_one("#chart-box").border_subtitle = _legend(seen)

    @work(thread=True, group="meters", exclusive=True, exit_on_error=False)
    def _measure(self) -> None:
        if self._seen.device:
            self.app.call_from_thread(self._show_measured, *meters.measure(self._seen.device))

    def _show_measured(self, gpu: "GpuFigures | None", cpu: "CpuFigures") -> None:
        live = self.app.theme_variables["accent"]
        box = self.query_one("#gpu-box", Panel)
        box.set_class(gpu is None, "absent")
        if gpu is not None:
            box.entitle(f"{self._seen.device} {gpu.name or ''}".strip())
            self.query_one("#gpu", Figures).show(meters.gpu_rows(gpu, live))
        self.query_one("#cpu", Figures).show(meters.cpu_rows(cpu, live))

    # Steering.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be asked for now has a key."""
        state = self._seen.state
        match action:
            case "pause":
                return state == "training"
            case "go_on":
                return state == "paused"
            case "stop":
                return self._seen.busy and state != "preparing"
            case "call_off":
                return state == "preparing"
            case "save" | "sample":
                return state in {"training", "paused"}
            case "talk":
                return bool(self._seen.run) and not self._seen.busy
            case "resume":
                return bool(self._seen.run) and not self._seen.busy and not self._seen.complete
        return True

    def _ask(self, verb: "Verb") -> None:
        self.tui.source.request(verb)
        self._look()

    def action_pause(self) -> None:
        self._ask("pause")

    def action_go_on(self) -> None:
        self._ask("go on")

    def action_stop(self) -> None:
        scoring = self._seen.state == "scoring"
        self._ask("stop")
        self.tui.say(_SCORED if scoring else "It stops and is saved; r goes on with it later.")

    def action_call_off(self) -> None:
        self._ask("stop")

    def action_save(self) -> None:
        self._ask("save")

    def action_sample(self) -> None:
        self._ask("sample")

    def action_talk(self) -> None:
        self.tui.talk_to(self._seen.run)

    def action_resume(self) -> None:
        self.tui.resume_run(self._seen.run)


_USUAL_LOSSES = 4
_SCORED = "It is scored no further; it was trained to its end, and is saved."
_NO_SAMPLE = "The first one comes when the model is first scored; g asks for one now."


def _number(value: float | None, digits: int = 3) -> str:
    return "n/a" if value is None else f"{value:,.{digits}f}"


def _losses(seen: Snapshot, live: str) -> list[Row]:
    """The validation loss loudest; where nothing is held out, the training loss."""
    train = _number(seen.train_loss)
    loudest = f"bold {live}"
    if seen.validation_tokens or seen.parameters is None:  # or it is not known yet
        at_best = seen.validation_loss is not None and seen.validation_loss == seen.best_validation_loss
        valid = Text(_number(seen.validation_loss) + ("*" if at_best else " "), style=loudest)
        first: list[Row] = [("VALID", valid), ("train", f"{train} "), _beside(seen)]
        loss = seen.validation_loss
    else:
        first = [("TRAIN", Text(f"{train} ", style=loudest)), ("held out", "none ")]
        loss = seen.train_loss
    if seen.tokens != "characters":
        first.append(("perplexity", "n/a " if loss is None else f"{shown_perplexity(loss)} "))
    return [*first, ("bits/char", f"{_number(None if loss is None else bits_per_character(loss, seen.characters))} ")]


def _beside(seen: Snapshot) -> Row:
    """How far the validation loss is from the n-gram's, below 0 where it is better; else the best one."""
    if seen.baselines is None or seen.baselines.ngram is None:
        return "best", f"{_number(seen.best_validation_loss)} "
    loss = seen.validation_loss
    return f"vs {seen.baselines.name}", "n/a " if loss is None else f"{loss - seen.baselines.ngram:+.3f} "


def _schedule(seen: Snapshot) -> list[Row]:
    horizon = f"/{seen.horizon:,}" if seen.horizon else ""
    saved = "n/a" if seen.saved_at is None else f"{duration(time.monotonic() - seen.saved_at)} ago"
    unit = "chars/s" if seen.tokens == "characters" else "words/s"
    return [
        ("step", f"{seen.step:,}{horizon}"),
        ("epoch", f"{seen.epoch:.1f}"),
        ("rate", "n/a" if seen.learning_rate is None else f"{seen.learning_rate:.5f}"),
        ("gradient", _number(seen.gradient_norm, 2)),
        (unit, _number(seen.tokens_per_second, 0)),
        ("trained", duration(seen.elapsed)),
        ("saved", saved),
    ]


def _legend(seen: Snapshot) -> Content:
    rule = glyphs().rule
    parts = [(f"{rule} train", "$primary")]
    if seen.validation:
        parts.append((f"  {rule} validation", "$accent"))
    if seen.best_step is not None:
        parts.append((f"  * best {seen.best_validation_loss:.3f}, step {seen.best_step:,}", "$foreground"))
    return Content.assemble(*parts)
