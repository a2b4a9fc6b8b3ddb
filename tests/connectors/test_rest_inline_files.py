"""Files that a REST system tells and takes as base64 inside JSON: over real sockets, in a stream, bounded as others."""

from __future__ import annotations

import json
import time
import tracemalloc
from base64 import b64decode, b64encode, encodebytes
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from connectors.base import Change, Credentials, Receipt
from connectors.errors import ConnectorError, Refused, Rejected, Stale, Unreachable
from connectors.files import Content
from connectors.inline import decoded, encoded, encoded_size
from connectors.rest import Rest
from connectors.rest_system import RestSystem

RAW = bytes(range(256)) * 2000
ADD = {
    "path": "/t/{id}/comment", "by": "Type", "paths": {"Correspond": "/t/{id}/correspond"}, "encoding": "json",
    "file": "Attachments", "content": "FileContent", "name": "FileName", "mime_type": "FileType",
    "constants": {"ContentType": "text/plain"},
}  # fmt: skip
LIST = {"path": "/t/{id}/attachments", "records": "items", "field": "attachments", "having": "Filename"}


@pytest.fixture
def rest_of() -> Iterator[Callable[..., Rest]]:
    """rest_of(url, **declared of files), closed at the end."""
    with ExitStack() as stack:
        yield lambda url, **more: stack.enter_context(closing(made(url, **more)))


def made(url: str, unordered: dict[str, str] | None = None, notes: dict[str, Any] | None = None, **more: Any) -> Rest:
    files = {"get": "/attachment/{file}", "content": "Content", "add": ADD, **more}
    system = RestSystem.model_validate(
        {
            "name": "acme", "title": "Acme", "connection": "acme_api", "private_network": True, "deadline": 2,
            "auth": {"kind": "header", "header": "X"}, "check": {"path": "/me", "name": "login"},
            "record": {"id": "id", "stamp": "changed", "hub_id": "hub", "unordered": unordered or {}},
            "list": {"path": "/t", "paging": {"style": "none"}, "scan": True, "records": "items"}, "one": "/t/{id}",
            "find": {"path": "/t", "param": "hub"}, "create": {"path": "/t", "id": "id"},
            "update": {"path": "/t/{id}"}, "notes": notes or {"add": {"path": "/t/{id}/notes", "id": "id"}},
            "files": files,
        }
    )  # fmt: skip
    credentials = Credentials(url, "casebridge", "bridge-secret")
    clock = lambda: datetime(2026, 11, 22, tzinfo=UTC)  # noqa: E731  one line, one use
    return Rest(system, credentials, clock=clock, sleep=lambda _: None, monotonic=time.monotonic)


def add(rest: Rest, raw: bytes = RAW, name: str = "a b.png", size: int | None = None, **told: Any) -> Receipt:
    content = Content(
        name, "image/png", len(raw) if size is None else size, sha256(raw).hexdigest(), lambda: iter([raw])
    )
    (receipt,) = rest.push([Change("k", "add_file", "lane", told, "", "7", ref="r", content=content)])
    return receipt


def told(content: bytes | str, **more: Any) -> bytes:
    text = content if isinstance(content, str) else encodebytes(content).decode()
    return json.dumps(
        {"id": 9, "Filename": 'a "Content": "b.png', "of": {"Content": "no"}, "Content": text, **more}
    ).encode()


@pytest.mark.parametrize("raw", [RAW, RAW[:-1], RAW[:-2], b"", b"x"])
def test_a_file_is_read_out_of_the_json_that_tells_of_it(rest_of: Any, serve: Any, raw: bytes) -> None:
    for text in (encodebytes(raw).decode(), b64encode(raw).decode(), b64encode(raw).decode().replace("/", "\\/")):
        body = told("@").replace(b"@", json.dumps(text)[1:-1].replace("\\\\/", "\\/").encode())
        server = serve(lambda asked, body=body: (200, {}, body))
        rest = rest_of(server.url)
        assert b"".join(rest.read_file("7", "9", len(raw))) == raw
        assert server.asked[-1].path == "/attachment/9"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_wherever_an_answer_is_cut_into_pieces(size: int) -> None:
    whole = told(RAW[:3000])
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert b"".join(decoded(pieces, "Content", "here")) == RAW[:3000]
    raw = [RAW[start : start + size] for start in range(0, 3000, size)]
    letters = b"".join(encoded(raw))
    assert b64decode(letters, validate=True) == b"".join(raw)
    assert len(letters) == encoded_size(len(b"".join(raw)))


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        (told(RAW)[:2000], Unreachable, "C106"),
        (told(RAW + b"x"), Unreachable, "C106"),
        (told(RAW[:-1]), Unreachable, "C106"),
        (told("not base64!"), Rejected, "C609"),
        (told("QUJD="), Rejected, "C609"),
        (told("QQ==QQ=="), Rejected, "C609"),
        (b'{"id": 9, "Content": null}', Refused, "C304"),
        (b'{"of": {"Content": "QUJD"}}', Refused, "C304"),
        (b'{"of": "' + b"x" * 200_000 + b'", "Content": "QUJD"}', Refused, "C304"),
    ],
)
def test_what_else_an_answer_means(
    rest_of: Any, serve: Any, body: bytes, error: type[ConnectorError], code: str
) -> None:
    with pytest.raises(error) as caught:
        list(rest_of(serve(lambda asked: (200, {}, body)).url).read_file("7", "9", len(RAW)))
    assert caught.value.code == code


def test_a_file_larger_than_is_declared_is_read_no_further(rest_of: Any, serve: Any) -> None:
    rest = rest_of(serve(lambda asked: (200, {}, told(bytes(3 * 2**20)))).url, largest=2**20)
    with pytest.raises(Rejected, match="C608 the file is larger than 1 MiB"):
        list(rest.read_file("7", "9", None))


@pytest.mark.parametrize("raw", [RAW, RAW[:-1], RAW[:-2], b""])
def test_a_file_is_sent_in_json_beside_what_is_told_of_it(rest_of: Any, serve: Any, raw: bytes) -> None:
    server = serve(lambda asked: (201, {}, b'["added"]'))
    rest = rest_of(server.url)
    mark = f"casebridge-{sha256(raw).hexdigest()}"  # whoever names his file so gains nothing
    assert add(rest, raw, name=mark, Type="Comment").error is None
    asked = server.asked[-1]
    assert (asked.path, asked.headers["content-type"]) == ("/t/7/comment", "application/json")
    assert asked.headers["content-length"] == str(len(asked.body))
    file = {"FileContent": b64encode(raw).decode(), "FileName": mark, "FileType": "image/png"}
    assert json.loads(asked.body) == {"Attachments": [file], "ContentType": "text/plain"}
    assert add(rest, raw, Type="Correspond").error is None
    assert server.asked[-1].path == "/t/7/correspond"


def test_a_file_shorter_than_was_said_is_not_sent_as_a_whole_one(rest_of: Any, serve: Any) -> None:
    receipt = add(rest_of(serve(lambda asked: (201, {}, b"{}")).url), b"short", size=100)
    assert isinstance(receipt.error, Stale)
    assert receipt.error.code == "C503"


def test_a_file_alone_in_the_body(rest_of: Any, serve: Any) -> None:
    server = serve(lambda asked: (201, {}, b'{"id": 12}'))
    alone = {"path": "/t/{id}/files", "encoding": "json", "content": "data", "id": "id", "constants": {"kind": "doc"}}
    assert add(rest_of(server.url, add=alone), b"abc", label="a b.png").file_id == "12"
    assert json.loads(server.asked[-1].body) == {"data": "YWJj", "label": "a b.png", "kind": "doc"}


def test_files_that_are_a_list_of_their_own_are_read_with_the_record(rest_of: Any, serve: Any) -> None:
    def answer(asked: Any) -> Any:
        if asked.path == "/t/7":
            return 200, {}, b'{"id": "7", "changed": "2026-11-21T10:00:00Z", "hub": null}'
        if asked.path == "/t/7/attachments":
            page = int(asked.query["page"])
            items = [{"id": page * 2 + one, "Filename": "a.png" if one else ""} for one in range(2)] if page < 3 else []
            return 200, {}, json.dumps({"items": items, "pages": 2}).encode()
        return 404, {}, b"{}"

    server = serve(answer)
    rest = rest_of(
        server.url, list={**LIST, "limit": "per_page", "paging": {"style": "page", "param": "page", "total": "pages"}}
    )
    (record,) = rest.fetch(["7"])
    assert [one["id"] for one in record.body["attachments"]] == [3, 5]


def test_a_large_file_is_never_whole_in_memory() -> None:
    raw, most = bytes(2**16), 64 * 2**20
    tracemalloc.start()
    size = sum(len(piece) for piece in decoded(_answer(encoded(raw for _ in range(most // 2**16))), "Content", "here"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == most
    assert peak < 4 * 2**20


def _answer(letters: Iterator[bytes]) -> Iterator[bytes]:
    yield b'{"id": 9, "Content": "'
    yield from letters
    yield b'"}'


def test_members_that_come_in_another_order_make_no_other_record(rest_of: Any, serve: Any) -> None:
    members = [{"name": "b", "values": ["2"]}, {"name": "a", "values": []}]
    asked = list[int]()

    def answer(request: Any) -> Any:
        asked.append(1)
        told = members if len(asked) % 2 else members[::-1]
        return 200, {}, json.dumps({"id": "7", "changed": "2026-11-21T10:00:00Z", "hub": None, "of": told}).encode()

    rest = rest_of(serve(answer).url, unordered={"of": "name", "not.there": "x"})
    (one,), (two,) = rest.fetch(["7"]), rest.fetch(["7"])
    assert one.body == two.body
    assert [member["name"] for member in one.body["of"]] == ["a", "b"]


def test_texts_are_asked_for_by_their_notes_and_a_file_takes_what_its_note_says(rest_of: Any, serve: Any) -> None:
    """So that no file's bytes come along with the texts, and who may read a message may see its file."""
    asked = list[str]()

    def answer(request: Any) -> Any:
        asked.append(request.path)
        told: Any = {"items": []}
        if request.path == "/t/7":
            told = {"id": "7", "changed": "2026-11-21T10:00:00Z", "hub": None}
        elif request.path == "/t/7/notes":
            told = {"items": [{"id": 40 + one, "Type": "Comment" if one else "Correspond"} for one in range(3)]}
        elif request.path.startswith("/texts/"):
            told = {
                "items": [{"of": one, "said": f"text {one}"} for one in ("40", "41", "42") if one in request.path][:2]
            }
            told["items"] = [one for one in told["items"] if one["of"] != "41"]  # it holds a file alone
        elif request.path == "/t/7/attachments":
            told = {"items": [{"id": 9, "Filename": "a.png", "of": 41}, {"id": 10, "Filename": "", "of": 40}]}
        return 200, {}, json.dumps(told).encode()

    notes = {
        "field": "notes", "path": "/t/{id}/notes", "records": "items", "filled": True,
        "add": {"path": "/t/{id}/notes", "id": "id"},
        "texts": {"path": "/texts/{ids}", "most": 2, "records": "items", "note": "of", "take": {"text": "said"}},
    }  # fmt: skip
    files = {**LIST, "note": "of", "take": {"Type": "Type"}}
    (record,) = rest_of(serve(answer).url, notes=notes, list=files).fetch(["7"])
    assert [path for path in asked if path.startswith("/texts/")] == ["/texts/40,41", "/texts/42"]
    assert [(note["id"], note["text"]) for note in record.body["notes"]] == [(40, "text 40"), (42, "text 42")]
    assert record.body["attachments"] == [{"id": 9, "Filename": "a.png", "of": 41, "Type": "Comment"}]
