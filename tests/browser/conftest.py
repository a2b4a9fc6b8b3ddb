"""A real Chromium. A page is looked at in four ways, wide and narrow, light and dark.

In each it may not scroll sideways, complain in the console or ask any other host. Screenshots go to
.casebridge/screenshots/. Knows no page. Next: `pages/`.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

SHOTS = Path(__file__).resolve().parents[2] / ".casebridge" / "screenshots"
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
        """Click, and wait until another page is there, whole.

        The page that is left bears a mark. Asking an element of it instead can fail in chromedriver itself, while the
        documents change ("Node with given id does not belong to the document").
        """
        self.chrome.execute_script("window.left = true")
        self.find(selector).click()
        WebDriverWait(self.chrome, 10).until(
            lambda chrome: chrome.execute_script("return !window.left && document.readyState === 'complete'")
        )

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


def origin(address: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


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
