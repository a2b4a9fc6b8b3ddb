"""The leak test: marked words in every place of other companies' cases, looked for in all that a company was given.

It lives in a scratch ledger with the production's declarations and companies inside this process that stand for the
real ones. What may be found is reckoned from the agreement's text by `allowed.py`, which imports nothing of the
agreement's and the route's own code, so that an error there is found here.
Next: `canaries.py`, `seeing.py`, `standins.py`, `story.py`, `verdict.py`; `../leaktest_cli.py` shows it.
"""
