"""The customer's own page: a link is good for one answer, and an answer closes or reopens the case everywhere."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from hub import asking
from hub.keys import Keyring
from hub.ledger import Ledger, engine_for
from hub.rounds import round_of
from hub.serve import feedback, forms
from hub.serve.feedback import Customers, plain
from hub.serve.feedback_words import LANGUAGES, accepted, words_in
from hub.serve.forms import is_cross_site

BASE = "https://care.example"


@dataclass
class Care:
    """A world whose customers reach the hub's page, on a socket, by an address of its own."""

    world: Any
    ticks: list[float] = field(default_factory=lambda: [0.0])
    client: httpx.Client = field(init=False)
    server: uvicorn.Server = field(init=False)
    thread: threading.Thread = field(init=False)

    def __enter__(self) -> Care:
        alliance = replace(self.world.exchange.alliance, feedback_url=BASE)
        self.world.exchange = replace(self.world.exchange, alliance=alliance)
        app = FastAPI()
        app.include_router(
            feedback.door(Customers(self.world.ledger, alliance, self.world.clock, lambda: self.ticks[0]))
        )
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(10)

    def resolved(self, **fields: Any) -> str:
        """A case of North that South has resolved; its id."""
        self.world.hand_over(**fields)
        self.world.stores["south"].edit("1", {"state": "Solved"})
        self.world.rest()
        return str(self.state().id)

    def state(self) -> Any:
        (row,) = self.world.ledger.cases()
        with self.world.ledger.look(self.world.clock()) as tx:
            return tx.case(row.id)

    def link(self) -> str:
        """A link for the round that the case is in, as the case's contact point is told it."""
        with self.world.ledger.transaction(self.world.clock()) as tx:
            state, alliance = tx.case(self.state().id), self.world.exchange.alliance
            if state.asked is None or state.asked.round != round_of(state):
                state = asking.ask(tx, alliance, state)
            return str(asking.link_of(tx, alliance, state)[0]).removeprefix(BASE)

    def get(self, link: str, **headers: str) -> httpx.Response:
        return self.client.get(link, headers=headers)

    def answer(self, link: str, score: str = "5", text: str = "", **more: Any) -> httpx.Response:
        """What a browser sends once the form was filled in."""
        mark = re.search(r'name="mark" value="(\w*)"', self.get(link).text)
        form = {"mark": mark[1] if mark else "", "lang": "en", "score": score, "text": text}
        headers = {"sec-fetch-site": "same-origin", "origin": BASE, **more.pop("headers", {})}
        return self.client.post(link, data={**form, **more}, headers=headers)


@contextmanager
def reached(worlds: Any, url: str, keys: Path) -> Iterator[Care]:
    """The world over a ledger in files of its own: a server answers in threads."""
    engine, key_engine = engine_for(url), engine_for(f"sqlite:///{keys}")
    ledger = Ledger(engine, Keyring(key_engine, bytes(32)))
    ledger.upgrade()
    with Care(worlds(ledger)) as made:
        yield made
    engine.dispose()
    key_engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def care(request: pytest.FixtureRequest, tmp_path: Path, worlds: Any) -> Iterator[Care]:
    """On each database."""
    in_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'ledger.db'}" if in_file else request.getfixturevalue("new_database")()
    with reached(worlds, url, tmp_path / "keys.db") as made:
        yield made


@pytest.fixture
def page(tmp_path: Path, worlds: Any) -> Iterator[Care]:
    """For what is asked of the page alone."""
    with reached(worlds, f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "keys.db") as made:
        yield made


def statuses(world: Any) -> list[str]:
    return [str(world.only(name)["state"]) for name in ("north", "south")]


def test_the_page_says_the_company_the_number_and_the_day_and_nothing_else_of_the_case(care: Care) -> None:
    case_id = care.resolved(title="Secret title", **{"customer.name": "Ana Ruiz"})
    link = care.link()
    shown = care.get(link)
    assert shown.status_code == 200
    assert "North" in shown.text
    assert "Your case N-1, resolved on 1 March 2026" in shown.text
    for hidden in ("South", "East", "S-1", "Secret title", "Ana Ruiz", case_id, "hub"):
        assert hidden not in shown.text
    assert case_id not in link


def test_a_good_answer_closes_the_case_everywhere_and_stands_in_the_contact_points_own_field(care: Care) -> None:
    care.resolved()
    done = care.answer(care.link(), "4", "Quick, thanks!")
    assert (done.status_code, "Your case is closed now." in done.text) == (200, True)
    care.world.rest()
    assert statuses(care.world) == ["Closed", "Closed"]
    assert care.world.only("north")["score"] == 4
    (entry,) = [e for e in care.world.ledger.entries() if e.kind == "fed_back"]
    assert (entry.partner, dict(entry.detail)) == (
        "north",
        {"score": 4, "via": "page", "round": 1, "language": "en"},
    )
    assert care.world.ledger.body_of(entry.case_id, "fed_back", {"score": 4}) == {"text": "Quick, thanks!"}
    assert care.world.ledger.broken_at() is None


def test_a_bad_answer_opens_it_again_everywhere_and_says_so(care: Care) -> None:
    care.resolved()
    done = care.answer(care.link(), "2", "It failed again.")
    assert "Your case is open again, and North goes on with it." in done.text
    care.world.rest()
    assert statuses(care.world) == ["Open", "Open"]
    assert care.world.only("south")["reason"] == "negative feedback: 2 of 5"


def test_a_link_is_good_once_and_a_second_answer_counts_for_nothing(care: Care) -> None:
    care.resolved()
    link = care.link()
    page = care.get(link).text
    assert care.answer(link, "5").status_code == 200
    care.world.rest()
    before = care.world.ledger.head()
    again = care.answer(link, "1", "no, bad")
    assert (again.status_code, "We have your answer." in again.text) == (410, True)
    mark = re.search(r'name="mark" value="(\w+)"', page)
    assert mark is not None
    late = care.client.post(link, data={"mark": mark[1], "score": "1"}, headers={"origin": BASE})  # an old tab
    assert (late.status_code, "We have your answer." in late.text) == (410, True)
    assert care.world.ledger.head() == before
    assert [word.score for word in care.state().feedback] == [5]


def test_of_two_that_send_at_once_one_is_taken(care: Care) -> None:
    care.resolved()
    token = care.link().rpartition("/")[2]
    alliance, ledger = care.world.exchange.alliance, care.world.ledger
    customers = Customers(ledger, alliance, care.world.clock, lambda: 0.0)
    said = feedback.Answer(5, None, "en")
    assert [customers.take(token, said) for _ in range(3)] == ["open", "used", "used"]


def test_a_link_of_a_case_that_is_worked_on_again_takes_nothing_and_the_next_round_has_its_own(care: Care) -> None:
    care.resolved()
    first = care.link()
    care.world.stores["south"].edit("1", {"state": "Open"})
    care.world.rest()
    ended = care.answer(first, "5")
    assert (ended.status_code, "Your case has moved on." in ended.text) == (410, True)
    care.world.later(3600)
    care.world.stores["south"].edit("1", {"state": "Solved"})
    care.world.rest()
    second = care.link()
    assert second != first
    assert care.answer(first, "5").status_code == 410  # of the round before
    assert statuses(care.world) == ["Solved", "Solved"]
    assert care.answer(second, "5").status_code == 200
    care.world.rest()
    assert statuses(care.world) == ["Closed", "Closed"]


def test_a_link_ends_in_its_time(care: Care) -> None:
    care.resolved()
    link = care.link()
    care.world.now += timedelta(hours=1440, minutes=1)
    shown = care.answer(link, "5")
    assert (shown.status_code, "This link has expired." in shown.text) == (410, True)
    assert "please turn to North" in shown.text
    assert care.state().feedback == ()


FORGED: tuple[Callable[[str], str], ...] = (
    lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    lambda token: "A" + token[1:] if token[0] != "A" else "B" + token[1:],
    lambda token: token[:20],
    lambda token: token + "A",
    lambda token: token + "=",
    lambda _: "x" * 43,
    lambda _: "%00",
    lambda _: "%D0%B9" * 20,
    lambda _: "<script>alert(1)",
)


def test_a_forged_link_says_so_kindly_names_nobody_and_costs_no_look(page: Care) -> None:
    page.resolved()
    base, _, token = page.link().rpartition("/")
    asked: list[str] = []
    sa.event.listen(page.world.ledger.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for change in FORGED:
        shown = page.get(f"{base}/{change(token)}")
        assert (shown.status_code, "This link does not work." in shown.text) == (404, True)
        assert "North" not in shown.text
        assert "<script" not in shown.text
    assert [text for text in asked if "askings" in text] == []
    page.get(f"{base}/{token}")
    assert [text for text in asked if "askings" in text] != []


def test_the_same_bytes_written_in_another_way_are_no_link_of_ours(page: Care) -> None:
    page.resolved()
    base, _, token = page.link().rpartition("/")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    near = letters[letters.index(token[-1]) ^ 1]  # differs in a bit that base64 throws away
    assert page.get(f"{base}/{token[:-1]}{near}").status_code == 404


def test_what_another_site_sends_is_refused(page: Care) -> None:
    page.resolved()
    link = page.link()
    for site, origin in (("cross-site", BASE), ("same-site", BASE), ("cross-site", "null")):
        assert page.answer(link, headers={"sec-fetch-site": site, "origin": origin}).status_code == 403
    assert page.state().feedback == ()
    assert page.answer(link, headers={"sec-fetch-site": "same-origin", "origin": "null"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "cross"),
    [
        ({"origin": "https://evil.example", "host": "care.example"}, True),
        ({"origin": "null", "host": "care.example"}, True),
        ({"origin": "https://care.example", "host": "care.example"}, False),
        ({"origin": "https://care.example", "host": "inside:8090"}, False),
        ({"origin": "https://care.example.evil.example", "host": "care.example"}, True),
        ({"host": "care.example"}, False),
    ],
)
def test_whose_form_it_is_says_its_origin(headers: dict[str, str], cross: bool) -> None:
    assert is_cross_site(headers, BASE) is cross


def test_a_form_without_our_mark_takes_nothing(page: Care) -> None:
    page.resolved()
    assert page.answer(page.link(), mark="0" * 32).status_code == 403
    assert page.state().feedback == ()


def test_a_body_that_is_no_form_of_ours_is_refused(page: Care) -> None:
    page.resolved()
    link = page.link()
    for kind, body, status in (
        ("application/json", b'{"score": 5}', 415),
        ("text/plain", b"score=5", 415),
        (forms.FORM, b"text=" + b"a" * forms.MOST_BYTES, 413),
        (forms.FORM, "score=５".encode(), 400),
        (forms.FORM, b"&".join(b"a=%d" % i for i in range(30)), 400),
        (forms.FORM, b"", 403),
    ):
        sent = page.client.post(link, content=body, headers={"origin": BASE, "content-type": kind})
        assert (body[:20], sent.status_code) == (body[:20], status)
    assert page.state().feedback == ()


def test_a_score_that_is_none_of_the_five_is_asked_for_again_and_the_text_stays(page: Care) -> None:
    page.resolved()
    link = page.link()
    for score in ("", "0", "6", "4.5", "five", "５", " 4", "-1", "55"):
        shown = page.answer(link, score, "my text")
        assert shown.status_code == 422
        assert 'role="alert"' in shown.text
        assert "Please choose one of the five answers." in shown.text
        assert "my text</textarea>" in shown.text
    assert page.state().feedback == ()


def test_a_text_that_is_too_long_is_asked_for_again_and_nothing_of_it_is_lost(page: Care) -> None:
    page.resolved()
    link, text = page.link(), "й" * 2001
    shown = page.answer(link, "3", text)
    assert (shown.status_code, text in shown.text) == (422, True)
    assert "2001 characters" in shown.text
    assert 'value="3" required checked' in shown.text
    assert page.answer(link, "3", text[:-1]).status_code == 200
    assert page.state().feedback[0].text == text[:-1]


def test_what_a_customer_writes_is_text_on_the_page_and_in_the_ledger(page: Care) -> None:
    page.resolved()
    link = page.link()
    text = '<script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7 * 7 }} </textarea><script>x</script>'
    shown = page.answer(link, "", text).text
    assert "<script" not in shown
    assert "<img" not in shown
    assert "{{ 7 * 7 }}" in shown
    assert shown.count("</textarea>") == 1
    assert page.answer(link, "5", text).status_code == 200
    assert page.state().feedback[0].text == text


def test_control_signs_are_left_out_and_lines_end_in_one_way() -> None:
    assert plain("  a\x00b\r\nc\rd\x1b[31m\u202ee\n ") == "ab\nc\nd[31me"


def test_the_page_lets_no_script_run_is_framed_by_nobody_and_kept_nowhere(page: Care) -> None:
    page.resolved()
    shown = page.get(page.link())
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "same-origin"
    assert "noindex" in shown.headers["x-robots-tag"]
    assert "<script" not in shown.text
    assert re.findall(r'(?:src|href|action)="(?!\?lang=)[^"]*"', shown.text) == []


def test_who_asks_too_often_waits_and_others_do_not(page: Care) -> None:
    page.resolved()
    link = page.link()
    most = feedback.OFTEN[0]
    codes = [page.get(link).status_code for _ in range(most + 1)]
    assert codes == [200] * most + [429]
    busy = page.get(link)
    assert busy.headers["retry-after"] == "1"
    assert "One moment, please." in busy.text
    page.ticks[0] += 2.0
    assert page.get(link).status_code == 200


def test_a_reading_changes_nothing_so_a_scanner_uses_no_link_up(care: Care) -> None:
    care.resolved()
    link = care.link()
    before = care.world.ledger.head()
    for _ in range(3):
        care.get(link)
        care.client.head(link)
    assert care.world.ledger.head() == before
    assert care.answer(link).status_code == 200


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_says_everything_and_stays_when_it_was_chosen(page: Care, code: str) -> None:
    page.resolved()
    link, words = page.link(), LANGUAGES[code]
    shown = page.get(f"{link}?lang={code}").text
    assert f'<html lang="{code}">' in shown
    assert words.heading in shown
    assert all(label in shown for label in words.scores)
    again = page.answer(f"{link}?lang={code}", "", lang=code)
    assert words.no_score in again.text
    done = page.answer(f"{link}?lang={code}", "1", lang=code).text
    assert words.sorry.heading in done
    assert "North" in done
    assert page.world.ledger.body_of(page.state().id, "fed_back", {"language": code}) == {"text": None}


def test_the_browsers_language_goes_before_the_companys(page: Care) -> None:
    page.resolved()
    north = page.world.exchange.alliance.partners["north"]
    system = north.system.model_copy(update={"language": "es-CO"})
    page.world.exchange.alliance.partners["north"] = replace(north, system=system)
    link = page.link()
    assert LANGUAGES["es"].heading in page.get(link).text
    assert LANGUAGES["ru"].heading in page.get(link, **{"accept-language": "de;q=0.9, ru-RU;q=0.8, en;q=0"}).text
    assert LANGUAGES["ms"].heading in page.get(f"{link}?lang=ms", **{"accept-language": "ru"}).text


@pytest.mark.parametrize(
    ("header", "code"),
    [("", "en"), ("id-ID", "ms"), ("de, fr;q=0.9", "en"), ("en;q=0.1, ru", "ru"), ("es;q=x, ru;q=0.2", "ru"),
     ("," * 600 + "ru", "en"), ("*", "en")],
)  # fmt: skip
def test_what_a_browser_would_rather_read(header: str, code: str) -> None:
    assert words_in(accepted(header)).code == code


def test_an_answer_that_cannot_be_kept_now_stands_on_the_page(page: Care, monkeypatch: pytest.MonkeyPatch) -> None:
    page.resolved()
    link = page.link()
    broken = sa.exc.OperationalError("INSERT", {}, sqlite_busy())

    def locked(*_: Any) -> None:
        raise broken

    with monkeypatch.context() as at:
        at.setattr("hub.serve.feedback.answer", locked)
        shown = page.answer(link, "4", "kept here")
    assert (shown.status_code, "kept here</textarea>" in shown.text) == (503, True)
    assert "send it again in a minute" in shown.text
    assert page.answer(link, "4", "kept here").status_code == 200


def sqlite_busy() -> Exception:
    return RuntimeError("database is locked")


def test_a_customer_who_was_forgotten_has_no_link_any_more(page: Care) -> None:
    page.resolved(**{"customer": {"id": "C-1"}})
    link, subject = page.link(), page.state().subject
    page.world.ledger.keyring.forget(subject)
    shown = page.get(link)
    assert (shown.status_code, "This link does not work." in shown.text) == (404, True)
    assert page.answer(link).status_code == 404
