"""Configure: a recipe or a run to begin from, what is changed in it, and what that will be trained as.

What it changes is the app's `choice`, which F5 trains from anywhere. It knows neither how a text is read
nor what a field does; the form, its checks and its help all come from RunConfig.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import OptionList

from lstm_tui import own_recipes
from lstm_tui.app import starting
from lstm_tui.app.draft import BUDGET, Draft, help_of, label_of
from lstm_tui.app.keys import key
from lstm_tui.app.starting import Start
from lstm_tui.app.widgets.ask import Ask, AskPath
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.draft_form import DraftForm
from lstm_tui.app.widgets.form import Form
from lstm_tui.app.widgets.frame import Frame
from lstm_tui.app.widgets.origins import FROM_RUN, OriginAbout, Origins
from lstm_tui.app.widgets.outlook import Outlook, plan
from lstm_tui.app.widgets.panel import Panel
from lstm_tui.app.widgets.picker import Pick, Picker
from lstm_tui.app.widgets.seek import Seek
from lstm_tui.app.widgets.words import Words, one_line
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.own_recipes import Damaged, OwnRecipe
from lstm_tui.recipes import Figures, find

if TYPE_CHECKING:
    from lstm_tui.devices import Device


# With fewer lines there are none; with fewer columns, none beside the recipes.
_ROOM_FOR_FIGURES, _ROOM_FOR_TEXTS = 24, 70
_ALL = "All as the recipe or run has them; R again undoes that"


class ConfigureScreen(Frame):
    """See the module."""

    NUMBER = 2
    TITLE_WORD = "Configure"
    FIGURES = ("parameters", "memory", "steps an epoch", "seconds an epoch", "characters", "held out", "kinds")
    DEFAULT_CSS = """
    ConfigureScreen #recipe-side { width: 27; }
    ConfigureScreen #recipes-box { height: auto; max-height: 75%; }
    ConfigureScreen #recipes { height: auto; max-height: 100%; }
    ConfigureScreen #settings { layout: vertical; }
    ConfigureScreen #form-box { height: 1fr; }
    ConfigureScreen #facts { height: auto; }
    ConfigureScreen #help-box { height: auto; min-height: 4; max-height: 7; }
    ConfigureScreen #help.wrong { color: $error; }
    ConfigureScreen #plan-box { height: auto; min-height: 5; max-height: 11; color: $quiet; }
    ConfigureScreen.-short #plan-box { display: none; }
    ConfigureScreen.-narrow #recipe-side { width: 21; }
    ConfigureScreen.-wide {
        #recipe-side { width: 22%; min-width: 27; }
        #settings { layout: horizontal; }
        #form-box { width: 1fr; height: 100%; }
        #facts { width: 42%; height: 100%; }
        #help-box { min-height: 9; max-height: 12; }
        #plan-box { height: 1fr; max-height: 100%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "reset", "Reset", "This setting as the recipe or run has it", "configure.reset", "r"),
        key("R", "reset_all", "Reset all", _ALL, "configure.reset-all"),
        key("w", "save", "Save", "Save these settings as a recipe of your own", "configure.save", "w"),
        key("o", "load", "Open", "Take settings from a TOML file, such as a run.toml", "configure.load", "o"),
        key(
            "n", "from_run", "From run", "The settings of an earlier run, its weights drawn anew", "configure.from-run"
        ),
        key("x", "delete", "Delete", "Delete this recipe of your own", "configure.delete", "x"),
        key("slash", "find", "Find", "Go to a setting by its name or its section", "configure.find"),
        key("v", "device", "Device", "Choose what the run is trained on", "configure.device"),
        key("t", "train", "Train", "Train the chosen text with these settings", "configure.train", "t"),
        key("f5", "train", "Train", "Train the chosen text with these settings", "configure.f5", "F5"),
    ]

    # Tests put their own here: reading a text and asking for devices load PyTorch.
    plan = staticmethod(plan)
    devices = staticmethod(starting.devices)

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self._warned = ""

    def body(self) -> ComposeResult:
        self._settle()
        self._draft = Draft(self._base, self.tui.choice.overrides)
        with Horizontal():
            with Vertical(id="recipe-side"):
                with Panel(title="recipes", id="recipes-box", classes="-open"):
                    yield Origins(id="recipes")
                yield OriginAbout(classes="-joined")
            with Container(id="settings"):
                with Panel(id="form-box", classes="-open"):
                    yield DraftForm(self._draft, opened=self.tui.memory.get("configure.opened", ["model"]))
                    yield Seek()
                with Vertical(id="facts"):
                    with Panel(id="help-box", classes="-open -joined"):
                        yield Words(id="help")
                    yield Outlook(self.plan, id="plan-box", classes="-joined")

    def on_mount(self) -> None:
        if self.size.height > 40 and self.form.opened == ["model"]:
            self.form.open("batches", BUDGET)
        self._take_up()
        self.form.focus()
        self.call_after_refresh(self.form.put, next(iter(self._draft.problems), "model.hidden"))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._join)

    def _join(self) -> None:
        """Beneath one another, form and facts are one box; beside one another, two. In few lines the form has the room
        of the figures."""
        beneath, short = not self.has_class("-wide"), self.size.height < _ROOM_FOR_FIGURES
        self.set_class(beneath and short, "-short")
        self.set_class(self.size.width < _ROOM_FOR_TEXTS, "-narrow")
        self.query_one("#help-box").set_class(not (beneath and short), "-open")
        self.query_one("#form-box").set_class(beneath, "-open")
        self.query_one("#help-box").set_class(beneath, "-joined")
        self._tell_about()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._take_up()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def _base(self, overrides: Mapping[str, Any]) -> RunConfig:
        return starting.settings(self.tui.choice, self._recipe, self._figures, overrides)

    def _take_up(self) -> None:
        """Begin with the app's choice as it is now: the text, or the run to begin from, may be another one."""
        self._settle()
        self.query_one(Origins).put(self.tui.choice.parent or self._recipe)
        self._draft.rebase(self._base)
        self._look(anew=True)
        self.aside(own_recipes.listed, self.query_one(Origins).offer)

    def _settle(self) -> None:
        """Take the recipe or run that is chosen; quick, where that is a recipe of one's own that is gone or damaged."""
        choice = self.tui.choice
        try:
            self._recipe = find(choice.recipe)
        except UserError as error:
            self.tui.report(error)
            choice.recipe, self._recipe = "quick", find("quick")

    def _look(self, anew: bool = False) -> None:
        """Show the choice, and have worked out what it means; `anew`: its text's file may be another now."""
        choice, draft = self.tui.choice, self._draft
        changed = f", {draft.count} changed" if draft.count else ""
        self.query_one("#form-box", Panel).entitle(f"{one_line(choice.entry.title)}, {choice.origin_words}{changed}")
        self.form.show(draft.items())
        self._tell_about()
        self._show_help()
        if draft.problems:
            self.query_one(Outlook).hold()
        else:
            self.query_one(Outlook).ask((choice.entry, choice.origin, dict(choice.overrides)), anew)
        for name, value in choice.to_remember().items():
            self.tui.remember(name, value)

    @on(Outlook.Read)
    def _fit(self, message: Outlook.Read) -> None:
        if message.figures != self._figures:
            self._figures = message.figures
            self._draft.rebase(self._base)
            self._look()

    # Recipes.

    @on(OptionList.OptionHighlighted, "#recipes")
    def _origin_highlighted(self) -> None:
        # The cursor itself is asked: when a message is read, the list may be another.
        origin, choice = self.query_one(Origins).chosen, self.tui.choice
        self.refresh_bindings()
        if origin is not None and not isinstance(origin, Damaged) and origin != choice.origin:
            choice.begin_from(origin)
            self._settle()
            self._draft.rebase(self._base)
            self._changed()
        self._tell_about()

    def _tell_about(self) -> None:
        origin = self.query_one(Origins).chosen
        roomy = self.has_class("-wide") and origin == self.tui.choice.origin
        self.query_one(OriginAbout).tell(origin, self._draft.plain if roomy else None)

    @on(OptionList.OptionSelected, "#recipes")
    def _to_settings(self, message: OptionList.OptionSelected) -> None:
        if message.option_id == FROM_RUN:
            self.action_from_run()
        else:
            self.form.focus()

    @on(Form.Escaped)
    def _to_recipes(self) -> None:
        self.query_one(Origins).focus()

    def action_save(self) -> None:
        if not self._refuse():
            base, changed = starting.to_save(self.tui.choice, self._draft)
            advice = "It is listed under yours, and is train --recipe NAME on the command line."
            before = self.tui.choice.recipe if self.query_one(Origins).own else ""
            ask = Ask("save these settings as your recipe", before, advice, starting.name_for)
            self.app.push_screen(ask, lambda name: self._save(name, base, changed))

    def _save(self, name: str | None, base: str, changed: Mapping[str, Any]) -> None:
        def write() -> None:
            self.aside(lambda: own_recipes.save(name or "", base, changed), self._saved)

        if name and own_recipes.exists(name):
            question = Question(f"There is a recipe {name} already.", {"y": "Replace it", "escape": "Keep it"})
            self.app.push_screen(question, lambda answer: write() if answer == "y" else None)
        elif name:
            write()

    def _saved(self, recipe: OwnRecipe) -> None:
        choice = self.tui.choice
        self.tui.say(f"Saved as {recipe.name}: {recipe.summary}")
        if choice.parent is None:  # what is in the recipe now is no change of it
            self._draft.reset(*(path for path in recipe.changed if path in self._draft.overrides))
            choice.recipe = recipe.name
        self._take_up()

    def action_delete(self) -> None:
        name = self.query_one(Origins).own
        question = Question(f"Delete your recipe {name}?", {"y": "Delete it", "escape": "Keep it"})

        def answered(answer: str | None) -> None:
            if answer == "y":
                self.aside(lambda: own_recipes.delete(name), lambda _: self._gone(name))

        self.app.push_screen(question, answered)

    def _gone(self, name: str) -> None:
        if self.tui.choice.recipe == name:
            self.tui.choice.recipe = "quick"
        self._take_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "delete":
            origins = self.query_one(Origins)
            return origins.has_focus and bool(origins.own)
        return True

    # Settings from elsewhere.

    def action_load(self) -> None:
        advice = "A TOML file, or a run's folder: its settings become changes. Tab completes."
        self.app.push_screen(AskPath("open settings", "", advice, starting.from_file), self._start)

    def action_from_run(self) -> None:
        self.aside(starting.earlier_runs, self._choose_run, here=True)

    def _choose_run(self, found: list[tuple[str, str, str]]) -> None:
        if not found:
            self.tui.say("There are no runs yet: t trains the first one.")
            return
        picks = [Pick(*run) for run in found]
        self.app.push_screen(Picker("the settings of an earlier run", picks, ""), self._from_run)

    def _from_run(self, folder: str | None) -> None:
        if folder:
            self.aside(lambda: starting.from_run(folder), self._start)

    def _start(self, start: Start | None) -> None:
        if start is None:
            return
        if start.recipe:
            self.tui.choice.begin_from(start.recipe)
            self._take_up()
        count, wrong = self._draft.load(start.values)
        self._changed()
        self.form.focus()
        self.form.put(next(iter(self._draft.problems), "model.hidden"))
        differ = f"{self._draft.count} changed from {self.tui.choice.origin_words}"
        self.tui.say(starting.told(start.words, count, wrong, differ), wrong=bool(wrong))

    # Settings.

    @on(Form.Moved)
    def _moved(self) -> None:
        self._show_help()
        self.tui.remember("configure.opened", self.form.opened)

    def _show_help(self) -> None:
        path, section = self.form.path, self.form.section
        wrong = self._draft.problems.get(path or "", "")
        shown = self.query_one("#help", Words)
        self.query_one("#help-box", Panel).entitle(label_of(path) if path else section)
        shown.set_class(bool(wrong), "wrong")
        shown.show(wrong or help_of(path or section))

    def action_find(self) -> None:
        self.query_one(Seek).open()

    def stand_on(self, path: str) -> None:
        """The cursor on a setting."""
        self.form.focus()
        self.form.put(path)

    @on(DraftForm.Changed)
    def _changed(self) -> None:
        """What would be trained is another."""
        self.tui.source.heard()
        self._look()

    def action_reset(self) -> None:
        self._draft.reset(self.form.path or self.form.section)
        self._changed()

    def action_reset_all(self) -> None:
        """Drop all changes; once more, where there are none, brings them back."""
        self.tui.say(self._draft.reset_all())
        self._changed()

    def action_train(self) -> None:
        warning = self.query_one(Outlook).warning
        if self._refuse():
            return
        if not warning or warning == self._warned:
            self.tui.start_training()
            return
        answers = {"t": "Train all the same", "escape": "Change the settings"}

        def answered(answer: str | None) -> None:
            if answer == "t":
                self._warned = warning
                self.tui.start_training()

        self.app.push_screen(Question(f"This {warning}.", answers), answered)

    def _refuse(self) -> bool:
        """Whether something is wrong, which is said and stood on."""
        for path, message in self._draft.problems.items():
            self.form.put(path)
            self.tui.say(message, wrong=True)
            return True
        return False

    # The device.

    def action_device(self) -> None:
        self.aside(self.devices, self._choose_device, here=True)

    def _choose_device(self, found: "Sequence[Device]") -> None:
        picks = [Pick(name, label, why) for name, label, why in starting.device_lines(found)]
        self.app.push_screen(Picker("device", picks, self.tui.choice.device), self._take_device)

    def _take_device(self, name: str | None) -> None:
        if name is not None:
            self.tui.source.heard()
            self.tui.choose_device(name)
            self.tui.remember("configure.device", name)
