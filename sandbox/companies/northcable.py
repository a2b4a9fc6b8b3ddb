"""Northcable, the cable company: English, Europe/London, a ticket system with a REST API.

    python -m sandbox.companies.northcable --port 8101 --state DIR [--rate 200] [--token-life 3600]
        [--webhooks URL] [--webhook-secret whsec_...]

This module is its words and its process. Next: `northcable_api.py` (the API), `desk.py` and `pages.py` (the people).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from sandbox.companies.misbehaving import Misbehaving, tell_where
from sandbox.companies.northcable_api import application
from sandbox.companies.northcable_webhooks import telling
from sandbox.companies.run import flags, run
from sandbox.companies.store import Store
from sandbox.companies.tongues import ENGLISH
from sandbox.companies.vocabulary import Audience, Colours, Field, Group, Native, Roles, Vocabulary

WEBHOOK_SECRET = "whsec_ZGV2ZWxvcG1lbnQtb25seS1ub3J0aGNhYmxl"  # noqa: S105  it says that it is for development only
COMPANIES = ("Northcable", "Telvoz", "Brightnet")
STATES = (
    "New",
    "Open",
    "Waiting for customer",
    "On hold",
    "Solved",
    "Closed",
    "Withdrawn",
    "Rejected",
    "Reopened",
)
KINDS = ("Help", "Question", "Installation", "Maintenance", "Complaint")
SEVERITIES = ("Minor", "Moderate", "Significant", "Extensive")
CHANNELS = ("Phone", "Web", "Email", "Shop", "Log")
AREAS = ("Product", "Procedures", "Facilities", "Systems", "Information", "People")

GROUPS = (
    Group(
        "Ticket",
        (
            Field("title", "Title", required=True),
            Field("details", "Details", "long text", length=32_000),
            Field("kind", "Kind", "picklist", KINDS),
            Field("severity", "Severity", "picklist", SEVERITIES),
            Field("priority", "Priority", "picklist", ("P1", "P2", "P3", "P4")),
            Field("channel", "Channel", "picklist", CHANNELS),
            Field("reference", "Reference", indexed=True),
            Field("test", "Test ticket", "flag"),
        ),
    ),
    Group(
        "State",
        (
            Field("state", "State", "picklist", STATES, required=True, default="New", indexed=True),
            Field("sub_state", "Sub-state"),
            Field("state_changed_at", "State changed at", "time"),
            Field("state_reason", "Reason", length=1000),
            Field("due_at", "Due", "time"),
            Field("agent", "Agent"),
            Field("team", "Team"),
            Field("team_level", "Team level"),
            Field("division", "Division"),
        ),
    ),
    Group(
        "Customer",
        (
            Field("customer.id", "Customer number", indexed=True),
            Field("customer.name", "Name"),
            Field("customer.phone", "Phone"),
            Field("preference", "Preference"),
            Field("country", "Country"),
            Field("agent_country", "Agent's country"),
        ),
    ),
    Group(
        "Product",
        (
            Field("product.code", "Product code"),
            Field("product.name", "Product"),
            Field("service_id", "Service"),
        ),
    ),
    Group(
        "Who holds it",
        (
            Field(
                "assigned_company",
                "Assigned company",
                "picklist",
                COMPANIES,
                required=True,
                default="Northcable",
                indexed=True,
            ),
            Field("assigned_number", "Number there", hub_only=True),
            Field("accountable_company", "Accountable company", "picklist", COMPANIES, hub_only=True),
            Field("contact_company", "Contact company", "picklist", COMPANIES, hub_only=True),
            Field("hub_case", "Hub case", hub_only=True, length=64),
            Field("hub_says", "How it stands", "long text", hub_only=True, length=1000),
        ),
    ),
    Group(
        "Feedback and effort",
        (
            Field("satisfaction.score", "Satisfaction, 1 to 5", "integer"),
            Field("satisfaction.comment", "Comment", "long text", length=4000),
            Field("satisfaction.at", "Given at", "time"),
            Field("improvement_area", "Improvement area", "picklist", AREAS),
            Field("minutes_spent", "Minutes spent", "integer"),
            Field("cost.amount", "Cost", "decimal"),
            Field("cost.currency", "Currency", length=3),
        ),
    ),
)

VOCABULARY = Vocabulary(
    company="northcable",
    title="Northcable",
    language="en",
    zone=ZoneInfo("Europe/London"),
    groups=GROUPS,
    roles=Roles(
        title="title",
        details="details",
        status="state",
        status_changed="state_changed_at",
        priority="priority",
        transfer="assigned_company",
        hub_id="hub_case",
        holder_number="assigned_number",
        accountable="accountable_company",
        contact_point="contact_company",
        customer="customer.name",
        agent="agent",
    ),
    native=Native(
        id="id", number="number", version="version", created="created_at", changed="updated_at", notes="comments"
    ),
    extra_native=frozenset({"seq", "deleted"}),
    audiences=(
        Audience("internal", "internal", "Northcable only"),
        Audience("partners", "partners", "Partner companies"),
        Audience("customer", "customer", "Customer and partners"),
    ),
    labels=ENGLISH,
    colours=Colours(light="#0b5c8a", dark="#7cc4f0"),
    number_format="NC-{}",
    first_id=1001,
    time_step="milliseconds",
    time_shown="%d %b %Y, %H:%M:%S",
    largest_file=256 * 2**20,
)


def main(argv: Sequence[str] | None = None) -> None:
    """The process."""
    chosen = flags(
        "northcable",
        8101,
        argv,
        ("--token-life", "3600", "seconds that a token of the API lives"),
        ("--webhooks", "", "address that is told of each change; empty: nobody is"),
        ("--webhook-secret", WEBHOOK_SECRET, "what webhooks are signed with"),
    )
    store = Store(chosen.state / "northcable.db", VOCABULARY)
    try:
        make = partial(application, rate=chosen.rate, token_life=float(chosen.token_life))
        app = Misbehaving("northcable", store, make)
        with telling(store, chosen.webhooks, chosen.webhook_secret):
            run(app, chosen.port, host=chosen.host, tell=tell_where(app, chosen.state))
    finally:
        store.close()


if __name__ == "__main__":
    main()
