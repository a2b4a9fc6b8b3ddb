"""The door for partners' webhooks: POST /webhooks/NAME, signed; answered once the hint is durable.

    204  taken: the record it names is to be read again; or it was taken before, and has no further effect
    401  forged, or more than five minutes old    404  no partner that sends webhooks    408  its body does not come
    413  larger than a hint can be                503  not kept now; the sender tries again, and polling goes on anyway

A line of the log says what became of each, with no word of what was sent. Next: `../hints.py`,
`connectors/webhooks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from connectors.base import Credentials, System
from connectors.declared import Webhooks
from connectors.errors import Refused
from connectors.webhooks import Forged, record_named, secrets_of, verified
from hub import hints
from hub.ledger import Ledger
from hub.serve.bodies import bounded

MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 5.0
"""For a body to come."""


@dataclass(frozen=True, slots=True)
class Senders:
    """Who may send webhooks. systems: by name, those that declare them. resolve: connection id -> credentials, asked
    for each webhook, so that a new secret is good at once. clock: for what is written."""

    systems: Mapping[str, System]
    resolve: Callable[[str], Credentials]
    ledger: Ledger
    clock: Callable[[], datetime]

    def receive(self, partner: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status for this webhook, once its hint is kept."""
        log = structlog.get_logger("casebridge").bind(partner=partner)
        system = self.systems.get(partner)
        if system is None or system.webhooks is None:
            return 404
        try:
            webhook = verified(body, headers, self.secrets(system, system.webhooks))
        except Forged as error:
            log.warning("webhook refused", why=str(error))
            return 401
        except Refused as error:
            log.error("webhook not taken", code=error.code, error=str(error))
            return 503
        native_id = record_named(body, system.webhooks)
        try:
            with self.ledger.transaction(self.clock()) as tx:
                if partner in tx.left:
                    return 410
                noted = hints.note(tx, partner, webhook, native_id)
        except sa.exc.OperationalError as error:
            log.error("webhook not kept", webhook=webhook, error=type(error.orig).__name__)
            return 503
        log.info("webhook " + noted, webhook=webhook, names_a_record=native_id is not None)
        return 503 if noted == "full" else 204

    def secrets(self, system: System, declared: Webhooks) -> tuple[str, ...]:
        """What this partner may sign with. Raises Refused."""
        return tuple(secrets_of(system, declared, self.resolve(system.connection)))


def door(senders: Senders) -> APIRouter:
    """The one route."""
    router = APIRouter()

    @router.post("/webhooks/{partner}")
    async def webhook(partner: str, request: Request) -> Response:
        if partner not in senders.systems:
            return Response(status_code=404)
        try:
            body = await bounded(request, MOST_BYTES, SECONDS)
        except TimeoutError:
            return Response(status_code=408, headers={"Connection": "close"})
        if body is None:
            return Response(status_code=413, headers={"Connection": "close"})
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Response(status_code=await run_in_threadpool(senders.receive, partner, headers, body))

    return router
