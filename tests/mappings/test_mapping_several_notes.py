"""Notes that stand in several lists: the first is written to, the others are read alone, and no two share an id."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from mappings import lens as lenses
from mappings.case import Note, Visibility
from mappings.errors import MappingError, Misdeclared
from mappings.laws_lists import corner_laws, list_laws
from mappings.lens import Lens
from mappings.schema import mapping_schema

COMMENTS: dict[str, Any] = {
    "from": "comments", "id": "id", "author": "by", "date": {"from": "at", "time": "iso"}, "text": "body",
    "visibility": {"from": "seen", "values": {"in": "private", "out": "customer"}, "refuse": ["partners"]},
}  # fmt: skip
MAILS: dict[str, Any] = {
    "from": "mails", "id": "id", "author": "from.name", "date": {"from": "at", "time": "iso"},
    "text": {"from": "plain", "else": {"from": "html", "format": "html"}},
    "visibility": {"from": "incoming", "values": {True: "customer", False: "customer"}},
}  # fmt: skip
REFUSED = ["inProgress", "pending", "held", "resolved", "closed", "cancelled", "rejected"]
BODY: dict[str, Any] = {
    "title": "x", "state": "New",
    "comments": [{"id": 7, "by": "Ana", "at": "2026-11-20T09:15:00Z", "body": "Checked.", "seen": "in"}],
    "mails": [
        {"id": 7, "from": {"name": "Айгерим"}, "at": "2026-11-20T10:00:00Z", "plain": "No light.",
         "html": "<p>no", "incoming": True},
        {"id": "8", "from": None, "at": "2026-11-20T11:00:00Z", "plain": "",
         "html": "<p>Still <b>none</b>.</p><script>alert(1)</script><p>5 &lt; 6", "incoming": False},
    ],
}  # fmt: skip


def declared(*notes: Any) -> dict[str, Any]:
    status = {"from": "state", "values": {"New": "acknowledged"}, "refuse": REFUSED}
    return {"case": {"name": "title", "status": status}, "notes": [*notes]}


def made(*notes: Any) -> Lens:
    return lenses.compile(declared(*notes), partner="acme")


@pytest.fixture(scope="module")
def lens() -> Lens:
    return made(COMMENTS, MAILS)


def test_they_are_read_one_list_after_the_other_with_ids_of_their_own(lens: Lens) -> None:
    for read in (lens.to_case(BODY).notes, lens.read_the_long_way(BODY).notes):
        assert [(note.native_id, note.author, note.text, str(note.visibility)) for note in read] == [
            ("7", "Ana", "Checked.", "private"),
            ("mails/7", "Айгерим", "No light.", "customer"),
            ("mails/8", "", "Still none.\n\n5 < 6", "customer"),
        ]
    assert lens.to_case({**BODY, "mails": None}).notes[0].native_id == "7"
    assert lens.fields == {"title", "state", "comments", "mails"}
    assert lens.trim(BODY) == {"title": "x", "state": "New"}


def test_the_first_is_written_to(lens: Lens) -> None:
    note = Note(partner="b", id="1", author="Bo", date=datetime(2026, 1, 1, tzinfo=UTC), text="ok",
                visibility=Visibility.CUSTOMER)  # fmt: skip
    assert lens.to_note(note, company="B", ref="b/1") == {"seen": "out", "body": "ok\n\n— Bo, B [b/1]"}
    assert lens.notes_field == "comments"


def test_a_line_of_ours_that_is_quoted_in_a_mail_makes_it_no_note_of_ours(lens: Lens) -> None:
    quoted = "Thanks!\n\n— Bo, B [b/1]"
    body = {
        **BODY,
        "mails": [{**BODY["mails"][0], "plain": quoted}],
        "comments": [{**BODY["comments"][0], "body": quoted}],
    }
    for read in (lens.to_case(body).notes, lens.read_the_long_way(body).notes):
        assert [(note.ref, note.text) for note in read] == [("b/1", "Thanks!"), (None, quoted)]


def test_the_laws_hold(lens: Lens) -> None:
    assert list(list_laws(lens, BODY, lens.to_case(BODY))) == []
    assert list(corner_laws(lens, [BODY])) == []


def test_a_member_that_does_not_fit_is_told_at_its_list(lens: Lens) -> None:
    with pytest.raises(MappingError) as caught:
        lens.to_case({**BODY, "mails": [{**BODY["mails"][0], "at": "noon"}]})
    assert caught.value.place == ("notes", 1)
    assert str(caught.value).startswith("M205 notes.1 (mails): note 1, date: ")


@pytest.mark.parametrize(
    ("notes", "place", "message"),
    [
        ([], ("notes",), "a list of notes, or several, are expected, and none is here."),
        ([{**COMMENTS, "text": MAILS["text"]}], ("notes", 0, "text", "else"), "stands only in a further list of notes"),
        ([COMMENTS, {**MAILS, "from": "comments"}], ("notes", 1, "from"), "two lists of notes stand in comments."),
        ([COMMENTS, {**MAILS, "text": {"from": "plain", "else": {"from": "html", "format": "rtf"}}}],
         ("notes", 1, "text", "else", "format"), "rtf"),
        ([COMMENTS, {"from": "mails"}], ("notes", 1), "`id` is missing."),
        ([COMMENTS, "mails"], ("notes", 1), "a mapping is expected"),
    ],
)  # fmt: skip
def test_a_declaration_that_is_not_right_is_told_at_its_place(notes: list[Any], place: Any, message: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        made(*notes)
    assert [fault for fault in caught.value.faults if fault.place == place and message in fault.message]


def test_an_editor_knows_both_forms() -> None:
    checked = jsonschema.Draft7Validator(mapping_schema())
    one = {**declared(), "notes": COMMENTS}
    mails = json.loads(json.dumps({**MAILS, "visibility": {"constant": "customer"}}))
    for right in (one, declared(COMMENTS), declared(COMMENTS, mails)):
        assert list(checked.iter_errors(right)) == []
    for wrong in (
        declared(),
        declared({"from": "comments"}),
        declared(COMMENTS, {**mails, "test": 1}),
        declared(mails),
    ):
        assert list(checked.iter_errors(wrong)) != []
