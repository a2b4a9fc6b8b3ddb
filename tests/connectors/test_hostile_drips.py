"""Answers that come a byte a second and answers that are cut: no call outlives its deadline, no half is a whole."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from connectors.errors import ConnectorError, Unknown
from sandbox.hostile.answers import Asked, Dripped, status
from sandbox.hostile.kinds import KINDS, Partner, connector_to, good_answer, good_login

DEADLINE = 2.5
LATE = 1.0
"""Seconds after the deadline at which a call has ended."""


def timed(call: Callable[[], ConnectorError | None]) -> tuple[float, str]:
    started = time.monotonic()
    error = call()
    return time.monotonic() - started, f"{type(error).__name__} {error.code}" if error else "applied"


def a_byte_a_second(kind: str) -> Any:
    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        code, headers, body = good_answer(kind, asked)
        return code, headers, Dripped(body)

    return answer


def test_a_byte_a_second_ends_within_a_second_of_the_deadline_wherever_it_drips(
    partner_of: Callable[..., Partner], serve_raw: Any, wire_to: Any
) -> None:
    calls: dict[str, tuple[Callable[[], ConnectorError | None], str]] = {}
    for kind in KINDS:
        dripping = a_byte_a_second(kind)
        calls[f"{kind} read"] = partner_of(kind, dripping, deadline=DEADLINE).read, "Unreachable C104"
        calls[f"{kind} write"] = partner_of(kind, dripping, deadline=DEADLINE).write, "Unknown C401"
    slow = partner_of("rest", dripping, login=lambda n: (200, {}, Dripped(good_login(n)[2])), deadline=DEADLINE)
    calls["login"] = slow.read, "Unreachable C104"
    for name, start in {
        "head": b"HTTP/1.1 200 OK\r\nX-Drip: ",
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "nothing": b"",
        "hundreds of headers": b"HTTP/1.1 200 OK\r\n",
    }.items():
        wire = wire_to(serve_raw(_raw_drip(start, name)).url, deadline=DEADLINE)
        calls[name] = _sending(wire), "Unreachable C104"
    with ThreadPoolExecutor(len(calls)) as pool:
        running = {name: pool.submit(timed, call) for name, (call, _) in calls.items()}
    for name, future in running.items():
        seconds, error = future.result()
        assert (name, error) == (name, calls[name][1])
        assert DEADLINE - 0.2 < seconds < DEADLINE + LATE, (name, seconds)


def _sending(wire: Any) -> Callable[[], ConnectorError | None]:
    def send() -> ConnectorError | None:
        try:
            wire.send("GET", "/", safe=True)
        except ConnectorError as error:
            return error
        return None

    return send


def _raw_drip(start: bytes, name: str) -> Callable[[Callable[[bytes], None], int], bool]:
    piece = {"chunks": b"1\r\nx\r\n", "hundreds of headers": b"X-A: b\r\n", "nothing": b""}.get(name, b"x")

    def talk(write: Callable[[bytes], None], _: int) -> bool:
        write(start)
        with suppress(OSError):
            for _ in range(8):
                time.sleep(1)
                write(piece)
        return False

    return talk


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_cut_at_any_offset_is_never_taken_for_a_whole_one(
    kind: str, partner_of: Callable[..., Partner]
) -> None:
    """Cut by something in the way that frames what is left as if it were all: only the text itself can tell."""
    kept: list[int] = []

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        code, headers, body = good_answer(kind, asked)
        lengths[asked.method, b"obtener" in asked.body] = len(body)
        return code, headers, body[: kept[-1]] if kept else body

    lengths: dict[tuple[str, bool], int] = {}
    partner = partner_of(kind, answer)
    assert partner.read() is None
    assert partner.write() is None
    (read, write) = lengths.values()
    for offset in range(read):
        kept.append(offset)
        error = partner.read()
        assert f"{type(error).__name__}" == "Refused", offset
        assert error is not None
        assert error.code in ("C304", "C353"), (offset, error)
    for offset in range(1 if kind == "rest" else 0, write):  # REST: an empty answer to a write is read back
        kept.append(offset)
        error = partner.write()
        assert error is not None, offset
        assert f"{type(error).__name__} {error.code}" in ("Unknown C404", "Unknown C450"), (offset, error)


@pytest.mark.parametrize("kind", ["rest", "soap"])
def test_a_connection_that_breaks_at_any_offset_of_the_answer_leaves_the_write_unknown(
    kind: str, serve_raw: Any
) -> None:
    """Cut by the network: a head that promises more, or a head that is itself cut."""
    sent = Asked("PUT", "/", {}, {}, b"modificarCaso")
    code, headers, body = good_answer(kind, sent)
    whole = status(code, *(f"{name}: {value}" for name, value in headers.items()), body=body)
    offsets = list(range(len(whole)))
    broken: list[int] = []
    server = serve_raw(lambda write, n: write(whole[: broken[-1]]) or False)
    auth = {"auth": {"kind": "none"}} if kind == "rest" else {}
    connector = connector_to(kind, server.url, "", lambda _: None, **auth)
    partner = Partner(kind, server.url, "", connector, [], lambda: 0)
    for offset in offsets:
        broken.append(offset)
        error = partner.write()
        assert error is not None, offset
        assert f"{type(error).__name__} {error.code}" == "Unknown C402", (offset, error)
    assert server.requests == len(offsets)  # none was sent again
    connector.close()


@pytest.mark.parametrize("kind", ["rest", "soap"])
def test_what_is_left_of_an_answer_longer_than_it_said_is_never_the_next_answer(kind: str, serve_raw: Any) -> None:
    code, headers, body = good_answer(kind, Asked("PUT", "/", {}, {}, b"modificarCaso"))
    good = status(code, *(f"{name}: {value}" for name, value in headers.items()), body=body)
    forged = status(403, body=b"{}")
    talks = [good + forged, good, good[:-3] + b"   " + good, good]
    server = serve_raw(lambda write, n: write(talks[n - 1]) or True)
    auth = {"auth": {"kind": "none"}} if kind == "rest" else {}
    connector = connector_to(kind, server.url, "", lambda _: None, **auth)
    partner = Partner(kind, server.url, "", connector, [], lambda: 0)
    assert [partner.write() is None for _ in talks] == [True, True, False, True]
    connector.close()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_who_takes_what_we_send_a_little_at_a_time_ends_with_the_deadline_too(
    tls: bool, wire_to: Any, hostile_authority: trustme.CA, tmp_path: Path
) -> None:
    """Thirty megabytes go to somebody who reads a kilobyte in a quarter of a second."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hostile_authority.issue_cert("127.0.0.1").configure_cert(context)
    hostile_authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    def read_slowly() -> None:
        with suppress(OSError):
            conn, _ = listener.accept()
            stream = context.wrap_socket(conn, server_side=True) if tls else conn
            with stream:
                while not over.is_set() and stream.recv(1024):
                    over.wait(0.25)

    thread = threading.Thread(target=read_slowly, daemon=True)
    thread.start()
    url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    wire = wire_to(url, deadline=1.0, extra={"ca_file": str(tmp_path / "ca.pem")})
    started = time.monotonic()
    with pytest.raises(Unknown, match="C401 sent, and no whole answer before the deadline"):
        wire.send("POST", "/", safe=False, content=b"x" * 30_000_000)
    assert time.monotonic() - started < 1.0 + LATE
    over.set()
    thread.join(5)
    listener.close()
