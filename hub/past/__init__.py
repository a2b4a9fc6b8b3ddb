"""A company's past cases, from an export, into the ledger: so that there is a base line before the first case crosses.

    history.yaml + log.csv  ->  Past (cases, each with its changes in the order of time)  ->  entries marked as history

Any event log: a row a change, CSV or XES, gzipped or not. What was imported counts in the indicators like any other
case and is exchanged with nobody: it has no record at a partner, no text and no customer, only what figures read.
Knows no connector and no Airflow. Next: `declared.py` (history.yaml), `logs.py` (the files), `reading.py` (rows to
changes), `importing.py` (into the ledger).
"""
