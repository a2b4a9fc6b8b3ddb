"""One whole answer of a partner's system, as the kinds read it. Knows no socket. Next: `wire.py`, which gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import strict_json
from connectors.errors import Refused, Unknown


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. seconds: from the first byte sent to the last received. safe: as the call was."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    where: str
    safe: bool

    @property
    def page(self) -> bool:
        """A page for people, by a proxy or another server in the way: what its status says is not said of a record."""
        return "html" in self.headers.get("Content-Type", "").lower() and bool(self.body.strip())

    def json(self) -> Any:
        """The body by the strict parser. Raises Refused after a safe call, Unknown after a write, maybe applied."""
        try:
            return strict_json.parse(self.body)
        except strict_json.TooMuch as error:
            raise too_large(f"{error}", self.where, safe=self.safe) from None
        except strict_json.BadJson as error:
            kind = self.headers.get("Content-Type", "no type").partition(";")[0][:60]
            text = f"answered {self.status} with no JSON that we accept ({kind}): {error}."
            if self.safe or self.status >= 400:
                fix = "check the address in the connection; a login page or a proxy often answers in HTML."
                raise Refused(text, code="C304", where=self.where, fix=fix) from None
            raise Unknown(text, code="C404", where=self.where) from None


def too_large(what: str, where: str, *, safe: bool) -> Refused | Unknown:
    """An answer that is not read because of its size. what: how it is too large."""
    if not safe:
        return Unknown(f"answered {what}.", code="C404", where=where)
    fix = "lower `page` in system.yaml; where one record is that large, raise `largest_answer`."
    return Refused(f"answered {what}.", code="C305", where=where, fix=fix)
