"""HOW TO SPEAK to a partner's system. Knows no case, no ledger and no Airflow.

Start at `base.py` (the contract), then `errors.py`, then one kind:
`rest.py`, `soap.py`, `salesforce.py` or `memory.py`.
"""
