"""The one hardened HTTP transport: every byte to or from a partner passes here.

    wire = Wire(system, credentials, monotonic=time.monotonic, sleep=time.sleep, random=random.random)
    answer = wire.send("GET", "/api/tickets", safe=True, params={"limit": 200})
    answer.status, answer.json()

`wire.session` is a requests.Session over the same adapter, to be handed to a library (zeep, simple_salesforce); wrap
what the library does in `with wire.call("telvoz listarCasos", safe=True):` so that it has one deadline and is known to
be repeatable, and read statuses with `wire.judge(wire.answer(response))`.

What happens next decides the error: `failures.py` says which. Other 4xx than 401, 403, 408 and 429 are the kind's own.
Knows no case and no kind. Next: `adapter.py` (bounds), `sockets.py`, `auth.py` (who we are), `strict_json.py`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from connectors import failures, sockets, strict_json
from connectors.adapter import HardenedAdapter, Trace, origin_of
from connectors.answer import Answer
from connectors.base import Credentials, System
from connectors.errors import Refused, Rejected
from connectors.evidence import NOTHING, About, Witness, part
from connectors.files import PIECE
from connectors.pacing import Before, free
from connectors.redact import Redactor

Sign = Callable[[requests.PreparedRequest], None]
Params = Mapping[str, str | Sequence[str]]
"""A query; a parameter of several values stands once for each."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer whose body is still to be read. answer: its head, or the whole of one that is not good. pieces: raise
    what any call raises; to be closed by who does not read them to the end."""

    answer: Answer
    pieces: Generator[bytes, None, None]


class Wire:
    """The way to one partner's system, with a keep-alive pool; usable from several threads at once.

    calls: requests tried so far, repeats included. observe: told of each one (no body, no secret). before: asked ahead
    of each one; it may hold it back. witness: given the evidence of each call.
    """

    def __init__(
        self,
        system: System,
        credentials: Credentials,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        random: Callable[[], float],
        observe: Callable[[Trace], None] = lambda trace: None,
        before: Before = free,
        witness: Witness | None = None,
    ) -> None:
        self.system, self.credentials = system, credentials
        self.redact = Redactor(credentials)
        self.calls, self._counting = 0, Lock()
        self._monotonic, self._observe, self._before = monotonic, observe, before
        self._witness = witness
        self._base = credentials.url.rstrip("/")
        self._origins = {origin_of(self._base)}
        self._adapter = adapter = HardenedAdapter(
            context=_context(system, credentials),
            begin=lambda method, url: self._begin(self._place(method, url), safe=method in ("GET", "HEAD")),
            origins=self._origins,
            redact=self.redact,
            cap=system.largest_answer,
            monotonic=monotonic,
            sleep=sleep,
            random=random,
            observe=self._count,
            witness=witness,
            before=self._let_go,
        )
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no .netrc of the machine
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update({"User-Agent": "casebridge", "Accept-Encoding": "gzip, deflate"})
        self.session.adapters.clear()
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def address(self, path_or_url: str) -> str:
        """The whole address of a path below the connection's."""
        return self._url(path_or_url)

    def permit(self, url: str) -> None:
        """Also talk to this URL's origin: for an address that a login answered or a declaration names."""
        self._origins.add(origin_of(url))

    @contextmanager
    def call(
        self, where: str, *, safe: bool, seconds: float | None = None, once: bool = False, about: About | None = None
    ) -> Iterator[None]:
        """All that this thread sends over `session` inside is one call with one deadline. where: for error texts.
        seconds: what it may take, by default the declared deadline. once: the same bytes are not sent again. about: as
        of `send`."""
        call = self._begin(where, safe=safe, seconds=seconds)
        call.once, call.about = once, about
        with sockets.within(call):
            yield

    def send(
        self,
        method: str,
        path_or_url: str,
        *,
        safe: bool,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | Iterable[bytes] | None = None,
        params: Params | None = None,
        where: str = "",
        seconds: float | None = None,
        sign: Sign | None = None,
        about: About | None = None,
    ) -> Answer:
        """One call: its answer below 400, or a 4xx that the kind must read. Raises the errors named in the module.

        json: sent as a JSON body; content: sent as it is, piece by piece where it is not bytes (it has a length then).
        where: for error texts, by default method and path. seconds: what it may take, by default the deadline.
        sign: puts on the request what follows from its bytes. about: whom it is about, for its evidence.
        """
        url = self._url(path_or_url)
        where = where or self._place(method, url)
        call = self._begin(where, safe=safe, seconds=seconds)
        call.about = about
        sent = {"Accept": "application/json", **(headers or {})}
        try:
            body = content
            if json is not None:
                body = strict_json.dump(json)
                sent = {"Content-Type": "application/json", **sent}
            prepared = self._prepared(method, url, sent, body, params)
        except (strict_json.BadJson, requests.RequestException, UnicodeError) as error:
            text = f"this cannot be put into a request: {self.redact(str(error))[:200]}."
            raise Rejected(
                text, code="C604", where=where, fix="correct the value in the case or its mapping."
            ) from None
        if sign is not None:
            sign(prepared)
        started = self._monotonic()
        with sockets.within(call):
            response = self._adapter.send(prepared)
        return self.judge(self.answer(response, where=where, safe=safe, seconds=self._monotonic() - started))

    def _prepared(
        self, method: str, url: str, headers: Mapping[str, str], body: Any, params: Params | None
    ) -> requests.PreparedRequest:
        """The request. The session would look for cookies, hooks, log-ins and kinds of body, of which there are none
        here, and take longer over that than the network does; a body that is no bytes is left to it."""
        if not isinstance(body, bytes | None):
            return self.session.prepare_request(
                requests.Request(method, url, headers=headers, data=body, params=dict(params or {}))
            )
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, dict(params or {}))
        prepared.prepare_headers({**self.session.headers, **headers})
        prepared.body = body or None
        if body or method not in ("GET", "HEAD"):
            prepared.headers["Content-Length"] = str(len(body or b""))
        return prepared

    def open(
        self,
        path_or_url: str,
        *,
        headers: Mapping[str, str],
        where: str,
        seconds: float,
        method: str = "GET",
        judge: Callable[[Answer], Answer] | None = None,
        sign: Sign | None = None,
        about: About | None = None,
    ) -> Opened:
        """A good answer's head, its body left to be read piece by piece; of any other the whole of it, judged as that
        of `send`, or by `judge`. seconds: for all of it. It is asked for unpacked, and unpacked piece by piece where it
        is not."""
        call = self._begin(where, safe=True, seconds=seconds)
        call.streams, call.about = True, about
        sent = {"Accept": "*/*", **headers, "Accept-Encoding": "identity"}
        prepared = self.session.prepare_request(requests.Request(method, self._url(path_or_url), headers=sent))
        if sign is not None:
            sign(prepared)
        with sockets.within(call):
            response = self.session.send(prepared, allow_redirects=False, timeout=None, stream=True)
        if 200 <= response.status_code < 300:
            head = Answer(response.status_code, response.headers, b"", 0.0, where, safe=True)
            return Opened(head, self._pieces(response, call))
        return Opened((judge or self.judge)(self.answer(response, where=where, safe=True)), _nothing())

    def _pieces(self, response: requests.Response, call: sockets.Call) -> Generator[bytes, None, None]:
        """The body, within the call's time. What is left of it when nobody reads on is not read."""
        raw, ended = response.raw, False
        try:
            while not ended:
                with sockets.within(call):
                    piece = raw.read(PIECE, decode_content=True)
                ended = not piece
                if piece:
                    yield piece
            raw.release_conn()
        except (HTTPError, HTTPException, OSError) as error:
            cap, status = self.system.largest_answer, response.status_code
            raise failures.failed(error, call, status=status, cap=cap, redact=self.redact) from None
        finally:
            if not ended:
                raw.close()

    def answer(self, response: requests.Response, *, where: str, safe: bool, seconds: float = 0.0) -> Answer:
        """What a library's response says, as an Answer."""
        return Answer(response.status_code, response.headers, response.content, seconds, where, safe)

    def judge(self, answer: Answer) -> Answer:
        """The answer, if it is one that a kind should read; else raises what its status means."""
        return answer if 200 <= answer.status < 300 else failures.judged(answer, self.system, self.said(answer))

    def said(self, answer: Answer) -> str:
        """Their own words, redacted, at most 300 characters, for an error."""
        return failures.said(answer, self.redact)

    def part(self, about: About, key: str, *, sent: Any = None, answered: Any = None) -> None:
        """For the evidence of a call about several changes: what was sent of that one, what was answered of it; as
        bytes, or as JSON."""
        if self._witness is None:
            return
        before = about.parts.get(key, (NOTHING, NOTHING))
        given = [_bytes(one) for one in (sent, answered)]
        pair = [old if raw is None else part(self.redact, raw) for old, raw in zip(before, given, strict=True)]
        about.parts[key] = (pair[0], pair[1])

    def close(self) -> None:
        """Give back the sockets."""
        self.session.close()

    def _url(self, path_or_url: str) -> str:
        return path_or_url if "://" in path_or_url else f"{self._base}/{path_or_url.lstrip('/')}"

    def _begin(self, where: str, *, safe: bool, seconds: float | None = None) -> sockets.Call:
        ends = self._monotonic() + (self.system.deadline if seconds is None else seconds)
        return sockets.Call(where, safe, self.system.private_network, lambda: ends - self._monotonic())

    def _let_go(self, call: sockets.Call) -> None:
        """Before each request: what it is held back here counts against no deadline."""
        asked = self._monotonic()
        self._before(call.where)
        call.held_back(self._monotonic() - asked)

    def _place(self, method: str, url: str) -> str:
        return self.redact(f"{self.system.name} {method} {urlsplit(url).path}")[:200]

    def _count(self, trace: Trace) -> None:
        with self._counting:
            self.calls += 1
        self._observe(trace)


def _bytes(part: Any) -> bytes | None:
    """A part of a body; None where there is none, or none that could be sent."""
    if part is None or isinstance(part, bytes):
        return part
    try:
        return strict_json.dump(part)
    except strict_json.BadJson:
        return None


def _nothing() -> Generator[bytes, None, None]:
    yield from ()


def _context(system: System, credentials: Credentials) -> ssl.SSLContext:
    file = str(credentials.extra.get("ca_file") or requests.utils.DEFAULT_CA_BUNDLE_PATH)
    try:
        return sockets.tls_context(file)
    except (OSError, ValueError) as error:
        raise Refused(
            f"the trust anchor of connection {system.connection!r} cannot be read: {type(error).__name__}.",
            code="C308",
            where=system.name,
            value=file,
            fix="`ca_file` in the connection's extra must name a PEM file with the authority's certificate.",
        ) from None
