"""The exchange under kill -9, over the companies' real servers: what is killed, where, and what is counted then.

Next: `points.py` (where it can die), `lives.py` (real processes that die there), `agents.py` (people at work
meanwhile), `counting.py` (the laws, counted in the companies' own stores), `trial.py` (all of it in order).
"""
