"""Files of a REST partner: read and added in a stream, by the paths that its declaration names.

What is told of a file goes beside its bytes: as fields of the form, or as parameters of the address where the body is
the file itself. Knows no case. Next: `files_sent.py` (how a file is sent), `rest_push.py` (what a refusal means).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from urllib.parse import quote

from connectors import files_sent, paths
from connectors.answer import Answer
from connectors.auth import SignedWire
from connectors.base import Change, Receipt
from connectors.errors import Refused, Rejected
from connectors.files import bounded
from connectors.rest_system import RestSystem
from connectors.rest_writes import FileAdd, RestFiles


class RestFileCalls:
    """The two calls. refused: what an answer of 400 and above means for a change."""

    def __init__(self, system: RestSystem, signed: SignedWire, refused: Callable[[Change, Answer], Rejected]) -> None:
        self._system, self._signed, self._refused = system, signed, refused

    def read(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file. Raises Rejected C605 where they have it not."""
        declared, where = self._declared(), f"{self._system.name} read_file {native_id} {file_id}"
        if declared is None or declared.get is None:
            raise Rejected("the declaration says not how a file is read.", code="C600", where=where)
        path = declared.get.format(id=quote(native_id, safe=""), file=quote(file_id, safe=""))
        seconds = declared.seconds(declared.largest if size is None else size, self._system.deadline)
        opened = self._signed.open(path, headers=self._system.headers, where=where, seconds=seconds)
        if opened.answer.page:
            text, fix = f"answered {opened.answer.status} with a page.", "correct `files.get` in system.yaml."
            raise Refused(text, code="C304", where=where, fix=fix)
        if opened.answer.status >= 300:
            said = self._signed.wire.said(opened.answer)
            text = f"there is no such file ({opened.answer.status})."
            raise Rejected(text, code="C605", where=where, value=file_id, said=said)
        with closing(opened.pieces):
            yield from bounded(opened.pieces, declared.largest, size, where)

    def add(self, change: Change) -> Receipt:
        """Add one. Raises the errors of connectors.errors."""
        declared, content, where = self._declared(), change.content, f"{self._system.name} add_file {change.native_id}"
        if declared is None or declared.add is None or content is None:
            raise Rejected("the declaration says not how a file is added.", code="C600", where=where)
        add, deadline = declared.add, self._system.deadline
        told = {**add.constants, **{path: _text(word) for path, word in paths.leaves(change.body).items()}}
        if add.encoding == "multipart":
            body, params = files_sent.form(content, told, add.part, change.key, deadline), None
        else:
            body, params = files_sent.raw(content, deadline), told
        answer = self._signed.send(
            add.method,
            self._path(add, change),
            safe=False,
            headers={**self._system.headers, "Content-Type": body.type},
            content=body if len(body) else b"",
            params=params,
            where=where,
            seconds=declared.seconds(content.size, deadline),
        )
        if answer.status >= 300:
            raise self._refused(change, answer)
        told_id = paths.get(answer.json(), add.id) if add.id is not None and answer.body else None
        return Receipt(change.key, change.native_id, file_id=None if told_id is None else str(told_id))

    def _path(self, add: FileAdd, change: Change) -> str:
        name = change.content.name if change.content is not None else ""
        return add.path.format(id=quote(change.native_id or "", safe=""), name=quote(name, safe=""))

    def _declared(self) -> RestFiles | None:
        return self._system.files


def _text(word: object) -> str:
    return ("true" if word else "false") if isinstance(word, bool) else "" if word is None else str(word)
