"""A company's own door to the hub: what it may see of the exchange, and stopping its own edges, without the operator.

Who has the link is the company, until the link's end: it is signed by the ledger's key, kept nowhere, and good for
nothing else. A pause through it is an act of the ledger with who and why, like the operator's; one that the operator
made is not ended here. Talks to no partner. Next: `serve/partner.py` (the page), `own_log.py`, `pausing.py`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import sqlalchemy as sa

from hub import pausing
from hub.keys import Keyring
from hub.tables import pauses
from hub.writing import Transaction

PATH: Final = "/partner/"
PURPOSE: Final = "a company's own door"
MAC: Final = 16
Stands = Literal["open", "expired", "forged", "left"]


@dataclass(frozen=True, slots=True)
class Key:
    """What a link says. partner: "" where it says nothing."""

    partner: str
    stands: Stands


def token(keyring: Keyring, partner: str, until: datetime) -> str:
    """The last part of a link's address."""
    plain = f"{int(until.timestamp())}:{partner}".encode()
    return base64.urlsafe_b64encode(keyring.sign(PURPOSE, plain)[:MAC] + plain).decode().rstrip("=")


def key_of(tx: Transaction, text: str) -> Key:
    """What a token that somebody sent opens. Only the one that was made is taken: no other way of writing its bytes."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        end, _, partner = raw[MAC:].decode().partition(":")
        until = datetime.fromtimestamp(int(end), UTC)
    except (ValueError, OverflowError, OSError):
        return Key("", "forged")
    if not tx.keyring.is_signed(PURPOSE, raw[MAC:], raw[:MAC]) or token(tx.keyring, partner, until) != text:
        return Key("", "forged")
    if pausing.has_left(tx, partner):
        return Key(partner, "left")
    return Key(partner, "expired" if tx.now >= until else "open")


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing is exchanged with the company. own: it said so itself, so it may end it."""

    who: str
    why: str
    since: datetime
    own: bool


def pause_of(tx: Transaction, partner: str) -> Pause | None:
    """How the company stands; None: it is exchanged with."""
    query = sa.select(pauses).where(pauses.c.scope == "partner", pauses.c.name == partner)
    row = tx.connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    mark = _mark(partner)
    own = row["who"].endswith(mark)
    return Pause(row["who"].removesuffix(mark), row["why"], row["since"], own)


def stop(tx: Transaction, partner: str, who: str, why: str) -> bool:
    """The company stops its own edges; False where it is stopped already."""
    return pausing.pause(tx, "partner", partner, who + _mark(partner), why)


def go_on(tx: Transaction, partner: str, who: str, why: str) -> bool:
    """The company ends its own pause; False where there is none, or where somebody else made it."""
    now = pause_of(tx, partner)
    return now is not None and now.own and pausing.resume(tx, "partner", partner, who + _mark(partner), why)


def _mark(partner: str) -> str:
    """Stands after a name that came through the company's own door."""
    return f" (of {partner})"
