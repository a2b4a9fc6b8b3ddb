"""The pages of docs/, written from the code they tell of, so that they cannot say anything else.

`make docs` writes them; `make test` fails where a page is not what the code would write. Every page is a pure function
to text: no clock, no address, nothing of the machine. Knows no database and no Airflow.
Next: `pages.py` (which pages there are), `models.py` (a declaration as tables), `__main__.py` (write or compare).
"""
