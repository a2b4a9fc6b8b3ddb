"""Southgate's SOAP 1.1, rpc/encoded as services of 2003 spoke it: parts without a namespace, elements in the order of
the alphabet, arrays beside the answer and referred to, line breaks in base64. And who may come in: WS-Security or a
session. Written from the standards, with lxml and nothing of the hub or of zeep.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import textwrap
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

ENV = "http://schemas.xmlsoap.org/soap/envelope/"
ENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{OASIS}wssecurity-utility-1.0.xsd"
SPACE = "urn:southgate:incident"
SPACES = {"env": ENV, "enc": ENC, "xsi": XSI, "xsd": XSD, "wsse": WSSE, "wsu": WSU, "inc": SPACE}
USER, PASSWORD = "casebridge", "bridge-secret"


class Fault(Exception):
    """A fault. code: the QName; detail: the service's own words."""

    def __init__(self, code: str, text: str, /, **detail: Any) -> None:
        super().__init__(text)
        self.code, self.text, self.detail = code, text, detail


class Doors:
    """Who may come in. way: digest, text or session. life: seconds of a session. clock: seconds since 1970, here."""

    def __init__(self, way: str, life: float, clock: Callable[[], float]) -> None:
        self.way, self.life, self.clock = way, life, clock
        self.sessions: dict[str, float] = {}
        self.nonces: set[str] = set()
        self.logins = 0
        self.lock = threading.Lock()

    def enter(self, envelope: etree._Element, operation: str) -> None:
        """Raises Fault for who is not known."""
        header = envelope.find(f"{{{ENV}}}Header")
        if self.way != "session":
            self._secured(None if header is None else header.find(f"{{{WSSE}}}Security"))
            return
        for one in [] if header is None else header:
            if one.get(f"{{{ENV}}}mustUnderstand") == "1":
                raise Fault("env:MustUnderstand", "a header that is not known here")
        if operation == "login":
            return
        token = "" if header is None else header.findtext(f"{{{SPACE}}}session") or ""
        with self.lock:
            if self.sessions.get(token, 0.0) < self.clock():
                raise Fault("env:Client", "log in first", code="session_over")

    def log_in(self, user: str, password: str) -> str:
        """A new session."""
        with self.lock:
            self.logins += 1
            if (user, password) != (USER, PASSWORD):
                raise Fault("env:Client", "who are you?", code="bad_login")
            token = secrets.token_urlsafe(18)
            self.sessions[token] = self.clock() + self.life
            return token

    def _secured(self, security: etree._Element | None) -> None:
        """OASIS WSS UsernameToken Profile 1.1, 3.1: a digest is Base64(SHA-1(nonce + created + password))."""
        token = None if security is None else security.find(f"{{{WSSE}}}UsernameToken")
        if security is None or token is None:
            raise Fault("wsse:InvalidSecurity", "no UsernameToken in the header")
        created, expires = (security.findtext(f"{{{WSU}}}Timestamp/{{{WSU}}}{name}") for name in ("Created", "Expires"))
        now = self.clock()
        if created is None or expires is None or not _seconds(created) - 5 <= now < _seconds(expires):
            raise Fault("wsu:MessageExpired", "the message has expired, or is not yet good")
        password = token.find(f"{{{WSSE}}}Password")
        said, kind = ("", "") if password is None else (password.text or "", password.get("Type", ""))
        if self.way == "text":
            good = kind.endswith("#PasswordText") and said == PASSWORD
        else:
            nonce, made = token.findtext(f"{{{WSSE}}}Nonce") or "", token.findtext(f"{{{WSU}}}Created") or ""
            digest = hashlib.sha1(base64.b64decode(nonce) + made.encode() + PASSWORD.encode()).digest()
            good = kind.endswith("#PasswordDigest") and hmac.compare_digest(said, base64.b64encode(digest).decode())
            with self.lock:
                if nonce in self.nonces or abs(_seconds(made) - now) > 300:
                    raise Fault("wsse:FailedAuthentication", "this message was sent before, or too long ago")
                self.nonces.add(nonce)
        if token.findtext(f"{{{WSSE}}}Username") != USER or not good:
            raise Fault("wsse:FailedAuthentication", "the token cannot be authenticated")


def opened(raw: bytes) -> tuple[etree._Element, etree._Element]:
    """The envelope, and the operation's element in it."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
    try:
        envelope = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Fault("env:Client", f"no XML: {error}", code="xml") from None
    body = envelope.find(f"{{{ENV}}}Body")
    if envelope.tag != f"{{{ENV}}}Envelope" or body is None or len(body) != 1:
        raise Fault("env:Client", "no SOAP 1.1 envelope", code="xml")
    if body[0].get(f"{{{ENV}}}encodingStyle") != ENC:
        raise Fault("env:Client", "only rpc/encoded is spoken here", code="xml")
    return envelope, body[0]


def told(operation: str, content: Mapping[str, Any]) -> bytes:
    """An answer: members in the order of the alphabet, a list of mappings as the element repeated, a tuple as an array
    that stands beside the answer and is referred to."""
    root = etree.Element(f"{{{ENV}}}Envelope", nsmap=SPACES)
    body = etree.SubElement(root, f"{{{ENV}}}Body")
    _write(body, etree.SubElement(body, f"{{{SPACE}}}{operation}Response"), content)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def fault(one: Fault) -> bytes:
    """A fault's envelope."""
    root = etree.Element(f"{{{ENV}}}Envelope", nsmap=SPACES)
    element = etree.SubElement(etree.SubElement(root, f"{{{ENV}}}Body"), f"{{{ENV}}}Fault")
    etree.SubElement(element, "faultcode").text = one.code
    etree.SubElement(element, "faultstring").text = _clean(one.text)
    if one.detail:
        _write(element, etree.SubElement(etree.SubElement(element, "detail"), "error"), one.detail)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _write(body: etree._Element, element: etree._Element, content: Mapping[str, Any]) -> None:
    for name, value in sorted(content.items()):
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            inner = etree.SubElement(element, name)
            if isinstance(one, Mapping):
                _write(body, inner, one)
            elif isinstance(one, tuple):
                _array(body, inner, one)
            elif isinstance(one, bytes):
                inner.text = "\n".join(textwrap.wrap(base64.b64encode(one).decode(), 76))
            else:
                inner.text = _clean(str(one))
                inner.set(f"{{{XSI}}}type", "xsd:string")


def _array(body: etree._Element, element: etree._Element, members: Sequence[Any]) -> None:
    known = f"id{sum(1 for _ in body)}"
    element.set("href", f"#{known}")
    array = etree.SubElement(body, "multiRef", {"id": known, f"{{{ENC}}}root": "0"})
    array.set(f"{{{ENC}}}arrayType", f"xsd:anyType[{len(members)}]")
    for one in members:
        inner = etree.SubElement(array, "item")
        if isinstance(one, Mapping):
            _write(body, inner, one)
        else:
            inner.text = _clean(str(one))


def _clean(text: str) -> str:
    return "".join(one if one in "\t\n\r" or " " <= one <= "\ud7ff" or one >= "\ue000" else "\ufffd" for one in text)


def _seconds(text: str) -> float:
    try:
        said = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return 0.0
    return said.replace(tzinfo=said.tzinfo or UTC).timestamp()


def real_clock(skew: float) -> Callable[[], float]:
    """A clock that goes this far before the true one."""
    return lambda: time.time() + skew
