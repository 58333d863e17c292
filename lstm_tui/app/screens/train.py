"""Train: the loss as it falls, what that says, the figures that matter, what the model writes, the keys that steer.

It reads a Snapshot and makes requests; how a model is trained it does not know.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content

from lstm_tui.app import standing
from lstm_tui.app.keys import key
from lstm_tui.app.run_look import Look, look_at
from lstm_tui.app.screens.why import WhyScreen
from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.axes import BY, View
from lstm_tui.app.widgets.chart import LossChart, SteeringChart, steering_words
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.meters import Meters
from lstm_tui.app.widgets.panel import Figures, Panel
from lstm_tui.app.widgets.samples import LogBox, SampleBox
from lstm_tui.app.widgets.words import Words
from lstm_tui.jobs.diagnosis import Finding
from lstm_tui.runs import store

if TYPE_CHECKING:
    from lstm_tui.jobs.requests import Verb


_OLDER = "The sample before this one, or after it; new ones are followed"
_LOG = frozenset({"train.log", "train.log.back"})
_NONE = Look(Path())
_SCROLL = "Scroll the sample or the log, a line or a page"


class TrainScreen(Frame):
    """See the module."""

    NUMBER = 3
    TITLE_WORD = "Train"
    DEFAULT_CSS = """
    TrainScreen #run { display: none; }
    TrainScreen.-run #run { display: block; }
    TrainScreen.-run #nothing { display: none; }
    TrainScreen #nothing { align: center middle; }
    TrainScreen #nothing Words { width: auto; max-width: 100%; height: auto; padding: 0 2; }
    TrainScreen #charts { height: 1fr; }
    TrainScreen #chart-box { padding: 0; height: 1fr; }
    TrainScreen #chart { height: 1fr; }
    TrainScreen #verdict { height: 1; padding: 0 1; }
    TrainScreen #steering-box { display: none; padding: 0; }
    TrainScreen #lower { height: 8; }
    TrainScreen #log-box { display: none; }
    TrainScreen.-log #log-box { display: block; }
    TrainScreen.-log #sample-box { display: none; }
    TrainScreen #side { width: 24; }
    TrainScreen #side > Panel { height: auto; }
    /* More room shows more: the log beside or under the sample, a second chart beside or under the first. */
    TrainScreen.-tall #lower { height: 22; }
    TrainScreen.-tall #sample-box { height: 1fr; }
    TrainScreen.-tall #log-box { height: 9; }
    TrainScreen.-tall #sample-box, TrainScreen.-tall #log-box { display: block; }
    TrainScreen.-wide #side { width: 34; }
    TrainScreen.-wide #charts, TrainScreen.-wide #lower { layout: horizontal; }
    TrainScreen.-wide #sample-box, TrainScreen.-wide #log-box { display: block; width: 1fr; height: 1fr; }
    TrainScreen.-wide #chart-box { width: 2fr; }
    TrainScreen.-wide #steering-box { display: block; width: 1fr; }
    TrainScreen.-wide.-tall #lower { height: 12; }
    TrainScreen.-wide.-tall #charts { layout: vertical; }
    TrainScreen.-wide.-tall #chart-box { width: 1fr; }
    TrainScreen.-wide.-tall #steering-box { height: 8; }
    TrainScreen #lower .chosen { border-title-color: $primary; border-title-style: bold; }
    /* Over what the model writes, not over the figures. */
    TrainScreen ToastHolder { align-horizontal: left; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("p", "ask('pause')", "Pause", "Let the training rest; the same key goes on", "train.pause", "p"),
        key("p", "ask('go on')", "Go on", "Go on with the training", "train.go-on", "p"),
        key("s", "stop", "Stop", "Stop and save; the run can go on later", "train.stop", "s"),
        key("x,escape", "call_off", "Call it off", "Call off the training that is prepared", "train.call-off", "x"),
        key("enter", "talk", "Talk to it", "Let this model write on the Generate screen", "train.talk", "Enter"),
        key("r", "resume", "Go on", "Go on with this run: to its end, or for longer", "train.resume", "r"),
        key("c", "ask('save')", "Save", "Save now (it is saved twice a minute anyway)", "train.save"),
        key("g", "ask('sample')", "Sample", "Let the model write a sample now", "train.sample", "g"),
        key("minus", "rate(0.5)", "Rate", "Halve the learning rate", "train.rate.half", "-/+"),
        key("plus", "rate(2.0)", "Double the rate", "Double the learning rate", "train.rate.double"),
        key("w", "why", "Why", "All that the curves say, and what to do about it", "train.why", "w"),
        key("o", "other", "Log", "What happened, in place of the sample", "train.log", "o"),
        key("o", "other_back", "Sample", "The sample, in place of what happened", "train.log.back", "o"),
        key("a", "axis", "Axis", "The chart by step, by epoch or by time", "train.axis"),
        key("l", "logarithmic", "Log axis", "The loss on a logarithmic axis, or a linear one", "train.logarithmic"),
        key("m", "smooth", "Smooth", "The training loss smoothed, or as it is", "train.smooth"),
        key("b", "bell", "Bell", "Ring and notify when a run ends, or not", "train.bell"),
        key("left", "older(-1)", "Older sample", _OLDER, "train.sample.older"),
        key("right", "older(1)", "Newer sample", _OLDER, "train.sample.newer"),
        key("up", "scroll(-1)", "Up", _SCROLL, "train.scroll.up"),
        key("down", "scroll(1)", "Down", _SCROLL, "train.scroll.down"),
        key("pageup", "scroll(-9)", "Page up", _SCROLL, "train.scroll.page-up"),
        key("pagedown", "scroll(9)", "Page down", _SCROLL, "train.scroll.page-down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen = Snapshot()
        self._earlier = _NONE  # at the last run there is, where none was trained since the start
        self._drawn: Snapshot | None = None
        self._findings: list[Finding] = []

    def body(self) -> ComposeResult:
        with Vertical(id="nothing"):
            yield Words(id="advice")
        with Horizontal(id="run"):
            with Vertical():
                with Container(id="charts"):
                    with Panel(id="chart-box"):
                        yield LossChart(id="chart")
                        yield Words(id="verdict")
                    with Panel(id="steering-box"):
                        yield SteeringChart(id="steering")
                with Container(id="lower"):
                    yield SampleBox(id="sample-box", classes="chosen")
                    yield LogBox(id="log-box")
            with Vertical(id="side"):
                with Panel(id="losses-box", classes="-open"):
                    yield Figures(id="losses")
                with Panel(title="schedule", classes="-open -joined"):
                    yield Figures(id="schedule")
                yield Meters()

    def on_mount(self) -> None:
        memory = self.tui.memory
        by = memory.get("train.axis", "step")
        self._view = View(
            by if by in BY else "step", memory.get("train.log", False), memory.get("train.smoothed", False)
        )
        self.watch(self.app, "theme", self._recolour, init=False)
        self.every(0.5, self._look)
        self.every(1.0, self._draw)
        self.every(1.0, lambda: self.query_one(Meters).look(self._seen, self.tui.device))

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        if not self.tui.source.snapshot().run:
            self._recall()

    @work(thread=True, group="recall", exclusive=True, exit_on_error=False)
    def _recall(self) -> None:
        """The last run of an earlier session, rather than nothing; of one that is damaged, the Runs screen says it."""
        newest = store.runs()[:1]
        self._earlier = look_at(newest[0].folder, self._earlier) if newest else _NONE

    # Looking.

    def _look(self) -> None:
        """Figures, sample and keys, as the run is now."""
        seen, before, earlier = self.tui.source.snapshot(), self._seen, self._earlier.snapshot
        if seen.state == "idle" and not seen.refused and earlier.run:
            seen = earlier
        self._seen = seen
        if (seen.state, seen.run) != (before.state, before.run):
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
            self.query_one(SampleBox).show(seen)
            self.query_one(LogBox).show(seen)
        else:
            self.query_one("#advice", Words).show(standing.advice(seen, self.tui.choice, self.app.theme_variables))

    def _show_figures(self, seen: Snapshot) -> None:
        losses = standing.losses(seen, self.app.theme_variables["accent"])
        gpu = self.query_one("#gpu-box")
        others = len(losses) + (7 if gpu.has_class("absent") else gpu.outer_size.height + 5)
        self.query_one("#losses-box", Panel).entitle(seen.title)
        self.query_one("#losses", Figures).show(losses)
        self.query_one("#schedule", Figures).show(standing.schedule(seen, self.query_one("#side").size.height - others))

    def _draw(self) -> None:
        """The charts and what they say, where there is something new."""
        seen = self._seen
        if not seen.run or seen is self._drawn:
            return
        self._drawn = seen
        box, steering = self.query_one("#chart-box", Panel), self.query_one("#steering-box", Panel)
        box.entitle(standing.title(seen, self._view, last=seen is self._earlier.snapshot))
        box.note(Content.assemble(*standing.legend(seen)))
        self.query_one(LossChart).show(seen, self._view)
        words = steering_words(seen)
        steering.entitle(f"{', '.join(words)}, by {self._view.by}")
        steering.note(Content.assemble(*standing.steering_legend(*words)))
        self.query_one(SteeringChart).show(seen, self._view)
        self._findings = standing.findings(seen)
        verdict = self.query_one("#verdict", Words)
        width = verdict.content_size.width
        verdict.show(standing.verdict(seen, self._findings, width, self.app.theme_variables))

    def _recolour(self) -> None:
        self._drawn = None

    # The view.

    def _see(self, name: str, value: "str | bool", view: View) -> None:
        self._view, self._drawn = view, None
        self.tui.remember(f"train.{name}", value)
        self._draw()

    def action_axis(self) -> None:
        by = BY[(BY.index(self._view.by) + 1) % len(BY)]
        self._see("axis", by, replace(self._view, by=by))

    def action_logarithmic(self) -> None:
        self._see("log", on := not self._view.logarithmic, replace(self._view, logarithmic=on))

    def action_smooth(self) -> None:
        self._see("smoothed", on := not self._view.smoothed, replace(self._view, smoothed=on))

    def _choose_box(self, name: str) -> None:
        """The sample or the log: which is scrolled, and which is seen where there is no room for both."""
        self.set_class(name == "log", "-log")
        for box in ("sample", "log"):
            self.query_one(f"#{box}-box").set_class(box == name, "chosen")
        self.refresh_bindings()

    def action_other(self) -> None:
        self._choose_box("log")

    def action_other_back(self) -> None:
        self._choose_box("sample")

    def action_older(self, by: int) -> None:
        self._choose_box("sample")
        self.query_one(SampleBox).go(by)

    def action_scroll(self, lines: int) -> None:
        box = self.query_one(LogBox) if self.has_class("-log") else self.query_one(SampleBox)
        box.scroll_by(lines)

    def action_why(self) -> None:
        if self._seen.state == "failed":
            self.tui.say(self._seen.message, wrong=True)
        elif self._findings:
            self.app.push_screen(WhyScreen(self._seen.title, self._findings))

    def action_bell(self) -> None:
        on = not self.tui.memory.get("train.bell", False)
        self.tui.remember("train.bell", on)
        self.tui.say("The terminal rings when a run ends." if on else "The terminal stays silent when a run ends.")

    # Steering.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be asked for now has a key."""
        state, run = self._seen.state, bool(self._seen.run) and self._seen.state != "preparing"
        match action, *parameters:
            case "ask", "pause":
                return state == "training"
            case "ask", "go on":
                return state == "paused"
            case ("ask", "save" | "sample") | ("rate", _):
                return state in {"training", "paused"}
            case ["stop"]:
                return self._seen.busy and state != "preparing"
            case ["call_off"]:
                return state == "preparing"
            case ["talk" | "resume"]:
                return run and not self._seen.busy
            case ["other"]:
                return run and not self.has_class("-log")
            case ["other_back"]:
                return run and self.has_class("-log")
            case ["why" | "axis" | "logarithmic" | "smooth" | "older" | "scroll", *_]:
                return run
        return True

    def fitting(self, found: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
        """Where the log stands beside the sample, or under it, its key only says which of the two is scrolled."""
        if self.has_class("-wide") or self.has_class("-tall"):
            for key, it in found.items():
                if it.binding.id in _LOG:
                    found[key] = it._replace(binding=replace(it.binding, show=False))
        return super().fitting(found)

    def action_ask(self, verb: "Verb", factor: float = 1.0) -> None:
        self.tui.source.request(verb, factor)
        self._look()

    def action_stop(self) -> None:
        scoring = self._seen.state == "scoring"
        self.action_ask("stop")
        self.tui.say(_SCORED if scoring else "It stops and is saved; r goes on with it later.")

    def action_call_off(self) -> None:
        self.action_ask("stop")

    def action_rate(self, factor: float) -> None:
        rate = (self._seen.learning_rate or 0.0) * factor
        if _LEAST_RATE <= rate <= _MOST_RATE:
            self.action_ask("rate", factor)
        else:
            self.tui.say(f"The learning rate stays between {_LEAST_RATE:g} and {_MOST_RATE:g}.")

    def action_talk(self) -> None:
        self.tui.talk_to(self._seen.run)

    def action_resume(self) -> None:
        self.tui.go_on(self._seen.run)


_LEAST_RATE, _MOST_RATE = 1e-9, 10.0
_SCORED = "It is scored no further; it was trained to its end, and is saved."
