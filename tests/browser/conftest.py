"""A real Chromium, and what it looks at: three companies with an exchange between them, the board, a report.

Everything is real and on this machine: the companies' servers as processes, the hub's own step functions over a ledger
on disk, the board on a socket. A page is looked at in four ways (wide and narrow, light and dark); in each it may not
scroll sideways, complain in the console or ask any other host. Screenshots go to .casebridge/screenshots/.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from hub.assembly import assemble, load_alliance, wall_clock
from hub.board import board
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.ledger import Ledger
from hub.reporting import write_reports
from hub.settings import Settings
from sandbox.desks import LOGIN, Company, Desk, companies, connections
from sandbox.words import COMPANIES, fields

SHOTS = Path(__file__).resolve().parents[2] / ".casebridge" / "screenshots"
TITLES = {name: name.title() for name in COMPANIES}
WIDTHS = {"wide": 1280, "narrow": 390}
SCHEMES = ("light", "dark")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
OWN = ("data", "chrome", "about", "file", "blob")


@dataclass(slots=True)
class Browser:
    """Chromium and what it was seen doing. home: scheme and host of the pages that it is meant to ask."""

    chrome: Chrome
    home: str = ""
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Go there."""
        self.home = origin(address)
        self.chrome.get(address)

    def find(self, selector: str) -> WebElement:
        """The first element that the CSS selector names, waited for."""
        return WebDriverWait(self.chrome, 10).until(lambda chrome: chrome.find_element(By.CSS_SELECTOR, selector))

    def text(self, selector: str = "main") -> str:
        """What a person reads there, on one line."""
        return " ".join(self.find(selector).text.split())

    def write(self, name: str, text: str) -> None:
        """Put this text into the form's field of that name."""
        box = self.find(f'[name="{name}"]')
        box.clear()
        box.send_keys(text)

    def choose(self, name: str, value: str) -> None:
        """Take this option of the list of that name."""
        listed = self.find(f'select[name="{name}"]').find_elements(By.TAG_NAME, "option")
        (wanted,) = [option for option in listed if option.get_property("value") == value]
        wanted.click()

    def press(self, selector: str) -> None:
        """Click, and wait until the page that it was on is gone."""
        page = self.find("html")
        self.find(selector).click()
        WebDriverWait(self.chrome, 10).until(lambda _: gone(page))

    def look(self, name: str) -> None:
        """Look at the page that is open in all four ways; keep what each looks like."""
        for scheme in SCHEMES:
            feature = [{"name": "prefers-color-scheme", "value": scheme}]
            self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
            for width, pixels in WIDTHS.items():
                metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
                inside, across = self.chrome.execute_script(
                    "const page = document.documentElement; return [page.clientWidth, page.scrollWidth]"
                )
                assert across <= inside, f"{name} scrolls sideways at {pixels} px: it is {across} px wide"
                self.keep(f"{name}-{width}-{scheme}")
        self.chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def keep(self, name: str) -> None:
        """A picture of the whole page, up to 6000 px."""
        size = self.chrome.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        shot = self.chrome.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def listen(self) -> None:
        """Take down what the console says and whom the pages ask; call it before the next host is opened."""
        for line in self.chrome.get_log("browser"):
            self.complaints.append(f"console: {line['level']} {line['message']}")
        for line in self.chrome.get_log("performance"):
            said = json.loads(line["message"])["message"]
            if said["method"] == "Network.requestWillBeSent":
                asked = said["params"]["request"]["url"]
                if urlsplit(asked).scheme not in OWN and origin(asked) != self.home:
                    self.complaints.append(f"asks another host: {asked}")


@dataclass(slots=True)
class World:
    """Three companies and the hub between them."""

    running: Mapping[str, Company]
    exchange: Exchange
    settings: Settings
    desks: Mapping[str, Desk]

    def carry(self) -> None:
        """Pull and push until nothing is owed."""
        for _ in range(6):
            for name in COMPANIES:
                self.exchange.intake(name)
            sent = [self.exchange.deliver(name).sent for name in COMPANIES]
            if not any(sent):
                return
        raise AssertionError("the exchange does not come to rest")

    def create(self, company: str, **said: Any) -> str:
        """A case that an agent of this company opens; its number there."""
        (done,) = self.desks[company].act([{"op": "create", "fields": fields(company, said)}])
        return str(done["number"])

    def case_at(self, company: str, key: str, value: str) -> dict[str, Any]:
        """The one case there whose field has this value."""
        (found,) = self.desks[company].cases(key, [value])
        return found


def origin(address: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def gone(page: WebElement) -> bool:
    """Whether the page that this element was on has been left."""
    try:
        page.is_enabled()
    except StaleElementReferenceException:
        return True
    return False


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One Chromium with an empty profile. Brightnet's certificate is by the sandbox's own authority."""
    found = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    assert all(found.values()), f"{found}: install Debian's packages chromium and chromium-driver"
    options = ChromeOptions()
    options.binary_location = str(found["chromium"])
    options.accept_insecure_certs = True
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=ChromeService(executable_path=found["chromedriver"]))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chrome: Chrome) -> Iterator[Browser]:
    """Chromium for one test, logged in nowhere; fails the test for what its pages complained of."""
    chrome.get("about:blank")
    chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    for kind in ("browser", "performance"):
        chrome.get_log(kind)
    seen = Browser(chrome)
    yield seen
    seen.listen()
    assert seen.complaints == []


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The companies on free ports, and the exchange over a ledger on disk."""
    home = tmp_path_factory.mktemp("home")
    with companies(home / "companies", dict.fromkeys(COMPANIES, 0)) as running:
        environ = {**os.environ, "CASEBRIDGE_HOME": str(home), **connections(running)}
        settings = Settings.from_environment(environ)
        ledger = Ledger.open(settings)
        exchange = assemble(
            ledger, load_alliance(settings), lambda conn_id: from_environment(conn_id, environ), wall_clock
        )
        desks = {name: Desk(company) for name, company in running.items()}
        yield World(running, exchange, settings, desks)
        for desk in desks.values():
            desk.close()
        exchange.close()
        ledger.engine.dispose()


@pytest.fixture(scope="session")
def crossed(world: World) -> str:
    """A world in which cases crossed, came back and were parked; the number at Northcable of one that crossed."""
    number = world.create(
        "northcable", title="No dial tone since the storm", product="TEL-HOME", customer="Margaret O'Neill",
        details="Box restarted twice.\nNeighbours have the same.", holder="telvoz", priority="high", reference="R-100",
    )  # fmt: skip
    world.desks["northcable"].act(
        [
            {"op": "note", "number": number, "text": "She works from home.", "audience": "partners", "author": "Tom"},
            {
                "op": "note",
                "number": number,
                "text": "She threatens to leave.",
                "audience": "internal",
                "author": "Tom",
            },
        ]
    )
    world.create(
        "telvoz", title="La imagen se congela", product="CABLE-TV", customer="José Ibáñez", holder="northcable"
    )
    world.create(
        "brightnet", title="Не работает домашний телефон", product="TEL-HOME", customer="Алия", holder="telvoz"
    )
    world.create("northcable", title="Wants a second box", product="CABLE-BOX", holder="telvoz")  # no edge permits it
    world.carry()
    there = world.case_at("telvoz", "referencia", "R-100")
    done = {
        "op": "edit",
        "number": there["numero"],
        "fields": fields("telvoz", {"status": "resolved", "agent": "Lucía"}),
    }
    world.desks["telvoz"].act([done])
    world.carry()
    return number


@pytest.fixture(scope="session")
def board_address(world: World, crossed: str) -> Iterator[str]:
    """The board on a socket, mounted as Airflow mounts it."""
    app, pages = FastAPI(), FastAPI()
    pages.include_router(board(lambda: world.exchange.ledger, lambda: TITLES))
    app.mount("/casebridge", pages)
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/casebridge"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def report(world: World, crossed: str) -> Path:
    """The report of everything that happened."""
    files = write_reports(world.exchange.ledger.entries(), world.settings, TITLES, datetime.now(UTC), ["all"])
    (page,) = [path for path in files if path.suffix == ".html"]
    return page


@pytest.fixture(scope="session")
def login() -> tuple[str, str]:
    """Name and password of an agent, at every company."""
    return LOGIN
