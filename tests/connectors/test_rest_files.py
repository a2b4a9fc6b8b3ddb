"""Files over REST, against servers of other habits than Northcable's and against hostile ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from email import message_from_bytes
from hashlib import sha256
from typing import Any

import pytest

from connectors.base import Change, Credentials, Receipt
from connectors.errors import ConnectorError, Refused, Rejected, Stale, Throttled, Unknown, Unreachable
from connectors.files import Content
from connectors.rest import Rest
from connectors.rest_system import RestSystem

RAW = bytes(range(256)) * 2000
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def rest_of() -> Iterator[Callable[..., Rest]]:
    """rest_of(url, **declared of files), closed at the end."""
    with ExitStack() as stack:
        yield lambda url, **more: stack.enter_context(closing(made(url, **more)))


def made(url: str, **more: Any) -> Rest:
    files = {"get": "/issues/{id}/files/{file}", "add": {"path": "/issues/{id}/files", "id": "file.id"}, **more}
    system = RestSystem.model_validate(
        {
            "name": "acme", "title": "Acme", "connection": "acme_api", "private_network": True, "deadline": 1,
            "auth": {"kind": "token_endpoint", "path": "/token"}, "check": {"path": "/me", "name": "login"},
            "record": {"id": "id", "stamp": "changed", "hub_id": "hub"},
            "list": {"path": "/issues", "paging": {"style": "offset"}, "scan": True}, "one": "/issues/{id}",
            "find": {"path": "/issues", "param": "hub"}, "create": {"path": "/issues", "id": "id"},
            "update": {"path": "/issues/{id}"}, "notes": {"add": {"path": "/issues/{id}/notes", "id": "id"}},
            "files": files,
        }
    )  # fmt: skip
    credentials = Credentials(url, "casebridge", "bridge-secret")
    clock = lambda: datetime(2026, 11, 22, tzinfo=UTC)  # noqa: E731  one line, one use
    return Rest(system, credentials, clock=clock, sleep=lambda _: None, monotonic=time.monotonic)


def answering(*answers: Any) -> Callable[[Any], Any]:
    """Tokens as asked for; then these answers in turn, the last for ever."""
    left = list(answers)

    def answer(asked: Any) -> Any:
        if asked.path == "/token":
            return 200, {}, b'{"access_token": "t", "expires_in": 3600}'
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def add(rest: Rest, raw: bytes = RAW, **told: Any) -> Receipt:
    content = Content("a b.png", "image/png", len(raw), sha256(raw).hexdigest(), lambda: iter([raw]), **told)
    body = {"label": "a b.png", "shown": {"to": "all"}, "loud": True}
    (receipt,) = rest.push([Change("k", "add_file", "lane", body, "", "7 8", ref="r", content=content)])
    return receipt


def test_a_form_holds_the_words_and_the_bytes_and_says_its_length(rest_of: Any, serve: Any) -> None:
    server = serve(answering((201, {}, b'{"file": {"id": 12}}')))
    receipt = add(
        rest_of(server.url, add={"path": "/issues/{id}/files", "id": "file.id", "constants": {"kind": "doc"}})
    )
    assert (receipt.error, receipt.file_id, receipt.native_id) == (None, "12", "7 8")
    asked = server.asked[-1]
    assert (asked.path, "transfer-encoding" in asked.headers) == ("/issues/7%208/files", False)
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    parts = {
        str(part.get_param("name", header="content-disposition")): part
        for part in message_from_bytes(head + asked.body).get_payload()
    }
    assert {name: part.get_payload() for name, part in parts.items() if name != "file"} == {
        "kind": "doc", "label": "a b.png", "shown.to": "all", "loud": "true",
    }  # fmt: skip
    assert parts["file"].get_filename() == "a b.png"
    assert parts["file"].get_content_type() == "image/png"
    assert parts["file"].get_payload(decode=True) == RAW


@pytest.mark.parametrize("raw", [RAW, b""])
def test_a_system_that_takes_plain_bytes_is_told_the_rest_in_the_address(rest_of: Any, serve: Any, raw: bytes) -> None:
    server = serve(answering((201, {}, b'{"id": "x"}')))
    declared = {"path": "/attach/{id}/{name}", "encoding": "raw", "id": "id", "constants": {"table": "issue"}}
    assert add(rest_of(server.url, add=declared), raw).file_id == "x"
    asked = server.asked[-1]
    assert (asked.path, asked.body, asked.headers["content-type"]) == ("/attach/7%208/a%20b.png", raw, "image/png")
    assert asked.query == {"table": "issue", "label": "a b.png", "shown.to": "all", "loud": "true"}


def test_a_token_that_ended_is_renewed_and_the_whole_file_goes_once_more(rest_of: Any, serve: Any) -> None:
    server = serve(answering((401, {}, b"{}"), (201, {}, b'{"file": {"id": 1}}'), (401, {}, b"{}"), (200, BINARY, RAW)))
    rest = rest_of(server.url)
    assert add(rest).error is None
    first, second = (one.body for one in server.asked if one.path.endswith("/files"))
    assert first == second
    assert b"".join(rest.read_file("7", "1", len(RAW))) == RAW


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ((413, {}, b'{"message": "too much"}'), Rejected, "C600"),
        ((404, {}, b"{}"), Rejected, "C605"),
        ((500, {}, b""), Unknown, "C403"),
        ((429, {"Retry-After": "7"}, b""), Throttled, "C200"),
        ((403, {}, b""), Refused, "C302"),
        (None, Unknown, "C402"),
    ],
)
def test_what_an_answer_to_a_file_means(
    rest_of: Any, serve: Any, answer: Any, error: type[ConnectorError], code: str
) -> None:
    receipt = add(rest_of(serve(answering(answer)).url))
    assert isinstance(receipt.error, error)
    assert receipt.error.code == code


def test_a_file_that_is_shorter_than_was_said_is_not_sent_as_a_whole_one(rest_of: Any, serve: Any) -> None:
    server = serve(answering((201, {}, b"{}")))
    content = Content("x", "a/b", 100, "", lambda: iter([b"short"]))
    change = Change("k", "add_file", "lane", {}, "", "7", content=content)
    (receipt,) = rest_of(server.url).push([change])
    assert isinstance(receipt.error, Stale)
    assert receipt.error.code == "C503"


def test_a_partner_that_says_nothing_to_a_file_is_waited_for_its_deadline(rest_of: Any, serve: Any) -> None:
    server = serve(lambda asked: answering((201, {}, b"{}"))(asked) if asked.path == "/token" else time.sleep(3))
    began = time.monotonic()
    receipt = add(rest_of(server.url, slowest=1000))
    assert isinstance(receipt.error, Unknown)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ((404, {}, b"{}"), Rejected, "C605"),
        ((410, {}, b"{}"), Rejected, "C605"),
        ((404, {"Content-Type": "text/html"}, b"<html>no such address</html>"), Refused, "C304"),
        ((200, {"Content-Type": "text/html"}, b"<html>please log in</html>"), Unreachable, "C106"),
        ((302, {"Location": "/elsewhere"}, b""), Refused, "C306"),
        ((503, {}, b""), Unreachable, "C105"),
        ((200, BINARY, RAW[:-1]), Unreachable, "C106"),
        ((200, BINARY, RAW + b"x"), Unreachable, "C106"),
        ((200, {**BINARY, "Content-Length": f"{len(RAW)}", "Connection": "close"}, RAW[:1000]), Unreachable, "C104"),
    ],
)
def test_what_an_answer_of_a_file_means(
    rest_of: Any, serve: Any, answer: Any, error: type[ConnectorError], code: str
) -> None:
    with pytest.raises(error) as told:
        list(rest_of(serve(answering(answer)).url).read_file("7", "9", len(RAW)))
    assert told.value.code == code


def test_a_file_that_never_ends_is_read_no_further_than_is_declared(rest_of: Any, serve_raw: Any) -> None:
    sent, asked = [0], list[int]()

    def talk(write: Callable[[bytes], None], n: int) -> bool:
        asked.append(n)
        if len(asked) == 1:
            write(b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"access_token": "t"}')
            return True
        write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent[0] < 200 * 2**20:
                write(b"10000\r\n" + bytes(65536) + b"\r\n")
                sent[0] += 65536
        except OSError:
            pass
        return False

    with pytest.raises(Rejected, match="C608 the file is larger than 1 MiB"):
        list(rest_of(serve_raw(talk).url, largest=2**20).read_file("7", "9", None))
    assert sent[0] < 50 * 2**20


def test_a_file_that_drips_ends_with_its_time(rest_of: Any, serve_raw: Any) -> None:
    asked = list[int]()

    def talk(write: Callable[[bytes], None], n: int) -> bool:
        asked.append(n)
        if len(asked) == 1:
            write(b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"access_token": "t"}')
            return True
        write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            for _ in range(100):
                write(b"x")
                time.sleep(0.1)
        except OSError:
            pass
        return False

    began = time.monotonic()
    with pytest.raises(Unreachable, match="C104 no whole answer before the deadline"):
        list(rest_of(serve_raw(talk).url).read_file("7", "9", 1000))
    assert time.monotonic() - began < 2.5
