"""The command line that writes a text again which the app has written, and what stands in its way. Pure."""

import shlex
from typing import Any

from lstm_tui.fields import parse
from lstm_tui.runs.generations import Output
from lstm_tui.sections import SamplingConfig

# A switch is turned by its name alone; --no- turns it off.
_SWITCHES = {name for name, field in SamplingConfig.model_fields.items() if field.annotation is bool}


def as_command(run: str, output: Output, own: SamplingConfig) -> str:
    """`lstm-tui generate RUN …`, quoted for a shell, which writes the same text on the same checkpoint.

    Args:
        own: the run's sampling, which the command line begins with.
    """
    sampling = _in_the_end(output)
    if _was_cut(output):
        sampling["length"] = output.longest
    words = ["lstm-tui", "generate", run, *_flag("prompt", output.prompt)]
    words += [*_flag("checkpoint", output.checkpoint), *_flag("seed", output.seed), *_flag("device", "cpu")]
    if len(output.texts) > 1:
        words += _flag("streams", len(output.texts))
    plain = own.model_dump(exclude={"prompt"})
    others = {name: value for name, value in sampling.items() if name in plain and value != plain[name]}
    # Who names one of the others on the command line wants it drawn.
    if others and sampling.get("greedy"):
        others["greedy"] = True
    for name, value in others.items():
        words += _flag(name, value)
    return shlex.join(words)


def why_not_again(output: Output) -> str:
    """Why the command does not write exactly this text, a sentence; or ""."""
    stop = _in_the_end(output).get("stop")
    if stop is not None and parse(stop) is None:
        return f"It does not write this very text: the stop string {stop} is the word that clears it on a command line."
    if not any(set(changed) - {"length"} for _, changed in output.changes):
        return ""
    places = ", ".join(f"{at:,}" for at, _ in output.changes)
    return (
        f"It does not write this very text: settings changed while it was written (after {places} tokens); "
        "the command has those of its end."
    )


def _in_the_end(output: Output) -> dict[str, Any]:
    sampling: dict[str, Any] = dict(output.sampling)
    for _, changed in output.changes:
        sampling |= changed
    return sampling


def _was_cut(output: Output) -> bool:
    """Whether its length is another than the one it was begun with."""
    return not output.whole or any("length" in changed for _, changed in output.changes)


def _flag(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if name in _SWITCHES:
        return [flag if value else f"--no-{name.replace('_', '-')}"]
    shown = "none" if value is None else repr(value) if isinstance(value, float) else str(value)
    if name == "stop":
        shown = shown.replace("\\", "\\\\")  # which is read as an escape there
    return [f"{flag}={shown}"] if shown.startswith("-") else [flag, shown]
