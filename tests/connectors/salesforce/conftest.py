"""Brightnet's org over real HTTPS, a counter of the calls that it answers, and connectors to it by any declaration."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Response
from ruamel.yaml import YAML

from connectors.base import Credentials
from connectors.salesforce import Salesforce
from connectors.salesforce_system import SalesforceSystem
from sandbox.companies.brightnet_door import application
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.run import serving
from sandbox.companies.store import Store

DECLARED = Path(__file__).parents[3] / "mappings" / "partners" / "brightnet" / "system.yaml"
USER = "casebridge@brightnet.example"


@dataclass
class Brightnet:
    """A running org. heard: method and path of each request that reached it, as its server saw them.

    lost: patterns of requests whose answer does not come back, each once, in this order. unheard: of those that do not
    reach the org, each once; a gateway answers both.
    """

    url: str
    ca_file: str
    store: Store
    stack: ExitStack
    heard: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)

    def logins(self) -> int:
        return sum("oauth2/token" in one or "/Soap/" in one for one in self.heard)

    def calls(self) -> list[str]:
        """The calls that count: all but logins and describes."""
        return [one for one in self.heard if "/services/data/" in one and not one.endswith("/describe")]

    def connector(self, credentials: Credentials | None = None, **changed: Any) -> Salesforce:
        """A connector as the partner's folder declares it, with changes."""
        declared = SalesforceSystem.model_validate({**YAML(typ="safe").load(DECLARED), **changed})
        made = Salesforce(
            declared,
            credentials or Credentials(self.url, "casebridge", "bridge-secret", {"ca_file": self.ca_file}),
            clock=lambda: datetime.now(UTC),
            sleep=time.sleep,
            monotonic=time.monotonic,
            random=random.Random(7).random,
        )
        return self.stack.enter_context(closing(made))

    def user(self, password: str = "bridge-secret", **extra: str) -> Credentials:
        """The integration user, by password; extra fields as the connection holds them."""
        return Credentials(self.url, USER, password, {"ca_file": self.ca_file, **extra})

    def plain_session(self) -> requests.Session:
        """A session as any other client would have one."""
        session = self.stack.enter_context(requests.Session())
        session.trust_env, session.verify = False, self.ca_file
        return session

    def create(self, count: int, **fields: Any) -> list[str]:
        """Cases that the org's people opened; their numbers."""
        with self.store.together():
            made = [
                self.store.create({"Subject": f"Обращение {n}", **fields}, by="agent", desk=True) for n in range(count)
            ]
        return [one.number for one in made]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Brightnet]]:
    """Starts an org with the given options; everything is closed at the end."""
    with ExitStack() as stack:

        def make(**options: Any) -> Brightnet:
            tls = certificate(tmp_path)
            store = Store(tmp_path / "brightnet.db", BRIGHTNET)
            stack.callback(store.close)
            app = application(store, **options)
            org = Brightnet("", str(tls.authority), store, stack)

            @app.middleware("http")
            async def listen(request: Any, answer: Any) -> Any:
                asked = f"{request.method} {request.url.path}"
                org.heard.append(asked)
                if org.unheard and fnmatchcase(asked, org.unheard[0]):
                    org.unheard.pop(0)
                    return Response("bad gateway", 502)
                answered = await answer(request)
                if org.lost and fnmatchcase(asked, org.lost[0]):
                    org.lost.pop(0)
                    return Response("bad gateway", 502)
                return answered

            org.url = stack.enter_context(serving(app, tls=tls))
            return org

        yield make


@pytest.fixture
def brightnet(start: Callable[..., Brightnet]) -> Brightnet:
    return start()


@dataclass(frozen=True)
class KeyPair:
    """private: PEM, as the connection holds it. certificate: PEM, as the connected app has it."""

    private: str
    certificate: str


def key_pair() -> KeyPair:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "casebridge")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = made.sign(key, hashes.SHA256())
    return KeyPair(text.decode(), signed.public_bytes(serialization.Encoding.PEM).decode())


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    """The connected app's."""
    return key_pair()


@pytest.fixture(scope="session")
def stranger() -> KeyPair:
    """Somebody else's."""
    return key_pair()
