"""The commands for texts: `corpora`, and `corpora show`, `add`, `rename`, `remove`, `books` below it."""

import json as notation
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from lstm_tui.console import NO_BREAK, command, hung, table, telling
from lstm_tui.errors import UserError, escaped_in_json, no_control_characters
from lstm_tui.flags import flags, given, nested
from lstm_tui.progress import Cancelled, Tell

if TYPE_CHECKING:
    from cyclopts import App

    from lstm_tui.runs.run import Run
    from lstm_tui.text.library import Entry


# Columns of what stands before a figure.
_LABEL = 14


def add_corpora(app: "App") -> None:
    """Add the commands."""
    from cyclopts import App, Parameter

    corpora = App(
        name="corpora", help="List the texts that can be learnt; show, add, rename or remove one.", sort_key=len([*app])
    )
    app.command(corpora)

    @corpora.default
    def listed(*, json: bool = False) -> None:
        """List the texts that can be learnt, and what is known of them.

        Parameters
        ----------
        json
            Print one JSON array of objects. What was not worked out yet is null; `corpora show` does it.
        """
        from lstm_tui.text import figures, library

        def row(entry: "Entry") -> dict[str, Any]:
            about = {"name": entry.name, "title": entry.title, "bytes": entry.size}
            return {**about, **figures.known(entry), "about": entry.about}

        table([row(entry) for entry in library.entries()], json, headings={"ngram": "n-gram"})
        _say(*library.troubles())

    def show(
        *names: Annotated[str, Parameter(required=True, allow_leading_hyphen=True)],
        json: bool = False,
        settings: Any = None,
    ) -> None:
        """Say what is in a text: its figures, what was taken and skipped, the losses to beat.

        A setting without a value is a switch: --x or --x true, --no-x or --x false.

        Parameters
        ----------
        names
            A text's name, a file or a folder; several are one text; - is standard input.
        json
            Print one JSON object.
        """
        with telling() as tell:
            found = _shown(names, nested(settings), tell)
        if json:
            print(escaped_in_json(notation.dumps(found, ensure_ascii=False)))
        else:
            for line in _lines(found):
                print(hung(no_control_characters(line, keep=""), _LABEL))

    show.__annotations__["settings"] = flags(["text"])
    command(corpora)(show)

    def add(
        *what: Annotated[str, Parameter(required=True, allow_leading_hyphen=True)],
        name: str | None = None,
        settings: Any = None,
    ) -> None:
        """Copy texts into the library, or fetch them from the network, each as a text of its own.

        The settings given belong to them from then on. One without a value is a switch: --x or --x true, --no-x or
        --x false.

        Parameters
        ----------
        what
            A file, a folder, a book's number at Project Gutenberg (see `corpora books`), an http(s) address, or - for
            standard input.
        name
            Of the text in the library, instead of its file's.
        """
        from lstm_tui.config import ConfigError, Problem
        from lstm_tui.text import library

        if name is not None and len(what) > 1:
            raise ConfigError([Problem("name", "--name is for one text; add them one by one, or leave it out.")])
        text = {path.removeprefix("text."): value for path, value in given(settings).items()}
        for one in what:
            before = {entry.name for entry in library.own()}
            with telling() as tell:
                entry = _added(one, text, name, tell)
            print(no_control_characters(entry.name, keep=""), flush=True)
            is_there = "was in the library already" if entry.name in before else "is in the library"
            _say(f"{entry.title} {is_there}; learn it with: lstm-tui train --corpus {shlex.quote(entry.name)}")

    add.__annotations__["settings"] = flags(["text"])
    command(corpora)(add)

    @command(corpora)
    def rename(old: str, new: str, /) -> None:
        """Give one of your texts another name.

        Parameters
        ----------
        old
            Its name.
        new
            The name it gets.
        """
        from lstm_tui.text import library

        print(no_control_characters(library.rename(library.find(old), new).name, keep=""))

    @command(corpora)
    def remove(*names: Annotated[str, Parameter(required=True)]) -> None:
        """Delete texts of yours from the library. Runs that learnt them go on.

        Parameters
        ----------
        names
            Their names.
        """
        from lstm_tui.text import library

        for entry in [library.find(name) for name in names]:
            library.remove(entry)

    @command(corpora)
    def books(*, json: bool = False) -> None:
        """List books that `corpora add NUMBER` fetches from Project Gutenberg; any other number there works too.

        Parameters
        ----------
        json
            Print one JSON array of objects.
        """
        from lstm_tui.text import catalogue

        rows: list[dict[str, Any]] = [
            {
                "number": book.number,
                "title": book.title,
                "author": book.author,
                "address": catalogue.address(str(book.number))[0],
            }
            for book in catalogue.BOOKS
        ]
        # In a table, a number has thousands set apart; this one is a name.
        table(rows if json else [{**row, "number": str(row["number"])} for row in rows], json)


def _added(what: str, text: dict[str, str], name: str | None, tell: Tell) -> "Entry":
    """A text that is in the library now: copied, fetched, or read from standard input."""
    from lstm_tui import files
    from lstm_tui.text import catalogue, download, library

    path = files.typed_path(what)
    there = files.is_file(path) or files.is_folder(path)
    if not there and (catalogue.number(what) is not None or catalogue.is_address(what)):
        return download.fetch(what, tell, text, name=name)
    if what == "-":
        piped = library.find(what, tell=tell)
        return library.add(piped.paths[0], text, name=name or piped.name, about=piped.about, tell=tell)
    return library.add(path, text, name=name, tell=tell)


def text_of(run: "Run", tell: Tell) -> "Entry":
    """The text that a run learnt, where it is still there, as it was; says which one.

    Raises:
        ConfigError: where it is not.
    """
    from lstm_tui.config import ConfigError, Problem
    from lstm_tui.runs.reading import as_read_by
    from lstm_tui.text import library
    from lstm_tui.text.corpus import open_corpus

    why = "is not to be found"
    try:
        entry = library.find(run.corpus, tell=tell)
        if open_corpus(entry, as_read_by(run, entry), tell).sha256 == run.about["corpus"].get("sha256"):
            _say(f"Learns {entry.title}, as {run.id} did.")
            return entry
        why = "has changed since, or is another one of that name"
    except Cancelled:
        raise
    except UserError:
        pass
    ask = f"The text of {run.id}, {run.corpus}, {why}: say which text the run's model is to learn, with --corpus."
    raise ConfigError([Problem("corpus", ask)])


def _shown(names: tuple[str, ...], overrides: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """All that is known of a text; it is read for that."""
    from lstm_tui.config import check
    from lstm_tui.fields import merge, typed
    from lstm_tui.text import figures, ids, library, ngram
    from lstm_tui.text.corpus import open_corpus

    entry = library.find(*names, tell=tell)
    config = check(merge({"text": typed(entry.text)}, overrides))
    corpus = open_corpus(entry, config.text, tell)
    counted = asdict(figures.figures(corpus, tell))
    skipped = counted.pop("skipped")
    notes, losses, encoded = list(counted.pop("notes")), dict[str, Any](), None
    try:
        encoded = ids.encode(corpus, config.text, config.seed, tell)
        losses = asdict(ngram.baselines(encoded, tell))
        notes += encoded.notes
    except Cancelled:
        raise
    except UserError as error:  # too short to hold a part out: the rest is worth showing
        notes.append(str(error))
    if not overrides:
        figures.remember(entry, corpus, encoded)
    return {
        "name": entry.name,
        "title": entry.title,
        "about": entry.about,
        **counted,
        "tokens": encoded and len(encoded.ids),
        "kinds_of_tokens": encoded and len(encoded.vocabulary),
        **{name: losses.get(name) for name in ("uniform", "letters", "ngram", "order")},
        "text": config.text.model_dump(),
        "taken": corpus.files,
        "skipped": [{"name": name, "why": why} for name, why in skipped],
        "notes": notes,
    }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    """What `_shown` found, for a person."""
    from lstm_tui.text.ngram import Baselines

    def kinds(pairs: list[tuple[str, int]]) -> str:
        # A character and its count stay on a line.
        return "  ".join(f"{character}{NO_BREAK}{count:,}" for character, count in pairs)

    yield ", ".join(dict.fromkeys((found["name"], found["title"], found["about"])))
    for name in ("encoding", "documents", "characters", "kinds", "words", "lines", "longest_line"):
        value = found[name]
        yield f"{name.replace('_', ' '):{_LABEL}}{value if isinstance(value, str) else f'{value:,}'}"
    if found["tokens"] is not None:
        kinds_of = f"{found['kinds_of_tokens']:,} kind{'' if found['kinds_of_tokens'] == 1 else 's'} of them"
        yield f"{'tokens':{_LABEL}}{found['tokens']:,} {found['text']['tokens']}, {kinds_of}"
    yield f"{'frequent':{_LABEL}}{kinds(found['frequent'])}"
    yield f"{'rarest':{_LABEL}}{kinds(found['rarest'])}"
    losses = Baselines.of(found)
    if losses:
        named = ", ".join(f"{name} {loss:.3f}" for name, loss in losses.named().items())
        yield f"{'to beat':{_LABEL}}{named} (nats per token)"
    yield from (f"{'note':{_LABEL}}{note}" for note in found["notes"])
    if len(found["taken"]) > 1:
        yield from (f"{'taken':{_LABEL}}{name}" for name in found["taken"])
    yield from (f"{'skipped':{_LABEL}}{left['name']}: {left['why']}" for left in found["skipped"])


def _say(*sentences: str) -> None:
    for sentence in sentences:
        print(no_control_characters(sentence, keep=""), file=sys.stderr)
