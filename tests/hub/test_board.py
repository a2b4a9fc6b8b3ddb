"""What a person reads on the board: every word of it comes from the ledger, and nothing of a case can become markup."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from lxml import html

from connectors.errors import Refused
from hub import breaker, lanes, pausing
from hub.board import board
from hub.board.words import TONES, ago, tell
from hub.entries import Entry, EntryKind
from hub.ledger import Ledger
from hub.settings import Settings
from hub.state import CaseState, Link
from mappings.case import Attachment, Note, Visibility

NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
TITLES = {"northcable": "Northcable", "telvoz": "Telvoz", "brightnet": "Brightnet"}
HOSTILE = '<script>alert("1")</script>&amp;<b>'


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger.open(Settings.from_environment({"CASEBRIDGE_HOME": str(tmp_path)}))
    yield found
    found.engine.dispose()


@pytest.fixture
def client(ledger: Ledger) -> Iterator[httpx.Client]:
    """The board on a real socket, mounted as Airflow mounts it."""
    app, pages = FastAPI(), FastAPI()
    pages.include_router(board(lambda: ledger, lambda: TITLES, lambda: NOW + timedelta(minutes=12)))
    app.mount("/casebridge", pages)
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/casebridge", follow_redirects=True) as opened:
        yield opened
    server.should_exit = True
    thread.join(timeout=10)


def a_case(case_id: str = "c-1", name: str = "No internet since Monday") -> CaseState:
    return CaseState(
        id=case_id, origin="northcable", subject="s-1", version=3,
        values={"status": "inProgress", "holder": "telvoz", "name": name, "severity": "extensive",
                "relatedParty.customer.name": "Ana Núñez"},
        setters={}, accountable="northcable", contact_point="northcable", opened_at=NOW, updated_at=NOW,
        notes=(
            Note(partner="telvoz", id="1", author="Lucía", date=NOW, text="line tested",
                 visibility=Visibility.PARTNERS),
            Note(partner="telvoz", id="2", author="Lucía", date=NOW, text="a secret thought",
                 visibility=Visibility.PRIVATE),
        ),
        files=(
            Attachment(partner="telvoz", id="5", name="line.png", size=20_480, sha256="0" * 64,
                       visibility=Visibility.PARTNERS),
            Attachment(partner="northcable", id="6", name="passport.png", size=1, visibility=Visibility.PRIVATE),
        ),
    )  # fmt: skip


def keep(ledger: Ledger, case: CaseState) -> None:
    """A case that crossed: opened at Northcable, handed to Telvoz, delivered there, a second version owed."""
    with ledger.transaction(NOW) as tx:
        tx.keep_case(case)
        for partner, native, number, edge in (
            ("northcable", "1042", "NC-1042", ""),
            ("telvoz", "7", "TV-000007", "nc-tv"),
        ):
            tx.keep_link(Link(partner, native, case.id, "1", "d", number, edge=edge, synced_at=NOW), "s-1")
        tx.append("opened", case, "northcable", native_id="1042", native_version="1")
        tx.append("offered", case, "northcable", detail={"giver": "northcable", "receiver": "telvoz", "edge": "nc-tv"})
        tx.append("changed", case, "telvoz", fields=("status", "statusChangeReason"))
        tx.append("delivered", case, "telvoz", detail={"version": 2, "milliseconds": 4210})
        lanes.owe(tx, case.id, "telvoz", 3, None)


def text_of(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def test_the_list_shows_every_number_and_who_answers(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    shown = text_of(client.get("/cases").text)
    for part in ("No internet since Monday", "In progress", "Northcable NC-1042", "Telvoz TV-000007", "12 min ago"):
        assert part.replace(" ", "") in shown.replace(" ", "")


def test_a_case_is_found_by_a_companys_own_number(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    assert "No internet since Monday" in client.get("/cases?search=TV-000007").text
    assert "No case has “TV-9”" in text_of(client.get("/cases?search=TV-9").text)


def test_a_case_tells_its_story_in_order(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    shown = text_of(client.get("/case?id=c-1").text)
    told = ["Northcable opened the case.", "Northcable handed the case to Telvoz.",
            "Telvoz changed status and status change reason. The case is now in progress.",
            "Telvoz holds version 2, 4.2 s after it was owed."]  # fmt: skip
    places = [shown.index(sentence) for sentence in told]
    assert places == sorted(places)
    assert "their record 1042 at 1" in shown
    assert "Ana Núñez" in shown


def test_a_private_note_is_named_and_not_shown(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    page = client.get("/case?id=c-1").text
    assert "line tested" in page
    assert "a secret thought" not in page
    assert "Private to Telvoz" in page


def test_a_file_is_listed_and_a_private_one_is_not_named(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    text = " ".join(html.fromstring(client.get("/case?id=c-1").text).text_content().split())
    assert "line.png, Telvoz · 20.0 KiB · partners" in text
    assert "A file private to Northcable." in text
    assert "passport" not in text


def test_what_waits_says_cause_and_fix(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    with ledger.transaction(NOW) as tx:
        tx.park("delivery", "telvoz", case_id="c-1", native_id=None, code="C601", place="mapping.yaml:31:14",
                why="telvoz crearCaso gravedad: 'x' is not accepted.")  # fmt: skip
    shown = text_of(client.get("/waiting").text)
    for part in ("For a person: 1", "C601", "mapping.yaml:31:14", "gravedad", "a newer version goes out", "Owed: 1"):
        assert part in shown


def test_a_failing_partner_shows_its_error(ledger: Ledger, client: httpx.Client) -> None:
    with ledger.transaction(NOW) as tx:
        tx.note_partner("telvoz", pulled_at=NOW, failed_at=NOW, error="C301 they do not know who we are (401).")
        tx.note_partner("northcable", pulled_at=NOW, error="")
    page = html.fromstring(client.get("/partners").text)
    cards = {card.findtext("h2").strip(): card.text_content() for card in page.iter("section")}
    assert "failing" in cards["Telvoz"]
    assert "C301" in cards["Telvoz"]
    assert "well" in cards["Northcable"]


def test_nothing_of_a_case_becomes_markup(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case(name=HOSTILE))
    with ledger.transaction(NOW) as tx:
        tx.append("offered", a_case(), HOSTILE, detail={"giver": HOSTILE, "receiver": HOSTILE})
        tx.park("record", "telvoz", case_id="c-1", native_id=HOSTILE, code=HOSTILE, place=HOSTILE, why=HOSTILE)
        tx.note_partner("telvoz", error=HOSTILE)
    asked = {"search": HOSTILE, "id": HOSTILE}
    for address in ("cases", "case?id=c-1", "waiting", "partners"):
        for answer in (client.get(f"/{address}"), client.get(f"/{address.partition('?')[0]}", params=asked)):
            assert "<script" not in answer.text
            assert "<b>" not in answer.text
            assert HOSTILE in html.fromstring(answer.text).text_content() or "value=" in answer.text


def test_pages_run_no_script_and_ask_no_other_host(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    for address in ("cases", "case?id=c-1", "waiting", "partners"):
        answer = client.get(f"/{address}")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert answer.headers["cache-control"] == "no-store"
        page = html.fromstring(answer.text)
        links = [link for _, attribute, link, _ in page.iterlinks() if attribute in {"href", "src", "action"}]
        assert all(not link.startswith(("/", "http", "javascript:")) for link in links)


def test_links_stay_under_the_mount(client: httpx.Client) -> None:
    assert client.get("/").url.path == "/casebridge/cases"


def test_an_empty_board_says_what_comes_next(client: httpx.Client) -> None:
    assert "No case has come in yet" in client.get("/cases").text
    assert "Nothing waits for a person." in client.get("/waiting").text
    assert "No partner has been pulled yet" in client.get("/partners").text
    assert client.get("/case?id=nothing").status_code == 404


def test_more_cases_than_a_page_are_paged(ledger: Ledger, client: httpx.Client) -> None:
    with ledger.transaction(NOW) as tx:
        for number in range(51):
            tx.keep_case(replace(a_case(f"c-{number:03}"), updated_at=NOW - timedelta(seconds=number)))
    first, second = client.get("/cases").text, client.get("/cases?page=2").text
    assert "Older →" in first
    assert "Newer" not in first
    assert "c-050" in second
    assert "Older →" not in second


@pytest.mark.parametrize("kind", get_args(EntryKind))
def test_every_kind_of_entry_has_a_sentence(kind: EntryKind) -> None:
    entry = Entry(1, 1, "c", kind, "telvoz", NOW, detail={"giver": "northcable", "receiver": "brightnet"})
    telling = tell(entry, TITLES)
    assert telling.text.endswith(".")
    assert telling.text != f"{kind} at Telvoz."
    assert kind in TONES


def test_ages_are_in_the_unit_that_a_person_would_choose() -> None:
    ages = [ago(NOW - timedelta(seconds=s), NOW) for s in (4, 119, 120, 7199, 7200, 172799, 172800)]
    assert ages == ["4 s ago", "119 s ago", "2 min ago", "119 min ago", "2 h ago", "47 h ago", "2 days ago"]
    assert ago(NOW + timedelta(seconds=30), NOW) == "in 30 s"
    assert ago(None, NOW) == "never"


def test_what_is_paused_or_left_alone_says_so_with_who_and_why(ledger: Ledger, client: httpx.Client) -> None:
    keep(ledger, a_case())
    with ledger.transaction(NOW) as tx:
        breaker.failed(tx, "telvoz", "push", Refused("they do not know who we are", code="C301"))
        tx.note_partner("brightnet", pulled_at=NOW)
        for scope, name in (("hub", ""), ("partner", "brightnet"), ("case", "c-1")):
            pausing.pause(tx, scope, name, "ann", f"{HOSTILE} {scope}")
    with ledger.transaction(NOW + timedelta(minutes=11, seconds=50)) as tx:
        breaker.failed(tx, "telvoz", "push", Refused("they do not know who we are", code="C301"))
    page = client.get("/partners").text
    shown = text_of(page)
    assert f"The whole hub was paused by ann, 12 min ago: {HOSTILE} hub" in shown
    assert "left alone" in shown
    assert "Not spoken to before 2026-11-21 10:12:50 UTC, after 2 failures." in shown
    assert "casebridge resume --partner telvoz --why" in shown
    assert f"ann: {HOSTILE} partner" in shown
    assert "<script>" not in page
    case = text_of(client.get("/case?id=c-1").text)
    assert f"Paused by ann, 12 min ago: {HOSTILE} case" in case
    assert f"ann paused this case: {HOSTILE} case" in case
