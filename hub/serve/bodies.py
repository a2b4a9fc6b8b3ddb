"""A request's body, no larger than it may be and no later.

Next: `webhooks.py` and `feedback.py`, the doors that read one.
"""

from __future__ import annotations

import asyncio

from fastapi import Request


async def bounded(request: Request, most: int, seconds: float) -> bytes | None:
    """The body; None where it is larger than `most` bytes. Raises TimeoutError where it does not come in time."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > most:
        return None
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for part in request.stream():
            body += part
            if len(body) > most:
                return None
    return bytes(body)
