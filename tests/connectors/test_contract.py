"""One suite over all kinds: what the exchange relies on, asked of each of them against a real system."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import contract_companies as companies
import pytest

from connectors import paths
from connectors.base import SCANNED, Change, Connector, Cursor, Page, Receipt, Record
from connectors.errors import ConnectorError, Refused, Rejected, Stale, Unreachable
from hub.reference.examples import EXAMPLES

KINDS = (
    "memory by sequence", "memory by stamp", "rest", "rest in batches", "rest scanned", "soap", "soap scanned",
    "soap written out", "soap in a session", "salesforce", "roundup",
    pytest.param("redmine", marks=pytest.mark.partners), pytest.param("rt", marks=pytest.mark.partners),
)  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("company")
    opening = {
        "memory by sequence": lambda: companies.memory("sequence"),
        "memory by stamp": lambda: companies.memory("stamp"),
        "rest": lambda: companies.northcable(folder),
        "rest scanned": lambda: companies.northcable(folder, scan=True),
        "rest in batches": lambda: companies.northcable_in_batches(folder),
        "soap": lambda: companies.telvoz(folder),
        "soap scanned": lambda: companies.telvoz(folder, scan=True),
        "soap written out": lambda: companies.southgate(folder),
        "soap in a session": lambda: companies.southgate(folder, session=True),
        "salesforce": lambda: companies.brightnet(folder),
        "roundup": lambda: companies.roundup(folder),
        "redmine": lambda: companies.redmine(folder),
        "rt": lambda: companies.rt(folder),
    }
    with opening[request.param]() as one:
        yield one


def test_the_examples_of_the_documentation_are_those_that_are_run_here() -> None:
    assert {example.file for several in EXAMPLES.values() for example in several} == set(companies.FILES.values())


@pytest.fixture
def link(company: Any) -> Iterator[Callable[..., Connector]]:
    """Connectors that are closed at the end: link(page=5)."""
    with ExitStack() as stack:
        yield lambda **given: stack.enter_context(closing(company.connect(**given)))


def new_id() -> str:
    return str(uuid.uuid4())


def everything(connector: Connector, cursor: Cursor | None = None) -> tuple[list[Record], Cursor]:
    pages = list(connector.pull(cursor))
    assert pages, "a pull has at least one page"
    return [record for page in pages for record in page.records], pages[-1].cursor


def keys(records: list[Record]) -> set[tuple[str, str]]:
    return {(record.native_id, record.version) for record in records}


def create(company: Any, title: str = "No signal", hub_id: str | None = None, **more: Any) -> Change:
    hub_id = hub_id or new_id()
    words = company.words
    body = words.sent({words.title: title, words.status: words.opened, **words.given, **more})
    return Change(new_id(), "create", hub_id, body, hub_id)


def update(company: Any, record: Record, body: dict[str, Any]) -> Change:
    sent = company.words.sent(body)
    return Change(new_id(), "update", record.native_id, sent, "", record.native_id, record.version)


def push(connector: Connector, *changes: Change) -> list[Receipt]:
    receipts = {receipt.key: receipt for receipt in connector.push(changes)}
    assert sorted(receipts) == sorted(change.key for change in changes), "exactly one receipt a change"
    return [receipts[change.key] for change in changes]


def made(company: Any, connector: Connector, **fields: Any) -> Record:
    """A record that an agent made, as the connector reads it."""
    (native_id,) = company.desk.create([{company.words.title: "Kein Ton", **fields}])
    (record,) = connector.fetch([native_id])
    return record


def test_check_says_who_we_are_and_refuses_the_wrong_and_the_anonymous(company: Any, link: Any) -> None:
    assert link().check()
    for given in ({"password": "not-the-secret"}, {"login": "", "password": ""}):
        with pytest.raises(Refused) as caught:
            link(**given).check()
        assert "not-the-secret" not in f"{caught.value} {caught.value!r}"
        assert company.system.connection in str(caught.value)


def test_describe_tells_the_picklist_of_the_status(company: Any, link: Any) -> None:
    description = link().describe()
    if not company.tells_states:
        assert not description.fields[company.words.status].values, "it tells them to administrators alone"
        return
    status = description.fields[company.words.status]
    assert {str(company.words.opened), str(company.words.worked)} <= set(status.values)
    assert description.fingerprint
    assert link().describe().fingerprint == description.fingerprint


def test_an_agents_case_is_pulled_with_its_words_and_its_notes(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    _, cursor = everything(connector)
    (native_id,) = company.desk.create([{words.title: "Нет сигнала, señal ñ 😀", words.priority: words.high}])
    company.desk.note(native_id, "rang back\ntwice")
    records, _ = everything(connector, cursor)
    record = [one for one in records if one.native_id == native_id][-1]
    assert paths.get(record.body, words.title) == "Нет сигнала, señal ñ 😀"
    assert paths.get(record.body, words.priority) == words.high
    (note,) = paths.get(record.body, words.notes)
    assert paths.get(note, words.note_text).endswith("rang back\ntwice")
    assert record.partner == company.system.name
    assert record.changed_at is None or record.changed_at.utcoffset() is not None
    assert not record.gone


def test_a_note_alone_brings_its_case_back(company: Any, link: Any) -> None:
    connector = link()
    record = made(company, connector)
    _, cursor = everything(connector)
    company.desk.note(record.native_id, "the neighbour too")
    records, _ = everything(connector, cursor)
    newest = [one for one in records if one.native_id == record.native_id][-1]
    assert "the neighbour too" in str(paths.get(newest.body, company.words.notes))


def test_when_nothing_happens_nothing_new_comes(company: Any, link: Any) -> None:
    connector = link()
    made(company, connector)
    before, cursor = everything(connector)
    for _ in range(3):
        again, cursor = everything(connector, cursor)
        assert keys(again) <= keys(before)
        scanned = all(record.version == SCANNED for record in before)  # everything is read each time
        assert company.system.overlap > 0 or scanned or not again


def test_a_cursor_resumes_where_it_stood(company: Any, link: Any) -> None:
    connector = link(page=4)
    _, cursor = everything(connector)
    wanted = set(company.desk.create([{company.words.title: f"T{n}"} for n in range(12)]))
    got: set[str] = set()
    for _ in range(12):
        page: Page = next(iter(connector.pull(cursor)))
        got |= {record.native_id for record in page.records}
        cursor = page.cursor
        if wanted <= got:
            break
    else:
        records, cursor = everything(connector, cursor)
        got |= {record.native_id for record in records}
    assert wanted <= got
    assert not {one.native_id for one in everything(link(), cursor)[0]} - {
        one.native_id for one in everything(link())[0]
    }


def test_a_pull_since_a_time_leaves_out_nothing_changed_then_or_later(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    before, after = company.desk.create([{words.title: f"T{n}"} for n in range(2)])
    company.desk.edit(after, {words.status: words.worked})
    (record,) = connector.fetch([after])
    moment = record.changed_at or datetime.now(UTC) - timedelta(minutes=1)
    for zone in (UTC, timezone(timedelta(hours=5))):
        found, cursor = everything(connector, connector.since(moment.astimezone(zone)))
        assert (record.native_id, record.version) in keys(found)
    assert keys(everything(connector, cursor)[0]) <= keys(found), "and a pull goes on from there"
    assert before in {one.native_id for one in everything(connector, connector.since(moment - timedelta(days=1)))[0]}


def test_edits_while_pages_are_read_lose_nothing(company: Any, link: Any) -> None:
    connector, words = link(page=5), company.words
    _, cursor = everything(link())
    made_ids = company.desk.create([{words.title: f"T{n}"} for n in range(24)])
    waiting = iter(made_ids)
    seen: list[Record] = []
    for page in connector.pull(cursor):
        stamps = [record.changed_at for record in page.records if record.changed_at]
        assert stamps == sorted(stamps)
        seen += page.records
        cursor = page.cursor
        for native_id in [one for one, _ in zip(waiting, range(2), strict=False)]:
            company.desk.edit(native_id, {words.status: words.worked})
    seen += everything(connector, cursor)[0]
    told = {record.native_id: paths.get(record.body, words.status) for record in seen}
    now = {record.native_id: paths.get(record.body, words.status) for record in connector.fetch(made_ids)}
    assert {native_id: told.get(native_id) for native_id in made_ids} == now
    assert words.worked in now.values()


def test_of_two_versions_the_later_sorts_after(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector)
    versions = [record.version]
    for status in (words.worked, words.opened) * 6:
        company.desk.edit(record.native_id, {words.status: status})
        versions.append(connector.fetch([record.native_id])[0].version)
    assert versions == sorted(versions)


def test_fetch_by_ids_tells_the_deleted(company: Any, link: Any) -> None:
    connector = link()
    first, second, third = company.desk.create([{company.words.title: f"T{n}"} for n in range(3)])
    company.desk.delete(second)
    found = {record.native_id: record for record in connector.fetch([first, second, third])}
    assert set(found) == {first, second, third}
    assert [found[one].gone for one in (first, second, third)] == [False, True, False]
    assert connector.fetch([]) in ([], ())


def test_a_merged_record_is_gone_and_says_which_one_goes_on(company: Any, link: Any) -> None:
    if not company.merges:
        pytest.skip("no two records become one there")
    connector = link()
    first, second, third = company.desk.create([{company.words.title: f"T{n}"} for n in range(3)])
    company.desk.note(second, "the same customer")
    _, cursor = everything(connector)
    company.desk.merge(second, first)
    company.desk.delete(third)
    found = {record.native_id: record for record in connector.fetch([first, second, third])}
    assert [found[one].gone for one in (first, second, third)] == [False, True, True]
    assert [found[one].merged_into for one in (first, second, third)] == [None, first, None]
    pulled = {record.native_id: record for record in everything(connector, cursor)[0]}
    assert first in pulled or company.system.kind == "memory", "it changed: two are one now"
    if second in pulled:  # a system may tell it only to who asks
        assert (pulled[second].gone, pulled[second].merged_into) == (True, first)


def test_find_by_hub_id(company: Any, link: Any) -> None:
    connector = link()
    change = create(company)
    (receipt,) = push(connector, change)
    (found,) = connector.find(change.hub_id)
    assert found.native_id == receipt.native_id
    assert paths.get(found.body, company.words.hub_id) == change.hub_id
    assert list(connector.find(new_id())) == []


def test_a_create_is_read_back(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    (receipt,) = push(connector, create(company, "Kein Ton", **{words.priority: words.high}))
    assert receipt.error is None
    assert not receipt.found
    record = receipt.record or connector.fetch([receipt.native_id or ""])[0]
    again = connector.fetch([receipt.native_id or ""])[0]
    if company.system.name == "rt":  # it tells custom fields in an order that is another each time
        again = replace(again, body={**again.body, "CustomFields": record.body["CustomFields"]})
    assert record == again
    assert [paths.get(record.body, path) for path in (words.title, words.status, words.priority)] == [
        "Kein Ton",
        words.opened,
        words.high,
    ]


def test_a_second_create_with_the_same_hub_id_finds_the_first(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    change = create(company, "first")
    (first,) = push(connector, change)
    company.desk.edit(first.native_id or "", {words.title: "an agent was here"})
    again, other = push(connector, create(company, "second", hub_id=change.hub_id), create(company))
    assert again.error is None
    assert (again.found, again.native_id) == (True, first.native_id)
    assert other.error is None
    assert not other.found
    (there,) = connector.find(change.hub_id)
    assert paths.get(there.body, words.title) == "an agent was here"
    record = again.record or there
    assert record.version == there.version


def test_an_update_changes_what_it_names(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector, **{words.priority: words.high})
    (receipt,) = push(connector, update(company, record, {words.status: words.worked}))
    assert receipt.error is None
    now = connector.fetch([record.native_id])[0]
    assert receipt.record is None or receipt.record == now
    expected = {words.title: "Kein Ton", words.status: words.worked, words.priority: words.high}
    assert {path: paths.get(now.body, path) for path in expected} == expected
    assert now.version >= record.version


def test_an_update_empties_a_field(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    path, value = words.emptied or (words.priority, words.high)
    record = made(company, connector, **{path: value})
    assert paths.get(record.body, path) == value
    (receipt,) = push(connector, update(company, record, {path: None}))
    assert receipt.error is None
    assert not paths.get(connector.fetch([record.native_id])[0].body, path)


def test_a_stale_update_overwrites_nothing_it_does_not_name(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector)
    company.desk.edit(record.native_id, {words.title: "an agent was here"})
    (receipt,) = push(connector, update(company, record, {words.status: words.worked}))
    now = connector.fetch([record.native_id])[0]
    assert paths.get(now.body, words.title) == "an agent was here"
    if company.system.abilities.conditional_write:
        assert isinstance(receipt.error, Stale)
    if isinstance(receipt.error, Stale):  # some see it only where the clock's step told the two versions apart
        assert paths.get(now.body, words.status) != words.worked
        (receipt,) = push(connector, update(company, now, {words.status: words.worked}))
    assert receipt.error is None
    assert paths.get(connector.fetch([record.native_id])[0].body, words.status) == words.worked


def test_a_note_is_added_and_found_by_its_ref(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector)
    ref = f"hub-{new_id()[:8]}"
    text = f"Wir kümmern uns, señor — и мы тоже\n— Ann, Acme [{ref}]"
    (receipt,) = push(
        connector, Change(new_id(), "add_note", record.native_id, words.note(text), "", record.native_id, ref=ref)
    )
    assert receipt.error is None
    note_id = connector.find_note(record.native_id, ref)
    assert note_id is not None
    assert receipt.note_id in (None, note_id)
    assert connector.find_note(record.native_id, "hub-another") is None
    (note,) = paths.get(connector.fetch([record.native_id])[0].body, words.notes)
    assert text in paths.get(note, words.note_text)


def test_a_value_that_they_do_not_know_is_rejected_and_the_others_go_on(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record, wrong = made(company, connector), "Nicht im Angebot"
    bad, good, bad_update, note = push(
        connector,
        create(company, **{words.status: wrong}),
        create(company),
        update(company, record, {words.status: wrong}),
        Change(new_id(), "add_note", "another lane", words.note("still there"), "", record.native_id),
    )
    for receipt in (bad, bad_update):
        if (
            company.ignores and receipt.error is None
        ):  # what is read back shows it, and that is where the exchange looks
            (there,) = connector.fetch([receipt.native_id or ""])
            assert paths.get(there.body, words.status) == words.opened
            continue
        assert isinstance(receipt.error, Rejected)
        assert words.status in str(receipt.error)
        assert company.system.name in str(receipt.error)
    assert (good.error, note.error) == (None, None)
    assert paths.get(connector.fetch([record.native_id])[0].body, words.status) == words.opened


def test_a_record_that_is_gone_takes_no_update(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector)
    company.desk.delete(record.native_id)
    (receipt,) = push(connector, update(company, record, {words.status: words.worked}))
    assert isinstance(receipt.error, Rejected | Stale)


def test_a_lane_keeps_its_order_and_lanes_go_beside_each_other(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    records = [made(company, connector) for _ in range(6)]
    changes = [
        Change(new_id(), "add_note", record.native_id, words.note(f"{n} of {record.native_id}"), "", record.native_id)
        for n in range(4)
        for record in records
    ]
    assert [receipt.error for receipt in push(connector, *changes)] == [None] * 24
    for record in connector.fetch([one.native_id for one in records]):
        texts = [paths.get(note, words.note_text) for note in paths.get(record.body, words.notes)]
        assert [f"{n} of {record.native_id}" in text for n, text in enumerate(texts)] == [True] * 4


def test_many_creates_at_once_make_one_record_each(company: Any, link: Any) -> None:
    connector = link()
    changes = [create(company, f"T{n}") for n in range(30)]
    receipts = push(connector, *changes)
    assert len({receipt.native_id for receipt in receipts}) == 30
    assert all(len(connector.find(change.hub_id)) == 1 for change in changes[:5])


def test_a_change_is_told_by_the_history(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    record = made(company, connector)
    company.desk.edit(record.native_id, {words.status: words.worked})
    if not company.system.abilities.change_history:
        assert connector.history(record.native_id) == ()
        return
    lines = [line for line in connector.history(record.native_id) if line.field == words.status]
    assert [(line.old, line.new) for line in lines][-1] == (words.opened, words.worked)
    assert lines[-1].author
    assert lines[-1].changed_at.utcoffset() is not None
    assert len({line.line_id for line in lines}) == len(lines)


def test_a_system_that_is_down_is_unreachable_and_says_where(company: Any, link: Any) -> None:
    native_id = made(company, link()).native_id
    with closing(company.cut_off()) as connector:
        asks: list[Callable[[], object]] = [
            connector.check,
            *([connector.describe] if company.tells_states else []),  # else it asks nobody
            lambda: list(connector.pull(None)),
            lambda: connector.fetch([native_id]),
            lambda: connector.find(new_id()),
        ]
        for ask in asks:
            with pytest.raises(Unreachable) as caught:
                ask()
            assert company.system.name in str(caught.value)
        receipts = push(connector, create(company), create(company))
        assert [type(receipt.error) for receipt in receipts] == [Unreachable, Unreachable]


def test_a_refused_push_stands_in_every_receipt_and_tells_no_secret(company: Any, link: Any) -> None:
    connector = link(password="s3cret-of-nobody")
    receipts = push(connector, create(company), create(company), create(company))
    for receipt in receipts:
        assert isinstance(receipt.error, ConnectorError)
        assert receipt.error.concerns_partner
        said = f"{receipt.error} {receipt.error!r} {receipt.error.__cause__!r}"
        assert "s3cret-of-nobody" not in said
        assert "Y2FzZWJyaWRnZTp" not in said  # how Basic writes `casebridge:`


def test_text_that_looks_like_markup_or_a_query_stays_text(company: Any, link: Any) -> None:
    connector, words = link(), company.words
    title = "<b>O'Neil</b> & \"Co\" ' OR Id != null -- %27 ]]>"
    (receipt,) = push(connector, create(company, title))
    assert receipt.error is None
    (record,) = connector.fetch([receipt.native_id or ""])
    assert paths.get(record.body, words.title) == title
    assert list(connector.find("' OR Name != '")) == []


def test_many_cases_of_one_instant_are_all_pulled_over_pages(company: Any, link: Any) -> None:
    """The last one: what it makes would be read by every other."""
    connector = link(page=60)
    _, cursor = everything(connector)
    wanted = set(company.desk.create([{company.words.title: f"T{n}"} for n in range(company.many)]))
    records, cursor = everything(connector, cursor)
    assert wanted <= {record.native_id for record in records}
    again = keys(everything(connector, cursor)[0]) - keys(records)
    assert not again or again <= keys(everything(link())[0])
