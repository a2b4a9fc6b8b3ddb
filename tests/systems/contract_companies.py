"""One company of each kind for the contract suite: a connector to it, and what its agents do at its desk.

Those that are reached by wire are processes: the sandbox's own servers, and a Roundup tracker, which is nobody's fake.
One lives in this process.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import redmine as redmine_system
import requests
import rt as rt_system
from processes import serving
from ruamel.yaml import YAML

import roundup_tracker
import southgate as southgate_process
from connectors import paths
from connectors.base import Abilities, Connector, Credentials, System
from connectors.errors import Unreachable
from connectors.kinds import connect, system_model
from connectors.memory_store import MemoryStore
from connectors.memory_system import MemorySystem

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "bridge-secret"
STATES = ("New", "Open", "Solved")
FILES = {
    "northcable": "mappings/partners/northcable/system.yaml",
    "telvoz": "mappings/partners/telvoz/system.yaml",
    "brightnet": "mappings/partners/brightnet/system.yaml",
    "roundup": "mappings/real/roundup/system.yaml",
    "southgate": "mappings/examples/southgate/system.yaml",
    "southgate in a session": "mappings/examples/southgate/in-a-session.yaml",
}
"""The declarations by which the companies below are spoken to, as docs/declarations.md shows them."""
REAL = {"redmine": "mappings/real/redmine/system.yaml", "rt": "mappings/real/rt/system.yaml"}
"""Those of systems that `make test-partners` installs."""


class Desk(Protocol):
    """What agents do. Records are named by their native id."""

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]: ...
    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None: ...
    def note(self, native_id: str, text: str) -> None: ...
    def delete(self, native_id: str) -> None: ...
    def merge(self, native_id: str, into: str) -> None: ...


@dataclass(frozen=True)
class Words:
    """A company's own words: paths of fields, two states, where notes stand. named: what a file is called there.
    renamed: fields that are written under another name than read. given: what each new record says beside them.
    emptied: what may be empty there, with a value of it; the priority where it is nothing."""

    title: str
    status: str
    priority: str
    hub_id: str
    opened: Any
    worked: Any
    high: Any
    notes: str
    note_text: str
    note: Callable[[str], Mapping[str, Any]]
    files: str = ""
    file_name: str = ""
    file_id: str = "id"
    file: Callable[[str], Mapping[str, Any]] = lambda name: {"name": name}
    named: Callable[[str], str] = lambda name: name
    renamed: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    emptied: tuple[str, Any] | None = None

    def sent(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """These fields as they are written."""
        body: dict[str, Any] = {}
        for name, value in fields.items():
            paths.put(body, self.renamed.get(name, name), value)
        return body


@dataclass(frozen=True)
class Company:
    """One company: its declaration, its address, its words and its desk. ignores: it takes a word that it does not
    know, and leaves what was there. merges: two of its records can become one, and it says so.
    tells_states: `describe` knows the states of a record. many: records
    that are made within a bearable time."""

    system: System
    credentials: Credentials
    words: Words
    desk: Desk
    ignores: bool = False
    merges: bool = True
    tells_states: bool = True
    many: int = 500

    def connect(self, *, login: str | None = None, password: str | None = None, **declared: Any) -> Connector:
        """A connector to it; `declared` changes the declaration."""
        given = replace(
            self.credentials,
            login=self.credentials.login if login is None else login,
            password=self.credentials.password if password is None else password,
        )
        system = self.system.model_copy(update=declared)
        return connect(system, given, clock=lambda: datetime.now(UTC))

    def cut_off(self) -> Connector:
        """A connector that cannot reach it."""
        if "store" in self.credentials.extra:
            store = MemoryStore(self.credentials.extra["store"].system, clock=lambda: datetime.now(UTC))
            store.fail(Unreachable("no connection", where=self.system.name), on="*", times=1000)
            return connect(self.system, store.credentials(), clock=lambda: datetime.now(UTC))
        scheme = self.credentials.url.partition(":")[0]
        nowhere = replace(self.credentials, url=f"{scheme}://127.0.0.1:1")
        return connect(self.system, nowhere, clock=lambda: datetime.now(UTC))


class HttpDesk:
    """The desk of a sandbox company, by its JSON acts. native: path of the native id in a case's body."""

    def __init__(self, url: str, number: str, native: str, audience: str, verify: str | bool) -> None:
        self._url, self._number, self._native, self._audience = url, number, native, audience
        self._session = requests.Session()
        self._session.auth, self._session.verify, self._session.trust_env = ("agent", "agent"), verify, False
        self._numbers: dict[str, str] = {}

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]:
        results = self._act([{"op": "create", "fields": dict(fields)} for fields in many])
        numbers = [str(result["number"]) for result in results]
        self._look(numbers=",".join(numbers))
        native_ids = {number: native_id for native_id, number in self._numbers.items()}
        return [native_ids[number] for number in numbers]

    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None:
        self._act([{"op": "edit", "number": self._number_of(native_id), "fields": dict(fields)}])

    def note(self, native_id: str, text: str) -> None:
        note = {"op": "note", "number": self._number_of(native_id), "text": text, "audience": self._audience}
        self._act([{**note, "author": "agent"}])

    def delete(self, native_id: str) -> None:
        self._act([{"op": "delete", "number": self._number_of(native_id)}])

    def attach(self, native_id: str, name: str, raw: bytes) -> None:
        act = {"op": "attach", "number": self._number_of(native_id), "name": name, "audience": self._audience}
        self._act([{**act, "base64": b64encode(raw).decode()}])

    def merge(self, native_id: str, into: str) -> None:
        self._act([{"op": "merge", "number": self._number_of(native_id), "into": self._number_of(into)}])

    def close(self) -> None:
        self._session.close()

    def _number_of(self, native_id: str) -> str:
        if native_id not in self._numbers:
            self._look(limit="5000")
        return self._numbers[native_id]

    def _look(self, **asked: str) -> None:
        """Learn which number is which native id."""
        answer = self._session.get(f"{self._url}/desk/api/cases", params={"limit": "500", **asked}, timeout=30)
        for case in answer.json()["cases"]:
            self._numbers[str(paths.get(case, self._native))] = str(paths.get(case, self._number))

    def _act(self, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self._session.post(f"{self._url}/desk/api/actions", json={"actions": actions}, timeout=30)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        assert not [one for one in results if "error" in one], results
        return results


class MemoryDesk:
    """The desk of the company in this process."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]:
        return [self._store.create(fields) for fields in many]

    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None:
        self._store.edit(native_id, fields)

    def note(self, native_id: str, text: str) -> None:
        self._store.note(native_id, text, "partners")

    def delete(self, native_id: str) -> None:
        self._store.delete(native_id)

    def attach(self, native_id: str, name: str, raw: bytes) -> None:
        self._store.attach(native_id, raw, name=name, type="application/octet-stream", audience="partners")

    def merge(self, native_id: str, into: str) -> None:
        self._store.merge(native_id, into)


class RoundupDesk:
    """The desk of a Roundup tracker: an agent, and somebody who may retire issues."""

    def __init__(self, url: str) -> None:
        self._ana = roundup_tracker.Person(url, "ana", "agent")
        self._keeper = roundup_tracker.Person(url, "keeper", "keeper")

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]:
        return [self._ana.open(**fields) for fields in many]

    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None:
        self._ana.edit(native_id, **fields)

    def note(self, native_id: str, text: str) -> None:
        self._ana.note(native_id, text, "partners")

    def delete(self, native_id: str) -> None:
        self._keeper.retire(native_id)

    def merge(self, native_id: str, into: str) -> None:
        """As agents do it there: the one is superseded by the other, which takes over what was said."""
        said = self._ana.issue(native_id)["messages"]
        self._ana.edit(native_id, superseder=[into])
        self._ana.edit(into, messages=said, **{"@op": "add"})

    def close(self) -> None:
        self._ana.close()
        self._keeper.close()


class RedmineDesk:
    """The desk of a Redmine: an agent, who may delete. Two issues become one nowhere there."""

    def __init__(self, url: str) -> None:
        self._ana = redmine_system.Person(url)

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]:
        return [self._ana.open(**REDMINE.sent(fields)) for fields in many]

    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None:
        self._ana.edit(native_id, **REDMINE.sent(fields))

    def note(self, native_id: str, text: str) -> None:
        self._ana.note(native_id, text)

    def attach(self, native_id: str, name: str, raw: bytes) -> None:
        self._ana.attach(native_id, name, raw, "partners")

    def delete(self, native_id: str) -> None:
        self._ana.delete(native_id)

    def merge(self, native_id: str, into: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._ana.close()


class RtDesk:
    """The desk of a Request Tracker: an agent, who may delete and merge."""

    def __init__(self, url: str) -> None:
        self._ana = rt_system.Person(url)

    def create(self, many: Sequence[Mapping[str, Any]]) -> list[str]:
        return [self._ana.open(**RT.sent(fields)) for fields in many]

    def edit(self, native_id: str, fields: Mapping[str, Any]) -> None:
        self._ana.edit(native_id, **RT.sent(fields))

    def note(self, native_id: str, text: str) -> None:
        self._ana.note(native_id, text)

    def delete(self, native_id: str) -> None:
        self._ana.delete(native_id)

    def merge(self, native_id: str, into: str) -> None:
        self._ana.merge(native_id, into)

    def close(self) -> None:
        self._ana.close()


NORTHCABLE = Words(
    title="title",
    status="state",
    priority="priority",
    hub_id="hub_case",
    opened="New",
    worked="Open",
    high="P2",
    notes="comments",
    note_text="body",
    note=lambda text: {"body": text, "audience": "partners", "author": "Ann"},
    files="files",
    file_name="name",
    file=lambda name: {"name": name, "type": "image/png", "audience": "partners"},
)
TELVOZ = Words(
    title="asunto",
    status="estado",
    priority="prioridad",
    hub_id="casoHub",
    opened="Registrado",
    worked="Asignado",
    high="2 - Alta",
    notes="notas.nota",
    note_text="texto",
    note=lambda text: {"texto": text, "visibilidad": "empresas", "autor": "Ann"},
    files="archivos.archivo",
    file_name="nombre",
    file=lambda name: {"nombre": name, "tipo": "image/png", "visibilidad": "empresas"},
)
BRIGHTNET = Words(
    title="Subject",
    status="Status",
    priority="Priority",
    hub_id="Hub_Case__c",
    opened="Новое",
    worked="В работе",
    high="Высокий",
    notes="CaseComments",
    note_text="CommentBody",
    note=lambda text: {"CommentBody": f"#partners {text}", "IsPublished": False},
    files="ContentDocumentLinks",
    file_name="ContentDocument.LatestPublishedVersion.PathOnClient",
    file_id="ContentDocument.LatestPublishedVersionId",
    file=lambda name: {
        "ContentDocument": {"LatestPublishedVersion": {"PathOnClient": name, "Audience__c": "partners"}}
    },
)

SOUTHGATE = Words(
    title="short_description",
    status="state",
    priority="priority",
    hub_id="u_hub_case",
    opened="New",
    worked="In Progress",
    high="2 - High",
    notes="comments",
    note_text="text",
    note=lambda text: {"text": text, "audience": "comments", "author": "Ann"},
    files="attachments",
    file_name="name",
    file=lambda name: {"name": name, "type": "image/png", "audience": "comments"},
)
ROUNDUP = Words(
    title="title",
    status="status",
    priority="priority",
    hub_id="hubcaseid",
    opened="1",
    worked="5",
    high="2",
    notes="messages",
    note_text="content",
    note=lambda text: {"content": text, "audience": "partners"},
)
REDMINE = Words(
    title="subject",
    status="status.id",
    priority="priority.id",
    hub_id="custom_fields[id=1].value",
    opened=1,
    worked=2,
    high=3,
    notes="journals",
    note_text="notes",
    note=lambda text: {"notes": text, "private_notes": False},
    files="attachments",
    file_name="filename",
    file=lambda name: {"filename": name, "content_type": "image/png", "description": "partners"},
    renamed={"status.id": "status_id", "priority.id": "priority_id"},
    named=lambda name: re.sub(r"""[/?%*:|"'<>]+""", "_", name),
    given=redmine_system.SUPPORT,
    emptied=("description", "No signal since the storm."),
)
RT = Words(
    title="Subject",
    status="Status",
    priority="Priority",
    hub_id="CustomFields[name=HubCaseId].values[0]",
    opened="new",
    worked="open",
    high="100",
    notes="history",
    note_text="Content",
    note=lambda text: {"Type": "Comment", "Content": text},
    renamed={"CustomFields[name=Customer].values[0]": "CustomFields.Customer"},
    given={"Queue": "Support"},
    emptied=("CustomFields[name=Customer].values[0]", "Margaret O'Neill"),
)


@contextmanager
def memory(changed_by: str) -> Iterator[Company]:
    """The company in this process. changed_by: sequence or stamp."""
    sequence = changed_by == "sequence"
    system = MemorySystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme",
            "overlap": 0 if sequence else 2,
            "changed_by": changed_by,
            "picklists": {"state": STATES, "priority": ("P1", "P2", "P3", "P4")},
            "required": ("title",),
            "defaults": {"state": "New"},
            "files": {"largest": 4 * 2**20},
            "abilities": Abilities(unique_key=True, conditional_write=sequence, change_history=True),
        }
    )
    store = MemoryStore(system, clock=lambda: datetime.now(UTC))
    yield Company(system, store.credentials(), NORTHCABLE, MemoryDesk(store))


@contextmanager
def northcable(folder: Path, *, scan: bool = False) -> Iterator[Company]:
    """Northcable: REST. scan: declared as if its records had neither version nor stamp."""
    with _server("northcable", folder) as url:
        desk = HttpDesk(url, "number", "id", "partners", verify=True)
        system = _declared("northcable", _scanned_rest if scan else _as_it_is)
        yield Company(system, Credentials(url, "casebridge", PASSWORD), NORTHCABLE, desk)
        desk.close()


@contextmanager
def northcable_in_batches(folder: Path) -> Iterator[Company]:
    """Northcable, written to many tickets a call, five at most so that a push takes several."""
    batch = {"path": "/api/tickets/batch", "most": 5, "wrap": "tickets", "record": "ticket"}
    with northcable(folder) as company:
        given = company.system.model_dump() | {"create_batch": batch, "update_batch": batch | {"version": "if_version"}}
        yield replace(company, system=system_model("rest").model_validate(given))


@contextmanager
def telvoz(folder: Path, *, scan: bool = False) -> Iterator[Company]:
    """Telvoz: SOAP. scan: declared as if its cases bore no change stamp."""
    with _server("telvoz", folder) as url:
        desk = HttpDesk(url, "numero", "numero", "empresas", verify=True)
        system = _declared("telvoz", _scanned_soap if scan else _as_it_is)
        yield Company(system, Credentials(url, "casebridge", PASSWORD), TELVOZ, desk)
        desk.close()


@contextmanager
def southgate(folder: Path, *, session: bool = False) -> Iterator[Company]:
    """Southgate: rpc/encoded SOAP without a contract, by WS-Security from a clock that is ten minutes before ours.
    session: by a session that an operation opens."""
    way = {"auth": "session"} if session else {"auth": "digest", "skew": "600"}
    with southgate_process.southgate(folder, **way) as url:
        desk = HttpDesk(url, "number", "sys_id", "comments", verify=True)
        system = _declared("southgate", _by_session if session else _as_it_is)
        yield Company(system, Credentials(url, *southgate_process.LOGIN), SOUTHGATE, desk)
        desk.close()


@contextmanager
def brightnet(folder: Path) -> Iterator[Company]:
    """Brightnet: Salesforce, over TLS with an authority of its own."""
    with _server("brightnet", folder, "--tls-dir", str(folder / "tls")) as url:
        authority = str(folder / "tls" / "ca.pem")
        desk = HttpDesk(url, "CaseNumber", "Id", "partners", verify=authority)
        credentials = Credentials(url, "casebridge", PASSWORD, {"ca_file": authority})
        yield Company(_declared("brightnet"), credentials, BRIGHTNET, desk)
        desk.close()


@contextmanager
def roundup(folder: Path) -> Iterator[Company]:
    """A real Roundup tracker, as its partner folder declares it."""
    with roundup_tracker.tracker(folder) as url:
        desk = RoundupDesk(url)
        system = _declared("roundup")
        yield Company(system, Credentials(url, *roundup_tracker.LOGIN), ROUNDUP, desk, many=130)
        desk.close()


@contextmanager
def redmine(folder: Path) -> Iterator[Company]:
    """A real Redmine, as its partner folder declares it."""
    with redmine_system.redmine(folder) as url:
        desk = RedmineDesk(url)
        system = _declared("redmine")
        yield Company(system, Credentials(url, *redmine_system.LOGIN), REDMINE, desk, ignores=True, merges=False)
        desk.close()


@contextmanager
def rt(folder: Path) -> Iterator[Company]:
    """A real Request Tracker, as its partner folder declares it."""
    with rt_system.rt(folder) as served:
        desk = RtDesk(served.url)
        system = _declared("rt")
        yield Company(
            system,
            Credentials(served.url, rt_system.LOGIN, served.token),
            RT,
            desk,
            ignores=True,
            tells_states=False,
            many=130,
        )
        desk.close()


def _as_it_is(content: dict[str, Any]) -> None:
    """The company's declaration."""


def _scanned_rest(content: dict[str, Any]) -> None:
    content["record"] = {name: content["record"][name] for name in ("id", "hub_id", "deleted", "merged_into")}
    content["list"]["scan"], content["abilities"]["conditional_write"] = True, False
    del content["update"]["condition"]


def _by_session(content: dict[str, Any]) -> None:
    content.update(_read("southgate in a session"))


def _read(name: str) -> dict[str, Any]:
    return dict(YAML(typ="safe").load((ROOT / {**FILES, **REAL}[name]).read_text(encoding="utf-8")))


def _scanned_soap(content: dict[str, Any]) -> None:
    del content["record"]["stamp"], content["operations"]["list"]["arguments"]["desde"]


def _declared(name: str, change: Callable[[dict[str, Any]], None] = _as_it_is) -> System:
    folder = (ROOT / {**FILES, **REAL}[name]).parent
    content = _read(name)
    change(content)
    model = system_model(content["kind"])
    system = model.model_validate(content)
    return system.model_copy(update={"folder": folder}) if "folder" in model.model_fields else system


@contextmanager
def _server(name: str, folder: Path, *flags: str) -> Iterator[str]:
    """A company's process on a free port; its URL once it says READY."""
    command = [sys.executable, "-m", f"sandbox.companies.{name}", "--port", "0", "--state", str(folder / name)]
    with serving([*command, "--rate", "0", *flags], cwd=ROOT) as url:
        yield url
