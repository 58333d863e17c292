"""Colours: every theme has all that is asked of it, on every screen; none at all; and ASCII alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.style import Style
from textual.pilot import Pilot
from textual.theme import Theme

import lstm_tui.app
from lstm_tui import settings
from lstm_tui.app import opening, theme
from lstm_tui.app.app import LstmTui
from lstm_tui.app.looking import Facts
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.frame import WORDS
from lstm_tui.app.widgets.glyphs import use_ascii
from lstm_tui.app.widgets.plain import choose_scrollbars
from lstm_tui.jobs.events import Sampled
from lstm_tui.progress import Tell
from lstm_tui.text.library import Entry
from tests.app.conftest import TRAINING, app_of, shown, wait_until
from tests.app.runs import make_run
from tests.app.test_corpus import FIGURES, LOSSES, Found, measured, own

SOURCES = sorted(Path(lstm_tui.app.__file__).parent.rglob("*.py"))
LONG = "a name that is much longer than any list or title has room for, be it ever so wide, and then some more"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(measured))


@pytest.mark.parametrize("known", [*theme.THEMES, theme.NO_COLOUR], ids=lambda known: known.name)
def test_a_theme_has_every_colour_that_is_asked_for(known: Theme) -> None:
    variables = theme.for_rich({**known.to_color_system().generate(), **known.variables})
    asked = {name for path in SOURCES for name in re.findall(r'(?:variables|colou?rs)\["([\w-]+)"\]', path.read_text())}
    assert {"accent", "quiet", "structure"} <= asked
    for name in asked:
        assert Style.parse(f"bold {variables[name]}").bold


async def test_themes_are_chosen_in_the_palette_and_remembered() -> None:
    make_run("one")
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        # Each theme is parsed for all screens at once: each is chosen on one of them.
        for mode, name in zip(WORDS, [*theme.ABOUT, theme.THEME.name], strict=True):
            app.show_screen(mode)
            app.choose_theme(name)
            await pilot.pause()
            assert app.screen.styles.background.hex.casefold() == app.current_theme.background
        choices = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        assert f"Theme: {theme.THEME.name}" not in choices  # it is the one there is
        choices["Theme: ansi-light"]()
    assert settings.read().remembered["theme"] == "ansi-light"
    assert app_of().theme == "ansi-light"
    settings.remember({"theme": "one that was"})
    assert app_of().theme == theme.THEME.name


def _styles(app: LstmTui) -> Iterator[tuple[str, Style]]:
    for line in app.screen._compositor.render_strips():
        yield from ((segment.text, segment.style or Style()) for segment in line)


async def test_no_colour_where_none_is_wanted_and_the_cursor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    make_run("one")
    settings.remember({"theme": "lstm-tui"})
    app = app_of(ScriptedSource(TRAINING))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        for mode, row in (
            ("corpus", "Fables"),
            ("configure", "hidden"),
            ("runs", "done"),
            ("train", ""),
            ("generate", ""),
        ):
            app.show_screen(mode)
            await wait_until(pilot, lambda: row in shown(app))  # noqa: B023
            await pilot.pause()
            drawn = list(_styles(app))
            for _, style in drawn:
                assert style.color is None or style.color.is_default
                assert style.bgcolor is None or style.bgcolor.is_default
            marked = "".join(text for text, style in drawn if style.reverse or (style.bold and style.underline))
            assert row in marked
        assert not [command for command in app.get_system_commands(app.screen) if command.title.startswith("Theme")]


@pytest.mark.parametrize(
    ("given", "heeded"),
    [
        ({"TERM": "xterm", "NO_COLOR": ""}, {"TERM": "xterm"}),
        ({"TERM": "xterm", "NO_COLOR": "0"}, {"TERM": "xterm", "NO_COLOR": "0"}),
        ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}),
    ],
)
def test_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], heeded: dict[str, str]
) -> None:
    environment = dict(given)
    monkeypatch.setattr("os.environ", environment)
    opening._heed_the_terminal()
    assert environment == heeded


@pytest.fixture
def only_ascii() -> Iterator[None]:
    use_ascii(True)
    yield
    use_ascii(False)
    choose_scrollbars()


def measured_in_ascii(entry: Entry, tell: Tell, found: Found) -> None:
    found(Facts(replace(FIGURES, frequent=(("e", 9), ("t", 4)), rarest=(("Q", 1),)), LOSSES))


async def plain(pilot: Pilot[None], *words: str) -> None:
    await wait_until(pilot, lambda: all(word in shown(pilot.app) for word in words))
    await pilot.pause()
    found = {character for character in shown(pilot.app) if not character.isascii()}
    assert not found, (found, shown(pilot.app))


@pytest.mark.usefixtures("only_ascii")
async def test_in_ascii_nothing_else_is_drawn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own(home, f"{LONG}.txt", "some plain words of mine\n" * 300)
    make_run(LONG, info={"reason": "stopped"})
    # What a person's texts and models bring is theirs.
    monkeypatch.setattr("lstm_tui.text.catalogue.BOOKS", ())
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(measured_in_ascii))
    app = app_of(ScriptedSource(replace(TRAINING, samples=(Sampled(100, "the \x1b[1mfox"),))))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.say("A sentence in the\x07 corner.")
        await pilot.press("slash", *"much", "enter")
        await plain(pilot, "some plain words", "A sentence in the? corner", "1.566")
        for keys, words in ((["a"], "number"), (["i", "question_mark"], "How the bytes"), (["colon"], "what you want")):
            await pilot.press(*keys)
            await plain(pilot, words)
            await pilot.press("escape")
        for mode, words in (("configure", "epoch"), ("runs", "stopped"), ("generate", "prompt"), ("train", "VALID")):
            app.show_screen(mode)
            await plain(pilot, words)
        assert "the ?[1mfox" in shown(app)
        await pilot.press("f1")
        await plain(pilot, "its figures")
        await pilot.press("ctrl+q")
        await plain(pilot, "Save and quit")
