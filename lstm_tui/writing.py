"""The command `generate`: text on stdout as it comes, or JSON, from a prompt that is typed, read or drawn."""

import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from lstm_tui.console import checkpoint_named, command, emphasised, usage
from lstm_tui.errors import UserError, escaped_in_json, no_control_characters
from lstm_tui.flags import flags, nested

if TYPE_CHECKING:
    from cyclopts import App

    from lstm_tui.jobs.generating import Generation
    from lstm_tui.runs.run import Run
    from lstm_tui.sections import SamplingConfig

_MOST_STREAMS = 1024


def add_generate(app: "App") -> None:
    """Add the command."""
    from cyclopts import Parameter

    def generate(
        run: str,
        /,
        *,
        prompt: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
        prompt_file: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
        prompt_from_text: Annotated[bool, Parameter(negative="")] = False,
        prompts: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
        streams: int = 1,
        checkpoint: str | None = None,
        seed: int | None = None,
        device: str = "auto",
        json: bool = False,
        settings: Any = None,
    ) -> int:
        """Write text with a run's model.

        The text, and only it, goes to stdout, as it comes; a terminal shows the prompt before it. Sampling that is not
        given is the run's own. A setting without a value is a switch: --x or --x true, --no-x or
        --x false.

        Parameters
        ----------
        run
            An id, the beginning of one, a path, or `latest`.
        prompt
            What the model goes on from; otherwise the run's own prompt, or the first words of some line of its text.
        prompt_file
            A file whose whole content, in UTF-8, is the prompt; - is standard input.
        prompt_from_text
            Go on from a random slice of the text that was learnt, as long as the window, or 100 tokens.
        prompts
            A file of prompts, one a line; - is standard input. For each a line of JSON is printed as soon as its
            text is whole.
        streams
            So many texts from the same prompt, made together.
        checkpoint
            best or last; the best there is otherwise.
        seed
            Of the draws, so that a text can be had again.
        device
            auto, cpu, cuda, cuda:1 or mps.
        json
            Print one JSON object for each text, at the end, instead of the text.
        """
        from lstm_tui.config import ConfigError, Problem
        from lstm_tui.jobs.generating import Generation, Writer, new_seed
        from lstm_tui.jobs.prompts import random_slice
        from lstm_tui.runs import store

        if seed is not None and seed < 0:
            raise usage("seed", "0 or more", seed)
        if not 1 <= streams <= _MOST_STREAMS:
            raise usage("streams", f"1 to {_MOST_STREAMS:,}", streams)
        sources = (prompt, prompt_file, prompts, prompt_from_text or None)
        if sum(source is not None for source in sources) > 1:
            several = "Give one of --prompt, --prompt-file, --prompt-from-text and --prompts."
            raise ConfigError([Problem("prompt", several)])
        kind = checkpoint_named(checkpoint)
        found = store.find(run)
        sampling = _sampling(found, nested(settings).get("sampling", {}))
        first = new_seed() if seed is None else seed
        if prompt_file is not None:
            prompt = "".join(_lines(prompt_file))
        elif prompt_from_text:
            prompt = random_slice(found, sampling, first)
        writer = Writer(found, kind, _device(device))

        def begun(prompt: str | None) -> "Generation":
            return Generation(found, prompt, sampling, seed=first, streams=streams, writer=writer)

        if prompts is not None:
            for line in _lines(prompts):
                _print_json(begun(line.removesuffix("\n")))
            return 0
        text = begun(prompt)
        if text.unknown_note:
            print(no_control_characters(text.unknown_note), file=sys.stderr)
        if json:
            _print_json(text)
        elif streams > 1:
            _print_all(text)
        else:
            _print_as_it_comes(text)
        return 0

    generate.__annotations__["settings"] = flags(["sampling"], bare=True, without=["sampling.prompt"])
    command(app)(generate)


def _sampling(run: "Run", chosen: dict[str, Any]) -> "SamplingConfig":
    """The run's own sampling with what was chosen over it. Who chooses how it is drawn wants it drawn."""
    from lstm_tui.config import check
    from lstm_tui.fields import merge

    if {"temperature", "top_k", "top_p", "min_p"} & chosen.keys():
        chosen.setdefault("greedy", False)
    return check(merge(run.config.model_dump(), {"sampling": chosen})).sampling


def _device(name: str) -> str:
    """The device as torch calls it; what needs no torch is asked first."""
    from lstm_tui import devices

    if name == "auto" and not devices.accelerator_suspected():
        return "cpu"
    return name if name == "cpu" else devices.choose(name).name


def _lines(path: str) -> Iterator[str]:
    """The lines of a file or of standard input as they come, each with its end.

    Raises:
        UserError: where it cannot be read, or is not in UTF-8.
    """
    from lstm_tui import files

    if path == "-":
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        yield from sys.stdin
        return
    file = files.typed_path(path)
    try:
        if _comes(file):
            with file.open(encoding="utf-8-sig") as lines:
                yield from lines
        else:
            yield from io.StringIO(files.read_bytes(file).decode("utf-8-sig"), newline=None)
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8: {error}.") from None


def _comes(path: Path) -> bool:
    """Whether what is read there has no size: a pipe, as a shell's `<(...)` is, or nothing at all."""
    try:
        return path.is_fifo() or path == Path(os.devnull)
    except OSError:
        return False


def _print_json(text: "Generation") -> None:
    """Each text as a line of JSON, once it is whole."""
    for _ in text.steps():
        pass
    for stream in range(len(text.texts)):
        print(escaped_in_json(text.to_json(stream)), flush=True)


def _print_all(text: "Generation") -> None:
    """Several texts, one after another, each under a line with its number."""
    for _ in text.steps():
        pass
    for number, written in enumerate(text.texts, 1):
        print(f"--- {number} of {len(text.texts)} ---")
        _print_prompt(text.prompt)
        print(no_control_characters(written.text, keep="\n\t"))


def _print_as_it_comes(text: "Generation") -> None:
    """The text, piece by piece; one that is interrupted ends its line as well."""
    _print_prompt(text.prompt)
    flushed = time.monotonic()
    try:
        for piece in text:
            print(no_control_characters(piece, keep="\n\t"), end="")
            if time.monotonic() - flushed > 0.05:
                sys.stdout.flush()
                flushed = time.monotonic()
    finally:
        print()


def _print_prompt(prompt: str) -> None:
    """What the text goes on from, dimmed before it, for a person: elsewhere the text and only it is on stdout."""
    if sys.stdout.isatty():
        print(emphasised(no_control_characters(prompt, keep="\n\t"), "2"), end="", flush=True)
