"""Where this hub keeps things and reads its declarations: from the environment, once, and handed on.

    CASEBRIDGE_HOME       state (default .casebridge)
    CASEBRIDGE_LEDGER     SQLAlchemy URL of the ledger (default sqlite:///HOME/ledger.db)
    CASEBRIDGE_KEYS       SQLAlchemy URL of the keys (default sqlite:///HOME/keys.db); backed up apart from the ledger
    CASEBRIDGE_PARTNERS   folder with one folder a partner (default mappings/partners)
    CASEBRIDGE_AGREEMENT  the agreement (default agreement.yaml)
    CASEBRIDGE_SUBSCRIPTIONS  who gets which report, when (default subscriptions.yaml; not there: nobody)
    CASEBRIDGE_REPORTS    where reports go (default HOME/reports)
    CASEBRIDGE_ANCHORS    file of the ledger's signed heads (default HOME/anchors.jsonl); see docs/operations.md
    CASEBRIDGE_FILES      where attachments wait on their way, encrypted (default HOME/files)
    CASEBRIDGE_EVIDENCE_DAYS  days that evidence of calls is kept (default 14; 0: none is)
    CASEBRIDGE_FEEDBACK_URL  where customers reach `casebridge serve`, such as https://care.example (default: nowhere;
                          contact points are asked for feedback without a link)

Knows no database and no Airflow. Next: `declarations.py`, `ledger.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from hub.acting import CannotDo

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Settings:
    """The places, absolute. evidence_for: how long evidence of calls is kept, none where that is no time."""

    home: Path
    ledger_url: str
    keys_url: str
    partners_dir: Path
    agreement_file: Path
    reports_dir: Path
    files_dir: Path
    anchors_file: Path
    subscriptions_file: Path
    evidence_for: timedelta = timedelta(days=14)
    feedback_url: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, *, root: Path | None = None) -> Settings:
        """Settings of this process. root: the project folder that relative defaults hang on. Raises CannotDo X531, and
        ValueError for a feedback address that is none."""
        env = os.environ if environ is None else environ
        root = root or Path(__file__).resolve().parent.parent
        home = (root / env.get("CASEBRIDGE_HOME", ".casebridge")).resolve()
        return cls(
            home=home,
            ledger_url=env.get("CASEBRIDGE_LEDGER", f"sqlite:///{home / 'ledger.db'}"),
            keys_url=env.get("CASEBRIDGE_KEYS", f"sqlite:///{home / 'keys.db'}"),
            partners_dir=(root / env.get("CASEBRIDGE_PARTNERS", "mappings/partners")).resolve(),
            agreement_file=(root / env.get("CASEBRIDGE_AGREEMENT", "agreement.yaml")).resolve(),
            reports_dir=(root / env.get("CASEBRIDGE_REPORTS", str(home / "reports"))).resolve(),
            files_dir=(root / env.get("CASEBRIDGE_FILES", str(home / "files"))).resolve(),
            anchors_file=(root / env.get("CASEBRIDGE_ANCHORS", str(home / "anchors.jsonl"))).resolve(),
            subscriptions_file=(root / env.get("CASEBRIDGE_SUBSCRIPTIONS", "subscriptions.yaml")).resolve(),
            evidence_for=_days("CASEBRIDGE_EVIDENCE_DAYS", env.get("CASEBRIDGE_EVIDENCE_DAYS", "14")),
            feedback_url=_address(env.get("CASEBRIDGE_FEEDBACK_URL", "")),
        )


def _days(variable: str, text: str) -> timedelta:
    try:
        days = float(text)
        if 0 <= days <= MOST_DAYS:  # not where it is no number
            return timedelta(days=days)
    except ValueError:
        pass
    raise CannotDo("X531", f"{variable}: {text!r} is no number of days from 0 to {MOST_DAYS}.", fix=f"{variable}=14")


def _address(given: str) -> str:
    """An address that paths can be put behind; "" stays so."""
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"CASEBRIDGE_FEEDBACK_URL: {given!r} is no address such as https://care.example")
    return given.rstrip("/")
