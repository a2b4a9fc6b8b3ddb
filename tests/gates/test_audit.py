"""The dependency audit against an index on a socket: what it finds, what it cannot ask, and an index that is away."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

SCRIPT = Path(__file__).with_name("audit.py")
LEAK = {
    "id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "reads more than it was given",
    "fixed_in": ["1.2", "1.1.1"], "withdrawn": None, "published": "2026-01-01T00:00:00Z",
}  # fmt: skip


def page(version: str, *vulnerabilities: object) -> dict[str, Any]:
    return {"info": {"version": version}, "vulnerabilities": list(vulnerabilities)}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("casebridge_audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made  # its dataclass looks itself up
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def pages() -> dict[str, Any]:
    """What the index answers, by path."""
    return {}


@pytest.fixture
def index(pages: dict[str, Any], audit: ModuleType) -> Iterator[Any]:
    """An index on a socket, and the adapter that asks it instead of the public one."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path)
            body = json.dumps(found).encode() if found is not None else b"{}"
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    class Here(audit.Project):  # type: ignore[misc]  # the module is loaded by its path
        def get_connection_with_tls_context(self, request: Any, *rest: Any, **more: Any) -> Any:
            request.url = urlunsplit(("http", f"127.0.0.1:{server.server_port}", urlsplit(request.url).path, "", ""))
            return super().get_connection_with_tls_context(request, *rest, **more)

    yield Here()
    server.shutdown()
    server.server_close()


def lock(folder: Path, *pins: str) -> Path:
    file = folder / "requirements.lock"
    file.write_text("".join(f"{pin} \\\n    --hash=sha256:{'0' * 64}\n" for pin in pins))
    return file


def test_a_vulnerability_is_told_with_the_version_to_pin(
    audit: ModuleType, index: Any, pages: dict[str, Any], tmp_path: Path
) -> None:
    pages["/pypi/leaky/1.0/json"] = page("1.2", LEAK)
    pages["/pypi/whole/2.0/json"] = page("2.0")
    done = audit.audit([lock(tmp_path, "leaky==1.0", "whole==2.0")], index)
    assert list(done.lines()) == [
        "leaky 1.0: PYSEC-2026-1 reads more than it was given",
        "  Fix: pin 1.1.1, 1.2",
        "Audited 2 of 2 packages; 1 vulnerabilities known",
    ]


def test_the_projects_page_counts_where_the_pin_is_the_newest_version(
    audit: ModuleType, index: Any, pages: dict[str, Any], tmp_path: Path
) -> None:
    pages["/pypi/newest/1.0/json"] = page("1.0.0", LEAK)
    pages["/pypi/newest/json"] = pages.pop("/pypi/newest/1.0/json")
    pages["/pypi/older/json"] = page("2.0")
    pages["/pypi/fine/json"] = page("3.0")
    done = audit.audit([lock(tmp_path, "newest==1.0", "older==1.0", "fine==3.0")], index)
    assert done.audited == ("fine 3.0", "newest 1.0")
    assert done.skipped == ("older 1.0",)
    assert list(done.found) == ["newest 1.0"]
    assert done.enough


def test_an_answer_that_says_nothing_of_vulnerabilities_is_none(
    audit: ModuleType, index: Any, pages: dict[str, Any], tmp_path: Path
) -> None:
    pages["/pypi/silent/1.0/json"] = {"info": {"version": "1.0"}}
    done = audit.audit([lock(tmp_path, "silent==1.0")], index)
    assert done.skipped == ("silent 1.0",)
    assert not done.enough


@pytest.mark.parametrize(("known", "enough"), [(0, False), (1, False), (2, True), (4, True)])
def test_fewer_than_half_is_no_audit(
    audit: ModuleType, index: Any, pages: dict[str, Any], tmp_path: Path, known: int, enough: bool
) -> None:
    names = ["a", "b", "c", "d"]
    pages.update({f"/pypi/{name}/1.0/json": page("1.0") for name in names[:known]})
    done = audit.audit([lock(tmp_path, *(f"{name}==1.0" for name in names))], index)
    assert done.enough is enough
    assert ("no audit" in list(done.lines())[-1]) is not enough


def test_an_index_that_is_away_makes_the_gate_red(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        environment = {**os.environ, "HTTPS_PROXY": f"http://127.0.0.1:{closed.getsockname()[1]}", "NO_PROXY": ""}
        command = [sys.executable, str(SCRIPT), str(lock(tmp_path, "whole==2.0"))]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("The package index does not answer, so nothing is audited")
