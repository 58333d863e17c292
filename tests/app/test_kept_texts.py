"""The texts that the Generate screen keeps: marked, read again, taken again, copied, saved, deleted."""

import base64
import threading
from pathlib import Path

from pytest import MonkeyPatch, fixture

from lstm_tui import files
from lstm_tui.app.app import LstmTui
from lstm_tui.app.screens.outputs import Listing, OutputsScreen
from lstm_tui.app.widgets.ask import Ask
from lstm_tui.app.widgets.dialog import Question
from lstm_tui.app.widgets.kept import Kept
from lstm_tui.app.widgets.prompt import Prompt
from lstm_tui.app.widgets.stream import Stream
from lstm_tui.errors import UserError
from lstm_tui.runs import generations, store
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.generations import Output, append, outputs
from tests.app.conftest import app_of, said, shown, wait_until
from tests.app.runs import make_run
from tests.app.scripted import Scripted, by_script, opened

scripted = fixture(autouse=True)(by_script)


def replaced(checkpoint: Checkpoint, step: int) -> Checkpoint:
    return Checkpoint(checkpoint.tensors, {**checkpoint.info, "step": step})


def flat(app: LstmTui) -> str:
    """The screen's words, however they were wrapped."""
    return " ".join(shown(app).replace("│", " ").split())


async def test_every_text_is_kept_and_marked_ones_are_listed() -> None:
    run = make_run("one", temperature=0.5)
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await opened(pilot, "one · last")
        await wait_until(pilot, lambda: "* keeps a text here" in shown(app))
        await pilot.press("escape", "e", "9", "enter", "a")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["The a lamp"])
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: "as soon as it has ended" in said(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.clipboard == "The a lamp")
        await wait_until(pilot, lambda: "10 characters sent to the terminal's clipboard (OSC 52)" in said(app))
        await pilot.press("escape")
        gate.release(1)
        await wait_until(pilot, lambda: '0.5  "The a lamp' in shown(app))
        kept = outputs(run.folder)[0]
        assert (kept.marked, kept.whole, kept.seed, kept.step, kept.copy) == (True, False, 9, 740, 5)
        gate.release(9)
        await pilot.press("a")
        await wait_until(pilot, lambda: len(outputs(run.folder)) == 2)
        assert outputs(run.folder)[0].whole and not outputs(run.folder)[0].marked
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "kept")
        await wait_until(pilot, lambda: '"The a lamp' in shown(app))


async def test_the_list_of_all_texts_reads_marks_deletes_and_takes_again() -> None:
    run = make_run("one")
    sampling = {"temperature": 1.3, "length": 77, "stop": "\n", "from_a_later_version": 1}
    append(
        run.folder, Output("A fox", (" ran\x1b[31m home" + "!" * 30_000,), 42, sampling, step=5, nats=1.25, marked=True)
    )
    append(run.folder, Output("Two", (" a", " b"), 7, {"temperature": 0.4}, changes=((3, {"top_k": 2}),), whole=False))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("escape", "b")
        await wait_until(pilot, lambda: "2 texts of one, 1 kept" in shown(app))
        listing = app.screen.query_one(Listing)
        assert "Enter Take again * Keep y Copy Y Command w Save x Delete Esc Close" in flat(app)
        await wait_until(pilot, lambda: "A fox ran�[31m home" in shown(app))
        await wait_until(
            pilot, lambda: "temperature 1.3, stop '\\n'; seed 42; best of step 5; 1.250 nats/token" in flat(app)
        )
        await pilot.press("down")
        await wait_until(pilot, lambda: "from token 3 on top k 2; seed 7; best; stopped" in flat(app))
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: "2 texts of one, 2 kept" in shown(app))
        assert listing.highlighted == 0  # it moved, the cursor with it
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("x")
        await wait_until(pilot, lambda: "1 texts of one, 1 kept" in shown(app))
        assert [output.prompt for output in outputs(run.folder)] == ["A fox"]
        await pilot.press("tab", "end")
        await wait_until(pilot, lambda: "characters more" in shown(app))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: Scripted.made)
        assert screen.query_one(Prompt).text == "A fox"
        made = Scripted.made[0]
        assert (made.given, made.asked_seed, made.way.checkpoint) == ("A fox", 42, None)
        assert (made.sampling.temperature, made.sampling.length, made.sampling.stop) == (1.3, 77, "\n")
        await pilot.press("b")
        await wait_until(pilot, lambda: isinstance(app.screen, OutputsScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen and '1.3  "A fox' in shown(app))


async def test_what_is_changed_quickly_is_changed_and_shown_in_that_order(monkeypatch: MonkeyPatch) -> None:
    run, gate, seen = make_run("one"), threading.Event(), list[list[Output]]()
    append(run.folder, Output("A fox", (" ran",), 42, {"temperature": 1.3}))

    def slow(folder: Path) -> list[Output]:
        seen.append(found := outputs(folder))
        if len(seen) == 1:  # what the first change came to is known late
            gate.wait(5)
        return found

    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "b")
        await wait_until(pilot, lambda: "1 texts of one, 0 kept" in shown(app))
        monkeypatch.setattr(generations, "outputs", slow)
        await pilot.press("asterisk", "asterisk", "asterisk", "asterisk")
        gate.set()
        await wait_until(pilot, lambda: all(it.is_finished for it in app.workers if it.group == "outputs"))
        assert [found[0].marked for found in seen] == [True, False, True, False]
        await wait_until(pilot, lambda: "1 texts of one, 0 kept" in shown(app))


async def test_a_text_as_a_command_and_into_a_file(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = make_run("one", temperature=0.5)
    app = app_of()
    written: list[str] = []
    there = Path("there")
    there.write_text("mine")
    async with app.run_test(size=(80, 24)) as pilot:
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        screen = await opened(pilot, "one · last")
        await pilot.press("i", "t", "'", "s", "enter")
        await wait_until(pilot, lambda: screen._writing and screen._writing.shown)
        await pilot.press("Y")
        command = "lstm-tui generate one --prompt 'it'\"'\"'s' --checkpoint last --seed 4711 --device cpu"
        await wait_until(pilot, lambda: app.clipboard == command)
        await wait_until(pilot, lambda: "The command was sent" in said(app) and "does not" not in said(app))
        assert f"\x1b]52;c;{base64.b64encode(command.encode()).decode()}\a" in written
        run.write_checkpoint("last", replaced(run.read_checkpoint("last"), 900))
        await pilot.press("Y")
        await wait_until(pilot, lambda: "the checkpoint last is of step 900 now" in said(app))

        async def save_to(path: Path) -> None:
            await pilot.press("w")
            await wait_until(pilot, lambda: isinstance(app.screen, Ask))
            await pilot.press(*str(path), "enter")

        await save_to(Path("new"))
        await wait_until(pilot, lambda: "Saved:" in said(app))
        assert (Path("new")).read_text() == "it'sa lamp and a fox\x1b[31m\n"
        for key in ("escape", "o"):
            await save_to(there)
            await wait_until(pilot, lambda: isinstance(app.screen, Question) and "Overwrite it" in shown(app))
            assert there.read_text() == "mine"
            await pilot.press(key)
        await wait_until(pilot, lambda: there.read_text() == Path("new").read_text())
        await save_to(Path("no/new"))
        await wait_until(pilot, lambda: "There is no folder" in flat(app))


async def test_a_full_disk_is_a_sentence_and_the_text_stays(monkeypatch: MonkeyPatch) -> None:
    make_run("one")

    append = files.append_line

    def full(path: Path, line: str) -> None:
        if path.name == "generations.jsonl":  # of the prompts it would be said, too, in the place of this or before it
            raise UserError(f"Could not write {path.name}: the disk is full.")
        append(path, line)

    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        monkeypatch.setattr(files, "append_line", full)
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: "Could not write generations.jsonl" in said(app) and "xa lamp" in shown(app))
        await pilot.press("asterisk")
        await pilot.pause()
        assert not app.screen.query_one(Kept)._outputs


async def test_a_text_that_was_marked_is_kept_though_the_next_is_begun_before_its_end() -> None:
    run = make_run("one")
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["xa lamp"])
        await pilot.press("asterisk", "n")
        for _ in range(4):
            gate.release()
        kept = {False: True, True: False}
        await wait_until(pilot, lambda: {output.whole: output.marked for output in outputs(run.folder)} == kept)
        await wait_until(pilot, lambda: len(app.screen.query_one(Kept)._outputs) == 1)


async def test_a_run_that_is_deleted_while_it_writes_ends_its_text() -> None:
    run = make_run("one")
    gate = Scripted.gate = threading.Semaphore(1)
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, "one · last")
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: screen.query_one(Stream).texts == ["xa lamp"])
        store.delete(run)
        await pilot.press("5", "4")
        await wait_until(pilot, lambda: "There is no model yet" in shown(app) and "no run one any more" in shown(app))
        gate.release()
        await wait_until(pilot, lambda: screen._writing is None)
        screen._flush()
        assert "There is no model yet" in shown(app)


async def test_what_no_clipboard_takes_is_not_sent() -> None:
    run = make_run("one")
    append(run.folder, Output("", ("x" * 1_000_001,), 1, {}))
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "one · last")
        await pilot.press("escape", "b")
        await wait_until(pilot, lambda: isinstance(app.screen, OutputsScreen) and app.screen.chosen)
        await pilot.press("y")
        await wait_until(pilot, lambda: "too much for a terminal's clipboard" in said(app))
        assert not app.clipboard
