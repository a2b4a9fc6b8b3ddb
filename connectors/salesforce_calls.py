"""Every call to a Salesforce org: over simple-salesforce, with each answer judged before that library sees it.

simple-salesforce builds the URLs and headers. Its object calls log in without end when a session is refused, so only
its `restful` is used, with a session made by us: a hook reads each answer first and names what happened.
Knows no case and no query. Sources: the public REST API documents (errors are an array of {message, errorCode},
Sforce-Limit-Info, query locators), and simple-salesforce 1.12. Next: `salesforce.py` reads, `salesforce_collections.py`
writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import requests

from connectors import strict_json
from connectors.answer import Answer
from connectors.errors import ConnectorError, Refused, Rejected, Throttled, Unreachable
from connectors.evidence import About
from connectors.files_sent import Upload
from connectors.salesforce_answers import LocatorGone, Rows, first_error, rows_of_query, whole
from connectors.salesforce_composite import Part
from connectors.salesforce_login import MOST_LOGINS, Login, Session
from connectors.salesforce_system import METADATA, SalesforceSystem
from connectors.wire import Opened, Wire

Answered = TypeVar("Answered")

QUOTA_WAIT = 900.0
"""Seconds between two looks at an org whose daily calls are used up; Salesforce names no time itself."""

MOST_ANSWERS = 500
"""Answers to one query whose rows are all wanted at once."""

WIDEST = MappingProxyType({"Sforce-Query-Options": "batchSize=2000"})
"""As many rows an answer as there may be; a query's own LIMIT asks for fewer."""

_GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"})
_COLUMN = re.compile(r"No such column '(\w+)'")
CSV = "text/csv; charset=UTF-8"


class _Expired(Exception):
    """The session was answered 401."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request. path: below /services/data/vNN.0/. A GET is safe to repeat; reads: another method that is.
    csv: what goes out, or comes back, is a table and no JSON. seconds: what it may take, None: the deadline.
    about: whom it is about, for its evidence."""

    method: str
    path: str
    where: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: bytes | Upload | None = None
    reads: bool = False
    csv: bool = False
    seconds: float | None = None
    about: About | None = None

    @property
    def safe(self) -> bool:
        return self.reads or self.method == "GET"


class Calls:
    """What can be asked of the org, in Salesforce's terms. Raises connectors.errors only, and LocatorGone."""

    def __init__(self, system: SalesforceSystem, wire: Wire, login: Login) -> None:
        self.system, self.wire, self.login = system, wire, login
        self._used, self._most = 0, 0

    def get(self, path: str, where: str) -> Any:
        """The answer to a GET below /services/data/vNN.0/."""
        return self._ask(_Asked("GET", path, self._place(where)))

    def query(self, soql: str, where: str, *, deleted: bool = False, about: About | None = None) -> Rows:
        """The first answer of a query; deleted: rows in the bin too, their IsDeleted says so."""
        path = "queryAll" if deleted else "query"
        return rows_of_query(
            self._ask(_Asked("GET", path, self._place(where), {"q": soql}, WIDEST, about=about)), self._place(where)
        )

    def _more(self, rest: str, where: str) -> Rows:
        return rows_of_query(self._ask(_Asked("GET", rest, self._place(where))), self._place(where))

    def rows(self, soql: str, where: str, *, deleted: bool = False, about: About | None = None) -> list[dict[str, Any]]:
        """All rows of a query that is bounded by ids or a time. A lost locator starts it once again."""
        for _ in range(2):
            with suppress(LocatorGone):
                return list(self._all(soql, where, deleted, about))
        text = "the rest of the rows was not kept until it was asked for."
        fix = "nothing was written; it is tried again."
        raise Unreachable(text, code="C155", where=self._place(where), fix=fix)

    def rows_in(self, told: Any, where: str) -> list[dict[str, Any]]:
        """The rows of a query's answer that came as a part, and of those behind it. Raises LocatorGone too."""
        first = rows_of_query(told, self._place(where))
        return [*first.rows, *self.rest(first.rest, where)]

    def _all(self, soql: str, where: str, deleted: bool, about: About | None) -> Iterator[dict[str, Any]]:
        answer = self.query(soql, where, deleted=deleted, about=about)
        yield from answer.rows
        yield from self.rest(answer.rest, where)

    def rest(self, rest: str | None, where: str) -> Iterator[dict[str, Any]]:
        """The rows behind a locator. Raises LocatorGone, and Refused where they do not come to an end."""
        for _ in range(MOST_ANSWERS):
            if rest is None:
                return
            answer = self._more(rest, where)
            yield from answer.rows
            rest = answer.rest
        text = f"more than {MOST_ANSWERS} answers to one query."
        raise Refused(text, code="C359", where=self._place(where), fix="ask their administrator what our user may see.")

    def read(self, path: str, body: bytes, where: str, about: About | None = None) -> Any:
        """The answer to a POST that only reads, and may be tried again as a GET may."""
        return self._ask(_Asked("POST", path, self._place(where), body=body, reads=True, about=about))

    def write(self, method: str, path: str, body: bytes, where: str, about: About | None = None) -> Any:
        """The answer to a write. Rejected: the whole request was refused, nothing is applied."""
        return self._ask(_Asked(method, path, self._place(where), body=body, about=about))

    def upload(self, path: str, table: bytes, where: str, about: About | None = None) -> None:
        """PUT of a table, answered by nothing."""
        self._ask(_Asked("PUT", path, self._place(where), body=table, csv=True, about=about))

    def table(self, path: str, where: str) -> bytes:
        """A table that is got."""
        answer: bytes = self._ask(_Asked("GET", path, self._place(where), csv=True))
        return answer

    def send(self, path: str, upload: Upload, where: str, seconds: float, about: About) -> Any:
        """The answer to the POST of a file. Raises as `write` does, and Stale where nothing whole was sent."""
        headers = {"Content-Type": upload.type}
        return self._ask(_Asked("POST", path, self._place(where), None, headers, upload, seconds=seconds, about=about))

    def open(self, path: str, where: str, seconds: float, about: About) -> Generator[bytes, None, None] | None:
        """What a GET answers, piece by piece; None where there is no such thing. To be closed by who does not read it
        to the end."""
        place = self._place(where)
        opened = self._over_sessions(place, lambda session: self._opened(session, path, place, seconds, about))
        if opened.answer.status >= 300:
            return None
        if opened.answer.page:
            opened.pieces.close()
            fix = "see what stands between us and them."
            raise Refused(f"answered {opened.answer.status} with a page.", code="C304", where=place, fix=fix)
        return opened.pieces

    def refusal(self, part: Part, where: str) -> ConnectorError:
        """What a part of a written call says that was not done."""
        return self._named(Answer(part.status, {}, strict_json.dump(part.told), 0.0, self._place(where), safe=False))

    def identity(self) -> str:
        """The URL that names org and user, as the login told it."""
        return self.login.session().identity

    def _place(self, where: str) -> str:
        return f"{self.system.name} {where}"

    def _ask(self, asked: _Asked) -> Any:
        """The strictly read answer."""
        return self._over_sessions(asked.where, lambda session: self._once(session, asked))

    def _over_sessions(self, place: str, call: Callable[[Session], Answered]) -> Answered:
        """The answer of a call, over as many sessions as may be tried."""
        self._hold(place)
        for _ in range(MOST_LOGINS):
            session = self.login.session()
            try:
                return call(session)
            except _Expired:
                self.login.expired(session)
        self.login.session()  # says why there is none
        raise Refused("every session was refused.", code="C351", where=place, fix="ask the org's administrator.")

    def _opened(self, session: Session, path: str, place: str, seconds: float, about: About) -> Opened:
        """The head of an answer that is read piece by piece, or one that says that there is no such thing."""

        def judge(answer: Answer) -> Answer:
            if answer.status in (404, 410) and not answer.page:
                self._count(session, answer)
                return answer
            self._judged(session, answer, csv=False)
            return answer  # of 2xx only, which is not asked

        url = f"{session.client.base_url}{path}"
        headers = {"Authorization": f"Bearer {session.client.session_id}"}
        opened = self.wire.open(url, headers=headers, where=place, seconds=seconds, judge=judge, about=about)
        self._count(session, opened.answer)
        self.login.worked(session)
        return opened

    def _once(self, session: Session, asked: _Asked) -> Any:
        answers: list[Any] = []

        def read(response: requests.Response, **_: object) -> None:
            answer = self.wire.answer(response, where=asked.where, safe=asked.safe)
            answers.append(self._judged(session, answer, asked.csv))
            response._content = b"[]"  # it was read, strictly: the library is not to read all of it once more

        table = {"Content-Type": CSV, "Accept": CSV} if asked.csv else {}
        with self.wire.call(asked.where, safe=asked.safe, seconds=asked.seconds, about=asked.about):
            session.client.restful(
                asked.path, method=asked.method, params=asked.params,
                headers={**(asked.headers or {}), **table}, data=asked.body, hooks={"response": read},
            )  # fmt: skip
        return answers[-1]

    def _judged(self, session: Session, answer: Answer, csv: bool) -> Any:
        """One answer, strictly read; or raises what happened, before simple-salesforce looks at it."""
        self._count(session, answer)
        if answer.status == 401:
            raise _Expired
        self.login.worked(session)
        if 200 <= answer.status < 300:
            return answer.body if csv else whole(answer)
        raise self._named(answer)

    def _count(self, session: Session, answer: Answer) -> None:
        usage = session.client.parse_api_usage(answer.headers.get("Sforce-Limit-Info", "")).get("api-usage")
        if usage:
            self._used, self._most = usage.used, usage.total

    def _hold(self, where: str) -> None:
        """Keep within our share of the org's calls: others need theirs."""
        if self._most and self._used >= self.system.quota.share * self._most:
            raise Throttled(
                f"{self._used} of the org's {self._most} calls a day are used up.", after=QUOTA_WAIT, where=where,
                fix="wait, buy calls, poll less often, or raise `quota.share` in system.yaml.",
            )  # fmt: skip

    def _named(self, answer: Answer) -> ConnectorError:
        code, message = first_error(answer)
        said = self.wire.redact(f"{code}: {message}" if code else self.wire.said(answer))
        if code == "REQUEST_LIMIT_EXCEEDED":
            return Throttled("the org's calls are used up.", after=QUOTA_WAIT, where=answer.where, said=said)
        if code == "INVALID_QUERY_LOCATOR":
            raise LocatorGone(said)
        try:
            self.wire.judge(answer)
        except ConnectorError as error:
            return error
        if code in _GONE and not answer.safe:
            text, fix = "the record is not there any more.", "see in their system whether it was deleted or merged."
            return Rejected(text, code="C653", where=answer.where, said=said, fix=fix)
        if answer.safe or answer.status in (404, 405, 410):
            text = f"they refuse the request itself ({answer.status})."
            return Refused(text, code="C352", where=answer.where, said=said, fix=self._mending(code, message))
        return Rejected(f"they refuse the request ({answer.status}).", code="C656", where=answer.where, said=said)

    def _mending(self, code: str, message: str) -> str:
        """What to do about a request that is refused as a whole."""
        system, column = self.system, _COLUMN.search(message)
        missing = column.group(1) if code == "INVALID_FIELD" and column else ""
        told = f"`casebridge describe {system.name}`"
        if missing == system.hub_id:
            return f"have their administrator deploy {METADATA} and give our user its permission set; see {told}."
        if missing in system.fields:
            return f"{missing} is not there, or hidden from our user: ask their administrator; {told} says what else."
        return (
            f"compare object and fields in {system.name}'s system.yaml with {told}; a field may have been renamed, or "
            "hidden from our user."
        )
