"""A real Request Tracker 5 for the length of a block, from Debian's packages, and what people do in it by REST 2.

Made as mappings/real/rt/README.md tells an administrator to make it, with an agent beside the hub's user. Mail goes
into a file.

    with rt(folder) as system:
        ana = Person(system.url)
        number = ana.open(Subject="No signal")

Next: `debian_root.py`; `../../mappings/real/rt`, how the hub speaks to it.
"""

from __future__ import annotations

import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from debian_root import Root, own

FOLDER = Path(__file__).resolve().parents[2] / "mappings" / "real" / "rt"
LOGIN: Final = "casebridge"
CUSTOM: Final = (
    "HubCaseId", "HeldBy", "NumberThere", "Answerer", "Contact", "Details", "Reason", "Customer", "Phone", "Product",
    "Reference", "Score", "ScoreText",
)  # fmt: skip
SETTINGS = """\
Set($rtname, 'rt.example.com');
Set($Organization, 'rt.example.com');
Set($WebDomain, '127.0.0.1');
Set($WebPath, '');
Set($WebBaseURL, 'http://127.0.0.1');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '/srv/rt.sqlite3');
Set($Timezone, 'UTC');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($MailCommand, 'testfile');
Set($MessageBoxRichText, 0);
Set($BcryptCost, 4);
1;
"""
AT = "cd /srv && export HOME=/srv TMPDIR=/srv TZ=UTC && "
PERL = "perl -I /usr/share/request-tracker5/lib"
MADE = (
    f"rt-setup-database-5 --action init --skip-create && {PERL} casebridge.pl > told.txt && {PERL} rt_people.pl && "
    "chmod -R u+rwX ."
)
SERVED = (
    "exec plackup -s Starlet --max-workers 2 --host 127.0.0.1 --port $PORT "
    "/usr/share/request-tracker5/libexec/rt-server 2>&1"
)
# Starlet says the port that it was asked for, so a free one is looked for first.
FREE = "print IO::Socket::INET->new(LocalAddr => q(127.0.0.1), Listen => 1)->sockport"
PORT = f"PORT=$(perl -MIO::Socket::INET -e '{FREE}')"


@dataclass(frozen=True)
class Served:
    """Its address, and the hub's token."""

    url: str
    token: str


@contextmanager
def rt(folder: Path) -> Iterator[Served]:
    """folder: for its files; it must be there."""
    root = Root.of("rt")
    etc = root.path / "etc" / "request-tracker5"
    (etc / "RT_SiteConfig.d" / "90-casebridge.pm").write_text(SETTINGS, encoding="utf-8")
    people = Path(__file__).with_name("rt_people.pl")
    home = folder / "rt"
    shutil.copytree(root.prepared("rt", AT + MADE, FOLDER / "setup" / "casebridge.pl", people), home)
    own(home)
    told = dict(line.split(" ", 1) for line in (home / "told.txt").read_text("utf-8").splitlines() if " " in line)
    with root.serving(home, f"{AT}{PORT} && {SERVED}", r"Accepting connections at (http://[^/]+)/") as url:
        yield Served(url, told["token"])


class Person:
    """An agent. Tickets are named by their numbers; custom fields by their names."""

    def __init__(self, url: str, login: str = "ana", password: str = "agent-secret") -> None:
        self._url = f"{url}/REST/2.0"
        self._session = requests.Session()
        self._session.auth, self._session.trust_env = (login, password), False

    def open(self, **said: Any) -> str:
        """A new ticket; its number."""
        return str(self._ask("POST", "ticket", json={"Queue": "Support", **_sent(said)}).json()["id"])

    def edit(self, number: str, **said: Any) -> None:
        """Change a ticket. RT answers 200 to what it did not do too."""
        told = self._ask("PUT", f"ticket/{number}", json=_sent(said)).json()
        assert not [one for one in told if "valid" in one or "ermission" in one], told

    def note(self, number: str, text: str, *, private: bool = False) -> None:
        """A message to a ticket."""
        sent = {"Content": text, "ContentType": "text/plain"}
        self._ask("POST", f"ticket/{number}/{'comment' if private else 'correspond'}", json=sent)

    def attach(self, number: str, name: str, raw: bytes, *, private: bool = False) -> None:
        """A file to a ticket, its name in ASCII: RT answers 500 to any other by this way."""
        file = {"FileName": name, "FileType": "application/octet-stream", "FileContent": b64encode(raw).decode()}
        sent = {"Content": "see the file", "ContentType": "text/plain", "Attachments": [file]}
        self._ask("POST", f"ticket/{number}/{'comment' if private else 'correspond'}", json=sent)

    def files(self, number: str) -> dict[str, bytes]:
        """What is in the files of a ticket, by name."""
        listed = self._listed(f"ticket/{number}/attachments", {"fields": "Filename", "per_page": "100"})
        ids = {one["Filename"]: one["id"] for one in listed if one["Filename"]}
        return {name: b64decode(self._ask("GET", f"attachment/{at}").json()["Content"]) for name, at in ids.items()}

    def delete(self, number: str) -> None:
        """Delete a ticket, as far as RT deletes."""
        self._ask("DELETE", f"ticket/{number}")

    def merge(self, number: str, into: str) -> None:
        """Make two tickets one."""
        self.edit(number, MergeInto=into)

    def ticket(self, number: str) -> dict[str, Any]:
        """A ticket as it stands, custom fields by their names beside the rest."""
        found: dict[str, Any] = self._ask("GET", f"ticket/{number}").json()
        return {**found, **{one["name"]: (one["values"] or [None])[0] for one in found["CustomFields"]}}

    def notes(self, number: str) -> list[tuple[str, str]]:
        """The messages of a ticket, in its order: Correspond or Comment, and the text."""
        asked = {"fields": "Type", "per_page": "100"}
        types = {one["id"]: one["Type"] for one in self._listed(f"ticket/{number}/history", asked)}
        asked = {"fields": "TransactionId,Content", "per_page": "100"}
        return [
            (types[one["TransactionId"]], one["Content"]) for one in self._listed(f"ticket/{number}/attachments", asked)
        ]

    def tickets(self, **having: str) -> list[str]:
        """Numbers of the tickets whose custom fields hold these."""
        query = " AND ".join(f"'CF.{{{name}}}' = '{word}'" for name, word in having.items())
        return [one["id"] for one in self._listed("tickets", {"query": f"Queue = 'Support' AND {query}"})]

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()

    def _listed(self, path: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", path, params=asked).json()["items"]
        return found

    def _ask(self, method: str, path: str, **sent: Any) -> requests.Response:
        answer = self._session.request(method, f"{self._url}/{path}", timeout=60, **sent)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer


def _sent(said: dict[str, Any]) -> dict[str, Any]:
    """Custom fields go in an object of theirs."""
    custom = {name: word for name, word in said.items() if name in CUSTOM}
    rest = {name: word for name, word in said.items() if name not in CUSTOM}
    return {**rest, **({"CustomFields": custom} if custom else {})}
