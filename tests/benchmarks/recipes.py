"""A recipe run as its author did: its loss curve and a sample, beside what its author reported.

    python -m tests.benchmarks.recipes RECIPE TEXT [--steps N] [--minutes M] [SECTION.FIELD=VALUE …]

TEXT is a path, or the name of a text. Without steps or minutes the recipe's own budget counts. Settings go over the
recipe's, such as text.column=Joke for a CSV file, or text.held_out=0.1 to see what it makes of a text it has not read.
The run itself is thrown away. The authors' figures are of other editions of the texts: beside them, never matched.
"""

import argparse
import os
import tempfile

from lstm_tui import recipes
from lstm_tui.fields import merge, nest, parse
from lstm_tui.jobs.evaluating import evaluate
from lstm_tui.jobs.events import Event, Failed, Finished, Planned, Progress, Scored, Started, Warned, describe
from lstm_tui.jobs.generating import Generation
from lstm_tui.jobs.preparing import prepare
from lstm_tui.jobs.prompts import random_slice
from lstm_tui.jobs.requests import Requests
from lstm_tui.jobs.training import train
from lstm_tui.runs.run import Run
from lstm_tui.text import library

LINES = 12
REPORTED = {
    "quick": "no tutorial; measured for this program: 1.472 nats held out, 90 s on tiny Shakespeare",
    "quality": "no tutorial; after Merity et al., arXiv 1708.02182 and 1803.08240",
    "many-to-one": "machinelearningmastery.com, Alice (144,574 characters, 50 kinds), 40 epochs: 1.6209 nats on the "
    "training text, dropout off",
    "many-to-one-deep": "machinelearningmastery.com, Alice (144,574 characters, 50 kinds), 40 epochs: 1.3633 nats on "
    "the training text, dropout off",
    "many-to-one-every": "no tutorial; to be put beside many-to-one",
    "words": "kdnuggets.com, 1,622 jokes (23,914 words, 6,925 kinds), 10 epochs (930 steps): 5.879 nats a word, the "
    "mean of the last three training batches",
    "embedding": "CSDN, Shakespeare, 30 epochs: no loss reported",
    "one-hot": "Julia Evans, Andersen (Gutenberg 27200), about 300 passes, an hour on a Colab GPU: no loss reported",
    "poems": "Analytics Vidhya, Kaggle poems, 10 epochs: no loss reported; the same network on Anna Karenina (83 "
    "kinds, 20 epochs): 1.2917 nats held out",
}


def curve(events: list[Event]) -> None:
    """Some twelve lines: the mean training loss since the line before, and the scoring nearest before it."""
    progress = [event for event in events if isinstance(event, Progress)]
    scores = [event for event in events if isinstance(event, Scored) and event.validation_loss is not None]
    print(f"{'step':>8} {'epoch':>8} {'train nats':>11} {'held out':>9}")
    ends = {round((line + 1) * len(progress) / LINES) - 1 for line in range(LINES)}
    step, total, first = 0, 0.0, 0
    for number, event in enumerate(progress):
        total += event.train_loss * (event.step - step)
        step = event.step
        if number in ends:
            scored = [score.validation_loss for score in scores if first < score.step <= step]
            shown = f"{scored[-1]:9.4f}" if scored else ""
            print(f"{step:8,} {event.epoch:8.2f} {total / (step - first):11.4f} {shown}".rstrip())
            total, first = 0.0, step


def measure(recipe: str, text: str, settings: dict[str, object]) -> None:
    run = prepare(library.find(text), recipe, settings, name="measured")
    events = []
    for event in train(run, "cpu", Requests()):
        events.append(event)
        if isinstance(event, Started | Planned | Warned | Failed):
            print(describe(event), flush=True)
    if not isinstance(events[-1], Finished):
        return
    print(f"{events[-1].step:,} steps in {events[-1].elapsed:,.0f} s of training\n")
    curve(events)
    print(f"\nreported: {REPORTED[recipe]}")
    judge(run)
    speak(run)


def judge(run: Run) -> None:
    """What the best checkpoint makes of the held-out part, or of the training text, beside the losses to beat."""
    found = evaluate(run)
    to_beat = run.baselines.named() if run.baselines else {}
    print(
        f"best: {found.nats_per_token:.4f} nats a token, {found.bits_per_character:.4f} bits a character, perplexity "
        f"{found.perplexity:,.1f}, {found.mode}{f' ({found.note})' if found.note else ''}"
    )
    print("to beat: " + ", ".join(f"{name} {nats:.4f}" for name, nats in to_beat.items()))
    for note in run.about["corpus"]["notes"]:
        print(f"vocabulary: {note}")


def speak(run: Run) -> None:
    """A sample as the tutorial takes it: from its prompt, or from a slice of the text."""
    sampling = run.config.sampling
    prompt = random_slice(run, sampling, 1) if sampling.prompt is None else sampling.prompt
    made = Generation(run, prompt, seed=1)
    text = "".join(made)
    print(f"\nsample, {made.tokens} tokens after {prompt!r}, {sampling.model_dump(exclude_defaults=True)}:\n\n{text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=list(recipes.RECIPES))
    parser.add_argument("text")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("settings", nargs="*", metavar="SECTION.FIELD=VALUE")
    given = parser.parse_intermixed_args()
    settings = nest({name: parse(value) for name, value in (setting.split("=", 1) for setting in given.settings)})
    budget = {name: value for name, value in vars(given).items() if name in ("steps", "minutes") and value is not None}
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTM_TUI_HOME"] = home
        measure(given.recipe, given.text, merge(settings, {"budget": budget}))


if __name__ == "__main__":
    main()
