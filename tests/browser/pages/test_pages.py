"""The pages in a real browser: an agent's day at each company, a case that crosses, the board and the report."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from sandbox.words import COMPANIES, field, word

pytestmark = pytest.mark.browser

ACTS = {
    "northcable": ("Router blinks red", "Called back, she is at home after six.", "telvoz"),
    "telvoz": ("El módem parpadea en rojo", "Llamada de vuelta: está en casa después de las seis.", "brightnet"),
    "brightnet": ("Модем мигает красным", "Перезвонили: дома после шести.", "northcable"),
}


def enter(browser: Any, world: Any, company: str, login: tuple[str, str]) -> str:
    """Log in at a company's desk; its address."""
    address = str(world.running[company].url)
    browser.open(address)
    browser.write("name", login[0])
    browser.write("password", login[1])
    browser.press("main form button")
    return address


def open_case(browser: Any, address: str, number: str) -> None:
    browser.open(f"{address}/cases/{quote(number)}")


@pytest.mark.parametrize("company", COMPANIES)
def test_an_agents_day(browser: Any, world: Any, crossed: str, login: tuple[str, str], company: str) -> None:
    title, note, receiver = ACTS[company]
    browser.open(world.running[company].url)
    browser.look(f"{company}-login")
    browser.write("name", login[0])
    browser.write("password", "wrong")
    browser.press("main form button")
    assert browser.text("[role=alert]")
    browser.complaints = []
    browser.chrome.get_log("browser")  # the refused login is an answer of 401, and Chromium says so

    address = enter(browser, world, company, login)
    browser.look(f"{company}-cases")

    browser.press('.head a[href="/cases/new"]')
    browser.write(field(company, "title"), title)
    browser.write(field(company, "customer"), "Ana Núñez")
    browser.look(f"{company}-new")
    browser.press("main form button.main")
    number = browser.text("main .code.big")
    assert browser.text("h1") == title

    browser.press('.head a[href$="/edit"]')
    browser.choose(field(company, "priority"), word(company, "priority", "high"))
    browser.choose(field(company, "status"), word(company, "status", "inProgress"))
    browser.press("main form button.main")
    assert word(company, "priority", "high") in browser.text(".marks")
    assert word(company, "status", "inProgress") in browser.text(".marks")

    browser.write("text", note)
    browser.choose("audience", word(company, "audience", "partners"))
    browser.press("#notes form button")
    assert note in browser.text("#notes")

    browser.choose("company", word(company, "holder", receiver))
    browser.press('form[action$="/transfer"] button')
    assert word(company, "holder", receiver) in browser.text(".holding")
    browser.look(f"{company}-case")

    browser.open(f"{address}/?q={quote(number)}")
    assert title in browser.text("table")
    assert word(company, "holder", receiver) in browser.text("table")


def test_a_case_crosses_while_two_agents_look_at_it(
    browser: Any, world: Any, crossed: str, login: tuple[str, str]
) -> None:
    north = enter(browser, world, "northcable", login)
    open_case(browser, north, crossed)
    there = world.case_at("telvoz", "referencia", "R-100")["numero"]
    assert there in browser.text(".holding")
    assert word("northcable", "status", "resolved") in browser.text(".marks")
    assert "She threatens to leave." in browser.text("#notes")
    browser.look("northcable-crossed")
    browser.listen()

    telvoz = enter(browser, world, "telvoz", login)
    open_case(browser, telvoz, there)
    assert browser.text("h1") == "No dial tone since the storm"
    assert "She works from home." in browser.text("#notes")
    assert "She threatens to leave." not in browser.text("body")
    browser.write("text", "Línea cambiada en la central.")
    browser.choose("audience", "empresas")
    browser.press("#notes form button")
    browser.look("telvoz-crossed")
    browser.listen()

    world.carry()
    open_case(browser, north, crossed)
    assert "Línea cambiada en la central." in browser.text("#notes")


def test_the_board(browser: Any, board_address: str, crossed: str) -> None:
    browser.open(f"{board_address}/")
    assert "No dial tone since the storm" in browser.text("body")
    browser.look("board-cases")

    browser.write("search", crossed)
    browser.chrome.find_element("name", "search").submit()
    browser.press('table a[href*="case?id="]')
    story = browser.text("body")
    assert "Northcable opened the case." in story
    assert "Northcable handed the case to Telvoz." in story
    assert "She threatens to leave." not in story
    browser.look("board-case")

    browser.open(f"{board_address}/waiting")
    assert "A401" in browser.text("body")
    browser.look("board-waiting")
    browser.open(f"{board_address}/partners")
    assert all(name.title() in browser.text("body") for name in COMPANIES)
    browser.look("board-partners")


def test_the_report(browser: Any, report: Any) -> None:
    browser.open(report.as_uri())
    shown = browser.text("body")
    assert all(name.title() in shown for name in COMPANIES)
    assert "Hand-overs in" in shown
    browser.look("report")


@pytest.mark.parametrize("language", ["en", "es", "ms", "ru"])
def test_a_report_by_mail_as_the_mailbox_shows_it(browser: Any, mailbox: Any, language: str) -> None:
    address, number = mailbox(language)
    browser.open(f"{address}/mails/{number}/html")
    loaded = "return [...document.images].map(one => one.complete && one.naturalWidth > 500)"
    assert browser.chrome.execute_script(loaded) == [True, True, True]
    assert all(name.title() in browser.text("body") for name in COMPANIES)
    browser.look(f"mail-{language}")
    browser.open(f"{address}/mails/{number}")
    assert "rollup-all.pdf" in browser.text("main")
    browser.open(address)
    assert "manager@alliance.example" in browser.text("main")


@pytest.mark.parametrize(
    ("company", "receiver", "told"),
    [
        ("northcable", "telvoz", "NOT PASSED ON: no agreement permits this transfer, it was taken back (A401)."),
        ("telvoz", "brightnet", "NO TRANSMITIDO: ningún acuerdo permite este traspaso, se deshizo (A401)."),
        ("brightnet", "telvoz", "НЕ ПЕРЕДАНО: ни одно соглашение не разрешает эту передачу, она отменена (A401)."),
    ],
)
def test_an_agent_reads_on_the_case_why_it_was_not_passed_on(
    browser: Any, world: Any, login: tuple[str, str], company: str, receiver: str, told: str
) -> None:
    number = world.create(company, title="Nobody agreed on this", product="NOTHING", holder=receiver)
    for verb in (world.exchange.intake, world.exchange.deliver):
        verb(company)
    address = enter(browser, world, company, login)
    open_case(browser, address, number)
    assert told in browser.text("main")
    browser.look(f"{company}-told")
