"""What managers get: one rollup as a page to look at and a sheet to calculate on, written beside each other.

    write_report(rollup, directory, now=clock(), titles={"telvoz": "Telvoz"}) -> Paths(html, csv)

Knows rollups, not entries and not Airflow. Next: `page.py` (HTML), `sheet.py` (CSV),
`charts.py` and `edge_map.py` (pictures), `words.py` (numbers, times and sentences).
"""

from hub.report.files import Paths, ReportError, write_report

__all__ = ["Paths", "ReportError", "write_report"]
