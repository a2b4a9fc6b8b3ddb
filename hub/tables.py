"""The ledger's tables: the entries, their chain, and the current state that can be rebuilt from them.

Names only; who writes them is `ledger.py` alone, how they came to be is `migrations/`. Times are text in UTC of one
width, so that they sort as they pass on both databases. Partial unique indexes are the locks that hold L2 (one
counterpart a partner) and one open delivery a case and partner. Next: `ledger.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OPEN_DELIVERY = ("owed", "claimed", "unknown", "parked")
UNLINKED = ("parked", "merged")
"""States of a link whose record is no counterpart of its case: a copy, or one that its people merged into another."""


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware time, kept as `2026-11-21T10:00:00.000000Z`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


entries = sa.Table(
    "entries",
    metadata,
    sa.Column("seq", BIG, primary_key=True, autoincrement=False),
    sa.Column("tx", BIG, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("native_id", sa.Text),
    sa.Column("native_version", sa.Text),
    sa.Column("business_at", Instant),
    sa.Column("reported_at", Instant),
    sa.Column("observed_at", Instant, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("holder", sa.Text),
    sa.Column("accountable", sa.Text),
    sa.Column("contact_point", sa.Text),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("history", sa.Boolean, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("mapping_hash", sa.Text, nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("body", sa.LargeBinary),
    sa.Column("body_digest", sa.Text),
    sa.Index("entries_of_case", "case_id", "seq"),
)

chain = sa.Table(
    "chain",
    metadata,
    sa.Column("tx", BIG, primary_key=True, autoincrement=False),
    sa.Column("first_seq", BIG, nullable=False),
    sa.Column("last_seq", BIG, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", BIG, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("accountable", sa.Text, nullable=False),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("history", sa.Boolean, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("cases_by_update", "updated_at"),
    sa.Index("cases_of_subject", "subject", "opened_at"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("native_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("edge", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("synced_at", Instant),
    sa.Column("subject", sa.Text),
    sa.Column("body", sa.LargeBinary),
    sa.Index("links_of_case", "case_id"),
    sa.Index("links_by_number", "partner", "number"),
    sa.Index(
        "one_counterpart_a_partner",
        "case_id",
        "partner",
        unique=True,
        sqlite_where=sa.text("state NOT IN ('parked', 'merged')"),
        postgresql_where=sa.text("state NOT IN ('parked', 'merged')"),
    ),
)

counterparts = sa.Table(
    "counterparts",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("native_id", sa.Text, primary_key=True),
    sa.Column("other", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Index("counterparts_named", "other", "number"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("fence", BIG, nullable=False),
    sa.Column("lease_until", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("owed_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("deliveries_due", "partner", "state", "due_at"),
    sa.Index(
        "one_open_delivery",
        "case_id",
        "partner",
        unique=True,
        sqlite_where=sa.text("state <> 'delivered'"),
        postgresql_where=sa.text("state <> 'delivered'"),
    ),
)

intents = sa.Table(
    "intents",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("delivery_id", BIG, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("planned_at", Instant, nullable=False),
    sa.Column("ref", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("intents_of_case", "case_id", "partner", "state"),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("native_id", sa.Text, primary_key=True),
    sa.Column("change", sa.Text, primary_key=True),
)
"""Which changes of partners' own histories are known."""

files = sa.Table(
    "files",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("spool", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Index("files_due", "partner", "state", "due_at"),
)

readers = sa.Table(
    "readers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seq", BIG, nullable=False),
)

promises = sa.Table(
    "promises",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("look_at", Instant, nullable=False),
    sa.Index("promises_to_look_at", "look_at"),
)

parked = sa.Table(
    "parked",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text),
    sa.Column("native_id", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("asked", sa.Integer, nullable=False, server_default="0"),
    sa.Column("asked_at", Instant),
    sa.Index("parked_open", "ended_at", "partner"),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text),
    sa.Column("pulled_at", Instant),
    sa.Column("pushed_at", Instant),
    sa.Column("failed_at", Instant),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("failed_in", sa.Text, nullable=False, server_default=""),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("open_until", Instant),
    sa.Column("signed_off_at", Instant),
    sa.Column("reconciled_at", Instant),
    sa.Column("read_whole_at", Instant),
    sa.Column("described_at", Instant),
)

pauses = sa.Table(
    "pauses",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

allowances = sa.Table(
    "allowances",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("free_at", Instant),
    sa.Column("window_at", Instant),
    sa.Column("calls", BIG, nullable=False),
)

hints = sa.Table(
    "hints",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("native_id", sa.Text, primary_key=True),
    sa.Column("webhook", sa.Text, nullable=False),
    sa.Column("noted_at", Instant, nullable=False),
    sa.Index("hints_oldest", "partner", "noted_at"),
)

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Index("webhooks_oldest", "partner", "seen_at"),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("connection", sa.Text, primary_key=True),
    sa.Column("first", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("kept_at", Instant),
    sa.Column("claim", sa.Text, nullable=False),
    sa.Column("claim_at", Instant),
    sa.Column("claim_until", Instant),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text),
    sa.Column("delivery_id", BIG),
    sa.Column("native_id", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("body", sa.LargeBinary),
    sa.Column("digest", sa.Text),
    sa.Index("evidence_of_case", "case_id", "id"),
    sa.Index("evidence_oldest", "at"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("native_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("stands", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Index("erasures_open", "state"),
    sa.Index("erasures_of_subject", "subject"),
)

askings = sa.Table(
    "askings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.UniqueConstraint("case_id", "round", name="one_asking_a_round"),
)

correctives = sa.Table(
    "correctives",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Index("correctives_of_case", "case_id"),
    sa.Index("correctives_open", "state", "due_at"),
)

mailings = sa.Table(
    "mailings",
    metadata,
    sa.Column("subscription", sa.Text, primary_key=True),
    sa.Column("due_at", Instant, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("lease_until", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("error", sa.Text, nullable=False),
)
"""Which report went to whom, for which due time. state: sending, sent or failed."""

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("indicator", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("before", sa.Double),
    sa.Column("expected", sa.Double),
    sa.Column("due", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
)
"""What managers decided, and what the indicator was that it is to move."""
