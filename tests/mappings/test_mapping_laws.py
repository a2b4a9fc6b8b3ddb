"""The laws of a lens over examples and over generated records, and mistakes that they must catch."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mappings import lens as lenses
from mappings.declare_shape import Rule
from mappings.description import check_description
from mappings.errors import Fault, MappingError, Misdeclared
from mappings.examples import check_examples
from mappings.laws import check_laws, get_put, put_get
from mappings.lens import Lens
from mappings.ops_cut import MARK, Cut
from mappings.ops_number import Number
from mappings.ops_text import Flag, Text
from mappings.ops_time import Iso, Patterned
from mappings.ops_values import Table
from mappings.paths import put
from sandbox.companies import brightnet_words, northcable, telvoz
from sandbox.companies.vocabulary import Vocabulary

NAMES = ("northcable", "telvoz", "brightnet")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive


def words(rule: Rule) -> st.SearchStrategy[Any]:
    """What their system may hold in the field of a rule."""
    match rule.op:
        case Table(words=table):
            found: st.SearchStrategy[Any] = st.sampled_from(list(table))
        case Number(least=1):
            found = st.integers(1, 5)
        case Number(kind="integer"):
            found = st.integers(-(10**9), 10**9)
        case Number():
            found = st.decimals(-(10**9), 10**9, places=4).map(str)
        case Flag():
            found = st.booleans()
        case Iso():
            found = MOMENTS.map(lambda moment: moment.isoformat())
        case Patterned():
            found = MOMENTS.map(rule.op.inverse)
        case Text() if rule.path == "cost.units":
            found = st.sampled_from(["EUR", "GBP", "KZT", "COP"])
        case Text(length=1000):  # longer than another company's field takes
            found = TEXT | TEXT.filter(bool).map(lambda text: (text * 1000)[:1000])
        case Cut(at=at):
            found = TEXT | TEXT.filter(bool).map(lambda text: f"{(text * at)[: at - 1]}{MARK}")
        case Text():
            found = TEXT.filter(bool) if rule.required else TEXT
        case _:
            raise AssertionError(f"no words for {rule.op}")
    return found if rule.required else st.none() | found


def record(data: st.DataObject, lens: Lens) -> dict[str, Any]:
    """A generated record in the partner's words, with fields that no mapping knows."""
    body: dict[str, Any] = {"unknown": {"kept": [1, None, "x"]}}
    for name, word in data.draw(
        st.fixed_dictionaries({rule.field: words(rule) for rule in lens.rules if rule.at})
    ).items():
        put(body, tuple(name.split(".")), word)
    return body


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_hold_in_both_directions(
    name: str, lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]
) -> None:
    assert check_examples(lenses_of[name], examples[name]) == []


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_was_read_and_is_written_back_changes_nothing(
    name: str, lenses_of: Mapping[str, Lens], data: st.DataObject
) -> None:
    lens = lenses_of[name]
    body = record(data, lens)
    before = deepcopy(body)
    assert refusal(lambda: lens.to_case(body)) in {None, "M206"}  # a time that never was is parked
    assume(refusal(lambda: lens.to_case(body)) is None)
    assert list(get_put(lens, body, lens.to_case(body))) == []
    assert body == before


@pytest.mark.parametrize(("giver", "taker"), [(one, other) for one in NAMES for other in NAMES if one != other])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_one_company_says_reads_back_the_same_at_another(
    giver: str, taker: str, lenses_of: Mapping[str, Lens], data: st.DataObject
) -> None:
    theirs, lens = record(data, lenses_of[giver]), lenses_of[taker]
    base = record(data, lens)
    assume(refusal(lambda: lenses_of[giver].to_case(theirs)) is None and refusal(lambda: lens.to_case(base)) is None)
    values = lenses_of[giver].to_case(theirs).values
    # Refused is not wrong: the later of two equal hours cannot be written where times have no offset.
    assert refusal(lambda: lens.to_partner(values, base)) in {None, "M216"}
    assume(refusal(lambda: lens.to_partner(values, base)) is None)
    assert list(put_get(lens, values, base)) == []
    assert list(put_get(lens, values, None)) == []
    assert lens.apply(base, lens.to_partner(values, base))["unknown"] == base["unknown"]


def refusal(act: Callable[[], object]) -> str | None:
    """The code that this is refused with."""
    try:
        act()
    except MappingError as error:
        return error.code
    return None


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def mutant(declaration: Mapping[str, Any]) -> dict[str, Any]:
        whole = deepcopy(dict(declaration))
        change(whole)
        return whole

    return mutant


def rule(path: str, **changes: Any) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The mapping with other parameters in one rule; None takes a key away."""

    def change(whole: dict[str, Any]) -> None:
        given = whole["case"].get(path, {})
        merged = {**({"from": given} if isinstance(given, str) else given), **changes}
        whole["case"][path] = {key: value for key, value in merged.items() if value is not None}

    return changed(change)


def swap(one: str, other: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def change(whole: dict[str, Any]) -> None:
        whole["case"][one], whole["case"][other] = whole["case"][other], whole["case"][one]

    return changed(change)


MUTANTS: dict[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "two fields swapped": ("northcable", swap("name", "description")),
    "product and service swapped": ("brightnet", swap("relatedEntity.product.id", "relatedEntity.service.id")),
    "a field dropped": ("telvoz", changed(lambda whole: whole["case"].pop("preference"))),
    "a field misspelt": ("telvoz", rule("name", **{"from": "asnto"})),
    "a neighbour's zone": ("telvoz", changed(lambda whole: whole["times"]["bogota"].update(zone="America/Caracas"))),
    "another continent's zone": (
        "telvoz",
        changed(lambda whole: whole["times"]["bogota"].update(zone="Europe/Madrid")),
    ),
    "day and month swapped": (
        "telvoz",
        changed(lambda whole: whole["times"]["bogota"].update(format="%m/%d/%Y %H:%M:%S")),
    ),
    "a word dropped": ("brightnet", changed(lambda whole: whole["case"]["status"]["values"].pop("Решено"))),
    "a word of many dropped": ("northcable", changed(lambda whole: whole["case"]["status"]["values"].pop("Reopened"))),
    "two priorities swapped": (
        "northcable",
        changed(lambda whole: whole["case"]["priority"]["values"].update(P1="low", P4="critical")),
    ),
    "the preferred word dropped": ("northcable", changed(lambda whole: whole["case"]["status"].pop("back"))),
    "a closed that is only resolved": (
        "telvoz",
        changed(lambda whole: whole["case"]["status"]["values"].update(Cerrado="resolved")),
    ),
    "a flag turned round": ("telvoz", rule("test", values={"S": False, "N": True})),
    "a text for a number": ("telvoz", rule("effort.amount", number=None)),
    "a whole number for money": ("northcable", rule("cost.amount", number="integer")),
    "a name too short": ("brightnet", rule("name", length=10)),
    "a private word shown to all": (
        "northcable",
        changed(lambda whole: whole["notes"]["visibility"]["values"].update(internal="customer", customer="private")),
    ),
    "a marker forgotten": ("brightnet", changed(lambda whole: whole["notes"][0]["visibility"].pop("marker"))),
    "notes from another list": ("telvoz", changed(lambda whole: whole["notes"].update({"from": "notas.notas"}))),
    "author and text swapped": (
        "northcable",
        changed(lambda whole: whole["notes"].update(author="body", text="author")),
    ),
    "two companies swapped": (
        "brightnet",
        changed(lambda whole: whole["tables"]["companies"].update({"Телвоз": "brightnet", "Брайтнет": "telvoz"})),
    ),
}


def found(declaration: Mapping[str, Any], examples: Any) -> list[Fault]:
    try:
        lens = lenses.compile(declaration, partner="p")
    except Misdeclared as error:
        return list(error.faults)
    return check_examples(lens, examples)


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_in_a_mapping_is_caught(
    mistake: str, declarations: Mapping[str, Any], examples: Mapping[str, Any]
) -> None:
    name, mutant = MUTANTS[mistake]
    assert found(declarations[name], examples[name]) == []
    assert found(mutant(declarations[name]), examples[name]) != []


def test_a_broken_way_back_is_told_with_its_rule(lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]) -> None:
    lens = lenses.compile(
        {"case": {"status": {"from": "s", "values": {"On": "inProgress"}, "refuse": REST}, "name": "t"}}, partner="p"
    )
    (status, name) = lens.rules
    table = status.op
    assert isinstance(table, Table)
    broken = Table(table.words, {"inProgress": "Off"}, table.refused)
    crooked = lenses.compile(
        {"case": {"status": {"from": "s", "values": {"On": "inProgress"}, "refuse": REST}}}, partner="p"
    )
    object.__setattr__(crooked.rules[0], "op", broken)
    faults = check_laws(crooked, [{"s": "On"}])
    assert [(fault.code, fault.place) for fault in faults] == [("M310", ("case", "status"))] * 2 + [
        ("M303", ("case", "status"))
    ]
    assert [fault.message for fault in faults] == [
        "status: 'On' is read as 'inProgress', goes back as 'Off' and cannot be read: 'Off' is no word of the table. "
        "Mend the rule, or say `lossy: why`.",
        "status: 'inProgress' is written as 'Off' and cannot be read: 'Off' is no word of the table. "
        "Mend the rule, or say `lossy: why`.",
        "status: it cannot be written into a new record: status (s): 'Off' is no word of the table.",
    ]
    assert name.path == "name"


REST = ["acknowledged", "pending", "held", "resolved", "closed", "cancelled", "rejected"]


def test_an_example_that_says_something_else_is_told_how(
    lenses_of: Mapping[str, Lens], examples: Mapping[str, Any]
) -> None:
    example = deepcopy(examples["northcable"][0])
    example["case"]["status"] = "resolved"
    example["case"]["creationDate"] = "2026-11-20T10:15:00+01:00"  # the same instant, another offset
    del example["case"]["effort.amount"]
    example["notes"][1]["visibility"] = "customer"
    example["case"]["accountable"] = "northcable"
    faults = check_examples(lenses_of["northcable"], [example])
    said = "example 'an open fault with a note for the partners and one of our own'"
    assert [(fault.code, fault.message.removeprefix(said)) for fault in faults] == [
        ("M301", ", accountable: this path is not read from their records."),
        ("M301", ", creationDate: '2026-11-20T10:15:00+01:00' is expected, 2026-11-20 09:15:00+00:00 was read."),
        ("M301", ", status: 'resolved' is expected, 'inProgress' was read."),
        ("M301", ", effort.amount: null is expected, 35 was read."),
        ("M301", ", note 8, visibility: 'customer' is expected, 'private' was read."),
    ]
    assert faults[2].place == (0, "case", "status")


@pytest.mark.parametrize(
    ("examples_", "message"),
    [
        ({}, "examples: a list of `{name, body, case, notes, feedback, attachments}` is expected."),
        (["x"], "example 1: a mapping is expected."),
        ([{"body": {}, "case": {}, "cases": 1}], "example 1: 'cases' is no key of an example."),
        ([{"case": {}}], "example 1: `body` must be a mapping."),
        ([{"body": {}, "case": {}, "notes": "x"}], "example 1: `notes` must be a list of mappings."),
        ([{"body": {}, "case": {}, "notes": [{"who": 1}]}], "example 1: 'who' is no key of a note."),
        ([{"body": {}, "case": {}, "feedback": {}}], "example 1: `feedback` must be a list of mappings."),
        ([{"body": {}, "case": {}, "feedback": [{"stars": 5}]}], "example 1: 'stars' is no key of an answer."),
        ([{"body": {}, "case": {}, "attachments": [{"text": 1}]}], "example 1: 'text' is no key of an attachment."),
        ([{"name": "n", "body": {}, "case": {}}], "example 'n': name (title): it is required, and empty."),
    ],
)
def test_an_example_that_is_none_is_refused(lenses_of: Mapping[str, Lens], examples_: Any, message: str) -> None:
    assert [fault.message for fault in check_examples(lenses_of["northcable"], examples_)] == [message]


class Field:
    """What a system says of one field."""

    def __init__(self, *values: str, length: int | None = None, required: bool = False) -> None:
        self.values, self.length, self.required = values, length, required


@pytest.mark.parametrize(
    ("name", "words"),
    [("northcable", northcable.VOCABULARY), ("telvoz", telvoz.VOCABULARY), ("brightnet", brightnet_words.BRIGHTNET)],
)
def test_each_mapping_fits_its_company(name: str, words: Vocabulary, lenses_of: Mapping[str, Lens]) -> None:
    described = {
        field.name: Field(*field.values, length=field.length if "text" in field.type else None, required=field.required)
        for field in words.fields.values()
    }
    assert check_description(lenses_of[name], described) == []
    own = {field.name for field in words.fields.values() if not field.hub_only}
    assert own <= lenses_of[name].fields  # nothing that their agents can write stays at home


def test_a_mapping_is_held_against_what_their_system_says(lenses_of: Mapping[str, Lens]) -> None:
    lens = lenses_of["telvoz"]
    fields: dict[str, Field] = {rule.field: Field() for rule in lens.rules if rule.at and not rule.read_only}
    assert check_description(lens, fields) == []
    states = next(rule.op for rule in lens.rules if rule.path == "status")
    assert isinstance(states, Table)
    fields["estado"] = Field(*(word for word in states.words if word != "Detenido"), "Escalado")  # type: ignore[arg-type] # words are text
    fields["asunto"] = Field(length=80, required=True)
    fields["agente"], fields["turno"] = Field(required=True), Field(required=True)
    fields["casoHub"] = Field(required=True)  # every case that comes there has one
    del fields["preferencia"]
    faults = check_description(lens, fields)
    assert [(fault.code, fault.message) for fault in faults] == [
        ("M309", "name: the field takes 80 characters, not 255."),
        ("M307", "status: 'Escalado' is in their picklist and not in the table."),
        ("M308", "status: 'Detenido' is not in their picklist."),
        ("M306", "preference: they have no field preferencia."),
        (
            "M312",
            "relatedParty.solver.name: they require agente, and a case may be without. Say `required: true`.",
        ),
        ("M312", "they require turno, and nothing gives it. Map it, or give it once under `create`."),
    ]


def test_a_text_without_a_bound_is_held_against_their_field() -> None:
    lens = compile_small({"from": "texto"})
    faults = check_description(lens, {"texto": Field(length=40), "estado": Field()})
    assert [(fault.code, fault.place, fault.message) for fault in faults] == [
        (
            "M309",
            ("case", "description"),
            "description: the field takes 40 characters, and any length would be written. Say `length: 40`.",
        )
    ]
    for bound in ({"length": 40}, {"bytes": 40}, {"read_only": True}):
        rule = {"from": "texto", **bound}
        assert check_description(compile_small(rule), {"texto": Field(length=40), "estado": Field()}) == []


def compile_small(rule: dict[str, Any]) -> Lens:
    """Of a mapping with this rule for the description."""
    states = {"Abierto": "inProgress", "Hecho": "resolved"}
    refused = ["acknowledged", "pending", "held", "closed", "cancelled", "rejected"]
    status = {"from": "estado", "values": states, "refuse": refused}
    return lenses.compile({"case": {"status": status, "description": rule}}, partner="p")
