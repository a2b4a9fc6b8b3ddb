"""Rules of the house that no linter knows: addresses, the lock, error codes, what may lie in which folder."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hub.checking import explain_code

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("connectors", "mappings", "hub", "sandbox", "dags", "plugins")
TEXTS = {".py", ".toml", ".yaml", ".yml", ".md", ".lock", ".html", ".css", ".j2", ".sql", ".wsdl", ".mako", ""}
ADDRESSES = re.compile(
    r"pypi\.org|pythonhosted|/simple\b|registry\.npmjs|/opt/wheels|(?<![\w.])/root/|(?<![\w.])/home/\w"
)
A_CODE = re.compile(r"\b([DMACXLR]\d{3})\b")
NEVER_RAISED = "C000"
"""The default of the errors' base class."""
LONG = 400


def files() -> Iterator[Path]:
    """Every file of the project, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return (path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def test_no_registrys_address_and_no_path_of_one_machine_stands_in_any_file() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in files()
        if path.suffix in TEXTS and path != Path(__file__) and path.name != "LICENSE"
        for hit in ADDRESSES.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(("name", "group"), [("requirements.lock", "dev"), ("requirements-bench.lock", "bench")])
def test_the_lock_pins_what_pyproject_asks_for_with_hashes(name: str, group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / name).read_text(encoding="utf-8")
    pins = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)}
    asked = [Requirement(text) for text in _asked(project, group)]
    for one in asked:
        assert canonicalize_name(one.name) in pins, f"{one.name} is not in {name}; run: make lock"
        assert one.specifier.contains(pins[canonicalize_name(one.name)]), f"{one}: the lock is behind; run: make lock"
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def _asked(project: dict[str, Any], group: str) -> list[str]:
    own: list[str] = project["project"]["dependencies"] if group == "dev" else []
    return [*own, *project["dependency-groups"][group]]


@pytest.mark.parametrize("room", SOURCES)
def test_every_code_that_an_error_can_bear_is_explained(room: str) -> None:
    codes = {code for path in (ROOT / room).rglob("*.py") for text in literals(path) for code in A_CODE.findall(text)}
    assert sorted(code for code in codes - {NEVER_RAISED} if explain_code(code).startswith("No code")) == []


def literals(path: Path) -> Iterator[str]:
    """The texts in a module, but for its docstrings' prose."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < LONG:
            yield node.value


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in SOURCES
        for path in (ROOT / room).rglob("*.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith('"""') and path.read_text(encoding="utf-8").strip()
    ]
    assert silent == []


def test_no_package_in_tests_shadows_a_room() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_dags_and_plugins_hold_no_helper_modules() -> None:
    dags = [
        "audit.py", "promises.py", "pull.py", "push.py", "reconcile.py", "reports.py", "reread.py", "retention.py",
        "review.py", "rollup.py",
    ]  # fmt: skip
    assert sorted(path.name for path in (ROOT / "dags").rglob("*.py")) == dags
    assert sorted(path.name for path in (ROOT / "plugins").rglob("*.py")) == ["hub_plugin.py"]
