"""The hub's figures checked against the world: a published log, imported, must give what others published of it.

Next: `vinst.py`, the figures; `command.py`, which prints them side by side.
"""
