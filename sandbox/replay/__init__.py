"""A real incident log, worked again by the companies' agents through the hub.

Start at `log.py` (reads it), then `rows.py` (what an agent would do), `drive.py` (rounds), `figures.py` (the log's own
figures, computed from the file and from nothing of the hub).
"""
