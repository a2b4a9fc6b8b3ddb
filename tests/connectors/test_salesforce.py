"""The Salesforce connector against Brightnet's org: a process of its own, over HTTPS, with people at its desk."""

import random
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from ruamel.yaml import YAML

from connectors.adapter import Trace
from connectors.base import Change, Credentials, Cursor, Record
from connectors.errors import Refused, Rejected, Throttled, Unreachable
from connectors.salesforce import Salesforce
from connectors.salesforce_system import SalesforceSystem
from sandbox.companies.brightnet_door import application
from sandbox.companies.brightnet_tls import certificate
from sandbox.companies.brightnet_words import BRIGHTNET
from sandbox.companies.run import serving
from sandbox.companies.store import Store

DECLARED = Path(__file__).parents[2] / "mappings" / "partners" / "brightnet" / "system.yaml"


def declaration(**changed: Any) -> SalesforceSystem:
    return SalesforceSystem.model_validate({**YAML(typ="safe").load(DECLARED), **changed})


@dataclass
class Brightnet:
    """Its address, its people's desk, and connectors to it."""

    url: str
    ca_file: str
    traces: list[Trace] = field(default_factory=list)

    def connector(self, secret: str = "bridge-secret", **changed: Any) -> Salesforce:
        return Salesforce(
            declaration(**changed),
            Credentials(self.url, "casebridge", secret, {"ca_file": self.ca_file}),
            clock=lambda: datetime.now(UTC),
            sleep=time.sleep,
            monotonic=time.monotonic,
            random=random.Random(7).random,
            observe=self.traces.append,
        )

    def calls(self, path: str = "") -> int:
        return sum(path in one.path for one in self.traces)

    def desk(self, *actions: dict[str, Any]) -> list[dict[str, Any]]:
        answer = requests.post(
            f"{self.url}/desk/api/actions", json={"actions": actions}, auth=("agent", "agent"), verify=self.ca_file,
            timeout=20,
        )  # fmt: skip
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["results"]
        assert not any("error" in one for one in found), found
        return found

    def opened(self, **fields: Any) -> str:
        (made,) = self.desk({"op": "create", "fields": {"Subject": "Нет интернета", **fields}})
        return str(made["number"])


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brightnet]:
    home = tmp_path_factory.mktemp("brightnet")
    command = [sys.executable, "-m", "sandbox.companies.brightnet", "--port", "0", "--state", str(home)]
    running = subprocess.Popen([*command, "--tls-dir", str(home)], stdout=subprocess.PIPE, text=True)
    assert running.stdout
    try:
        assert select.select([running.stdout], [], [], 30)[0], "no READY within 30 s"
        word, url = running.stdout.readline().split()
        assert word == "READY"
        yield Brightnet(url, str(home / "ca.pem"))
    finally:
        running.terminate()
        running.wait(20)
        running.stdout.close()


@pytest.fixture
def brightnet(process: Brightnet) -> Brightnet:
    process.traces.clear()
    return process


@pytest.fixture
def salesforce(brightnet: Brightnet) -> Iterator[Salesforce]:
    with closing(brightnet.connector()) as connector:
        yield connector


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Callable[..., Brightnet]]:
    """An org of this test's own: org(session_seconds=..., daily_limit=...)."""
    stores, running = [], []

    def make(**limits: Any) -> Brightnet:
        stores.append(Store(tmp_path / "brightnet.db", BRIGHTNET))
        tls = certificate(tmp_path)
        running.append(serving(application(stores[-1], **limits), tls=tls))
        return Brightnet(running[-1].__enter__(), str(tls.authority))

    yield make
    for one in running:
        one.__exit__(None, None, None)
    for store in stores:
        store.close()


def pulled(connector: Salesforce, cursor: Cursor | None) -> tuple[list[Record], Cursor]:
    pages = list(connector.pull(cursor))
    assert pages
    return [one for page in pages for one in page.records], pages[-1].cursor


def create(hub_id: str | None = None, **fields: Any) -> Change:
    hub_id = hub_id or str(uuid4())
    return Change(f"create-{hub_id}", "create", hub_id, {"Subject": "Из узла", "Status": "Новое", **fields}, hub_id)


def made(connector: Salesforce, **fields: Any) -> Record:
    (receipt,) = connector.push([create(**fields)])
    assert receipt.native_id, receipt.error
    (record,) = connector.fetch([receipt.native_id])
    return record


def update(record: Record, **fields: Any) -> Change:
    return Change(f"update-{uuid4()}", "update", record.native_id, fields, "hub", record.native_id, record.version)


def note(record: Record, text: str, ref: str, *, published: bool = False) -> Change:
    body = {"CommentBody": text, "IsPublished": published}
    return Change(f"note-{ref}", "add_note", record.native_id, body, "hub", record.native_id, ref=ref)


def test_the_declaration_asks_for_fields_that_the_org_has(salesforce: Salesforce) -> None:
    described = salesforce.describe()
    asked = set(salesforce.system.fields)
    assert asked <= set(described.fields), asked - set(described.fields)
    assert described.fields["Status"].values[:2] == ("Новое", "В работе")
    assert described.fields["Subject"].required
    assert described.fields["Subject"].length == 255
    assert described.fields["Hub_Case__c"].length == 64
    assert described.fingerprint == salesforce.describe().fingerprint


def test_check_says_who_we_are(salesforce: Salesforce, brightnet: Brightnet) -> None:
    assert salesforce.check().startswith("user 005")
    assert salesforce.check().endswith(f"at {brightnet.url}")


def test_a_wrong_secret_is_refused(brightnet: Brightnet) -> None:
    with closing(brightnet.connector(secret="guessed")) as connector, pytest.raises(Refused) as caught:
        connector.check()
    assert "C350 the login was refused (400). They said: " in str(caught.value)
    assert "invalid_client" in str(caught.value)
    assert "guessed" not in str(caught.value)


def test_an_authority_that_is_not_named_is_not_trusted(brightnet: Brightnet) -> None:
    connector = Salesforce(
        declaration(),
        Credentials(brightnet.url, "casebridge", "bridge-secret"),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )
    with closing(connector), pytest.raises(Unreachable, match="C103 TLS was refused"):
        connector.check()


def test_a_pull_brings_what_people_did_and_a_quiet_one_only_the_overlap(
    salesforce: Salesforce, brightnet: Brightnet
) -> None:
    _, before = pulled(salesforce, None)
    number = brightnet.opened(Priority="Высокий", Cost__c="12.50", Minutes_Spent__c="15", Test__c=True)
    brightnet.desk({"op": "note", "number": number, "text": "клиент звонил", "audience": "private", "author": "Анна"})
    records, cursor = pulled(salesforce, before)
    (mine,) = (one for one in records if one.body["CaseNumber"] == number)
    assert mine.body["Subject"] == "Нет интернета"
    assert mine.body["Priority"] == "Высокий"
    assert mine.body["Test__c"] is True
    assert str(mine.body["Cost__c"]) == "12.5"
    assert "attributes" not in str(mine.body)
    (comment,) = mine.body["CaseComments"]
    assert (comment["CommentBody"], comment["IsPublished"]) == ("клиент звонил", False)
    assert comment["CreatedBy"] == {"Name": "Анна"}
    assert mine.changed_at is not None
    assert abs(mine.changed_at - datetime.now(UTC)) < timedelta(minutes=1)
    again, same = pulled(salesforce, cursor)
    assert same == cursor
    assert (mine.native_id, mine.version, mine.body) in [(one.native_id, one.version, one.body) for one in again]


def test_pages_in_order_with_hundreds_of_equal_stamps(org: Callable[..., Brightnet]) -> None:
    brightnet = org()
    brightnet.desk(*({"op": "create", "fields": {"Subject": f"Авария {n}"}} for n in range(500)))
    with closing(brightnet.connector(page=60, overlap=0)) as connector:
        pages = list(connector.pull(None))
        records = [one for page in pages for one in page.records]
        assert len(pages) >= 9
        assert len({one.native_id for one in records}) == len(records) == 500
        assert [one.version for one in records] == sorted(one.version for one in records)
        # Each page's cursor is right by itself: from any of them the rest comes, and nothing is lost.
        rest, _ = pulled(connector, pages[3].cursor)
        assert {one.native_id for one in records[240:]} <= {one.native_id for one in rest}


def test_edits_while_paging_lose_nothing(org: Callable[..., Brightnet]) -> None:
    brightnet = org()
    numbers = [
        one["number"] for one in brightnet.desk(*({"op": "create", "fields": {"Subject": str(n)}} for n in range(20)))
    ]
    with closing(brightnet.connector(page=5, overlap=0)) as connector:
        seen: dict[str, str] = {}
        for page in connector.pull(None):
            seen |= {one.body["CaseNumber"]: one.body["Subject"] for one in page.records}
            if len(seen) == 5:
                brightnet.desk(
                    *({"op": "edit", "number": n, "fields": {"Subject": "правка"}} for n in (numbers[2], numbers[8]))
                )
        assert set(seen) == set(numbers)
        # The one that was read before its edit bears a stamp of the same second: the next pull has it.
        seen |= {one.body["CaseNumber"]: one.body["Subject"] for one in pulled(connector, page.cursor)[0]}
        assert [seen[n] for n in (numbers[2], numbers[8])] == ["правка", "правка"]


def test_a_deleted_case_comes_as_gone(salesforce: Salesforce, brightnet: Brightnet) -> None:
    _, before = pulled(salesforce, None)
    number = brightnet.opened()
    brightnet.desk({"op": "delete", "number": number})
    records, _ = pulled(salesforce, before)
    (mine,) = (one for one in records if one.body["CaseNumber"] == number)
    assert mine.gone
    (fetched,) = salesforce.fetch([mine.native_id])
    assert fetched.gone


def test_a_change_in_either_direction_moves_the_version(salesforce: Salesforce) -> None:
    record = made(salesforce, Priority="Низкий")
    time.sleep(1.1)  # the org's stamps count whole seconds
    assert [one.error for one in salesforce.push([update(record, Priority="Высокий")])] == [None]
    (after,) = salesforce.fetch([record.native_id])
    assert after.body["Priority"] == "Высокий"
    assert after.version > record.version
    assert after.body["Subject"] == record.body["Subject"]


def test_two_hundred_changes_take_one_call(salesforce: Salesforce, brightnet: Brightnet) -> None:
    salesforce.check()
    brightnet.traces.clear()
    receipts = list(salesforce.push([create(Reference__c=f"INC{n}") for n in range(200)]))
    assert len({one.native_id for one in receipts}) == 200
    assert brightnet.calls() == 1
    brightnet.traces.clear()
    records = salesforce.fetch([str(one.native_id) for one in receipts])
    assert [one.native_id for one in records] == [one.native_id for one in receipts]
    assert [one.body["Reference__c"] for one in records] == [f"INC{n}" for n in range(200)]
    assert brightnet.calls() == 1


def test_a_create_sent_twice_makes_one_case(salesforce: Salesforce) -> None:
    first = made(salesforce)
    again = create(first.body["Hub_Case__c"], Subject="Иначе")
    (receipt,) = salesforce.push([again])
    assert (receipt.native_id, receipt.found, receipt.error) == (first.native_id, True, None)
    assert receipt.record is not None
    assert receipt.record.body["Subject"] == "Из узла"
    assert [one.native_id for one in salesforce.find(again.hub_id)] == [first.native_id]


def test_find_knows_nothing_of_what_is_not_there(salesforce: Salesforce, brightnet: Brightnet) -> None:
    assert salesforce.find(str(uuid4())) == ()
    assert salesforce.find("x' OR Subject != '") == ()
    record = made(salesforce)
    brightnet.desk({"op": "delete", "number": record.body["CaseNumber"]})
    assert salesforce.find(record.body["Hub_Case__c"]) == ()
    assert salesforce.fetch(["500000000000000AAA", "no id at all", ""]) == ()


def test_one_refused_row_parks_alone_with_the_known_values(salesforce: Salesforce) -> None:
    good, bad = made(salesforce), made(salesforce)
    receipts = {
        one.key: one for one in salesforce.push([update(good, Status="В работе"), update(bad, Status="В работа")])
    }
    assert sum(one.error is None for one in receipts.values()) == 1
    (error,) = (one.error for one in receipts.values() if one.error)
    assert isinstance(error, Rejected)
    assert f"brightnet update {bad.native_id} Status: C651 Status has no such value: 'В работа'." in str(error)
    assert "Known: Новое, В работе, Ожидание клиента" in str(error)
    assert "Did you mean 'В работе'?" in str(error)
    assert salesforce.fetch([good.native_id])[0].body["Status"] == "В работе"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Subject": None}, "C652 they refuse Subject."),
        ({"Holder_Number__c": "x" * 81}, "C652 they refuse Holder_Number__c. They said: STRING_TOO_LONG"),
        ({"Colour__c": "red"}, "Colour__c"),
        ({"CaseNumber": "1"}, "C652 they refuse CaseNumber."),
    ],
)
def test_refusals_name_the_field(salesforce: Salesforce, fields: dict[str, Any], said: str) -> None:
    record = made(salesforce)
    other = made(salesforce)
    receipts = list(salesforce.push([update(record, **fields), update(other, Agent__c="Анна")]))
    assert sum(one.error is None for one in receipts) == 1
    (error,) = (one.error for one in receipts if one.error)
    assert isinstance(error, Rejected)
    assert said in str(error)


def test_a_change_of_a_deleted_case_is_parked(salesforce: Salesforce, brightnet: Brightnet) -> None:
    record = made(salesforce)
    brightnet.desk({"op": "delete", "number": record.body["CaseNumber"]})
    (receipt,) = salesforce.push([update(record, Agent__c="Анна")])
    assert "C653 the record is not there any more. They said: ENTITY_IS_DELETED" in str(receipt.error)


def test_a_note_is_added_found_and_rides_along(salesforce: Salesforce) -> None:
    record = made(salesforce)
    text = "Мастер приедет завтра\n— Анна, Northcable [ref-42]"
    (receipt,) = salesforce.push([note(record, text, "ref-42", published=True)])
    assert receipt.error is None
    assert receipt.note_id == salesforce.find_note(record.native_id, "ref-42")
    assert salesforce.find_note(record.native_id, "ref-43") is None
    (comment,) = salesforce.fetch([record.native_id])[0].body["CaseComments"]
    assert (comment["Id"], comment["CommentBody"], comment["IsPublished"]) == (receipt.note_id, text, True)


def test_a_comment_over_four_thousand_bytes_is_refused_not_cut(salesforce: Salesforce) -> None:
    record = made(salesforce)
    (receipt,) = salesforce.push([note(record, "я" * 2001, "r")])
    assert "STRING_TOO_LONG" in str(receipt.error)
    assert "яяя" not in str(receipt.error)
    assert salesforce.fetch([record.native_id])[0].body["CaseComments"] == []


def test_one_lane_creates_changes_and_notes_in_order(salesforce: Salesforce) -> None:
    first = create()
    lane = first.lane
    changes = [
        first,
        Change("k2", "update", lane, {"Status": "В работе"}, first.hub_id),
        Change("k3", "add_note", lane, {"CommentBody": "раз", "IsPublished": False}, first.hub_id, ref="r"),
        Change("k4", "update", lane, {"Status": "Решено"}, first.hub_id),
    ]
    receipts = list(salesforce.push(changes))
    assert [one.key for one in receipts] == [first.key, "k2", "k3", "k4"]
    (record,) = salesforce.find(first.hub_id)
    assert record.body["Status"] == "Решено"
    moves = [(one.old, one.new) for one in salesforce.history(record.native_id) if one.field == "Status"]
    assert moves == [("Новое", "В работе"), ("В работе", "Решено")]


def test_history_tells_who_changed_what_in_order(salesforce: Salesforce, brightnet: Brightnet) -> None:
    record = made(salesforce, Priority="Низкий")
    brightnet.desk({"op": "edit", "number": record.body["CaseNumber"], "fields": {"Priority": "Критический"}})
    (line,) = (one for one in salesforce.history(record.native_id) if one.field == "Priority")
    assert (line.native_id, line.old, line.new) == (record.native_id, "Низкий", "Критический")
    assert line.author == "agent"
    assert line.changed_at.tzinfo is not None
    assert salesforce.history("nothing") == ()


def test_text_of_every_kind_comes_back_as_it_was_sent(salesforce: Salesforce) -> None:
    text = "Ёж 'в' \"тумане\" \\ 漢字 🧩 e\u0301 \u202eбиди\u202c\nновая строка\tтаб =1+1 <b>x</b>"
    record = made(salesforce, Description=text)
    assert record.body["Description"] == text


def test_sessions_that_end_soon_are_renewed_on_the_way(org: Callable[..., Brightnet]) -> None:
    brightnet = org(session_seconds=0.4)
    with closing(brightnet.connector()) as connector:
        record = made(connector)
        time.sleep(0.5)
        assert [one.error for one in connector.push([update(record, Agent__c="Анна")])] == [None]
        time.sleep(0.5)
        assert connector.fetch([record.native_id])[0].body["Agent__c"] == "Анна"
    assert 3 <= brightnet.calls("/oauth2/token") <= 5


def test_an_org_whose_sessions_are_dead_on_arrival_sees_three_logins(org: Callable[..., Brightnet]) -> None:
    brightnet = org(session_seconds=-1)
    with closing(brightnet.connector()) as connector:
        for _ in range(2):
            with pytest.raises(Refused, match="C351 3 logins in a row"):
                connector.check()
    assert brightnet.calls("/oauth2/token") == 3


def asked_to_wait(connector: Salesforce) -> tuple[float, str]:
    """Seconds and words of the refusal that a call meets now."""
    try:
        connector.check()
    except Throttled as error:
        return error.after, str(error)
    raise AssertionError("nobody asked to wait")


def test_the_orgs_daily_calls_are_not_used_up_by_us(org: Callable[..., Brightnet]) -> None:
    brightnet = org(daily_limit=10)
    with closing(brightnet.connector()) as connector:
        for _ in range(8):
            connector.check()
        after, said = asked_to_wait(connector)
        assert after == 900
        assert "8 of the org's 10 calls a day are used up" in said
        (receipt,) = connector.push([create()])
        assert isinstance(receipt.error, Throttled)


def test_used_up_calls_are_looked_at_again_after_a_quarter_of_an_hour(org: Callable[..., Brightnet]) -> None:
    brightnet = org(daily_limit=1)
    with closing(brightnet.connector()) as connector:
        connector.check()
    with closing(brightnet.connector()) as connector:
        after, said = asked_to_wait(connector)
    assert after == 900
    assert "REQUEST_LIMIT_EXCEEDED" in said


def test_a_company_that_is_down_is_unreachable_for_reads_and_writes(org: Callable[..., Brightnet]) -> None:
    brightnet = Brightnet("https://127.0.0.1:9", org().ca_file)
    with closing(brightnet.connector()) as connector:
        with pytest.raises(Unreachable, match=r"C102 no connection: connection refused\."):
            connector.check()
        (receipt,) = connector.push([create()])
    assert isinstance(receipt.error, Unreachable)
