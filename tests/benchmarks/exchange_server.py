"""The two companies of `make bench-exchange` as one small quick server: a process of its own on loopback.

    python tests/benchmarks/exchange_server.py      # prints READY http://127.0.0.1:PORT

Each call below /origin and /target is counted by kind and answered after the latency that was asked for; /control is
neither. /services/data is the target as Salesforce would have it, for its library; /soap says what it was given to
say. Needs nothing but Python, so that it costs the sides little of the cores that they share.
Next: `exchange_store.py`, `exchange.py`.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from exchange_cases import mapped, record
from exchange_store import Store

REASONS = {200: "OK", 201: "Created", 204: "No Content", 404: "Not Found", 409: "Conflict", 412: "Precondition Failed",
           422: "Unprocessable Content"}  # fmt: skip
LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
CONDITION = re.compile(r'^if-match: *"?([0-9]+)', re.IGNORECASE | re.MULTILINE)
Answer = tuple[int, Any]


class Companies:
    """Both, the edits that the origin's agents made, and how late answers are."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.soap: dict[str, str] = {}
        self.reset({})

    def reset(self, asked: dict[str, Any]) -> Answer:
        """All anew. cases: how many the origin has. unique: the target refuses a second outside id. latency: seconds.
        stop_at: after so many records at the target nothing more is answered."""
        self.origin, self.target = Store(), Store(unique=asked.get("unique", True))
        self.stop_at = asked.get("stop_at")
        self.edits: dict[int, int] = {}
        for number in range(asked.get("cases", 0)):
            self.origin.create(record(number))
        self.latency = asked.get("latency", 0.0)
        return 200, {}

    @property
    def is_half(self) -> bool:
        """Whether as much arrived as was asked for, and nothing more is answered."""
        return self.stop_at is not None and len(self.target.records) >= self.stop_at

    def change(self, asked: dict[str, Any]) -> Answer:
        """So many of the origin's records, spread over all, are edited by its agents."""
        count, there = asked["count"], len(self.origin.records)
        for number in range(0, there, max(1, there // count))[:count]:
            self.edits[number] = self.edits.get(number, 0) + 1
            self.origin.update(str(number + 1), record(number, self.edits[number]), None)
        return 200, {}

    def told(self) -> dict[str, Any]:
        """Calls by kind since the last time, and how the target's records stand to what they should be."""
        found = self.target.by_reference()
        right = wrong = doubled = 0
        for number in range(len(self.origin.records)):
            want = record(number, self.edits.get(number, 0))
            there = found.pop(want["number"], [])
            doubled += len(there) > 1
            wanted = mapped(want)
            if there and all(there[0].get(name) == value for name, value in wanted.items()):
                right += 1
            else:
                wrong += bool(there)
        calls = {f"{name} {kind}": count for name, store in (("origin", self.origin), ("target", self.target))
                 for kind, count in store.calls.items()}  # fmt: skip
        self.origin.calls.clear()
        self.target.calls.clear()
        again, self.target.sent_again = self.target.sent_again, 0
        return {"calls": calls, "right": right, "wrong": wrong, "doubled": doubled, "strange": len(found),
                "sent_again": again, "records": len(self.target.records)}  # fmt: skip

    def answer(self, method: str, path: str, query: dict[str, str], head: str, body: bytes) -> Answer:
        """One call's answer. To an envelope the one that was given for the operation that it names."""
        if path == "/soap":
            return 200, next(text for name, text in self.soap.items() if name.encode() in body)
        asked = json.loads(body) if body else {}
        name, _, rest = path.strip("/").partition("/")
        if name == "control":
            match rest:
                case "reset":
                    return self.reset(asked)
                case "change":
                    return self.change(asked)
                case "lift":
                    self.stop_at = None
                    return 200, {}
                case "soap":
                    self.soap = asked
                    return 200, {}
            return 200, {"records": len(self.target.records)} if rest == "count" else self.told()
        if name == "services":
            return self.salesforce(method, rest.partition("sobjects")[2].strip("/"), asked)
        store = self.origin if name == "origin" else self.target
        condition = CONDITION.search(head) if method == "PATCH" else None
        return company(store, method, rest, query, asked, condition.group(1) if condition else None)

    def salesforce(self, method: str, rest: str, asked: Any) -> Answer:
        """Creates and updates of sObjects, one or up to 200: ids are answered, no records."""
        store, many = self.target, isinstance(asked, dict) and "records" in asked
        store.calls[f"{'create' if method == 'POST' else 'update'}{'_batch' if many else ''}"] += 1
        rows = asked["records"] if many else [asked]
        results = []
        for row in rows:
            row.pop("attributes", None)
            native_id = row.pop("id", None) or rest.partition("/")[2]
            status, found = store.create(row) if method == "POST" else store.update(native_id, row, None)
            errors = [] if status < 300 else [{"statusCode": found["code"], "message": found["message"]}]
            results.append({"id": found.get("id"), "success": not errors, "errors": errors})
        if many:
            return 200, results
        return (201, results[0]) if method == "POST" else (204, None)


def company(store: Store, method: str, rest: str, query: dict[str, str], asked: Any, version: str | None) -> Answer:
    """One call to one company."""
    steps = rest.split("/")
    if steps[0] == "me":
        return 200, {"name": "benchmark"}
    match method, steps[1:]:
        case "GET", [] if "ids" in query:
            store.calls["fetch"] += 1
            return 200, {"cases": store.named(query["ids"].split(","))}
        case "GET", [] if "outside" in query:
            store.calls["find"] += 1
            return 200, {"cases": store.bearing(query["outside"])}
        case "GET", []:
            store.calls["page"] += 1
            return 200, store.page(int(query.get("after") or 0), int(query.get("limit") or 100))
        case "POST", []:
            store.calls["create"] += 1
            return _whole(store.create(asked))
        case "POST", ["batch"]:
            store.calls["create_batch"] += 1
            return 200, {"results": [_one(store.create(one)) for one in asked["records"]]}
        case "PATCH", ["batch"]:
            store.calls["update_batch"] += 1
            return 200, {"results": [_one(store.update(one.pop("id"), one, one.pop("ifVersion", None)))
                                     for one in asked["records"]]}  # fmt: skip
        case "PATCH", [native_id]:
            store.calls["update"] += 1
            return _whole(store.update(native_id, asked, version))
        case "GET", [native_id]:
            store.calls["fetch"] += 1
            found = store.named([native_id])
            return (200, found[0]) if found else (404, {"error": {"code": "absent"}})
    return 404, {"error": {"code": "absent", "message": f"{method} {rest}"}}


def _whole(found: tuple[int, dict[str, Any]]) -> Answer:
    status, body = found
    return status, body if status < 300 else {"error": body}


def _one(found: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    status, body = found
    return {"status": status, "record": body} if status < 300 else {"status": status, "error": body}


class Conversation(asyncio.Protocol):
    """One connection: requests one after the other, each answered when its time has come."""

    def __init__(self, companies: Companies) -> None:
        self.companies, self.received = companies, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, piece: bytes) -> None:
        self.received += piece
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(self.received, 0, end)
            whole = end + 4 + (int(found.group(1)) if found else 0)
            if len(self.received) < whole:
                if b"100-continue" in self.received[:end]:
                    self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            head, body, self.received = self.received[:end], self.received[end + 4 : whole], self.received[whole:]
            self.asked(head.decode("latin-1"), body)

    def asked(self, head: str, body: bytes) -> None:
        line, _, head = head.partition("\r\n")
        method, target, _ = line.split(" ", 2)
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        companies, control = self.companies, parts.path.startswith("/control")
        if not control and companies.is_half:
            return  # who asks is about to be killed
        status, told = companies.answer(method, unquote(parts.path), query, head, body)
        if not control and companies.is_half:
            return  # the last write was done, and nobody is told
        kind, content = "application/json", b"" if told is None else json.dumps(told, ensure_ascii=False).encode()
        if parts.path == "/soap":
            kind, content = "text/xml; charset=utf-8", told.encode()
        start = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\n"
        answer = f"{start}Content-Length: {len(content)}\r\n\r\n".encode() + content
        if companies.latency and not control:
            asyncio.get_running_loop().call_later(companies.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def serve() -> None:
    companies = Companies()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(companies), "127.0.0.1", 0)
    print(f"READY http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
