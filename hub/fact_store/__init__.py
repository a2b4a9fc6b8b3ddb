"""The facts of all cases kept in columns beside the ledger, so that a rollup costs what changed.

    store = FactStore(path); store.bring_up(LedgerSource(ledger), agreement); store.rollup(Period.parse("2026-11"))

Knows entries, facts and DuckDB, no report. Next: `store.py`.
"""

from hub.fact_store.source import ListSource, Source
from hub.fact_store.store import Brought, FactStore
from hub.rollup import Restated

__all__ = ["Brought", "FactStore", "ListSource", "Restated", "Source"]
