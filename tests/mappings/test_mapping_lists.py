"""Answers of customers and files: lists whose members have an identity, read with the place of what does not fit."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import lens as lenses
from mappings.case import Note, Visibility
from mappings.declare_lists import SECTIONS
from mappings.errors import MappingError
from mappings.examples import check_examples
from mappings.generate import CORNERS, records
from mappings.laws import check_laws
from mappings.laws_generated import chance
from mappings.laws_lists import writable
from mappings.lens import Lens, ReadAttachment, ReadFeedback
from mappings.lists_catalogue import LISTS
from mappings.ops_audience import Audience
from mappings.ops_values import Table
from mappings.schema import LISTS as KEYS_OF_LISTS

STATES = {
    "New": "acknowledged", "Open": "inProgress", "Wait": "pending", "Hold": "held", "Solved": "resolved",
    "Closed": "closed", "Gone": "cancelled", "No": "rejected",
}  # fmt: skip
WHEN = "21/11/2026 05:00:00"
DECLARED: Mapping[str, Any] = {
    "times": {"bogota": {"format": "%d/%m/%Y %H:%M:%S", "zone": "America/Bogota", "fold": "earlier"}},
    "case": {"status": {"from": "state", "values": STATES}},
    "feedback": {
        "from": "survey.answers",
        "id": "id",
        "score": {"from": "face", "values": {"sad": 1, "so so": 3, "glad": 5, "very glad": 5}},
        "text": {"from": "said", "format": "html"},
        "date": {"from": "at", "time": "bogota"},
    },
    "attachments": {
        "from": "files",
        "id": "id",
        "name": {"from": "file", "length": 40},
        "type": "mime",
        "size": {"from": "bytes", "number": "integer", "as": "text"},
        "author": "by",
        "date": {"from": "at", "time": "bogota"},
        "visibility": {"from": "who", "values": {"own": "private", "firms": "partners", "all": "customer"}},
    },
}
MOMENT = datetime(2026, 11, 21, 5, tzinfo=timezone(timedelta(hours=-5)))


@pytest.fixture(scope="module")
def lens() -> Lens:
    return lenses.compile(DECLARED, partner="acme")


def answer(**changes: Any) -> dict[str, Any]:
    return {"id": 7, "face": "glad", "said": "", "at": WHEN, **changes}


def file(**changes: Any) -> dict[str, Any]:
    return {"id": "a", "file": "bill.pdf", "mime": "application/pdf", "bytes": "1024", "by": "Ana", "at": WHEN,
            "who": "all", **changes}  # fmt: skip


def answers(*members: Any) -> dict[str, Any]:
    return {"state": "Open", "survey": {"answers": list(members)}}


def files(*members: Any) -> dict[str, Any]:
    return {"state": "Open", "files": list(members)}


def test_answers_are_read_with_identity_score_text_and_moment(lens: Lens) -> None:
    said = answer(id=8, face="sad", said="<p>Never <b>again</b></p>")
    reading = lens.to_case(answers(answer(), said))
    assert reading.feedback == (ReadFeedback("7", 5, None, MOMENT), ReadFeedback("8", 1, "Never again", MOMENT))
    assert reading.feedback[0].date.utcoffset() == timedelta(hours=-5)
    assert (reading.notes, reading.attachments) == ((), ())


@pytest.mark.parametrize("none", [None, "", []])
def test_no_list_is_an_empty_one(lens: Lens, none: Any) -> None:
    reading = lens.to_case({"state": "Open", "survey": {"answers": none}, "files": none})
    assert (reading.feedback, reading.attachments) == ((), ())
    assert lens.to_case({"state": "Open"}).feedback == ()


def test_an_answer_without_a_score_is_none_yet_and_needs_no_moment(lens: Lens) -> None:
    reading = lens.to_case(answers(answer(id=1, face=None, at=None), answer(id=2, face=""), answer(id=3)))
    assert [read.native_id for read in reading.feedback] == ["3"]


def test_files_are_read_with_what_is_told_of_them(lens: Lens) -> None:
    bare = {"id": 9, "file": "../../etc/passwd", "who": "nobody knows"}
    assert lens.to_case(files(file(), bare)).attachments == (
        ReadAttachment("a", "bill.pdf", "application/pdf", 1024, "Ana", MOMENT, Visibility.CUSTOMER),
        ReadAttachment("9", "../../etc/passwd", None, None, "", None, Visibility.PRIVATE),
    )


@pytest.mark.parametrize("word", ["nobody knows", "", None, True, 1, ["all"], "All"])
def test_an_unknown_word_for_who_may_see_a_file_means_private(lens: Lens, word: Any) -> None:
    (read,) = lens.to_case(files(file(who=word))).attachments
    assert read.visibility is Visibility.PRIVATE


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (answers(5), "M217", "feedback (survey.answers): answer 1 is a number, not an object."),
        (
            {"state": "Open", "survey": {"answers": "good"}},
            "M217",
            "feedback (survey.answers): a list of answers is expected, not text.",
        ),
        (answers(answer(id=None)), "M217", "feedback (survey.answers): answer 1, id: an id is expected, not nothing."),
        (answers(answer(id=True)), "M217",
         "feedback (survey.answers): answer 1, id: an id is expected, not true or false."),
        (answers(answer(), answer(id="7")), "M217", "feedback (survey.answers): two answers bear the id '7'."),
        (answers(answer(), answer(id="7", face=None)), "M217",
         "feedback (survey.answers): two answers bear the id '7'."),
        (answers(answer(face="cross")), "M201",
         "feedback (survey.answers): answer 1, score: 'cross' is no word of the table."),
        (answers(answer(), answer(id=8, at=None)), "M217", "feedback (survey.answers): answer 2, date: it has none."),
        (answers(answer(at="yesterday")), "M205",
         "feedback (survey.answers): answer 1, date: 'yesterday' is no time of the form %d/%m/%Y %H:%M:%S."),
        (answers(answer(said="a\0b")), "M203",
         "feedback (survey.answers): answer 1, text: the text has a NUL at character 2."),
        (files(file(file="")), "M217", "attachments (files): attachment 1, name: it has none."),
        (files(file(file="a\0.pdf")), "M203",
         "attachments (files): attachment 1, name: the text has a NUL at character 2."),
        (files(file(file="\ud800.pdf")), "M203",
         "attachments (files): attachment 1, name: the text has half a surrogate pair at character 1."),
        (files(file(bytes="-1")), "M211",
         "attachments (files): attachment 1, size: -1 is not from 0 to 9223372036854775807."),
        (files(file(bytes="1.5")), "M211",
         "attachments (files): attachment 1, size: a whole number is expected, not 1.5."),
        (files(file(), file()), "M217", "attachments (files): two attachments bear the id 'a'."),
        (files(file(mime=["x"])), "M202", "attachments (files): attachment 1, type: text is expected, not a list."),
    ],
)  # fmt: skip
def test_a_member_that_does_not_fit_parks_the_record_with_its_place(
    lens: Lens, body: Any, code: str, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        lens.to_case(body)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.place == (message.split(maxsplit=1)[0],)


@pytest.mark.parametrize(("given", "code"), [(6, "M211"), (0, "M211"), (True, "M222"), ("5", "M222"), (5, None)])
def test_a_function_of_their_own_gives_no_score_that_is_none(given: Any, code: str | None) -> None:
    score = {"from": "face", "python": "faces:score"}
    declared = {**DECLARED, "feedback": {**DECLARED["feedback"], "score": score}}
    made = lenses.compile(declared, partner="p", functions={"faces:score": (lambda word: given, lambda value: "x")})
    if code is None:
        assert [read.score for read in made.to_case(answers(answer())).feedback] == [5]
        return
    with pytest.raises(MappingError) as caught:
        made.to_case(answers(answer()))
    assert caught.value.code == code


def test_lists_are_kept_out_of_what_the_hub_remembers_of_a_record(lens: Lens) -> None:
    body = {**answers(answer()), **files(file()), "survey": {"answers": [answer()], "sent": 1}, "other": 2}
    assert lens.trim(body) == {"state": "Open", "survey": {"sent": 1}, "other": 2}
    assert lens.fields == {"state", "survey.answers", "files"}
    assert lens.notes_field is None


def test_nothing_is_written_into_a_list_that_is_only_read(lens: Lens) -> None:
    body = {**answers(answer()), **files(file())}
    patch = lens.to_partner({**lens.to_case(body).values, "status": "resolved"}, body)
    assert patch.body == {"state": "Solved"}
    assert lens.apply(body, patch) == {**body, "state": "Solved"}


@given(
    name=st.sampled_from(CORNERS) | st.text(min_size=1, max_size=45),
    mime_type=st.none() | st.text(max_size=20),
    visibility=st.sampled_from(Visibility),
)
def test_a_file_that_is_told_of_reads_back_the_same_or_is_refused(
    name: str, mime_type: str | None, visibility: Visibility
) -> None:
    made = lenses.compile(DECLARED, partner="acme")
    try:
        words = made.to_attachment(name=name, mime_type=mime_type, visibility=visibility)
    except MappingError as error:
        assert error.code in {"M203", "M204"}  # noqa: PT017 - what is refused is refused for these reasons only
        return
    assert set(words) == {"file", "who", *(["mime"] if mime_type else [])}
    (back,) = made.to_case(files({**words, "id": 1})).attachments
    assert (back.name, back.mime_type, back.visibility) == (name, mime_type or None, visibility)


def test_a_file_that_cannot_be_told_of_is_refused_with_its_place(lens: Lens) -> None:
    said = {}
    for name in ("x" * 41, "", "a\0b"):
        with pytest.raises(MappingError) as caught:
            lens.to_attachment(name=name, mime_type=None, visibility=Visibility.PARTNERS)
        said[name] = (caught.value.code, caught.value.message)
    assert list(said.values()) == [
        ("M204", "attachments.name (files.file): the text has 41 characters and the field takes 40."),
        ("M217", "attachments.name (files.file): it has none."),
        ("M203", "attachments.name (files.file): the text has a NUL at character 2."),
    ]
    few = {"from": "who", "values": {"own": "private", "all": "customer"}, "refuse": ["partners"]}
    made = lenses.compile({**DECLARED, "attachments": {**DECLARED["attachments"], "visibility": few}}, partner="acme")
    with pytest.raises(MappingError) as caught:
        made.to_attachment(name="x", mime_type=None, visibility=Visibility.PARTNERS)
    assert caught.value.message == "attachments.visibility (files.who): 'partners' is refused here by declaration."
    without = lenses.compile({"case": DECLARED["case"]}, partner="acme")
    with pytest.raises(MappingError, match="acme has no attachments"):
        without.to_attachment(name="x", mime_type=None, visibility=Visibility.PARTNERS)


def test_a_name_that_would_read_back_otherwise_is_refused_before_it_goes() -> None:
    shouting = {"from": "file", "python": "m:f"}
    declared = {**DECLARED, "attachments": {**DECLARED["attachments"], "name": shouting}}
    made = lenses.compile(declared, partner="acme", functions={"m:f": (str.lower, str.upper)})
    assert made.to_attachment(name="bill", mime_type=None, visibility=Visibility.PRIVATE)["file"] == "BILL"
    with pytest.raises(MappingError) as caught:
        made.to_attachment(name="Bill", mime_type=None, visibility=Visibility.PRIVATE)
    assert caught.value.code == "M216"
    assert not writable(made, ReadAttachment("1", "Bill", None, None, "", None, Visibility.PRIVATE))


def test_generated_records_have_members_in_every_list_and_most_of_them_are_read(lens: Lens) -> None:
    drawn = list(records(lens, chance(), 200, {}, []))
    read = []
    for body in drawn:
        try:
            read.append(lens.to_case(body))
        except MappingError:
            continue
    assert len(read) > 150
    assert sum(len(reading.feedback) for reading in read) > 100
    assert sum(len(reading.attachments) for reading in read) > 100
    assert {str(file.visibility) for reading in read for file in reading.attachments} == {
        "private", "partners", "customer",
    }  # fmt: skip


def test_two_lists_in_one_field_are_read_each_in_its_own_way() -> None:
    both = {**DECLARED["attachments"], "from": "survey.answers", "name": "said"}
    made = lenses.compile({**DECLARED, "attachments": both}, partner="acme")
    reading = made.to_case(answers({**answer(said="x"), "who": "all", "bytes": None, "mime": None, "by": None}))
    assert (reading.feedback[0].text, reading.attachments[0].name) == ("x", "x")
    assert check_laws(made, [answers(answer(said="x"))]) == []


@pytest.mark.parametrize("section", LISTS)
def test_the_example_of_a_list_is_true_both_ways(section: str) -> None:
    shown = LISTS[section]
    made = lenses.compile({"case": DECLARED["case"], section: shown.declared}, partner="acme")
    body = {**shown.theirs, "state": "Open"}
    told = {"name": section, "body": body, "case": {"status": "inProgress"}, section: [dict(one) for one in shown.ours]}
    assert check_examples(made, [told]) == []
    reading = made.to_case(body)
    for note in reading.notes:
        words = made.to_note(
            Note(partner="acme", id=note.native_id, author=note.author, date=note.date, text=note.text,
                 visibility=note.visibility, language=note.language),
            company="Acme", ref="acme/7",
        )  # fmt: skip
        assert words == shown.written
    for file in reading.attachments:
        words = made.to_attachment(name=file.name, mime_type=file.mime_type, visibility=file.visibility)
        assert words == shown.written
    assert (shown.written is None) == (section == "feedback")


def test_every_list_has_an_example_with_each_of_its_keys_and_a_word_for_each() -> None:
    assert list(LISTS) == list(SECTIONS) == list(KEYS_OF_LISTS)
    for section, shown in LISTS.items():
        assert tuple(shown.declared) == SECTIONS[section].keys == tuple(KEYS_OF_LISTS[section])


EXAMPLE: Mapping[str, Any] = {
    "name": "one of each",
    "body": {**answers(answer(said="fine")), **files(file())},
    "case": {"status": "inProgress"},
    "feedback": [{"id": "7", "score": 5, "text": "fine", "date": "2026-11-21T05:00:00-05:00"}],
    "attachments": [{
        "id": "a", "name": "bill.pdf", "type": "application/pdf", "size": 1024, "author": "Ana",
        "date": "2026-11-21T05:00:00-05:00", "visibility": "customer",
    }],
}  # fmt: skip


def test_examples_say_what_the_lists_mean(lens: Lens) -> None:
    assert check_examples(lens, [EXAMPLE]) == []
    wrong = {
        **EXAMPLE,
        "feedback": [{"id": "7", "score": 4}],
        "attachments": [{"name": "bill.pdf", "size": "1024", "visibility": "private"}],
    }
    assert [fault.message for fault in check_examples(lens, [wrong])] == [
        "example 'one of each', answer 7, score: 4 is expected, 5 was read.",
        "example 'one of each', attachment a, visibility: 'private' is expected, 'customer' was read.",
    ]
    bare = {key: value for key, value in EXAMPLE.items() if key not in {"feedback", "attachments"}}
    assert [fault.message for fault in check_examples(lens, [bare])] == [
        "example 'one of each', feedback: 0 are expected, 1 were read.",
        "example 'one of each', attachments: 0 are expected, 1 were read.",
    ]


def changed(section: str, **changes: Any) -> dict[str, Any]:
    merged = {**DECLARED[section], **changes}
    return {**DECLARED, section: {key: value for key, value in merged.items() if value is not None}}


MISTAKES: Mapping[str, Mapping[str, Any]] = {
    "answers from another list": changed("feedback", **{"from": "files"}),
    "answers of nowhere": changed("feedback", **{"from": "survey.anwsers"}),
    "the scale turned round": changed("feedback", score={"from": "face", "values": {"sad": 5, "so so": 3, "glad": 1}}),
    "a face forgotten": changed("feedback", score={"from": "face", "values": {"sad": 1, "so so": 3}}),
    "a number for a face": changed("feedback", score={"from": "face", "number": "integer"}),
    "the answer's id for its text": changed("feedback", id="said", text="id"),
    "what was said forgotten": changed("feedback", text=None),
    "answers in another zone": changed("feedback", date={"from": "at", "time": "iso"}),
    "files from another list": changed("attachments", **{"from": "survey.answers"}),
    "name and type swapped": changed("attachments", name="mime", type="file"),
    "a name too short": changed("attachments", name={"from": "file", "length": 5}),
    "a private file shown": changed(
        "attachments",
        visibility={"from": "who", "values": {"own": "customer", "firms": "partners", "all": "private"}},
    ),
    "who may see it from another field": changed(
        "attachments", visibility={**DECLARED["attachments"]["visibility"], "from": "by"}
    ),
    "the size in another field": changed("attachments", size={"from": "size", "number": "integer"}),
    "all files private": changed("attachments", visibility={"constant": "private"}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_list_is_caught(mistake: str) -> None:
    made = lenses.compile(MISTAKES[mistake], partner="p")
    assert check_examples(made, [EXAMPLE]) != []


def test_a_way_back_that_is_none_is_shown_with_the_smallest_name_both_ways() -> None:
    made = lenses.compile(DECLARED, partner="p")
    assert made.attachments is not None
    table = made.attachments.audience.table
    crooked = Table(table.words, {**table.written, "customer": "firms"})
    object.__setattr__(made.attachments, "audience", Audience(crooked, {}))
    faults = check_laws(made, [files(file(who="own"))])
    said = (
        "attachments.visibility: 'customer' for customer is written as {who: 'firms', file: 'a'} and reads back as "
        "'partners' for partners."
    )
    assert [(fault.code, fault.place, fault.message) for fault in faults] == [
        ("M304", ("attachments", "visibility"), said)
    ]


def test_laws_of_a_list_hold_though_no_record_of_the_examples_has_a_member_or_can_be_read() -> None:
    made = lenses.compile(DECLARED, partner="p")
    assert check_laws(made, []) == []
    assert [fault.code for fault in check_laws(made, [files(file(file=""))])] == ["M217"] * 1
    assert made.attachments is not None
    table = made.attachments.audience.table
    crooked = Table(table.words, {**table.written, "customer": "firms"})
    object.__setattr__(made.attachments, "audience", Audience(crooked, {}))
    assert {(fault.code, fault.place) for fault in check_laws(made, [])} == {("M304", ("attachments", "visibility"))}


def test_a_name_that_is_lost_on_the_way_is_no_law_broken_but_refused() -> None:
    plain = (lambda word: word.replace("%20", " "), lambda value: value)
    declared = changed("attachments", name={"from": "file", "python": "m:f"})
    made = lenses.compile(declared, partner="p", functions={"m:f": plain})
    assert check_laws(made, [files(file())]) == []
    with pytest.raises(MappingError) as caught:
        made.to_attachment(name="a%20b", mime_type=None, visibility=Visibility.PRIVATE)
    assert caught.value.message == (
        "attachments.name (files.file): 'a%20b' would be written as 'a%20b' and read back as 'a b'."
    )
