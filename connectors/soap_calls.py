"""One call of a SOAP service: the message is made, signed and sent, and its answer read, a fault being one of them.

    told = calls.ask("update", {"id": "7", "body": {...}}, safe=False)     plain content, or a Fault

A call whose session is over, or whose time they do not take, was not applied: it is made anew, once. What cannot be
read is an error that never says that a write failed when it may have been done. Usable from several threads.
Knows no record. Next: `soap_wsdl.py` (by the contract), `soap_template.py` and `soap_tree.py` (without it),
`soap_security.py`, `session.py`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from requests.exceptions import InvalidHeader

from connectors import paths
from connectors.answer import Answer, too_large
from connectors.auth_declared import BasicAuth
from connectors.base import Credentials
from connectors.errors import Refused, Unknown
from connectors.evidence import About
from connectors.session import Opened, Session, life
from connectors.soap_auth import SessionLogin, UsernameToken
from connectors.soap_envelope import Message, body_of, fault_in, message, reply_in
from connectors.soap_fault import Fault, read_fault, told_in
from connectors.soap_operations import WITHIN, Operation, fill, text_of
from connectors.soap_proof import hold
from connectors.soap_security import PartnerClock, secure
from connectors.soap_system import SoapSystem
from connectors.soap_template import Template
from connectors.soap_tree import plain
from connectors.soap_wsdl import Contract
from connectors.soap_xml import BadXml, TooMuch, no_xml
from connectors.wire import Wire

Told = dict[str, Any] | Fault
_NOT_KNOWN: Final = ("expired", "unauthenticated")
_NAMES_US: Final = "C301"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask. safe: asking it again changes nothing over there. seconds: what it may take. about: whom it is
    about, for its evidence."""

    role: str
    operation: Operation
    values: Mapping[str, Any]
    where: str
    safe: bool
    seconds: float | None = None
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it. date: the answer's own Date."""

    told: Told
    date: str


class Calls:
    """See the module."""

    def __init__(
        self,
        system: SoapSystem,
        credentials: Credentials,
        wire: Wire,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Reads the contract. Raises Refused where it is not the declared one, or does not fit the declaration."""
        self._system, self._credentials, self._wire, self._monotonic = system, credentials, wire, monotonic
        needed = any(one.by_contract for one in system.every_operation.values())
        self._contract = Contract(system) if needed else None
        if self._contract:
            hold(system, self._contract)
        self._header = None if system.soap_header is None else Template(system.soap_header)
        self._version = self._contract.version if self._contract else system.soap
        self._base = credentials.url.rstrip("/")
        self._clock = PartnerClock(system.auth.skew if isinstance(system.auth, UsernameToken) else 0.0, clock)
        fix = f"check login and secret in connection {system.connection!r}, and `auth` in system.yaml."
        self._session = Session(
            self._log_in, what="session", where=f"{system.name} login", fix=fix, monotonic=monotonic
        )

    def ask(
        self,
        role: str,
        values: Mapping[str, Any],
        *,
        safe: bool,
        seconds: float | None = None,
        about: About | None = None,
    ) -> Told:
        """What it answers, or the fault that it answers. seconds: what it may take, by default the deadline. about:
        whom it is about, by default the records that the values name. Raises connector errors."""
        operation, about = self._system.operations[role], about or _named(values)
        asked = Asked(role, operation, values, f"{self._system.name} {operation.name}", safe, seconds, about)
        match self._system.auth:
            case SessionLogin():
                return self._in_session(asked)
            case UsernameToken(timestamp=timestamp):
                return self._at_their_time(asked, timestamp)
        return self._once(asked).told

    def _in_session(self, asked: Asked) -> Told:
        token = self._session.token()
        told = self._tried(asked, token, last=False)
        if told is None:
            told = self._tried(asked, self._session.token(instead_of=token), last=True)
        assert told is not None
        return told

    def _tried(self, asked: Asked, token: str, *, last: bool) -> Told | None:
        """What it answers in that session; None where the session is over and this is not the last try."""
        try:
            told = self._once(asked, token).told
        except Refused as error:
            if error.code != _NAMES_US:
                raise
            if not last:
                return None
            self._session.over(token)
            raise
        if isinstance(told, Fault) and told.meaning in _NOT_KNOWN:
            if not last:
                return None
            self._session.over(token)
        else:
            self._session.worked(token)
        return told

    def _at_their_time(self, asked: Asked, timestamp: int | None) -> Told:
        started, used = self._monotonic(), self._clock.skew
        heard = self._once(asked)
        told = heard.told
        if not isinstance(told, Fault) or told.meaning not in ("clock", "unauthenticated"):
            return told
        held_back = timestamp is not None and self._monotonic() - started > timestamp / 2
        if self._clock.learn(heard.date, used) or (held_back and told.meaning == "clock"):
            return self._once(asked).told
        return told

    def _log_in(self, _refused: str) -> Opened:
        started = self._monotonic()
        auth, where = self._system.auth, f"{self._system.name} login"
        assert isinstance(auth, SessionLogin)
        # Repeating a login changes nothing over there, whatever it is sent by.
        told = self._once(Asked("login", auth.login, {}, where, safe=True)).told
        fix = f"check login and secret in connection {self._system.connection!r}, and `auth` in system.yaml."
        if isinstance(told, Fault):
            if told.meaning in ("throttled", "unreachable") or (told.meaning is None and not told.ours):
                raise told.error(where, safe=True)  # nobody looked at who we are
            raise Refused("the login was refused.", code="C309", where=where, said=f"{told.code}: {told.text}", fix=fix)
        token, expires_in = (paths.get(told, auth.login.answer.get(name, "-")) for name in ("session", "expires_in"))
        if not isinstance(token, str | int) or not str(token).strip().isprintable() or not str(token).strip():
            raise Refused("the login was answered without a session.", code="C309", where=where, fix=fix)
        self._wire.redact.hide(str(token).strip())
        return Opened(str(token).strip(), started + life(expires_in))

    def _once(self, asked: Asked, session: str = "") -> Heard:
        who = {"session": session, "login": self._credentials.login, "password": self._credentials.password}
        made = self._message(asked, who)
        headers = {"Accept": "text/xml", **made.headers, **self._http(who)}
        auth = self._system.auth
        once = isinstance(auth, UsernameToken) and auth.password != "text"  # noqa: S105  which form, no secret
        url = f"{self._base}{self._system.path if asked.operation.path is None else asked.operation.path}"
        try:
            with self._wire.call(asked.where, safe=asked.safe, seconds=asked.seconds, once=once, about=asked.about):
                response = self._wire.session.post(url, data=made.raw(), headers=headers, allow_redirects=False)
        except (InvalidHeader, UnicodeError):
            raise self._unsayable("an HTTP header", asked.where) from None
        answer = self._wire.answer(response, where=asked.where, safe=asked.safe)
        return Heard(self._read(asked, answer), answer.headers.get("Date", ""))

    def _message(self, asked: Asked, who: Mapping[str, str]) -> Message:
        if any(no_xml(text) for text in who.values()):
            raise self._unsayable("XML", asked.where)
        operation, values, blank = asked.operation, {**asked.values, **who}, asked.role == "update"
        if operation.template is not None:
            empties = operation.empties if blank else None
            content = operation.template.fill(values, empties=empties, where=asked.where)
            made = message(content, self._version, operation.action)
        else:
            assert self._contract is not None
            arguments = fill(operation.arguments, values)
            made = self._contract.request(asked.role, arguments, blank=blank, where=asked.where)
        if self._header is not None and asked.role != "login":
            made.header().append(self._header.fill(who, empties=None, where=asked.where))
        if isinstance(self._system.auth, UsernameToken):
            secure(made.envelope, self._system.auth, self._credentials, self._clock.now())
        return made

    def _unsayable(self, place: str, where: str) -> Refused:
        text = f"login or secret of the connection {self._system.connection!r} cannot stand in {place}."
        return Refused(text, code="C384", where=where, fix="have them give one without such a character.")

    def _http(self, who: Mapping[str, str]) -> dict[str, str]:
        """The HTTP headers of who we are; a login is sent none that names its session."""
        told = {name: text_of(text, {**who, "session": who["session"] or None}) for name, text in
                self._system.headers.items()}  # fmt: skip
        auth = self._system.auth
        if self._credentials.login and (isinstance(auth, BasicAuth) or (isinstance(auth, SessionLogin) and auth.basic)):
            pair = f"{self._credentials.login}:{self._credentials.password}".encode()
            told["Authorization"] = f"Basic {b64encode(pair).decode('ascii')}"
        return {name: text for name, text in told.items() if text is not None}

    def _read(self, asked: Asked, answer: Answer) -> Told:
        if answer.status not in (200, 500):
            self._judge(answer)
        try:
            body = body_of(answer.body, self._version)
            fault = fault_in(body)
            if fault is not None:
                return read_fault(fault, self._system, self._wire.redact)
            self._judge(answer)
            content = self._content(asked, body)
        except BadXml as error:
            self._judge(answer)
            raise self._unreadable(answer, error) from None
        return told_in(content, self._system, self._wire.redact) or content

    def _content(self, asked: Asked, body: Any) -> dict[str, Any]:
        """The answer as plain content. Raises BadXml."""
        operation = asked.operation
        element = reply_in(body, operation.reply)
        if operation.reply is None:
            assert self._contract is not None
            return self._contract.answer(asked.role, element)
        known = None
        if asked.safe and asked.role != "login":
            roles = [one for one in WITHIN.get(asked.role, operation.answer) if one in operation.answer]
            errors = self._system.faults.in_answer
            told = [] if errors is None else [path for path in (errors.code, errors.text) if path is not None]
            known = [*(operation.answer[one] for one in roles), *operation.ignored, *told]
        return plain(element, body, namespaces=self._system.namespaces, lists=operation.lists, known=known)

    def _judge(self, answer: Answer) -> None:
        """Raises what the status means. Markup is not quoted: there may be a customer's words in it."""
        self._wire.judge(replace(answer, body=b"") if answer.body.lstrip().startswith(b"<") else answer)

    def _unreadable(self, answer: Answer, error: BadXml) -> Refused | Unknown:
        """No error of ours may say that a write failed when it may have been done."""
        if isinstance(error, TooMuch):
            return too_large(str(error), answer.where, safe=answer.safe)
        text = f"answered {answer.status} with no SOAP that we accept: {self._wire.redact(str(error))}."
        if answer.safe or answer.status >= 400:
            fix = "check the address in the connection, and whether the contract has changed."
            return Refused(text, code="C304", where=answer.where, fix=fix)
        return Unknown(text, code="C404", where=answer.where)


def _named(values: Mapping[str, Any]) -> About:
    """Whom a read is about: the records that its values name."""
    ids = values.get("ids", [values["id"]] if "id" in values else [])
    return About(native_ids=tuple(ids), hub_ids=(values["hub_id"],) if "hub_id" in values else ())
