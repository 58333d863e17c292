"""The cells of one column of a table."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_tui.errors import UserError
from lstm_tui.text.records import records

CSV = 'ID,Joke,Note\n1,"Knock, knock.\nWho?",x\n2,,x\n3,"She said ""no"".",\n4,Ha\n5\n'
CELLS = ["Knock, knock.\nWho?", 'She said "no".', "Ha"]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1)


def cells(text: str, column: str, name: str = "a.csv", size: int = 10) -> list[str]:
    """The column of a text that comes in pieces of `size` characters."""
    return list(records((text[at : at + size] for at in range(0, len(text), size)), column, name))


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_csv(size: int) -> None:
    assert cells(CSV, "Joke", size=size) == CELLS
    assert cells(CSV, "ID", size=size) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_the_one_that_makes_the_column(delimiter: str) -> None:
    text = f"ID, no{delimiter}Joke\n1{delimiter}one, two, three\n"
    assert cells(text, "Joke") == ["one, two, three"]


def test_one_column_needs_no_delimiter() -> None:
    assert cells("\nJoke\na; b\nc\n", "Joke") == ["a; b", "c"]


def test_a_missing_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"a\.csv has no column 'joke'; its columns are: ID, Joke, Note\."):
        cells(CSV, "joke")
    with pytest.raises(UserError, match=r"a\.csv has no column 'joke'; its columns are: none\."):
        cells("", "joke")
    with pytest.raises(UserError, match=r"its columns are: word word.*…\."):
        cells("word " * 60_000, "joke")


def test_a_cell_may_hold_a_book() -> None:
    book = "word\n" * 60_000
    assert cells(f'Book\n"{book}"\n', "Book", size=1000) == [book]


def test_a_quotation_mark_that_is_never_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm_tui.text.records._LONGEST", 1000)
    sentence = r"a\.csv could not be read as CSV from line 3 on: .*; is a quotation mark missing there\?"
    with pytest.raises(UserError, match=sentence):
        cells('Joke\nfine\n"no end\n' + "line\n" * 1000, "Joke")


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    ("text", "line"),
    [('Joke,Note\nfine,x\n"no end\ntwo\nthree\n', 3), ('Joke\n"', 2), ('"Joke\nfine\n', 1), ('Joke\n"a\nb"\n"c', 4)],
)
def test_a_table_that_ends_inside_a_cell(text: str, line: int, size: int) -> None:
    sentence = (
        rf"^a\.csv could not be read as CSV from line {line} on: it ends .*; is a quotation mark missing there\?$"
    )
    with pytest.raises(UserError, match=sentence):
        cells(text, "Joke", size=size)


def test_the_ending_of_a_table_goes_before_its_first_line() -> None:
    assert cells("{t},u\na,b\n", "u", "x.csv") == ["b"]
    assert cells("{t}\tu\na\tb\n", "{t}", "x.TSV") == ["a"]


# JSON.


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.txt", "a.json"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_json_lines(name: str, size: int) -> None:
    text = (
        '{"id": 1, "text": "one\\r\\ntwo"}\n\n{"id": 2, "text": ""}\n{"text": "\u2028three"}\n{"id": 4}\n{"text": null}'
    )
    assert cells(text, "text", name, size) == ["one\ntwo", "\u2028three"]
    assert cells(text, "id", name, size) == ["1", "2", "4"]


def test_a_bad_line_is_named() -> None:
    with pytest.raises(UserError, match=r"a\.jsonl: line 3 is not JSON; correct it or take it out\."):
        cells('{"text": "one"}\n\n{"text": }\n', "text", "a.jsonl")
    with pytest.raises(UserError, match=r"a\.jsonl: line 1 is not an object with columns"):
        cells('"one"\n', "text", "a.jsonl")
    with pytest.raises(UserError, match=r"a\.jsonl: line 1 is not JSON"):
        cells('{"a":' * 100_000 + "\n", "text", "a.jsonl", 1000)
    with pytest.raises(UserError, match=r"a\.jsonl: line 1 has no text in the column 'text'"):
        cells('{"text": {"a": 1}}\n', "text", "a.jsonl")


def test_a_missing_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"a\.jsonl has no column 'text'; its columns are: a, b\."):
        cells('{"a": 1}\n{"b": 2}\n', "text", "a.jsonl")
    endless = ('{"a": 1}\n' for _ in iter(int, 1))
    with pytest.raises(UserError, match=r"its columns are: a\."):
        list(records(endless, "text", "a.jsonl"))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_json_array(size: int) -> None:
    text = ' [ {"lines": ["one", "two"], "n": 12},\n{"lines": [] , "n": 3.5}\n] '
    assert cells(text, "lines", "a.json", size) == ["one\ntwo"]
    assert cells(text, "n", "a.json", size) == ["12", "3.5"]
    with pytest.raises(UserError, match=r"its columns are: none\."):
        cells("[]", "n", "a.json", size)


@pytest.mark.parametrize("text", ['[{"a": "x"}, {"a": ', '[{"a": "x"}, {"a" "y"}]', '[{"a": "x"}', '[{"a": "x"} {}]'])
def test_a_broken_array_says_where(text: str) -> None:
    with pytest.raises(UserError, match=r"a\.json: value [12] of its array is not JSON; correct it\."):
        cells(text, "a", "a.json")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_follows_an_array_is_not_left_out_silently(size: int) -> None:
    with pytest.raises(UserError, match=r"^a\.json: something follows the end of its array, after value 1; "):
        cells('[{"a": "x"}] \n {"a": "lost"}', "a", "a.json", size)


def test_half_a_character_becomes_a_replacement() -> None:
    assert cells('{"a": "x\\ud83dy \\ud83e\\udd8a"}', "a", "a.jsonl") == ["x�y 🦊"]


# Round trips.


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(texts, min_size=1), st.integers(1, 9), st.sampled_from([",", ";", "\t"]))
def test_csv_comes_back(written: list[str], size: int, delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "text"], *((str(number), text) for number, text in enumerate(written))])
    assert cells(file.getvalue(), "text", size=size) == written


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(texts, min_size=1), st.integers(1, 9), st.booleans())
def test_json_comes_back(written: list[str], size: int, ascii_only: bool) -> None:
    objects = [json.dumps({"text": text, "id": 1}, ensure_ascii=ascii_only) for text in written]
    assert cells("\n".join(objects), "text", "a.jsonl", size) == written
    assert cells("[" + ",".join(objects) + "]", "text", "a.json", size) == written
