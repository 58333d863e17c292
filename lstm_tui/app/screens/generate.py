"""Generate: a run, a prompt, a few settings, and the text, or texts, that the model makes of them.

A thread makes them; a timer of this screen takes what has come. The run is read from its checkpoint on
the disk, so that one in training is not disturbed. A setting counts at once: from the next token of what is being
written; and what has been written is written again with the same seed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer

from lstm_tui.app import telling, writers
from lstm_tui.app.dials import Dials
from lstm_tui.app.handing import Handing, handing_keys
from lstm_tui.app.keys import key
from lstm_tui.app.screens.outputs import OutputsScreen
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.kept import Kept
from lstm_tui.app.widgets.panel import Figures, Panel
from lstm_tui.app.widgets.picker import Picker
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.sampling import Sampling, dial_keys
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.app.widgets.words import Words
from lstm_tui.app.writing import Models, Saved, Writing
from lstm_tui.errors import UserError
from lstm_tui.runs import store
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run

# After the last of some quick changes the text is written again.
_SETTLED_SECONDS = 0.25


class GenerateScreen(Handing, Frame):
    """See the module."""

    NUMBER = 4
    TITLE_WORD = "Generate"
    DEFAULT_CSS = """
    GenerateScreen #dials { width: 30; }
    GenerateScreen.-wide #dials { width: 38; }
    GenerateScreen #text-box { height: 1fr; }
    GenerateScreen #prompt-box { height: auto; }
    GenerateScreen #dials-box { height: 8; }
    GenerateScreen #figures-box { display: none; height: auto; }
    GenerateScreen #kept-box { display: none; height: 3; }
    GenerateScreen.-written #figures-box, GenerateScreen.-marks #kept-box { display: block; }
    GenerateScreen.-marks #dials-box { height: 6; }
    GenerateScreen #note-box { height: 1fr; color: $quiet; }
    GenerateScreen #note-box.live { color: $accent; }
    /* What the setting under the cursor is for needs room. */
    GenerateScreen.-usual.-dialling #figures-box, GenerateScreen.-usual.-dialling #kept-box { display: none; }
    GenerateScreen.-tall {
        #dials-box { height: 15; }
        #kept-box { display: block; height: 1fr; }
        #note-box { height: 13; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("p,enter", "prompt", "Prompt", "Write another prompt", "generate.prompt", "p"),
        key("n", "new", "New", "Another text: same prompt, new seed", "generate.new", "n"),
        key("a", "again", "Again", "The same seed again, with the settings as they are now", "generate.again"),
        key("r", "slice", "Random slice", "Go on from anywhere in the text", "generate.slice"),
        key("escape", "stop", "Stop", "Stop writing", "generate.stop", "Esc"),
        key("minus", "heat(-1)", "Cooler", "Lower the temperature", "generate.cooler"),
        key("plus,equals_sign", "heat(1)", "Temp", "Raise the temperature", "generate.warmer", "-/+"),
        *dial_keys(),
        key("asterisk", "keep", "Keep", "Mark this text, so that it is listed here", "generate.keep", "*"),
        *handing_keys("generate", shown=False),
        key("b", "texts", "All texts", "Read all that this run wrote, and take their settings again", "generate.texts"),
        key("o", "open", "Runs", "Choose which run writes", "generate.open"),
    ]

    # Tests put their own here.
    generate: Any = Models()

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""
        self._run: Run | None = None
        self._runs: Sequence[store.Summary] = ()
        self._saved: Mapping[str, Saved] = {}
        self._writing: Writing | None = None
        self._redraw = Timer(self, 0)  # which never runs
        self._esc_stops = self._covered = False

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                with Panel(id="text-box", classes="-open"):
                    yield Stream()
                with Panel(title="prompt", id="prompt-box", classes="-joined") as box:
                    box.border_subtitle = "up/down earlier ones, alt+Enter new line"
                    yield Prompt()
            with Vertical(id="dials"):
                with Panel(title="sampling", id="dials-box", classes="-open"):
                    yield Sampling()
                with Panel(id="figures-box", classes="-open -joined"):
                    yield Figures()
                with Panel(title="kept, b lists all", id="kept-box", classes="-open -joined"):
                    yield Kept()
                with Panel(id="note-box", classes="-joined"):
                    yield Words(id="note")

    def on_mount(self) -> None:
        self.every(0.1, self._flush)

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        self._covered = isinstance(self.app.screen, ModalScreen)

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        if not self._covered:  # a dialog or the palette gives the focus back to where it was
            there = self._writing is not None and self._writing.run.id == self._asked
            self.query_one(Stream if there else Prompt).focus()
        self._find_runs()

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._show_title)

    def on_unmount(self) -> None:
        self.action_stop()

    # Which run writes.

    def choose(self, run_id: str) -> None:
        """Let that run write from now on; where the screen does not stand yet, it looks by itself once it does."""
        self._asked = run_id
        if self.is_mounted:
            self._find_runs()

    def _find_runs(self) -> None:
        """Open the run that was asked for, the one in training, or the newest that can be read."""
        asked, seen = self._asked, self.tui.source.snapshot()
        training = seen.run if seen.busy else ""
        self.aside(lambda: writers.find(asked, training), lambda found: self._found(asked, found))

    def _found(self, asked: str, found: writers.Found) -> None:
        if asked != self._asked:  # another one was asked for since; its own answer comes
            return
        self._runs = found.summaries
        self.query_one(Kept).show(found.marked)
        if found.run is None:
            self.action_stop()
            self._run = self._writing = None
            self._dials.take(None)
            self.query_one(Stream).say(f"{found.wrong}\n\n{telling.NO_RUNS}".strip())
        elif self._run is None or found.run.id != self._run.id:
            self._take_run(found.run)
            self.query_one(Stream).say(f"{found.wrong}\n\n{telling.ADVICE}" if found.wrong else telling.ADVICE)
        self._take_checkpoints(found.saved)
        if found.run is not None and asked not in ("", found.run.id):
            self._asked = ""
            self.tui.say(found.wrong)

    def _take_run(self, run: Run) -> None:
        self.action_stop()
        self._run, self._writing = run, None
        self._dials.take(run)
        self.query_one(Prompt).offer(run.config.sampling.prompt)
        self.remove_class("-written")

    def _take_checkpoints(self, there: Mapping[str, Saved]) -> None:
        self._saved = there
        self._dials.offer({kind: str(one) for kind, one in there.items()})
        self.query_one(Sampling).look()
        self._show_title()

    def _show_title(self) -> None:
        panel, said = self.query_one("#text-box", Panel), str(self._saved.get(self._dials.checkpoint, "not saved yet"))
        panel.entitle(telling.title(self._run.id, said, panel.outer_size.width - 6) if self._run else "")

    def action_open(self) -> None:
        if not self._runs:
            self.tui.say(telling.NO_RUNS)
            return
        picker = Picker("runs, newest first", writers.picks(self._runs), self._run.id if self._run else "")
        self.app.push_screen(picker, lambda name: self.choose(name) if name else None)

    # Settings.

    @property
    def _dials(self) -> Dials:
        return self.query_one(Sampling).draft

    @on(Form.Moved)
    @on(events.DescendantFocus)
    def _show_note(self) -> None:
        form = self.query_one(Sampling)
        here = self._dials.about(form.path) if form.has_focus_within and form.path else ""
        if self.query_one(Prompt).has_focus:
            here = telling.IN_PROMPT
        note, live = telling.note(self._dials, here, self._writing)
        self.set_class(form.has_focus_within, "-dialling")
        self.query_one("#note-box").set_class(live, "live")
        self.query_one("#note", Words).show(note)

    @on(Sampling.Changed)
    def _dials_changed(self, message: Sampling.Changed) -> None:
        """A setting that was changed for good counts at once."""
        way, writing = self._dials.way, self._writing
        if message.settled and way is not None and writing is not None and way != writing.way:
            if writing.busy:
                writing.change(way)
            else:
                self._again_soon()
        self._show_title()
        self._show_note()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or (self._writing is not None and self._writing.stoppable)

    def action_dial(self, path: str) -> None:
        self.query_one(Sampling).turn(path)

    def action_heat(self, direction: int) -> None:
        self.query_one(Sampling).heat(direction)

    # Writing.

    def action_prompt(self) -> None:
        self.query_one(Prompt).focus()

    @on(Prompt.Left)
    def _leave_prompt(self) -> None:
        self.query_one(Stream).focus()
        self._show_note()

    @on(Prompt.Submitted)
    def _submitted(self) -> None:
        self.query_one(Prompt).used()
        self.query_one(Stream).focus()
        self._begin()

    def action_new(self) -> None:
        """Another text with a seed of its own."""
        self._dials.new_seed()
        self.query_one(Sampling).look()
        self.query_one(Stream).focus()
        self._begin()

    def action_again(self) -> None:
        """The seed that was used last once more, or the one that is set."""
        self.query_one(Stream).focus()
        self._again()

    def _again(self) -> None:
        source = self._writing.source if self._writing else None
        self._begin(source.seed if source else None)

    def _again_soon(self) -> None:
        self._redraw.stop()
        self._redraw = self.set_timer(_SETTLED_SECONDS, self._again)

    def action_slice(self) -> None:
        """A text from another prompt: a slice of what was learnt, as `many-to-one` takes it."""
        self.query_one(Stream).focus()
        self._begin(sliced=True)

    def _begin(self, seed: int | None = None, sliced: bool = False) -> None:
        """Begin a text; the one being written is left."""
        run, way, stream = self._run, self._dials.way, self.query_one(Stream)
        if run is None:
            self.tui.say(telling.NO_RUNS)
            return
        if way is None:
            self.tui.say(self._dials.problem, wrong=True)
            return
        self.action_stop()
        self._asked = run.id  # it stays, whichever run appears
        self._writing = writing = Writing(run, way, seed, sliced)
        prompt = self.query_one(Prompt).text or None
        if not stream.texts:
            stream.say("loading the model")
        self._show_note()

        seen = self.tui.source.snapshot()

        def work() -> None:
            writing.work(self.generate, prompt, training=seen.busy and seen.run == run.id)
            if writing is not self._writing:  # left for another text, which is what `_flush` looks at
                self.app.call_from_thread(self._keep, writing)

        self.run_worker(work, thread=True, group="generate", exit_on_error=False)

    def action_stop(self) -> None:
        """Nothing more is written, nor will be by itself."""
        self._redraw.stop()
        if self._writing:
            self._writing.stopped = True

    def _flush(self) -> None:
        """Show what has come since the last tenth of a second."""
        writing, stream = self._writing, self.query_one(Stream)
        if self._esc_stops != (stops := bool(self.check_action("stop", ()))):  # or goes back
            self._esc_stops = stops
            self.refresh_bindings()
        if writing is None or writing.shown:
            return
        done = writing.done  # before what is taken: nothing comes after it
        if writing.source is None:
            stream.say("loading the model")
        else:
            if not writing.begun:
                writing.begun = True
                self.add_class("-written")
                stream.begin(writing.source.prompt, writing.way.streams)
                if writing.sliced:
                    self.query_one(Prompt).put(writing.source.prompt)
                self._take_checkpoints(writing.saved)
                self._show_note()
            stream.append(*writing.take())
            for number, copied in enumerate(writing.copied):
                stream.note(number, f"longest copy {copied.length:,}")
            self.query_one(Figures).show(telling.figures(writing, writing.run.config.text.tokens))
        if done:
            writing.shown = True
            self._show_note()
            self._ended(writing)

    def _ended(self, writing: Writing) -> None:
        """A text is whole, or was stopped, or nothing came of it."""
        self._keep(writing)
        if writing.unheard:
            self._again_soon()
        if (error := writing.error) is not None:
            known = isinstance(error, UserError)
            if writing.begun or not known:
                self.tui.report(error)
            if not writing.begun:
                self.query_one(Stream).say(str(error) if known else "The model could not be loaded.")

    # What has been written.

    def text_there(self) -> tuple[Run, Output] | None:
        writing = self._writing
        if writing is not None and (output := writing.so_far) is not None:
            return writing.run, output
        self.tui.say("There is no text yet; n writes one.")
        return None

    def action_keep(self) -> None:
        writing = self._writing
        if self.text_there() is not None and writing is not None:
            writing.marked = True
            if writing.shown:
                self._keep(writing)
            else:
                self.tui.say("It will be kept as soon as it has ended.")

    def _keep(self, writing: Writing) -> None:
        if writing.lost is not None:
            self.tui.report(writing.lost)
        elif writing.marked and writing.output is not None and writing.run is self._run:
            self.query_one(Kept).mark(writing.run, writing.output)

    def action_texts(self) -> None:
        if self._run is None:
            self.tui.say(telling.NO_RUNS)
        else:
            self.app.push_screen(OutputsScreen(self._run), self._take_again)

    def _take_again(self, output: Output | None) -> None:
        """Prompt, settings and seed of a text that was written before."""
        if output is not None:
            self.query_one(Prompt).put(output.prompt)
            self._dials.take_again(output.sampling, output.seed, len(output.texts), output.checkpoint)
            self.query_one(Sampling).look()
            self._show_title()
            self._begin()
