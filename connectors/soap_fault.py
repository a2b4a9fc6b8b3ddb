"""What a SOAP fault says, and what happens next because of it.

The declaration gives each code of the service its meaning. A code that it does not name is judged by SOAP's own
faultcode: Client (Sender) refuses this record, Server (Receiver) may have done it all the same: a system was seen that
answered a fault after it had saved the record. Knows no socket. Next: `soap.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from lxml import etree

from connectors import paths
from connectors.errors import ConnectorError, Refused, Rejected, Stale, Throttled, Unknown, Unreachable
from connectors.soap_system import Meaning, SoapSystem
from connectors.soap_xml import local, texts

USUAL_WAIT: Final = 30.0
LONGEST_WAIT: Final = 3600.0
_WHO: Final = (
    "C301",
    "they do not know who we are.",
    "check login and secret in the connection {connection}, and `auth` in system.yaml.",
)
_REFUSALS: Final = {
    "refused": ("C377", "they refuse us.", "ask them to permit this to our user."),
    "unauthenticated": _WHO,
    "expired": _WHO,
    "clock": (
        "C382",
        "they call our message too old, or from the future.",
        "set this machine's clock; where theirs is wrong, say by how many seconds in `auth.skew`.",
    ),
}
_REJECTIONS: Final = {
    "rejected": (
        "C674",
        "they refuse this record.",
        "correct the value in the case or its word in mapping.yaml.",
    ),
    "missing": (
        "C675",
        "they have no such record.",
        "it was deleted there or never existed; decide what becomes of the case.",
    ),
    "duplicate": (
        "C676",
        "they have it already, and show no record that bears our id.",
        "look at the record that they name, and link it or free the id.",
    ),
}
"""Meaning: code, text, fix."""
WSS: Final[Mapping[str, Meaning]] = {
    "MessageExpired": "clock",
    "FailedAuthentication": "unauthenticated",
    "InvalidSecurityToken": "unauthenticated",
    "UnsupportedSecurityToken": "unauthenticated",
    "SecurityTokenUnavailable": "unauthenticated",
    "InvalidSecurity": "unauthenticated",
    "FailedCheck": "unauthenticated",
    "SecurityError": "unauthenticated",
    "MustUnderstand": "unauthenticated",
}
"""Faults of OASIS WSS: SOAP Message Security 1.1, section 12, of WSS4J, and SOAP's own for a header that is not known.
All of them are told before the Body is looked at."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it was read. code: the service's own, else SOAP's. meaning None: the declaration does not name it.

    value: what was sent, told only where known values stand beside it: a picklist's word is no personal data.
    existing: the native id of the record that is there already. after: seconds to wait.
    """

    code: str
    text: str
    meaning: Meaning | None
    ours: bool
    connection: str
    field: str = ""
    value: str = ""
    known: tuple[str, ...] = ()
    existing: str = ""
    after: float = USUAL_WAIT

    def error(self, where: str, *, safe: bool) -> ConnectorError:
        """The error that says what happens next. safe: the call changed nothing over there."""
        said = f"{self.code}: {self.text}"
        match self.meaning:
            case "refused" | "unauthenticated" | "expired" | "clock":
                code, text, fix = _REFUSALS[self.meaning]
                fix = fix.format(connection=repr(self.connection))
                return Refused(text, code=code, where=where, said=said, fix=fix)
            case "throttled":
                return Throttled(f"they ask to wait {self.after:g} s.", after=self.after, where=where, said=said)
            case "stale":
                return Stale("the record changed since it was read.", code="C570", where=where, said=said)
            case "unreachable":
                return _later(where, said, safe=safe)
            case None if not self.ours:
                return _later(where, said, safe=safe)
        return self._rejected(f"{where} {self.field}".rstrip(), said)

    def _rejected(self, place: str, said: str) -> Rejected:
        code, text, fix = _REJECTIONS.get(self.meaning or "rejected", _REJECTIONS["rejected"])
        return Rejected(text, code=code, where=place, value=self.value, known=self.known, said=said, fix=fix)


def _later(where: str, said: str, *, safe: bool) -> ConnectorError:
    if safe:
        return Unreachable("their system failed.", code="C170", where=where, said=said, fix="it is tried again.")
    return Unknown("their system failed during a write.", code="C470", where=where, said=said)


def read_fault(element: etree._Element, system: SoapSystem, redact: Callable[[str], str]) -> Fault:
    """A SOAP 1.1 or 1.2 Fault by the declared paths. redact: takes our secrets out of what they say."""
    declared = system.faults
    soap_code = _first(element, "faultcode") or _first(element, "Code.Value")
    text = redact(_first(element, "faultstring") or _first(element, "Reason.Text"))
    detail = next((one for one in element if local(one) in ("detail", "Detail")), None)

    def said(path: str | None) -> list[str]:
        return texts(detail, path) if detail is not None and path else []

    soap_name = soap_code.rpartition(":")[2]
    subcode = _first(element, "Code.Subcode.Value").rpartition(":")[2]
    found = re.search(declared.code_in_text, text[:2000]) if declared.code_in_text else None
    candidates = [*said(declared.code), (found[1] or "") if found else "", subcode, soap_name]
    code = redact(next((one for one in candidates if one), ""))
    known = tuple(said(declared.known))
    return Fault(
        code=code,
        text=text,
        meaning=declared.meaning.get(code) or WSS.get(code),
        ours=soap_name.partition(".")[0] in ("Client", "Sender"),
        connection=system.connection,
        field=next(iter(said(declared.field)), ""),
        value=redact(next(iter(said(declared.value)), "")) if known else "",
        known=known,
        existing=next(iter(said(declared.existing)), ""),
        after=_seconds(next(iter(said(declared.after)), "")),
    )


def told_in(answer: Mapping[str, Any], system: SoapSystem, redact: Callable[[str], str]) -> Fault | None:
    """The error that a good answer tells by the declared path, or None. One that has no meaning refuses this record."""
    declared = system.faults.in_answer
    code = None if declared is None else paths.get(answer, declared.code)
    if declared is None or code is None or str(code) in declared.success:
        return None
    text = "" if declared.text is None else paths.get(answer, declared.text)
    code = redact(str(code))
    meaning = system.faults.meaning.get(code)
    return Fault(code, redact(str(text or "")), meaning, ours=True, connection=system.connection)


def _first(element: etree._Element, path: str) -> str:
    return next(iter(texts(element, path)), "")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return USUAL_WAIT
    return USUAL_WAIT if isnan(seconds) else min(max(seconds, 1.0), LONGEST_WAIT)
