"""Formats, cuts, units, defaults, choices, functions, declared losses and transitions, as a lens runs them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings import lens as lenses
from mappings import text_html, text_markdown
from mappings.errors import Fault, MappingError, Misdeclared
from mappings.generate import CORNERS
from mappings.laws import check_laws
from mappings.laws_generated import lost_writing, smallest
from mappings.lens import Lens
from mappings.ops_cut import Cut

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
MARKS = st.text("ab <>&;/\\*_`[]()#!|~+-1.\n\r\t\f\"'é😀\u00a0", max_size=40)


@pytest.mark.parametrize("written", [text_html, text_markdown])
@settings(max_examples=400)
@given(text=TEXT | MARKS)
@example("a  \n b")
@example("&amp;lt;<b>")
@example(" \n\n \r\n x ")
def test_what_is_written_in_a_format_reads_back_to_the_character(written: Any, text: str) -> None:
    assert written.plain(written.written(text)) == text


@pytest.mark.parametrize("text", [each for each in CORNERS if "\0" not in each])
def test_every_corner_survives_every_format(text: str) -> None:
    for format_ in (text_html, text_markdown):
        assert format_.plain(format_.written(text)) == text


@given(text=TEXT | MARKS)
def test_nothing_written_as_html_is_a_tag(text: str) -> None:
    assert "<" not in text_html.written(text).replace("<br>", "")


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>one</p>\n  <p>two &amp; <b>three</b></p>", "one\n\ntwo & three"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<ul><li>x<li>y</ul>z", "- x\n- y\n\nz"),
        ("  lots \n of   blanks ", "lots of blanks"),
        ("<pre>  kept\n  so</pre>", "  kept\n  so"),
        ("x<!-- no --><script>no()</script><style>p{}</style>y", "xy"),
        ("x<!-- never closed <b>", "x"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("AT&T &nbsp;&#x1F600; &unknown; &#0;", "AT&T \u00a0😀 &unknown; \ufffd"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<div>" * 20_000 + "deep" + "</div>" * 20_000, "deep"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_html_is_read_as_a_reader_sees_it(html: str, plain: str) -> None:
    assert text_html.plain(html) == plain


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# Title\n\n**bold** and *thin*, __b__ _i_", "Title\n\nbold and thin, b i"),
        ("[text](http://x) ![pic](y.png) `code*`", "text (http://x) pic (y.png) code*"),
        ("snake_case_word 2 * 3 * 4", "snake_case_word 2 * 3 * 4"),
        ("a\\*b\\\nc  \nd &lt;", "a*b\nc\nd <"),
        ("- one\n> two", "- one\n> two"),
    ],
)
def test_markdown_is_read_without_its_marks(markdown: str, plain: str) -> None:
    assert text_markdown.plain(markdown) == plain


STATES = {
    "New": "acknowledged", "Open": "inProgress", "Reopened": "inProgress", "Waiting": "pending", "Solved": "resolved",
    "Closed": "closed", "Gone": "cancelled", "No": "rejected",
}  # fmt: skip


def national(value: str) -> str:
    if not value.startswith("+57 ") or value == "+57 ":
        raise ValueError("a number of another country")
    return value.removeprefix("+57 ")


FUNCTIONS: dict[str, Any] = {
    "phones:national": (lambda word: f"+57 {word}", national),
    "phones:unguarded": (lambda word: f"+57 {word}", lambda value: value.removeprefix("+57 ")),
    "phones:dropped": (lambda word: word, lambda value: value[:12]),
    "phones:upper": (str.upper, str.lower),
    "phones:number": (int, str),
}
USERS = {"users.csv": {"tom": "Tom Hardcastle", "ana": "Ana Gómez"}}
RICH: dict[str, Any] = {
    "case": {
        "name": {"from": "summary", "truncate": {"at": 80, "rest": "note"}, "required": True},
        "description": {"from": "body", "format": "html", "length": 32_000},
        "status": {
            "from": {"field": "state", "value": "value"},
            "values": STATES,
            "back": {"inProgress": "Open"},
            "nearest": {"held": "Waiting"},
            "lossy": "no word for a case on hold",
            "required": True,
        },
        "severity": {
            "from": "impact",
            "values": {"1": "minor", "2": "moderate", "3": "significant", "4": "extensive"},
            "default": "minor",
        },
        "relatedParty.customer.id": {"from": {"field": "caller", "split": " / ", "part": 1}},
        "relatedParty.customer.name": {"from": {"field": "caller", "split": " / ", "part": 2}},
        "relatedParty.customer.contact": {"from": "phone", "python": "phones:national"},
        "relatedParty.solver.name": {"from": "owner", "lookup": "users.csv", "unknown": "keep"},
        "relatedParty.contactPoint.name": {"from": {"join": ["first", "last"], "with": " "}},
        "relatedEntity.product.id": {"from": {"list": "fields", "where": {"id": 7}}},
        "relatedEntity.service.id": {"from": {"list": "fields", "where": {"id": 8}, "write": "element"}},
        "characteristic.team": {
            "from": {"list": "custom", "where": {"name": "Team"}, "value": "values", "single": True, "write": "object"}
        },
        "effort.amount": {"from": "hours", "number": "decimal", "unit": "hours", "places": 2},
        "effort.units": {"constant": "min"},
        "cost.amount": {"from": "cents", "number": "integer", "unit": "cents"},
        "cost.units": "currency",
        "feedback.text": {
            "when": {"field": "kind", "is": {"Complaint": {"from": "complaint.text", "format": "markdown"}},
                     "else": "comment"}
        },
        "statusChangeReason": {"from": "close.note", "to": "close_note", "format": "trimmed"},
    },
    "transitions": {
        "New": ["Open", "Gone", "No"], "Open": ["Waiting", "Solved", "Gone"], "Reopened": ["Open"], "Waiting": ["Open"],
        "Solved": ["Reopened", "Closed"], "Closed": [], "Gone": [], "No": [],
    },
    "notes": {
        "from": "said", "id": "id", "author": "author", "date": {"from": "at", "time": "iso"}, "text": "text",
        "visibility": {"from": "who", "values": {"i": "private", "p": "partners", "c": "customer"}},
    },
}  # fmt: skip
BODY: dict[str, Any] = {
    "summary": "No signal", "body": "<p>No <b>signal</b></p>", "state": {"value": "New", "display_value": "1"},
    "phone": "601 555 0142", "owner": "tom", "caller": "90210 / Ana", "hours": Decimal("1.50"), "cents": 1250,
    "currency": "EUR", "kind": "Complaint", "complaint": {"text": "**late**"}, "close": {"note": "x"},
    "fields": [{"id": 7, "value": "TRIPLE"}], "custom": [{"name": "Team", "values": ["V21"]}],
}  # fmt: skip


def rich(change: Callable[[dict[str, Any]], object] = lambda _: None) -> Lens:
    whole = deepcopy(RICH)
    change(whole)
    return lenses.compile(whole, partner="p", tables=USERS, functions=FUNCTIONS)


def test_a_declaration_with_all_of_it_keeps_the_laws() -> None:
    assert check_laws(rich(), [BODY], records=150) == []


def test_what_they_wrote_in_html_stays_while_its_words_do() -> None:
    made = rich()
    assert made.to_case(BODY).values["description"] == "No signal"
    assert made.to_partner({"description": "No signal"}, BODY).body == {}
    assert made.to_partner({"description": "a < b\nc"}, BODY).body == {"body": "a &lt; b<br>c"}


def test_blanks_that_they_take_off_are_written_nowhere_and_start_no_echo() -> None:
    made, ours = rich(), " \tone\r\ntwo\u00a0\n"
    assert made.to_partner({"statusChangeReason": ours}, BODY).body == {"close_note": "one\ntwo"}
    after = {**BODY, "close": {"note": "one\ntwo"}}
    assert made.to_partner({"statusChangeReason": ours}, after).body == {}
    assert made.same("statusChangeReason", ours, made.to_case(after).values["statusChangeReason"])
    assert not made.same("statusChangeReason", ours, "one two")


def test_a_cut_text_says_so_and_starts_no_echo() -> None:
    made, whole = rich(), "x" * 79 + "e\u0301 and more"
    patch = made.to_partner({"name": whole}, BODY)
    assert patch.body == {"summary": "x" * 79 + "…"}
    assert made.rests({"name": whole}) == {"name": "summary: …e\u0301 and more"}
    after = made.apply(BODY, patch)
    assert made.to_partner({"name": whole}, after).body == {}
    assert made.same("name", whole, made.to_case(after).values["name"])
    assert not made.same("name", "x", whole)
    assert made.rests({"name": "short", "description": whole}) == made.rests({}) == {}


def test_what_they_show_and_what_is_left_over_are_the_whole_text() -> None:
    cut = Cut(5, "note")
    for whole in (
        "",
        "a",
        "abcde",
        "abcdef",
        "abcd" + "e\u0301" * 3,
        "x" * 500,
        "👨‍👩‍👧" * 4,
        "a\u0301\u0302\u0303\u0304\u0305",
    ):
        shown = cut.inverse(whole)
        assert len(shown) <= 5
        assert (shown.removesuffix("…") if cut.cuts(whole) else shown) + cut.left(whole) == whole


class Forgetful(Cut):
    """Drops the rest."""

    def left(self, value: Any) -> str:
        return ""


def test_a_rest_that_is_dropped_breaks_its_law() -> None:
    rule = next(rule for rule in rich().rules if rule.path == "name")
    assert lost_writing(rule, "x" * 90) is None
    said = lost_writing(replace(rule, op=Forgetful(80, "note")), "x" * 81)
    assert said is not None
    assert "and with its rest it is" in said


def test_a_rest_as_a_note_needs_notes_that_partners_may_read() -> None:
    bare, deaf = deepcopy(RICH), deepcopy(RICH)
    bare.pop("notes")
    deaf["notes"]["visibility"] = {"constant": "customer"}
    for whole, why in (
        (bare, "`note` needs notes, and none are mapped. Map `notes`, or say `rest: drop` and `lossy: why`."),
        (deaf, "`note` needs a word for notes to partners under notes.visibility, and there is none."),
    ):
        with pytest.raises(Misdeclared) as caught:
            lenses.compile(whole, partner="p", tables=USERS, functions=FUNCTIONS)
        (fault,) = caught.value.faults
        assert (fault.place, fault.code) == (("case", "name", "truncate", "rest"), "M138")
        assert fault.message == f"name.truncate.rest: {why}"


def test_a_default_is_read_and_never_written_over_nothing() -> None:
    made = rich()
    assert made.to_case(BODY).values["severity"] == "minor"
    for value in ("minor", None):
        assert made.to_partner({"severity": value}, BODY).body == {}
    assert made.to_partner({"severity": "extensive"}, BODY).body == {"impact": "4"}
    assert made.to_partner({"severity": None}, BODY | {"impact": "4"}).body == {"impact": None}


def test_amounts_go_back_in_their_unit() -> None:
    made = rich()
    values = made.to_case(BODY).values
    assert (values["effort.amount"], values["cost.amount"]) == (Decimal(90), Decimal("12.5"))
    assert made.to_partner({"effort.amount": Decimal(35)}, BODY).body == {"hours": Decimal("0.58")}
    assert made.to_partner({"effort.amount": Decimal(35)}, BODY | {"hours": Decimal("0.58")}).body == {}
    assert made.to_partner({"cost.amount": Decimal("0.99")}, BODY).body == {"cents": 99}


def test_a_choice_looks_at_what_the_record_is_about_to_say() -> None:
    made = rich(lambda whole: whole["case"].update({"characteristic.kind": "kind"}))
    assert made.to_case(BODY).values["feedback.text"] == "late"
    patch = made.to_partner({"characteristic.kind": "Question", "feedback.text": "late"}, BODY)
    assert patch.body == {"kind": "Question", "comment": "late"}
    only = rich(lambda whole: whole["case"]["feedback.text"]["when"].pop("else"))
    assert only.to_case(BODY | {"kind": "Question"}).values["feedback.text"] is None
    with pytest.raises(MappingError, match=r"M221 feedback\.text \(kind\): no rule stands for 'Question'\."):
        only.to_partner({"feedback.text": "x"}, {"kind": "Question"})


def test_a_value_that_goes_out_as_a_near_word_is_taken_to_be_there() -> None:
    made = rich()
    assert made.to_partner({"status": "held"}, BODY).body == {"state": "Waiting"}
    assert made.to_partner({"status": "held"}, BODY | {"state": "Waiting"}).body == {}
    assert made.to_case(BODY | {"state": "Waiting"}).values["status"] == "pending"


def test_a_function_that_fails_or_gives_something_else_parks_the_record() -> None:
    made = rich(lambda whole: whole["case"]["relatedParty.customer.contact"].update(python="phones:number"))
    said = "M222 relatedParty.customer.contact (phone): the function phones:number "
    for phone, why in (("x", "does not take it: ValueError."), ("5", "gave a number, which is nothing for this path.")):
        with pytest.raises(MappingError) as caught:
            made.to_case(BODY | {"phone": phone})
        assert caught.value.text().splitlines()[0] == said + why


def test_steps_are_planned_through_their_own_transitions() -> None:
    made = rich()
    assert made.steps("New", "Solved") == ("Open", "Solved")
    assert made.steps("Waiting", "Closed") == ("Open", "Solved", "Closed")
    assert made.steps("Open", "Open") == ()
    assert made.steps(None, "Open") == ("Open",)
    with pytest.raises(MappingError) as caught:
        made.steps("Closed", "Open")
    assert caught.value.text().splitlines()[0] == (
        "M223 transitions.Closed (state): no way leads from 'Closed' to 'Open'."
    )
    free = rich(lambda whole: whole.pop("transitions"))
    assert free.steps("Closed", "Open") == ("Open",)


def test_a_smallest_case_is_found() -> None:
    assert smallest("abc<b>def" * 30, lambda text: "<b>" in text) == "<b>"


def case(path: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    """One rule with other parameters; None takes a key away."""

    def change(whole: dict[str, Any]) -> None:
        rule = {**whole["case"].get(path, {}), **changes}
        whole["case"][path] = {key: value for key, value in rule.items() if value is not None}

    return change


def step(word: str, *after: str) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole["transitions"].update({word: list(after)})


MUTANTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "an inverse that cuts": (case("relatedParty.customer.contact", python="phones:dropped"), "M310"),
    "an inverse that is none": (case("relatedParty.customer.contact", python="phones:upper"), "M310"),
    "an inverse that takes what is not its own": (
        case("relatedParty.customer.contact", python="phones:unguarded"),
        "M310",
    ),
    "a function misspelt": (case("relatedParty.customer.contact", python="phones:nation"), "M139"),
    "a loss without a reason": (case("status", lossy=None), "M140"),
    "a text cut in silence": (case("name", truncate={"at": 80, "rest": "drop"}), "M140"),
    "a partial table": (case("severity", values={"1": "minor", "2": "moderate"}), "M106"),
    "a default that is no value": (case("severity", default="small"), "M103"),
    "a near word that is none": (case("status", nearest={"held": "Parked"}), "M107"),
    "hours without digits": (case("effort.amount", number="integer", places=2), "M136"),
    "a unit of time for money": (case("cost.amount", unit="hours"), "M136"),
    "the same part twice": (
        case("relatedParty.customer.name", **{"from": {"field": "caller", "split": " / ", "part": 1}}),
        "M109",
    ),
    "the same element twice": (
        case("relatedEntity.service.id", **{"from": {"list": "fields", "where": {"id": 7}}}),
        "M109",
    ),
    "a joined field written elsewhere too": (case("preference", **{"from": "last"}), "M109"),
    "a field written where another is": (case("statusChangeReason", to="phone"), "M109"),
    "a list as an object of its own": (case("preference", **{"from": "fields.value"}), "M109"),
    "a table of a file that is gone": (case("relatedParty.solver.name", lookup="user.csv"), "M135"),
    "a status that nothing leaves": (step("Open"), "M311"),
    "a way round that is shut": (step("New", "Gone", "No"), "M311"),
    "a reopening that is forgotten": (step("Solved", "Closed"), "M311"),
    "a transition misspelt": (step("Waiting", "Opened"), "M131"),
    "a choice without its word": (
        lambda whole: whole["case"]["feedback.text"]["when"].update({"is": {}}),
        "M133",
    ),
}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_in_the_finer_language_is_caught_by_its_law(mistake: str) -> None:
    change, code = MUTANTS[mistake]
    assert code in {fault.code for fault in found(change)}


def found(change: Callable[[dict[str, Any]], object]) -> list[Fault]:
    try:
        return check_laws(rich(change), [BODY])
    except Misdeclared as error:
        return list(error.faults)


def test_an_undeclared_loss_is_told_with_its_smallest_case_and_a_declared_one_is_taken() -> None:
    faults = found(case("relatedParty.customer.contact", python="phones:dropped"))
    (fault,) = [fault for fault in faults if "is read as" in fault.message]
    assert fault.place == ("case", "relatedParty.customer.contact")
    assert fault.message == (
        "relatedParty.customer.contact: 'aaaaaaaaaaaaa' is read as 'aaaaaaaaaaaaa', goes back as 'aaaaaaaaaaaa' and "
        "reads as 'aaaaaaaaaaaa'. Mend the rule, or say `lossy: why`."
    )
    assert (
        found(case("relatedParty.customer.contact", python="phones:dropped", lossy="their field has 12 digits")) == []
    )


def test_notes_in_html_keep_text_visibility_and_footer() -> None:
    notes = {
        "from": "comments", "id": "id", "author": "author", "date": {"from": "at", "time": "iso"},
        "text": {"from": "body", "format": "html"},
        "visibility": {"from": "who", "values": {"i": "private", "p": "partners", "c": "customer"}},
    }  # fmt: skip
    made = rich(lambda whole: whole.update(notes=notes))
    real = {"id": 1, "author": "Ana", "at": "2026-11-21T10:00:00Z", "body": "<p>a &lt; b</p>", "who": "p"}
    body = BODY | {"comments": [real]}
    assert made.to_case(body).notes[0].text == "a < b"
    assert check_laws(made, [body]) == []


def test_lines_that_their_system_ends_in_its_own_way_read_the_same_as_they_were_written() -> None:
    made = rich()
    for told in ("one\ntwo", "one\r\ntwo", "one\rtwo"):
        assert made.to_case({**BODY, "close": {"note": told}}).values["statusChangeReason"] == "one\ntwo"
    assert made.to_partner({"statusChangeReason": "one\ntwo"}, {**BODY, "close": {"note": "one\r\ntwo"}}).body == {}
