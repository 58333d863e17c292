"""The models that the app keeps in memory, and what a text of theirs is kept as."""

from dataclasses import replace

import pytest

from lstm_tui.app.dials import Way
from lstm_tui.app.writing import Models, Writing
from lstm_tui.jobs import generating
from lstm_tui.jobs.generating import Writer
from lstm_tui.runs.generations import outputs
from lstm_tui.runs.run import Run
from lstm_tui.sections import SamplingConfig


def test_the_app_loads_a_model_once_and_again_when_it_was_saved(
    small_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str | None] = []

    class Counted(Writer):
        def __init__(self, run: Run, checkpoint: str | None = None, device: str = "cpu") -> None:
            loaded.append(checkpoint)
            super().__init__(run, checkpoint, device)

    monkeypatch.setattr(generating, "Writer", Counted)
    models, way = Models(), Way(SamplingConfig(length=5), 1)
    texts = []
    for kind in (None, None, "last", "last"):
        writing = Writing(small_run, replace(way, checkpoint=kind))
        writing.work(models, "The ", training=False)
        assert writing.output is not None and writing.done and not writing.error
        texts.append(writing.output)
    assert loaded == ["best", "last"]
    assert texts[0].texts == texts[1].texts and texts[0].nats == pytest.approx(texts[1].nats)
    small_run.write_checkpoint("last", small_run.read_checkpoint("last"))
    models(small_run, "", replace(way, checkpoint="last"))
    assert loaded == ["best", "last", "last"]
    assert [output.checkpoint for output in outputs(small_run.folder)] == ["last", "last", "best", "best"]
