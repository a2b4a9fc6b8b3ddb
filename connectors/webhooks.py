"""A partner's webhooks: whether one is theirs and new, and which record it is about.

    webhooks: {record: data.id}          # system.yaml; the secret stands in the connection's extra

Signed as Standard Webhooks 1.0 says (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and raw body, with a
time at most five minutes off. A webhook is a hint and no more: the record is read by its id, nothing else that it says
is believed. Knows no server and no ledger. Next: `declared.py` (the declaration), `hub/serve/` (the server).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from connectors import paths, strict_json
from connectors.base import Credentials, System
from connectors.declared import Webhooks
from connectors.errors import Refused

PREFIX: Final = "whsec_"
SHORTEST: Final = 24
"""Bytes of a secret, as the standard asks."""
LONGEST: Final = 200
"""Characters of a webhook's id, and of a record's."""


class Forged(Exception):
    """Not signed by them, or not lately. The text says which of it and quotes nothing that was sent."""


def secrets_of(system: System, declared: Webhooks, credentials: Credentials) -> Sequence[str]:
    """The secrets that a signature may be made with. Raises Refused: C324 there is none, C325 one that is too weak."""
    where = f"connection {system.connection}"
    found = credentials.extra.get(declared.secret)
    texts = found.split() if isinstance(found, str) else []
    if not texts:
        text = f"its extra holds no {declared.secret!r}, with which {system.title} signs its webhooks."
        fix = f'add "{declared.secret}": "{PREFIX}..." to the connection\'s extra; both sides hold the same.'
        raise Refused(text, code="C324", where=where, fix=fix)
    for one in texts:
        if _bytes_in(one) < SHORTEST:
            text = f"{declared.secret!r} is no secret of {SHORTEST} bytes or more in base64."
            fix = f"make one of 32 random bytes: echo {PREFIX}$(openssl rand -base64 32)"
            raise Refused(text, code="C325", where=where, fix=fix)
    return texts


def verified(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> str:
    """The webhook's id, once one of the secrets bears it out. headers: names in lower case. Raises Forged."""
    webhook_id = headers.get("webhook-id", "")
    if not webhook_id or len(webhook_id) > LONGEST or not webhook_id.isprintable():
        raise Forged("it bears no usable webhook-id")
    why = "no signature of it is right"
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as error:
            why = str(error)
        except ValueError:  # a header that is no base64, a body that is no text
            continue
        else:
            return webhook_id
    raise Forged(why)


def record_named(body: bytes, declared: Webhooks) -> str | None:
    """The native id of the record that a webhook is about; None where it names none that could be asked for."""
    try:
        found = paths.get(strict_json.parse(body), declared.record)
    except strict_json.BadJson:
        return None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = str(found)
    usable = text.isprintable() and 0 < len(text) <= LONGEST and text.strip() == text and text not in (".", "..")
    return text if usable else None


def _bytes_in(secret: str) -> int:
    text = secret.removeprefix(PREFIX)
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        return 0
