"""Seconds to the first picture beside a bare Textual app: `python -m tests.benchmarks.first_picture [STARTS]`.

Each is started in a pseudo-terminal of 80 × 24, in turn; the app's picture stands once the list and the beginning of
the text under the cursor are drawn, the bare one's once its header and its footer are.
"""

import statistics
import sys
import tempfile
import time

from lstm_tui.app import looking
from lstm_tui.text import library
from tests.benchmarks.terminal import APP, Terminal, verdict

TARGET = 1.5
BARE = """
from textual.app import App
from textual.widgets import Footer, Header

class Bare(App):
    TITLE = "a bare app"
    BINDINGS = [("x", "nothing", "a footer")]

    def compose(self):
        yield Header()
        yield Footer()

Bare().run()
"""


def seconds(command: tuple[str, ...], words: tuple[str, ...]) -> float:
    with tempfile.TemporaryDirectory() as home:
        # What is installed is compiled once, and so is ours here, wherever Python is told to keep nothing.
        terminal = Terminal(command, {"LSTM_TUI_HOME": home, "PYTHONDONTWRITEBYTECODE": ""})
        try:
            return terminal.wait_for(*words) - terminal.began
        finally:
            terminal.close()


def main() -> int:
    starts = int(sys.argv[1]) if sys.argv[1:] else 11
    first, second = library.built_in()[:2]
    beginning = looking.beginning(first).text.strip().splitlines()[0][:20]
    kinds = {
        "bare": ((sys.executable, "-c", BARE), ("a bare app", "a footer")),
        "lstm-tui": (APP, (first.title, second.title, beginning)),
    }
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(starts + 1):
        for name, (command, words) in kinds.items():
            taken = seconds(command, words)
            if number:  # the first start of each reads it from the disk
                found[name].append(taken)
            time.sleep(0.2)
    for name, values in found.items():
        spread = ", ".join(f"{value:.3f}" for value in sorted(values))
        print(f"{name:9} median {statistics.median(values):.3f} s ({spread})")
    ratio = statistics.median(found["lstm-tui"]) / statistics.median(found["bare"])
    return 0 if verdict("first picture beside a bare app", ratio, TARGET, "×") else 1


if __name__ == "__main__":
    sys.exit(main())
