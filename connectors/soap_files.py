"""Files of a SOAP service: base64 inside the answer and the request, so whole in memory and of a declared size.

Knows no envelope and no case. Next: `soap_push.py`, whose errors these are; `soap.py`, whose calls.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Generator, Mapping
from typing import Any, Protocol

from connectors.base import Change, Receipt, Record
from connectors.errors import Refused, Rejected
from connectors.evidence import About
from connectors.files import PIECE, bounded
from connectors.soap_fault import Fault
from connectors.soap_push import part_of, record_in, where_of
from connectors.soap_system import SoapSystem


class Service(Protocol):
    """What these need of the connector."""

    system: SoapSystem

    def ask(
        self,
        role: str,
        values: Mapping[str, Any],
        *,
        safe: bool,
        seconds: float | None = None,
        about: About | None = None,
    ) -> dict[str, Any] | Fault: ...
    def record(self, body: Mapping[str, Any], role: str) -> Record: ...


def read(service: Service, native_id: str, file_id: str, size: int | None) -> Generator[bytes, None, None]:
    """The bytes of one file. Raises Rejected C605 where they have it not."""
    system = service.system
    if "read_file" not in system.operations or system.files is None:
        raise Rejected("the declaration says not how a file is read.", code="C600", where=system.name)
    where, most = where_of(service, "read_file"), system.files.largest
    if size is not None and size > most:
        yield from bounded([bytes(most + 1)], most, size, where)  # it is not asked for
    seconds = system.files.seconds(most if size is None else size, system.deadline)
    answer = service.ask("read_file", {"id": native_id, "file": file_id}, safe=True, seconds=seconds)
    if isinstance(answer, Fault):
        if answer.meaning == "missing":
            raise Rejected("there is no such file.", code="C605", where=where, value=file_id)
        raise answer.error(where, safe=True)
    try:
        raw = b64decode("".join((part_of(service, "read_file", "content", answer) or "").split()), validate=True)
    except (binascii.Error, AttributeError, ValueError):
        fix = "compare system.yaml with the contract."
        raise Refused("answered a file that is no base64.", code="C378", where=where, fix=fix) from None
    yield from bounded((raw[start : start + PIECE] for start in range(0, len(raw), PIECE)), most, size, where)


def add(service: Service, change: Change) -> Receipt:
    """Add one. Raises the errors of connectors.errors."""
    system, content, native_id = service.system, change.content, change.native_id or ""
    if system.takes is None or content is None:
        raise Rejected("the declaration says not how a file is added.", code="C600", where=system.name)
    where = where_of(service, "add_file")
    raw = b"".join(bounded(content.read(), system.takes.largest, content.size, where))
    values = {"id": native_id, "told": change.body, "content": raw}
    seconds = system.takes.seconds(len(raw), system.deadline)
    answer = service.ask("add_file", values, safe=False, seconds=seconds, about=About.of(change))
    if isinstance(answer, Fault):
        raise answer.error(where, safe=False)
    file_id = part_of(service, "add_file", "file_id", answer)
    whole = record_in(service, "add_file", answer)
    return Receipt(change.key, native_id, whole, file_id=None if file_id is None else str(file_id))
