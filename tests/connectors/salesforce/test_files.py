"""Files of a Salesforce org, by the connector against Brightnet's org: what is asked, lost, watched and refused."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from connectors.base import Change, Receipt
from connectors.errors import Rejected, Stale, Throttled, Unknown
from connectors.files import Content
from connectors.salesforce import Salesforce
from sandbox.companies import brightnet_ids as ids
from sandbox.hostile.org import ONE, Org, error

RAW = bytes(range(256)) * 2000
ABOUT = "ContentDocument.LatestPublishedVersion"
LINKED = {
    "fields": [f"{ABOUT}Id", f"{ABOUT}.PathOnClient", f"{ABOUT}.ContentSize", "Visibility"],
    "largest": 2**20,
    "moves_case": True,
}


def record_of(org: Any, **fields: Any) -> tuple[int, str]:
    """A new case: its number in the store, and its id."""
    (number,) = org.create(1, **fields)
    record = org.store.by_number(number)
    return record.id, ids.make(ids.CASE, record.id)


def adding(native_id: str, raw: bytes = RAW, name: str = "снимок.png", **link: str) -> Change:
    content = Content(name, "image/png", len(raw), sha256(raw).hexdigest(), lambda: iter([raw[:9], raw[9:]]))
    body: dict[str, Any] = {"ContentDocument": {"LatestPublishedVersion": {"PathOnClient": name}}, **link}
    return Change(f"{native_id}/{name}", "add_file", native_id, body, "", native_id, ref="r", content=content)


def add(connector: Salesforce, change: Change) -> Receipt:
    (receipt,) = connector.push([change])
    return receipt


def seen(connector: Salesforce, native_id: str) -> list[tuple[str, str]]:
    (record,) = connector.fetch([native_id])
    listed = record.body["ContentDocumentLinks"]
    return [(one["ContentDocument"]["LatestPublishedVersion"]["PathOnClient"], one["Visibility"]) for one in listed]


def test_a_file_is_one_call_and_its_bytes_are_another(start: Callable[..., Any]) -> None:
    org = start()
    connector = org.connector()
    _, native_id = record_of(org)
    connector.fetch([native_id])
    org.heard.clear()
    receipt = add(connector, adding(native_id))
    assert receipt.error is None
    assert b"".join(connector.read_file(native_id, str(receipt.file_id), len(RAW))) == RAW
    data = f"/services/data/v60.0/sobjects/ContentVersion/{receipt.file_id}/VersionData"
    assert org.heard == ["POST /services/data/v60.0/sobjects/ContentVersion", f"GET {data}"]


def test_who_may_see_it_is_set_on_the_link_where_the_mapping_says_so(start: Callable[..., Any]) -> None:
    org = start()
    connector = org.connector(files=LINKED)
    _, native_id = record_of(org)
    assert add(connector, adding(native_id, Visibility="AllUsers")).error is None
    assert add(connector, adding(native_id, name="b.txt", Visibility="InternalUsers")).error is None
    assert seen(connector, native_id) == [("снимок.png", "AllUsers"), ("b.txt", "InternalUsers")]


def test_a_link_that_cannot_be_set_leaves_it_to_our_own_eyes_and_is_looked_at_before_anything_is_sent_again(
    start: Callable[..., Any],
) -> None:
    org = start()
    connector = org.connector(files=LINKED)
    _, native_id = record_of(org)
    lost = add(connector, adding(native_id, Visibility="Everybody")).error
    assert isinstance(lost, Unknown)
    assert lost.text().startswith(
        f"brightnet add_file {native_id}: C451 the file is there, but not who may see it: they refuse the request"
    )
    assert seen(connector, native_id) == [("снимок.png", "InternalUsers")]


@pytest.mark.parametrize("which", ["lost", "unheard"])
def test_no_answer_to_a_file_is_unknown_and_it_stands_there_or_not(start: Callable[..., Any], which: str) -> None:
    org = start()
    connector = org.connector()
    _, native_id = record_of(org)
    getattr(org, which).append("POST */sobjects/ContentVersion")
    assert isinstance(add(connector, adding(native_id)).error, Unknown)
    (record,) = connector.fetch([native_id])
    assert len(record.body["ContentDocumentLinks"]) == (which == "lost")


def test_a_session_that_ends_costs_one_login_and_the_file_is_sent_and_read_again(start: Callable[..., Any]) -> None:
    org = start(session_seconds=1.0)
    connector = org.connector()
    _, native_id = record_of(org)
    connector.fetch([native_id])
    time.sleep(1.2)
    receipt = add(connector, adding(native_id))
    assert receipt.error is None
    time.sleep(1.2)
    before = org.logins()
    assert b"".join(connector.read_file(native_id, str(receipt.file_id), len(RAW))) == RAW
    assert org.logins() == before + 1


def test_a_new_file_is_watched_where_it_does_not_move_its_case(start: Callable[..., Any]) -> None:
    org = start()
    connector = org.connector(files={"moves_case": False}, overlap=0)
    record_id, native_id = record_of(org)
    org.create(3)
    *_, first = connector.pull(None)
    org.store.attach(record_id, io.BytesIO(b"x"), "a.txt", "private", author="agent")
    # As in an org where a file leaves its case's stamp as it was.
    org.store._db.execute("UPDATE records SET changed = 1000000 WHERE id = ?", (record_id,))
    pages = list(connector.pull(first.cursor))
    found = [one for page in pages for one in page.records if one.native_id == native_id]
    assert [len(one.body["ContentDocumentLinks"]) for one in found] == [1]
    later = [one.native_id for page in connector.pull(pages[-1].cursor) for one in page.records]
    assert later.count(native_id) <= 1  # of the last second


def test_calls_for_files_count_and_a_spent_share_is_waited_for(start: Callable[..., Any]) -> None:
    org = start(daily_limit=10)
    connector = org.connector(quota={"share": 0.4})
    _, native_id = record_of(org)
    connector.fetch([native_id])
    receipt = add(connector, adding(native_id))
    list(connector.read_file(native_id, str(receipt.file_id), None))
    list(connector.read_file(native_id, str(receipt.file_id), None))
    with pytest.raises(Throttled, match="4 of the org's 10 calls a day are used up"):
        list(connector.read_file(native_id, str(receipt.file_id), None))
    assert isinstance(add(connector, adding(native_id)).error, Throttled)


def test_a_case_that_is_gone_or_a_value_that_is_none_is_refused_and_its_words_are_not_repeated(
    start: Callable[..., Any],
) -> None:
    org = start()
    connector = org.connector()
    _, native_id = record_of(org)
    change = adding(native_id, name="личное дело.png")
    body = {"ContentDocument": {"LatestPublishedVersion": {"PathOnClient": "личное дело.png", "Audience__c": "Всем"}}}
    refused = add(connector, replace(change, body=body)).error
    assert isinstance(refused, Rejected)
    assert refused.code == "C656"
    assert "Всем" not in refused.text()
    org.store.delete(org.store.select("1 = 1")[0].id, by="agent")
    gone = add(connector, adding(native_id)).error
    assert isinstance(gone, Rejected)
    assert gone.text().startswith(f"brightnet add_file {native_id}: C653 the record is not there any more.")


def test_a_locked_case_is_tried_again_later(org: Org) -> None:
    org.answer = lambda asked: error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
    receipt = add(org.connector(files={}), adding(ONE, b"plain"))
    assert isinstance(receipt.error, Stale)
    assert receipt.error.code == "C551"
