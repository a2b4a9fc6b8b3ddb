"""What the companies agreed on about the end of a case: from which score it closes, and how its customer is asked.

A declaration, part of agreement.yaml. Times to ask again are working time of the contact point's calendar; a link's is
the customer's, day and night. Pure. Next: `asking.py`, `acts.py`, which close by it.
"""

from __future__ import annotations

from pydantic import Field

from connectors.declared import Declared
from hub.commitments import Duration


class Closing(Declared):
    """When the hub may close a case, and how the customer's word is asked for."""

    threshold: int = Field(4, ge=1, le=5, description="feedback of at least this, of 5, is positive")
    link: Duration = Field(
        "1440 h",
        validate_default=True,
        description="how long the link to the hub's own feedback page may be used once it was given out, by the clock "
        "on the wall",
    )
