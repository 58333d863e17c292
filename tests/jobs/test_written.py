"""Where a text ends, several texts of one model, prompts from the text, and what of a text is copied."""

import json
from itertools import islice

import numpy as np
import pytest
import torch

from lstm_tui.jobs.evaluating import load_model
from lstm_tui.jobs.generating import Generation, Writer
from lstm_tui.jobs.prompts import random_slice
from lstm_tui.jobs.written import Written
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from lstm_tui.text.parts import END
from lstm_tui.text.vocabulary import Kind, Vocabulary
from tests.jobs.conftest import MakeRun


def written(tokens: list[str], sampling: SamplingConfig, kind: Kind = "characters", before: int | None = 0) -> Written:
    """The text of some tokens."""
    vocabulary = Vocabulary(kind, sorted({*tokens, "x"}))
    made = Written(vocabulary, sampling, before)
    for token in tokens:
        if made.done:
            break
        made.take(vocabulary.tokens.index(token))
    return made


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        ("c", "abac"),
        ("ac", "abac"),
        ("aab", "abacaab"),  # begins again within itself
        ("abacaabx", "abacaab"),
        ("z", "abacaab"),
        (None, "abacaab"),
    ],
)
def test_a_text_ends_after_its_stop_string(stop: str | None, text: str) -> None:
    assert written(list("abacaab"), SamplingConfig(stop=stop)).text == text


def test_a_stop_string_within_a_word_and_over_two() -> None:
    words = ["One", "two.x", "three", "four"]
    assert written(words, SamplingConfig(stop="."), "words").text == " One two."
    assert written(words, SamplingConfig(stop="x thr"), "words").text == " One two.x thr"
    assert written(words, SamplingConfig(stop="One"), "words", before=None).text == "One"


def test_a_stop_string_that_has_begun_is_whole_whatever_else_is_set_meanwhile() -> None:
    settings = SamplingConfig(stop="\n\n", length=9)
    text = Written(Vocabulary("characters", "\nab"), settings, 0)
    for number in (1, 0):
        text.take(number)
    text.follow(settings.model_copy(update={"temperature": 1.3}))
    text.take(0)
    assert text.done and text.text == "a\n\n"
    other = Written(Vocabulary("characters", "\nab"), settings, 0)
    other.take(0)
    other.follow(settings.model_copy(update={"stop": "\na"}))  # which is looked for in what comes
    other.take(1)
    assert not other.done


def test_a_text_ends_at_the_end_of_its_record_where_asked() -> None:
    tokens = [*"ab", END, *"ab"]
    assert written(tokens, SamplingConfig()).text == "ab\nab"
    ended = written(tokens, SamplingConfig(stop_at_end=True))
    assert ended.done and ended.text == "ab" and len(ended.ids) == 2
    assert written([END], SamplingConfig(stop_at_end=True)).text == ""
    assert written(list("abab"), SamplingConfig(stop_at_end=True, length=3)).text == "aba"  # there is no such token


def test_streams_end_each_for_itself(small_run: Run) -> None:
    sampling = SamplingConfig(length=60, temperature=1.0, stop="o")
    made = Generation(small_run, "The ", sampling, seed=2, streams=8)
    shown = ["".join(pieces) for pieces in zip(*made.steps(), strict=True)]
    assert shown == [text.text for text in made.texts] and len(set(shown)) == 8
    for text in made.texts:
        ended = text.text.find("o") + 1
        assert len(text.text) == (ended or 60)
        assert text.seconds > 0
    assert len({len(text) for text in shown}) > 2
    said = [json.loads(made.to_json(number)) for number in range(8)]
    assert [line["stream"] for line in said] == list(range(1, 9))
    assert [line["text"] for line in said] == shown
    assert made.tokens == sum(line["tokens"] for line in said)  # of all together
    assert made.tokens_per_second == pytest.approx(made.tokens / max(line["seconds"] for line in said))


def test_one_writer_writes_what_a_new_one_would(small_run: Run) -> None:
    writer, settings = Writer(small_run), SamplingConfig(length=30)
    texts = ["".join(Generation(small_run, "The ", settings, seed=3, writer=writer)) for _ in range(2)]
    assert texts == ["".join(Generation(small_run, "The ", settings, seed=3))] * 2


def test_a_random_slice_is_of_the_text_that_was_learnt(make_run: MakeRun) -> None:
    run = make_run({"text": {"held_out": 0.5}, "sampling": {"window": None}})
    learnt = run.vocabulary.decode(run.ids[: run.train_tokens])
    slices = {random_slice(run, run.config.sampling, seed) for seed in range(20)}
    assert len(slices) == 20 and all(len(slice_) == 100 and slice_ in learnt for slice_ in slices)
    window = SamplingConfig(window=7)
    assert len(random_slice(run, window, 1)) == 7
    assert random_slice(run, window, 1) == random_slice(run, window, 1)
    assert random_slice(run, SamplingConfig(window=4096), 1)[:4096] in learnt


def test_the_longest_copy_is_of_the_text_that_was_learnt(small_run: Run) -> None:
    made = Generation(small_run, "The ", SamplingConfig(length=50), seed=1)
    list(made)
    copied = made.longest_copy()
    learnt = small_run.vocabulary.decode(small_run.ids[: small_run.train_tokens])
    stretches = (made.text[i:j] for i in range(50) for j in range(i + 1, 51))
    assert copied.length == len(copied.text) == max(len(stretch) for stretch in stretches if stretch in learnt)
    assert copied.text in learnt and copied.text in made.text
    held_out = small_run.ids[small_run.train_tokens :]
    made.texts[0].ids = np.asarray(held_out).tolist()
    assert made.longest_copy().length < len(held_out)


def test_before_anything_is_written_nothing_is_copied(small_run: Run) -> None:
    made = Generation(small_run, "The ")
    assert (made.longest_copy().length, made.longest_copy().text) == (0, "")
    (small_run.folder / "ids.npy").unlink()
    assert json.loads(Generation(Run(small_run.folder), "The ").to_json())["longest_copy"] is None


def test_settings_that_change_in_the_midst_count_from_the_next_token_and_are_told(small_run: Run) -> None:
    begun = SamplingConfig(length=40, temperature=1.0)
    plain = "".join(Generation(small_run, "The ", begun, seed=5))
    made, pieces = Generation(small_run, "The ", begun, seed=5), []
    for piece in made:
        pieces.append(piece)
        if len(pieces) == 10:
            made.change(begun.model_copy(update={"repetition_penalty": 1.0}))  # nothing new
        elif len(pieces) == 20:
            made.change(begun.model_copy(update={"greedy": True, "window": 3, "repetition_penalty": 5.0}))
        elif len(pieces) == 30:
            made.change(begun.model_copy(update={"length": 33}))
    assert "".join(pieces) == made.text and len(made.text) == 33
    assert made.text[:20] == plain[:20] and made.text[20:] != plain[20:33]
    assert [(change.at, dict(change.sampling)) for change in made.changes] == [
        (20, {"greedy": True, "repetition_penalty": 5.0}),
        (30, {"greedy": False, "repetition_penalty": 1.0, "length": 33}),
    ]
    assert made.begun_with == begun and made.sampling.window is None
    # A penalty that comes late counts what was there before it.
    late = list(
        islice(
            Generation(
                small_run,
                "The " + made.text[:20],
                begun.model_copy(update={"greedy": True, "repetition_penalty": 5.0}),
                seed=5,
            ),
            10,
        )
    )
    assert "".join(late) == made.text[20:30]


@pytest.mark.parametrize("streams", [1, 3])
def test_what_was_drawn_is_scored_as_the_model_itself_found_it(small_run: Run, streams: int) -> None:
    sampling = SamplingConfig(length=70, temperature=0.3, top_k=4, repetition_penalty=1.3, stop="e")
    made = Generation(small_run, "The ", sampling, seed=5, streams=streams)
    assert made.nats_per_token is None
    for _ in made.steps():
        pass
    model = load_model(small_run, "best", "cpu")
    nats = 0.0
    for text in made.texts:
        ids = torch.tensor([*small_run.vocabulary.encode("The ").tolist(), *text.ids])
        with torch.no_grad():
            logits, _ = model(ids[:-1, None])
        chances = logits[:, 0].log_softmax(-1).gather(-1, ids[1:, None])
        nats -= float(chances[3:].sum())
    assert made.nats_per_token == pytest.approx(nats / made.tokens, rel=1e-4)
    assert made.nats_per_character == made.nats_per_token  # its tokens are characters
