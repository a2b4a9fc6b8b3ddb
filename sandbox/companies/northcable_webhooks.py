"""Northcable tells whoever wants to know that a ticket changed: webhooks, signed as Standard Webhooks 1.0 says.

    POST URL   webhook-id: msg_SEQ   {"type": "ticket.changed", "timestamp": "...", "data": {"id": 1001}}

One for each change, in the order of the change sequence, from the time on that the process started. One that is not
answered 2xx is tried again with the same id, three times in all; then it is lost. Next: `northcable.py`.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import requests
from standardwebhooks import Webhook

from sandbox.companies.rows import Record
from sandbox.companies.store import Store, now

WAITS: Final = (0.0, 0.2, 1.0)
"""Seconds before each try."""
LOOK: Final = 0.1
"""Seconds between two looks at the change sequence."""
SECONDS: Final = 5.0
"""For an answer."""


@contextmanager
def telling(store: Store, url: str, secret: str) -> Iterator[None]:
    """Webhooks to this address for the length of the block; none where it is empty."""
    if not url:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_tell, args=(store, url, Webhook(secret), ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(2 * SECONDS)


def _tell(store: Store, url: str, signer: Webhook, ended: threading.Event) -> None:
    newest = store.select(order="seq DESC", condition="1 = 1", limit=1)
    told = newest[0].seq if newest else 0
    with requests.Session() as session:
        session.trust_env = False
        while not ended.wait(LOOK):
            for record in store.after(told, 100):
                told = record.seq
                if not _sent(session, url, signer, record, ended):
                    logging.getLogger(__name__).warning("webhook msg_%s is lost", record.seq)


def _sent(session: requests.Session, url: str, signer: Webhook, record: Record, ended: threading.Event) -> bool:
    body = json.dumps({"type": "ticket.changed", "timestamp": record.changed.isoformat(), "data": {"id": record.id}})
    name = f"msg_{record.seq}"
    for wait in WAITS:
        if ended.wait(wait):
            return False
        headers = {"Content-Type": "application/json", **signed(signer, name, body, now())}
        try:
            if session.post(url, data=body, headers=headers, timeout=SECONDS, allow_redirects=False).ok:
                return True
        except requests.RequestException:
            continue
    return False


def signed(signer: Webhook, name: str, body: str, at: datetime) -> dict[str, str]:
    """The three headers."""
    # The library takes the time's own figures for UTC, so they have to be.
    utc = at.replace(tzinfo=None) - (at.utcoffset() or timedelta())
    stamp = str(int(at.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signer.sign(name, utc, body)}
