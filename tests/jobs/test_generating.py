"""Text from a run: prompts, seeds, windows, stopping."""

import json
from itertools import islice
from pathlib import Path

import pytest

from lstm_tui.errors import UserError
from lstm_tui.jobs.evaluating import load_model
from lstm_tui.jobs.generating import Generation, sample
from lstm_tui.jobs.prompts import as_read, encode_prompt, opening, random_slice
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import UNKNOWN
from tests.jobs.conftest import MakeRun

GREEDY = SamplingConfig(greedy=True, length=30)


@pytest.fixture
def trained(make_run: MakeRun) -> Run:
    run = make_run({"budget": {"steps": 40}, "plan": {"score_every": 20, "record_every": 10}})
    for _ in train(run, "cpu", Requests()):
        pass
    return run


def test_pieces_make_the_text(trained: Run) -> None:
    made = Generation(trained, "The ", seed=5)
    pieces = list(made)
    assert "".join(pieces) == made.text and made.tokens == len(pieces) == 40
    assert made.seconds > 0 and made.tokens_per_second == pytest.approx(40 / made.seconds)


def test_a_seed_repeats_and_is_told_where_none_was_given(trained: Run) -> None:
    made = Generation(trained, "The ")
    text = "".join(made)
    assert "".join(Generation(trained, "The ", seed=made.seed)) == text
    assert "".join(Generation(trained, "The ", seed=made.seed + 1)) != text


def test_unknown_characters_are_named_and_left_out(trained: Run) -> None:
    made = Generation(trained, "T{h}e €{", GREEDY)
    assert made.unknown == ["{", "}", "€"]
    assert "".join(made) == "".join(Generation(trained, "The ", GREEDY))


@pytest.mark.parametrize("prompt", ["", "€€", "{"])
def test_an_empty_prompt_begins_from_the_zero_state(trained: Run, prompt: str) -> None:
    assert len("".join(Generation(trained, prompt, GREEDY))) == 30


def test_stopping_is_leaving_the_loop(trained: Run) -> None:
    made = Generation(trained, "The ", SamplingConfig(length=1_000_000), seed=1)
    assert len("".join(islice(made, 7))) == 7 == made.tokens


def test_numpy_and_torch_write_the_same_greedily(trained: Run) -> None:
    model = load_model(trained, "best", "cpu")
    shown = sample(model, trained.vocabulary, "The ", GREEDY, seed=1)
    assert shown == "The " + "".join(Generation(trained, "The ", GREEDY))


def test_a_window_forgets_what_lies_before_it(trained: Run) -> None:
    window = SamplingConfig(greedy=True, length=30, window=4)
    one, other = Generation(trained, "A song of the sea", window), Generation(trained, "the sea", window)
    assert "".join(one) == "".join(other)


def test_a_lower_cased_model_reads_a_lower_cased_prompt(make_run: MakeRun) -> None:
    run = make_run({"budget": {"steps": 10}, "text": {"lower": True}})
    for _ in train(run, "cpu", Requests()):
        pass
    made = Generation(run, "THE Sea", GREEDY)
    assert made.unknown == [] and made.prompt == "THE Sea"


def test_words_are_written_with_their_spaces(make_run: MakeRun) -> None:
    run = make_run({"budget": {"steps": 5}}, recipe="words", corpus="jokes")
    for _ in train(run, "cpu", Requests()):
        pass
    first, *others = list(Generation(run, "", SamplingConfig(length=10), seed=1))
    assert not first.startswith(" ") and all(piece.startswith(" ") for piece in others)
    made = Generation(run, "What zzxx did", SamplingConfig(length=3), seed=1)
    assert made.unknown == ["zzxx"] and all(piece.startswith(" ") for piece in made)


def test_a_prompt_is_cleaned_as_the_text_was(make_run: MakeRun) -> None:
    run = make_run({"text": {"letters": True, "nfc": True, "lower": True}})
    assert as_read(run, "THE sea, e\u0301 1!").split() == ["the", "sea", "é"]
    run = make_run({"text": {"ascii": True}})
    assert as_read(run, "“Sea”\n*** START OF THE PROJECT GUTENBERG EBOOK ***") == (
        '"Sea"\n*** START OF THE PROJECT GUTENBERG EBOOK ***'
    )


def test_the_end_of_a_record_is_a_line_break(make_run: MakeRun) -> None:
    run = make_run({"budget": {"steps": 40}, "text": {"separator": None}}, corpus="jokes")
    assert END in run.vocabulary.tokens
    for event in train(run, "cpu", Requests()):
        assert END not in getattr(event, "text", "")
    text = "".join(Generation(run, "What ", SamplingConfig(length=1000, temperature=2.0), seed=1))
    assert END not in text and "\n" in text


@pytest.mark.parametrize("tokens", ["characters", "words", "words and punctuation"])
def test_a_slice_of_the_text_is_read_as_it_was_learnt(make_run: MakeRun, tmp_path: Path, tokens: str) -> None:
    """Ends of records, which it shows as line breaks, too."""
    rows = "".join(f"{number},Why did the fox {number} cross\n" for number in range(200))
    (tmp_path / "jokes.csv").write_text("ID,Joke\n" + rows)
    run = make_run({"text": {"column": "Joke", "tokens": tokens}}, corpus=str(tmp_path / "jokes.csv"))
    end = run.vocabulary.end_id
    assert end is not None
    prompt = random_slice(run, SamplingConfig(window=40), seed=3)
    ids, unknown = encode_prompt(run.vocabulary, as_read(run, prompt))
    assert ids.count(end) >= 2 and unknown == []
    learnt = run.part("training").tolist()
    assert ids in (learnt[start : start + 40] for start in range(len(learnt)))


@pytest.mark.parametrize("tokens", ["words", "words and punctuation"])
def test_a_prompt_of_unknown_words(make_run: MakeRun, tokens: str) -> None:
    run = make_run({"budget": {"steps": 5}, "text": {"tokens": tokens, "least": 2}, "model": {"hidden": 4}})
    for _ in train(run, "cpu", Requests()):
        pass
    made = Generation(run, "The zzxx sea", SamplingConfig(length=5), seed=1)
    assert [word.strip() for word in made.unknown] == ["zzxx"] and len("".join(made)) > 0
    for seed in range(10):
        assert UNKNOWN not in opening(run, seed)


def test_a_run_that_has_not_saved_says_so(make_run: MakeRun) -> None:
    with pytest.raises(UserError, match="had not saved yet"):
        Generation(make_run(), "The ")


def test_json_says_all_that_is_needed_to_have_it_again(trained: Run) -> None:
    made = Generation(trained, "The €", seed=9)
    list(made)
    said = json.loads(made.to_json())
    assert said["prompt"] == "The €" and said["unknown"] == ["€"] and said["seed"] == 9 and said["tokens"] == 40
    again = Generation(trained, said["prompt"], SamplingConfig(**said["sampling"]), seed=said["seed"])
    assert "".join(again) == said["text"]


def test_the_opening_is_from_the_text_and_known(trained: Run) -> None:
    text = trained.vocabulary.decode(trained.ids)
    for seed in range(20):
        words = opening(trained, seed)
        assert words and words in text and len(words) < 80


def test_the_opening_of_a_model_of_words_is_words_it_knows(make_run: MakeRun) -> None:
    run = make_run({"text": {"separator": "\n"}, "sampling": {"prompt": None}}, recipe="words", corpus="fables")
    for seed in range(30):
        assert run.vocabulary.encode_known(opening(run, seed))[1] == []
