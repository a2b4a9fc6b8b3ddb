"""Southgate, an rpc/encoded service that is nobody's library: who we are there, and what befalls calls on their way.

Its process is real and reads messages by the standards alone; what the contract suite asks of it stands there.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree
from ruamel.yaml import YAML

from connectors.base import Change, Credentials, Receipt
from connectors.errors import Refused, Rejected, Throttled, Unknown, Unreachable
from connectors.soap import Soap
from connectors.soap_auth import UsernameToken
from connectors.soap_envelope import SPACES, message
from connectors.soap_security import secure
from connectors.soap_system import SoapSystem
from southgate import FOLDER, LOGIN, southgate, trouble

Service = Callable[..., tuple[str, Soap]]
Connect = Callable[..., Soap]


def read(name: str) -> dict[str, Any]:
    return dict(YAML(typ="safe").load((FOLDER / name).read_text(encoding="utf-8")))


SESSION = read("in-a-session.yaml")


def declared(**changed: Any) -> SoapSystem:
    return SoapSystem.model_validate(read("system.yaml") | changed)


def secured(**changed: Any) -> dict[str, Any]:
    return {"auth": {"kind": "username_token", **changed}}


@pytest.fixture(scope="module")
def by_digest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose clock is right."""
    with southgate(tmp_path_factory.mktemp("southgate")) as url:
        yield url


@pytest.fixture
def by_session(tmp_path: Path) -> Iterator[str]:
    """A service with a count of logins of its own."""
    with southgate(tmp_path, auth="session") as url:
        yield url


@pytest.fixture
def connect() -> Iterator[Connect]:
    """connect(url, system, password=..., clock=...)"""
    with ExitStack() as stack:

        def make(url: str, system: SoapSystem | None = None, *, password: str = LOGIN[1], **given: Any) -> Soap:
            credentials = Credentials(url, LOGIN[0], password)
            soap = Soap(system or declared(), credentials, sleep=lambda _: None, **given)
            return stack.enter_context(closing(soap))

        yield make


def create(**body: Any) -> Change:
    hub_id = str(uuid.uuid4())
    return Change(f"{hub_id}/create", "create", hub_id, {"short_description": "No signal", **body}, hub_id)


def update(native_id: str | None, lane: str = "", **body: Any) -> Change:
    return Change(str(uuid.uuid4()), "update", lane or str(native_id), body, "", native_id)


def push(soap: Soap, change: Change) -> Receipt:
    (receipt,) = soap.push([change])
    return receipt


def made(soap: Soap) -> str:
    receipt = push(soap, create())
    assert receipt.error is None
    return receipt.native_id or ""


def test_the_password_is_shown_to_nobody_who_listens(by_digest: str, connect: Connect) -> None:
    soap = connect(by_digest)
    sent: list[bytes] = []
    posted = soap._wire.session.post
    soap._wire.session.post = lambda url, data, **more: (sent.append(data), posted(url, data=data, **more))[1]  # type: ignore[method-assign]
    assert soap.check() == "casebridge at Southgate"
    assert soap.check() == "casebridge at Southgate"
    assert b"PasswordDigest" in sent[0]
    assert LOGIN[1].encode() not in sent[0]
    nonces = [one.partition(b"Nonce")[2].partition(b"</")[0] for one in sent]
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("skew", ["-7200", "7200", "0"])
def test_a_clock_that_is_hours_away_is_measured_once(skew: str, tmp_path: Path, connect: Connect) -> None:
    with southgate(tmp_path, skew=skew) as url:
        traces: list[Any] = []
        soap = connect(url, observe=traces.append)
        soap.check()
        assert len(traces) == (1 if skew == "0" else 2)
        soap.check()
        receipt = push(soap, create())
        assert receipt.error is None
        assert len(traces) == (3 if skew == "0" else 4)


def test_a_declared_skew_is_taken_at_its_word(tmp_path: Path, connect: Connect) -> None:
    with southgate(tmp_path, skew="900") as url:
        traces: list[Any] = []
        assert connect(url, declared(**secured(skew=900)), observe=traces.append).check()
        assert len(traces) == 1
        with pytest.raises(Refused) as caught:
            connect(url, declared(**secured(skew=0))).check()
    assert str(caught.value) == (
        "southgate whoAmI: C382 they call our message too old, or from the future. "
        "They said: MessageExpired: the message has expired, or is not yet good\n"
        "  Fix: set this machine's clock; where theirs is wrong, say by how many seconds in `auth.skew`."
    )


def test_a_clock_of_our_own_that_is_wrong_does_no_harm(by_digest: str, connect: Connect) -> None:
    assert connect(by_digest, clock=lambda: datetime.now(UTC) - timedelta(days=3)).check()


def test_a_password_as_it_is_goes_where_that_is_wanted(tmp_path: Path, connect: Connect) -> None:
    with southgate(tmp_path, auth="text") as url:
        assert connect(url, declared(**secured(password="text"))).check()
        with pytest.raises(Refused, match="C301 they do not know who we are"):
            connect(url).check()


def test_a_message_with_a_nonce_is_never_sent_twice(by_digest: str, connect: Connect) -> None:
    traces: list[Any] = []
    soap = connect(by_digest, observe=traces.append)
    trouble(by_digest, "502")
    with pytest.raises(Unreachable, match="C105 answered 502"):
        soap.check()
    assert len(traces) == 1
    assert soap.check()


def test_a_service_that_knows_no_security_says_so_and_we_too(by_session: str, connect: Connect) -> None:
    with pytest.raises(Refused) as caught:
        connect(by_session).check()
    assert "C301 they do not know who we are. They said: MustUnderstand: a header that is not known here" in str(
        caught.value
    )
    assert "check login and secret in the connection 'southgate', and `auth` in system.yaml." in caught.value.fix


def test_a_session_that_ends_within_a_batch_costs_one_login_for_all_and_loses_no_change(
    by_session: str, connect: Connect
) -> None:
    soap = connect(by_session, declared(**SESSION, concurrency=4))
    ids = [made(soap) for _ in range(8)]
    assert trouble(by_session, *[""] * 5, "expire") == 1
    changes = [update(one, state=state) for state in ("In Progress", "On Hold", "In Progress") for one in ids]
    assert [receipt.error for receipt in soap.push(changes)] == [None] * 24
    assert trouble(by_session) == 2
    assert {record.body["state"] for record in soap.fetch(ids)} == {"In Progress"}
    for one in ids:
        assert [line.new for line in soap.history(one) if line.field == "state"] == [
            "In Progress",
            "On Hold",
            "In Progress",
        ]


def test_a_session_is_renewed_before_its_end(tmp_path: Path, connect: Connect) -> None:
    now = [0.0]
    with southgate(tmp_path, auth="session", life="60") as url:
        soap = connect(url, declared(**SESSION), monotonic=lambda: now[0])
        soap.check()
        now[0] = 53
        soap.check()
        assert trouble(url) == 1
        now[0] = 55
        soap.check()
        assert trouble(url) == 2


def test_who_is_never_let_in_logs_in_three_times_at_most(by_session: str, connect: Connect) -> None:
    stranger = connect(by_session, declared(**SESSION), password="another-secret")
    for _ in range(6):
        with pytest.raises(Refused) as caught:
            stranger.check()
    assert trouble(by_session) == 3
    assert str(caught.value) == (
        "southgate login: C310 3 logins in a row gave no session that they let in.\n"
        "  Fix: check login and secret in connection 'southgate', and `auth` in system.yaml."
    )
    assert "another-secret" not in f"{caught.value!r} {caught.value.__context__!r}"


def test_a_login_that_fails_over_there_is_no_wrong_secret(by_session: str, connect: Connect) -> None:
    soap = connect(by_session, declared(**SESSION))
    trouble(by_session, "fault in 200", "503", "429", "half")
    for error in (Unreachable, Throttled, Throttled):
        with pytest.raises(error):
            soap.check()
    assert soap.check() == "casebridge at Southgate", "half an answer to a login is asked for again at once"


def test_a_create_that_was_applied_and_not_answered_is_found(by_digest: str, connect: Connect) -> None:
    soap = connect(by_digest, declared(deadline=1.0))
    for befell in ("no answer", "half", "slow", "fault in 200"):
        change = create()
        trouble(by_digest, befell)
        receipt = push(soap, change)
        assert isinstance(receipt.error, Unknown), befell
        (there,) = soap.find(change.hub_id)
        again = push(soap, change)
        assert (again.error, again.found, again.native_id) == (None, True, there.native_id)
        assert len(soap.find(change.hub_id)) == 1


@pytest.mark.parametrize("befell", ["429", "503"])
def test_who_asks_to_wait_is_not_written_to(befell: str, by_digest: str, connect: Connect) -> None:
    soap = connect(by_digest)
    native_id = made(soap)
    trouble(by_digest, befell)
    receipt = push(soap, update(native_id, state="On Hold"))
    assert isinstance(receipt.error, Throttled)
    assert receipt.error.after == 7
    assert soap.fetch([native_id])[0].body["state"] == "New"


def test_an_error_in_a_good_answer_is_no_success(by_digest: str, connect: Connect) -> None:
    soap = connect(by_digest)
    native_id = made(soap)
    receipt = push(soap, update(native_id, state="Gone fishing"))
    assert isinstance(receipt.error, Rejected)
    assert "southgate update: C674 they refuse this record. They said: unknown_value: state:" in str(receipt.error)
    assert soap.fetch([native_id])[0].body["state"] == "New"


def test_a_find_that_lags_tells_nothing_until_then_and_a_second_create_is_found_all_the_same(
    tmp_path: Path, connect: Connect
) -> None:
    with southgate(tmp_path, lag="3600") as url:
        soap = connect(url)
        change = create()
        first = push(soap, change)
        assert soap.find(change.hub_id) == []
        again = push(soap, change)
        assert (again.found, again.native_id, again.error) == (True, first.native_id, None)


def acted(url: str, actions: list[dict[str, Any]]) -> None:
    """At its desk, all at once."""
    told = requests.post(f"{url}/desk/api/actions", json={"actions": actions}, timeout=30).json()["results"]
    assert not [one for one in told if "error" in one], told


def test_a_page_of_the_services_own_limit_is_not_the_last(tmp_path: Path, connect: Connect) -> None:
    with southgate(tmp_path) as url:
        soap = connect(url, declared(page=1000, batch=1000))
        acted(url, [{"op": "create", "fields": {"short_description": f"T{n}"}} for n in range(255)])
        cases = requests.get(f"{url}/desk/api/cases", timeout=30).json()["cases"]
        ids = {one["sys_id"] for one in cases}
        assert len(ids) == 255
        assert {one.native_id for page in soap.pull(None) for one in page.records} == ids
        assert {one.native_id for one in soap.fetch(sorted(ids))} == ids
        busy = cases[0]  # two lines each: 260, where 250 are answered at most
        edit = {"op": "edit", "number": busy["number"]}
        acted(url, [{**edit, "fields": {"description": str(n), "caller": str(n)}} for n in range(130)])
        assert len(soap.history(busy["sys_id"])) == 260


@pytest.mark.parametrize(
    "text",
    ["<b>&amp;</b> ]]> {id} {password}", "a\r\nb\tc", "señal ñ 😀 \u202e", "' OR '1'='1^u_hub_case!=x", "{{body}}"],
)
def test_a_text_of_any_kind_is_a_text_there(text: str, by_digest: str, connect: Connect) -> None:
    soap = connect(by_digest)
    receipt = push(soap, create(description=text))
    assert receipt.error is None
    assert soap.fetch([receipt.native_id or ""])[0].body["description"] == text


def test_what_no_xml_can_carry_is_refused_before_it_is_sent(by_digest: str, connect: Connect) -> None:
    traces: list[Any] = []
    soap = connect(by_digest, observe=traces.append)
    receipt = push(soap, create(description="a\x0bb"))
    assert isinstance(receipt.error, Rejected)
    assert "C672 fields.description: the character U+000B at 1 cannot stand in XML" in str(receipt.error)
    assert isinstance(push(soap, create(**{"<x>": "1"})).error, Rejected)
    assert traces == []


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_digest_may_be_taken_of_the_passwords_hash_and_a_timestamp_left_out(version: str) -> None:
    made = message(etree.Element("ask"), version, "")
    token = UsernameToken(password="digest_of_hash", timestamp=None)
    secure(made.envelope, token, Credentials("", *LOGIN), datetime(2026, 11, 28, 7, 30, 5, tzinfo=UTC))
    header = etree.fromstring(made.raw())[0][0]
    said = {etree.QName(one).localname: one.text or "" for one in header.iter()}
    assert said["Created"] == "2026-11-28T07:30:05Z"
    hashed = hashlib.sha1(LOGIN[1].encode()).digest()
    digest = hashlib.sha1(base64.b64decode(said["Nonce"]) + said["Created"].encode() + hashed).digest()
    assert said["Password"] == base64.b64encode(digest).decode()
    assert "Timestamp" not in said
    assert header.get(f"{{{SPACES[version]}}}mustUnderstand") == "1"
