"""`casebridge serve` as a process, on a socket: whose webhooks it takes, and what becomes of them.

The sender signs by itself, as the standard's text says, so that no library's mistake is made on both sides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub import hints
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.hints import Hint
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import API_LOGIN, Company, Desk, start, stop

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of this partner").decode()
OTHER = "whsec_" + base64.b64encode(b"thirty-two bytes of that partner").decode()


def signature(secret: str, webhook: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{webhook}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


def signed(body: bytes, webhook: str = "msg_1", *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    return {
        "webhook-id": webhook,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, webhook, stamp, body),
    }


def about(native_id: object) -> bytes:
    return json.dumps({"type": "ticket.changed", "data": {"id": native_id}}).encode()


@dataclass
class Hub:
    """The process, and the ledger that it writes into."""

    url: str
    process: subprocess.Popen[str]
    log: Path
    ledger: Ledger
    environ: dict[str, str]
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20, trust_env=False))

    def post(self, body: bytes, headers: dict[str, str], partner: str = "northcable") -> int:
        return self.client.post(f"{self.url}/webhooks/{partner}", content=body, headers=headers).status_code

    def hints(self) -> list[str]:
        with self.ledger.look(wall_clock()) as tx:
            return [one.native_id for one in hints.waiting(tx, "northcable", 100)]

    def exchange(self) -> Exchange:
        settings = Settings.from_environment(self.environ, root=ROOT)
        return assemble(
            self.ledger, load_alliance(settings), lambda conn_id: from_environment(conn_id, self.environ), wall_clock
        )


def begin(home: Path, northcable: str, secret: str) -> Hub:
    login, password = API_LOGIN
    written = {"conn_type": "casebridge_rest", "host": northcable, "login": login, "password": password}
    environ = {
        "PATH": os.environ["PATH"],
        "CASEBRIDGE_HOME": str(home),
        "AIRFLOW_CONN_NORTHCABLE": json.dumps({**written, "extra": {"webhook_secret": secret}}),
    }
    log = home / "serve.log"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "casebridge"), "serve", "--port", "0"],
            env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Serving on "):
            ledger = Ledger.open(Settings.from_environment(environ, root=ROOT))
            return Hub(line.split()[-1], process, log, ledger, environ)
    raise AssertionError([*lines, log.read_text()])


def end(hub: Hub) -> int:
    hub.client.close()
    hub.process.send_signal(signal.SIGTERM)
    code = hub.process.wait(20)
    assert hub.process.stdout is not None
    hub.process.stdout.close()
    hub.ledger.engine.dispose()
    return code


@pytest.fixture(scope="module")
def northcable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = start("northcable", tmp_path_factory.mktemp("companies"), 0)
    yield company
    stop([company])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, northcable: Company) -> Iterator[Hub]:
    """One hub for all; each test looks at hints of its own."""
    running = begin(tmp_path_factory.mktemp("hub"), northcable.url, f"{OTHER} {SECRET}")
    running.exchange().intake("northcable")
    yield running
    end(running)


def test_a_forged_or_old_webhook_is_refused_and_one_sent_twice_is_heeded_once(hub: Hub, northcable: Company) -> None:
    desk, exchange = Desk(northcable), hub.exchange()
    (opened,) = desk.act([{"op": "create", "fields": {"title": "No signal"}}])
    body, now = about(opened["id"]), time.time()
    good = signed(body, "msg_one")
    stranger = "whsec_" + base64.b64encode(b"thirty-two bytes of nobody at all").decode()
    forged = [
        (body, {}),
        (body, signed(body, "msg_one", secret=stranger)),
        (about(2), good),
        (body, good | {"webhook-id": "msg_two"}),
        (body, good | {"webhook-timestamp": str(int(now) + 60)}),
        (body, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}),
        (body, good | {"webhook-signature": "v1"}),
        (body, good | {"webhook-signature": "v1,not base64"}),
        (body, {name: text for name, text in good.items() if name != "webhook-signature"}),
        (body, signed(body, "msg_old", at=now - 310)),
        (body, signed(body, "msg_early", at=now + 310)),
        (body, good | {"webhook-timestamp": "nan"}),
        (b"\xff" + body, good),
    ]
    assert [hub.post(*one) for one in forged] == [401] * len(forged)
    assert hub.hints() == []
    assert hub.post(body, good) == 204
    assert hub.hints() == [str(opened["id"])]
    done = exchange.heed("northcable")
    assert (done.hinted, done.applied) == (1, 1)
    head = hub.ledger.head()
    again = [hub.post(body, good), hub.post(body, signed(body, "msg_one", at=now + 1))]
    assert again == [204, 204]
    assert hub.hints() == []
    assert exchange.heed("northcable").hinted == 0
    assert hub.ledger.head() == head
    exchange.close()
    desk.close()


def test_while_a_secret_is_changed_a_signature_of_the_old_and_of_the_new_one_is_good(hub: Hub) -> None:
    body = about("none such")
    old, new = signed(body, "msg_old_key", secret=OTHER), signed(body, "msg_new_key")
    both = signed(body, "msg_both") | {
        "webhook-signature": " ".join(
            [f"v1a,{base64.b64encode(b'x' * 64).decode()}", signed(body, "msg_both")["webhook-signature"]]
        )
    }
    assert [hub.post(body, headers) for headers in (old, new, both)] == [204, 204, 204]
    assert hub.exchange().heed("northcable").read == 0  # they know no such record: nothing happens


def test_what_names_no_record_is_taken_and_nothing_is_read_because_of_it(hub: Hub) -> None:
    bodies = [b"{}", b"not json", about(None), about(True), about([1]), about(".."), about("x" * 300), about("a\nb")]
    headers = [signed(body, f"msg_odd_{number}") for number, body in enumerate(bodies)]
    assert [hub.post(*one) for one in zip(bodies, headers, strict=True)] == [204] * len(bodies)
    assert hub.hints() == []


def test_an_id_that_they_cannot_make_sense_of_stops_neither_the_others_nor_the_partner(
    hub: Hub, northcable: Company
) -> None:
    desk, exchange = Desk(northcable), hub.exchange()
    exchange.intake("northcable")
    (opened,) = desk.act([{"op": "create", "fields": {"title": "No dial tone"}}])
    for number, native_id in enumerate(("x/../y", opened["id"], "1,2", "999999")):
        body = about(native_id)
        assert hub.post(body, signed(body, f"msg_sense_{number}")) == 204
    done = exchange.heed("northcable")
    assert (done.hinted, done.read, done.applied) == (4, 1, 1)
    assert hub.hints() == []
    assert [row.error for row in hub.ledger.partners() if row.name == "northcable"] == [""]
    exchange.close()
    desk.close()


def test_a_body_is_bounded_and_waited_for_no_longer_than_five_seconds(hub: Hub) -> None:
    large = about("x" * 300_000)
    assert hub.post(large, signed(large)) == 413
    chunks = (b"x" * 65_536 for _ in range(64))
    assert hub.client.post(f"{hub.url}/webhooks/northcable", content=chunks).status_code == 413
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=15) as drip:
        drip.sendall(b"POST /webhooks/northcable HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\n{")
        began = time.monotonic()
        assert b" 408 " in drip.recv(4096)
        assert time.monotonic() - began < 10


def test_only_a_partner_that_sends_webhooks_has_an_address(hub: Hub) -> None:
    body = about(1)
    assert [hub.post(body, signed(body), partner) for partner in ("telvoz", "nobody", "north/cable")] == [404] * 3
    assert hub.client.get(f"{hub.url}/webhooks/northcable").status_code == 405
    assert hub.client.get(f"{hub.url}/openapi.json").status_code == 404
    assert hub.client.get(f"{hub.url}/health").json().keys() == {"ledger"}


def test_the_log_tells_what_became_of_each_and_repeats_nothing_that_was_sent(hub: Hub) -> None:
    body = json.dumps({"data": {"id": "a-canary-7f3", "customer": "Mrs Canary"}}).encode()
    hub.post(body, signed(body, "msg_logged"))
    hub.post(body, signed(body, "msg_forged_canary", secret=OTHER.replace("d", "e", 1)))
    lines = [json.loads(line) for line in hub.log.read_text().splitlines()]
    told: list[dict[str, Any]] = [{k: v for k, v in line.items() if k != "timestamp"} for line in lines]
    assert {
        "partner": "northcable", "event": "webhook noted", "level": "info", "webhook": "msg_logged",
        "names_a_record": True,
    } in told  # fmt: skip
    assert told[-1] == {
        "partner": "northcable", "event": "webhook refused", "level": "warning", "why": "No matching signature found",
    }  # fmt: skip
    assert "anary-7f3" not in hub.log.read_text()
    assert "Mrs" not in hub.log.read_text()
    assert SECRET not in hub.log.read_text()


def test_a_connection_without_a_fit_secret_has_its_webhooks_answered_503_and_says_so_at_the_start(
    tmp_path: Path,
) -> None:
    weak = begin(tmp_path, "http://127.0.0.1:9", "whsec_c2hvcnQ=")
    body = about(1)
    assert weak.post(body, signed(body)) == 503
    assert '"code": "C325"' in weak.log.read_text()
    assert end(weak) == 0


def test_a_hint_that_comes_while_its_record_is_being_read_stands_on(world: Any) -> None:
    ledger = world.ledger
    with ledger.transaction(world.clock()) as tx:
        assert hints.note(tx, "north", "msg_1", "7") == "noted"
        read = hints.waiting(tx, "north", 10)
    with ledger.transaction(world.clock()) as tx:
        hints.note(tx, "north", "msg_2", "7")
        hints.heeded(tx, "north", read)
        assert hints.waiting(tx, "north", 10) == [Hint("7", "msg_2")]
        hints.heeded(tx, "north", hints.waiting(tx, "north", 10))
        assert hints.waiting(tx, "north", 10) == []
        assert hints.note(tx, "north", "msg_2", "7") == "known"
        assert hints.newest(tx, "north") == ""


def at_a_prompt(hub: Hub, *said: str) -> str:
    command = [str(Path(sys.executable).parent / "casebridge"), *said]
    done = subprocess.run(command, env=hub.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_customer_answers_by_the_link_that_a_person_asked_for_at_a_prompt(hub: Hub, northcable: Company) -> None:
    desk, exchange = Desk(northcable), hub.exchange()
    (opened,) = desk.act([{"op": "create", "fields": {"title": "No picture", "state": "Open", "reference": "FB-1"}}])
    exchange.intake("northcable")
    refused = at_a_prompt(hub, "feedback", "link", opened["number"])
    assert "X509" in refused
    assert "is inProgress: its customer is asked once it is resolved." in refused
    desk.act([{"op": "edit", "number": opened["number"], "fields": {"state": "Solved"}}])
    exchange.intake("northcable")
    told = at_a_prompt(hub, "feedback", "link", opened["number"], "--base", hub.url)
    link = told.split()[0]
    assert link.startswith(f"{hub.url}/feedback/")
    assert at_a_prompt(hub, "feedback", "link", opened["number"], "--base", hub.url) == told  # the same for the round
    shown = hub.client.get(link)
    assert f"Your case {opened['number']}, resolved on " in shown.text
    assert "No picture" not in shown.text
    mark = shown.text.partition('name="mark" value="')[2].partition('"')[0]
    form = {"mark": mark, "lang": "en", "score": "5", "text": "Well done & quick"}
    assert hub.client.post(link, data=form, headers={"origin": "http://evil.example"}).status_code == 403
    assert "Thank you!" in hub.client.post(link, data=form, headers={"origin": hub.url}).text
    exchange.deliver("northcable")
    (record,) = desk.cases("reference", ["FB-1"])
    assert (record["state"], record["satisfaction"]["score"]) == ("Closed", 5)
    assert record["satisfaction"]["comment"] == "Well done & quick"
    assert "X510" in at_a_prompt(hub, "feedback", "link", opened["number"])
    assert "heard: 5 of 5" in at_a_prompt(hub, "show", opened["number"])
    assert "Well done" not in hub.log.read_text()
    assert link.rpartition("/")[2] not in hub.log.read_text()
