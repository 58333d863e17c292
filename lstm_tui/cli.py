"""The command line; without a subcommand it opens the app, past the command-line library.

Other programs rely on its names, `--json` and exit codes: 0 done, 1 failed, 2 usage, 130 interrupted. The
text or JSON asked for goes to stdout, all else to stderr. What is heavy is imported where it is used:
`--help` and the lists come without torch.
"""

import errno
import io
import os
import shlex
import sys
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lstm_tui import __version__
from lstm_tui.console import (
    FAILED,
    INTERRUPTED,
    USAGE,
    checkpoint_named,
    command,
    drive,
    figures,
    telling,
    usage,
    wipe_echo,
)
from lstm_tui.errors import UserError, escaped_in_json, no_control_characters

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

    from lstm_tui.jobs.evaluating import Evaluation
    from lstm_tui.runs.run import Run

_COMMANDS = "train, resume, generate, evaluate, export, runs, corpora, recipes, devices and locate"

# What a value was probably meant for that stands alone.
_MEANT = {"train": "--corpus", "generate": "--prompt", "evaluate": "--text", "resume": "--budget"}


def main() -> None:
    """The script `lstm-tui`."""
    # NumPy's matrix products write the text. A second thread gains them little, and costs much beside a
    # training that holds every core; it must be said before NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Torch's threads sleep when they wait for one another. Spinning, they fight with whatever else runs: with one
    # busy process beside it, training on two cores was three times as slow (tests/benchmarks/README.md).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    arguments = sys.argv[1:]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a character that a terminal lacks is no reason to end
    try:
        code = _open_app(arguments) if set(arguments) <= {"--no-mouse", "--ascii"} else _command(arguments)
        sys.stdout.flush()  # here, where a reader that has gone is no surprise
    except UserError as error:
        code = _fail(_spoken(error, arguments), USAGE if type(error).__name__ == "ConfigError" else FAILED)
    except KeyboardInterrupt:
        wipe_echo()
        code = INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        code = FAILED
    except OSError as error:
        # Our own files say so themselves: what is left is the output.
        full = error.errno == errno.ENOSPC
        code = _fail("Could not write the output: the disk is full." if full else _unexpected(error), FAILED)
        if full:
            _drop_output()
    except Exception as error:
        code = _fail(_unexpected(error), FAILED)
    sys.exit(code)


def _drop_output() -> None:
    """Nobody reads our output, or nothing more fits; Python would complain again when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> str:
    return f"Something unexpected went wrong: {type(error).__name__}: {error}{_logged()}"


def _spoken(error: UserError, arguments: list[str]) -> str:
    """What went wrong, in the words of what was typed."""
    from lstm_tui.flags import as_flags

    if any(argument.partition("=")[0] == "--config" for argument in arguments):
        return str(error)  # a setting may be the file's, where it is called by its path
    return as_flags(str(error), bare=arguments[:1] == ["generate"])


def _fail(message: str, code: int) -> int:
    print(no_control_characters(message), file=sys.stderr)
    return code


def _logged() -> str:
    """Put the traceback in the log; where it is, in words."""
    from lstm_tui import files, locations

    try:
        files.make_folder(locations.log().parent)
        files.append_line(locations.log(), traceback.format_exc())
    except UserError:
        return ""
    return f" (more in {locations.log()})"


def _open_app(arguments: list[str]) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = f"lstm-tui opens its app in a terminal, and this is none; without one, use {_COMMANDS} (see --help)."
        return _fail(message, USAGE)
    from lstm_tui.app import garbage

    garbage.opening()
    from lstm_tui.app.opening import open_app

    farewell, well = open_app(mouse="--no-mouse" not in arguments, ascii_only="--ascii" in arguments)
    if farewell:
        print(farewell)
    return 0 if well else FAILED


def _command(arguments: list[str]) -> int:
    from cyclopts import CycloptsError
    from rich.console import Console

    from lstm_tui.flags import spelled

    try:
        result = build()(
            spelled(arguments), exit_on_error=False, print_error=False, result_action="return_value", console=Console()
        )
    except CycloptsError as error:
        return _fail(f"{_misused(error)} See lstm-tui {' '.join((*(error.command_chain or ()), '--help'))}.", USAGE)
    return int(result or 0)


def _misused(error: "CycloptsError") -> str:
    """What is wrong with a command line, a sentence; where the library's own would not do, ours."""
    from cyclopts import CoercionError, UnknownCommandError, UnusedCliTokensError

    match error:
        case UnknownCommandError(unused_tokens=[("--ascii" | "--no-mouse") as flag, *_]):
            return f"{flag} is for the app, which opens without a command."
        case UnknownCommandError(unused_tokens=[name, *_]) if not error.command_chain:
            return f"There is no command {name!r}; there are {_COMMANDS}."
        case UnusedCliTokensError(unused_tokens=[token, *_]):
            chosen = " ".join(error.command_chain or ())
            meant = _MEANT.get(chosen)
            if chosen == "corpora":
                return f"corpora has no command {token!r}."
            hint = f"; did you mean {meant} {shlex.quote(token)}?" if meant else "."
            return f"{token!r} belongs to no flag{hint}"
        case CoercionError(target_type=kind, token=token) if kind is int and token:
            return f"{token.keyword}: expected a whole number, not {token.value!r}."
    return " ".join(str(error).split())


def build() -> "App":
    """All commands. Their flags for a run's settings are made from RunConfig."""
    from cyclopts import App, Parameter

    from lstm_tui.config import ConfigError, Problem, RunConfig
    from lstm_tui.flags import as_flags, budget_values, flags, nested
    from lstm_tui.lists import add_lists
    from lstm_tui.texts import add_corpora, text_of
    from lstm_tui.writing import add_generate

    app = App(
        name="lstm-tui",
        help="Train an LSTM on a text and talk to it. Without a command, the app opens (--no-mouse, --ascii).",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,  # `main` says what an interruption leaves on the screen
        default_parameter=Parameter(negative="", show_default=False),
    )

    def train(
        *,
        corpus: Annotated[list[str] | None, Parameter(negative="", allow_leading_hyphen=True)] = None,
        recipe: str | None = None,
        from_: Annotated[str | None, Parameter(name="--from")] = None,
        config: str | None = None,
        device: str = "auto",
        name: str | None = None,
        budget: str | None = None,
        json: bool = False,
        settings: Any = None,
    ) -> int:
        """Train a model on a text.

        Every setting is a flag: CHOICE is one of the words listed, and none clears what may be nothing. A setting
        without a value is a switch: --x or --x true, --no-x or --x false.

        Parameters
        ----------
        corpus
            A text's name (see `corpora`), a file or a folder; given several times, one text of all; - is standard
            input. The fables otherwise, or with --from the text that the run learnt.
        recipe
            The recipe to begin from (see `recipes`); quick otherwise.
        from_
            Instead of a recipe, a run (an id, the beginning of one, a path, or `latest`): its best weights, its
            settings, and its vocabulary with the text's new tokens added.
        config
            A TOML file with settings that go over the recipe's, or the run's.
        device
            auto, cpu, cuda, cuda:1 or mps.
        name
            Of the run, instead of the time, the text and the recipe.
        budget
            When it ends, instead of the recipe's whole budget: 90s, 2h30, 5k steps, 20 epochs, "20 epochs or 8h",
            "until validation stops improving". Or in parts, as --budget.steps and the like.
        json
            Print each event as a line of JSON.
        """
        from lstm_tui.jobs.preparing import prepare
        from lstm_tui.text import library

        origin = _parent(from_, recipe) if from_ is not None else recipe or "quick"
        overrides = _overrides(config, budget, settings)
        with telling() as tell:
            if isinstance(origin, str) or corpus:
                entry = library.find(*(corpus or ["fables"]), tell=tell)
            else:
                entry = text_of(origin, tell)
        return drive(lambda tell: prepare(entry, origin, overrides, name=name, tell=tell), device, json)

    train.__annotations__["settings"] = flags(["", *RunConfig.model_fields])
    command(app)(train)

    def resume(
        run: str,
        /,
        *,
        budget: str | None = None,
        schedule: Literal["stretch", "hold", "restart"] | None = None,
        device: str = "auto",
        json: bool = False,
        settings: Any = None,
    ) -> int:
        """Go on with a run, to its budget or a larger one.

        Parameters
        ----------
        run
            An id, the beginning of one, a path, or `latest`.
        budget
            All told, from the run's beginning on: 90s, 2h30, 5k steps, "20 epochs or 8h", "8h, until validation stops
            improving". Or in parts, as --budget.steps and the like.
        schedule
            With a larger budget, for the schedules that end (cosine, one-cycle), what the learning rate does from here
            on: stretch lays the schedule over the larger budget, so that the rate rises first; hold keeps the final
            rate; restart begins the schedule anew, up to the new end (warm restart, Loshchilov & Hutter 2017).
            Otherwise, and for constant, step and plateau, which have no end, it goes on as the run's settings say.
        device
            auto, cpu, cuda, cuda:1 or mps.
        json
            Print each event as a line of JSON.
        """
        from lstm_tui.fields import merge
        from lstm_tui.jobs.preparing import reopen
        from lstm_tui.runs import store

        asked = merge(budget_values(budget), nested(settings))
        patience = asked.get("learning", {}).get("patience")
        return drive(lambda tell: reopen(store.find(run), asked.get("budget", {}), schedule, patience), device, json)

    resume.__annotations__["settings"] = flags(["budget"])
    command(app)(resume)

    add_generate(app)

    @command(app)
    def evaluate(
        run: str,
        /,
        *,
        text: str | None = None,
        part: Literal["validation", "test"] | None = None,
        window: int | None = None,
        targets: Literal["every", "last"] | None = None,
        checkpoint: str | None = None,
        device: str = "auto",
        json: bool = False,
    ) -> int:
        """Score a run's model: nats per token, bits per character, perplexity.

        Parameters
        ----------
        run
            An id, the beginning of one, a path, or `latest`.
        text
            A text's name or a file's path; a part of the run's own text otherwise.
        part
            validation, what was held out while training; or test, which was neither learnt nor scored.
        window
            Score cold windows of so many tokens, instead of carrying the state through the text.
        targets
            Score every token, or the last only: the one after each window (of batches.length tokens, where --window is
            left out); as the model was trained otherwise. Models that learnt one and the other are compared by it.
        checkpoint
            best or last; the best there is otherwise.
        device
            auto, cpu, cuda, cuda:1 or mps.
        json
            Print one JSON object.
        """
        from lstm_tui import devices
        from lstm_tui.jobs.evaluating import evaluate as score
        from lstm_tui.runs import store

        if window is not None and window < 1:
            raise usage("window", "1 or more", window)
        if part and text is not None:
            raise ConfigError([Problem("part", "--part is of the run's own text: leave out --part, or --text.")])
        chosen = devices.choose(device).name
        kind = checkpoint_named(checkpoint)
        found = store.find(run)
        with telling() as tell:
            result = score(
                found,
                text,
                part=part,
                window=window,
                targets=targets,
                checkpoint=kind,
                device=chosen,
                tell=tell,
            )
        if result.note:
            note = no_control_characters(as_flags(result.note))
            print(f"{note[0].upper()}{note[1:]}.", file=sys.stderr)
        if json:
            print(escaped_in_json(result.to_json()))
        else:
            beaten = _beside_ngram(found, result)
            figures({k: v for k, v in asdict(result).items() if k not in ("note", "unknown_share")} | beaten)
        return 0

    add_corpora(app)
    add_lists(app)
    return app


def _beside_ngram(run: "Run", result: "Evaluation") -> dict[str, str]:
    """How far a score is from the n-gram's, where that was scored on the same: all that is held out, in one go."""
    ngram = run.baselines.ngram if run.baselines else None
    if ngram is None or (result.part, result.mode, result.targets) != ("validation", "stateful", "every"):
        return {}
    return {"to n-gram": f"{result.nats_per_token - ngram:+.3f} ({ngram:.3f}; below 0 is better)"}


def _parent(name: str, recipe: str | None) -> "Run":
    """The run that a new one begins from.

    Raises:
        ConfigError: where a recipe is asked for as well.
        UserError: where there is no such run.
    """
    from lstm_tui.config import ConfigError, Problem
    from lstm_tui.runs import store

    if recipe is not None:
        raise ConfigError([Problem("recipe", "--from: a run brings its own settings; leave out --recipe, or --from.")])
    return store.find(name)


def _overrides(path: str | None, budget: str | None, settings: Any) -> dict[str, Any]:
    """A config file's values, over them a budget in words, over them the flags'."""
    from pathlib import Path

    from lstm_tui.fields import merge, read_file, require_known
    from lstm_tui.flags import budget_values, nested

    values = read_file(Path(path)) if path else {}
    if path:
        require_known(values, Path(path))
    return merge(values, budget_values(budget), nested(settings))
