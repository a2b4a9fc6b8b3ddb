"""The hardened transport adapter that stands under every `requests` session of a connector.

It holds, for `wire.send` and for libraries that are handed the session (zeep, simple_salesforce) alike: one deadline a
call however the bytes drip, caps on compressed and decompressed bytes, the address check, TLS by our own context only
(a caller's verify=False changes nothing), no redirect, no proxy of the environment, no host but the permitted ones.
Failures come out as connectors.errors, never as requests' own. A safe call is tried again, with jitter, at most twice.
Knows no JSON and no partner's words. Next: `wire.py`, the door; `sockets.py`, the bounds on each byte;
`unpacking.py`, the caps; `failures.py`, what a failure means.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from connectors import failures, sockets
from connectors.errors import ConnectorError, Refused, Unreachable
from connectors.evidence import NOTHING, About, Evidence, Witness, side, signatures
from connectors.redact import Redactor
from connectors.unpacking import TooLarge, whole

RETRIES: Final = 2
_GATEWAY: Final = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Trace:
    """One request that was tried, for counting and for evidence: no body, no header, no query. status 0: no answer."""

    where: str
    method: str
    path: str
    status: int
    seconds: float
    received: int


class HardenedAdapter(HTTPAdapter):
    """See the module. begin: makes a Call for a request that was sent outside any (method, url -> Call)."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext,
        begin: Callable[[str, str], sockets.Call],
        origins: set[str],
        redact: Redactor,
        cap: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        random: Callable[[], float],
        observe: Callable[[Trace], None],
        witness: Witness | None,
        before: Callable[[sockets.Call], None],
    ) -> None:
        self._context, self._begin, self._origins, self._redact = context, begin, origins, redact
        self._cap, self._before, self._witness = cap, before, witness
        self._monotonic, self._sleep, self._random, self._observe = monotonic, sleep, random, observe
        for name in ("connection", "connectionpool", "response"):
            logging.getLogger(f"urllib3.{name}").addFilter(_outside)
        super().__init__(pool_connections=4, pool_maxsize=32)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:
        """urllib3's pools, over our connections and our TLS context."""
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"http": sockets.PlainPool, "https": sockets.TlsPool}

    def close(self) -> None:
        """Close every socket now: urllib3 drops its pools, and waits for the collector to close what is in them."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118  urllib3's container does not iterate otherwise
            pool = pools.get(key)
            if pool is not None:
                pool.close()
        super().close()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Where to; whom to trust was decided when the wire was made."""
        parts = urlsplit(request.url or "")
        return {"scheme": parts.scheme, "host": parts.hostname, "port": parts.port}, {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the context verifies, whatever the caller says."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer, read whole. Raises Unreachable, Unknown or Refused."""
        outer = sockets.current()
        method, url = request.method or "GET", str(request.url)
        if outer is not None:
            return self._seen(request, method, url, outer)
        with sockets.within(self._begin(method, url)) as call:
            return self._seen(request, method, url, call)

    def _seen(self, request: requests.PreparedRequest, method: str, url: str, call: sockets.Call) -> requests.Response:
        """The answer, and what there is to tell of the call, whatever became of it."""
        if self._witness is None:
            return self._try(request, method, url, call)
        call.tries, call.connecting, call.first, call.status = 0, 0.0, None, 0
        began = self._monotonic()
        error: ConnectorError | None = None
        response: requests.Response | None = None
        try:
            response = self._try(request, method, url, call)
        except ConnectorError as failed:
            error = failed
            raise
        finally:
            seconds = self._monotonic() - began
            self._witness(self._evidence(request, method, url, call, response, error, seconds))
        return response

    def _evidence(
        self,
        request: requests.PreparedRequest,
        method: str,
        url: str,
        call: sockets.Call,
        response: requests.Response | None,
        error: ConnectorError | None,
        seconds: float,
    ) -> Evidence:
        redact, parts, about = self._redact, urlsplit(url), call.about or About()
        body, whole = request.body, about.count == 1
        body = body.encode() if isinstance(body, str) else body
        streamed = call.streams and response is not None and 200 <= response.status_code < 300
        once = signatures(request.headers) if whole else ()
        got: Any = None if response is None else response.raw if streamed else response.content
        return Evidence(
            about=about,
            where=call.where,
            method=method,
            path=redact(parts.path)[:300],
            query=redact(parts.query)[:2000],
            status=call.status,
            failed="" if error is None else f"{error.code} {error.message}"[:300],
            tries=call.tries,
            connect=call.connecting,
            first=call.first,
            seconds=seconds,
            sent=len(body) if isinstance(body, bytes) else 0,
            received=response.raw.tell() if response is not None and response.raw is not None else 0,
            request=side(redact, request.headers, body, whole=whole, once=once) if about.count else NOTHING,
            answer=side(redact, response.headers, got, whole=whole, once=once)
            if about.count and response is not None
            else NOTHING,
        )

    def _try(self, request: requests.PreparedRequest, method: str, url: str, call: sockets.Call) -> requests.Response:
        origin = origin_of(url)
        if origin not in self._origins:
            raise Refused(
                f"an address outside this partner was to be called: {self._redact(origin)}.",
                code="C307",
                where=call.where,
                known=sorted(self._origins),
                fix="credentials are only sent to the connection's own address; correct the declaration or the answer.",
            )
        for attempt in range(RETRIES + 1):
            pause = 0.2 * 2**attempt * (0.5 + self._random())
            final = attempt == RETRIES or not call.safe or call.once
            call.sent = False
            try:
                response = self._once(request, method, url, call)
            except Unreachable:
                if final or not call.sent or call.remaining() <= pause:
                    raise
            else:
                passing = response.status_code in _GATEWAY and "Retry-After" not in response.headers
                if final or not passing or call.remaining() <= pause:
                    return response
            self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: requests.PreparedRequest, method: str, url: str, call: sockets.Call) -> requests.Response:
        self._before(call)
        call.tries, call.connecting, call.first, call.status = call.tries + 1, 0.0, None, 0
        started, status, received = self._monotonic(), 0, 0
        try:
            response = super().send(request, stream=True, timeout=max(call.remaining(), 0.001))
            status = call.status = response.status_code
            call.first = self._monotonic() - started
            if response.is_redirect:
                response.close()
                raise Refused(
                    f"answered {status} with a redirect, which is never followed.",
                    code="C306",
                    where=call.where,
                    fix="put the final address into the connection.",
                )
            if call.streams and 200 <= status < 300:
                return response
            response._content, received = whole(response, self._cap), response.raw.tell()
            response._content_consumed = True  # type: ignore[attr-defined]  # requests' own mark for a body that was read
            return response
        except (requests.RequestException, HTTPError, HTTPException, OSError, TooLarge) as error:
            raise failures.failed(error, call, status=status, cap=self._cap, redact=self._redact) from None
        finally:
            self._observe(Trace(call.where, method, urlsplit(url).path, status, self._monotonic() - started, received))


def _outside(_record: logging.LogRecord) -> bool:
    """urllib3 logs whole addresses, queries too: not those of our calls, which `observe` is told of without them."""
    return sockets.current() is None


def origin_of(url: str) -> str:
    """scheme://host:port of a URL, the port always said."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    usual = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port or usual}"
