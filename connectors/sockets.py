"""Sockets that keep one call's limits: no forbidden address, and no byte after the deadline.

A time-out of the usual kind starts again with each byte, so a server that drips one byte a second holds a caller for
ever. Here every read and write is given only what is left of the call, down to the TLS handshake and the name lookup.
The address is checked where the connection is made, so a name that changes between check and use gains nothing.
Knows no HTTP status and no partner. Next: `adapter.py`, which puts these sockets under `requests`.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from connectors.errors import Refused
from connectors.evidence import About

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(slots=True)
class Call:
    """One call as the sockets see it. where: for error texts. safe: repeating it changes nothing over there.

    remaining: seconds left, maybe negative. sent: at least one byte of a request may have left. streams: a good answer
    is left to be read by who asked. once: the same bytes are not sent again, though it is safe: a message that bears a
    nonce would be refused. about: whom it is about. tries: requests that were begun; connecting: seconds that the last
    of them took to have a connection; first: seconds until the head of its answer had come, of this status.
    """

    where: str
    safe: bool
    private_network: bool
    remaining: Callable[[], float]
    sent: bool = False
    streams: bool = False
    once: bool = False
    about: About | None = None
    tries: int = 0
    connecting: float = 0.0
    first: float | None = None
    status: int = 0

    def left(self) -> float:
        """Seconds left, as a socket's time-out wants them. Raises TimeoutError when there are none."""
        seconds = self.remaining()
        if seconds <= 0:
            raise TimeoutError("the call's deadline is over")
        return seconds

    def shorten(self, seconds: float) -> None:
        """From now on it has no more than this left."""
        before, over = self.remaining, max(self.remaining() - seconds, 0.0)
        self.remaining = lambda: before() - over

    def held_back(self, seconds: float) -> None:
        """The call waited this long before it was let go: that counts against no deadline."""
        before = self.remaining
        self.remaining = lambda: before() + seconds


_CURRENT: Final[ContextVar[Call | None]] = ContextVar("casebridge_call", default=None)


def current() -> Call | None:
    """The call that this thread is in, or None."""
    return _CURRENT.get()


@contextmanager
def within(call: Call) -> Iterator[Call]:
    """Everything that this thread sends inside belongs to that call."""
    token = _CURRENT.set(call)
    try:
        yield call
    finally:
        _CURRENT.reset(token)


def _ours() -> Call:
    call = _CURRENT.get()
    if call is None:
        raise TimeoutError("a socket was used outside any call")
    return call


def permitted(address: str, *, private_network: bool) -> bool:
    """Whether a connection to this IP address may be made. Link-local (cloud metadata) and multicast never may."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return permitted(str(inner), private_network=private_network)
        if ip.is_site_local:  # fec0::/10, deprecated and private; Python calls it global
            return private_network
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return False
    return private_network or ip.is_global


def _lookup(host: str, port: int, seconds: float) -> list[Any]:
    """getaddrinfo within a time: the resolver has no time-out of its own, so it runs beside us and may be left."""
    answers: queue.SimpleQueue[list[Any] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="casebridge-lookup").start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name lookup took too long") from None
    if isinstance(found, UnicodeError):
        raise socket.gaierror(f"{host!r} is no host name")
    if isinstance(found, OSError):
        raise found
    return found


class _PlainSocket(socket.socket):
    """A TCP socket whose every step is bounded by the current call."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_ours().left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_ours().left())  # CPython treats it as the time for the whole of it
        return super().sendall(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """The same over TLS; its sendall is a loop over send."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_ours().left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_ours().left())
        return super().send(*args, **kwargs)


def tls_context(ca_file: str) -> ssl.SSLContext:
    """A client's TLS context that trusts exactly the authorities of this PEM file. Raises OSError, ssl.SSLError.

    It is shared by all who trust that file as it stands now: to read some hundred authorities takes 40 ms.
    """
    there = Path(ca_file).stat()
    return _trusting(ca_file, (there.st_ino, there.st_size, there.st_mtime_ns))


@lru_cache(maxsize=16)
def _trusting(ca_file: str, _as_it_stands: tuple[int, int, int]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TlsSocket
    return context


def _connect(conn: HTTPConnection) -> socket.socket:
    call = _ours()
    host, port = conn._dns_host, conn.port  # urllib3 keeps the name as it was given only here
    try:
        found = _lookup(host.strip("[]"), port, call.left())
    except socket.gaierror as error:
        raise NameResolutionError(conn.host, conn, error) from None
    except TimeoutError as error:
        raise ConnectTimeoutError(conn, str(error)) from None
    allowed = [one for one in found if permitted(one[4][0], private_network=call.private_network)]
    if not allowed:
        raise Refused(
            f"{conn.host} is at a private, loopback or link-local address.",
            code="C303",
            where=call.where,
            fix="if this partner really is inside our network, declare `private_network: true` in its system.yaml; "
            "a link-local address is never used.",
        )
    last: OSError = OSError("no address")
    for family, kind, protocol, _, address in allowed:
        sock = _PlainSocket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(call.left())
            sock.connect(address)
            sock.settimeout(call.left())
        except TimeoutError:
            sock.close()
            raise ConnectTimeoutError(conn, "connecting took too long") from None
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise NewConnectionError(conn, str(last)) from last


class _Marks:
    """Notes on the current call that bytes of a request are about to leave."""

    sock: Any

    def connect(self) -> None:
        """Connect, TLS and all."""
        call = _ours()
        before = call.remaining()
        super().connect()  # type: ignore[misc]  # of the urllib3 class beside this one
        call.connecting = before - call.remaining()

    def send(self, content: Any) -> None:
        if self.sock is None:
            self.connect()
        _ours().sent = True
        super().send(content)  # type: ignore[misc]  # likewise


class PlainConnection(_Marks, HTTPConnection):
    """HTTP over a bounded socket."""

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class TlsConnection(_Marks, HTTPSConnection):
    """HTTPS over a bounded socket."""

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class PlainPool(HTTPConnectionPool):
    """Keep-alive pool of bounded connections."""

    ConnectionCls = PlainConnection


class TlsPool(HTTPSConnectionPool):
    """Keep-alive pool of bounded TLS connections."""

    ConnectionCls = TlsConnection
