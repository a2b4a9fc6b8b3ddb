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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors import failures, sockets, strict_json
from connectors.adapter import HardenedAdapter, Trace, origin_of
from connectors.answer import Answer
from connectors.base import Credentials, System
from connectors.errors import Refused, Rejected
from connectors.pacing import Before, free
from connectors.redact import Redactor

Params = Mapping[str, str | Sequence[str]]
"""A query; a parameter of several values stands once for each."""


class Wire:
    """The way to one partner's system, with a keep-alive pool; usable from several threads at once.

    calls: requests tried so far, repeats included. observe: told of each one (no body, no secret). before: asked ahead
    of each one; it may hold it back.
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
    ) -> None:
        self.system, self.credentials = system, credentials
        self.redact = Redactor(credentials)
        self.calls, self._counting = 0, Lock()
        self._monotonic, self._observe, self._before = monotonic, observe, before
        self._base = credentials.url.rstrip("/")
        self._origins = {origin_of(self._base)}
        adapter = HardenedAdapter(
            context=_context(system, credentials),
            begin=lambda method, url: self._begin(self._place(method, url), safe=method in ("GET", "HEAD")),
            origins=self._origins,
            redact=self.redact,
            cap=system.largest_answer,
            monotonic=monotonic,
            sleep=sleep,
            random=random,
            observe=self._count,
            before=self._let_go,
        )
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no .netrc of the machine
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update({"User-Agent": "casebridge", "Accept-Encoding": "gzip, deflate"})
        self.session.adapters.clear()
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def permit(self, url: str) -> None:
        """Also talk to this URL's origin: for an address that a login answered or a declaration names."""
        self._origins.add(origin_of(url))

    @contextmanager
    def call(self, where: str, *, safe: bool) -> Iterator[None]:
        """All that this thread sends over `session` inside is one call with one deadline. where: for error texts."""
        with sockets.within(self._begin(where, safe=safe)):
            yield

    def send(
        self,
        method: str,
        path_or_url: str,
        *,
        safe: bool,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        params: Params | None = None,
        where: str = "",
    ) -> Answer:
        """One call: its answer below 400, or a 4xx that the kind must read. Raises the errors named in the module.

        json: sent as a JSON body; content: sent as it is. where: for error texts, by default method and path.
        """
        url = path_or_url if "://" in path_or_url else f"{self._base}/{path_or_url.lstrip('/')}"
        where = where or self._place(method, url)
        call = self._begin(where, safe=safe)
        sent = {"Accept": "application/json", **(headers or {})}
        try:
            body = content
            if json is not None:
                body = strict_json.dump(json)
                sent = {"Content-Type": "application/json", **sent}
            prepared = self.session.prepare_request(
                requests.Request(method, url, headers=sent, data=body, params=dict(params or {}))
            )
        except (strict_json.BadJson, requests.RequestException, UnicodeError) as error:
            text = f"this cannot be put into a request: {self.redact(str(error))[:200]}."
            raise Rejected(
                text, code="C604", where=where, fix="correct the value in the case or its mapping."
            ) from None
        started = self._monotonic()
        with sockets.within(call):
            response = self.session.send(prepared, allow_redirects=False, timeout=None)
        return self.judge(self.answer(response, where=where, safe=safe, seconds=self._monotonic() - started))

    def answer(self, response: requests.Response, *, where: str, safe: bool, seconds: float = 0.0) -> Answer:
        """What a library's response says, as an Answer."""
        return Answer(response.status_code, response.headers, response.content, seconds, where, safe)

    def judge(self, answer: Answer) -> Answer:
        """The answer, if it is one that a kind should read; else raises what its status means."""
        return answer if 200 <= answer.status < 300 else failures.judged(answer, self.system, self.said(answer))

    def said(self, answer: Answer) -> str:
        """Their own words, redacted, at most 300 characters, for an error."""
        return failures.said(answer, self.redact)

    def close(self) -> None:
        """Give back the sockets."""
        self.session.close()

    def _begin(self, where: str, *, safe: bool) -> sockets.Call:
        ends = self._monotonic() + self.system.deadline
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
