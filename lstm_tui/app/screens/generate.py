"""Generate: a run, a prompt, a few settings, and the text, or texts, that the model makes of them.

A thread makes them; a timer of this screen takes what has come. The run is read from its checkpoint on
the disk, so that one in training is not disturbed.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen

from lstm_tui.app.dials import STREAMS, Dials, Typed, Way
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.panel import Figures, Panel
from lstm_tui.app.widgets.picker import Pick, Picker
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.status import figure
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.app.widgets.words import Words, readable
from lstm_tui.app.writing import Writing, generate, random_slice
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.runs import store
from lstm_tui.runs.run import Run

_NO_RUNS = "There is no model yet. Choose a text (1) and train it (t): it can write as soon as it has saved."
_KEYS = "-/+  temperature\n  k  top-k\n  l  length\n  s  seed\n  m  streams\n  r  random slice"
_KEPT = "What is being written keeps its settings; n writes with these."


class GenerateScreen(Frame):
    """See the module."""

    NUMBER = 4
    TITLE_WORD = "Generate"
    DEFAULT_CSS = """
    GenerateScreen #dials { width: 27; }
    GenerateScreen.-wide #dials { width: 36; }
    GenerateScreen #text-box { height: 1fr; }
    GenerateScreen #prompt-box { height: 5; }
    GenerateScreen #dials-box { height: 8; }
    GenerateScreen #figures-box { height: 5; }
    GenerateScreen #note-box { height: 1fr; color: $quiet; }
    GenerateScreen #note-box.live { color: $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,enter", "prompt", "Prompt", key_display="p", id="generate.prompt", tooltip="Write another prompt"),
        Binding("n", "again", "Again", id="generate.again", tooltip="Another text from the same prompt"),
        Binding(
            "r", "slice", "Random slice", id="generate.slice", tooltip="Go on from anywhere in the text", show=False
        ),
        Binding("escape", "stop", "Stop", key_display="Esc", id="generate.stop", tooltip="Stop writing"),
        Binding("minus", "cooler", "Cooler", id="generate.cooler", tooltip="Lower the temperature", show=False),
        Binding(
            "plus,equals_sign",
            "warmer",
            "Temperature",
            key_display="-/+",
            id="generate.warmer",
            tooltip="Raise the temperature",
        ),
        Binding(
            "k",
            "dial('sampling.top_k')",
            "Top-k",
            id="generate.top-k",
            tooltip="Draw among the k likeliest",
            show=False,
        ),
        Binding(
            "l", "dial('sampling.length')", "Length", id="generate.length", tooltip="How much to write", show=False
        ),
        Binding("s", "dial('seed')", "Seed", id="generate.seed", tooltip="Same seed, same text", show=False),
        Binding(
            "m",
            f"dial({STREAMS!r})",
            "Streams",
            id="generate.streams",
            tooltip="How many texts are written at once",
            show=False,
        ),
        Binding("o", "open", "Runs", id="generate.open", tooltip="Choose which run writes"),
    ]

    # Tests put their own here.
    generate = staticmethod(generate)

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""
        self._run: Run | None = None
        self._runs: Sequence[store.Summary] = ()
        self._dials = Dials()
        self._before: Typed | None = None
        self._writing: Writing | None = None
        self._was_busy = False
        self._covered = False

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                with Panel(id="text-box", classes="-open"):
                    yield Stream()
                with Panel(title="prompt", id="prompt-box", classes="-joined"):
                    yield Prompt()
            with Vertical(id="dials"):
                with Panel(title="sampling", id="dials-box", classes="-open"):
                    yield Form()
                with Panel(id="figures-box", classes="-open -joined"):
                    yield Figures()
                with Panel(id="note-box", classes="-joined"):
                    yield Words(id="note")

    def on_mount(self) -> None:
        self.every(0.1, self._flush)

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        self._covered = isinstance(self.app.screen, ModalScreen)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        if not self._covered:  # a dialog or the palette gives the focus back to where it was
            self.query_one(Prompt).focus()
        self._find_runs()

    def on_unmount(self) -> None:
        if self._writing:
            self._writing.stopped = True

    # Which run writes.

    def choose(self, run_id: str) -> None:
        """Let that run write from now on."""
        self._asked = run_id
        self._find_runs()

    @work(thread=True, group="runs", exclusive=True, exit_on_error=False)
    def _find_runs(self) -> None:
        """List the runs, and open the one asked for, the one in training, or the newest that can be read."""
        run, wrong, asked = None, "", self._asked
        summaries: Sequence[store.Summary] = ()
        try:
            summaries = [summary for summary in store.summaries() if summary.state != "damaged"]
            snapshot = self.tui.source.snapshot()
            first = [asked, snapshot.run if snapshot.busy else ""]
            known = [summary.run for summary in summaries]
            for name in [*(name for name in first if name in known), *known]:
                try:
                    run = store.find(name)
                    run.config  # noqa: B018  (read here, in the thread; it may be damaged)
                    break
                except UserError as error:
                    run, wrong = None, wrong or str(error)
        except Exception as error:
            self.app.call_from_thread(self.tui.report, error)
        self.app.call_from_thread(self._found, asked, summaries, run, wrong)

    def _found(self, asked: str, summaries: Sequence[store.Summary], run: Run | None, wrong: str) -> None:
        if asked != self._asked:  # another one was asked for since; its own answer comes
            return
        self._runs = summaries
        if run is None:
            self._run = None
            self._dials.take(None)
            self.query_one(Stream).say(wrong or _NO_RUNS)
            self.query_one("#text-box", Panel).entitle("")
            return
        if self._run is None or run.id != self._run.id:
            self._take_run(run)
            advice = "Type the beginning of a text below; Enter lets the model go on."
            self.query_one(Stream).say(f"{wrong}\n\n{advice}" if wrong else advice)
        self._show_title()

    def _take_run(self, run: Run) -> None:
        self._stop()
        self._run, self._writing = run, None
        self._dials.take(run)
        own = run.config.sampling.prompt
        # As Content: a str would be read as markup.
        hint = Content(no_control_characters(own, keep="")) if own else "nothing: it begins like a line of its text"
        self.query_one(Prompt).placeholder = hint
        self.query_one(Figures).show([])
        self._show_dials()

    def _show_title(self) -> None:
        summary = next((summary for summary in self._runs if self._run and summary.run == self._run.id), None)
        if summary is None:
            return
        loss = figure(summary.best_validation_loss)
        score = f", best {loss}" if loss else ""
        self.query_one("#text-box", Panel).entitle(no_control_characters(f"{summary.run}{score}", keep=""))

    def action_open(self) -> None:
        if not self._runs:
            self.tui.say(_NO_RUNS)
            return
        picks = [
            Pick(
                summary.run,
                f"{summary.run:<40} {figure(summary.best_validation_loss):>7}  {summary.state}",
                summary.directory,
            )
            for summary in self._runs
        ]
        self.app.push_screen(
            Picker("runs, newest first", picks, self._run.id if self._run else ""),
            lambda name: self.choose(name) if name else None,
        )

    # Settings.

    def _show_dials(self) -> None:
        self.query_one(Form).show(self._dials.items())
        self._show_note()

    @on(Form.Moved)
    @on(events.DescendantFocus)
    def _show_note(self) -> None:
        """What is wrong, what the model does not know of the prompt, what the setting here is for, or the copy."""
        form = self.query_one(Form)
        path = form.path if form.has_focus_within else None
        writing = self._writing
        wrong = self._dials.problem
        kept = _KEPT if writing and self._busy and self._dials.way != writing.way else ""
        unknown = writing.source.unknown_note if writing and writing.source else ""
        self.query_one("#note-box").set_class(bool(wrong or kept or unknown), "live")
        about = self._dials.about(path) if path else _copy(writing) if writing and writing.copied else _KEYS
        self.query_one("#note", Words).show(wrong or kept or unknown or about)

    @on(Form.Stepped)
    def _stepped(self, message: Form.Stepped) -> None:
        self._dials.step(message.path, message.direction)
        self._show_dials()

    @on(Form.Typed)
    def _typed(self, message: Form.Typed) -> None:
        if self._before is None:
            self._before = self._dials.typed
        self._dials.set(message.path, message.text)
        self._show_dials()

    @on(Form.Closed)
    def _field_left(self, message: Form.Closed) -> None:
        if self._before is not None and not message.kept:
            self._dials.restore(self._before)
        self._before = None
        self._show_dials()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self._busy

    def action_dial(self, path: str) -> None:
        self.query_one(Form).edit(path)

    def action_warmer(self) -> None:
        self._heat(1)

    def action_cooler(self) -> None:
        self._heat(-1)

    def _heat(self, direction: int) -> None:
        self._dials.heat(direction)
        self._show_dials()

    # Writing.

    def action_prompt(self) -> None:
        self.query_one(Prompt).focus()

    @on(Prompt.Left)
    def _leave_prompt(self) -> None:
        self.query_one(Stream).focus()

    @on(Prompt.Submitted)
    def action_again(self) -> None:
        """Begin a text; the one being written is left."""
        self.query_one(Stream).focus()
        if (asked := self._ready()) is None:
            return
        run, way = asked
        if run.saved is None:
            busy = self.tui.source.snapshot()
            training = busy.busy and busy.run == run.id
            then = "press c on Train (3), then n here." if training else "press r on Runs (5) to train it."
            self.query_one(Stream).say(f"This run has not saved yet; {then}")
            return
        self._stop()
        self._asked = run.id  # it stays, whichever run appears
        self._writing = writing = Writing(way)
        prompt = self.query_one(Prompt).text or None
        self.query_one(Stream).say("loading the model")
        self.run_worker(
            lambda: writing.work(lambda: self.generate(run, prompt, way)),
            thread=True,
            group="generate",
            exit_on_error=False,
        )

    def _ready(self) -> tuple[Run, Way] | None:
        """Who is to write, and how; None where something is amiss, which is said."""
        run, way = self._run, self._dials.way
        if run is None:
            self.tui.say(_NO_RUNS)
        elif way is None:
            self.tui.say(self._dials.problem, wrong=True)
        else:
            return run, way
        return None

    def action_slice(self) -> None:
        """Another prompt from the text that was learnt, as `many-to-one` takes it, and a text."""
        if (asked := self._ready()) is not None:
            self._take_slice(*asked)

    @work(thread=True, group="slice", exclusive=True, exit_on_error=False)
    def _take_slice(self, run: Run, way: Way) -> None:
        try:
            prompt = random_slice(run, way.sampling)
        except UserError as error:
            self.app.call_from_thread(self.tui.report, error)
            return
        self.app.call_from_thread(self._go_on_from, run, prompt)

    def _go_on_from(self, run: Run, prompt: str) -> None:
        if run is self._run:
            self.query_one(Prompt).text = readable(prompt)
            self.action_again()

    def _stop(self) -> None:
        if self._writing:
            self._writing.stopped = True

    def action_stop(self) -> None:
        self._stop()

    @property
    def _busy(self) -> bool:
        return self._writing is not None and not self._writing.done and not self._writing.stopped

    def _flush(self) -> None:
        """Show what has come since the last tenth of a second."""
        writing, stream = self._writing, self.query_one(Stream)
        if self._was_busy != self._busy:  # Esc stops, or goes back
            self._was_busy = self._busy
            self.refresh_bindings()
        if writing is None or writing.shown:
            return
        done = writing.done  # before what is taken: nothing comes after it
        if writing.source is not None:
            if not writing.begun:
                writing.begun = True
                stream.begin(writing.source.prompt, writing.way.streams)
                self._show_note()
            stream.append(*writing.take())
            for number, copied in enumerate(writing.copied):
                stream.note(number, f"longest copy {copied.length:,}")
            self._show_figures(writing)
        if done:
            writing.shown = True
            self._show_note()
        if done and writing.error is not None:
            if writing.begun or not isinstance(writing.error, UserError):
                self.tui.report(writing.error)
            if not writing.begun:
                known = isinstance(writing.error, UserError)
                stream.say(str(writing.error) if known else "The model could not be loaded.")

    def _show_figures(self, writing: Writing) -> None:
        source, longest = writing.source, writing.longest
        if source is None:
            return
        tokens = self._run.config.text.tokens if self._run else "tokens"
        speed = source.tokens_per_second
        self.query_one(Figures).show(
            [
                (tokens, f"{source.tokens:,}"),
                ("a second", f"{speed:,.0f}" if speed else ""),
                ("seed used", str(source.seed)),
                ("longest copy", f"{longest[1].length:,}" if longest else ""),
            ]
        )


def _copy(writing: Writing) -> str:
    """The longest stretch of what was written that stands in what was learnt."""
    if writing.longest is None:
        return ""
    number, copied = writing.longest
    which = f" (in {number + 1})" if writing.way.streams > 1 else ""
    return f"Longest copy{which}:\n{copied.text}"
