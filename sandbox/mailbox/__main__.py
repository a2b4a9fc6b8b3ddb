"""The mailbox as a process: `SMTP <port>`, then `READY <url of the pages>` once both accept. Ports 0 are free ones.

Next: `box.py`, `pages.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sandbox.companies.run import run
from sandbox.mailbox.box import Box
from sandbox.mailbox.pages import pages
from sandbox.mailbox.server import taking_mail


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.mailbox", description="A mailbox that shows what comes.")
    parser.add_argument("--state", type=Path, required=True, help="folder of the mails")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8104, help="of the pages")
    parser.add_argument("--smtp", type=int, default=8025, help="of the mail server")
    asked = parser.parse_args()
    box = Box(asked.state)
    with taking_mail(box, host=asked.host, port=asked.smtp) as port:
        print(f"SMTP {port}", flush=True)
        run(pages(box), asked.port, host=asked.host)


if __name__ == "__main__":
    main()
