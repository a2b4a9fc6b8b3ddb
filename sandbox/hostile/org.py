"""A Salesforce org that answers as it is told to, over a real TLS socket; and rows, refusals and changes to tell it.

    with serving_org(folder, authority) as org:
        org.answer = lambda asked: rows(case(ONE))
        org.connector().fetch([ONE])

Wordings are those of the public REST documents, see `sandbox/companies/brightnet_faults.py`. Next: `answers.py`.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme

from connectors.base import Change, Credentials, Receipt
from connectors.salesforce import Salesforce
from connectors.salesforce_system import SalesforceSystem
from sandbox.hostile.answers import Asked as Heard
from sandbox.hostile.answers import http_server

DATA = "/services/data/v60.0"
ONE, TWO, THREE = "500000000000001AAA", "500000000000002AAA", "500000000000003AAA"
SECRET = "s3cr3t-of-the-app"  # noqa: S105  it opens nothing but this server


@dataclass(frozen=True)
class Asked:
    """One request. query: the SOQL. body: its JSON, or its text."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


@dataclass
class Said:
    """One answer. body: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Org:
    """`answer` is asked for each call but a login. logins: how many there were; token N is 'token-N'."""

    url: str
    ca_file: str
    answer: Callable[[Asked], Said] = lambda asked: Said()
    token: Callable[[int], Said] | None = None
    logins: int = 0
    asked: list[Asked] = field(default_factory=list)
    naps: list[float] = field(default_factory=list)

    def system(self, **declared: Any) -> SalesforceSystem:
        """Its declaration, under Brightnet's name."""
        told: dict[str, Any] = {"fields": ("Subject", "Status"), "private_network": True, "read_back": "apart"}
        told |= declared
        return SalesforceSystem(name="brightnet", title="Brightnet", connection="brightnet", **told)

    def credentials(self) -> Credentials:
        """The app that may log in."""
        return Credentials(self.url, extra={"consumer_key": "app", "consumer_secret": SECRET, "ca_file": self.ca_file})

    def connector(self, **declared: Any) -> Salesforce:
        """A connector whose pauses are noted and not slept. declared: of the system."""
        return Salesforce(
            self.system(**declared),
            self.credentials(),
            clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
            sleep=self.naps.append,
            monotonic=time.monotonic,
            random=lambda: 0.5,
        )

    def tell(self, heard: Heard) -> tuple[int, dict[str, str], bytes]:
        """The answer to one request, as the server sends it."""
        said = self._said(heard)
        text = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        return said.status, said.headers, text

    def _said(self, heard: Heard) -> Said:
        if heard.path == "/services/oauth2/token":
            self.logins += 1
            return self.token(self.logins) if self.token else self.good_token()
        body = json.loads(heard.body) if heard.body.startswith(b"{") else heard.body.decode()
        headers = {name.title(): value for name, value in heard.headers.items()}
        self.asked.append(Asked(heard.method, heard.path, heard.query.get("q", ""), headers, body))
        return self.answer(self.asked[-1])

    def good_token(self, **changed: str) -> Said:
        """A login's answer."""
        identity = f"{self.url}/id/00D000000000001EAA/005000000000001AAA"
        return Said(body={"access_token": f"token-{self.logins}", "instance_url": self.url, "id": identity, **changed})


@contextmanager
def serving_org(folder: Path, authority: trustme.CA) -> Iterator[Org]:
    """An org on a free port, under that authority, whose certificate lies in the folder as ca.pem."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    org = Org("", str(folder / "ca.pem"))
    with http_server(org.tell, tls=context) as server:
        org.url = server.url
        yield org


def error(status: int, code: str, message: str = "no", **headers: str) -> Said:
    """A whole request refused."""
    return Said(status, [{"message": message, "errorCode": code}], headers)


def rows(*found: dict[str, Any], rest: str | None = None) -> Said:
    """A query's answer. rest: where the next rows are."""
    more = {"nextRecordsUrl": rest} if rest else {}
    return Said(body={"totalSize": len(found), "done": rest is None, **more, "records": list(found)})


def case(native_id: str, second: int = 0, **fields: Any) -> dict[str, Any]:
    """A row of the object Case, changed at that second."""
    stamp = f"2026-11-21T10:00:{second:02}.000+0000"
    own = {"attributes": {"type": "Case"}, "Id": native_id, "IsDeleted": False, "SystemModstamp": stamp}
    return {**own, "CaseComments": None, "Subject": "Нет сети", **fields}


def update(key: str, native_id: str = ONE, lane: str = "", **body: Any) -> Change:
    """A change of a case."""
    return Change(key, "update", lane or key, body or {"Subject": "Новое имя"}, f"hub-{key}", native_id)


def create(key: str, lane: str = "", **body: Any) -> Change:
    """A new case."""
    return Change(key, "create", lane or key, {"Subject": f"Случай {key}", **body}, f"hub-{key}")


def ok(native_id: str = ONE) -> dict[str, Any]:
    """The result of a row that was written."""
    return {"id": native_id, "success": True, "errors": []}


def no(code: str, message: str = "no", *fields: str) -> dict[str, Any]:
    """The result of a row that was refused."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def errors(receipts: Sequence[Receipt]) -> list[str]:
    """What became of each, shortly: 'applied', or an error's name and code."""
    return [f"{type(one.error).__name__} {one.error.code}" if one.error else "applied" for one in receipts]
