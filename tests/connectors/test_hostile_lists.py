"""Lists that do not come to an end, and connections that are reset: bounded calls, and nothing is taken for done."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import Refused, Unknown, Unreachable
from sandbox.hostile.answers import Asked
from sandbox.hostile.kinds import Partner, connector_to, enveloped
from sandbox.hostile.org import case, rows

STAMP = "2026-11-22T10:00:00+00:00"
STYLES: dict[str, dict[str, Any]] = {
    "page": {"style": "page"},
    "offset": {"style": "offset"},
    "next_url": {"style": "next_url", "next": "next"},
    "cursor": {"style": "cursor", "param": "after", "next": "cursor"},
}


@pytest.mark.parametrize("since", [False, True], ids=["whole", "since"])
@pytest.mark.parametrize("style", STYLES)
def test_a_rest_list_that_answers_the_same_page_for_ever_is_refused_soon(style: str, since: bool, serve: Any) -> None:
    """It ignores the number, the offset, the cursor; or its next page is one that was read."""
    issues = [{"id": n, "changed": STAMP, "hub": None} for n in range(3)]
    turn = iter(range(10**9))

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        n = next(turn) % 2
        told = {"issues": issues, "next": f"{server.url}/issues?limit=3&part={n}", "cursor": f"c{n}"}
        return 200, {}, json.dumps(told).encode()

    server = serve(answer)
    listed = {"path": "/issues", "records": "issues", "paging": STYLES[style]}
    if since:
        listed["since"] = {"param": "changed", "template": ">={stamp}"}
    rest = connector_to("rest", server.url, "", lambda _: None, auth={"kind": "none"}, page=3, list=listed)
    with pytest.raises(Refused) as caught:
        list(rest.pull(None))
    assert str(caught.value) == (
        "acme list: C304 the list does not go on: an answer that was read comes again.\n"
        "  Fix: compare how Acme pages with `list.paging` in system.yaml; some ignore a parameter in silence."
    )
    assert len(server.asked) < 8
    rest.close()


def test_a_soap_list_that_ignores_its_offset_ends(partner_of: Any) -> None:
    one = "22/11/2026 10:00:00"
    found = "".join(
        f"<caso><numero>TV-{n}</numero><fechaAlta>{one}</fechaAlta><fechaModificacion>{one}</fechaModificacion>"
        "<asunto>x</asunto><notas/></caso>"
        for n in range(3)
    )
    told = f"<total>99</total><casos>{found}</casos>"
    told = f'<listarCasosRespuesta xmlns="urn:telvoz:casos:1">{told}</listarCasosRespuesta>'
    partner = partner_of("soap", lambda asked: (200, {}, enveloped(told)), page=3)
    with pytest.raises(Unreachable, match="C171 the list changes faster than it can be read"):
        list(partner.connector.pull(None))
    assert len(partner.asked) < 50


def test_an_org_whose_rows_do_not_move_on_ends(partner_of: Any) -> None:
    page = json.dumps(rows(case("500000000000001AAA", 1), case("500000000000002AAA", 2)).body).encode()
    partner = partner_of("salesforce", lambda asked: (200, {}, page), page=2)
    with pytest.raises(Refused, match="C358 the rows do not come in the order of SystemModstamp"):
        list(partner.connector.pull(None))
    assert len(partner.asked) < 5


@contextmanager
def resetting(after: int) -> Iterator[tuple[str, list[int]]]:
    """Reads so many bytes of what it is sent and resets the connection (RST, no FIN); how much each connection sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over, came = threading.Event(), list[int]()

    def accept() -> None:
        while not over.is_set():
            with suppress(OSError):
                conn, _ = listener.accept()
                conn.settimeout(0.3)
                read = 0
                with suppress(OSError):
                    while read < after and (piece := conn.recv(min(65_536, after - read))):
                        read += len(piece)
                came.append(read)
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                conn.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
    finally:
        over.set()
        thread.join(5)
        listener.close()


@pytest.mark.parametrize("after", [0, 1, 300, 200_000])
@pytest.mark.parametrize("kind", ["rest", "soap"])
def test_a_connection_that_is_reset_leaves_a_write_unknown_and_it_is_sent_once(kind: str, after: int) -> None:
    """Before anything was read, within the head, or half way through what we send: it may all the same be done."""
    with resetting(after) as (url, came):
        auth = {"auth": {"kind": "none"}} if kind == "rest" else {}
        connector = connector_to(kind, url, "", lambda _: None, **auth)
        partner = Partner(kind, url, "", connector, [], lambda: 0)
        change = partner.update("a")
        name = next(iter(change.body))
        large = {name: "x" * 3_000_000} if after > 1000 else change.body
        (receipt,) = connector.push([replace(change, body=large)])
        error = receipt.error
        unsent = after == 0 and isinstance(error, Unreachable)  # the reset came before the first byte had left
        assert unsent or (isinstance(error, Unknown) and error.code == "C402"), error
        assert len(came) == 1
        assert isinstance(partner.read(), Unreachable)
        assert 2 <= len(came) <= 4
        connector.close()
