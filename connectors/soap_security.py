"""The WS-Security header of a message: UsernameToken and Timestamp, by zeep's own plug-in, at the partner's time.

Times are those of the partner's clock as far as it is known: a service refuses a message that its own clock calls old
or not yet made. A declared skew stands; a measured one is learnt from the Date of the answer that refused our time.
Knows no wire and no declaration but its own. Next: `soap_calls.py`, which signs with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from lxml import etree
from zeep.wsse import UsernameToken as ZeepToken
from zeep.wsse import utils as wsse

from connectors.base import Credentials
from connectors.soap_auth import UsernameToken

NOTICED: Final = 5.0
"""Seconds by which two clocks have to differ before a message is made once more: an HTTP date has whole ones."""
WSSE: Final = wsse.NSMAP["wsse"]
WSU: Final = wsse.NSMAP["wsu"]


class PartnerClock:
    """What time it is over there, as far as we know. Usable from several threads."""

    def __init__(self, skew: float | str, clock: Callable[[], datetime]) -> None:
        self._measured, self._clock = skew == "measured", clock
        self.skew = 0.0 if isinstance(skew, str) else skew

    def now(self) -> datetime:
        """Aware, in UTC."""
        return self._clock().astimezone(UTC) + timedelta(seconds=self.skew)

    def learn(self, date: str, used: float) -> bool:
        """Whether an answer's Date tells that the skew that was used is another one; it is known from then on."""
        try:
            said = parsedate_to_datetime(date)
        except ValueError:
            return False
        there = said if said.tzinfo else said.replace(tzinfo=UTC)
        found = (there - self._clock()).total_seconds()
        if not self._measured or abs(found - used) <= NOTICED:
            return False
        self.skew = found
        return True


def secure(envelope: etree._Element, token: UsernameToken, credentials: Credentials, now: datetime) -> None:
    """Add the header to an envelope. now: by the partner's clock."""
    header = wsse.get_security_header(envelope)
    if token.must_understand:
        header.set(f"{{{etree.QName(envelope).namespace}}}mustUnderstand", "1")
    stamp: Any = None
    if token.timestamp is not None:
        stamp = wsse.WSU.Timestamp(
            wsse.WSU.Created(wsse.get_timestamp(now, zulu_timestamp=True)),
            wsse.WSU.Expires(wsse.get_timestamp(now + timedelta(seconds=token.timestamp), zulu_timestamp=True)),
        )
        stamp.set(wsse.ID_ATTR, wsse.get_unique_id())
    ZeepToken(
        credentials.login,
        credentials.password,
        use_digest=token.password != "text",  # noqa: S105  which form, no secret
        hash_password=token.password == "digest_of_hash",  # noqa: S105  which form, no secret
        created=now,
        timestamp_token=stamp,
        zulu_timestamp=True,
    ).apply(envelope, {})
