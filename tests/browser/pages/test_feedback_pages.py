"""The customer's own page in a real browser: each language, wide and narrow, light and dark; keyboard; contrast."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from selenium.webdriver.common.keys import Keys

from hub import asking
from hub.assembly import wall_clock
from hub.serve import feedback
from hub.serve.feedback import Customers
from hub.serve.feedback_words import LANGUAGES
from sandbox.words import fields

pytestmark = pytest.mark.browser

CONTRAST = """
const seen = [];
const parse = text => text.match(/[0-9.]+/g).map(Number);
const linear = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
const light = rgb => { const [r, g, b] = rgb.map(linear);
  return .2126 * r + .7152 * g + .0722 * b; };
const ground = node => { for (; node; node = node.parentElement) {
  const c = parse(getComputedStyle(node).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
for (const node of document.querySelectorAll('body *')) {
  if (![...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim())) continue;
  if (!node.getClientRects().length) continue;
  const [a, b] = [light(parse(getComputedStyle(node).color).slice(0, 3)), light(ground(node))].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) seen.push(node.tagName + ' ' + node.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
}
return seen;
"""  # WCAG 2.1's formula for relative luminance


@pytest.fixture(scope="session")
def care_address(world: Any) -> Iterator[str]:
    """The page on a socket."""
    app = FastAPI()
    alliance = replace(world.exchange.alliance, feedback_url="")
    customers = Customers(world.exchange.ledger, alliance, wall_clock, time.monotonic)
    app.include_router(feedback.door(customers))
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def link(world: Any, crossed: str, care_address: str) -> str:
    """Of a case of Northcable's that Telvoz has just resolved."""
    ledger, alliance = world.exchange.ledger, replace(world.exchange.alliance, feedback_url=care_address)
    reference = f"F-{time.monotonic_ns()}"
    world.create("northcable", title="No dial tone", product="TEL-HOME", holder="telvoz", reference=reference)
    world.carry()
    number = world.case_at("telvoz", "referencia", reference)["numero"]
    for said in ({"status": "inProgress"}, {"status": "resolved"}):
        world.desks["telvoz"].act([{"op": "edit", "number": number, "fields": fields("telvoz", said)}])
    world.carry()
    (row,) = ledger.cases(search=number)
    with ledger.transaction(wall_clock()) as tx:
        state = tx.case(row.id)
        if state.asked is None:
            state = asking.ask(tx, alliance, state)
        return str(asking.link_of(tx, alliance, state)[0])


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_readable_in_each_language(browser: Any, link: str, code: str) -> None:
    words = LANGUAGES[code]
    browser.open(f"{link}?lang={code}")
    assert browser.text("h1") == words.heading
    assert "Northcable" in browser.text("header")
    assert "Telvoz" not in browser.chrome.page_source
    browser.look(f"feedback-{code}")
    for scheme in ("light", "dark"):
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
        assert browser.chrome.execute_script(CONTRAST) == []
    browser.press(f'nav a[lang="{"es" if code != "es" else "en"}"]')
    assert browser.text("h1") == LANGUAGES["es" if code != "es" else "en"].heading


def test_a_customer_answers_by_keyboard_alone(browser: Any, link: str) -> None:
    browser.open(f"{link}?lang=en")
    first = browser.find('[name="score"]')
    for _ in range(9):
        browser.chrome.switch_to.active_element.send_keys(Keys.TAB)
        if browser.chrome.switch_to.active_element == first:
            break
    else:
        raise AssertionError("no tab leads to the scores")
    browser.chrome.switch_to.active_element.send_keys(Keys.SPACE, *[Keys.ARROW_RIGHT] * 3)
    browser.chrome.switch_to.active_element.send_keys(Keys.TAB)
    browser.chrome.switch_to.active_element.send_keys("Quick and friendly.")
    browser.look("feedback-filled")
    browser.chrome.execute_script("window.left = true")
    browser.chrome.switch_to.active_element.send_keys(Keys.TAB)
    browser.chrome.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.text("h1") == "Thank you!"
    assert "Your case is closed now." in browser.text()
    browser.look("feedback-thanks")
    browser.open(link)
    assert "We have your answer." in browser.text()
    browser.look("feedback-used")
    browser.chrome.get_log("browser")  # a used link is an answer of 410, and Chromium says so


def test_who_is_not_satisfied_reads_that_the_case_is_open_again_and_who_chose_nothing_is_asked_again(
    browser: Any, world: Any, link: str
) -> None:
    browser.open(f"{link}?lang=es")
    browser.write("text", "Volvió a fallar <b>hoy</b>.")
    browser.chrome.execute_script("document.querySelectorAll('[required]').forEach(one => one.required = false)")
    browser.press("main form button")
    assert "Elija una de las cinco respuestas." in browser.text("[role=alert]")
    assert browser.find("textarea").get_property("value") == "Volvió a fallar <b>hoy</b>."
    browser.look("feedback-again")
    browser.find('[name="score"][value="2"]').click()
    browser.press("main form button")
    assert "Su caso está abierto de nuevo y Northcable sigue ocupándose de él." in browser.text()
    browser.look("feedback-sorry")
    browser.chrome.get_log("browser")  # an answer of 422, as above
    world.carry()
    assert world.exchange.ledger.cases(search="inProgress")


def test_a_link_that_is_none_says_so(browser: Any, care_address: str) -> None:
    browser.open(f"{care_address}/feedback/nothing?lang=ru")
    assert "Ссылка не работает." in browser.text()
    browser.look("feedback-forged")
    browser.chrome.get_log("browser")  # an answer of 404, as above
