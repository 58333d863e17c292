"""A model that writes what it was told to, for the tests of the Generate screen."""

import threading
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from lstm_tui.app.app import LstmTui
from lstm_tui.app.dials import Way
from lstm_tui.app.screens.generate import GenerateScreen
from lstm_tui.jobs.generating import Copied
from lstm_tui.runs.generations import Output
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig
from tests.app.conftest import shown, wait_until


class Scripted:
    """Writes what it was told to; with `gate`, it waits before each piece."""

    made: "list[Scripted]"
    pieces: tuple[str, ...] = ("a lamp", " and a", " fox\x1b[31m")
    gate: threading.Semaphore | None = None

    def __init__(self, run: Run, prompt: str | None, way: Way) -> None:
        self.run, self.given, self.sampling, self.asked_seed = run, prompt, way.sampling, way.seed
        self.way, self.streams = way, way.streams
        self.prompt = "The " if prompt is None else prompt
        self.seed = 4711 if way.seed is None else way.seed
        self.unknown_note = "Not known to this model: 'é'" if "é" in self.prompt else ""
        self.tokens = 0
        self.tokens_per_second = 1234.0
        self.nats_per_token = self.nats_per_character = 1.31
        self.ended = False
        self.changes: list[tuple[int, SamplingConfig]] = []
        Scripted.made.append(self)

    def change(self, sampling: SamplingConfig) -> None:
        if sampling != self.sampling:
            self.changes.append((self.tokens // self.streams, sampling))
            self.sampling = sampling

    def steps(self) -> Iterator[list[str]]:
        for piece in self.pieces:
            if self.gate:
                self.gate.acquire(timeout=5)
            self.tokens += self.streams
            yield [f"{piece}{number or ''}" for number in range(self.streams)]
        self.ended = True

    def longest_copy(self, stream: int = 0) -> Copied:
        return Copied(5 + stream, "a [fox" + "!" * stream)

    def output(self, *, whole: bool, copy: int | None = None) -> Output:
        text = "".join(self.pieces[: self.tokens // self.streams])
        return Output(
            prompt=self.prompt,
            texts=tuple(f"{text}{number or ''}" for number in range(self.streams)),
            seed=self.seed,
            sampling=self.way.sampling.model_dump(exclude={"prompt"}),
            changes=tuple((at, {"temperature": sampling.temperature}) for at, sampling in self.changes),
            checkpoint=self.way.checkpoint or "last",
            step=740,
            tokens=self.tokens,
            longest=self.tokens // self.streams,
            nats=self.nats_per_token,
            copy=copy,
            whole=whole,
        )


def by_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Generate screen write by script, in the tests of a file that makes this a fixture."""
    Scripted.made = []
    Scripted.gate = None
    monkeypatch.setattr(GenerateScreen, "generate", staticmethod(Scripted))


async def opened(pilot: Pilot[None], contains: str = "sampling") -> GenerateScreen:
    """The Generate screen, once those words are there."""
    app = pilot.app
    assert isinstance(app, LstmTui)
    app.show_screen("generate")
    await wait_until(pilot, lambda: isinstance(app.screen, GenerateScreen) and contains in shown(app))
    assert isinstance(app.screen, GenerateScreen)
    return app.screen
