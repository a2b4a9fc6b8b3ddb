"""A network that fails, between the hub and the companies: a proxy in front of each, for trials. Its faults bear the
names of `companies/misbehaviours.yaml`; a connection that is reset is the network's own.

Each request meets at most one fault, as a plan says; every fault that did happen is counted, for one that never fires
proves nothing. TLS ends here with the company's own certificate, so Brightnet is meddled with like the others. One
request a connection, on both sides. Knows HTTP and not the hub. Next: `kills/`, which kills the exchange behind it.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.desks import Company

FAULTS = (
    "request_lost",
    "answer_lost",
    "reset_before",
    "reset_after",
    "slow_drip",
    "half_body",
    "delivered_twice",
    "gateway_error",
    "answer_late",
)
BEFORE = {"request_lost", "reset_before", "gateway_error"}
"""Faults of a request that never reaches the company."""

LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
CONNECTION = re.compile(rb"^connection:[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE)
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST
LONGEST_DELAY = 0.3
DRIP = 0.05
LONGEST_DRIP = 4.0
SORRY = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
GATEWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Passing:
    """One request as it passes. head: the request line and headers."""

    company: str
    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        """The request line."""
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def creates(self) -> bool:
        """Whether it makes a case."""
        if self.company == "northcable":
            return self.line.startswith("POST /api/tickets ")
        if self.company == "telvoz":
            return b"crearCaso" in self.body
        changes = b'"method":"PATCH"' in self.body  # cases have a call to themselves: one that makes some changes none
        return self.line.startswith("POST") and b'"type":"Case"' in self.body and not changes

    @property
    def adds_note(self) -> bool:
        """Whether it makes a note: what none of the companies can tell from the same note sent before."""
        if self.company == "northcable":
            return self.line.startswith("POST") and "/comments" in self.line
        if self.company == "telvoz":
            return b"anadirNota" in self.body
        return self.line.startswith("POST") and b'"type":"CaseComment"' in self.body


Plan = Callable[[Passing], str | None]
"""Which of FAULTS a request meets, None: none. Called from the network's own thread, once a request."""


def well(_: Passing) -> str | None:
    """The plan of a network without faults."""
    return None


def drawn(chance: random.Random, rate: float) -> Plan:
    """Each request meets a fault with this probability; of the kinds each comes before one comes again.

    A note is never sent twice: none of the companies takes a key with it, so nobody could take that back.
    """
    deck: list[str] = []

    def plan(passing: Passing) -> str | None:
        if chance.random() >= rate:
            return None
        if not deck:
            deck.extend(chance.sample(FAULTS, len(FAULTS)))
        fault = deck.pop()
        if fault == "delivered_twice" and passing.adds_note:
            deck.insert(0, fault)
            return None
        return fault

    return plan


@dataclass(slots=True)
class Network:
    """The proxies at work. companies: as the hub is to reach them. plan: may be changed at any time."""

    chance: random.Random
    plan: Plan = well
    companies: dict[str, Company] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


@contextmanager
def network(running: Mapping[str, Company], chance: random.Random) -> Iterator[Network]:
    """A proxy in front of each company, in one thread, for the length of the block."""
    made = Network(chance)
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    ending = asyncio.Event()

    async def serve() -> None:
        servers = [await _listen(made, company) for company in running.values()]
        ready.set()
        await ending.wait()
        for server in servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)  # connections say goodbye

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        if not ready.wait(20):
            raise TimeoutError("the network did not come up within 20 s")
        yield made
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(20)
        loop.close()


async def _listen(made: Network, company: Company) -> asyncio.Server:
    front, back = _contexts(company)
    place = urlsplit(company.url)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _carry(made, company.name, (str(place.hostname), int(place.port or 0), back), reader, writer)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=front)
    port = server.sockets[0].getsockname()[1]
    made.companies[company.name] = replace(company, url=f"{place.scheme}://127.0.0.1:{port}")
    return server


def _contexts(company: Company) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    """(TLS towards the hub, TLS towards the company), where it speaks TLS. Both by the sandbox's own authority."""
    if company.ca_file is None:
        return None, None
    front = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    front.load_cert_chain(company.ca_file.with_name("server.pem"))
    return front, ssl.create_default_context(cafile=str(company.ca_file))


Place = tuple[str, int, ssl.SSLContext | None]


async def _carry(
    made: Network, name: str, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One request and what becomes of it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    passing = Passing(name, head, await reader.readexactly(int(length[1])) if length else b"")
    fault = made.plan(passing)
    if fault is not None:
        made.counts[fault] += 1
    if fault in BEFORE:
        if fault == "gateway_error":
            writer.write(GATEWAY % len(SORRY) + SORRY)
        elif fault == "reset_before":
            _reset(writer)
        return
    if fault == "answer_late":
        await asyncio.sleep(made.chance.uniform(0.05, LONGEST_DELAY))
    answer = await _ask(place, passing)
    if fault == "delivered_twice":
        second = await _ask(place, passing)
        answer = made.chance.choice((answer, second))
    if fault == "answer_lost":
        return
    if fault == "reset_after":
        _reset(writer)
    elif fault == "slow_drip":
        await _drip(writer, answer)
    elif fault == "half_body":
        writer.write(answer[: made.chance.randrange(1, max(2, len(answer)))])
    else:
        writer.write(answer)
        await writer.drain()


async def _ask(place: Place, passing: Passing) -> bytes:
    """The company's whole answer, over a connection of its own: it reaches it whatever becomes of who asked."""
    host, port, context = place
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    head = CONNECTION.sub(b"", passing.head)[:-2] + b"Connection: close\r\n\r\n"
    writer.write(head + passing.body)
    try:
        return await reader.read()
    finally:
        writer.close()


async def _drip(writer: asyncio.StreamWriter, answer: bytes) -> None:
    """A byte at a time, until they have hung up."""
    for at in range(int(LONGEST_DRIP / DRIP)):
        if writer.is_closing() or at >= len(answer):
            return
        writer.write(answer[at : at + 1])
        await writer.drain()
        await asyncio.sleep(DRIP)


def _reset(writer: asyncio.StreamWriter) -> None:
    under: Any = writer.get_extra_info("socket")
    under.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
