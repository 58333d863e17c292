"""The built-in texts: long enough, varied enough, and plain in format.

Run as a script, it prints a table of the figures for each text.
"""

import csv
import io
import lzma
from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import pytest

FOLDER = files("lstm_tui.text") / "builtin"
RUN = 50

# Per text: least length, least xz ratio, least share of distinct 4-grams, greatest share of repeats.
# A short text gives xz less to find again, so the bar for the verses is higher.
LIMITS = {
    "fables.txt": (120_000, 0.29, 0.95, 0.005),
    "verses.txt": (30_000, 0.40, 0.95, 0.005),
}
NAMES = (*LIMITS, "jokes.csv")


def read(name: str) -> str:
    """The built-in text as stored, its newlines untranslated."""
    return (FOLDER / name).read_bytes().decode("utf-8")


def length(text: str) -> float:
    """The number of characters."""
    return float(len(text))


def xz_ratio(text: str) -> float:
    """The size after xz at preset 9 over the size before: low where a text repeats itself."""
    data = text.encode()
    return len(lzma.compress(data, preset=9)) / len(data)


def distinct_four_grams(text: str) -> float:
    """The share of distinct runs of four words among all runs of four words."""
    words = text.split()
    grams = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    return len(set(grams)) / len(grams)


def repeated_runs(text: str) -> float:
    """The share of positions that start a run of RUN characters which stands elsewhere too."""
    runs = Counter(text[p : p + RUN] for p in range(len(text) - RUN + 1))
    return sum(n for n in runs.values() if n > 1) / runs.total()


def format_faults(text: str) -> list[str]:
    """What keeps a text from being plain printable ASCII lines that end in one newline."""
    lines = text.split("\n")
    checks = {
        "not ASCII": not text.isascii(),
        "control character": any(ord(c) < 32 or ord(c) == 127 for c in text if c != "\n"),
        "trailing space": any(line.endswith(" ") for line in lines),
        "end is not one newline": not text.endswith("\n") or text.endswith("\n\n"),
    }
    return [fault for fault, found in checks.items() if found]


def joke_faults(text: str) -> list[str]:
    """What keeps a text from being a CSV of at least 300 jokes, each one line, none twice."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = list(reader)
    if reader.fieldnames != ["ID", "Joke"]:
        return ["columns"]
    if any(None in row or None in row.values() for row in rows):
        return ["fields in a row"]
    ids = [row["ID"] for row in rows]
    jokes = [row["Joke"] for row in rows]
    checks = {
        "too few": len(jokes) < 300,
        "joke twice": len(set(jokes)) < len(jokes),
        "ID twice": len(set(ids)) < len(ids),
        "empty joke": not all(jokes),
        "newline in a joke": any("\n" in joke or "\r" in joke for joke in jokes),
        "spaces around a joke": any(joke != joke.strip(" ") for joke in jokes),
    }
    return [fault for fault, found in checks.items() if found]


def jokes_csv(*jokes: str) -> str:
    """A good CSV of 300 jokes with the given ones added."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("ID", "Joke"), *enumerate([*(f"Joke {i}." for i in range(300)), *jokes])])
    return out.getvalue()


@pytest.mark.parametrize("name", LIMITS)
def test_long_enough(name: str) -> None:
    assert length(read(name)) >= LIMITS[name][0]


@pytest.mark.parametrize("name", LIMITS)
def test_compresses_little(name: str) -> None:
    assert xz_ratio(read(name)) >= LIMITS[name][1]


@pytest.mark.parametrize("name", LIMITS)
def test_four_grams_differ(name: str) -> None:
    assert distinct_four_grams(read(name)) >= LIMITS[name][2]


@pytest.mark.parametrize("name", LIMITS)
def test_long_runs_stand_once(name: str) -> None:
    assert repeated_runs(read(name)) <= LIMITS[name][3]


@pytest.mark.parametrize("name", NAMES)
def test_format(name: str) -> None:
    assert format_faults(read(name)) == []


def test_jokes() -> None:
    assert joke_faults(read("jokes.csv")) == []


def test_measures_can_fail() -> None:
    for least, ratio, grams, repeats in LIMITS.values():
        assert length("a b c d " * 100) < least
        assert xz_ratio("a b c d " * 100) < ratio
        assert distinct_four_grams("a b c d " * 100) < grams
        assert repeated_runs(read("verses.txt") * 2) > repeats


def test_measures_on_known_texts() -> None:
    assert length("abc") == 3
    assert distinct_four_grams("a b c d a b c d") == 4 / 5
    once = "".join(chr(i) for i in range(32, 32 + RUN))
    assert repeated_runs(once) == 0
    assert repeated_runs(once * 2) == 2 / (RUN + 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("caf\u00e9\n", "not ASCII"),
        ("a\tb\n", "control character"),
        ("a\r\nb\n", "control character"),
        ("a\x7f\n", "control character"),
        ("a \nb\n", "trailing space"),
        ("a", "end is not one newline"),
        ("a\n\n", "end is not one newline"),
    ],
)
def test_format_can_fail(text: str, fault: str) -> None:
    assert format_faults("a\n\nb\n") == []
    assert format_faults(text) == [fault]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Joke,ID\nHa.,1\n", "columns"),
        (jokes_csv() + "300\n", "fields in a row"),
        (jokes_csv() + "300,Ha,ha.\n", "fields in a row"),
        ("ID,Joke\n1,Ha.\n", "too few"),
        (jokes_csv("Joke 1."), "joke twice"),
        (jokes_csv() + "1,Ha.\n", "ID twice"),
        (jokes_csv(""), "empty joke"),
        (jokes_csv("Ha\nha."), "newline in a joke"),
        (jokes_csv(" Ha."), "spaces around a joke"),
    ],
)
def test_jokes_can_fail(text: str, fault: str) -> None:
    assert joke_faults(jokes_csv()) == []
    assert joke_faults(text) == [fault]


def main() -> None:
    """Print the figures for each text."""
    measures: dict[str, Callable[[str], float]] = {
        "length": length,
        "xz ratio": xz_ratio,
        "4-grams": distinct_four_grams,
        "repeats": repeated_runs,
    }
    print(f"{'text':12}" + "".join(f"{title:>12}" for title in measures) + "  faults")
    for name in NAMES:
        if not (FOLDER / name).is_file():
            print(f"{name:12}   missing")
            continue
        text = read(name)
        faults = format_faults(text) + (joke_faults(text) if name == "jokes.csv" else [])
        figures = (f"{measure(text):12.5g}" for measure in measures.values())
        print(f"{name:12}" + "".join(figures) + "  " + (", ".join(faults) or "none"))


if __name__ == "__main__":
    main()
