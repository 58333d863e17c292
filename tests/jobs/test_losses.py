"""A loss in other words, and where a person reads them."""

import math

import numpy as np
import pytest

from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Finished, Scored, describe
from lstm_tui.jobs.losses import Counted, beside, bits_per_character, counted, perplexity, shown_perplexity
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from tests.jobs.conftest import MakeRun


def test_perplexity_and_bits() -> None:
    assert perplexity(math.log(50)) == pytest.approx(50)
    assert math.isfinite(perplexity(1e9))
    assert bits_per_character(math.log(2)) == 1
    assert bits_per_character(math.log(64), 4) == pytest.approx(1.5)


@pytest.mark.parametrize(("loss", "words"), [(0, "1.0"), (5.1234, "168"), (9.2, "9,897"), (99, "9.9e+42")])
def test_a_perplexity_has_room(loss: float, words: str) -> None:
    assert shown_perplexity(loss) == words and len(shown_perplexity(700)) <= 9


def test_a_line_for_a_person_says_both_for_words_and_nothing_for_characters() -> None:
    assert beside(1.5, Counted("characters", 1.0, 0.0)) == ""

    def words(loss: float) -> str:
        return beside(loss, Counted("words", 5.2, 0.0))

    scored = describe(Scored(120, 5.1234, True), words)
    assert scored == "step     120  valid 5.1234 (perplexity 168, 1.42 bits/character)  best so far"
    assert describe(Scored(120, None, False), words) == "step     120  scored on the training text"
    ending = describe(Finished("r", "budget", 200, 4.0, 5.1234, 9.0), words).splitlines()[1]
    assert ending.endswith("train 4.0000, best validation 5.1234 (perplexity 168, 1.42 bits/character)")
    ending = describe(Finished("r", "budget", 200, 4.0, None, 9.0), words).splitlines()[1]
    assert ending.endswith("train 4.0000 (perplexity 54.6, 1.11 bits/character)")


@pytest.mark.parametrize(("share", "said"), [(0.124, "12%"), (0.0312, "3.1%"), (0.00001, "0.1%")])
def test_a_line_for_a_person_says_how_much_is_not_known(share: float, said: str) -> None:
    line = beside(5.1234, Counted("words", 5.2, share))
    assert line == f" (perplexity 168, 1.42 bits/character, {said} <unk>)"


def test_the_share_that_is_not_known_is_of_what_is_scored(make_run: MakeRun) -> None:
    run = make_run({"text": {"tokens": "words", "least": 3}, "model": {"hidden": 4}, "budget": {"steps": 1}})
    scored = np.asarray(run.part("validation"))
    share = counted(run).unknown
    assert share == pytest.approx(float((scored == run.vocabulary.unknown_id).mean())) and share > 0.1
    for _ in train(run, "cpu", Requests()):
        pass
    assert evaluate(run).unknown_share == pytest.approx(share)


@pytest.mark.parametrize("held_out", [0.2, 0.0])
@pytest.mark.parametrize("tokens", ["characters", "words", "words and punctuation"])
def test_what_training_says_is_what_evaluation_says(make_run: MakeRun, tokens: str, held_out: float) -> None:
    text = {"tokens": tokens, "held_out": held_out}
    run = make_run({"text": text, "model": {"hidden": 4}, "budget": {"steps": 2}, "plan": {"score_every": 1}})
    scored = np.asarray(run.ids[run.train_tokens if held_out else 0 :])
    characters = counted(run).characters
    assert characters == pytest.approx(len(run.vocabulary.decode(scored)) / len(scored))
    for _ in train(run, "cpu", Requests()):
        pass
    found = evaluate(run)
    bits = bits_per_character(found.nats_per_token, characters)
    assert found.bits_per_character == pytest.approx(bits)
    assert found.perplexity == pytest.approx(math.exp(found.nats_per_token))
