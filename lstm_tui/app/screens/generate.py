"""Generate: a run, a prompt, a few settings, and the text that the model makes of them.

A thread makes the text; a timer of this screen takes what has come. The run is read from its checkpoint on
the disk, so that one in training is not disturbed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen

from lstm_tui.app.draft import FIELDS, Draft
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.panel import Figures, Panel
from lstm_tui.app.widgets.picker import Pick, Picker
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.status import figure
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.app.widgets.words import Words, readable
from lstm_tui.app.writing import Copied, Pieces, Writing, generate, random_slice
from lstm_tui.config import RunConfig, check
from lstm_tui.errors import UserError, no_control_characters
from lstm_tui.fields import merge
from lstm_tui.runs import store
from lstm_tui.runs.run import Run

_NO_RUNS = "There is no model yet. Choose a text (1) and train it (t): it can write as soon as it has saved."
_MAIN = ("sampling.temperature", "sampling.top_k", "sampling.length", "seed")
_DIALS = {path: FIELDS[path] for path in _MAIN} | {
    path: leaf for path, leaf in FIELDS.items() if leaf.section == "sampling" and leaf.name != "prompt"
}
# The values stand beside the longest label: these would leave them no room.
_SHORT = {"sampling.repetition_penalty": "repetition", "sampling.repetition_window": "its window"}
_KEYS = "-/+  temperature\n  k  top-k\n  l  length\n  s  seed\n  r  random slice"


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
        Binding("o", "open", "Runs", id="generate.open", tooltip="Choose which run writes"),
    ]

    # Tests put their own here.
    generate = staticmethod(generate)

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""
        self._run: Run | None = None
        self._runs: Sequence[store.Summary] = ()
        self._draft: Draft | None = None
        self._overrides: dict[str, dict[str, str | None]] = {}
        self._before: dict[str, str | None] | None = None
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
            self._run, self._draft = None, None
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
        stored = run.config.model_dump()

        def base(overrides: Mapping[str, Any]) -> RunConfig:
            return check(merge(stored, overrides))

        self._draft = Draft(base, self._overrides.setdefault(run.id, {}), keep={"seed"})
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
        if self._draft is None:
            return
        items = [replace(i, section="", label=_SHORT.get(i.path, i.label)) for i in self._draft.items(_DIALS)]
        if "seed" not in self._draft.overrides:
            seed = _MAIN.index("seed")
            items[seed] = replace(items[seed], value="new", was="")
        self.query_one(Form).show(items)
        self._show_note()

    @on(Form.Moved)
    @on(events.DescendantFocus)
    def _show_note(self) -> None:
        """What is wrong, what the model does not know of the prompt, what the setting here is for, or the copy."""
        form = self.query_one(Form)
        path = form.path if form.has_focus_within else None
        wrong = next(iter(self._draft.problems.values()), "") if self._draft else ""
        source = self._writing.source if self._writing else None
        note = source.unknown_note if source else ""
        self.query_one("#note-box").set_class(bool(wrong or note), "live")
        copied = self._writing.copied if self._writing else None
        about = _DIALS[path].help if path else f"Longest copy:\n{copied.text}" if copied else _KEYS
        self.query_one("#note", Words).show(wrong or note or about)

    @on(Form.Stepped)
    def _stepped(self, message: Form.Stepped) -> None:
        if self._draft is not None:
            self._draft.step(message.path, message.direction)
            self._show_dials()

    @on(Form.Typed)
    def _typed(self, message: Form.Typed) -> None:
        if self._draft is None:
            return
        if self._before is None:
            self._before = dict(self._draft.overrides)
        if message.path == "seed" and message.text.strip() in {"", "new", "none"}:
            self._draft.reset("seed")
        else:
            self._draft.set(message.path, message.text)
        self._show_dials()

    @on(Form.Closed)
    def _field_left(self, message: Form.Closed) -> None:
        if self._draft is not None and self._before is not None and not message.kept:
            self._draft.restore(self._before)
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
        if self._draft is not None:
            if self._draft.config.sampling.greedy:  # or nothing would come of it
                self._draft.set("sampling.greedy", "false")
            self._draft.step("sampling.temperature", direction)
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
        run, draft = self._run, self._draft
        if run is None or draft is None:
            self.tui.say(_NO_RUNS)
            return
        for message in draft.problems.values():
            self.tui.say(message, wrong=True)
            return
        if not any(run.checkpoint_path(kind).exists() for kind in ("best", "last")):
            busy = self.tui.source.snapshot()
            training = busy.busy and busy.run == run.id
            then = "press c on Train (3), then n here." if training else "press r on Runs (5) to train it."
            self.query_one(Stream).say(f"This run has not saved yet; {then}")
            return
        self._stop()
        self._asked = run.id  # it stays, whichever run appears
        self._writing = writing = Writing()
        prompt = self.query_one(Prompt).text or None
        sampling = draft.config.sampling
        seed = draft.config.seed if "seed" in draft.overrides else None
        self.query_one(Stream).say("loading the model")
        self.run_worker(
            lambda: writing.work(lambda: self.generate(run, prompt, sampling, seed)),
            thread=True,
            group="generate",
            exit_on_error=False,
        )

    @work(thread=True, group="slice", exclusive=True, exit_on_error=False)
    def action_slice(self) -> None:
        """Another prompt from the text that was learnt, as `many-to-one` takes it, and a text."""
        run, draft = self._run, self._draft
        if run is None or draft is None:
            return
        try:
            prompt = random_slice(run, draft.config.sampling)
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
                stream.begin(writing.source.prompt)
                self._show_note()
            stream.append(writing.take())
            self._show_figures(writing.source, writing.copied)
        writing.shown = done
        if done and writing.error is not None:
            if writing.begun or not isinstance(writing.error, UserError):
                self.tui.report(writing.error)
            if not writing.begun:
                known = isinstance(writing.error, UserError)
                stream.say(str(writing.error) if known else "The model could not be loaded.")

    def _show_figures(self, source: Pieces, copied: Copied | None) -> None:
        tokens = self._run.config.text.tokens if self._run else "tokens"
        speed = source.tokens_per_second
        self.query_one(Figures).show(
            [
                (tokens, f"{source.tokens:,}"),
                ("a second", f"{speed:,.0f}" if speed else ""),
                ("seed used", str(source.seed)),
                ("longest copy", f"{copied.length:,}" if copied else ""),
            ]
        )
        if copied:
            self._show_note()
