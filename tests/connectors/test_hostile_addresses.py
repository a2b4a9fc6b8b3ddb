"""Addresses that lead elsewhere: redirects, names that change their address, private ones in every spelling.

The address is looked at where the connection is made, so nothing is gained between the look and the use.

A resolver of the test's own answers names; Python's audit events tell of every connection that this process makes.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.errors import ConnectorError, Refused, Unreachable
from connectors.wire import Wire
from sandbox.hostile.answers import raw_server, status
from sandbox.hostile.kinds import KINDS, Partner, good_answer

OK = status(200)


class Connections:
    """Where this process connects to while it is on."""

    def __init__(self) -> None:
        self.on, self.to = False, list[str]()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: Any) -> None:
        if self.on and event == "socket.connect":
            self.to.append(str(arguments[1][0]))


CONNECTIONS = Connections()


@pytest.fixture
def connections() -> Iterator[Connections]:
    CONNECTIONS.to.clear()
    CONNECTIONS.on = True
    yield CONNECTIONS
    CONNECTIONS.on = False


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the name acme.example resolves to, one list a lookup; the last one stays."""
    answers: list[list[str]] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *more: Any) -> list[Any]:
        if host != "acme.example":
            return list(real(host, port, *more))
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


def refused(wire: Wire, path: str = "/") -> Refused:
    with pytest.raises(Refused) as caught:
        wire.send("POST", path, safe=False)
    return caught.value


def named(url: str) -> str:
    return url.replace("127.0.0.1", "acme.example")


@pytest.mark.parametrize(
    "then",
    [["169.254.169.254"], ["::ffff:169.254.169.254"], ["0.0.0.0"], ["fe80::1"], ["64:ff9b::a9fe:a9fe"], ["224.0.0.1"]],
)
def test_a_name_that_changes_its_address_gains_nothing(
    then: list[str], resolver: list[list[str]], connections: Connections, wire_to: Any
) -> None:
    closing = status(200, "Connection: close")  # so that the next call connects anew
    with raw_server(lambda write, n: write(closing) or False) as server:
        resolver += [["127.0.0.1"], then]
        wire: Wire = wire_to(named(server.url))
        assert wire.send("GET", "/", safe=True).status == 200
        assert connections.to == ["127.0.0.1"]
        for _ in range(3):
            assert refused(wire).code == "C303"
        assert connections.to == ["127.0.0.1"]
        assert server.requests == 1


def test_a_name_that_changes_while_a_call_is_repeated_gains_nothing(
    resolver: list[list[str]], connections: Connections, wire_to: Any
) -> None:
    with raw_server(lambda write, n: False) as server:
        resolver += [["127.0.0.1"], ["169.254.169.254"]]
        with pytest.raises(ConnectorError, match="C303"):
            wire_to(named(server.url)).send("GET", "/", safe=True)
        assert connections.to == ["127.0.0.1"]


def test_of_several_addresses_only_the_permitted_ones_are_tried(
    resolver: list[list[str]], connections: Connections, wire_to: Any
) -> None:
    with raw_server(lambda write, n: write(OK) or True) as server:
        resolver += [["169.254.169.254", "fe80::1", "127.0.0.1", "0.0.0.0"]]
        assert wire_to(named(server.url)).send("GET", "/", safe=True).status == 200
        assert connections.to == ["127.0.0.1"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.7", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "198.18.0.1",
     "240.0.0.1", "2001::1", "fec0::1"],
)  # fmt: skip
def test_a_name_for_a_private_address_opens_no_socket(
    address: str, resolver: list[list[str]], connections: Connections, wire_to: Any
) -> None:
    resolver += [[address]]
    error = refused(wire_to("http://acme.example", private_network=False))
    assert error.code == "C303"
    assert "private_network: true" in error.fix
    assert connections.to == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", "localhost.", "[::1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "0.0.0.0", "127.0.0.1.", "１２７.0.0.1", "[::]"],
)  # fmt: skip
def test_no_spelling_of_this_machine_opens_a_socket(host: str, connections: Connections, wire_to: Any) -> None:
    with raw_server(lambda write, n: write(OK) or True) as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(ConnectorError) as caught:
            wire_to(f"http://{host}:{port}", private_network=False).send("GET", "/", safe=True)
        assert isinstance(caught.value, Refused | Unreachable) or caught.value.code == "C604"
        assert (connections.to, server.connections) == ([], 0)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", KINDS)
def test_no_redirect_is_followed_and_no_secret_goes_there(
    kind: str, code: int, partner_of: Callable[..., Partner], serve_raw: Any
) -> None:
    other = serve_raw(lambda write, n: write(OK) or True)
    for place in (f"{other.url}/", "/elsewhere", f"//127.0.0.1:{other.url.rpartition(':')[2]}/", ""):
        headers = {"Location": place, "Refresh": f"0; url={other.url}"}
        partner = partner_of(kind, lambda asked, h=headers: (code, h, b"{}"))
        for error in (partner.read(), partner.write()):
            assert isinstance(error, Refused)
            if place:
                assert str(error).endswith(
                    f"C306 answered {code} with a redirect, which is never followed.\n"
                    "  Fix: put the final address into the connection."
                )
        assert len(partner.asked) == 2
    assert other.connections == 0


@pytest.mark.parametrize("kind", ["rest", "salesforce"])
def test_no_redirect_of_a_login_is_followed(kind: str, partner_of: Callable[..., Partner], serve_raw: Any) -> None:
    other = serve_raw(lambda write, n: write(OK) or True)
    partner = partner_of(
        kind, lambda asked: good_answer(kind, asked), login=lambda n: (307, {"Location": f"{other.url}/token"}, b"")
    )
    error = partner.read()
    assert isinstance(error, Refused)
    assert error.code == "C306"
    assert (other.connections, partner.asked) == (0, [])
