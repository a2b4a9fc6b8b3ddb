"""Files of a REST partner: read and added in a stream, by the paths that its declaration names.

What is told of a file goes beside its bytes: as fields of the form, or as parameters of the address where the body is
the file itself; or in a second step, which gives the file to its record.
Knows no case. Next: `files_sent.py` (how a file is sent), `rest_push.py` (what a refusal means).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

from connectors import files_sent, paths
from connectors.answer import Answer
from connectors.auth import SignedWire
from connectors.base import Change, Receipt
from connectors.errors import Refused, Rejected
from connectors.evidence import About
from connectors.files import Content, bounded
from connectors.inline import decoded
from connectors.rest_records import broken, unclear
from connectors.rest_system import RestSystem
from connectors.rest_writes import FileAdd, FileLink, RestFiles, Write


class RestFileCalls:
    """The calls. send: one way of writing, at a path, for a change. refused: what an answer of 400 and above means."""

    def __init__(
        self,
        system: RestSystem,
        signed: SignedWire,
        send: Callable[[Write, str, Mapping[str, Any], Change], Answer],
        refused: Callable[[Change, Answer], Rejected],
    ) -> None:
        self._system, self._signed, self._send, self._refused = system, signed, send, refused

    def read(self, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
        """The bytes of one file. Raises Rejected C605 where they have it not."""
        declared, where = self._declared(), f"{self._system.name} read_file {native_id} {file_id}"
        if declared is None or declared.get is None:
            raise Rejected("the declaration says not how a file is read.", code="C600", where=where)
        path = declared.get.format(id=quote(native_id, safe=""), file=quote(file_id, safe=""))
        seconds = declared.seconds(declared.largest if size is None else size, self._system.deadline)
        opened = self._signed.open(
            path, headers=self._system.headers, where=where, seconds=seconds, about=About(native_ids=(native_id,))
        )
        if opened.answer.page:
            text, fix = f"answered {opened.answer.status} with a page.", "correct `files.get` in system.yaml."
            raise Refused(text, code="C304", where=where, fix=fix)
        if opened.answer.status >= 300:
            said = self._signed.wire.said(opened.answer)
            text = f"there is no such file ({opened.answer.status})."
            raise Rejected(text, code="C605", where=where, value=file_id, said=said)
        with closing(opened.pieces):
            told = decoded(opened.pieces, declared.content, where) if declared.content else opened.pieces
            yield from bounded(told, declared.largest, size, where)

    def add(self, change: Change) -> Receipt:
        """Add one. Raises the errors of connectors.errors."""
        declared, content, where = self._declared(), change.content, f"{self._system.name} add_file {change.native_id}"
        if declared is None or declared.add is None or content is None:
            raise Rejected("the declaration says not how a file is added.", code="C600", where=where)
        add, deadline = declared.add, self._system.deadline
        words = {} if declared.link is not None else paths.leaves(change.body)
        told = {**add.constants, **{path: _text(word) for path, word in words.items()}}
        if add.encoding == "multipart":
            body, params = files_sent.form(content, told, add.part, change.key, deadline), None
        elif add.encoding == "json":
            body, params = _inline(add, content, change.body, deadline), None
        else:
            body, params = files_sent.raw(content, deadline, add.type), told
        answer = self._signed.send(
            add.method,
            self._path(add, change),
            safe=False,
            headers={**self._system.headers, "Content-Type": body.type},
            content=body if len(body) else b"",
            params=params,
            where=where,
            seconds=declared.seconds(content.size, deadline),
            about=About.of(change),
        )
        if answer.status >= 300:
            raise self._refused(change, answer)
        if declared.link is not None:
            self._link(declared.link, change, answer)
        told_id = paths.get(answer.json(), add.id) if add.id is not None and answer.body else None
        return Receipt(change.key, change.native_id, file_id=None if told_id is None else str(told_id))

    def _link(self, link: FileLink, change: Change, answer: Answer) -> None:
        """Give the file to its record. Where that fails nobody sees it there, and it may be sent again."""
        file: dict[str, Any] = paths.copied(change.body)
        for name, path in link.given.items():
            word = paths.get(answer.json(), path) if answer.body else None
            if word is None:
                raise unclear(broken(self._system, answer.where, f"files.link.given.{name}", path))
            paths.put(file, name, word)
        body: dict[str, Any] = {}
        paths.put(body, link.files, [file])
        linked = self._send(link, link.path.format(id=quote(change.native_id or "", safe="")), body, change)
        if linked.status >= 300:
            raise self._refused(change, linked)

    def _path(self, add: FileAdd, change: Change) -> str:
        name = change.content.name if change.content is not None else ""
        word = paths.get(change.body, add.by) if add.by else None
        path = add.paths.get(str(word), add.path)
        return path.format(id=quote(change.native_id or "", safe=""), name=quote(name, safe=""))

    def _declared(self) -> RestFiles | None:
        return self._system.files


def _inline(add: FileAdd, content: Content, told: Mapping[str, Any], deadline: float) -> files_sent.Upload:
    """The body: what is told of the file beside it, and constants around it. The file's place comes first in it, so
    that no name can be taken for it."""
    file: dict[str, Any] = {add.content: files_sent.mark(content)}
    if add.name:
        file[add.name] = files_sent.mime_word(content.name) if add.name_as == "mime_word" else content.name
    else:
        file |= paths.copied(told)
        file.pop(add.by, None)  # the way says it
    if add.mime_type:
        file[add.mime_type] = content.mime_type
    if not add.file:
        return files_sent.inline(content, {**file, **add.constants}, deadline)
    body: dict[str, Any] = {}
    paths.put(body, add.file, [file])
    return files_sent.inline(content, {**body, **add.constants}, deadline)


def _text(word: object) -> str:
    return ("true" if word else "false") if isinstance(word, bool) else "" if word is None else str(word)
