"""What the figures on the screens mean, and why they matter: a sentence or two each, by the label they stand under.

It knows no widgets. A number in a label is written N (`N-gram` for `5-gram`); a label that means something else on
one screen has that screen's name before it.
"""

import re

GLOSSARY: dict[str, str] = {
    # Corpus
    "characters": "How long the text is, spaces and line ends counted. It decides how large a model it can feed: "
    "under a million characters a small one learns as much, and a large one learns it by heart.",
    "kinds": "How many different characters (or words) there are. The model chooses among them at every step: more "
    "kinds make each step harder, and the output layer larger.",
    "words": "Words by white space. What a model of words learns from: fewer than some 100,000 are little for one.",
    "lines": "How many lines the text has. Where it is one line for each paragraph or record, that is what is learnt.",
    "longest line": "Its characters. Far above the others: data, a table or minified code may be among the text.",
    "to beat: uniform": "The loss of guessing every kind alike, in nats per token. A model above it has gone wrong.",
    "to beat: letters": "The loss of knowing only how often each character occurs. A model that stays there has "
    "learnt nothing of their order.",
    "to beat: words": "The loss of knowing only how often each word occurs. A model that stays there has learnt "
    "nothing of their order.",
    "to beat: N-gram": "The loss of counting which token follows the last few, scored on the held-out part as your "
    "model will be. Below it, the LSTM has learnt more than short snippets.",
    "most frequent": "The characters that occur most, and how often. Vowels lead in prose; anything else there says "
    "what kind of text it is.",
    "rarest": "The characters that occur least. Odd signs are often damage or leftovers: c takes them out, and the "
    "model has fewer kinds to choose among.",
    "encoding": "How the bytes were read as characters. A wrong guess shows as odd letters in the preview, and the "
    "model would learn them; c changes it.",
    "documents": "How many separate texts it is made of. Whole ones are held out, and none runs into the next.",
    "settings": "How this text is read, kept with it. Every run that learns it reads it so.",
    "done": "What reading and cleaning changed before anything is learnt.",
    "skipped": "What was left out of it, and why. It is not learnt.",
    "to beat": "Losses of three simple models, in nats per token; yours has learnt something once it is below them.",
    # Configure
    "parameters": "How many numbers the training adjusts. More can hold more, take longer, and need more text.",
    "steps an epoch": "How many updates it takes to see the whole text once. More steps: more chances to learn in it.",
    "held out": "What is kept from learning, to score on. The loss there says whether the model learns or memorises.",
    "Configure: memory": "What training takes of the device's memory. What is more than there is cannot be trained.",
    "seconds an epoch": "How long it takes to see the whole text once on this device, as a short probe measured it.",
    # Train
    "VALID": "The loss on the held-out part, in nats per token: lower is better. The figure that counts, since the "
    "model has never learnt that part; * marks the best so far.",
    "TRAIN": "The loss on what is being learnt, in nats per token. Nothing is held out, so that it cannot be told "
    "from learning by heart.",
    "train": "The loss on what is being learnt, in nats per token. Far below VALID, the model memorises.",
    "vs N-gram": "How far VALID is from the loss of the simple model that only counts. Below 0, the LSTM knows more.",
    "best": "The lowest loss on the held-out part so far. Its weights are kept, and write on the Generate screen.",
    "perplexity": "Among how many equally likely words the model is as unsure: the exponential of the loss.",
    "bits/char": "The loss shared among the characters, in bits. It compares models of characters with those of words.",
    "step": "Updates done, of those planned. One step learns from one batch.",
    "epoch": "How often the text has been seen. Past some epochs a small text is learnt by heart: watch VALID.",
    "rate": "How far each step moves the weights. Too high: the loss jumps or stays; too low: it creeps.",
    "gradient": "How strongly the last batch pulls at the weights, before it is clipped. Steady is well; a jump of "
    "ten times says that the rate is too high.",
    "clipped": "The share of steps whose gradient was cut to the limit. Nearly all: the limit, not the rate, decides "
    "how fast it learns.",
    "chars/s": "Characters learnt in a second. It tells devices and settings apart, not models.",
    "words/s": "Words learnt in a second. It tells devices and settings apart, not models.",
    "trained": "Time inside training steps, without scoring, saving and pauses. It is what a budget of time counts.",
    "saved": "How long ago the run was saved. After a crash it goes on from there, exactly.",
    "left": "The time until the budget is used, at the speed of now.",
    "use": "How busy it is. A GPU far below 100 % waits for something: try larger batches.",
    "mine": "What this program takes of it.",
    "others": "Memory that others take, of all there is. What is left must hold the model and its batches.",
    "N C": "The device's temperature, and the power it draws. A hot device slows itself down.",
    "memory": "What is taken of the machine's memory, by all programs.",
    # Generate
    "Generate: characters": "How much has been written since it began.",
    "Generate: words": "How many words have been written since it began.",
    "tokens": "How much has been written since it began.",
    "a second": "How fast it writes.",
    "Generate: chars/s": "How fast it writes.",
    "tokens/s": "How fast it writes.",
    "nats/char": "How unlikely the model itself found what it wrote, by character. Far below VALID: safe and dull; "
    "above it: wild. The temperature moves it.",
    "nats/token": "How unlikely the model itself found what it wrote, by token: the longer the words, the higher.",
    "seed used": "The number that the draws began with. The same seed, prompt and settings write the same text.",
    "longest copy": "The longest stretch that stands word for word in the text that was learnt. Long: it recites.",
    # Runs
    "name": "What the run is called here and on the command line. Renaming changes nothing else.",
    "state": "training; done: its budget is used; stopped: it can go on; diverged: its loss ran away; damaged.",
    "text": "What was learnt. The run holds all it needs of it, and the text may be gone.",
    "recipe": "What its settings began from, and what was changed.",
    "n-gram": "The best loss beside that of the simple model that only counts. Below 0, the LSTM knows more.",
    "Runs: best": "The lowest loss on the held-out part, in nats per token: what to compare runs of one text by.",
    "Runs: train": "The loss on what was learnt. Far below best, the run memorised.",
    "steps": "Updates done.",
    "took": "Time inside training steps.",
    "when": "When it was begun.",
    "size": "What its folder takes on the disk.",
}


def meaning(label: str, screen: str = "") -> str:
    """What a figure means; nothing where that is not known.

    Args:
        label: as it is shown.
        screen: the name of the screen that it stands on.
    """
    key = re.sub(r"\d[\d.,]*", "N", label.strip())
    return GLOSSARY.get(f"{screen}: {key}") or GLOSSARY.get(key, "")
