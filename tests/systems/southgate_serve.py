"""Southgate, a company with an rpc/encoded SOAP service: python southgate_serve.py STATE [--auth session] [--skew 600].

A process of its own over the sandbox's store. POST /incident.do is the service; POST /trouble, a JSON list, says what
befalls its next calls, one each; /desk/api is what its agents do. Says READY and the address once it accepts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from sandbox.companies.desk import result
from sandbox.companies.refusals import Absent, Duplicate, Refusal
from sandbox.companies.store import Store
from southgate_acts import ACTS, Southgate, hexed
from southgate_soap import Doors, Fault, fault, opened, real_clock, told
from southgate_words import VOCABULARY


def handler(service: Southgate) -> type[BaseHTTPRequestHandler]:
    """The door on the web."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(service.doors.clock() if timestamp is None else timestamp)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path == "/incident.do":
                self._soap(raw)
            elif self.path == "/trouble":
                service.trouble.extend(json.loads(raw))
                self._json({"logins": service.doors.logins})
            elif self.path == "/desk/api/actions":
                with service.store.together():
                    done = [result(service.store, one, "agent") for one in json.loads(raw)["actions"]]
                self._json({"results": done})

        def do_GET(self) -> None:
            asked = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
            store = service.store
            found = store.by_numbers(asked["numbers"].split(",")) if "numbers" in asked else store.select("deleted = 0")
            self._json({"cases": [{"sys_id": hexed(one.id), "number": one.number} for one in found]})

        def _soap(self, raw: bytes) -> None:
            trouble = service.trouble.popleft() if service.trouble else ""
            if trouble in ("429", "503", "502"):
                wait = {} if trouble == "502" else {"Retry-After": "7"}
                self._send(int(trouble), b"<html>later</html>", {"Content-Type": "text/html", **wait})
                return
            if trouble == "expire":
                service.doors.sessions.clear()
            status, told_raw = answered(service, raw)
            if trouble == "fault in 200":
                status, told_raw = 200, fault(Fault("env:Server", "ORA-600"))
            if trouble == "slow":
                time.sleep(1.5)
            if trouble == "no answer":
                self.close_connection = True
                return
            self._send(status, told_raw, {"Content-Type": "text/xml; charset=utf-8"}, half=trouble == "half")

        def _json(self, content: Any) -> None:
            self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

        def _send(self, status: int, raw: bytes, headers: Mapping[str, str], *, half: bool = False) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2] if half else raw)
            self.close_connection = self.close_connection or half

    return Door


def answered(service: Southgate, raw: bytes) -> tuple[int, bytes]:
    """Status and envelope."""
    try:
        envelope, asked = opened(raw)
        name = etree.QName(asked).localname
        service.doors.enter(envelope, name)
        if name not in ACTS:
            raise Fault("env:Client", f"no operation {name}", code="xml")
        return 200, told(name, ACTS[name](service, asked))
    except Duplicate as error:
        return 500, fault(
            Fault("env:Client", error.message, code=error.code, field=error.field, sys_id=hexed(error.existing.id))
        )
    except Absent as error:
        return 500, fault(Fault("env:Client", error.message, code="missing"))
    except Refusal as error:
        detail = {"field": error.field, "value": error.value, "known": list(error.known)}
        return 500, fault(Fault("env:Client", error.message, code=error.code, **detail))
    except Fault as error:
        return 500, fault(error)


def main() -> None:
    """Serve until the process is ended."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("state", type=Path)
    flags.add_argument("--auth", choices=("digest", "text", "session"), default="digest")
    flags.add_argument("--skew", type=float, default=0.0, help="seconds that its clock is before the true one")
    flags.add_argument("--life", type=float, default=3600.0, help="seconds of a session")
    flags.add_argument("--lag", type=float, default=0.0, help="seconds until an incident is found by its hub case")
    flags.add_argument("--ignores", default="", help="a field that an update leaves as it is, and says nothing")
    chosen = flags.parse_args()
    store = Store(chosen.state / "southgate.db", VOCABULARY)
    service = Southgate(store, Doors(chosen.auth, chosen.life, real_clock(chosen.skew)), chosen.lag, chosen.ignores)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(service)) as server:
        server.daemon_threads = True
        print(f"READY http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
