"""A running Brightnet over real HTTPS for the tests of this folder, and a client that trusts its authority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.companies.brightnet_door import application
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.run import Tls, serving
from sandbox.companies.store import Store

LOGIN = {"grant_type": "client_credentials", "client_id": "casebridge", "client_secret": "bridge-secret"}


class Client:
    """Speaks to the org as an integration does."""

    def __init__(self, url: str, tls: Tls, store: Store) -> None:
        self.url, self.tls, self.store = url, tls, store
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(tls.authority)
        self.answer = requests.Response()
        self.token = ""

    def close(self) -> None:
        """A kept answer would keep its connection open."""
        self.answer = requests.Response()
        self.http.close()

    def login(self, form: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """The answer of the token endpoint; a token is used from then on."""
        answer = self.http.post(f"{self.url}/services/oauth2/token", data=LOGIN if form is None else form, **more)
        if answer.ok:
            self.token = answer.json()["access_token"]
            self.http.headers["Authorization"] = f"Bearer {self.token}"
        return answer

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON of a call below /services/data/v60.0/; the whole answer stays in `answer`."""
        self.answer = self.http.request(method, f"{self.url}/services/data/v60.0/{path}", json=body, **more)
        return self.answer.json() if self.answer.content else None

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str, str]:
        """Status, code and message of a call that is refused."""
        told = self.call(method, path, body, **more)
        assert isinstance(told, list)
        assert set(told[0]) >= {"message", "errorCode"}
        return self.answer.status_code, told[0]["errorCode"], told[0]["message"]

    def query(self, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        told = self.call("GET", "queryAll" if deleted else "query", params={"q": soql})
        assert self.answer.status_code == 200, told
        records: list[dict[str, Any]] = told["records"]
        return records

    def case(self, subject: str = "Нет связи", **fields: Any) -> str:
        """A new case; its id."""
        told = self.call("POST", "sobjects/Case", {"Subject": subject, **fields})
        assert self.answer.status_code == 201, told
        record_id: str = told["id"]
        return record_id

    def read(self, record_id: str, *fields: str) -> dict[str, Any]:
        told: dict[str, Any] = self.call("GET", f"sobjects/Case/{record_id}", params={"fields": ",".join(fields)})
        return told


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("tls"))


@contextmanager
def running(folder: Path, tls: Tls, **options: Any) -> Iterator[Client]:
    """An org over the store of that folder, and a client that is logged in; the client is closed first."""
    store = Store(folder / "brightnet.db", BRIGHTNET)
    with closing(store), serving(application(store, **options), tls=tls) as url:
        client = Client(url, tls, store)
        with closing(client):
            client.login()
            yield client


@pytest.fixture
def start(tmp_path: Path, tls: Tls) -> Iterator[Callable[..., Client]]:
    """Starts an org with the given options; everything is closed at the end."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running(tmp_path, tls, **options))


@pytest.fixture
def org(start: Callable[..., Client]) -> Client:
    return start()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, tls: Tls) -> Iterator[Client]:
    """One org for the questions of a module that only reads."""
    with running(tmp_path_factory.mktemp("shared"), tls) as client:
        yield client
