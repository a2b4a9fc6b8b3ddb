"""Notes: identity, who may read them, and the footer that comes off as it went on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.case import Note, Visibility
from mappings.errors import MappingError
from mappings.lens import Lens
from mappings.text import footed, unfooted

WHEN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FOOTER = "\n\n— Ann, Acme [acme/7]"
PIECES = st.sampled_from(
    ["\n", "\r", "\n\n", "\r\n\r\n", "— ", "— A, B [x/1]", FOOTER, "[x]", " ", "é", "#partners ", "]"]
)
HOSTILE = st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join)


def note(text: str = "hello", visibility: str = "partners", author: str = "Ann", language: str | None = "en") -> Note:
    return Note(
        partner="acme",
        id="7",
        author=author,
        date=WHEN,
        text=text,
        visibility=Visibility(visibility),
        language=language,
    )


def record(name: str, *notes: Mapping[str, Any]) -> dict[str, Any]:
    """The least that a partner's record is made of, with these notes in the partner's words."""
    fields: dict[str, dict[str, Any]] = {
        "northcable": {"title": "t", "state": "New", "comments": list(notes)},
        "telvoz": {"asunto": "t", "estado": "Registrado", "notas": {"nota": list(notes)}},
        "brightnet": {"Subject": "t", "Status": "Новое", "CaseComments": list(notes)},
    }
    return fields[name]


def arrived(name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """A note that was written, as the partner's system tells it: with an id, an author and a date of its own."""
    given = {
        "northcable": {"id": 30, "author": "casebridge", "created_at": "2026-11-21T10:00:01.000+00:00"},
        "telvoz": {"id": "30", "autor": "casebridge", "fecha": "21/11/2026 05:00:01"},
        "brightnet": {"Id": "30", "CreatedBy": {"Name": "casebridge"}, "CreatedDate": "2026-11-21T10:00:01.000+0000"},
    }
    return {**given[name], **words}


@given(text=HOSTILE, author=st.text(max_size=12))
@example(text=FOOTER, author="")
@example(text=f"x{FOOTER}\r\n", author="]")
@example(text="x\r", author="—")
def test_a_footer_comes_off_as_it_went_on(text: str, author: str) -> None:
    assert unfooted(footed(text, author=author, company="Acme", ref="acme/7")) == (text, "acme/7")


@pytest.mark.parametrize(
    ("kept", "text", "ref"),
    [
        (f"hello{FOOTER}", "hello", "acme/7"),
        (f"hello{FOOTER}\n", "hello", "acme/7"),
        ("hello\r\n\r\n— Ann, Acme [acme/7]\r\n", "hello", "acme/7"),
        (f"hello{FOOTER}\nand more", f"hello{FOOTER}\nand more", None),
        ("hello\n— Ann, Acme [acme/7]", "hello\n— Ann, Acme [acme/7]", None),
        ("— Ann, Acme [acme/7]", "— Ann, Acme [acme/7]", None),
        ("see [acme/7]", "see [acme/7]", None),
    ],
)
def test_only_the_last_line_is_a_footer(kept: str, text: str, ref: str | None) -> None:
    assert unfooted(kept) == (text, ref)


def test_a_footer_names_author_and_company_on_one_line() -> None:
    assert footed("hi", author="Ann\nLee", company="Acme", ref="acme/7") == "hi\n\n— Ann Lee, Acme [acme/7]"
    with pytest.raises(ValueError, match="cannot be a note's reference"):
        footed("hi", author="Ann", company="Acme", ref="acme 7")


@pytest.mark.parametrize("name", ["northcable", "telvoz", "brightnet"])
@given(text=HOSTILE.filter(lambda text: not text.startswith("#partners ") and "\0" not in text), data=st.data())
def test_a_note_that_was_written_reads_back_the_same(
    name: str, lenses_of: Mapping[str, Lens], text: str, data: st.DataObject
) -> None:
    visibility = data.draw(st.sampled_from(Visibility))
    words = lenses_of[name].to_note(note(text, visibility), company="Acme", ref="acme/7")
    (back,) = lenses_of[name].to_case(record(name, arrived(name, words))).notes
    assert (back.text, back.visibility, back.ref, back.native_id) == (text, visibility, "acme/7", "30")
    assert back.author == "casebridge"
    assert back.date.astimezone(UTC) == datetime(2026, 11, 21, 10, 0, 1, tzinfo=UTC)


def test_each_partner_gets_a_note_in_its_own_words(lenses_of: Mapping[str, Lens]) -> None:
    said = {
        name: [lens.to_note(note(visibility=who), company="Acme", ref="acme/7") for who in ("partners", "customer")]
        for name, lens in lenses_of.items()
    }
    text = f"hello{FOOTER}"
    assert said == {
        "northcable": [
            {"audience": "partners", "body": text, "language": "en"},
            {"audience": "customer", "body": text, "language": "en"},
        ],
        "telvoz": [
            {"visibilidad": "empresas", "texto": text, "idioma": "en"},
            {"visibilidad": "cliente", "texto": text, "idioma": "en"},
        ],
        "brightnet": [
            {"IsPublished": False, "CommentBody": f"#partners {text}"},
            {"IsPublished": True, "CommentBody": text},
        ],
    }


@pytest.mark.parametrize("word", ["public", "", None, 1, ["customer"], "Customer"])
def test_an_unknown_visibility_means_private(lenses_of: Mapping[str, Lens], word: Any) -> None:
    native = {"id": 1, "author": "A", "body": "x", "created_at": "2026-11-21T10:00:00Z", "audience": word}
    (read,) = lenses_of["northcable"].to_case(record("northcable", native)).notes
    assert read.visibility is Visibility.PRIVATE


@pytest.mark.parametrize(
    ("published", "text", "visibility", "rest"),
    [
        (True, "hello", "customer", "hello"),
        (True, "#partners hello", "customer", "#partners hello"),
        (False, "#partners hello", "partners", "hello"),
        (False, "#partners #partners hello", "partners", "#partners hello"),
        (False, "#partnership", "private", "#partnership"),
        (False, " #partners hello", "private", " #partners hello"),
        (None, "#partners hello", "private", "#partners hello"),
        ("false", "#partners hello", "private", "#partners hello"),
        (0, "#partners hello", "private", "#partners hello"),
    ],
)
def test_a_marker_lifts_a_private_note_only(
    lenses_of: Mapping[str, Lens], published: Any, text: str, visibility: str, rest: str
) -> None:
    native = {"Id": "1", "CommentBody": text, "IsPublished": published, "CreatedDate": "2026-11-21T10:00:00.000+0000"}
    (read,) = lenses_of["brightnet"].to_case(record("brightnet", native)).notes
    assert (read.visibility, read.text, read.author, read.language) == (visibility, rest, "", "ru")


def test_a_private_text_that_would_be_shown_is_refused(lenses_of: Mapping[str, Lens]) -> None:
    with pytest.raises(MappingError) as caught:
        lenses_of["brightnet"].to_note(note("#partners are late", "private"), company="Acme", ref="acme/7")
    assert caught.value.text() == (
        "M218 notes.0.visibility (CaseComments.IsPublished): a private note starts with the mark that would show it to "
        "others.\n  Known: #partners .  More: casebridge explain M218"
    )


def test_a_note_longer_than_their_field_is_refused_whole(lenses_of: Mapping[str, Lens]) -> None:
    lenses_of["brightnet"].to_note(note("ж" * 1900), company="Acme", ref="acme/7")
    with pytest.raises(MappingError) as caught:
        lenses_of["brightnet"].to_note(note("ж" * 2000), company="Acme", ref="acme/7")
    assert caught.value.message == (
        "notes.0.text (CaseComments.CommentBody): the text has 4034 bytes and the field takes 4000."
    )


@pytest.mark.parametrize(
    ("notes", "code", "message"),
    [
        ("hello", "M217", "notes (comments): a list of notes is expected, not text."),
        ([5], "M217", "notes (comments): note 1 is a number, not an object."),
        ([{"id": None}], "M217", "notes (comments): note 1, id: an id is expected, not nothing."),
        ([{"id": 10**5000}], "M210", "notes (comments): note 1, id: the number has thousands of digits."),
        (
            [{"id": 1, "created_at": "yesterday"}],
            "M205",
            "notes (comments): note 1, date: 'yesterday' is no time in ISO 8601.",
        ),
        ([{"id": 1}], "M217", "notes (comments): note 1, date: it has none."),
        (
            [{"id": 1, "created_at": "2026-11-21T10:00:00Z"}, {"id": "1", "created_at": "2026-11-21T10:00:00Z"}],
            "M217",
            "notes (comments): two notes bear the id '1'.",
        ),
        (
            [{"id": 1, "created_at": "2026-11-21T10:00:00Z", "body": "a\0"}],
            "M203",
            "notes (comments): note 1, text: the text has a NUL at character 2.",
        ),
    ],
)
def test_notes_that_cannot_be_understood_park_the_record(
    lenses_of: Mapping[str, Lens], notes: Any, code: str, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        lenses_of["northcable"].to_case({"title": "t", "state": "New", "comments": notes})
    assert (caught.value.code, caught.value.message, caught.value.place) == (code, message, ("notes",))


@pytest.mark.parametrize("notes", [None, "", []])
def test_no_notes_are_no_notes(lenses_of: Mapping[str, Lens], notes: Any) -> None:
    assert lenses_of["northcable"].to_case({"title": "t", "state": "New", "comments": notes}).notes == ()
    assert lenses_of["telvoz"].to_case({"asunto": "t", "estado": "Registrado", "notas": notes or None}).notes == ()


def test_a_copied_footer_loses_nothing(lenses_of: Mapping[str, Lens]) -> None:
    native = arrived("northcable", {"body": f"look{FOOTER}", "audience": "internal"})
    (read,) = lenses_of["northcable"].to_case(record("northcable", native)).notes
    assert (read.text, read.ref, read.whole) == ("look", "acme/7", f"look{FOOTER}")
