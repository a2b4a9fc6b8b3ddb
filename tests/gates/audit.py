"""The dependency audit: known vulnerabilities of what is pinned, and red when they could not be asked for.

    python tests/gates/audit.py requirements.lock requirements-bench.lock

pip-audit finds the pins, knows the index and reads its answers; alone it exits 0 where it could audit nothing, and
with --strict it stops at the first package that it cannot. Here the middle: an index that does not keep the answers of
single versions is asked for the project's, which tells of the newest version only and is taken where that is the
pinned one. Exit 1 for a vulnerability, for an index that does not answer, and where fewer than half could be audited.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from packaging.version import InvalidVersion, Version
from pip_audit._dependency_source import RequirementSource
from pip_audit._service import Dependency, PyPIService, VulnerabilityResult
from pip_audit._service.interface import ConnectionError as IndexUnreachable
from pip_audit._service.interface import ResolvedDependency, ServiceError
from requests.adapters import HTTPAdapter

ENOUGH = 0.5
"""The part of all pins that must have been audited."""
AT_ONCE = 8
SECONDS = 20
VERSION_PAGE = re.compile(r"^(?P<project>.*/pypi/[^/]+)/(?P<version>[^/]+)(?P<rest>/json)$")


class Project(HTTPAdapter):
    """Answers for a version with the project's page where the index lacks the version's own.

    An answer that says nothing of vulnerabilities counts as none, whatever else it holds.
    """

    def __init__(self) -> None:
        super().__init__(max_retries=2, pool_maxsize=AT_ONCE)

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        """The version's page, else the project's if it is of that version, else 404."""
        answer = super().send(request, *rest, **options)
        asked = VERSION_PAGE.match(request.url or "")
        if asked is None:
            return answer
        if answer.status_code == requests.codes.not_found:
            project = request.copy()
            project.url = asked["project"] + asked["rest"]
            found = super().send(project, *rest, **options)
            if found.ok and same_version(told(found).get("info", {}).get("version"), asked["version"]):
                answer = found
        if answer.ok and not isinstance(told(answer).get("vulnerabilities"), list):
            answer.status_code = requests.codes.not_found
        return answer


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of it. skipped: packages that could not be audited. found: by package, what is known of it."""

    audited: tuple[str, ...]
    skipped: tuple[str, ...]
    found: Mapping[str, tuple[VulnerabilityResult, ...]]

    @property
    def enough(self) -> bool:
        """Whether this was an audit."""
        return bool(self.audited) and len(self.audited) >= ENOUGH * (len(self.audited) + len(self.skipped))

    def lines(self) -> Iterable[str]:
        """The report."""
        if self.skipped:
            yield "Not auditable here (the index knows only their newest version, or nothing):"
            yield f"  {', '.join(self.skipped)}"
        for package, known in self.found.items():
            for one in known:
                fixed = ", ".join(str(version) for version in one.fix_versions)
                yield f"{package}: {one.id} {one.description[:160]}"
                yield f"  Fix: {'pin ' + fixed if fixed else 'no version without it is known'}"
        verdict = f"{sum(map(len, self.found.values()))} vulnerabilities known"
        if not self.enough:
            verdict += ". That is no audit: too little could be asked for. Is the index reached?"
        yield f"Audited {len(self.audited)} of {len(self.audited) + len(self.skipped)} packages; {verdict}"


def audit(locks: Sequence[Path], adapter: HTTPAdapter | None = None) -> Audit:
    """Ask about each pin of these files, once where it stands in several.

    Raises requests' errors and pip-audit's ServiceError where no answer comes.
    """
    session = requests.Session()
    session.mount("https://", adapter or Project())
    with TemporaryDirectory() as unused:  # its own session keeps answers; ours asks anew each time
        service = PyPIService(Path(unused), timeout=SECONDS)
    service.session = session
    found = RequirementSource([*locks], disable_pip=True, require_hashes=True).collect()
    pins = sorted(found, key=lambda pin: pin.name)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(service.query, pins))
    return Audit(
        audited=tuple(name(pin) for pin, _ in answers if isinstance(pin, ResolvedDependency)),
        skipped=tuple(name(pin) for pin, (answer, _) in zip(pins, answers, strict=True) if answer.is_skipped()),
        found={name(pin): tuple(known) for pin, known in answers if known},
    )


def name(pin: Dependency) -> str:
    """A pin as people write it."""
    return f"{pin.name} {pin.version}" if isinstance(pin, ResolvedDependency) else pin.name


def told(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def same_version(one: object, other: str) -> bool:
    """Whether both are one version, however it is written."""
    try:
        return Version(str(one)) == Version(other)
    except InvalidVersion:
        return False


def main(arguments: list[str]) -> int:
    """The exit code."""
    try:
        done = audit([Path(argument) for argument in arguments])
    except (requests.RequestException, IndexUnreachable, ServiceError) as error:
        print(f"The package index does not answer, so nothing is audited: {error or type(error).__name__}")
        return 1
    for line in done.lines():
        print(line)
    return int(bool(done.found) or not done.enough)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
