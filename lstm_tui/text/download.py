"""A text from the network into the library: one file, when a person asks for it.

The network may be absent, slow, endless or lying; each is a sentence here, and leaves nothing behind. A file that
came once stays in the cache. Where texts are is in `catalogue.py`.
"""

import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from lstm_tui import __version__, files, locations
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled, Tell, silent
from lstm_tui.text import catalogue, library
from lstm_tui.text.decoding import detect
from lstm_tui.text.parts import Part

USER_AGENT = f"lstm-tui/{__version__} (learns a text; fetches one file at a time, when a person asks for it)"
_MOST = 1_000_000_000  # bytes
_LONGEST = 1800.0  # seconds for a whole file
_PATIENCE = (10.0, 20.0)  # seconds to connect, and without a byte
_WAITS = (1.0, 3.0)  # seconds before each further try
_POLL = 0.05  # seconds between two looks whether the person called it off
_CHUNK = 16_384
_LATER = (408, 425, 429)  # answers that refuse only for now
_BY_HAND = "Fetch it elsewhere, copy it here, then a (or: lstm-tui corpora add FILE)."


class Unfetched(UserError):
    """A text that did not come; `may_pass`: whether it may, when a person tries again in a while."""

    def __init__(self, message: str, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class _Failed(UserError):
    """A download that did not succeed; `again` where another try may right away, `lasts` where none ever will."""

    def __init__(self, message: str, again: bool = False, lasts: bool = False) -> None:
        super().__init__(message)
        self.again, self.lasts = again, lasts


class _Watch:
    """What a download writes to, and its progress bar: counts, and stops what is too much or called off."""

    def __init__(self) -> None:
        self.done, self.gone = 0, False
        self.began = time.monotonic()
        self.path: Path | None = None
        self._file: BinaryIO | None = None
        self._total = 0

    def open(self, path: Path) -> BinaryIO:
        self.path = path
        self._file = path.open("wb")
        return self._file

    def write(self, chunk: bytes) -> None:
        self.done += len(chunk)
        if self.gone:
            raise Cancelled("The download was called off.")
        self._require_size(self.done)
        assert self._file is not None
        self._file.write(chunk)

    def flush(self) -> None:
        """Closing does that."""

    @property
    def total(self) -> int:
        """Bytes that the server announces; 0 where it does not."""
        return self._total

    @total.setter
    def total(self, announced: int) -> None:
        self._require_size(announced)
        self._total = announced

    def update(self, amount: int) -> None:
        """`write` has counted."""

    def reset(self) -> None:
        """The same."""

    def close(self) -> None:
        """The same."""

    def _require_size(self, size: int) -> None:
        if size > _MOST:
            raise _Failed(f"it is larger than {_MOST / 1e9:,.3g} GB", lasts=True)


def fetch(
    what: str, tell: Tell = silent, text: Mapping[str, str] | None = None, *, name: str | None = None
) -> library.Entry:
    """Fetch a text and add it to the library; one that was fetched before comes from the cache.

    Args:
        what: a number of Project Gutenberg, or an http(s) address.
        text, name: as for `library.add`.

    Raises:
        Unfetched: where it cannot be had: a sentence with its address, and what to do.
        UserError: where it is no text.
    """
    url, file_name = catalogue.address(what)
    shown = catalogue.without_password(url)
    library.settled(text or {})
    folder = files.make_folder(locations.cache() / "downloads")
    path = folder / files.sha256(url.encode())[:32]
    if not files.is_file(path):
        _persist(url, path, file_name, tell)
    if _is_page(path):
        files.delete(path)  # the next try may be answered better
        raise UserError(f"At {shown} is a web page, not a plain text; find the text's own address. {_BY_HAND}")
    try:
        return library.add(path, text, name=name or file_name, title=_title(what, path), about=shown, tell=tell)
    except Cancelled:
        raise
    except UserError:
        if not _is_text(path):  # what else went wrong is no fault of what came
            files.delete(path)
        raise


def _persist(url: str, path: Path, name: str, tell: Tell) -> None:
    """Download, again where that may help."""
    for wait in (*_WAITS, None):
        try:
            _download(url, path, name, tell)
            return
        except _Failed as failed:
            if wait is None or not failed.again:
                shown = catalogue.without_password(url)
                raise Unfetched(f"Could not fetch {shown}: {failed}. {_BY_HAND}", not failed.lasts) from failed
            until = time.monotonic() + wait
            while time.monotonic() < until:
                tell(f"fetching {name}: {failed}; trying again", 0.0)
                time.sleep(_POLL)


def _download(url: str, path: Path, name: str, tell: Tell) -> None:
    """One try, in a thread: a server that does not answer must not keep a person from calling it off."""
    watch, errors = _Watch(), list[BaseException]()

    def work() -> None:
        try:
            _retrieve(url, path, watch)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="download", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            said = f", {watch.done / 1e6:,.1f} MB" if watch.done else ""
            tell(f"fetching {name}{said}", min(watch.done / watch.total, 1.0) if watch.total else 0.0)
            if time.monotonic() - watch.began > _LONGEST:
                raise _Failed(f"it took more than {_LONGEST / 60:,.2g} minutes")
            thread.join(_POLL)
    finally:
        if thread.is_alive():  # it ends at the next byte, or when its patience does
            watch.gone = True
            if watch.path is not None:
                watch.path.unlink(missing_ok=True)
    if errors:
        raise errors[0]


def _retrieve(url: str, path: Path, watch: _Watch) -> None:
    """The file at an address, in place when it is whole.

    Raises:
        _Failed: with half a sentence on why not.
        UserError: where the disk does not take it.
    """
    import pooch
    import requests
    import urllib3

    pooch.get_logger().setLevel("ERROR")  # what it logs would be written into the screen
    get = pooch.HTTPDownloader(
        progressbar=watch, chunk_size=_CHUNK, timeout=_PATIENCE, headers={"User-Agent": USER_AGENT}
    )

    def write(url: str, output: str, owner: object) -> None:
        with watch.open(Path(output)):
            get(url, watch, owner)

    host = urlsplit(url).hostname or url
    try:
        pooch.retrieve(url, known_hash=None, fname=path.name, path=path.parent, downloader=write)
    except requests.HTTPError as error:
        code = 0 if error.response is None else error.response.status_code
        nothing = "there is nothing at that address" if code in (404, 410) else f"{host} refuses it"
        why = f"{nothing if code < 500 else f'{host} has a fault'} (answer {code})"
        raise _Failed(why, again=code >= 500, lasts=code < 500 and code not in _LATER) from None
    except requests.TooManyRedirects:
        raise _Failed("it leads from one address to another without end", lasts=True) from None
    except requests.exceptions.SSLError:
        raise _Failed(f"{host} could not prove that it is what it says (TLS)") from None
    except requests.Timeout:
        raise _Failed(f"{host} does not answer", again=True) from None
    except requests.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError):
            raise _Failed(f"there is no connection to {host}") from None
        raise _Failed("the connection broke", again=True) from None
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        raise _Failed("the connection broke, or what came was damaged", again=True) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError):
        raise _Failed("the answer cannot be understood", lasts=True) from None
    except OSError as error:
        raise UserError(f"Could not write {path.parent}: {(error.strerror or str(error)).lower()}.") from error


def _is_page(path: Path) -> bool:
    """Whether it is a web page: what many servers answer instead of saying that there is nothing."""
    head = next(files.read_pieces(path, 1024), b"").removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head")) or (head.startswith(b"<?xml") and b"<html" in head)


def _is_text(path: Path) -> bool:
    """Whether it can be read as text, be it malformed, whatever a person said of its encoding."""
    try:
        detect(Part(path.name, path), malformed=True)
    except UserError:
        return False
    return True


def _title(what: str, path: Path) -> str:
    """A book's title, from the catalogue or from Project Gutenberg's header; "" for others."""
    book = catalogue.number(what)
    if book is None:
        return ""
    known = {listed.number: listed.title for listed in catalogue.BOOKS}
    head = next(files.read_pieces(path, 4096), b"").decode(errors="replace")
    found = re.search(r"^Title: *(\S[^\r\n]*)", head, re.M)
    return known.get(book) or (found[1].strip() if found else "")
