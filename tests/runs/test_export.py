"""A run written elsewhere and read there: as a folder, as a zip; its metrics as a table."""

import csv
import json
import math
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstm_tui import files, locations
from lstm_tui.config import RunConfig
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.runs import store, unpacking
from lstm_tui.runs.checkpoint import Checkpoint
from lstm_tui.runs.export import COLUMNS, export, left_out
from lstm_tui.runs.run import Run
from lstm_tui.text.ids import Encoded
from lstm_tui.text.vocabulary import Vocabulary


def _encoded() -> Encoded:
    return Encoded(Vocabulary("characters", "ab"), np.zeros(9, np.uint8), 8, "book.txt", "Book", "0")


@pytest.fixture
def run() -> Run:
    run = store.create(RunConfig(), "quick", _encoded(), name="mine")
    for kind in ("last", "best"):
        run.write_checkpoint(kind, Checkpoint({"a": np.arange(300.0)}, {"step": 12}))
    run.append("samples", '{"step": 12, "text": "ab"}')
    (run.folder / "generations.jsonl").write_text("{}\n")
    run.request("stop")
    (run.folder / ".last.safetensors.1-2.new").write_bytes(b"half")
    return run


CARRIED = {"run.toml", "vocabulary.json", "ids.npy", "last.safetensors", "best.safetensors", "samples.jsonl"}


@pytest.mark.parametrize("to", ["there", "there.zip", "with space/Über.ZIP", "folder"])
def test_what_was_exported_is_read_anywhere(run: Run, tmp_path: Path, to: str) -> None:
    (tmp_path / "folder").mkdir()
    with run.locked():
        written = export(run, str(tmp_path / to))
    assert written == (tmp_path / "folder" / "mine" if to == "folder" else tmp_path / to)
    files.delete(run.folder)
    found = store.find(str(written))
    assert {path.name for path in found.folder.iterdir()} == CARRIED | {"generations.jsonl"}
    assert found.config == RunConfig() and found.read_checkpoint("best").info["step"] == 12
    assert [line["text"] for line in found.lines("samples")] == ["ab"] and len(found.ids) == 9
    assert not any(path.is_symlink() or path.stat().st_nlink > 1 for path in found.folder.iterdir())
    assert not list(tmp_path.glob(".*"))


def test_a_zip_is_unpacked_once_and_again_when_it_changed(run: Run, tmp_path: Path) -> None:
    path = export(run, str(tmp_path / "a.zip"))
    found = store.find(str(path))
    assert found.id == "mine" and locations.unpacked() in found.folder.parents
    before = files.stamp(found.folder / "run.toml")
    assert store.find(str(path)).folder == found.folder and files.stamp(found.folder / "run.toml") == before
    run.append("samples", '{"step": 13, "text": "b"}')
    path.unlink()
    export(run, str(path))
    assert len(list(store.find(str(path)).lines("samples"))) == 2
    assert [it.id for it in store.runs()] == ["mine"]


def test_the_cache_keeps_the_few_that_were_read_last(run: Run, tmp_path: Path) -> None:
    for number in range(unpacking._KEPT + 2):
        store.find(str(export(run, str(tmp_path / f"{number}.zip"))))
    assert len(list(locations.unpacked().iterdir())) == unpacking._KEPT


def test_no_training_goes_on_in_a_zip_but_among_the_runs(run: Run, tmp_path: Path) -> None:
    found = store.find(str(export(run, str(tmp_path / "a.zip"))))
    with pytest.raises(
        UserError, match=r"was read from a zip.*lstm-tui export FILE\.zip .*runs.mine, then lstm-tui re"
    ):
        found.replan(RunConfig(seed=5))
    with pytest.raises(UserError, match="was read from a zip"), found.locked():
        pytest.fail("it is locked")
    files.delete(locations.runs())
    export(found, str(locations.runs() / "mine"))
    with store.find("mine").locked():
        assert [it.id for it in store.runs()] == ["mine"]


@pytest.mark.parametrize("by", ["folder", "zip"])
def test_a_copy_is_as_old_as_its_run(run: Run, tmp_path: Path, by: str) -> None:
    os.utime(run.folder / "vocabulary.json", (1e9, 1e9))
    other = store.create(RunConfig(), "quick", _encoded(), name="newer")
    source = run if by == "folder" else store.find(str(export(run, str(tmp_path / "a.zip"))))
    export(source, str(locations.runs() / "the-copy"))
    assert [it.id for it in store.runs()] == [other.id, "the-copy", "mine"]
    assert store.find("latest").id == other.id


def test_what_a_link_leads_to_stays_where_it_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (run.folder / "notes.txt").symlink_to(tmp_path / "secret.txt")
    written = export(run, str(tmp_path / "out"))
    assert not (written / "notes.txt").exists()
    assert left_out(run, written) == "Left out, as it is a link to elsewhere: notes.txt."
    assert left_out(run, export(run, str(tmp_path / "m.csv"))) == ""
    for name in ("a", "b", "c", ".hidden", "lock"):
        (run.folder / name).symlink_to(tmp_path)
    assert left_out(run, written) == "Left out, as they are links to elsewhere: a, b, c, 1 more."


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    for name in ("there.zip", "there.csv", "there"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(UserError, match=rf"There is .*{name} already; give another path"):
            export(run, str(tmp_path / name))
        assert (tmp_path / name).read_text() == "mine"
    with pytest.raises(UserError, match="own folder"):
        export(run, str(run.folder / "inner"))
    with pytest.raises(UserError, match="own folder"):
        export(run, str(run.folder))


@pytest.mark.parametrize("to", ["there", "there.zip"])
def test_called_off_it_leaves_nothing(run: Run, tmp_path: Path, to: str) -> None:
    told: list[float] = []

    def tell(doing: str, share: float) -> None:
        assert doing == "exporting mine"
        told.append(share)
        if share > 0.5:
            raise Cancelled("It was called off.")

    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(Cancelled):
        export(run, str(tmp_path / to), tell)
    assert {path.name for path in tmp_path.iterdir()} == before and told == sorted(told)


def test_a_damaged_run_is_not_exported(run: Run, tmp_path: Path) -> None:
    (run.folder / "run.toml").write_text("format = = 1")
    with pytest.raises(UserError, match="is damaged"):
        export(run, str(tmp_path / "there.zip"))
    assert not (tmp_path / "there.zip").exists()


def test_metrics_as_a_table(run: Run, tmp_path: Path) -> None:
    progress = {"event": "progress", "step": 10, "epoch": 0.5, "train_loss": 3.5, "learning_rate": 0.005, "elapsed": 2}
    for event in (
        progress | {"clipped": 0.25, "gradient_norm": None, "tokens_per_second": 900.5},
        {"event": "rated", "step": 10},
        {"event": "scored", "step": 10, "validation_loss": 3.25, "best": True},
        {"event": "scored", "step": "=1+1", "validation_loss": [5]},
        {"event": "progress", "step": 20, "train_loss": math.nan, "gradient_norm": math.inf, "elapsed": -math.inf},
    ):
        run.append("metrics", json.dumps(event))
    path = export(run, str(tmp_path / "m.csv"))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 4
    assert rows[0]["train_loss"] == "3.5" and rows[0]["clipped"] == "0.25" and rows[0]["gradient_norm"] == ""
    assert (rows[1]["validation_loss"], rows[1]["best"], rows[1]["train_loss"]) == ("3.25", "true", "")
    assert rows[2]["step"] == "" and rows[2]["validation_loss"] == ""
    assert [rows[3][name] for name in ("step", "train_loss", "gradient_norm", "elapsed")] == ["20", "", "", ""]


# Zips that others made.


def made(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def test_no_name_in_a_zip_leads_elsewhere(run: Run, tmp_path: Path) -> None:
    content = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    members = {f"../../..//{name}": inside for name, inside in content.items()}
    others = {"/etc/evil": b"", "../../../../evil.txt": b"evil", "__MACOSX/run.toml.txt": b"", "x/y.txt": b""}
    found = store.find(made(tmp_path / "slip.zip", members | others | {"../../../lock": b"{}"}))
    assert found.config == RunConfig() and found.id == "slip"
    assert {path.name for path in found.folder.iterdir()} == CARRIED | {"generations.jsonl"}
    assert not list(tmp_path.rglob("evil*"))


def test_what_is_no_run_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no.zip").write_text("no zip")
    with pytest.raises(UserError, match=r"no\.zip cannot be unpacked: File is not a zip file"):
        store.find(str(tmp_path / "no.zip"))
    with pytest.raises(UserError, match=r"holds no run: there is no run\.toml in it"):
        store.find(made(tmp_path / "empty.zip", {"a.txt": b""}))
    with pytest.raises(UserError, match="holds 2 runs; unpack it, and name the folder of one"):
        store.find(made(tmp_path / "two.zip", {"a/run.toml": b"", "b/run.toml": b""}))
    cut = export(run, str(tmp_path / "cut.zip"))
    cut.write_bytes(cut.read_bytes().replace(np.arange(300.0).tobytes()[80:160], bytes(80)))
    with pytest.raises(UserError, match="cannot be unpacked"):
        store.find(str(cut))
    assert list(locations.unpacked().iterdir()) == []
    whole = export(run, str(tmp_path / "whole.zip"))
    monkeypatch.setattr(unpacking, "MOST_BYTES", 100)
    with pytest.raises(UserError, match=r"would unpack to .* GB; at most"):
        store.find(str(whole))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip_says_so_however_it_is_packed(tmp_path: Path, method: int) -> None:
    path = tmp_path / "damaged.zip"
    body = np.random.default_rng(0).bytes(2000)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("r/ids.npy", body)
        archive.writestr("r/run.toml", "")
    whole = path.read_bytes()
    for at in (43, 48, 60, 700, 1500):
        path.write_bytes(whole[:at] + bytes(30) + whole[at + 30 :])
        with pytest.raises(UserError, match=r"^/.*damaged\.zip cannot be unpacked: .*\.$"):
            unpacking.unpack(path)
        assert list(locations.unpacked().iterdir()) == []
