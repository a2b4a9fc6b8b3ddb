"""Declarations that are wrong, and exactly what is said of each."""

import re
from pathlib import Path
from typing import Any

import pytest

from mappings import lens as lenses
from mappings.errors import Fault, Misdeclared
from mappings.explain import EXPLANATIONS, explain

STATUS: dict[str, Any] = {
    "from": "state",
    "values": {
        "New": "acknowledged", "Open": "inProgress", "Wait": "pending", "Hold": "held", "Solved": "resolved",
        "Closed": "closed", "Gone": "cancelled", "No": "rejected",
    },
}  # fmt: skip
NOTES: dict[str, Any] = {
    "from": "comments",
    "id": "id",
    "author": "author",
    "date": {"from": "at", "time": "iso"},
    "text": "body",
    "visibility": {"from": "who", "values": {"i": "private", "p": "partners", "c": "customer"}},
}


def case(**rules: Any) -> dict[str, Any]:
    return {"case": {"status": STATUS, **rules}}


def path(name: str, rule: Any) -> dict[str, Any]:
    return {"case": {"status": STATUS, name: rule}}


def status(**changes: Any) -> dict[str, Any]:
    return {"case": {"status": {**STATUS, **changes}}}


def when(**time: Any) -> dict[str, Any]:
    return case(creationDate={"from": "at", "time": time})


def notes(**changes: Any) -> dict[str, Any]:
    whole = {key: value for key, value in {**NOTES, **changes}.items() if value is not None}
    return {**case(), "notes": whole}


def feedback(**changes: Any) -> dict[str, Any]:
    whole = {
        "from": "surveys", "id": "id", "score": {"from": "stars", "number": "integer"}, "text": "said",
        "date": {"from": "at", "time": "iso"}, **changes,
    }  # fmt: skip
    return {**case(), "feedback": {key: value for key, value in whole.items() if value is not None}}


def attachments(**changes: Any) -> dict[str, Any]:
    whole = {
        "from": "files", "id": "id", "name": "file", "author": "author", "visibility": NOTES["visibility"], **changes,
    }  # fmt: skip
    return {**case(), "attachments": {key: value for key, value in whole.items() if value is not None}}


WRONG: list[tuple[str, Any, str]] = [
    ("a list", [], "M125 mapping: a mapping is expected, not a list."),
    ("nothing at all", None, "M125 mapping: a mapping is expected, not null."),
    (
        "a part misspelt",
        {**case(), "note": {}},
        "M101 note: 'note' is no part of a mapping.\n"
        "  Known: times, tables, case, transitions, create, notes, feedback, attachments. Did you mean 'notes'?",
    ),
    ("rules in a list", {"case": ["name"]}, "M125 case: a mapping is expected, not a list."),
    ("no status", {"case": {"name": "title"}}, "M127 case: `status` is not mapped, and no case is without one."),
    (
        "a path misspelt",
        path("titel", "title"),
        "M102 titel: no such path in a case.\n  Known: accountable, channel, contactPoint, cost.amount, cost.units, "
        "creationDate, description, dispute, effort.amount, effort.units, expectedResolutionDate, externalIdentifier "
        "and 34 more.",
    ),
    (
        "a characteristic without a name",
        path("characteristic.", "x"),
        "M102 characteristic.: no such path in a case.\n  Known: accountable, channel, contactPoint, cost.amount, "
        "cost.units, creationDate, description, dispute, effort.amount, effort.units, expectedResolutionDate, "
        "externalIdentifier and 34 more.",
    ),
    (
        "a status misspelt",
        status(values={**STATUS["values"], "Solved": "closedd"}),
        "M103 status.values.Solved: 'closedd' is no case status.\n  Known: acknowledged, inProgress, pending, held, "
        "resolved, closed, cancelled, rejected. Did you mean 'closed'?",
    ),
    (
        "a severity in capitals",
        case(severity={"from": "s", "values": {"1": "Minor"}}),
        "M103 severity.values.1: 'Minor' is no severity.\n  Known: minor, moderate, significant, extensive. "
        "Did you mean 'minor'?",
    ),
    (
        "a flag in words",
        case(test={"from": "t", "values": {"S": "yes", "N": "no"}}),
        "M103 test.values.S: 'yes' is neither true nor false.\nM103 test.values.N: 'no' is neither true nor false.",
    ),
    (
        "a score of nine",
        path("feedback.score", {"from": "s", "values": {"Great": 9}}),
        "M103 feedback.score.values.Great: 9 is no score from 1 to 5.",
    ),
    (
        "a constant of the wrong list",
        case(channel={"constant": "fax"}),
        "M103 channel.constant: 'fax' is no channel.\n  Known: phone, web, email, shop, log.",
    ),
    (
        "a key misspelt",
        case(name={"from": "title", "readonly": True}),
        "M104 name.readonly: 'readonly' is no key of a rule.\n"
        "  Known: from, to, values, time, number, flag, constant, "
        "lookup, format, truncate, python, back and 13 more. Did you mean 'read_only'?",
    ),
    (
        "a step beside the time",
        when(format="iso", steps="1s"),
        "M104 creationDate.time.steps: 'steps' is no key of a time.\n  Known: format, zone, fold, step. "
        "Did you mean 'step'?",
    ),
    (
        "two words and no preference",
        status(values={**STATUS["values"], "Reopened": "inProgress"}),
        "M105 status.values: 'Open' and 'Reopened' all mean 'inProgress': say which is written, "
        "`back: {inProgress: Open}`.\n  Known: Open, Reopened.",
    ),
    (
        "a value without a word",
        status(values={k: v for k, v in STATUS["values"].items() if v not in {"held", "pending"}}),
        "M106 status.values: no word of theirs means 'pending', 'held': add one, or say `refuse: [pending, held]`.",
    ),
    (
        "a flag that is never false",
        case(test={"from": "t", "values": {"S": True}}),
        "M106 test.values: no word of theirs means false: add one, or say `refuse: [false]`.",
    ),
    (
        "a way back to nowhere",
        status(back={"inProgress": "Opened"}),
        "M107 status.back.inProgress: 'Opened' is no word of the table.\n"
        "  Known: New, Open, Wait, Hold, Solved, Closed, Gone, No. Did you mean 'Open'?",
    ),
    (
        "a way back to something else",
        status(back={"inProgress": "Solved"}),
        "M107 status.back.inProgress: 'Solved' means 'resolved', so it would not read back as 'inProgress'.\n"
        "  Known: Open.",
    ),
    ("a rule without a field", case(name={"length": 5}), "M108 name: which of their fields? Say `from: field`."),
    ("a field that is a number", case(name={"from": 5}), "M108 name.from: 5 is no way to a field."),
    ("a way with a hole", case(name="customer..name"), "M108 name.from: 'customer..name' is no way to a field."),
    (
        "one field for two",
        case(name="title", description="title"),
        "M109 description: title is written for name already; make one of them `read_only: true`.",
    ),
    (
        "a field within a field",
        path("relatedParty.customer.name", "state.name"),
        "M109 relatedParty.customer.name: state.name and state (status) lie one within the other.",
    ),
    (
        "a field given at creation and written",
        {**case(name="title"), "create": {"title": "from the hub"}},
        "M109 create.title: title is written for name already; make one of them `read_only: true`.",
    ),
    (
        "a time as text",
        case(creationDate="created_at"),
        "M110 creationDate: a time stands here: say how theirs is written, `time: iso` for one.",
    ),
    (
        "a status as text",
        {"case": {"status": "state"}},
        "M110 status: one of a fixed list stands here: give a table, `values: {theirs: ours}`.",
    ),
    (
        "a text as a time",
        case(name={"from": "t", "time": "iso"}),
        "M110 name: text stands here: name their field, or give a table.",
    ),
    (
        "two kinds in one rule",
        case(creationDate={"from": "t", "time": "iso", "number": "integer"}),
        "M111 creationDate.number: `time` and `number` exclude each other.",
    ),
    (
        "back without values",
        case(name={"from": "t", "back": {}}),
        "M111 name.back: `back` stands only beside `values` or `lookup`.",
    ),
    (
        "a flag that says no",
        case(test={"from": "t", "flag": False}),
        "M111 test.flag: `flag: true` is all that it can say.",
    ),
    (
        "no format",
        when(format="RFC 3339"),
        "M112 creationDate.time.format: 'RFC 3339' is no format.\n  Known: iso, epoch, epoch_ms, %d/%m/%Y %H:%M:%S.",
    ),
    (
        "a directive that depends on the language",
        when(format="%d %b %Y", zone="UTC"),
        "M112 creationDate.time.format: '%b' is no directive.\n  Known: %Y, %m, %d, %H, %M, %S, %f, %z, %%.\n"
        "M112 creationDate.time.format: %m must stand in it once.",
    ),
    (
        "minutes without hours",
        when(format="%Y-%m-%d %M", zone="UTC"),
        "M112 creationDate.time.format: %H must stand in it once.",
    ),
    (
        "a zone misspelt",
        when(format="iso", zone="America/Bogotá"),
        "M113 creationDate.time.zone: 'America/Bogotá' is no zone of the IANA database.\n  Known: America/Bogota. "
        "Did you mean 'America/Bogota'?",
    ),
    (
        "no zone",
        when(format="%d/%m/%Y"),
        "M114 creationDate.time: '%d/%m/%Y' has no offset: say which `zone` their times are in.",
    ),
    (
        "no fold rule",
        when(format="%d/%m/%Y %H:%M", zone="Europe/Madrid"),
        "M115 creationDate.time: an hour comes twice when clocks go back: say `fold: earlier`, `later` or `refuse`.\n"
        "  Known: earlier, later, refuse.",
    ),
    (
        "an unknown fold rule",
        when(format="iso", zone="Europe/Madrid", fold="first"),
        "M115 creationDate.time.fold: 'first' is no fold rule.\n  Known: earlier, later, refuse.",
    ),
    (
        "an unknown step",
        when(format="iso", step="1 s"),
        "M116 creationDate.time.step: '1 s' is no step.\n  Known: 1us, 1ms, 1s, 1min, 1h, 1d. Did you mean '1s'?",
    ),
    (
        "a step that the format cannot tell",
        when(format="%Y-%m-%d %H:%M", zone="UTC", step="1s"),
        "M116 creationDate.time.step: 1s is finer than '%Y-%m-%d %H:%M' can tell (1min).",
    ),
    (
        "a float",
        path("feedback.score", {"from": "s", "number": "float"}),
        "M117 feedback.score.number: 'float' is no kind of number.\n  Known: integer.",
    ),
    (
        "a score with a fraction",
        path("feedback.score", {"from": "s", "number": "decimal"}),
        "M117 feedback.score.number: 'decimal' is no kind of number.\n  Known: integer.",
    ),
    (
        "a binary number for money",
        path("effort.amount", {"from": "s", "number": "float"}),
        "M117 effort.amount.number: 'float' is no kind of number.\n  Known: integer, decimal.",
    ),
    (
        "a constant with a field",
        case(channel={"from": "c", "constant": "web"}),
        "M118 channel.from: a constant has no field: take `from` or `constant` away.",
    ),
    ("an empty constant", case(channel={"constant": ""}), "M118 channel.constant: '' cannot be a constant."),
    (
        "an empty table",
        status(values={}),
        "M119 status.values: a table `theirs: ours` is expected, not an empty one.",
    ),
    (
        "an empty word",
        path("characteristic.team", {"from": "t", "values": {"": "none"}}),
        "M119 characteristic.team.values.: '' cannot be a word of theirs; empty means no value anyway.",
    ),
    (
        "words that are no numbers",
        path("feedback.score", {"from": "t", "as": "integer", "values": {"one": 1}}),
        "M119 feedback.score.values.one: 'one' is no whole number.",
    ),
    (
        "an unknown table",
        {"tables": {"companies": {"A": "a"}}, **case(holder={"from": "h", "values": "company"})},
        "M120 holder.values: 'company' names no table under `tables`.\n  Known: companies. Did you mean 'companies'?",
    ),
    (
        "an unknown time",
        case(creationDate={"from": "t", "time": "iso8601"}),
        "M120 creationDate.time: 'iso8601' is no format and names none under `times`.\n  Known: iso, epoch, epoch_ms. "
        "Did you mean 'iso'?",
    ),
    ("no length", case(name={"from": "t", "length": 0}), "M121 name.length: a whole number from 1 is expected, not 0."),
    (
        "a length of a status",
        status(length=5),
        "M121 status.length: `length` bounds text, and this is no text.",
    ),
    (
        "a hub id that is not written",
        case(id={"from": "hub", "read_only": True}),
        "M122 id.read_only: this path is what the hub tells them: it must be written.",
    ),
    (
        "notes without visibility",
        notes(visibility=None),
        "M123 notes: `visibility` is missing. Unknown means private, but it must be said where it stands.",
    ),
    ("notes without identity", notes(id=None), "M123 notes: `id` is missing."),
    (
        "a note's moment as text",
        notes(date="at"),
        "M110 notes.date: a time stands here: say how theirs is written, `time: iso` for one.",
    ),
    (
        "a note that is cut",
        notes(text={"from": "body", "truncate": {"at": 80, "rest": "note"}}),
        "M111 notes.text.truncate: `truncate` stands in no note: it is kept whole and as it is.",
    ),
    (
        "a visibility of one's own",
        notes(visibility={"from": "who", "values": {"i": "internal", "p": "partners", "c": "customer"}}),
        "M103 notes.visibility.values.i: 'internal' is no note visibility.\n  Known: private, partners, customer.",
    ),
    (
        "a visibility that cannot be written",
        notes(visibility={"from": "public", "values": {"true": "customer", "false": "private"}}),
        "M106 notes.visibility.values: no word of theirs means 'partners': add one, or say `refuse: [partners]`.",
    ),
    (
        "a marker to privacy",
        notes(visibility={**NOTES["visibility"], "marker": {"#own ": "private"}}),
        "M124 notes.visibility.marker.#own : 'private' is nothing that a private note is lifted to.\n"
        "  Known: partners, customer.",
    ),
    (
        "a marker of nothing",
        notes(visibility={**NOTES["visibility"], "marker": {" ": "partners"}}),
        "M124 notes.visibility.marker. : ' ' is no text that a note can start with.",
    ),
    ("answers without a score", feedback(score=None), "M123 feedback: `score` is missing."),
    ("answers without a moment", feedback(date=None), "M123 feedback: `date` is missing."),
    ("answers without identity", feedback(id=None), "M123 feedback: `id` is missing."),
    (
        "answers that somebody may see",
        feedback(visibility={"constant": "private"}),
        "M104 feedback.visibility: 'visibility' is no key of the feedback.\n  Known: from, id, score, text, date.",
    ),
    ("answers in a list", {**case(), "feedback": []}, "M125 feedback: a mapping is expected, not a list."),
    (
        "a score as a word",
        feedback(score="stars"),
        "M110 feedback.score: a score from 1 to 5 stands here: `number: integer`, or a table whose values are 1 to 5.",
    ),
    (
        "a score of six",
        feedback(score={"from": "stars", "values": {"bad": 1, "great": 6}}),
        "M103 feedback.score.values.great: 6 is no score from 1 to 5.",
    ),
    (
        "an answer's moment without its form",
        feedback(date="at"),
        "M110 feedback.date: a time stands here: say how theirs is written, `time: iso` for one.",
    ),
    (
        "a moment of a form that is named nowhere",
        feedback(date={"from": "at", "time": "bogota"}),
        "M120 feedback.date.time: 'bogota' is no format and names none under `times`.\n  Known: iso, epoch, epoch_ms.",
    ),
    (
        "an answer that is always the same",
        feedback(text={"constant": "fine"}),
        "M118 feedback.text: the text of an answer cannot be a constant.",
    ),
    (
        "an answer that is needed",
        feedback(text={"from": "said", "required": True}),
        "M111 feedback.text.required: `required` stands in no answer: it is kept whole and as it is.",
    ),
    (
        "answers in a field of the case",
        {**feedback(), "case": {"status": STATUS, "name": "surveys.name"}},
        "M109 feedback.from: surveys and surveys.name (name) lie one within the other.",
    ),
    (
        "files without who may see them",
        attachments(visibility=None),
        "M123 attachments: `visibility` is missing. Unknown means private, but it must be said where it stands.",
    ),
    ("files without a name", attachments(name=None), "M123 attachments: `name` is missing."),
    ("files without an author", attachments(author=None), "M123 attachments: `author` is missing."),
    (
        "files with what is in them",
        attachments(content="bytes"),
        "M104 attachments.content: 'content' is no key of the attachments.\n"
        "  Known: from, id, name, type, size, author, date, visibility.",
    ),
    (
        "a file's name that is always the same",
        attachments(name={"constant": "file"}),
        "M118 attachments.name: the name of an attachment cannot be a constant.",
    ),
    (
        "a file's name that is cut",
        attachments(name={"from": "file", "truncate": {"at": 20, "rest": "drop"}, "lossy": "short"}),
        "M111 attachments.name.lossy: `lossy` stands in no attachment: it is kept whole and as it is.\n"
        "M111 attachments.name.truncate: `truncate` stands in no attachment: it is kept whole and as it is.",
    ),
    (
        "a size as text",
        attachments(size="bytes"),
        "M110 attachments.size: a number of bytes stands here: `number: integer`.",
    ),
    (
        "half a byte",
        attachments(size={"from": "bytes", "number": "decimal"}),
        "M117 attachments.size.number: 'decimal' is no kind of number.\n  Known: integer.",
    ),
    (
        "a file's visibility of one's own",
        attachments(visibility={"from": "who", "values": {"i": "internal", "c": "customer"}, "refuse": ["partners"]}),
        "M103 attachments.visibility.values.i: 'internal' is no note visibility.\n"
        "  Known: private, partners, customer.",
    ),
    (
        "a file's visibility that cannot be written",
        attachments(visibility={"from": "who", "values": {"i": "private", "c": "customer"}}),
        "M106 attachments.visibility.values: no word of theirs means 'partners': add one, or say `refuse: [partners]`.",
    ),
    (
        "a file with a marker",
        attachments(visibility={**NOTES["visibility"], "marker": {"#": "partners"}}),
        "M104 attachments.visibility.marker: 'marker' is no key of an attachment's visibility.\n"
        "  Known: from, values, as, back, refuse, constant.",
    ),
    (
        "files that are nowhere",
        attachments(**{"from": 7}),
        "M108 attachments.from: 7 is no way to a field.",
    ),
    (
        "a word for a truth",
        case(name={"from": "t", "required": "yes"}),
        "M125 name.required: true or false is expected, not 'yes'.",
    ),
    (
        "a refused value with a word",
        status(refuse=["held"]),
        "M126 status.refuse.0: 'held' has a word in the table, so it cannot be refused.",
    ),
    (
        "minutes of nothing",
        path("effort.amount", {"from": "m", "number": "integer"}),
        "M128 effort.amount: `effort.units` is not mapped, and one is nothing without the other.",
    ),
    (
        "an object at creation",
        {**case(), "create": {"origin": {"name": "hub"}}},
        "M129 create.origin: a mapping cannot be given to a new record.",
    ),
]  # fmt: skip


def said(faults: tuple[Fault, ...]) -> str:
    """All faults as text, without the pointer to explain (every one ends in it)."""
    text = "\n".join(fault.text() for fault in faults)
    return re.sub(r"\n  More: casebridge explain M\d+|  More: casebridge explain M\d+", "", text)


@pytest.mark.parametrize(("declaration", "expected"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_declaration_is_told_what_is_wrong(declaration: Any, expected: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        lenses.compile(declaration, partner="p")
    assert said(caught.value.faults) == expected


def test_a_fault_points_to_its_explanation() -> None:
    with pytest.raises(Misdeclared) as caught:
        lenses.compile(status(values={**STATUS["values"], "Solved": "closedd"}), partner="p")
    assert str(caught.value) == (
        "M103 status.values.Solved: 'closedd' is no case status.\n"
        "  Known: acknowledged, inProgress, pending, held, resolved, closed, cancelled, rejected. "
        "Did you mean 'closed'?  More: casebridge explain M103"
    )
    assert caught.value.faults[0].place == ("case", "status", "values", "Solved")


def test_all_that_is_wrong_is_said_at_once() -> None:
    declaration = {
        "times": {"local": {"format": "%d/%m/%Y"}},
        "case": {
            "nome": "title",
            "status": {"from": "state", "values": {"Open": "open"}},
            "creationDate": {"from": "a", "time": "local"},
            "lastUpdate": {"from": "b", "time": "local"},
            "name": {"from": "title", "length": "long"},
        },
        "notes": {},
    }
    with pytest.raises(Misdeclared) as caught:
        lenses.compile(declaration, partner="p")
    codes = [fault.code for fault in caught.value.faults]
    assert codes == ["M102", "M103", "M114", "M121", *["M123"] * 6]
    assert caught.value.faults[2].place == ("times", "local")  # named once, told once


def test_every_code_that_can_be_raised_is_explained_and_no_other() -> None:
    room = Path(lenses.__file__).parent
    sources = [path for path in room.glob("*.py") if not path.name.startswith("explain")]
    raised = {code for path in sources for code in re.findall(r'"(M\d{3})"', path.read_text(encoding="utf-8"))}
    assert raised == set(EXPLANATIONS)


def test_every_declaration_code_has_a_wrong_declaration_above() -> None:
    shown = {code for *_, expected in WRONG for code in re.findall(r"M1\d\d", expected)}
    assert shown == {code for code in EXPLANATIONS if code < "M130"}  # the rest: test_mapping_declarations_more.py


def test_a_code_is_explained_with_reason_example_and_fix() -> None:
    assert explain("m105") == (
        "M105: Several words mean one value, and none is preferred\n\n"
        "Why      Reading is clear, writing is not: somebody has to say which word the hub uses. A word of theirs that "
        "already means the same is left as it is.\n"
        "Example  `values: {Open: inProgress, Reopened: inProgress}` without `back`\n"
        "Fix      Add `back: {inProgress: Open}`.\n"
    )
    with pytest.raises(KeyError):
        explain("M999")
    for code in EXPLANATIONS:
        assert all(part and part.strip() == part for part in EXPLANATIONS[code])
