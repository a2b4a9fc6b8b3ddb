"""WHAT THEIR WORDS MEAN. Pure: no I/O, no clock, no network, and nothing of connectors.

Start at `case.py` (ours), then `lens.py` (theirs to ours and back), then one folder of `partners/`.
"""
