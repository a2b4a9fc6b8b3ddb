"""A form of one of our own pages: bounded in size and time, and sent by no other site.

Knows no page. Next: `feedback.py` and `partner.py`, whose forms they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from hub.serve.bodies import bounded

MOST_BYTES: Final = 32 * 1024
"""Of a form: its longest text in any script, each sign up to 12 bytes of it."""
SECONDS: Final = 5.0
MOST_FIELDS: Final = 20
FORM: Final = "application/x-www-form-urlencoded"


def site_of(url: str) -> str:
    """Scheme and host of our pages as others reach them, where that is known."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def is_cross_site(headers: Mapping[str, str], own: str) -> bool:
    """Whether another site had this sent. own: scheme and host of our page, "" where only the request knows its host.

    A browser says so itself (Fetch Metadata), else by the form's origin. Where it says neither, the form's mark speaks.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return origin != own and urlsplit(origin).netloc != headers.get("host", "")


async def form_of(request: Request, own: str) -> dict[str, str] | int:
    """Its fields, the first of each name; the status where it is no form of our page's."""
    if is_cross_site(request.headers, own):
        return 403
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return 415
    try:
        body = await bounded(request, MOST_BYTES, SECONDS)
        found = None if body is None else parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="replace"
        )  # fmt: skip
    except TimeoutError:
        return 408
    except ValueError:
        return 400
    return 413 if found is None else dict(reversed(found))
