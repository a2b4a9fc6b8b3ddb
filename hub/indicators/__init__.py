"""The indicators that managers get: what each is called, how it is computed in words, and an example that is a test.

Pure functions over entries: no SQL, no case body, no clock. `log_figures` answers the replay of a log from the very
same pieces, so that what is checked against the world is what managers read. Next: `catalogue.py` and a module for each
family; `lacking.py` for what entries do not tell; `hub/measures.py` for how facts become a figure, `hub/rollup.py` for
scopes and periods.
"""

from hub.indicators.catalogue import INDICATORS, indicator
from hub.indicators.lacking import NOT_MEASURABLE
from hub.indicators.log_figures import LogFigures, log_figures

__all__ = ["INDICATORS", "NOT_MEASURABLE", "LogFigures", "indicator", "log_figures"]
