"""The login by user name, password and security token: the one call of Salesforce's SOAP API that we make.

It is sent once and never repeated by itself, whatever its answer: a wrong password that is sent again and again locks
the user out. A refusal comes as HTTP 500 with a fault. Knows no other way to log in. Next: `salesforce_grants.py`.

Sources: the public SOAP API guide, login() (the token follows the password; a client of an unknown address needs it),
simple-salesforce 1.12 (address, headers, CallOptions); INVALID_OPERATION where an org does not permit it, and from API
version 65.0 on, from public threads. Salesforce ends it for all versions in summer 2027.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from connectors import soap_xml
from connectors.answer import Answer
from connectors.base import Credentials
from connectors.errors import ConnectorError, Refused, Throttled, Unknown, Unreachable
from connectors.salesforce_system import SalesforceSystem
from connectors.wire import Wire

BUSY_WAIT: Final = 900.0
"""Seconds until a user who logged in too often is tried again; they name no time."""

_BUSY: Final = frozenset({"LOGIN_RATE_EXCEEDED", "REQUEST_LIMIT_EXCEEDED"})
_ILL: Final = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
_FIXES: Final[Mapping[str, str]] = {
    "INVALID_LOGIN": "check user name and password in the connection {connection!r}, and its `security_token`: a new "
    "one is mailed with each new password. Too many tries lock the user.",
    "LOGIN_MUST_USE_SECURITY_TOKEN": "put the user's `security_token` into the extra of the connection {connection!r}, "
    "or have its org trust our address.",
    "INVALID_OPERATION": "their org does not permit the SOAP login; declare `login: jwt_bearer` or client_credentials.",
    "PASSWORD_LOCKOUT": "have their administrator unlock the user.",
}
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:partner.soap.sforce.com">'
    "<env:Header><sf:CallOptions><sf:client>casebridge</sf:client></sf:CallOptions></env:Header>"
    "<env:Body><sf:login><sf:username>{username}</sf:username><sf:password>{password}</sf:password></sf:login>"
    "</env:Body></env:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a login gave. instance: scheme and host that the token is for. identity: `<base>/id/<org>/<user>`.

    token and instance are empty where the answer told none.
    """

    token: str
    instance: str
    identity: str


def soap_login(system: SalesforceSystem, credentials: Credentials, wire: Wire, where: str) -> Granted:
    """One login. Raises Refused, Throttled, Unreachable."""
    secret = credentials.password + str(credentials.extra.get("security_token", ""))
    wire.redact.hide(secret)
    body = _ENVELOPE.format(username=escape(credentials.login), password=escape(secret)).encode()
    url = f"{credentials.url}/services/Soap/u/{system.api}"
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login", "Accept": "text/xml"}
    try:
        with wire.call(where, safe=False):
            response = wire.session.post(url, data=body, headers=headers, allow_redirects=False)
        answer = wire.answer(response, where=where, safe=False)
        root = _parsed(answer) if answer.status in (200, 500) else None
        if root is None:
            wire.judge(answer)
    except Unknown as error:  # nobody knows whether they looked at it, and it changed nothing
        fix = "nothing was written; it is tried again."
        raise Unreachable("the login had no answer.", code="C154", where=where, said=error.said, fix=fix) from None
    if root is None and answer.status == 200:
        return Granted("", "", "")
    if root is None:
        raise Refused(f"the login was refused ({answer.status}).", code="C350", where=where, said=wire.said(answer))
    fault = next(iter(root.iter("{*}Fault")), None)
    if fault is not None:
        raise _refusal(fault, system, wire, where)
    return _granted(root)


def _parsed(answer: Answer) -> etree._Element | None:
    """The answer's XML; None where it is a page, or none that we accept."""
    try:
        return soap_xml.parse(answer.body)
    except soap_xml.BadXml:
        return None


def _granted(root: etree._Element) -> Granted:
    session, server, user, org = (_text(root, name) for name in ("sessionId", "serverUrl", "userId", "organizationId"))
    parts = urlsplit(server)
    instance = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return Granted(session, instance, f"{instance}/id/{org}/{user}" if org and user else "")


def _text(root: etree._Element, name: str) -> str:
    found = next(iter(root.iter(f"{{*}}{name}")), None)
    return (found.text or "").strip() if found is not None else ""


def _refusal(fault: etree._Element, system: SalesforceSystem, wire: Wire, where: str) -> ConnectorError:
    """What a fault means for us. Its code stands in the detail, and in SOAP's own faultcode too."""
    code = _text(fault, "exceptionCode") or _text(fault, "faultcode").rpartition(":")[2]
    message = _text(fault, "exceptionMessage") or _text(fault, "faultstring")
    said = wire.redact(f"{code}: {message}")
    if code in _BUSY:
        return Throttled("they take no more logins now.", after=BUSY_WAIT, where=where, said=said)
    if code in _ILL:
        return Unreachable("their login failed.", code="C105", where=where, said=said, fix="it is tried again.")
    usual = "ask their administrator what our user's profile permits; the code is one of Salesforce's."
    fix = _FIXES.get(code, usual).format(connection=system.connection)
    return Refused("the login was refused.", code="C350", where=where, said=said, fix=fix)
