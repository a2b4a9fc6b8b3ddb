"""The demonstration: three companies, a real Airflow, and agents whose cases cross while you watch.

Start at `story.py`, the script, and `acts.py`, what an act is. Then `stage.py` (performs it and measures when each act
arrives), `rest.py` (what must hold once all is quiet), `reasons.py` (why something did not cross), `incidents.py` (a
real log in place of the story). Around them: `ground.py` and `airflow_process.py` (what runs, and its clean end),
`airflow_api.py`, `display.py` and `closing.py` (what you see), `command.py` (all of it in order).
"""
