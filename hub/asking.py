"""Asking for the customer's word: one round each time a case is resolved, and a link to the hub's own page for it.

    https://care.example/feedback/TOKEN      TOKEN: id of the asking, when it ends, and our signature, in base64url

A link says nothing to who has no key: its id is a keyed digest of the case and the round. Its end is signed with it, so
a forged or expired one is known without a look into the ledger. It is good for one answer, while the case stands as it
was resolved. Inside a ledger transaction, but for the tokens. Next: `answering.py` (what an answer does),
`serve/feedback.py` (the page), `promises.py` (who asks).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

import sqlalchemy as sa

from hub.alliance import Alliance
from hub.keys import Keyring
from hub.rounds import round_of
from hub.state import Asked, CaseState
from hub.statements import Row, Statement
from hub.tables import askings
from hub.writing import Transaction

PATH: Final = "/feedback/"
PURPOSE: Final = "feedback link"
ID, END, MAC = 12, 4, 16
"""Bytes of a token's parts."""

Wrong = Literal["forged", "expired"]
_a = askings.c
_ID: sa.BindParameter[str] = sa.bindparam("named")
NAMED = Statement(sa.select(askings).where(_a.id == _ID))
NEW = Statement(sa.insert(askings), ("id", "case_id", "round", "asked_at", "until"))
USE = Statement(
    sa.update(askings)
    .where(_a.id == _ID, _a.used_at.is_(None))
    .values(used_at=sa.bindparam("now", type_=_a.used_at.type))
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a token says that we signed. wrong: why it is of no use; then asking says nothing."""

    asking: str
    wrong: Wrong | None = None


def ask(tx: Transaction, alliance: Alliance, state: CaseState) -> CaseState:
    """The case with this round asked for, which it was not yet: its entry, and a link that may be used once."""
    number, contact = round_of(state), state.contact_point
    asking = _id(tx.keyring, state.id, number)
    # whole minutes, as a token holds them
    until = (tx.now + alliance.agreement.closing.link).astimezone(UTC).replace(second=0, microsecond=0)
    row = NAMED.row(tx.session, {"named": asking})
    if row is None:
        NEW.run(tx.session, {"id": asking, "case_id": state.id, "round": number, "asked_at": tx.now, "until": until})
    link = f"{alliance.feedback_url}{PATH}{token(tx.keyring, asking, until)}" if alliance.feedback_url else ""
    state = replace(state, asked=Asked(number, tx.now, until, link))
    tx.append("asked", state, contact, detail={"round": number, "times": 1, "until": until.isoformat()})
    tx.keep_case(state)
    return state


def link_of(tx: Transaction, alliance: Alliance, state: CaseState) -> tuple[str, datetime, bool]:
    """(address, end, whether it was used) of the link of a case that was asked for in this round."""
    row = NAMED.row(tx.session, {"named": _id(tx.keyring, state.id, round_of(state))})
    if row is None:
        raise LookupError(f"{state.id} was not asked for yet")
    address = f"{alliance.feedback_url}{PATH}{token(tx.keyring, row['id'], row['until'])}"
    return address, row["until"], row["used_at"] is not None


def token(keyring: Keyring, asking: str, until: datetime) -> str:
    """The last part of a link's address."""
    plain = bytes.fromhex(asking) + int(until.timestamp() // 60).to_bytes(END, "big")
    return base64.urlsafe_b64encode(plain + keyring.sign(PURPOSE, plain)[:MAC]).decode().rstrip("=")


def read_token(keyring: Keyring, text: str, now: datetime) -> Named:
    """What a token that somebody sent says. Only the one that was made is taken: no other way of writing its bytes."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        return Named("", "forged")
    plain, mac = raw[: ID + END], raw[ID + END :]
    if len(raw) != ID + END + MAC or not keyring.is_signed(PURPOSE, plain, mac):
        return Named("", "forged")
    until = datetime.fromtimestamp(int.from_bytes(plain[ID:], "big") * 60, UTC)
    if token(keyring, plain[:ID].hex(), until) != text:
        return Named("", "forged")
    return Named(plain[:ID].hex(), "expired" if now >= until else None)


def found(tx: Transaction, asking: str) -> Row | None:
    """The asking of this id: case_id, round, used_at."""
    return NAMED.row(tx.session, {"named": asking})


def use(tx: Transaction, asking: str) -> bool:
    """Use it up; False where it was before."""
    return USE.run(tx.session, {"named": asking, "now": tx.now}) == 1


def _id(keyring: Keyring, case_id: str, number: int) -> str:
    return keyring.digest(f"asking\n{case_id}\n{number}".encode())[: 2 * ID]
