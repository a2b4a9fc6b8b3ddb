"""One partner of each kind over one hostile server: all get the same answer, so that what they make of it compares.

    with hostile("soap", lambda asked: (503, {}, b"<html>"), folder, authority) as partner:
        partner.read(), partner.write()

REST and Salesforce log in first, with a token; the login is answered well unless `login` says otherwise.
Next: `answers.py` (the server), `org.py` (the Salesforce one).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import trustme

from connectors.base import Change, Connector, Credentials, System
from connectors.errors import ConnectorError
from connectors.rest import Rest
from connectors.rest_system import RestSystem
from connectors.salesforce import Salesforce
from connectors.soap import Soap
from connectors.soap_system import SoapSystem
from hub.partners import load_system
from sandbox.hostile.answers import Asked, Told, http_server
from sandbox.hostile.org import ONE, Org, Said, serving_org

KINDS: Final = ("rest", "soap", "salesforce")
WRITTEN_OUT: Final = "soap written out"
"""SOAP once more, where no contract stands between an answer and what is read of it."""
SOUTHGATE: Final = Path(__file__).parents[2] / "mappings" / "examples" / "southgate"
TELVOZ: Final = Path(__file__).parents[2] / "mappings" / "partners" / "telvoz"
TOKEN: Final = "/token"  # noqa: S105  a path, no secret

Answer = Callable[[Asked], Told]
"""What was asked -> what is answered."""
Login = Callable[[int], Told]
"""The n-th login, from 1 -> its answer."""


@dataclass
class Partner:
    """asked: what the server heard, logins apart. logins: how many there were. naps: seconds that were not slept."""

    kind: str
    url: str
    ca_file: str
    connector: Connector
    asked: list[Any]
    logins: Callable[[], int]
    naps: list[float] = field(default_factory=list)

    def read(self) -> ConnectorError | None:
        """What became of one read; the connector goes on afterwards."""
        try:
            self.connector.fetch([self.record])
        except ConnectorError as error:
            return error
        return None

    def write(self, lane: str = "a-case") -> ConnectorError | None:
        """What became of one update."""
        return self.write_many(1, lane)[0]

    def write_many(self, count: int, lane: str = "a-case") -> list[ConnectorError | None]:
        """What became of so many updates, each of a case of its own, in order."""
        changes = [self.update(f"{lane}-{n}") for n in range(count)]
        errors = {receipt.key: receipt.error for receipt in self.connector.push(changes)}
        return [errors[change.key] for change in changes]

    def update(self, lane: str) -> Change:
        """One field of a record is changed."""
        bodies = {"rest": {"text": "y"}, "soap": {"agente": "Ana"}, "salesforce": {"Subject": "y"}}
        body = bodies.get(self.kind, {"caller": "Ann"})
        return Change(f"update-{lane}", "update", lane, body, f"hub-{lane}", self.record)

    @property
    def record(self) -> str:
        """The native id of a record, as this kind writes it."""
        return {"rest": "7", "soap": "TV-000001", "salesforce": ONE}.get(self.kind, "17")


@contextmanager
def hostile(
    kind: str,
    answer: Answer,
    folder: Path,
    authority: trustme.CA,
    *,
    login: Login | None = None,
    **declared: Any,
) -> Iterator[Partner]:
    """A partner of that kind that answers so. declared: of its system."""
    naps: list[float] = []
    if kind == "salesforce":
        with serving_org(folder, authority) as org:
            connector = connector_to(kind, org.url, org.ca_file, naps.append, **declared)
            yield _over_org(org, connector, answer, login, naps)
            connector.close()
        return
    heard: list[Asked] = []
    logins: list[Asked] = []

    def tell(asked: Asked) -> Told:
        if asked.path == TOKEN:
            logins.append(asked)
            return login(len(logins)) if login else good_login(len(logins))
        heard.append(asked)
        return answer(asked)

    with http_server(tell) as server:
        connector = connector_to(kind, server.url, "", naps.append, **declared)
        yield Partner(kind, server.url, "", connector, heard, lambda: len(logins), naps)
        connector.close()


def connector_to(kind: str, url: str, ca_file: str, sleep: Callable[[float], None], **declared: Any) -> Connector:
    """A connector of that kind to a server. ca_file: the authority of a Salesforce org's certificate."""
    made: Any
    if kind == "salesforce":
        org = Org(url, ca_file)
        system = org.system(**{"comments": None, **declared})
        made = Salesforce(system, org.credentials(), clock=_now, sleep=sleep, monotonic=time.monotonic)
        return cast("Connector", made)
    credentials = Credentials(url, "casebridge", "bridge-secret")
    if kind == "rest":
        made = Rest(rest_system(**declared), credentials, clock=_now, sleep=sleep, monotonic=time.monotonic)
    else:
        folder = TELVOZ if kind == "soap" else SOUTHGATE
        made = Soap(soap_system(folder, **declared), credentials, sleep=sleep)
    return cast("Connector", made)


def _over_org(org: Org, connector: Connector, answer: Answer, login: Login | None, naps: list[float]) -> Partner:
    def heard(asked: Any) -> Said:
        body = asked.body if isinstance(asked.body, str) else json.dumps(asked.body)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        status, sent, told = answer(Asked(asked.method, asked.path, {"q": asked.query}, headers, body.encode()))
        return Said(status, told, sent)

    def token(number: int) -> Said:
        if login is None:
            return org.good_token()
        status, sent, told = login(number)
        if status == 200 and told.startswith(b"{"):
            return org.good_token(**json.loads(told))
        return Said(status, told, sent)

    org.answer, org.token = heard, token
    return Partner("salesforce", org.url, org.ca_file, connector, org.asked, lambda: org.logins, naps)


def good_login(number: int) -> Told:
    """A login's answer: token-number-N."""
    return 200, {}, json.dumps({"access_token": f"token-number-{number}"}).encode()


def rest_system(**more: Any) -> RestSystem:
    """A little issue tracker's declaration, behind a login for a token."""
    declared: dict[str, Any] = {
        "name": "acme",
        "title": "Acme",
        "connection": "acme_api",
        "private_network": True,
        "deadline": 5,
        "auth": {"kind": "token_endpoint", "path": TOKEN},
        "check": {"path": "/me", "name": "user.login"},
        "record": {"id": "id", "stamp": "changed", "hub_id": "hub"},
        "list": {"path": "/issues", "records": "issues", "paging": {"style": "offset"}},
        "one": "/issues/{id}",
        "find": {"path": "/issues", "param": "hub", "records": "issues"},
        "create": {"path": "/issues", "id": "id"},
        "update": {"method": "PUT", "path": "/issues/{id}", "record": ""},
        "notes": {"field": "notes", "add": {"path": "/issues/{id}/notes", "id": "id"}},
    }
    return RestSystem.model_validate(declared | more)


def soap_system(folder: Path = TELVOZ, /, **update: Any) -> SoapSystem:
    """A SOAP partner's declaration, Telvoz's by default, changed here and there."""
    system: System = load_system(folder)
    assert isinstance(system, SoapSystem)
    return system.model_copy(update=update)


def good_answer(kind: str, asked: Asked) -> Told:
    """What a well partner of that kind answers to `Partner.read` and `Partner.write`."""
    if kind == "salesforce":
        return 200, {}, json.dumps(_org_answer(asked)).encode()
    if kind == "rest":
        return 200, {}, b'{"id": 7, "changed": "2026-11-22T10:00:00+00:00", "hub": null, "text": "y"}'
    if kind == WRITTEN_OUT:
        row = "<sys_id>17</sys_id><sys_updated_on>2026-11-22 10:00:00</sys_updated_on>"
        name = "updateResponse" if b"update" in asked.body else "getByIdsResponse"
        inside = f"<{name}><getRecordsResult>{row}</getRecordsResult></{name}>"
        return 200, {"Content-Type": "text/xml"}, enveloped(inside)
    stamp = "22/11/2026 10:00:00"
    case = (
        f"<caso><numero>TV-000001</numero><fechaAlta>{stamp}</fechaAlta><fechaModificacion>{stamp}"
        "</fechaModificacion><asunto>uno</asunto><notas/></caso>"
    )
    write = b"modificarCaso" in asked.body
    name = "modificarCasoRespuesta" if write else "obtenerCasosRespuesta"
    inside = case if write else f"<casos>{case}</casos><eliminados/>"
    whole = f'<{name} xmlns="urn:telvoz:casos:1">{inside}</{name}>'
    return 200, {"Content-Type": "text/xml"}, enveloped(whole)


def enveloped(inside: str) -> bytes:
    """A SOAP 1.1 envelope."""
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<s:Envelope xmlns:s="{space}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


def _org_answer(asked: Asked) -> Any:
    if asked.method == "GET":
        stamp = "2026-11-22T10:00:00.000+0000"
        row = {"Id": ONE, "IsDeleted": False, "SystemModstamp": stamp, "Subject": "y", "Status": "Новое"}
        return {"totalSize": 1, "done": True, "records": [row]}
    return [{"id": ONE, "success": True, "errors": []} for _ in json.loads(asked.body)["records"]]


def _now() -> datetime:
    return datetime.now(UTC)
