"""Reports to those who subscribed: who gets which, when it is due, and that it went there once.

    subscriptions.py  what people declare            schedule.py  when it is due, of which period
    mailed.py         what went where, in the ledger  relay.py     a mail server
    sending.py        all of it together

Airflow's DAG `reports` and `casebridge report` call it. Knows no Airflow. Next: `sending.py`; `../report/`, what goes.
"""
