"""Declarations of places, units, formats, choices and losses that are wrong, and exactly what is said of each."""

import re
from typing import Any

import pytest

from mappings import lens as lenses
from mappings.errors import Misdeclared
from mappings.explain import EXPLANATIONS

STATUS: dict[str, Any] = {
    "from": "state",
    "values": {
        "New": "acknowledged", "Open": "inProgress", "Wait": "pending", "Hold": "held", "Solved": "resolved",
        "Closed": "closed", "Gone": "cancelled", "No": "rejected",
    },
}  # fmt: skip
WITHOUT_HELD = {word: ours for word, ours in STATUS["values"].items() if ours != "held"}
SEVERITY = {"from": "sev", "values": {"1": "minor", "2": "moderate", "3": "significant", "4": "extensive"}}
MOVES = {word: ["Open"] if word != "Open" else list(STATUS["values"]) for word in STATUS["values"]}
L = {"list": "fields", "where": {"id": 7}}
P = {"field": "caller", "split": " / ", "part": 1}
HANDED = {"users.csv": {"tom": "Tom Hardcastle"}}
FUNCTIONS = {"phones:national": (str, str)}


def case(**rules: Any) -> dict[str, Any]:
    return {"case": {"status": STATUS, **rules}}


def path(name: str, rule: Any) -> dict[str, Any]:
    return {"case": {"status": STATUS, name: rule}}


def status(**changes: Any) -> dict[str, Any]:
    return {"case": {"status": {**STATUS, **changes}}}


def effort(**rule: Any) -> dict[str, Any]:
    amount = {"from": "h", "number": "decimal", **rule}
    return {"case": {"status": STATUS, "effort.amount": amount, "effort.units": {"constant": "min"}}}


WRONG: list[tuple[str, Any, str]] = [
    (
        "a list without a condition",
        case(name={"from": {"list": "fields", "value": "value"}}),
        "M130 name.from.where: which element? Say `where: {id: 7}` or `where: {name: ...}`.",
    ),
    (
        "a list that is no name",
        case(name={"from": {"list": 5, "where": {"id": 7}}}),
        "M108 name.from.list: 5 is no way to a field.",
    ),
    (
        "a misspelt way of writing",
        case(name={"from": {"list": "fields", "where": {"id": 7}, "write": "elements"}}),
        "M130 name.from.write: 'elements' is no way to write a list.\n"
        "  Known: element, whole, object. Did you mean 'element'?",
    ),
    (
        "an object of two names",
        case(name={"from": {"list": "fields", "where": {"id": 7, "kind": "x"}, "write": "object"}}),
        "M130 name.from.where: an object has one name for a value: give one condition.",
    ),
    (
        "a value that is the condition",
        case(name={"from": {"list": "fields", "where": {"id": 7}, "value": "id"}}),
        "M130 name.from.value: `id` is what the element is found by.",
    ),
    (
        "single in words",
        case(name={"from": {"list": "fields", "where": {"id": 7}, "single": "yes"}}),
        "M125 name.from.single: true or false is expected, not 'yes'.",
    ),
    (
        "a key of a list misspelt",
        case(name={"from": {"list": "fields", "were": {"id": 7}}}),
        "M104 name.from.were: 'were' is no key of a way into a list.\n"
        "  Known: list, where, value, single, write. Did you mean 'where'?\n"
        "M130 name.from.where: which element? Say `where: {id: 7}` or `where: {name: ...}`.",
    ),
    (
        "a way of nothing",
        case(name={"from": {"lists": "fields"}}),
        "M130 name.from: a way is a name, or a mapping with `list`, `field` or `join`.\n"
        "  Known: list, field, join. Did you mean 'list'?",
    ),
    (
        "two rules for one element",
        case(name={"from": L}, description={"from": L}),
        "M109 description: fields.[id=7].value is written for name already; make one of them `read_only: true`.",
    ),
    (
        "a list that is a text too",
        case(name={"from": L}, description="fields"),
        "M109 description: fields and fields.[id=7].value (name) lie one within the other.",
    ),
    (
        "a value inside without a name",
        case(name={"from": {"field": "title"}}),
        "M108 name.from.value: null is no way to a field.",
    ),
    (
        "a list and another place to write",
        case(name={"from": L, "to": "title"}),
        "M130 name.to: `to` stands only beside a simple `from`.",
    ),
    (
        "nowhere to write",
        case(name={"from": "title.text", "to": ""}),
        "M108 name.to: '' is no way to a field.",
    ),
    (
        "written twice at another place",
        case(name={"from": "title.text", "to": "subject"}, description="subject"),
        "M109 description: subject is written for name already; make one of them `read_only: true`.",
    ),
    (
        "a transition from nowhere",
        {**case(), "transitions": {**MOVES, "Opened": []}},
        "M131 transitions.Opened: 'Opened' is no word of the status table.\n"
        "  Known: New, Open, Wait, Hold, Solved, Closed, Gone, No. Did you mean 'Open'?",
    ),
    (
        "a transition to nowhere",
        {**case(), "transitions": {**MOVES, "New": ["Opened"]}},
        "M131 transitions.New.0: 'Opened' is no word of the status table.\n"
        "  Known: New, Open, Wait, Hold, Solved, Closed, Gone, No. Did you mean 'Open'?",
    ),
    (
        "a transition that is no list",
        {**case(), "transitions": {**MOVES, "New": "Open"}},
        "M131 transitions.New: a list of words is expected, not 'Open'.",
    ),
    (
        "a word without transitions",
        {**case(), "transitions": {key: MOVES[key] for key in MOVES if key != "Hold"}},
        "M131 transitions: what may follow 'Hold'? Say `Hold: []` where nothing does.",
    ),
    (
        "transitions in a list",
        {**case(), "transitions": ["New"]},
        "M125 transitions: `their word: [words that may follow]` is expected, not a list.",
    ),
    (
        "one field joined",
        case(name={"from": {"join": ["first"], "with": " "}}),
        "M132 name.from.join: two fields or more are expected, not a list.",
    ),
    (
        "fields joined with nothing",
        case(name={"from": {"join": ["first", "last"], "with": ""}}),
        "M132 name.from.with: a text between them is expected, not ''.",
    ),
    (
        "a rest for the middle",
        case(name={"from": {"join": ["first", "last"], "rest": "middle"}}),
        "M132 name.from.rest: 'middle' is no field that takes the rest.\n  Known: first, last.",
    ),
    (
        "a text split at nothing",
        case(name={"from": {"field": "t", "split": "", "part": 1}}),
        "M132 name.from.split: a text to split at is expected, not ''.",
    ),
    (
        "the third part of two",
        case(name={"from": {"field": "t", "split": "/", "part": 3}}),
        "M132 name.from.part: a part from 1 to 2 is expected, not 3.",
    ),
    (
        "one part",
        case(name={"from": {"field": "t", "split": "/", "part": 1, "of": 1}}),
        "M132 name.from.of: a number of parts from 2 is expected, not 1.",
    ),
    (
        "one part for two paths",
        case(name={"from": P}, description={"from": P}),
        "M109 description: caller.part 1 is written for name already; make one of them `read_only: true`.",
    ),
    (
        "a choice without rules",
        case(name={"when": {"field": "kind"}}),
        "M133 name.when.is: rules by their word are expected, not null.",
    ),
    (
        "a choice of nothing known",
        case(name={"when": {"field": "kind", "is": {"A": {"form": "x"}}}}),
        "M104 name.when.is.A.form: 'form' is no key of a rule.\n"
        "  Known: from, to, values, time, number, flag, constant, lookup, format, truncate, "
        "python, back and 13 more. Did you mean 'format'?\n"
        "M108 name.when.is.A: which of their fields? Say `from: field`.",
    ),
    (
        "a choice within a choice",
        case(name={"when": {"field": "kind", "is": {"A": {"when": {"field": "x", "is": {"B": "y"}}}}}}),
        "M133 name.when: one `when` within another is not understood.",
    ),
    (
        "a choice for the status",
        {"case": {"status": {"when": {"field": "kind", "is": {"A": STATUS}}}}},
        "M133 status.when: this path stands by no other field: it is always there.",
    ),
    (
        "a choice beside a field",
        case(name={"from": "title", "when": {"field": "kind", "is": {"A": "y"}}}),
        "M104 name.from: 'from' is no key of a rule with `when`.\n  Known: when, read_only, required.",
    ),
    (
        "a default for a time",
        case(creationDate={"from": "at", "time": "iso", "default": "today"}),
        "M134 creationDate.default: this path takes no default.",
    ),
    (
        "a default for what must be given",
        case(name={"from": "title", "required": True, "default": "none"}),
        "M134 name.default: this path takes no default.",
    ),
    (
        "a default in a list",
        case(name={"from": "title", "default": ["x"]}),
        "M134 name.default: a list cannot be a default.",
    ),
    (
        "a default of the wrong list",
        case(severity={**SEVERITY, "default": "small"}),
        "M103 severity.default: 'small' is no severity.\n  Known: minor, moderate, significant, extensive.",
    ),
    (
        "a file that is not there",
        path("relatedParty.solver.name", {"from": "owner", "lookup": "usrs.csv"}),
        "M135 relatedParty.solver.name.lookup: 'usrs.csv' is no table that stands beside this mapping.\n"
        "  Known: users.csv. Did you mean 'users.csv'?",
    ),
    (
        "a lookup that guesses",
        path("relatedParty.solver.name", {"from": "owner", "lookup": "users.csv", "unknown": "guess"}),
        "M135 relatedParty.solver.name.unknown: 'guess' is nothing to do.\n  Known: refuse, keep.",
    ),
    (
        "a file for a status",
        {"case": {"status": {"from": "s", "lookup": "users.csv"}}},
        "M110 status: one of a fixed list stands here: give a table, `values: {theirs: ours}`.",
    ),
    (
        "unknown without a lookup",
        case(name={"from": "t", "unknown": "keep"}),
        "M111 name.unknown: `unknown` stands only beside `lookup`.",
    ),
    (
        "an effort in days",
        effort(unit="days"),
        "M136 effort.amount.unit: 'days' is no unit of this path.\n  Known: seconds, minutes, hours.",
    ),
    (
        "places without a unit",
        effort(places=2),
        "M136 effort.amount.places: `places` stands beside `unit`.\n  Known: seconds, minutes, hours.",
    ),
    (
        "parts of a whole hour",
        effort(unit="hours", number="integer", places=1),
        "M136 effort.amount.places: digits after the point from 0 to 0 are expected, not 1.",
    ),
    (
        "too many places",
        effort(unit="hours", places=20),
        "M136 effort.amount.places: digits after the point from 0 to 6 are expected, not 20.",
    ),
    (
        "a unit of a text",
        case(name={"from": "t", "unit": "hours"}),
        "M111 name.unit: `unit` stands only beside `number`.",
    ),
    (
        "an unknown format of text",
        case(name={"from": "t", "format": "rtf"}),
        "M137 name.format: 'rtf' is no format of text.\n  Known: plain, html, markdown, trimmed.",
    ),
    (
        "a formatted time",
        case(creationDate={"from": "t", "format": "html"}),
        "M110 creationDate: a time stands here: say how theirs is written, `time: iso` for one.",
    ),
    (
        "a cut without a rest",
        case(name={"from": "t", "truncate": {"at": 80}}),
        "M138 name.truncate.rest: what becomes of the rest? Say `rest: note`, or `rest: drop` and `lossy: why`.\n"
        "  Known: note, drop.",
    ),
    (
        "a cut at nothing",
        case(name={"from": "t", "truncate": {"at": 1, "rest": "note"}}),
        "M138 name.truncate.at: a whole number from 2 is expected, not 1.",
    ),
    (
        "a cut to one side",
        case(name={"from": "t", "truncate": {"at": 80, "rest": "notes"}}),
        "M138 name.truncate.rest: what becomes of the rest? Say `rest: note`, or `rest: drop` and `lossy: why`.\n"
        "  Known: note, drop. Did you mean 'note'?",
    ),
    (
        "a rest that is dropped in silence",
        case(name={"from": "t", "truncate": {"at": 80, "rest": "drop"}}),
        "M140 name.truncate.rest: what is dropped is lost: say why, `lossy: reason`.",
    ),
    (
        "a cut that is a number",
        case(name={"from": "t", "truncate": 80}),
        "M125 name.truncate: `{at: length, rest: note or drop}` is expected, not 80.",
    ),
    (
        "a function that nobody registered",
        case(name={"from": "t", "python": "phones:nation"}),
        "M139 name.python: 'phones:nation' is no function that was registered, `module:name`.\n"
        "  Known: phones:national. Did you mean 'phones:national'?",
    ),
    (
        "a nearest word without a reason",
        status(values=WITHOUT_HELD, nearest={"held": "Wait"}),
        "M140 status.nearest: another word is a loss: say why, `lossy: reason`.",
    ),
    (
        "a nearest word for one that has its own",
        status(nearest={"held": "Wait"}, lossy="x"),
        "M126 status.nearest.held: 'held' has a word of its own, so it needs none that is near.",
    ),
    (
        "a nearest word that is none",
        status(values=WITHOUT_HELD, nearest={"held": "Waits"}, lossy="x"),
        "M107 status.nearest.held: 'Waits' is no word of the table.\n"
        "  Known: New, Open, Wait, Solved, Closed, Gone, No. Did you mean 'Wait'?",
    ),
    (
        "a nearest word for nothing of ours",
        status(nearest={"helt": "Wait"}, lossy="x"),
        "M103 status.nearest.helt: 'helt' is no case status.\n"
        "  Known: acknowledged, inProgress, pending, held, resolved, closed, cancelled, rejected. Did you mean 'held'?",
    ),
    (
        "nearest in a list",
        status(nearest=["held"], lossy="x"),
        "M119 status.nearest: `ours: theirs` is expected, not a list.",
    ),
    (
        "an empty reason",
        case(name={"from": "t", "lossy": " "}),
        "M140 name.lossy: a reason in words is expected, not ' '.",
    ),
    (
        "a reason that is none",
        case(name={"from": "t", "lossy": True}),
        "M140 name.lossy: a reason in words is expected, not true.",
    ),
]


@pytest.mark.parametrize(("declaration", "expected"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_declaration_of_the_finer_kind_is_told_what_is_wrong(declaration: Any, expected: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        lenses.compile(declaration, partner="p", tables=HANDED, functions=FUNCTIONS)
    text = "\n".join(fault.text() for fault in caught.value.faults)
    assert re.sub(r"(\n  |  )More: casebridge explain M\d+", "", text) == expected


def test_every_code_of_the_finer_kind_has_a_wrong_declaration_above() -> None:
    shown = {code for *_, expected in WRONG for code in re.findall(r"M1\d\d", expected)}
    assert {code for code in EXPLANATIONS if "M130" <= code < "M200"} <= shown
