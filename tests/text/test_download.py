"""Texts from a network that is slow, broken, endless or lying: a server on the loopback that is all of these."""

import errno
import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lstm_tui import locations
from lstm_tui.config import ConfigError
from lstm_tui.errors import UserError
from lstm_tui.progress import Cancelled
from lstm_tui.text import catalogue, download, labels, library
from lstm_tui.text.decoding import Malformed

BOOK = "".join(f"The fox {number} went over the hill, and came back.\n" for number in range(4000)).encode()


class Server(ThreadingHTTPServer):
    """Counts what is asked for; `ended` lets answers that wait go."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.agents: set[str | None] = set()
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that goes is no surprise."""


class Handler(BaseHTTPRequestHandler):
    """Each path is a kind of answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers.get("User-Agent"))
        name = self.path.strip("/").partition(".")[0]
        getattr(self, f"answer_{name}")()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""

    def send(self, content: bytes, code: int = 200, **headers: object) -> None:
        self.send_response(code)
        for key, value in ({"Content_Length": len(content)} | headers).items():
            if value is not None:
                self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(content)

    def answer_book(self) -> None:
        self.send(BOOK)

    def answer_titled(self) -> None:
        self.send(b"The Project Gutenberg eBook of X\r\n\r\nTitle: A Title \r\n\r\n" + BOOK)

    def answer_gone(self) -> None:
        self.send(b"<html>no</html>", 404)

    def answer_refused(self) -> None:
        self.send(b"no", 403)

    def answer_faulty(self) -> None:
        self.send(b"", 500)

    def answer_recovering(self) -> None:
        if len(self.server.asked) < 3:
            self.answer_faulty()
        else:
            self.answer_book()

    def answer_page(self) -> None:
        self.send(b"\n<!DOCTYPE html>\n<html><body>Not found, sorry</body></html>")

    def answer_moved(self) -> None:
        self.send(b"", 302, Location="/book.txt")

    def answer_loop(self) -> None:
        self.send(b"", 302, Location="/loop.txt")

    def answer_elsewhere(self) -> None:
        self.send(b"", 302, Location="file:///etc/passwd")

    def answer_zipped(self) -> None:
        self.send(gzip.compress(BOOK), Content_Encoding="gzip")

    def answer_missaid(self) -> None:
        self.send(b"not in gzip at all", Content_Encoding="gzip")

    def answer_long(self) -> None:
        """Announces more than comes."""
        self.send(BOOK, Content_Length=len(BOOK) + 1000, Connection="close")
        self.close_connection = True

    def answer_cut(self) -> None:
        """A connection that breaks in the middle, the first time."""
        if len(self.server.asked) > 1:
            return self.answer_book()
        self.send(BOOK[: len(BOOK) // 2], Content_Length=len(BOOK))
        self.close_connection = True
        return None

    def answer_silent(self) -> None:
        """A connection that is closed without a word."""
        self.close_connection = True

    def answer_odd(self) -> None:
        self.send(BOOK, Content_Length="many", Connection="close")
        self.close_connection = True

    def answer_huge(self) -> None:
        self.send(BOOK, Content_Length=10**12)

    def answer_endless(self) -> None:
        self.send(b"", Content_Length=None, Connection="close")
        while not self.server.ended.is_set():
            self.wfile.write(BOOK)

    def answer_slow(self) -> None:
        """A byte now and then."""
        self.send(b"", Content_Length=len(BOOK))
        for position in range(len(BOOK)):
            self.wfile.write(BOOK[position : position + 1])
            if self.server.ended.wait(0.02):
                break
        self.close_connection = True

    def answer_hanging(self) -> None:
        self.server.ended.wait(10)
        self.close_connection = True

    def answer_binary(self) -> None:
        self.send(bytes(range(256)) * 40)

    def answer_malformed(self) -> None:
        self.send("naïve, café, ".encode() * 20 + b"\xff and on")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, with Project Gutenberg's numbers leading to it too, and little patience."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "_WAITS", (0.01, 0.01))
    monkeypatch.setattr(download, "_PATIENCE", (0.3, 0.3))
    monkeypatch.setattr(download, "_POLL", 0.005)
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(catalogue, "GUTENBERG", f"{server.address}/{{}}.txt")
    yield server
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def left() -> list[str]:
    """The files of the cache of downloads."""
    return [path.name for path in (locations.cache() / "downloads").iterdir()]


def content(entry: library.Entry) -> bytes:
    return Path(entry.paths[0]).read_bytes()


def test_a_text_is_fetched_into_the_library(server: Server) -> None:
    said: list[tuple[str, float]] = []
    entry = download.fetch(f"{server.address}/book.txt", lambda doing, share: said.append((doing, share)))
    assert (entry.name, entry.group, entry.about) == ("book.txt", "yours", f"{server.address}/book.txt")
    assert content(entry) == BOOK
    assert library.find("book.txt") == entry
    assert said[0][0] == "fetching book.txt" and all(0 <= share <= 1 for _, share in said)
    (agent,) = server.agents
    assert agent is not None and agent.startswith("lstm-tui/")


def test_the_second_time_it_comes_from_the_cache(server: Server) -> None:
    first = download.fetch(f"{server.address}/book.txt")
    assert download.fetch(f"{server.address}/book.txt") == first
    library.remove(first)
    assert download.fetch(f"{server.address}/book.txt") == first
    assert server.asked == ["/book.txt"]


def test_a_book_is_fetched_by_its_number(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "GUTENBERG", f"{server.address}/titled.txt?{{}}")
    assert download.fetch("11").title == "Alice's Adventures in Wonderland"
    library.remove(library.find("pg11.txt"))
    other = download.fetch("12345")
    assert (other.name, other.title) == ("pg12345.txt", "A Title")


@pytest.mark.parametrize("name", ["moved", "zipped", "recovering", "cut"])
def test_answers_that_lead_to_the_text_all_the_same(server: Server, name: str) -> None:
    assert content(download.fetch(f"{server.address}/{name}.txt")) == BOOK


@pytest.mark.parametrize(
    ("name", "tries", "why"),
    [
        ("gone", 1, r"there is nothing at that address \(answer 404\)"),
        ("refused", 1, r"127\.0\.0\.1 refuses it \(answer 403\)"),
        ("faulty", 3, r"127\.0\.0\.1 has a fault \(answer 500\)"),
        ("loop", 31, "it leads from one address to another without end"),
        ("elsewhere", 1, "the answer cannot be understood"),
        ("missaid", 3, "the connection broke, or what came was damaged"),
        ("long", 3, "the connection broke"),
        ("silent", 3, "the connection broke"),
        ("odd", 1, "the answer cannot be understood"),
        ("huge", 1, "it is larger than 1 GB"),
        ("hanging", 3, "127.0.0.1 does not answer"),
    ],
)
def test_answers_that_lead_nowhere(server: Server, name: str, tries: int, why: str) -> None:
    url = f"{server.address}/{name}.txt"
    sentence = rf"^Could not fetch {url}: {why}.*\. Fetch it elsewhere, copy it here, then a "
    with pytest.raises(download.Unfetched, match=sentence) as refused:
        download.fetch(url)
    assert len(server.asked) == tries
    assert refused.value.may_pass == (tries == 3)
    assert left() == [] and library.own() == []


def test_an_answer_without_end_is_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_MOST", 3_000_000)
    with pytest.raises(UserError, match=r"endless\.txt: it is larger than 0\.003 GB\."):
        download.fetch(f"{server.address}/endless.txt")
    assert left() == []


def test_an_answer_that_takes_for_ever_is_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_LONGEST", 0.2)
    with pytest.raises(UserError, match=r"slow\.txt: it took more than 0\.0033 minutes\."):
        download.fetch(f"{server.address}/slow.txt")
    assert left() == []


@pytest.mark.parametrize("name", ["slow", "hanging", "endless", "faulty"])
def test_it_can_be_called_off(server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(download, "_WAITS", (5.0, 5.0))
    began = time.monotonic()

    def tell(doing: str, share: float) -> None:
        if server.asked and time.monotonic() - began > 0.1:
            raise Cancelled(doing)

    with pytest.raises(Cancelled):
        download.fetch(f"{server.address}/{name}.txt", tell)
    assert time.monotonic() - began < 4
    assert left() == [] and library.own() == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("page", "is a web page, not a plain text; find the text's own address"),
        ("binary", r"^pg11\.txt is not a text but binary"),
    ],
)
def test_what_is_no_text_is_not_kept(server: Server, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str) -> None:
    monkeypatch.setattr(catalogue, "GUTENBERG", f"{server.address}/{name}.txt?{{}}")
    with pytest.raises(UserError, match=sentence):
        download.fetch("11")
    assert left() == [] and library.own() == []


def test_a_malformed_text_is_read_when_that_is_wanted(server: Server) -> None:
    with pytest.raises(Malformed):
        download.fetch(f"{server.address}/malformed.txt")
    entry = download.fetch(f"{server.address}/malformed.txt", text={"malformed": "true"}, name="mine")
    assert (entry.name, entry.text, server.asked) == ("mine", (("malformed", "true"),), ["/malformed.txt"])


def test_without_a_network(server: Server) -> None:
    began = time.monotonic()
    for url, host in (
        ("http://127.0.0.1:1/x.txt", r"127\.0\.0\.1"),
        ("http://nowhere.invalid/x.txt", "nowhere.invalid"),
    ):
        with pytest.raises(UserError, match=rf"^Could not fetch {url}: there is no connection to {host}\. Fetch"):
            download.fetch(url)
    assert time.monotonic() - began < 2


def test_a_disk_that_takes_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(watch: object, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download._Watch, "open", full)
    with pytest.raises(UserError, match=r"Could not write .*downloads: no space left on device\."):
        download.fetch(f"{server.address}/book.txt")
    assert left() == []


def test_a_password_in_an_address_is_not_shown(server: Server) -> None:
    def address(name: str) -> str:
        return f"http://user:se@cret@127.0.0.1:{server.server_port}/{name}.txt"

    entry = download.fetch(address("book"))
    assert entry.about == f"{server.address}/book.txt" == library.find("book.txt").about
    for wrong in (address("gone"), address("page"), "ftp://user:se@cret@host/x", "http://user:se@cret@host:x/ y"):
        with pytest.raises(UserError) as raised:
            download.fetch(wrong)
        assert "cret" not in str(raised.value)


def test_settings_are_looked_at_before_the_network(server: Server) -> None:
    with pytest.raises(ConfigError, match=r"text\.lower"):
        download.fetch(f"{server.address}/book.txt", text={"lower": "perhaps"})
    assert server.asked == []


def test_what_came_stays_where_not_its_content_is_at_fault(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise UserError("Could not write: the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(labels, "write", full)
        with pytest.raises(UserError, match="the disk is full"):
            download.fetch(f"{server.address}/book.txt")
    with pytest.raises(UserError, match="There is no encoding 'cp99999'"):
        download.fetch(f"{server.address}/book.txt", text={"encoding": "cp99999"})
    assert content(download.fetch(f"{server.address}/book.txt")) == BOOK
    assert server.asked == ["/book.txt"]
