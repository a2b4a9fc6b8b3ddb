"""The one hardened HTTP transport: every byte to or from a partner passes here.

    wire = Wire(system, credentials, monotonic=time.monotonic, sleep=time.sleep, random=random.random)
    answer = wire.send("GET", "/api/tickets", safe=True, params={"limit": 200})
    answer.status, answer.json()

`wire.session` is a requests.Session over the same adapter, to be handed to a library (zeep, simple_salesforce); wrap
what the library does in `with wire.call("telvoz listarCasos", safe=True):` so that it has one deadline and is known to
be repeatable, and read statuses with `wire.judge(wire.answer(response))`.

What happens next decides the error (see errors.py): not sent: Unreachable; sent and no answer: Unknown for a write,
Unreachable for a safe call; 429, and 503 with Retry-After: Throttled; 401, 403: Refused; other 4xx are the kind's own.
Knows no case and no kind. Next: `adapter.py` (bounds), `sockets.py`, `auth.py` (who we are), `strict_json.py`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from connectors import sockets, strict_json
from connectors.adapter import HardenedAdapter, Trace, origin_of
from connectors.base import Credentials, System
from connectors.errors import Refused, Rejected, Throttled, Unknown, Unreachable
from connectors.pacing import Before, free
from connectors.redact import Redactor

CAP: Final = 64 * 2**20
LONGEST_WAIT: Final = 3600.0
SHORTEST_WAIT: Final = 1.0
USUAL_WAIT: Final = 30.0
Params = Mapping[str, str | Sequence[str]]
"""A query; a parameter of several values stands once for each."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][0-9]{1,3})?")
"""Seconds are digits; some say 1.5 or 1e9."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. seconds: from the first byte sent to the last received. safe: as the call was."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    where: str
    safe: bool

    def json(self) -> Any:
        """The body by the strict parser. Raises Refused after a safe call, Unknown after a write, maybe applied."""
        try:
            return strict_json.parse(self.body)
        except strict_json.BadJson as error:
            kind = self.headers.get("Content-Type", "no type").partition(";")[0][:60]
            text = f"answered {self.status} with no JSON that we accept ({kind}): {error}."
            if self.safe or self.status >= 400:
                fix = "check the address in the connection; a login page or a proxy often answers in HTML."
                raise Refused(text, code="C304", where=self.where, fix=fix) from None
            raise Unknown(text, code="C404", where=self.where) from None


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
        cap: int = CAP,
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
            cap=cap,
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
        status, where = answer.status, answer.where
        if 200 <= status < 300:
            return answer  # nearly all of them: what they said is for errors
        said = self.said(answer)
        if status == 429 or (status == 503 and "Retry-After" in answer.headers):
            after = retry_after(answer.headers)
            raise Throttled(f"answered {status}: wait {after:g} s.", after=after, where=where, said=said)
        if status == 401:
            fix = f"check login and secret in the connection {self.system.connection!r}."
            raise Refused("they do not know who we are (401).", code="C301", where=where, said=said, fix=fix)
        if status == 403:
            fix = f"ask {self.system.title} to permit this to the user of connection {self.system.connection!r}."
            raise Refused("we are not permitted to do this (403).", code="C302", where=where, said=said, fix=fix)
        if status >= 500 or status < 200 or status == 408:  # 408: they gave up waiting for the rest of it
            if answer.safe:
                fix = "nothing was written; it is tried again."
                raise Unreachable(f"answered {status}.", code="C105", where=where, said=said, fix=fix)
            raise Unknown(f"answered {status} to a write.", code="C403", where=where, said=said)
        return answer

    def said(self, answer: Answer) -> str:
        """Their own words, redacted, at most 300 characters, for an error."""
        if "html" in answer.headers.get("Content-Type", "").lower():
            return ""
        return " ".join(self.redact(answer.body[:2000].decode("utf-8", "replace")).split())[:300]

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


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait as Retry-After says (RFC 9110 10.2.3: seconds or a date), from 1 to 3600; 30 where it says none.

    A date is measured against the answer's own Date, so that no two clocks are compared.
    """
    said = headers.get("Retry-After", "").strip()
    try:
        if _NUMBER.fullmatch(said):
            seconds = float(said[:20])
        else:
            seconds = (_moment(said) - _moment(headers.get("Date", ""))).total_seconds()
    except (ValueError, OverflowError):
        seconds = USUAL_WAIT
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
