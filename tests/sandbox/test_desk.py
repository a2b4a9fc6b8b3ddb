"""What a company's people see and do: the pages over a real socket, and the same acts as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.companies.forms import sentence, texts_of, written
from sandbox.companies.labels import Labels
from sandbox.companies.logins import Sessions
from sandbox.companies.northcable import VOCABULARY
from sandbox.companies.northcable_api import application
from sandbox.companies.refusals import Refusal
from sandbox.companies.rows import Record
from sandbox.companies.run import serving
from sandbox.companies.store import Store
from sandbox.companies.tongues import ENGLISH, RUSSIAN, SPANISH
from sandbox.companies.values import check

AGENT = ("agent", "agent")


class Browser:
    """A person's browser: keeps the cookie, sends a page's form with what the person typed over it."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self.session = session

    def sign_in(self) -> Browser:
        self.send("/login", {"name": "agent", "password": "agent", "onward": "/"})
        return self

    def read(self, path: str) -> str:
        return self.session.get(self.url + path, timeout=5).text

    def send(self, path: str, fields: Mapping[str, str], onward: bool = True) -> requests.Response:
        return self.session.post(self.url + path, data=dict(fields), timeout=5, allow_redirects=onward)

    def token(self) -> str:
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.read("/"))
        assert found is not None
        return found[1]

    def fill(self, path: str, **typed: str) -> requests.Response:
        """Open a form, type into it, send it."""
        return self.send(path, boxes(self.read(path)) | typed)


def boxes(page: str) -> dict[str, str]:
    """What a browser would send of the page's last form, untouched."""
    form = page.rpartition("<form")[2]
    sent = {}
    for tag, name in re.findall(r'<(input|select|textarea)[^>]*? name="([^"]+)"', form):
        element = re.search(rf'<{tag}[^>]*? name="{re.escape(name)}"[^>]*>', form)
        assert element is not None
        if tag == "input":
            if 'type="checkbox"' in element[0] and " checked" not in element[0]:
                continue
            value = re.search(r' value="([^"]*)"', element[0])
            sent[name] = unescape(value[1]) if value else ""
        else:
            inside = form[element.end() :].partition(f"</{tag}>")[0]
            if tag == "select":
                chosen = re.search(r"<option selected>([^<]*)", inside)
                inside = chosen[1] if chosen else ""
            sent[name] = unescape(inside).removeprefix("\n").replace("\n", "\r\n")
    return sent


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "northcable.db", VOCABULARY)
    yield opened
    opened.close()


@pytest.fixture
def browser(store: Store) -> Iterator[Browser]:
    with serving(application(store, rate=0)) as url, requests.Session() as session:
        yield Browser(url, session)


def test_nobody_sees_a_case_without_signing_in_and_goes_on_to_it_afterwards(browser: Browser, store: Store) -> None:
    store.create({"title": "Secret title"}, by="agent")
    page = browser.read("/cases/NC-1001")
    assert "Secret title" not in page
    assert "Sign in" in page
    wrong = browser.send("/login", {"name": "agent", "password": "no", "onward": "/"})
    assert wrong.status_code == 401
    assert "That name and password do not go together." in wrong.text
    inside = browser.send("/login", {"name": "agent", "password": "agent", "onward": "/cases/NC-1001"})
    assert inside.url.endswith("/cases/NC-1001")
    assert "Secret title" in inside.text
    browser.send("/logout", {"token": browser.token()})
    assert "Secret title" not in browser.read("/")


def test_the_cookie_is_strict_and_the_sign_in_leads_to_no_other_site(browser: Browser) -> None:
    answer = browser.send("/login", {"name": "agent", "password": "agent", "onward": "//evil.example"}, onward=False)
    assert answer.headers["Location"] == "/"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("northcable_desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_form_without_the_token_or_from_another_site_does_nothing(browser: Browser, store: Store) -> None:
    store.create({"title": "a"}, by="agent")
    browser.sign_in()
    assert browser.send("/cases/NC-1001/delete", {"token": "guess"}).status_code == 403
    own = {"token": browser.token()}
    headers = {"Origin": "http://evil.example"}
    other = browser.session.post(f"{browser.url}/cases/NC-1001/delete", data=own, headers=headers, timeout=5)
    assert other.status_code == 403
    assert "This form is too old" in other.text
    assert store.count() == 1


def test_a_forged_or_old_cookie_is_nobody() -> None:
    now = [1000.0]
    sessions = Sessions("northcable", b"key", lambda: now[0])
    cookie = sessions.issue("agent")
    assert sessions.person(cookie) == "agent"
    assert sessions.person(cookie[:-1] + "x") is None
    assert sessions.person(None) is None
    assert Sessions("telvoz", b"other", lambda: now[0]).person(cookie) is None
    now[0] += 8 * 3600
    assert sessions.person(cookie) is None


def test_everything_a_case_holds_is_escaped_and_no_page_runs_a_script(browser: Browser, store: Store) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    record = store.create({"title": nasty, "details": nasty, "customer.name": nasty}, by=nasty)
    store.note(record.id, nasty, "partners", author=nasty)
    store.edit(record.id, {"title": nasty + "!"}, by=nasty)
    browser.sign_in()
    for path in ("/", "/cases/NC-1001", "/cases/NC-1001/edit", "/cases/NC-1001/delete", f"/?q={nasty}", "/cases/<b>"):
        answer = browser.session.get(browser.url + path, timeout=5)
        assert "<script" not in answer.text
        assert "<b>" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert boxes(browser.read("/cases/NC-1001/edit"))["title"] == nasty + "!"


def test_the_case_tells_who_holds_it_and_its_number_there(browser: Browser, store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    browser.sign_in()
    assert "We hold this case" in browser.read("/cases/NC-1001")
    page = browser.send("/cases/NC-1001/transfer", {"token": browser.token(), "company": "Telvoz"}).text
    assert "Telvoz holds this case" in page
    assert "not told yet" in page
    store.edit(record.id, {"assigned_number": "TV-000123", "contact_company": "Northcable"}, by="casebridge")
    page = browser.read("/cases/NC-1001")
    assert "TV-000123" in page
    assert "TV-000123" in browser.read("/")
    refused = browser.send("/cases/NC-1001/transfer", {"token": browser.token(), "company": "Nobody"})
    assert refused.status_code == 422
    assert "Assigned company: “Nobody” is not one of the choices." in refused.text


def test_a_note_is_internal_unless_the_agent_chooses_otherwise(browser: Browser, store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    page = browser.sign_in().read("/cases/NC-1001")
    assert '<option value="internal" selected>Northcable only</option>' in page
    fields = {"token": browser.token(), "text": "line one\r\nline two", "audience": "partners"}
    assert "Partner companies" in browser.send("/cases/NC-1001/notes", fields).text
    note = store.get(record.id).notes[0]
    assert (note.text, note.audience, note.author) == ("line one\nline two", "partners", "agent")
    empty = browser.send("/cases/NC-1001/notes", fields | {"text": "  "})
    assert empty.status_code == 422


def test_an_edit_writes_only_what_the_person_changed(browser: Browser, store: Store) -> None:
    record = store.create(
        {
            "title": "two\nlines",
            "details": "kept\r\nas it is",
            "state_changed_at": "2026-10-25T01:30:00.250+00:00",
            "cost.amount": "1.50",
            "test": True,
            "hub_case": "h",
        },
        by="casebridge",
    )
    browser.sign_in()
    browser.fill("/cases/NC-1001/edit")
    saved = store.get(record.id)
    assert (saved.version, saved.fields) == (2, record.fields)
    browser.fill("/cases/NC-1001/edit", **{"customer.name": "Ann", "minutes_spent": "15"})
    changed = store.get(record.id)
    assert changed.fields == {**record.fields, "customer.name": "Ann", "minutes_spent": 15}
    assert {line.field for line in store.history([record.id])} == {"*created", "customer.name", "minutes_spent"}


def test_a_form_made_from_an_older_version_is_shown_again_as_the_case_is_now(browser: Browser, store: Store) -> None:
    record = store.create({"title": "a"}, by="agent")
    old = boxes(browser.sign_in().read("/cases/NC-1001/edit"))
    store.edit(record.id, {"title": "by another"}, by="casebridge")
    answer = browser.send("/cases/NC-1001/edit", old | {"title": "mine"})
    assert answer.status_code == 409
    assert "Somebody saved this case after you opened it." in answer.text
    assert boxes(answer.text)["title"] == "by another"
    assert store.get(record.id).fields["title"] == "by another"


def test_a_refused_edit_says_so_at_the_field_and_keeps_what_was_typed(browser: Browser, store: Store) -> None:
    store.create({"title": "a"}, by="agent")
    answer = browser.sign_in().fill("/cases/NC-1001/edit", minutes_spent="ten", agent="Priya")
    assert answer.status_code == 422
    assert answer.text.count("Minutes spent: “ten” does not fit.") == 2
    assert 'aria-describedby="wrong-minutes_spent"' in answer.text
    assert boxes(answer.text)["agent"] == "Priya"
    assert store.get(1001).version == 1


def test_a_case_is_made_found_and_deleted_by_a_person(browser: Browser, store: Store) -> None:
    browser.sign_in()
    page = browser.fill("/cases/new", title="Café without Internet", **{"customer.name": "Łukasz"})
    assert page.url.endswith("/cases/NC-1001")
    store.create({"title": "another", "state": "Solved"}, by="agent")
    assert "NC-1001" in browser.read("/?q=CAFÉ")
    assert "NC-1001" in browser.read("/?q=łukasz")
    assert "No case fits." in browser.read("/?q=title")
    solved = browser.read("/?status=Solved&holder=Northcable")
    assert "NC-1002" in solved
    assert "NC-1001" not in solved
    assert "Delete NC-1001?" in browser.read("/cases/NC-1001/delete")
    browser.send("/cases/NC-1001/delete", {"token": browser.token()})
    gone = browser.session.get(f"{browser.url}/cases/NC-1001", timeout=5)
    assert (gone.status_code, "There is no such case." in gone.text) == (404, True)


def test_two_cases_become_one_by_a_person(browser: Browser, store: Store) -> None:
    first, second = (store.create({"title": title}, by="agent") for title in ("no signal", "no signal, too"))
    store.note(second.id, "the neighbour rang", "internal", author="Ann")
    browser.sign_in()
    assert "Merge NC-1002 into another case?" in browser.read("/cases/NC-1002/merge")
    for into, why in (("NC-1002", "A case cannot be merged into itself."), ("NC-9", "There is no such case.")):
        refused = browser.send("/cases/NC-1002/merge", {"token": browser.token(), "into": into})
        assert (refused.status_code, why in refused.text) == (422, True)
    browser.send("/cases/NC-1002/merge", {"token": browser.token(), "into": " NC-1001 "})
    stays, gone = store.by_ids([first.id, second.id])
    assert (gone.deleted, gone.merged_into) == (True, stays.id)
    assert ([note.text for note in stays.notes], gone.notes) == (["the neighbour rang"], ())
    assert stays.fields["title"] == "no signal"
    assert stays.version == 2


def test_a_long_list_comes_in_pages(browser: Browser, store: Store) -> None:
    with store.together():
        for n in range(60):
            store.create({"title": f"case {n}"}, by="agent")
    page = browser.sign_in().read("/?q=case&page=2")
    assert "Page 2 of 3" in page
    assert "/?q=case&amp;page=3" in page
    assert "Page 3 of 3" in browser.read("/?page=99")
    assert "Cases: 60" in browser.read("/?page=x")


def act(browser: Browser, *actions: dict[str, Any]) -> list[dict[str, Any]]:
    answer = requests.post(f"{browser.url}/desk/api/actions", json={"actions": actions}, auth=AGENT, timeout=5)
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_many_acts_come_as_json_each_with_its_result(browser: Browser, store: Store) -> None:
    made, refused = act(
        browser,
        {"op": "create", "fields": {"title": "a", "customer.name": "Ann", "minutes_spent": "5"}},
        {"op": "create", "fields": {"title": "b", "state": "no"}},
    )
    assert made == {"number": "NC-1001", "id": 1001, "version": 1}
    assert (refused["code"], refused["field"], refused["known"][0]) == ("unknown_value", "state", "New")
    edited, noted, missing, told, odd = act(
        browser,
        {"op": "edit", "number": "NC-1001", "fields": {"state": "Open", "state_changed_at": "2026-07-01T12:00:00"}},
        {"op": "note", "number": "NC-1001", "text": "hi", "audience": "partners", "author": "Ann"},
        {"op": "edit", "number": "NC-7", "fields": {}},
        {"op": "edit", "number": "NC-1001", "fields": {"hub_case": "x"}},
        {"op": "fly", "number": "NC-1001"},
    )
    assert (edited["version"], noted["version"]) == (2, 3)
    assert missing["error"] == "There is no NC-7."
    assert told["code"] == "read_only"
    known = "create, edit, note, mail, attach, delete, merge, purge"
    assert odd["error"] == f"op 'fly': not an act, or parts of it are absent. Known: {known}."
    record = store.get(1001)
    assert record.fields["state_changed_at"] == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert record.notes[0].author == "Ann"
    assert act(browser, {"op": "delete", "number": "NC-1001"}) == [{"number": "NC-1001", "id": 1001, "version": 4}]


def test_cases_are_read_as_json_by_number_and_by_value(browser: Browser) -> None:
    act(browser, *({"op": "create", "fields": {"title": "t", "reference": f"R{n}"}} for n in range(4)))

    def found(query: str) -> list[str]:
        answer = requests.get(f"{browser.url}/desk/api/cases?{query}", auth=AGENT, timeout=5)
        return [one["number"] for one in answer.json()["cases"]]

    assert found("numbers=NC-1002,NC-1004,NC-9") == ["NC-1002", "NC-1004"]
    assert found("field=reference&values=R0,R3") == ["NC-1001", "NC-1004"]
    assert found("limit=2&offset=1") == ["NC-1002", "NC-1003"]
    unknown = requests.get(f"{browser.url}/desk/api/cases?field=nope&values=x", auth=AGENT, timeout=5)
    assert unknown.status_code == 400
    assert "There is no field 'nope'" in unknown.text
    for auth in (None, ("casebridge", "bridge-secret")):
        stranger = requests.get(f"{browser.url}/desk/api/cases", auth=auth, timeout=5)
        assert (stranger.status_code, stranger.headers["WWW-Authenticate"]) == (401, 'Basic realm="desk"')


texts = st.text("aZ é\u0301ы🙂<&\"'\t", max_size=20)
values = st.fixed_dictionaries(
    {"title": texts.filter(bool)},
    optional={
        "details": st.text("ab\r\n", max_size=10),
        "test": st.booleans(),
        "minutes_spent": st.integers(-1000, 1000),
        "cost.amount": st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**6),
        "state_changed_at": st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
        "kind": st.sampled_from(VOCABULARY.fields["kind"].values),
    },
)


@given(values)
@example({"title": "<", "details": "\r\r\n"})
def test_a_form_sent_back_untouched_changes_nothing(fields: dict[str, Any]) -> None:
    kept = {**dict.fromkeys(VOCABULARY.fields), **check(VOCABULARY, fields, creating=True)}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    shown = texts_of(VOCABULARY, Record(1, "NC-1", 1, 1, moment, moment, False, kept))
    # As HTML says: every line end, a lone CR too, is one LF in the page. A form sends CRLF, which the desk undoes.
    back = {name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in shown.items()}
    assert written(VOCABULARY, shown, back) == {}


@pytest.mark.parametrize("labels", [ENGLISH, SPANISH, RUSSIAN])
def test_every_language_has_every_word_and_every_refusal(labels: Labels) -> None:
    assert labels.refusals.keys() == ENGLISH.refusals.keys()
    for name in Labels.__slots__:
        assert getattr(labels, name)
        assert re.findall(r"\{\w+\}", str(getattr(labels, name))) == re.findall(
            r"\{\w+\}", str(getattr(ENGLISH, name))
        ) or name in ("refusals", "page")


def test_a_refusal_is_told_with_the_fields_label() -> None:
    refusal = Refusal("unknown_value", "", field="state", value="x" * 100, known=("a",))
    assert sentence(VOCABULARY, refusal) == f"State: “{'x' * 60}…” is not one of the choices."
