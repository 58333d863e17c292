"""The texts that a run keeps: added, marked, taken off, and read whatever the file has been through."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lstm_tui.errors import UserError
from lstm_tui.runs import generations
from lstm_tui.runs.generations import Output, append, mark, marked, outputs, remove


def output(text: str, **values: object) -> Output:
    fields = {"prompt": "The ", "texts": (text,), "seed": 7, "sampling": {"temperature": 0.8, "stop": None}, **values}
    return Output(**fields)  # type: ignore[arg-type]


def test_texts_are_listed_newest_first_as_they_were_kept(tmp_path: Path) -> None:
    assert outputs(tmp_path) == []
    first = output("fox\n", changes=((3, {"temperature": 1.2}),), step=740, tokens=4, nats=1.31, copy=3, whole=False)
    second = output("lamp", texts=("lamp", "lämp\u2028"), marked=True)
    append(tmp_path, first)
    append(tmp_path, second)
    assert outputs(tmp_path) == [second, first]
    assert (first.temperatures, second.temperatures) == ("0.8 > 1.2", "0.8")
    assert output("", sampling={"temperature": 1, "greedy": True}).temperatures == "greedy"
    assert first.whole_text == "The fox\n"
    assert second.whole_text == "--- 1 of 2 ---\nThe lamp\n--- 2 of 2 ---\nThe lämp\u2028"


def test_a_prompt_that_no_file_can_hold_is_kept(tmp_path: Path) -> None:
    """What was typed may be bytes that are no UTF-8."""
    odd = output("ä", prompt="a\udc80\x1b\u2028")
    append(tmp_path, odd)
    assert outputs(tmp_path) == [odd] and "ä" in (tmp_path / "generations.jsonl").read_text()


def test_marks_and_removals_are_lines_of_their_own(tmp_path: Path) -> None:
    kept = [output(text) for text in "abc"]
    for one in kept:
        append(tmp_path, one)
    size = (tmp_path / "generations.jsonl").stat().st_size
    mark(tmp_path, kept[0].id)
    mark(tmp_path, kept[1].id)
    mark(tmp_path, kept[1].id, False)
    remove(tmp_path, kept[2].id)
    mark(tmp_path, kept[2].id)  # by another process, which does not know that it has gone
    assert [(one.texts, one.marked) for one in outputs(tmp_path)] == [(("b",), False), (("a",), True)]
    assert (tmp_path / "generations.jsonl").stat().st_size > size
    assert [one.texts for one in marked(tmp_path)] == [("a",)]
    mark(tmp_path, kept[1].id)
    assert [one.texts for one in marked(tmp_path)] == [("b",), ("a",)]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        "null",
        '{"of": []}',
        '{"prompt": 3, "texts": ["a"], "id": "x", "sampling": {}, "seed": 1}',
        '{"prompt": "", "texts": [], "id": "x", "sampling": {}, "seed": 1}',
        '{"prompt": "", "texts": ["a"], "id": "x", "sampling": {}, "seed": "one"}',
        '{"prompt": "", "texts": ["a"], "id": "x", "sampling": {"temperature": "hot"}, "seed": 1}',
        '{"prompt": "", "texts": ["a"], "id": "x", "sampling": {}, "seed": 1, "changes": [3]}',
        '{"prompt": "", "texts": ["a"], "id": "x", "sampling": {}, "seed": 1e400}',
        "[" * 20_000,
        "\x00\xff",
    ],
)
def test_a_damaged_line_is_passed_over(tmp_path: Path, line: str) -> None:
    append(tmp_path, output("a"))
    with (tmp_path / "generations.jsonl").open("a") as file:
        file.write(line + "\n")
    append(tmp_path, output("b"))
    assert [one.texts for one in outputs(tmp_path)] == [("b",), ("a",)]


def test_of_a_large_file_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        append(tmp_path, output(f"{number}"))
    monkeypatch.setattr(generations, "_MOST_BYTES", 2_000)
    there = outputs(tmp_path)
    assert 3 < len(there) < 20 and there[0].texts == ("49",)


def test_a_run_that_has_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Could not write"):
        append(tmp_path / "gone", output("a"))


def test_what_was_read_is_not_read_again_unless_the_file_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    taken = generations._output

    def counted(value: Mapping[str, Any]) -> Output:
        read.append(value["texts"][0])
        return taken(value)

    monkeypatch.setattr(generations, "_output", counted)
    kept, path = [output(text) for text in "abc"], tmp_path / "generations.jsonl"
    for one in kept:
        append(tmp_path, one)
    assert len(outputs(tmp_path)) == 3 and read == ["a", "b", "c"]
    mark(tmp_path, kept[0].id)
    append(tmp_path, output("d"))
    assert [one.texts for one in marked(tmp_path)] == [("a",)] and read == ["a", "b", "c", "d"]
    with path.open("a") as file:  # another process is writing
        file.write('{"prompt": "", "texts": ["e"], "id": "e", ')
    assert len(outputs(tmp_path)) == 4
    with path.open("a") as file:
        file.write('"sampling": {}, "seed": 1}\n')
    assert outputs(tmp_path)[0].texts == ("e",) and read == ["a", "b", "c", "d", "e"]
    text = path.read_text()
    path.write_text(text.replace('"seed": 1}', '"seed": 2}') + text.replace('"e"', '"f"'))
    assert [one.texts[0] for one in outputs(tmp_path)] == ["f", "e", "d", "c", "b", "a"]
    path.unlink()
    assert outputs(tmp_path) == []
