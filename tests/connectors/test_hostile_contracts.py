"""A contract (WSDL) that wants more than the partner's folder: other hosts, files, pipes. No socket, no file is opened.

Python's own audit events tell of every lookup and connection; a pipe without a writer tells of who opens it, also from
C: he would wait for ever.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Credentials
from connectors.errors import Refused
from connectors.soap import Soap
from connectors.soap_system import SoapSystem
from sandbox.hostile.answers import raw_server, status
from sandbox.hostile.kinds import TELVOZ, soap_system

WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")


class Watch:
    """What this process did on the network while it was on, and which files it opened."""

    def __init__(self) -> None:
        self.on, self.network, self.files = False, list[str](), list[str]()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: Any) -> None:
        if self.on and event in WATCHED:
            self.network.append(f"{event} {arguments}")
        elif self.on and event == "open":
            self.files.append(str(arguments[0]))


WATCH = Watch()
"""An audit hook stays for the life of the process, so there is one."""


@pytest.fixture
def watch() -> Iterator[Watch]:
    WATCH.network.clear()
    WATCH.files.clear()
    WATCH.on = True
    yield WATCH
    WATCH.on = False


def contract_in(folder: Path, change: tuple[str, str], others: dict[str, str] | None = None) -> SoapSystem:
    """Telvoz's declaration over its contract with one text replaced, and further files beside it."""
    text = (TELVOZ / "telvoz.wsdl").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "hostile.wsdl").write_text(text.replace(*change, 1), encoding="utf-8")
    for name, content in (others or {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    hashes = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ["hostile.wsdl", *(others or {})]
    }
    return soap_system(folder=folder, wsdl="hostile.wsdl", wsdl_sha256=hashes.pop("hostile.wsdl"), wsdl_imports=hashes)


def refused(system: SoapSystem, seconds: float = 10) -> Refused:
    """How the contract is refused; in a thread, so that one who waits for a pipe is noticed."""
    caught: list[BaseException | None] = []

    def read() -> None:
        try:
            Soap(system, Credentials("http://127.0.0.1:1")).close()
        except Refused as error:
            caught.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it waits for somebody: a pipe or a socket was opened"
    assert len(caught) == 1, "the contract was taken"
    assert isinstance(caught[0], Refused)
    return caught[0]


TYPES = "<wsdl:types>"
SCHEMA = '<xsd:schema targetNamespace="urn:telvoz:casos:1" elementFormDefault="qualified">'


def places(canary: Path, port: int) -> dict[str, str]:
    return {
        "the metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
        "this machine": f"http://127.0.0.1:{port}/x.xsd",
        "this machine in IPv6": f"http://[::1]:{port}/x.xsd",
        "this machine, mapped": f"http://[::ffff:127.0.0.1]:{port}/x.xsd",
        "this machine as a number": f"http://2130706433:{port}/x.xsd",
        "a name": f"http://localhost:{port}/x.xsd",
        "over TLS": f"https://127.0.0.1:{port}/x.xsd",
        "without a scheme": f"//127.0.0.1:{port}/x.xsd",
        "another protocol": f"ftp://127.0.0.1:{port}/x.xsd",
        "a file": f"file://{canary}",
        "a file with a host": f"file://localhost{canary}",
        "a path": str(canary),
        "a way up": f"../../../../../../../../../..{canary}",
        "a way round": f"./x/../../{canary.parent.name}/canary",
        "in the folder, and not declared": "canary",
        "escaped": "%63anary",
        "on a share": rf"\\127.0.0.1\x{canary}",
    }


NAMED = list(places(Path("/canary"), 1))


@pytest.mark.parametrize("name", NAMED)
def test_a_contract_that_imports_from_elsewhere_opens_no_socket_and_no_file(
    name: str, tmp_path: Path, watch: Watch, canary: Any
) -> None:
    with raw_server(lambda write, n: write(status(200, body=b"<x/>")) or True) as server:
        place = places(canary.path, int(server.url.rpartition(":")[2]))[name]
        for at, wanted in (
            (TYPES, f'<wsdl:import namespace="urn:x" location="{place}"/>{TYPES}'),
            (SCHEMA, f'{SCHEMA}<xsd:import namespace="urn:x" schemaLocation="{place}"/>'),
            (SCHEMA, f'{SCHEMA}<xsd:include schemaLocation="{place}"/>'),
        ):
            error = refused(contract_in(tmp_path, (at, wanted)))
            assert error.code == "C371", error
            assert "Nothing is fetched." in error.fix
        assert server.connections == 0
    assert watch.network == []
    assert [file for file in watch.files if "canary" in file] == []
    assert canary.was_opened() is False


@pytest.mark.parametrize("name", ["the metadata of a cloud", "this machine", "a file", "a path"])
def test_a_declared_file_that_imports_from_elsewhere_is_refused_too(
    name: str, tmp_path: Path, watch: Watch, canary: Any
) -> None:
    with raw_server(lambda write, n: write(status(200)) or True) as server:
        place = places(canary.path, int(server.url.rpartition(":")[2]))[name]
        schema = (
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x">'
            f'<xs:import namespace="urn:z" schemaLocation="{place}"/></xs:schema>'
        )
        imported = f'{SCHEMA}<xsd:import namespace="urn:x" schemaLocation="own.xsd"/>'
        error = refused(contract_in(tmp_path, (SCHEMA, imported), {"own.xsd": schema}))
        assert error.code == "C371"
        assert (place.partition("://")[2] or place) in str(error)  # zeep makes https of file
        assert server.connections == 0
    assert watch.network == []
    assert canary.was_opened() is False


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>',
        '<!DOCTYPE x SYSTEM "file://{canary}">',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/x.dtd">%p;]>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
def test_a_contract_with_a_document_type_is_refused_and_opens_nothing(
    doctype: str, tmp_path: Path, watch: Watch, canary: Any
) -> None:
    with raw_server(lambda write, n: write(status(200)) or True) as server:
        told = doctype.replace("{canary}", str(canary.path)).replace("{port}", server.url.rpartition(":")[2])
        error = refused(contract_in(tmp_path, ("<wsdl:definitions", f"{told}<wsdl:definitions")))
        assert error.code == "C374"
        assert server.connections == 0
    assert watch.network == []
    assert canary.was_opened() is False


def test_the_watch_and_the_canary_see_what_they_are_for(watch: Watch, canary: Any) -> None:
    with raw_server(lambda write, n: write(status(200)) or True) as server:
        import socket

        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))).close()
    assert [event.split()[0] for event in watch.network] == ["socket.getaddrinfo", "socket.connect"]
    reader = threading.Thread(target=lambda: canary.path.open("rb").close(), daemon=True)
    reader.start()
    while not canary.was_opened():
        reader.join(0.01)
    reader.join(5)
    assert not reader.is_alive()
    assert str(canary.path) in watch.files
