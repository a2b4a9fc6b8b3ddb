"""A real Redmine for the length of a block, from Debian's packages, and what people do in it by its REST API.

Made as mappings/real/redmine/README.md tells an administrator to make it, with an agent beside the hub's user. SQLite
has one writer, so puma serves with one thread.

    with redmine(folder) as url:
        ana = Person(url)
        number = ana.open(subject="No signal")

Next: `debian_root.py`; `../../mappings/real/redmine`, how the hub speaks to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests
from debian_root import Root, own

FOLDER = Path(__file__).resolve().parents[2] / "mappings" / "real" / "redmine"
LOGIN: Final = ("casebridge", "b41d9e" * 6 + "5ec7")
SUPPORT: Final = {"project_id": 1, "tracker_id": 3}
FIELDS: Final = {
    "case": 1, "heldby": 2, "heldnumber": 3, "answerer": 4, "contact": 5, "reason": 6, "customer": 7, "phone": 8,
    "product": 9, "reference": 10, "score": 11, "scoretext": 12,
}  # fmt: skip
DATABASE = "production: {adapter: sqlite3, database: /srv/redmine.sqlite3, timeout: 30000}\n"
STORED = "production: {attachments_storage_path: /srv/files}\n"
AT = "cd /usr/share/redmine && export TZ=UTC RAILS_ENV=production REDMINE_LANG=en HOME=/srv SCHEMA=/srv/schema.rb && "
MADE = (
    "mkdir /srv/files && bundle exec rake db:migrate && bundle exec rake redmine:load_default_data && "
    "bundle exec rails runner /srv/casebridge.rb && bundle exec rails runner /srv/redmine_people.rb"
)
PUMA = "exec puma -e production -t 1:1 -b tcp://127.0.0.1:0 config.ru"


@contextmanager
def redmine(folder: Path) -> Iterator[str]:
    """Its address. folder: for its files; it must be there."""
    root = Root.of("redmine")
    etc = root.path / "etc" / "redmine" / "default"
    (etc / "database.yml").write_text(DATABASE, encoding="utf-8")
    (etc / "configuration.yml").write_text(STORED, encoding="utf-8")
    people = Path(__file__).with_name("redmine_people.rb")
    home = folder / "redmine"
    shutil.copytree(root.prepared("redmine", AT + MADE, FOLDER / "setup" / "casebridge.rb", people), home)
    own(home)
    with root.serving(home, AT + PUMA, r"Listening on (http://\S+)") as url:
        yield url


class Person:
    """An agent. Issues are named by their numbers; custom fields by the keys of FIELDS."""

    def __init__(self, url: str, login: str = "ana", password: str = "agent-secret") -> None:
        self._url = url
        self._session = requests.Session()
        self._session.auth, self._session.trust_env = (login, password), False

    def open(self, **said: Any) -> str:
        """A new issue; its number."""
        return str(self._ask("POST", "issues.json", json={"issue": {**SUPPORT, **_sent(said)}}).json()["issue"]["id"])

    def edit(self, number: str, **said: Any) -> None:
        """Change an issue."""
        self._ask("PUT", f"issues/{number}.json", json={"issue": _sent(said)})

    def note(self, number: str, text: str, *, private: bool = False) -> None:
        """A note to an issue."""
        self.edit(number, notes=text, private_notes=private)

    def attach(self, number: str, name: str, raw: bytes, audience: str = "") -> None:
        """A file to an issue, its description saying who may see it."""
        sent = {"params": {"filename": name}, "data": raw, "headers": {"Content-Type": "application/octet-stream"}}
        token = self._ask("POST", "uploads.json", **sent).json()["upload"]["token"]
        self.edit(number, uploads=[{"token": token, "filename": name, "description": audience}])

    def files(self, number: str) -> dict[str, bytes]:
        """What is in the files of an issue, by name."""
        listed = self.issue(number)["attachments"]
        return {one["filename"]: self._ask("GET", f"attachments/download/{one['id']}").content for one in listed}

    def delete(self, number: str) -> None:
        """Delete an issue."""
        self._ask("DELETE", f"issues/{number}.json")

    def issue(self, number: str) -> dict[str, Any]:
        """An issue as it stands, custom fields by their keys beside the rest."""
        asked = {"include": "journals,attachments"}
        found: dict[str, Any] = self._ask("GET", f"issues/{number}.json", params=asked).json()["issue"]
        values = {one["id"]: one.get("value") for one in found["custom_fields"]}
        return {**found, **{key: values.get(at) for key, at in FIELDS.items()}}

    def notes(self, number: str) -> list[tuple[str, bool]]:
        """The notes of an issue, in its order, and whether each is private."""
        return [(one["notes"], one["private_notes"]) for one in self.issue(number)["journals"] if one["notes"]]

    def issues(self, **having: str) -> list[str]:
        """Numbers of the issues whose custom fields hold these."""
        asked = {"status_id": "*", **{f"cf_{FIELDS[key]}": word for key, word in having.items()}}
        found = self._ask("GET", "projects/support/issues.json", params=asked).json()["issues"]
        return [str(one["id"]) for one in found]

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()

    def _ask(self, method: str, path: str, **sent: Any) -> requests.Response:
        answer = self._session.request(method, f"{self._url}/{path}", timeout=60, **sent)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer


def _sent(said: dict[str, Any]) -> dict[str, Any]:
    """Custom fields go in a list of theirs."""
    own_fields = [{"id": FIELDS[key], "value": word} for key, word in said.items() if key in FIELDS]
    rest = {key: word for key, word in said.items() if key not in FIELDS}
    return {**rest, **({"custom_fields": own_fields} if own_fields else {})}
