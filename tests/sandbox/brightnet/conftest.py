"""A running Brightnet over real HTTPS for the tests of this folder, and a client that trusts its authority."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
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
        assert isinstance(told, list) and set(told[0]) >= {"message", "errorCode"}
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


@pytest.fixture
def start(tmp_path: Path, tls: Tls) -> Iterator[Any]:
    """Starts an org with the given options; everything is closed at the end, clients first."""
    with ExitStack() as stack:

        def run(**options: Any) -> Client:
            store = Store(tmp_path / "brightnet.db", BRIGHTNET)
            stack.callback(store.close)
            client = Client(stack.enter_context(serving(application(store, **options), tls=tls)), tls, store)
            stack.callback(client.http.close)
            client.login()
            return client

        yield run


@pytest.fixture
def org(start: Any) -> Client:
    client: Client = start()
    return client
