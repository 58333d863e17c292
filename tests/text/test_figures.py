"""Figures of a text: counted in pieces as they would be at once, kept, and found again without NumPy."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.text import figures, kept, library
from lstm_tui.text.library import Entry


class FakeCorpus:
    """The stream and the notes of a corpus, without files."""

    def __init__(self, pieces: Sequence[str], key: str = "k") -> None:
        self.pieces, self.key, self.encoding = pieces, key, "utf-8"
        self.on_files, self.on_text = ["1 file taken, 1 skipped"], list[str]()
        self.skipped = [("cat.png", "binary")]
        self.documents: int | None = None
        self.streamed = 0

    def stream(self, tell: Tell = silent) -> Iterator[tuple[str, bool]]:
        self.streamed += 1
        for piece in self.pieces:
            tell("reading", 0.5)
            yield piece, False
        self.on_text = ["lower-cased"]
        self.documents = 3


def figures_of(*pieces: str, key: str = "k") -> figures.TextFigures:
    return figures.figures(FakeCorpus(pieces, key))  # type: ignore[arg-type]


def test_what_is_counted() -> None:
    found = figures_of("the cat\nthe  h", "at\nends")
    assert (found.characters, found.kinds) == (21, 10)
    assert (found.words, found.lines, found.longest_line) == (5, 3, 8)
    assert found.frequent == (("t", 4), ("e", 3), ("h", 3), ("a", 2), ("c", 1), ("d", 1), ("n", 1), ("s", 1))
    assert found.rarest == (("c", 1), ("d", 1), ("n", 1), ("s", 1), ("a", 2), ("e", 3), ("h", 3), ("t", 4))
    assert (found.notes, found.encoding, found.documents) == (("1 file taken, 1 skipped", "lower-cased"), "utf-8", 3)
    assert found.skipped == (("cat.png", "binary"),)


def test_a_record_is_a_line() -> None:
    found = figures_of("a joke\x1e", "another one\x1e")
    assert (found.lines, found.longest_line, found.words) == (2, 11, 4)


TEXTS = st.text(st.sampled_from("ab é\n\x1e\u2003紅\U0001f600\ud800"), max_size=40)


@given(st.lists(TEXTS, max_size=6), st.integers(1, 8))
def test_the_same_wherever_it_is_cut(pieces: list[str], batch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_BATCH", batch)
        patch.setattr(kept, "write", lambda *_: None)
        found = figures_of(*pieces)
    text = "".join(pieces)
    counts = Counter(text)
    lines = text.replace("\x1e", "\n").split("\n")
    assert (found.characters, found.kinds, found.words) == (len(text), len(counts), len(text.split()))
    assert found.lines == len(lines) - (not lines[-1])
    assert found.longest_line == max(map(len, lines))
    shown = {character: count for character, count in counts.items() if not character.isspace()}
    assert dict(found.rarest) == dict(found.frequent) == shown


def test_counted_once_and_again_where_the_kept_figures_are_damaged() -> None:
    corpus: Any = FakeCorpus(["a fox\n", "\ud800"])
    first = figures.figures(corpus)
    assert figures.figures(corpus) == first
    assert corpus.streamed == 1
    for damage in (b"", b"\xff", b"[1]", b"{}", b'{"characters": 1}'):
        kept.path("figures", "k").write_bytes(damage)
        assert figures.cached("k") is None
        assert figures.figures(corpus) == first


def test_of_the_same_text_in_other_files_those_are_named() -> None:
    corpus: Any = FakeCorpus(["a fox\n"])
    figures.figures(corpus)
    corpus.on_files, corpus.skipped, corpus.encoding = ["2 files taken, 1 skipped"], [("dog.png", "binary")], "cp1252"
    again = figures.figures(corpus)
    assert corpus.streamed == 1
    assert (again.notes, again.encoding) == (("2 files taken, 1 skipped", "lower-cased"), "cp1252")
    assert again.skipped == (("dog.png", "binary"),)


def test_called_off_it_leaves_nothing() -> None:
    def tell(doing: str, share: float) -> None:
        raise Cancelled("called off")

    with pytest.raises(Cancelled):
        figures.figures(FakeCorpus(["a fox"]), tell)  # type: ignore[arg-type]
    assert figures.cached("k") is None


def test_a_full_disk_keeps_nothing_and_fails_nothing(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("no folder can be made here")
    assert figures_of("a fox").characters == 5


NOTHING = dict.fromkeys(("characters", "kinds", "uniform", "letters", "ngram"))


def entry_of(path: Path, **text: str) -> Entry:
    return Entry(path.name, path.name, "", 0, "yours", (path,), tuple(sorted(text.items())))


def test_what_is_known_of_a_text_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "fox.txt"
    path.write_text("a fox")
    entry, corpus = entry_of(path), FakeCorpus(["a fox"], "c")
    assert figures.known(entry) == NOTHING
    counted = figures.figures(corpus)  # type: ignore[arg-type]
    figures.remember(entry, corpus)  # type: ignore[arg-type]
    counts = {"characters": counted.characters, "kinds": counted.kinds}
    assert figures.known(entry) == {**NOTHING, **counts}

    losses = {"uniform": 4.0, "letters": 3.0, "ngram": None, "order": 5}
    kept.write("baselines", "e", losses)
    figures.remember(entry, corpus, SimpleNamespace(key="e"))  # type: ignore[arg-type]
    assert figures.known(entry) == {**counts, "uniform": 4.0, "letters": 3.0, "ngram": None}
    assert figures.known(entry_of(path, lower="true")) == NOTHING
    path.write_text("another fox")
    assert figures.known(entry) == NOTHING
    path.unlink()
    assert figures.known(entry) == NOTHING


def test_what_is_known_comes_without_numpy() -> None:
    code = (
        "import sys; from lstm_tui.text import figures, library\n"
        "for entry in library.built_in(): figures.known(entry)\n"
        "figures.cached('k')\n"
        "assert not {'numpy', 'pydantic'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))


def test_the_built_in_texts_can_be_asked_for() -> None:
    assert all(figures.known(entry) == NOTHING for entry in library.built_in())
