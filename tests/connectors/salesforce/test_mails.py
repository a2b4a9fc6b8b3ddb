"""Mails on a case are notes too: they ride along, move their case or are watched, and nothing is ever written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.base import Change
from hub.partners import load_partner
from sandbox.companies.rows import Mail
from sandbox.hostile.org import ONE, TWO, Asked, Org, Said, case, rows

PARTNER = load_partner(Path(__file__).parents[3] / "mappings" / "partners" / "brightnet")
IN = Mail("a@example.kz", "Айгерим", "help@brightnet.example", "Интернет", "", True)
OUT = Mail("help@brightnet.example", "Анна", "a@example.kz", "Re", "<p>Завтра</p><script>alert(1)</script>", False)


def test_a_mail_that_came_and_one_that_went_are_read_with_the_case(brightnet: Any) -> None:
    brightnet.create(1)
    connector = brightnet.connector()
    (page,) = connector.pull(None)
    record = brightnet.store.select("1 = 1")[0]
    brightnet.store.note(record.id, "Проверено.", "private", author="Анна")
    brightnet.store.note(record.id, "Когда придёт мастер?", "customer", author="Айгерим", mail=IN)
    brightnet.store.note(record.id, "", "customer", author="Анна", mail=OUT)
    brightnet.heard.clear()
    (again,) = connector.pull(page.cursor)
    assert len(brightnet.calls()) == 1
    (read,) = again.records
    notes = PARTNER.lens.to_case(read.body).notes
    assert [(note.author, note.text, str(note.visibility)) for note in notes] == [
        ("Анна", "Проверено.", "private"),
        ("Айгерим", "Когда придёт мастер?", "customer"),
        ("Анна", "Завтра", "customer"),
    ]
    assert len({note.native_id for note in notes}) == 3


def test_nothing_is_written_to_them(brightnet: Any) -> None:
    (_,) = brightnet.create(1)
    connector = brightnet.connector()
    ((record,),) = [page.records for page in connector.pull(None)]
    body = {"CommentBody": "да\n\n— Bo, B [b/1]", "IsPublished": True}
    (receipt,) = connector.push([Change("k", "add_note", "l", body, "l", record.native_id, ref="b/1")])
    assert receipt.error is None
    (note,) = brightnet.store.select("1 = 1")[0].notes
    assert note.mail is None
    assert connector.find_note(record.native_id, "b/1") == receipt.note_id


def test_a_case_whose_mail_alone_is_new_is_pulled(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if "FROM EmailMessage " in asked.query:
            return rows({"Id": "02s1", "ParentId": TWO, "SystemModstamp": "2026-11-21T10:00:40.000+0000"})
        if "FROM CaseComment " in asked.query:
            return rows()
        return rows(case(TWO, 1)) if "WHERE Id IN" in asked.query else rows(case(ONE, 9))

    org.answer = answer
    connector = org.connector(mails={}, overlap=2)
    (first,) = connector.pull(None)
    (second,) = connector.pull(first.cursor)
    assert [one.native_id for one in second.records] == [ONE, TWO]
    assert "(SELECT Id, Incoming, FromName, FromAddress, TextBody, HtmlBody, MessageDate FROM EmailMessages" in next(
        asked.query for asked in org.asked if "FROM Case " in asked.query
    )
    assert second.records[0].body["EmailMessages"] == []


def test_a_cursor_from_before_mails_were_declared_goes_on(org: Org) -> None:
    org.answer = lambda asked: rows() if "FROM EmailMessage " in asked.query else rows(case(ONE, 9))
    (first,) = org.connector(comments={"moves_case": True}).pull(None)
    (second,) = org.connector(comments={"moves_case": True}, mails={}).pull(first.cursor)
    assert '"mails": "1970-01-01T00:00:00.000Z"' in second.cursor.value
