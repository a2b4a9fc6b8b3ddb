"""The ways of saying who we are that need more than a header: signatures, assertions, refresh tokens. Real sockets.

What the server checks it reckons by itself, from the bytes that came.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from connectors.base import Change, Credentials
from connectors.errors import Refused, Throttled
from connectors.files import Content
from connectors.grants import Claim, Granted
from connectors.rest import Rest
from connectors.rest_system import RestSystem

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
SECRET = "bridge-secret"


def declared(auth: dict[str, Any], **more: Any) -> RestSystem:
    return RestSystem.model_validate(
        {
            "name": "acme",
            "title": "Acme",
            "connection": "acme_api",
            "private_network": True,
            "deadline": 3,
            "auth": auth,
            "check": {"path": "/me", "name": "login"},
            "record": {"id": "id", "version": "version", "hub_id": "hub"},
            "list": {"path": "/issues", "records": "issues", "paging": {"style": "page"}},
            "one": "/issues/{id}",
            "find": {"path": "/issues", "param": "hub", "records": "issues"},
            "create": {"path": "/issues", "record": ""},
            "update": {"path": "/issues/{id}", "record": ""},
            "notes": {"add": {"path": "/issues/{id}/notes", "id": "id"}},
            "files": {"get": "/files/{file}", "add": {"path": "/issues/{id}/files?name={name}", "encoding": "raw"}},
            **more,
        }
    )


@dataclass
class Kept:
    """Grants in memory, as the contract has them."""

    granted: Granted | None = None
    held: bool = False
    broken_off: datetime | None = None
    order: list[str] = field(default_factory=list)

    def read(self, first: str) -> Granted:
        return self.granted or Granted(first)

    def claim(self, seconds: float) -> Claim | None:
        if self.held:
            return None
        self.held = True
        return Claim(self.broken_off)

    def keep(self, first: str, granted: Granted) -> None:
        self.granted, self.held = granted, False
        self.order.append("kept")

    def release(self) -> None:
        self.held = False


@pytest.fixture
def rest_to() -> Iterator[Callable[..., Rest]]:
    made: list[Rest] = []

    def make(url: str, system: RestSystem, *, clock: Any = lambda: NOW, password: str = SECRET, **more: Any) -> Rest:
        credentials = Credentials(url, "casebridge", password, **more)
        made.append(Rest(system, credentials, clock=clock, sleep=time.sleep, monotonic=time.monotonic))
        return made[-1]

    yield make
    for rest in made:
        rest.close()


def ok(asked: Any) -> tuple[int, dict[str, str], bytes]:
    if asked.path == "/me":
        return 200, {}, b'{"login": "casebridge"}'
    if asked.method == "GET":
        return 200, {}, b'{"issues": [], "id": 1, "version": 1}'
    return 200, {}, b'{"id": 1, "version": 1, "hub": "h"}'


# HMAC

SIGNED = {
    "kind": "hmac",
    "sign": "{method}\n{target}\n{date}\n{body_hash}",
    "header": "X-Signature",
    "value": "v1={signature};user={login}",
    "date": {"header": "X-Time", "format": "unix"},
}


class Checking:
    """A server that reckons the signature over what came, and lets in who has it right."""

    def __init__(self, encode: Callable[[bytes], str] = lambda raw: base64.b64encode(raw).decode()) -> None:
        self.encode = encode
        self.seen: list[str] = []

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        stamp = asked.headers["x-time"]
        digest = self.encode(hashlib.sha256(asked.body).digest())
        signed = f"{asked.method}\n{asked.target}\n{stamp}\n{digest}".encode()
        right = self.encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())
        self.seen.append(f"{asked.method} {asked.path}")
        if asked.headers["x-signature"] != f"v1={right};user=casebridge":
            return 401, {"Date": "Sat, 28 Nov 2026 10:00:00 GMT"}, b'{"message": "bad signature"}'
        return ok(asked)


def test_a_signature_covers_method_target_time_and_body_as_they_go_out(serve: Any, rest_to: Any) -> None:
    server = serve(checking := Checking())
    rest = rest_to(server.url, declared(SIGNED))
    assert rest.check() == "casebridge"
    rest.find("a b+ü&c=1")
    list(rest.pull(None))
    content = Content(
        "söund.mp3", "audio/mpeg", 9, hashlib.sha256(b"some file").hexdigest(), lambda: iter((b"some ", b"file"))
    )
    changes = [
        Change("c", "create", "one", {"title": "Grüße"}, "h"),
        Change("u", "update", "two", {"title": None}, "h", "1"),
        Change("f", "add_file", "three", {"note": "x y"}, "h", "1", content=content),
    ]
    assert [receipt.error for receipt in rest.push(changes)] == [None, None, None]
    assert sorted(set(checking.seen)) == [
        "GET /issues", "GET /me", "PATCH /issues/1", "POST /issues", "POST /issues/1/files",
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["{method}{path}{body}", "{host} {query}|{content_type}|{login}"])
def test_any_part_of_a_call_can_be_signed_in_hex_with_a_key_in_base64(serve: Any, rest_to: Any, sign: str) -> None:
    key, heard = b"\x00\xff key", []

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        plain = f"{asked.headers['host']} |application/json|casebridge".encode()
        expected = b"POST/issues" + asked.body if "body" in sign else plain
        heard.append(asked.headers["authorization"] == hmac.new(key, expected, "sha512").hexdigest())
        heard.append(asked.headers["x-body"] == hashlib.sha512(asked.body).hexdigest())
        return ok(asked)

    auth = {"kind": "hmac", "sign": sign, "value": "{signature}", "date": None, "body_header": "X-Body"}
    system = declared({**auth, "algorithm": "sha512", "encoding": "hex", "key": "base64"})
    rest = rest_to(serve(answer).url, system, password=base64.b64encode(key).decode())
    (receipt,) = rest.push([Change("c", "create", "one", {"title": "x"}, "h")])
    assert receipt.error is None
    assert heard == [True, True]


@pytest.mark.parametrize(("form", "text"), [
    ("http", "Sat, 28 Nov 2026 10:00:00 GMT"), ("iso", "2026-11-28T10:00:00Z"), ("unix", "1795860000"),
    ("unix_ms", "1795860000000"),
])  # fmt: skip
def test_the_time_is_written_as_declared(serve: Any, rest_to: Any, form: str, text: str) -> None:
    heard: list[str] = []
    server = serve(lambda asked: (heard.append(asked.headers["x-time"]), ok(asked))[1])
    rest_to(server.url, declared({**SIGNED, "date": {"header": "X-Time", "format": form}})).check()
    assert heard == [text]


def test_a_clock_that_is_wrong_is_told_where_a_signature_is_refused(serve: Any, rest_to: Any) -> None:
    date = {"Date": "Sat, 28 Nov 2026 10:00:00 GMT"}
    server = serve(lambda asked: (401, date, b'{"message": "too old"}'))
    ahead = rest_to(server.url, declared(SIGNED), clock=lambda: NOW + timedelta(seconds=700))
    with pytest.raises(Refused) as caught:
        ahead.check()
    assert str(caught.value) == (
        "acme check: C314 they do not take our signature (401), and our clock is 700 s ahead of theirs. They said: "
        '{"message": "too old"}\n'
        "  Fix: set this machine's clock (NTP); a signature is taken for a few minutes only."
    )
    with pytest.raises(Refused) as caught:
        rest_to(server.url, declared(SIGNED)).check()
    assert caught.value.code == "C301"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"sign": "{methd}"}, "sign: {methd} is no part of a call. Known: method, path, query, target, host, date"),
    ({"value": "x"}, "value: holds no {signature}"),
    ({"date": None}, "date: {date} is signed, so say in which header it is sent"),
    ({"sign": "{"}, "Single '{' encountered"),
])  # fmt: skip
def test_a_template_that_means_nothing_is_an_error_of_the_declaration(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        declared({**SIGNED, **wrong})
    assert said.split(".", maxsplit=1)[0] in str(caught.value)


def test_a_password_that_is_no_key_says_so(rest_to: Any) -> None:
    with pytest.raises(Refused) as caught:
        rest_to("http://127.0.0.1:9", declared({**SIGNED, "key": "hex"}))
    assert str(caught.value).startswith("acme login: C311 the password of connection 'acme_api' is no key in hex.")
    assert SECRET not in str(caught.value)


# JWT bearer

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_an_assertion_is_signed_by_our_key_and_no_secret_crosses(serve: Any, rest_to: Any) -> None:
    heard: list[Any] = []

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        if asked.path == "/oauth/token":
            form = parse_qs(asked.body.decode())
            heard.append({**asked.headers, **{name: values[0] for name, values in form.items()}})
            return 200, {}, b'{"access_token": "token-one", "expires_in": 600}'
        return ok(asked) if asked.headers["authorization"] == "Bearer token-one" else (401, {}, b"{}")

    server = serve(answer)
    system = declared({"kind": "jwt_bearer", "path": "/oauth/token", "key_id": "k1", "scope": "a b"})
    rest = rest_to(server.url, system, clock=lambda: datetime.now(UTC), extra={"private_key": PEM})
    assert rest.check() == "casebridge"
    assert rest.check() == "casebridge"
    (login,) = heard
    assert (login["grant_type"], login["scope"]) == ("urn:ietf:params:oauth:grant-type:jwt-bearer", "a b")
    assert "authorization" not in login
    claims = jwt.decode(login["assertion"], KEY.public_key(), ["RS256"], audience=f"{server.url}/oauth/token")
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == ("casebridge", "casebridge", 180)
    assert jwt.get_unverified_header(login["assertion"])["kid"] == "k1"


def test_a_key_that_is_none_says_so_and_shows_nothing_of_it(rest_to: Any) -> None:
    rest = rest_to(
        "http://127.0.0.1:9", declared({"kind": "jwt_bearer", "path": "/t"}), extra={"private_key": "no-such-key"}
    )
    with pytest.raises(Refused) as caught:
        rest.check()
    assert str(caught.value).startswith(
        "acme login: C311 'private_key' in the extra of connection 'acme_api' is no PEM key for RS256."
    )
    assert "no-such-key" not in str(caught.value)


# refresh tokens


class Rotating:
    """Gives access tokens that live for a while, and with each a new refresh token; the old one is good no more, and
    whoever comes with a spent one has all of them revoked, as RFC 9700 asks."""

    def __init__(self, life: float = 600.0, rotates: bool = True) -> None:
        self.life, self.rotates = life, rotates
        self.refresh, self.access, self.renewed, self.revoked = "first-token", "", 0, False
        self.lock, self.calls, self.ends_at_call = threading.Lock(), 0, 0
        self.forms: list[dict[str, str]] = []
        self.on_api: Callable[[], object] = lambda: None

    def __call__(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        with self.lock:
            if asked.path == "/token":
                return self.renew(asked)
            self.on_api()
            self.calls += 1
            if self.calls == self.ends_at_call:
                self.access = "ended by them"
            good = asked.headers.get("authorization") == f"Bearer {self.access}"
        time.sleep(0.01)
        return ok(asked) if good else (401, {}, b'{"error": "invalid_token"}')

    def renew(self, asked: Any) -> tuple[int, dict[str, str], bytes]:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.forms.append({**form, "authorization": asked.headers.get("authorization", "")})
        if self.revoked or form["refresh_token"] != self.refresh:
            self.revoked = True
            return 400, {}, b'{"error": "invalid_grant"}'
        self.renewed += 1
        self.access = f"access-{self.renewed}"
        told: dict[str, Any] = {"access_token": self.access, "expires_in": self.life}
        if self.rotates:
            self.refresh = told["refresh_token"] = f"refresh-{self.renewed}"
        return 200, {}, json.dumps(told).encode()


REFRESH = {"kind": "refresh_token", "path": "/token"}
FIRST = {"refresh_token": "first-token"}


def test_each_new_refresh_token_takes_the_place_of_the_one_before(serve: Any, rest_to: Any) -> None:
    system, kept, now = Rotating(life=100), Kept(), [NOW]
    server = serve(system)
    for _ in range(4):  # a new connector each, as a new process would have
        rest_to(server.url, declared(REFRESH), clock=lambda: now[0], extra=FIRST, grants=kept).check()
        now[0] += timedelta(seconds=120)
    assert [form["refresh_token"] for form in system.forms] == ["first-token", "refresh-1", "refresh-2", "refresh-3"]
    assert system.forms[0]["authorization"].startswith("Basic ")
    assert kept.granted is not None
    assert (kept.granted.refresh, kept.granted.access) == ("refresh-4", "access-4")
    assert kept.granted.ends == NOW + timedelta(seconds=360 + 90) or abs(
        (kept.granted.ends or NOW) - NOW - timedelta(seconds=450)
    ) < timedelta(seconds=1)


def test_an_access_token_that_is_good_still_is_not_asked_for_again(serve: Any, rest_to: Any) -> None:
    system, kept = Rotating(), Kept()
    server = serve(system)
    for _ in range(3):
        rest_to(server.url, declared(REFRESH), extra=FIRST, grants=kept).check()
    assert system.renewed == 1


def test_a_refresh_token_that_does_not_rotate_stays_and_a_public_client_sends_its_id_in_the_form(
    serve: Any, rest_to: Any
) -> None:
    system, kept, now = Rotating(life=100, rotates=False), Kept(), [NOW]
    server = serve(system)
    for _ in range(2):
        rest_to(
            server.url,
            declared({**REFRESH, "scope": "cases"}),
            clock=lambda: now[0],
            password="",
            extra=FIRST,
            grants=kept,
        ).check()
        now[0] += timedelta(seconds=120)
    once = {"grant_type": "refresh_token", "refresh_token": "first-token", "client_id": "casebridge", "scope": "cases"}
    assert system.forms == [{**once, "authorization": ""}] * 2


def test_a_token_that_ends_within_a_batch_is_renewed_once_for_all(serve: Any, rest_to: Any) -> None:
    system, kept = Rotating(), Kept()
    system.ends_at_call = 9
    rest = rest_to(serve(system).url, declared(REFRESH, concurrency=4), extra=FIRST, grants=kept)
    changes = [Change(f"c{n}", "create", f"lane-{n}", {"title": "x"}, "h") for n in range(40)]
    assert [receipt.error for receipt in rest.push(changes)] == [None] * 40
    assert system.renewed == 2
    assert not system.revoked


def test_many_connectors_at_once_renew_one_after_the_other_and_spend_no_token_twice(serve: Any, rest_to: Any) -> None:
    system, kept = Rotating(), Kept()
    server = serve(system)
    rests = [rest_to(server.url, declared(REFRESH), extra=FIRST, grants=kept) for _ in range(6)]
    threads = [threading.Thread(target=rest.check) for rest in rests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (system.renewed, system.revoked) == (1, False)


def test_the_next_token_is_kept_before_the_first_call_is_made_with_it(serve: Any, rest_to: Any) -> None:
    system, kept = Rotating(), Kept()
    system.on_api = lambda: kept.order.append("called")
    rest_to(serve(system).url, declared(REFRESH), extra=FIRST, grants=kept).check()
    assert kept.order == ["kept", "called"]


def test_a_spent_token_asks_for_consent_and_says_that_a_process_broke_off(serve: Any, rest_to: Any) -> None:
    system, kept = Rotating(), Kept(broken_off=NOW)
    system.refresh = "another one"
    rest = rest_to(serve(system).url, declared(REFRESH), extra=FIRST, grants=kept)
    with pytest.raises(Refused) as caught:
        rest.check()
    assert str(caught.value) == (
        "acme login: C312 our refresh token is not taken any more (400). A process that renewed it at 2026-11-28 "
        '10:00:00 UTC ended before it had an answer. They said: {"error": "invalid_grant"}\n'
        "  Fix: let a person consent anew, and put the new token into the extra of connection 'acme_api'."
    )
    assert not kept.held


def test_what_is_renewed_by_another_for_too_long_is_tried_later(serve: Any, rest_to: Any) -> None:
    kept = Kept(held=True)
    rest = rest_to(serve(Rotating()).url, declared(REFRESH, deadline=0.3), extra=FIRST, grants=kept)
    with pytest.raises(Throttled) as caught:
        rest.check()
    assert caught.value.code == "C203"


@pytest.mark.parametrize(("more", "code"), [({"extra": FIRST}, "C313"), ({"extra": {}, "grants": Kept()}, "C312")])
def test_without_a_place_to_keep_the_next_one_or_a_first_one_nothing_is_asked(
    serve: Any, rest_to: Any, more: dict[str, Any], code: str
) -> None:
    system = Rotating()
    with pytest.raises(Refused) as caught:
        rest_to(serve(system).url, declared(REFRESH), **more).check()
    assert (caught.value.code, system.forms) == (code, [])
