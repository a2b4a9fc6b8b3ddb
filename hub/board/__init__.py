"""The engineers' board: cases, one case's story, what waits, and how each partner does. Pages that only read.

`board()` makes a FastAPI router over any open ledger; whoever mounts it decides who may look (the plugin asks Airflow's
login, `casebridge serve` its own). Knows no Airflow and writes nothing. Next: `pages.py`, then `words.py`.
"""

from hub.board.pages import board

__all__ = ["board"]
