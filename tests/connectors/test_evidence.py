"""What a wire tells of its calls: whom they were about, bounded bodies, and no secret in any way in which one is sent.

Over real sockets, against a server that says back all that it was told: every header, the query, the body.
"""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Change, Credentials, System
from connectors.errors import ConnectorError
from connectors.evidence import LARGEST, About, Evidence, cut
from connectors.kinds import connect
from connectors.redact import HIDDEN, Redactor
from connectors.rest_system import RestSystem
from connectors.soap_system import SoapSystem
from connectors.wire import Wire
from sandbox.hostile.answers import Asked, Told, http_server
from sandbox.hostile.kinds import TOKEN, rest_system, soap_system

LOGIN = "casebridge"
LATIN = st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=("Cc", "Zs"))
SPOKEN = st.text(LATIN, min_size=8, max_size=40)
"""What a header, a form and XML can carry."""
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)

AUTHS: dict[str, dict[str, Any]] = {
    "basic": {"kind": "basic"},
    "header": {"kind": "header", "header": "X-Api-Key", "prefix": "Key "},
    "bearer": {"kind": "bearer"},
    "token_endpoint": {"kind": "token_endpoint", "path": TOKEN},
    "client_credentials": {"kind": "client_credentials", "path": TOKEN},
    "hmac": {"kind": "hmac", "sign": "{method}\n{target}\n{body}", "header": "X-Signature", "value": "{signature}"},
}


def echo(asked: Asked) -> Told:
    """Says back all that it heard, as JSON and, in it, as XML; a login is given the secret that it came with."""
    if asked.path == TOKEN:
        token = base64.urlsafe_b64encode(asked.headers.get("authorization", "none").encode()).decode()
        return 200, {}, json.dumps({"access_token": f"tk-{token}"}).encode()
    said = {"headers": asked.headers, "target": asked.target, "body": asked.body.decode("latin-1")}
    told = {"id": 7, "changed": "2026-11-22T10:00:00+00:00", "hub": None, "text": "y", "said": said}
    told["xml"] = "".join(f"<h>{html.escape(value, quote=False)}</h>" for value in asked.headers.values())
    return 200, {"X-Told": asked.headers.get("authorization", "-"), "ETag": '"7"'}, json.dumps(told).encode()


def bytes_of(told: list[Evidence]) -> str:
    return repr(told) + json.dumps(
        [[one.request.text, one.answer.text, dict(one.request.headers), dict(one.answer.headers)] for one in told],
        ensure_ascii=False,
    )


@contextmanager
def speaking(system: System, credentials: Credentials, told: list[Evidence]) -> Iterator[Any]:
    connector = connect(system, credentials, clock=lambda: datetime.now(UTC), sleep=lambda _: None, witness=told.append)
    try:
        yield connector
    finally:
        connector.close()


def update(body: dict[str, Any], key: str = "k") -> Change:
    return Change(key, "update", "case", body, "case", "7")


@pytest.mark.parametrize("auth", AUTHS)
@given(secret=PLAIN)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_secret_of_a_rest_partner_is_in_its_evidence(auth: str, secret: str) -> None:
    told: list[Evidence] = []
    pair = base64.b64encode(f"{LOGIN}:{secret}".encode()).decode()
    with http_server(echo) as server:
        system: RestSystem = rest_system(auth=AUTHS[auth])
        with speaking(system, Credentials(server.url, LOGIN, secret), told) as connector:
            list(connector.push([update({"text": f"their key is {secret}"})]))
            connector.fetch(["7"])
        sent = [asked.headers["authorization"] for asked in server.asked if "authorization" in asked.headers]
        signed = [asked.headers["x-signature"] for asked in server.asked if "x-signature" in asked.headers]
    assert [one.method for one in told if one.about.count] == ["PUT", "GET"]
    stored = bytes_of(told)
    assert HIDDEN in stored
    tokens = [value.partition(" ")[2] for value in sent]
    assert not [one for one in [secret, pair, *tokens, *signed] if one in stored]


@pytest.mark.parametrize("form", ["text", "digest"])
@given(secret=SPOKEN)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_secret_of_a_soap_partner_is_in_its_evidence(form: str, secret: str) -> None:
    told: list[Evidence] = []

    def back(asked: Asked) -> Told:
        return 200, {"Content-Type": "text/xml"}, asked.body

    with http_server(back) as server:
        system: SoapSystem = soap_system(
            auth=SoapSystem.model_validate(
                {**soap_system().model_dump(), "auth": {"kind": "username_token", "password": form}}
            ).auth
        )
        with speaking(system, Credentials(server.url, LOGIN, secret), told) as connector:
            list(connector.push([update({"asunto": f"key {secret}"})]))
        sent = server.asked[0].body.decode()
    password = sent.partition("Password")[2].partition(">")[2].partition("<")[0]
    assert len(password) >= 8
    stored = bytes_of(told)
    assert HIDDEN in stored
    assert not [one for one in (secret, password, html.escape(secret, quote=False)) if one in stored]


def test_a_page_is_told_of_without_bodies_and_a_call_about_several_without_their_words(
    wire_with: Any,
) -> None:
    wire, told = wire_with
    wire.send("GET", "/cases", safe=True, params={"since": "x", "token": "abcdefgh"})
    wire.send("GET", "/cases", safe=True, about=About(native_ids=("1", "2")))
    page, several = told
    assert (page.path, page.query, page.status) == ("/cases", f"since=x&token={HIDDEN}", 200)
    assert page.request.headers == {}
    assert several.answer.text == ""
    assert several.answer.note == "not kept: it is about others too"
    assert several.answer.size > 0


def test_a_body_is_cut_and_says_by_how_much(wire_with: Any) -> None:
    wire, told = wire_with
    wire.send("POST", "/cases", safe=False, json={"text": "x" * 3 * LARGEST}, about=About(keys=("k",)))
    (one,) = told
    assert len(one.request.text) == LARGEST
    assert one.request.note == f"… {one.request.size - LARGEST} bytes cut"
    assert one.sent == one.request.size


@given(at=st.integers(-60, 60), secret=PLAIN)
@settings(max_examples=200, deadline=None)
def test_no_half_of_a_secret_stands_where_a_body_is_cut(at: int, secret: str) -> None:
    redact = Redactor(Credentials("http://a", LOGIN, secret))
    body = b"-" * (LARGEST + at) + secret.encode() + b"-" * 2000
    text, _ = cut(redact, body)
    assert len(text) <= LARGEST
    halves = [secret[:size] for size in range(4, len(secret) + 1)]
    assert not [half for half in halves if text.endswith(half) and set(half) != {"-"}]


def test_hiding_takes_no_long_time_for_a_long_word() -> None:
    """Base64 of a file is one word; looking for a name at each of its letters must not look at all that follow."""
    redact = Redactor(Credentials("http://a", LOGIN, "bridge-secret"))
    for word in ("passA" * 4000, "a" * 20_000, "<" * 20_000, "<password " * 2000, '"token": ' * 2000):
        began = time.process_time()
        redact.lines(word)
        assert time.process_time() - began < 1.0


def test_what_is_no_text_and_what_streams_is_told_by_its_size_alone(wire_with: Any) -> None:
    wire, told = wire_with
    for kind in ("image/png", "text/x"):
        headers = {"Content-Type": kind}
        wire.send("POST", "/f", safe=False, content=b"\0\1" * 50, headers=headers, about=About(("k",)))
    assert [(one.request.text, one.request.size, one.request.note) for one in told] == [
        ("", 100, "no text (image/png), not kept"),
        ("", 100, "not in UTF-8, not kept"),
    ]


def test_a_call_that_never_left_says_why_and_how_often_it_was_tried() -> None:
    told: list[Evidence] = []
    wire = _wire("http://127.0.0.1:9", told)
    with pytest.raises(ConnectorError):
        wire.send("GET", "/x", safe=True, about=About(hub_ids=("h",)))
    (one,) = told
    assert (one.status, one.first, one.failed.split()[0]) == (0, None, "C102")
    assert one.tries == 1


def _wire(url: str, told: list[Evidence]) -> Wire:
    system = rest_system()
    return Wire(
        system, Credentials(url, LOGIN, "bridge-secret"), monotonic=time.monotonic, sleep=lambda _: None,
        random=lambda: 0.5, witness=told.append,
    )  # fmt: skip


@pytest.fixture
def wire_with() -> Iterator[tuple[Wire, list[Evidence]]]:
    told: list[Evidence] = []
    with http_server(echo) as server:
        wire = _wire(server.url, told)
        yield wire, told
        wire.close()
