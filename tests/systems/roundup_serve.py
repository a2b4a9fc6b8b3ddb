"""A Roundup tracker in a folder of its own, served on a free port: python roundup_serve.py HOME [SETTING=VALUE ...].

Made as mappings/real/roundup/README.md tells an administrator to make it: the template "classic" on SQLite, what that
folder adds to schema, initial data and page, and one line less in a detector. Beside the hub's user there are an agent
and a user who may retire issues and statuses. Roundup's own WSGI door does the work. Says READY and the address once it
accepts.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from a2wsgi import WSGIMiddleware
from roundup.cgi.wsgi_handler import RequestDispatcher

ADDED = Path(__file__).resolve().parents[2] / "mappings" / "real" / "roundup" / "tracker"
NOTE_ROW = '<tr tal:condition="context/is_edit_ok">\n <th i18n:translate="">Change Note</th>'
CHATTY = "    db.issue.audit('set', chatty)\n"
USERS = """
from roundup.password import Password
for name, word, roles in (("casebridge", "bridge-secret", "Casebridge"), ("ana", "agent", "User"),
                          ("keeper", "keeper", "User,Keeper")):
    db.user.create(username=name, realname="Ana Alvarez" if name == "ana" else name, roles=roles,
                   address=name + "@localhost.localdomain", password=Password(word, config=db.config))
"""
KEEPER = """
db.security.addRole(name="Keeper", description="may retire issues and statuses")
for cl in ("issue", "status"):
    db.security.addPermissionToRole("Keeper", "Retire", cl)
"""
SETTINGS = {
    "mail_domain": "localhost.localdomain",
    "password_pbkdf2_default_rounds": "1000",  # each call says who it is, and the suite makes thousands
    "web_api_failed_login_limit": "0",  # else the tests' wrong passwords shut out the right one for ten minutes
}


def make(home: Path, url: str, more: Sequence[str]) -> None:
    """Install it, add what the partner's folder adds, and fill it. more: settings of config.ini, section_name=value."""
    settings = {
        **SETTINGS,
        **dict(one.split("=", 1) for one in more),
        "tracker_web": f"{url}/",
        "mail_debug": str(home.parent / "mail.txt"),
    }
    _admin(home, "install", "classic", "sqlite", ",".join(f"{name}={value}" for name, value in settings.items()))
    _add(home / "schema.py", (ADDED / "schema-additions.txt").read_text(encoding="utf-8") + KEEPER)
    (home / "interfaces.py").write_text(
        (ADDED / "interfaces-additions.txt").read_text(encoding="utf-8"), encoding="utf-8"
    )
    _add(home / "initial_data.py", (ADDED / "initial-data-additions.txt").read_text(encoding="utf-8") + USERS)
    _change(
        home / "html" / "issue.item.html", NOTE_ROW, (ADDED / "issue-page-additions.txt").read_text("utf-8") + NOTE_ROW
    )
    _change(home / "detectors" / "statusauditor.py", CHATTY, "")
    _admin(home, "initialise", "admin-secret")


def _admin(home: Path, *command: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("roundup-admin")), "-i", str(home), *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"roundup-admin {command[0]}: {done.stdout}\n{done.stderr}")


def _add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"the template's {file.name} is another one now"
    file.write_text(text.replace(old, new), encoding="utf-8")


def main() -> None:
    """Serve until the process is ended."""
    home = Path(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        make(home, url, sys.argv[2:])
        app = WSGIMiddleware(RequestDispatcher(str(home)), workers=8)
        print(f"READY {url}", flush=True)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False))
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
