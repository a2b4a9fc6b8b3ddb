"""A real Roundup tracker for the length of a block, and what people do in it as users of their own: by its REST API,
and at its pages.

    with tracker(folder) as url:
        ana = Person(url, "ana", "agent")
        number = ana.open(title="No signal")

Next: `roundup_serve.py`, the process; `../../mappings/real/roundup`, how the hub speaks to it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import lxml.html
import requests
from processes import serving

FOLDER = Path(__file__).resolve().parents[2] / "mappings" / "real" / "roundup"
LOGIN = ("casebridge", "bridge-secret")
FIELDS = (
    "title,status,priority,superseder,messages,hubcaseid,heldby,heldnumber,answerer,contact,details,reason,customer,"
    "phone,product,reference,score,scoretext,activity"
)


@contextmanager
def tracker(folder: Path, **settings: str) -> Iterator[str]:
    """Its address. folder: its own, for its files; it must be there. settings: of its config.ini, as section_name."""
    given = [f"{name}={value}" for name, value in settings.items()]
    command = [sys.executable, str(Path(__file__).with_name("roundup_serve.py")), str(folder / "tracker"), *given]
    with serving(command, cwd=folder) as url:
        yield url


class Browser:
    """An agent at Roundup's own pages: signs in, opens an issue, fills its form and sends it."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"Origin": url, "Referer": f"{url}/"})
        page = self._page("index")
        form = next(one for one in page.forms if "__login_name" in one.fields)
        self._send(form, {"__login_name": login, "__login_password": password, "@action": "Login"})

    def fill(self, number: str, said: Mapping[str, str]) -> None:
        """Change these fields of an issue's form, and send it as it stands."""
        page = self._page(f"issue{number}")
        (form,) = [one for one in page.forms if one.get("name") == "itemSynopsis"]
        told = self._send(form, said).text_content()
        assert re.search(rf"issue {number} .*edited ok", told), told[:2000]

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()

    def _page(self, path: str) -> Any:
        return self._read(self._session.get(f"{self._url}/{path}", timeout=60))

    def _send(self, form: Any, said: Mapping[str, str]) -> Any:
        given = {**dict(form.form_values()), **said}
        parts = [(name, (None, value)) for name, value in given.items()]
        return self._read(self._session.post(urljoin(f"{self._url}/", form.action), files=parts, timeout=60))

    @staticmethod
    def _read(answer: requests.Response) -> Any:
        assert answer.ok, answer.text[:2000]
        return lxml.html.fromstring(answer.text)


class Person:
    """Somebody who works in the tracker. Issues and messages are named by their numbers."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._url, self.login = f"{url}/rest/data", login
        self._session = requests.Session()
        self._session.auth, self._session.trust_env = (login, password), False
        self._session.headers.update({"X-Requested-With": "rest", "Origin": url})

    def open(self, **said: Any) -> str:
        """A new issue; its number."""
        return str(self._ask("POST", "issue", json=said).json()["data"]["id"])

    def edit(self, number: str, **said: Any) -> None:
        """Change an issue, whatever others do to it meanwhile."""
        for _ in range(20):
            etag = self._ask("GET", f"issue/{number}").headers["ETag"]
            sent = {"headers": {"If-Match": etag}, "json": said}
            if self._ask("PATCH", f"issue/{number}", moved=True, **sent).status_code != 412:
                return
        raise AssertionError(f"issue {number} never stands still")

    def note(self, number: str, text: str, audience: str | None = None) -> str:
        """A message to an issue; its number."""
        said = {"content": text, "author": self.login, "date": ".", "audience": audience}
        message = str(self._ask("POST", "msg", json=said).json()["data"]["id"])
        self.edit(number, messages=[message], **{"@op": "add"})
        return message

    def retire(self, number: str, kind: str = "issue") -> None:
        """Delete an issue, or a member of another class, as far as Roundup deletes."""
        etag = self._ask("GET", f"{kind}/{number}").headers["ETag"]
        self._ask("DELETE", f"{kind}/{number}", headers={"If-Match": etag})

    def issue(self, number: str) -> dict[str, Any]:
        """An issue as it stands; links as numbers."""
        asked = {"@verbose": "0", "@fields": FIELDS}
        found: dict[str, Any] = self._ask("GET", f"issue/{number}", params=asked).json()["data"]["attributes"]
        return found

    def issues(self, **having: str) -> list[str]:
        """Numbers of the issues whose properties are these texts."""
        asked = {f"{name}:": value for name, value in having.items()}
        return [str(one["id"]) for one in self._ask("GET", "issue", params=asked).json()["data"]["collection"]]

    def messages(self, number: str) -> list[dict[str, Any]]:
        """The messages of an issue, in its order."""
        asked = {"@verbose": "3", "@fields": "content,author,audience"}
        numbers = self.issue(number)["messages"]
        return [self._ask("GET", f"msg/{one}", params=asked).json()["data"]["attributes"] for one in numbers]

    def close(self) -> None:
        """Give back the sockets."""
        self._session.close()

    def _ask(self, method: str, path: str, *, moved: bool = False, **sent: Any) -> requests.Response:
        """moved: whether an answer that the issue moved meanwhile is one."""
        answer = self._session.request(method, f"{self._url}/{path}", timeout=60, **sent)
        assert answer.ok or (moved and answer.status_code == 412), f"{method} {path}: {answer.text}"
        return answer
