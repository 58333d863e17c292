"""The Corpus screen: groups and figures, using, finding, renaming and removing a text, and agreeing to read one."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from lstm_tui.app import looking
from lstm_tui.app.choice import Choice
from lstm_tui.app.figures import size
from lstm_tui.app.looking import Facts
from lstm_tui.app.screens.about_text import AboutText
from lstm_tui.app.screens.add_text import AddText
from lstm_tui.app.screens.corpus import CorpusScreen
from lstm_tui.app.shelf import groups_of
from lstm_tui.app.source import ScriptedSource
from lstm_tui.app.widgets.ask import Ask
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.panel import Figures
from lstm_tui.app.widgets.text_list import Offer, TextList
from lstm_tui.progress import Cancelled, Tell
from lstm_tui.text import catalogue, library
from lstm_tui.text.figures import TextFigures
from lstm_tui.text.ngram import Baselines
from tests.app.conftest import app_of, said, shown, wait_until

FIGURES = TextFigures(
    characters=144_436,
    kinds=73,
    words=26_449,
    lines=3_339,
    longest_line=74,
    frequent=(("e", 100), ("中", 50), ("t", 20)),
    rarest=(("\u200d", 1), ("Ω", 2)),
    notes=("Project Gutenberg's header and footer taken out (19,380 characters)",),
    encoding="cp1252 (guessed, 99 % sure)",
    documents=1,
    skipped=(("x.bin", "binary data"),),
)
LOSSES = Baselines(uniform=4.290, letters=3.166, ngram=1.566, order=5)
Found = Callable[[Facts], None]


def measured(entry: library.Entry, tell: Tell, found: Found) -> None:
    """As `looking.measure`, in no time."""
    found(Facts(FIGURES, LOSSES))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(measured))


def own(home: Path, name: str, content: str = "some words of mine\n" * 30) -> None:
    folder = home / "data" / "corpora"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)


async def test_the_list_the_preview_the_figures_and_the_losses_to_beat() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "to beat: 5-gram  1." in shown(app))
        for words in ("built in", "Fables and tales", "yours", "a adds a text", "to download", "Lamplighter of Orme"):
            assert words in shown(app)
        found: list[Facts] = []
        looking.measure(app.choice.entry, lambda doing, share: None, found.append)
        figures, losses = found[-1].figures, found[-1].baselines
        assert losses is not None and losses.ngram is not None
        for count in (figures.characters, figures.kinds, figures.words, figures.lines, figures.longest_line):
            assert f" {count:,} " in shown(app)
        for loss in (losses.uniform, losses.letters, losses.ngram):
            assert f" {loss:.3f} " in shown(app)


@pytest.mark.usefixtures("quick")
async def test_what_was_done_and_all_that_is_known() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "cp1252 (guessed, 99 % sure), Project Gutenberg's" in shown(app))
        await wait_until(pilot, lambda: "e  中 t" in shown(app))  # under their bars
        await wait_until(pilot, lambda: "U+200D Ω" in shown(app))
        assert app.screen.active_bindings["i"].enabled
        await pilot.press("i")
        await wait_until(pilot, lambda: isinstance(app.screen, AboutText))
        for words in ("binary data", "header and footer", "Witten-Bell", "U+200D", "fables"):
            assert words in shown(app)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "How the bytes were read" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, AboutText))
        await pilot.hover(Figures, offset=(2, 1))
        assert "kinds: How many different characters" in str(app.screen.query_one(Figures).tooltip)
        await pilot.hover(Figures, offset=(40, 2))
        assert "to beat: 5-gram: The loss of counting" in str(app.screen.query_one(Figures).tooltip)


async def test_counting_says_how_far_it_is_and_ends_when_the_cursor_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_once, ended = threading.Event(), threading.Event()

    def slow(entry: library.Entry, tell: Tell, found: Found) -> None:
        if entry.name != "fables":
            return
        tell("counting Fables", 0.34)
        assert shown_once.wait(5)
        try:
            while True:
                tell("counting Fables", 0.35)
        except Cancelled:
            ended.set()
            raise

    monkeypatch.setattr(CorpusScreen, "measure", staticmethod(slow))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "34 %  counting Fables" in shown(app))
        await pilot.press("down")
        shown_once.set()
        await wait_until(pilot, ended.is_set)
        assert not said(app)


@pytest.mark.usefixtures("quick")
async def test_t_trains_the_text_under_the_cursor() -> None:
    source = ScriptedSource()
    app = app_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("down", "t")
        await wait_until(pilot, lambda: source.started)
        assert app.choice.entry.name == "verses"
        assert app.current_mode == "train"


@pytest.mark.usefixtures("quick")
async def test_find_narrows_the_list_also_by_an_author() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("slash", *"python")
        await wait_until(pilot, lambda: "Verses" not in shown(app))
        await wait_until(pilot, lambda: "Python manual" in shown(app))
        await pilot.press("z")
        await wait_until(pilot, lambda: "Nothing here has that" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("slash", *"melville")
        await wait_until(pilot, lambda: "Moby" in shown(app) and "Verses" not in shown(app))
        # In the list, too, Esc lists all before it goes back.
        await pilot.press("2", "1", "enter")
        await wait_until(pilot, lambda: "texts, Esc lists all" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Verses" in shown(app) and "lists all" not in shown(app))
        assert app.current_mode == "corpus"


async def test_a_built_in_text_says_why_it_is_neither_renamed_nor_removed() -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Verses" in shown(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: "Only a text of your own can be renamed." in said(app))
        await pilot.press("x")
        await wait_until(pilot, lambda: "Only a text of your own can be removed." in said(app))
        assert len(app.screen_stack) == 1 and "Rename" not in shown(app).splitlines()[-1]


@pytest.mark.usefixtures("quick")
async def test_a_book_to_download_is_fetched_by_enter_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def bring(kind: str, what: str, text: dict[str, str], tell: Tell) -> library.Entry:
        asked.append(what)
        raise Cancelled("It was called off.")

    monkeypatch.setattr("lstm_tui.app.screens.add_text.bring", bring)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "to download" in shown(app))
        await pilot.press("slash", *"melville", "enter")
        await wait_until(pilot, lambda: "Enter Fetch it" in shown(app).splitlines()[-1])
        assert "x Remove" not in shown(app).splitlines()[-1]
        await pilot.press("t")
        await wait_until(pilot, lambda: "Enter fetches it" in said(app))
        assert not asked
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AddText) and asked == ["2701"])
        await wait_until(pilot, lambda: "nothing was added" in shown(app))


@pytest.mark.usefixtures("quick")
async def test_one_s_own_text_is_renamed_and_removed(home: Path) -> None:
    own(home, "mine.txt")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "mine.txt" in shown(app))
        assert "x Remove" not in shown(app).splitlines()[-1]  # the cursor is on a built-in one
        await pilot.press("slash", *"mine", "enter")
        await wait_until(pilot, lambda: "n Rename   x Remove   t Train   ? Help" in shown(app).splitlines()[-1])
        await pilot.resize_terminal(100, 24)
        await wait_until(pilot, lambda: "/ Find   n Rename   x Remove" in shown(app).splitlines()[-1])
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "/ Find" not in shown(app).splitlines()[-1])
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.choice.entry.name == "mine.txt")
        await pilot.press("1")
        await pilot.press("n", *["backspace"] * 8, *"my book", "enter")
        await wait_until(pilot, lambda: [entry.name for entry in library.own()] == ["my book"])
        await wait_until(pilot, lambda: app.choice.entry.name == "my book")
        await wait_until(pilot, lambda: app.screen.query_one(TextList).row == library.own()[0])
        await pilot.press("slash", "escape")
        await wait_until(pilot, lambda: app.screen.query_one(TextList).row == library.own()[0])
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Question) and "Remove my book" in shown(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: not library.own())
        await wait_until(pilot, lambda: app.choice.entry.name == "fables")
        screen = app.screen
        assert isinstance(screen, CorpusScreen)
        screen._added(library.find("verses"))  # what was added was there already
        await wait_until(pilot, lambda: screen._list.row == library.find("verses"))


@pytest.mark.usefixtures("quick")
async def test_a_list_that_was_read_before_a_change_is_dropped(home: Path) -> None:
    own(home, "mine.txt")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "mine.txt" in shown(app))
        screen, mine = app.screen, library.find("mine.txt")
        assert isinstance(screen, CorpusScreen)
        app.take(mine)
        stale, reading = groups_of(library.entries()), screen._load()
        screen._changed(mine, library.rename(mine, "book"))
        screen._loaded(stale, None, reading)
        await wait_until(pilot, lambda: screen._list.row == library.find("book"))
        assert app.choice.entry.name == "book"


@pytest.mark.usefixtures("quick")
async def test_a_name_that_does_not_fit_can_be_mended(home: Path) -> None:
    own(home, "mine.txt")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "mine.txt" in shown(app))
        await pilot.press("slash", *"mine", "enter", "n")
        await wait_until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.query_one(Input).value = "a/b"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "cannot be named 'a/b'" in shown(app))
        assert app.screen.query_one(Input).value == "a/b"
        app.screen.query_one(Input).value = "a"
        await pilot.press("enter")
        await wait_until(pilot, lambda: [entry.name for entry in library.own()] == ["a"])
        await wait_until(pilot, lambda: not isinstance(app.screen, Ask))


@pytest.mark.usefixtures("quick")
async def test_the_cursor_stays_where_it_was(home: Path) -> None:
    for name in ("one.txt", "two.txt", "zoo.txt"):
        own(home, name)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "zoo.txt" in shown(app))
        there = app.screen.query_one(TextList)
        await pilot.press("end", *["up"] * 20)
        while there.row is None or there.row.name != "two.txt":
            await pilot.press("down")
        await pilot.press("slash", *"fab")
        await wait_until(pilot, lambda: there.row and there.row.name == "fables")
        await pilot.press("escape")
        await wait_until(pilot, lambda: there.row and there.row.name == "two.txt")
        for following in ("zoo.txt", "one.txt"):
            await pilot.press("x", "y")
            await wait_until(pilot, lambda: there.row and there.row.name == following)  # noqa: B023
        await wait_until(pilot, lambda: "zoo.txt is none of your texts any more." in said(app))


@pytest.mark.usefixtures("quick")
async def test_malformed_text_is_read_once_one_agrees_and_that_is_kept(home: Path) -> None:
    folder = home / "data" / "corpora"
    folder.mkdir(parents=True)
    (folder / "broken.txt").write_bytes("äöü ☞ and so on\n".encode() * 40 + b"a \xff b\n" + "äöü\n".encode() * 9)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "broken.txt" in shown(app))
        await pilot.press("slash", *"broken", "enter")
        await wait_until(pilot, lambda: "is malformed" in shown(app) and "m Read" in shown(app).splitlines()[-1])
        assert shown(app).splitlines()[-1].rstrip().endswith("? Help")  # nothing is cut off
        await pilot.press("m")
        await wait_until(pilot, lambda: "and so on" in shown(app))
        assert library.own()[0].text == (("malformed", "true"),)


@pytest.mark.usefixtures("quick")
async def test_markup_in_a_name_and_a_text_is_text(home: Path) -> None:
    own(home, "[red]x[b].txt", "[bold]not bold[/bold] [/] [@click=app.quit]x")
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "[red]x[b].txt" in shown(app))
        await pilot.press("slash", *"red", "enter")
        await wait_until(pilot, lambda: "[bold]not bold" in shown(app))


@pytest.mark.usefixtures("quick")
async def test_nothing_that_a_terminal_obeys_and_wide_characters_in_line(home: Path) -> None:
    own(home, "wide \x1b.txt", "中文字 ひらがな 👨\u200d👩\u200d👧 ❤\ufe0f e\u0301 \x1b[31m\u202e " * 40)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "wide" in shown(app))
        await pilot.press("slash", *"wide", "enter")
        await wait_until(pilot, lambda: "中文字" in shown(app))
        assert not set("\x1b\u202e\u200d\ufe0f") & set(shown(app))


@pytest.mark.usefixtures("quick")
async def test_a_wide_terminal_lists_what_was_done_beside_the_figures() -> None:
    app = app_of()
    async with app.run_test(size=(160, 48)) as pilot:
        await wait_until(pilot, lambda: "cp1252 (guessed, 99 % sure) " in shown(app))
        await wait_until(pilot, lambda: "any address" in shown(app))


def test_what_is_here_is_not_offered_again() -> None:
    url = catalogue.address("11")[0]
    mine = library.Entry("pg11.txt", "Alice", url, 1, "yours", (Path("/x/pg11.txt"),))
    found = library.Entry("a", "a", "/x/a", 1, "folders", (Path("/x/a"),))
    groups = groups_of([*library.built_in(), mine, found])
    assert list(groups) == ["built in", "yours", "folders", "to download"]
    assert groups["yours"] == [mine] and groups["folders"] == [found]
    offers = [offer.what for offer in groups["to download"] if isinstance(offer, Offer)]
    assert "11" not in offers and "2701" in offers and offers[-2:] == ["", ""]


def test_what_was_typed_of_how_a_text_is_read_goes_and_comes_with_it() -> None:
    choice = Choice(overrides={"text.lower": "true", "model.hidden": "512"})
    choice.take(choice.entry)
    assert choice.overrides == {"text.lower": "true", "model.hidden": "512"}
    choice.take(library.built_in()[1])
    assert choice.overrides == {"model.hidden": "512"}
    choice.overrides |= {"text.lower": "false", "model.hidden": "64"}
    choice.take(library.built_in()[0])
    assert choice.overrides == {"text.lower": "true", "model.hidden": "64"}
    choice.follow(library.built_in()[1], replace(library.built_in()[1], name="other"))
    choice.take(replace(library.built_in()[1], name="other"))
    assert choice.overrides == {"text.lower": "false", "model.hidden": "64"}
    choice.follow(choice.entry, None)
    assert choice.entry.name == "fables" and choice.overrides["text.lower"] == "true"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (999, "999"), (70_349, "70k"), (999_700, "1.0M"), (15_000_000, "15M"), (3e9, "3.0G")]
)
def test_size(count: float, words: str) -> None:
    assert size(count) == words
