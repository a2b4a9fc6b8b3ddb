"""A day's load over a real Airflow: cases are opened at the rate of a busy day, then ten times as fast for a while.

`make load` says how long a case took from one company's store to the next one's, by phase. Next: `plan.py` (which case
when), `crossings.py` (what the stores say), `command.py`.
"""
