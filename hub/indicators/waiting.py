"""For whom customers wait, and where at an edge the time goes. Of the family timeliness.

A part of the catalogue; pure. Next: `hub/stories.py`, whose stories are the examples; `hub/happened.py` for facts.
"""

from __future__ import annotations

from hub.measures import Indicator, mean_of_sums, total
from hub.stories import ROAD

WAITING: tuple[Indicator, ...] = (
    Indicator(
        id="time_in_hands",
        name="Time in company hands",
        family="timeliness",
        question="How long do we work on it?",
        formula="Time of the stretches that ended in which a company answered for a case and worked on it, summed by "
        "case, as a mean over the cases that had any. A company's: its own stretches.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("work",),
        example=ROAD.shows({"whole": 6600, "northcable": 1800, "telvoz": 4800}),
        sampled=True,
    ),
    Indicator(
        id="time_with_third_party",
        name="Waiting for a third party",
        family="timeliness",
        question="Who outside holds us up?",
        formula="The same of the stretches in which another party than the companies and the customer was waited for "
        "(status held). A company's: those in which it answered for the case.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("third party",),
        example=ROAD.shows({"whole": None, "telvoz": None}),
        sampled=True,
    ),
    Indicator(
        id="time_at_edge",
        name="Time at the edge",
        family="timeliness",
        question="Where does nobody work on it?",
        formula="Time of the stretches that ended in which a case was offered and nobody had accepted it, summed by "
        "case, as a mean over the cases that had any; of the hub's own clock. By sort of stretch: transport "
        "until it stands in the receiver's system, queue until somebody there acts, decision until that side "
        "accepts or gives it back. A company's: offers to it.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("transport", "queue", "decision"),
        by="stretch",
        example=ROAD.shows({"whole": 2400, "telvoz": 2400, "northcable>telvoz": 2400, "stretch:queue": 1200}),
        by_edge=True,
    ),
    Indicator(
        id="edge_transport",
        name="Time at the edge: transport",
        family="timeliness",
        question="Is it the technology?",
        formula="The part of it until the case stands in the receiver's system, a mean over the cases that had any. A "
        "company's: offers to it.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("transport",),
        example=ROAD.shows({"whole": 600, "telvoz": 600, "northcable>telvoz": 600}),
        by_edge=True,
    ),
    Indicator(
        id="edge_queue",
        name="Time at the edge: queue",
        family="timeliness",
        question="Does it lie?",
        formula="The part of it until somebody of the receiver acts on the case, a mean over the cases that had any. "
        "A company's: offers to it.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("queue",),
        example=ROAD.shows({"whole": 1200, "telvoz": 1200, "northcable>telvoz": 1200}),
        by_edge=True,
    ),
    Indicator(
        id="edge_decision",
        name="Time at the edge: people deciding",
        family="timeliness",
        question="Do we argue whose it is?",
        formula="The part of it from the receiver's first act until it accepts the case or gives it back, a mean over "
        "the cases that had any. A company's: offers to it.",
        unit="s",
        better="lower",
        fact="caused",
        take=mean_of_sums,
        parts=("decision",),
        example=ROAD.shows({"whole": 600, "telvoz": 600, "northcable>telvoz": 600}),
        by_edge=True,
    ),
    Indicator(
        id="share_of_wait",
        name="Share of the customer's wait",
        family="timeliness",
        question="What did each of us make the customer wait?",
        formula="Of all time of the stretches that ended in which a customer waited for the companies, the share in "
        "percent; companies and edges sum to the whole, which is 100. A company's: the stretches in which it "
        "answered for the case, at no edge. An edge's: the offers over it.",
        unit="%",
        better="lower",
        fact="caused",
        take=total,
        side="alone",
        example=ROAD.shows({"whole": 100, "northcable": 20, "telvoz": 160 / 3, "northcable>telvoz": 80 / 3}),
        by_edge=True,
        of_whole=True,
        sampled=True,
    ),
    Indicator(
        id="waiting_for_customer",
        name="Waiting for the customer",
        family="timeliness",
        question="How long do we wait for the customer?",
        formula="Time of the stretches that ended in which the customer was asked for something (status pending), "
        "summed by case, as a mean over the cases that had any. A company's: those in which it answered for "
        "the case.",
        unit="s",
        better="neither",
        fact="waited",
        take=mean_of_sums,
        parts=("customer",),
        example=ROAD.shows({"whole": 1800, "telvoz": 1800, "northcable": None}),
        sampled=True,
    ),
    Indicator(
        id="waiting_for_word",
        name="Until the customer's word comes",
        family="timeliness",
        question="How soon do we hear how it was?",
        formula="The same of the stretches in which a case was resolved and the customer's word had not come. A "
        "company's: those in which it was the contact point.",
        unit="s",
        better="lower",
        fact="waited",
        take=mean_of_sums,
        parts=("feedback",),
        example=ROAD.shows({"whole": 1200, "northcable": 1200, "telvoz": None}),
        sampled=True,
    ),
)
