"""The hardened transport against real sockets: what ends, what is capped, what each failure is called."""

from __future__ import annotations

import contextlib
import gzip
import logging
import os
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from connectors.adapter import Trace
from connectors.errors import ConnectorError, Refused, Rejected, Throttled, Unknown, Unreachable
from connectors.failures import retry_after
from connectors.sockets import permitted
from connectors.wire import Wire

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'


def status(code: int, *headers: str, body: bytes = b"{}") -> bytes:
    lines = [f"HTTP/1.1 {code} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drip(start: bytes) -> Callable[[Callable[[bytes], None], int], bool]:
    def talk(write: Callable[[bytes], None], _: int) -> bool:
        write(start)
        with contextlib.suppress(OSError):
            for _ in range(100):
                write(b"x")
                time.sleep(0.1)
        return False

    return talk


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Drip: "],
    ids=["body", "header"],
)
def test_a_drip_ends_with_the_deadline(serve_raw: Any, wire_to: Any, start: bytes, safe: bool) -> None:
    server = serve_raw(drip(start))
    wire: Wire = wire_to(server.url, deadline=0.6)
    began = time.monotonic()
    with pytest.raises(Unreachable if safe else Unknown) as caught:
        wire.send("GET" if safe else "POST", "/cases", safe=safe)
    assert time.monotonic() - began < 1.2
    assert caught.value.code == ("C104" if safe else "C401")
    assert "no whole answer before the deadline" in str(caught.value)
    assert wire.calls == 1


def test_a_drip_over_tls_ends_with_the_deadline(serve_raw: Any, wire_to: Any, authority: Authority) -> None:
    server = serve_raw(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), tls=authority.server)
    wire: Wire = wire_to(server.url, deadline=0.6, extra={"ca_file": authority.file})
    began = time.monotonic()
    with pytest.raises(Unreachable, match="C104"):
        wire.send("GET", "/cases", safe=True)
    assert time.monotonic() - began < 1.4


def test_a_server_that_accepts_and_says_nothing_ends_with_the_deadline(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: time.sleep(2) or False)
    with pytest.raises(Unknown, match="C401 sent, and no whole answer before the deadline"):
        wire_to(server.url, deadline=1.0).send("POST", "/cases", safe=False, json={})


def test_repeats_of_a_safe_call_share_one_deadline(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: time.sleep(0.3) or False)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        wire_to(server.url, deadline=0.7).send("GET", "/cases", safe=True)
    assert time.monotonic() - began < 1.2


def test_a_gzip_bomb_is_not_unpacked_beyond_the_cap(serve_raw: Any, wire_to: Any) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    server = serve_raw(lambda write, n: write(status(200, "Content-Encoding: gzip", body=bomb)) or True)
    wire: Wire = wire_to(server.url, cap=2**20)
    with pytest.raises(Refused, match="C305 answered more than 1 MiB"):
        wire.send("GET", "/cases", safe=True)
    with pytest.raises(Unknown, match="C404 answered more than 1 MiB"):
        wire.send("POST", "/cases", safe=False)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_huge_answer_is_not_read_whole(serve_raw: Any, wire_to: Any, chunked: bool) -> None:
    def talk(write: Callable[[bytes], None], _: int) -> bool:
        write(b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 99999999"))
        write(b"\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(400):
                write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        return False

    with pytest.raises(Refused, match="C305"):
        wire_to(serve_raw(talk).url, cap=2**20).send("GET", "/cases", safe=True)


def test_an_answer_cut_at_any_offset_is_never_taken_as_whole(serve_raw: Any, wire_to: Any) -> None:
    plain = OK
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n2\r\n,3\r\n1\r\n]\r\n0\r\n\r\n"
    packed = status(200, "Content-Encoding: gzip", body=gzip.compress(b'{"a": 1}'))
    for whole in (plain, chunked, packed):
        offsets = list(range(len(whole) - (4 if whole is chunked else 0)))  # a bare `0` ends chunks well enough
        server = serve_raw(lambda write, n, w=whole, o=offsets: write(w[: o[n - 1]]) or False)
        wire: Wire = wire_to(server.url)
        for offset in offsets:
            with pytest.raises(Unknown):
                pytest.fail(f"{wire.send('POST', '/', safe=False).json()} after {offset} of {whole!r}")


def test_a_redirect_is_not_followed(serve_raw: Any, wire_to: Any) -> None:
    other = serve_raw(lambda write, n: write(OK) or True)
    server = serve_raw(lambda write, n: write(status(302, f"Location: {other.url}/")) or True)
    wire: Wire = wire_to(server.url)
    with pytest.raises(Refused, match="C306 answered 302 with a redirect, which is never followed"):
        wire.send("GET", "/cases", safe=True)
    with pytest.raises(Refused, match="C306"):
        wire.session.get(f"{server.url}/cases", allow_redirects=True)
    assert other.connections == 0


def test_another_host_is_refused_until_it_is_permitted(serve_raw: Any, wire_to: Any) -> None:
    server, other = (serve_raw(lambda write, n: write(OK) or True) for _ in range(2))
    wire: Wire = wire_to(server.url)
    with pytest.raises(Refused, match="C307 an address outside this partner was to be called"):
        wire.send("GET", f"{other.url}/next", safe=True)
    assert other.connections == 0
    wire.permit(other.url)
    assert wire.send("GET", f"{other.url}/next", safe=True).status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_address_is_refused_where_the_connection_is_made(serve_raw: Any, wire_to: Any, host: str) -> None:
    server = serve_raw(lambda write, n: write(OK) or True)
    url = server.url.replace("127.0.0.1", host)
    with pytest.raises(Refused) as caught:
        wire_to(url, private_network=False).send("GET", "/", safe=True)
    assert "C303" in str(caught.value)
    assert "private_network: true" in caught.value.fix
    assert server.connections == 0


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.9", False, True),
        ("172.16.5.5", False, True),
        ("100.64.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::7f00:1", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:7f00:1::", False, True),
        ("fec0::1", False, True),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
    ],
)
def test_which_addresses_may_be_called(address: str, outside: bool, inside: bool) -> None:
    assert permitted(address, private_network=False) is outside
    assert permitted(address, private_network=True) is inside


class Authority:
    """A certificate authority of one's own and a server's TLS context under it."""

    def __init__(self, folder: Any, name: str) -> None:
        made = trustme.CA()
        self.file = str(folder / f"{name}.pem")
        made.cert_pem.write_to_path(self.file)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.issue_cert(name).configure_cert(self.server)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: Any) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: Any) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "example.net")


def test_tls_is_verified_against_the_named_authority(
    serve_raw: Any, wire_to: Any, authority: Authority, stranger: Authority
) -> None:
    server = serve_raw(lambda write, n: write(OK) or True, tls=authority.server)
    assert wire_to(server.url, extra={"ca_file": authority.file}).send("GET", "/", safe=True).json() == {"a": 1}
    for extra in ({}, {"ca_file": stranger.file}):
        wire: Wire = wire_to(server.url, extra=extra)
        wire.session.verify = False
        for call in (lambda w: w.send("POST", "/", safe=False), lambda w: w.session.get(server.url, verify=False)):
            with pytest.raises(
                Unreachable, match="C103 TLS was refused: unable to get local issuer certificate"
            ) as caught:
                call(wire)
            assert "`ca_file`" in caught.value.fix
    assert server.requests == 1


def test_a_certificate_of_another_host_is_refused(serve_raw: Any, wire_to: Any, stranger: Authority) -> None:
    server = serve_raw(lambda write, n: write(OK) or True, tls=stranger.server)
    with pytest.raises(Unreachable, match="C103 TLS was refused: IP address mismatch"):
        wire_to(server.url, extra={"ca_file": stranger.file}).send("GET", "/", safe=True)


def test_a_trust_anchor_that_is_not_there_is_said_at_once(wire_to: Any, tmp_path: Any) -> None:
    with pytest.raises(Refused, match="C308 the trust anchor of connection 'acme_api' cannot be read"):
        wire_to("https://acme.example", extra={"ca_file": str(tmp_path / "none.pem")})


def test_calls_share_a_connection(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(OK) or True)
    wire: Wire = wire_to(server.url)
    for _ in range(5):
        assert wire.send("GET", "/", safe=True).status == 200
    assert (server.connections, server.requests, wire.calls) == (1, 5, 5)


def test_what_was_not_sent_is_unreachable_even_for_a_write(wire_to: Any, serve_raw: Any) -> None:
    server = serve_raw(lambda write, n: True)
    closed = server.url.rsplit(":", 1)[0] + ":1"
    with pytest.raises(Unreachable, match="C102 no connection: connection refused"):
        wire_to(closed).send("POST", "/", safe=False)
    with pytest.raises(Unreachable, match="C101 the host's name is not known"):
        wire_to("http://nowhere.invalid").send("POST", "/", safe=False)


def test_a_write_without_an_answer_is_unknown_and_sent_once(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: False)
    with pytest.raises(Unknown, match="C402 sent, and no whole answer: the connection was closed without an answer"):
        wire_to(server.url).send("POST", "/cases", safe=False, json={"a": 1})
    assert server.requests == 1


@pytest.mark.parametrize("code", [500, 502, 503, 504, 408])
def test_a_5xx_to_a_write_is_unknown(serve_raw: Any, wire_to: Any, code: int) -> None:
    server = serve_raw(lambda write, n: write(status(code)) or True)
    with pytest.raises(Unknown, match=f"C403 answered {code} to a write"):
        wire_to(server.url).send("POST", "/cases", safe=False)
    assert server.requests == 1


def test_a_safe_call_is_tried_three_times(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: n == 3 and (write(OK) or True))
    assert wire_to(server.url).send("POST", "/query", safe=True).json() == {"a": 1}
    server = serve_raw(lambda write, n: write(OK if n == 2 else status(503)) or True)
    assert wire_to(server.url).send("GET", "/query", safe=True).json() == {"a": 1}
    server = serve_raw(lambda write, n: False)
    with pytest.raises(Unreachable, match="C104 no whole answer"):
        wire_to(server.url).send("GET", "/query", safe=True)
    assert server.requests == 3
    server = serve_raw(lambda write, n: write(status(502)) or True)
    with pytest.raises(Unreachable, match="C105 answered 502"):
        wire_to(server.url).send("GET", "/query", safe=True)
    assert server.requests == 3


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "1000000000"}, 3600),
        ({"Retry-After": "1e9"}, 3600),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "inf"}, 30),
        ({"Retry-After": "9" * 5000}, 3600),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 1),
        ({"Retry-After": "Sun, 22 Nov 2099 09:00:00 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 3600),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "soon"}, 30),
        ({}, 30),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], after: float) -> None:
    assert retry_after(headers) == after


@pytest.mark.parametrize(("code", "header"), [(429, "X: y"), (429, "Retry-After: 12"), (503, "Retry-After: 12")])
@pytest.mark.parametrize("safe", [True, False])
def test_throttling_is_told_at_once(serve_raw: Any, wire_to: Any, code: int, header: str, safe: bool) -> None:
    server = serve_raw(lambda write, n: write(status(code, header)) or True)
    with pytest.raises(Throttled) as caught:
        wire_to(server.url).send("POST", "/cases", safe=safe)
    assert caught.value.after == (12 if "12" in header else 30)
    assert server.requests == 1


@pytest.mark.parametrize(("code", "name"), [(401, "C301"), (403, "C302")])
def test_who_is_not_let_in_is_told_where_to_look(serve_raw: Any, wire_to: Any, code: int, name: str) -> None:
    server = serve_raw(lambda write, n: write(status(code, body=b'{"error": "no such user"}')) or True)
    with pytest.raises(Refused) as caught:
        wire_to(server.url).send("POST", "/cases", safe=False)
    assert caught.value.code == name
    assert "acme_api" in caught.value.fix
    assert "no such user" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error"), [(200, "C304"), (401, "C301"), (403, "C302"), (500, "C105"), (503, "C105"), (429, "C200")]
)
def test_html_where_json_should_be(serve_raw: Any, wire_to: Any, code: int, error: str) -> None:
    page = b"<html><h1>Sign in</h1></html>"
    head = f"HTTP/1.1 {code} X\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
    server = serve_raw(lambda write, n: write(head.encode() + page) or True)
    with pytest.raises(ConnectorError) as caught:
        wire_to(server.url).send("GET", "/cases", safe=True).json()
    assert caught.value.code == error
    assert "<h1>" not in str(caught.value)


def test_a_write_answered_with_no_json_is_unknown(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(status(200, body=b"<html>")) or True)
    answer = wire_to(server.url).send("POST", "/cases", safe=False)
    with pytest.raises(Unknown, match="C404 answered 200 with no JSON that we accept"):
        answer.json()


def test_other_answers_are_left_to_the_kind(serve_raw: Any, wire_to: Any) -> None:
    codes = [201, 204, 300, 304, 400, 404, 409, 412, 422]
    server = serve_raw(lambda write, n: write(status(codes[n - 1], body=b"")) or True)
    wire: Wire = wire_to(server.url)
    assert [wire.send("POST", "/", safe=False).status for _ in codes] == codes


SECRETS = ('s3cr3t/+ "x" päss', "issued-token-1234", "client-secret-99")


def test_no_secret_comes_out(serve_raw: Any, wire_to: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    password, token, client_secret = SECRETS
    echo = (
        f'{{"you sent": "Basic Y2FzZWJyaWRnZTpzM2NyM3Q=", "access_token": "zzzzzzzzz", "p": "{password}", '
        f'"q": "s3cr3t%2F%2B%20%22x%22%20p%C3%A4ss", "t": "{token}", "c": "{client_secret}"}}'
    ).encode()
    codes = [401, 403, 429, 500, 400]
    server = serve_raw(lambda write, n: write(status(codes[n - 1], body=echo)) or True)
    wire: Wire = wire_to(server.url, password=password, extra={"client_secret": client_secret})
    wire.redact.hide(token)
    said = [repr(wire.credentials)]
    for _ in codes[:4]:
        with pytest.raises(ConnectorError) as caught:
            wire.send(
                "POST",
                "/cases",
                safe=False,
                headers={"Authorization": f"Bearer {token}"},
            )
        said += [str(caught.value), repr(caught.value), str(caught.value.__cause__)]
    said += [wire.said(wire.send("POST", "/", safe=False)), *(record.getMessage() for record in caplog.records)]
    spilt = [*SECRETS, "zzzzzzzzz", "Y2FzZWJyaWRnZTpzM2NyM3Q", "s3cr3t%2F"]
    assert [(secret, line) for secret in spilt for line in said if secret in line] == []
    assert "[hidden]" in said[1]


def test_a_token_in_an_address_is_not_told(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(status(403)) or True)
    wire: Wire = wire_to(server.url)
    wire.redact.hide("issued-token-1234")
    with pytest.raises(Refused, match=r"^acme GET /cases/\[hidden\]: C302"):
        wire.send("GET", "/cases/issued-token-1234", safe=True, params={"key": "issued-token-1234"})


def test_a_password_in_an_element_that_bears_attributes_is_hidden_too(wire_to: Any) -> None:
    wire: Wire = wire_to("http://127.0.0.1:1")
    said = wire.redact('<wsse:Password Type="urn:x#PasswordDigest">weYI3nXd8Lj=</wsse:Password><b>plain</b>')
    assert said == '<wsse:Password Type="urn:x#PasswordDigest">[hidden]</wsse:Password><b>plain</b>'


def test_a_token_in_an_address_is_not_logged_beneath_us(
    serve_raw: Any, wire_to: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    malformed = OK.replace(b"Content-Type", b"no header at all\r\nContent-Type")
    server = serve_raw(lambda write, n: write(malformed) or False)
    wire_to(server.url).send("GET", "/cases", safe=True, params={"key": "issued-token-1234"})
    assert "issued-token-1234" not in caplog.text


def test_an_error_forges_no_log_line(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(status(403, body=b"x\r\n2026 INFO all is well\x1b[0m")) or True)
    with pytest.raises(Refused) as caught:
        wire_to(server.url).send("GET", "/", safe=True)
    assert caught.value.said == "x 2026 INFO all is well [0m"


def test_what_cannot_be_sent_is_rejected(wire_to: Any) -> None:
    wire: Wire = wire_to("http://127.0.0.1:1")
    for given in ({"json": {"a": "\ud800"}}, {"json": {"a": "a\0b"}}, {"headers": {"If-Match": "1\r\nX: y"}}):
        with pytest.raises(Rejected, match="C604 this cannot be put into a request"):
            wire.send("POST", "/", safe=False, **given)


def test_a_library_on_the_session_gets_our_errors_and_one_deadline(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: n % 3 == 0 and (write(OK) or True))
    wire: Wire = wire_to(server.url)
    with pytest.raises(Unknown, match="acme POST /soap: C402"):
        wire.session.post(f"{server.url}/soap", data=b"<x/>")
    with wire.call("acme listCases", safe=True):
        response = wire.session.post(f"{server.url}/soap", data=b"<x/>", timeout=99)
    assert wire.judge(wire.answer(response, where="acme listCases", safe=True)).json() == {"a": 1}
    slow = serve_raw(lambda write, n: time.sleep(0.4) or (write(OK) or True))
    wire = wire_to(slow.url, deadline=0.6)
    with wire.call("acme listCases", safe=True):
        wire.session.get(slow.url)
        with pytest.raises(Unreachable, match="acme listCases: C104"):
            wire.session.get(slow.url)


def test_the_environment_changes_nothing(serve_raw: Any, wire_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    server = serve_raw(lambda write, n: write(status(200, "Set-Cookie: sid=1", body=b"{}")) or True)
    wire: Wire = wire_to(server.url)
    assert wire.send("GET", "/", safe=True).status == 200
    assert list(wire.session.cookies) == []


def test_each_request_is_observed_without_its_content(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: n > 1 and (write(OK) or True))
    seen: list[Trace] = []
    wire_to(server.url, observe=seen.append).send("GET", "/cases?token=abcdefgh", safe=True, where="acme list")
    assert [(one.where, one.method, one.path, one.status, one.received) for one in seen] == [
        ("acme list", "GET", "/cases", 0, 0),
        ("acme list", "GET", "/cases", 200, 8),
    ]


def test_several_threads_share_a_wire(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(OK) or True)
    wire: Wire = wire_to(server.url)
    got: list[int] = []
    work = [
        threading.Thread(target=lambda: got.extend(wire.send("GET", "/", safe=True).status for _ in range(20)))
        for _ in range(4)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(10)
    assert got == [200] * 80
    assert server.connections <= 4


def test_a_call_is_held_back_before_each_request_and_that_counts_against_no_deadline(
    serve_raw: Any, wire_to: Any
) -> None:
    server = serve_raw(lambda write, n: write(status(502 if n == 1 else 200)) or True)
    asked: list[str] = []

    def wait(where: str) -> None:
        asked.append(where)
        time.sleep(0.3)

    answer = wire_to(server.url, deadline=0.4, before=wait).send("GET", "/cases", safe=True)
    assert answer.status == 200
    assert asked == ["acme GET /cases"] * 2 == ["acme GET /cases"] * server.requests


def test_what_the_pace_refuses_is_not_sent(serve_raw: Any, wire_to: Any) -> None:
    server = serve_raw(lambda write, n: write(status(200)) or True)

    def refuse(where: str) -> None:
        raise Throttled("our share is used up.", after=4000, where=where, code="C202")

    for safe in (True, False):
        with pytest.raises(Throttled, match="acme GET /cases: C202 our share is used up"):
            wire_to(server.url, before=refuse).send("GET", "/cases", safe=safe)
    assert server.requests == 0
