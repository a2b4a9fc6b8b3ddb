"""The libraries alone: requests, httpx, aiohttp, simple-salesforce, zeep. Each as its own documentation uses it.

No guard: no deadline over all of a call, no cap, no check of addresses, no strict JSON, no evidence. Threads have a
session each with requests, as its authors advise; httpx has one client, which is made to be shared.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from wire_side import CONNECTIONS, PAGE, Bodies, Side, parts, run

CONTRACT = Path(__file__).resolve().parents[2] / "mappings" / "partners" / "telvoz" / "telvoz.wsdl"
TOKEN = {"Authorization": "Bearer benchmark-secret"}


def beside(call: Callable[[Any], int], many: Iterable[Any]) -> int:
    """All of it over so many threads."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(call, many))


def pages(get: Callable[[str, dict[str, str]], Any], url: str, cases: int) -> int:
    """Page after page, each from where the last one ended."""
    read, after = 0, ""
    while read < cases:
        page = get(f"{url}/origin/cases", {"limit": str(PAGE), **({"after": after} if after else {})})
        read, after = read + len(page["cases"]), page["next"]
    return read


def by_requests(url: str) -> Side:
    """requests, a session a thread."""
    import requests

    own = threading.local()

    def session() -> requests.Session:
        if not hasattr(own, "session"):
            own.session = requests.Session()
            own.session.trust_env = False
            own.session.headers.update(TOKEN)
        found: requests.Session = own.session
        return found

    def one(body: dict[str, Any]) -> int:
        return bool(session().post(f"{url}/target/cases", json=body, timeout=30).json()["id"])

    def many(some: Bodies) -> int:
        answer = session().post(f"{url}/target/cases/batch", json={"records": some}, timeout=30)
        return len(answer.json()["results"])

    return Side(
        lambda cases: pages(lambda at, query: session().get(at, params=query, timeout=30).json(), url, cases),
        lambda all_: beside(one, all_),
        lambda all_: beside(many, parts(all_)),
    )


def by_httpx(url: str) -> Side:
    """httpx, one client over all threads."""
    import httpx

    client = httpx.Client(headers=TOKEN, timeout=30, trust_env=False, limits=httpx.Limits(max_connections=CONNECTIONS))

    def one(body: dict[str, Any]) -> int:
        return bool(client.post(f"{url}/target/cases", json=body).json()["id"])

    def many(some: Bodies) -> int:
        return len(client.post(f"{url}/target/cases/batch", json={"records": some}).json()["results"])

    return Side(
        lambda cases: pages(lambda at, query: client.get(at, params=query).json(), url, cases),
        lambda all_: beside(one, all_),
        lambda all_: beside(many, parts(all_)),
    )


def by_aiohttp(url: str) -> Side:
    """aiohttp: one thread, as many connections."""
    import aiohttp

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=TOKEN, connector=aiohttp.TCPConnector(limit=CONNECTIONS))

    async def pull(cases: int) -> int:
        read, after = 0, ""
        async with session() as own:
            while read < cases:
                query = {"limit": str(PAGE), **({"after": after} if after else {})}
                async with own.get(f"{url}/origin/cases", params=query) as answer:
                    page = await answer.json()
                read, after = read + len(page["cases"]), page["next"]
        return read

    async def send(path: str, all_: Iterable[Any], count: Callable[[Any], int]) -> int:
        left = iter(all_)
        async with session() as own:

            async def work() -> int:
                done = 0
                for body in left:
                    async with own.post(f"{url}{path}", json=body) as answer:
                        done += count(await answer.json())
                return done

            return sum(await asyncio.gather(*(work() for _ in range(CONNECTIONS))))

    return Side(
        lambda cases: asyncio.run(pull(cases)),
        lambda all_: asyncio.run(send("/target/cases", all_, lambda told: bool(told["id"]))),
        lambda all_: asyncio.run(
            send("/target/cases/batch", [{"records": some} for some in parts(all_)], lambda told: len(told["results"]))
        ),
    )


def by_salesforce(url: str) -> Side:
    """simple-salesforce: SFType.create, and collections by its restful. It has no pages of this shape to read."""
    import requests
    from simple_salesforce import Salesforce, SFType

    own = threading.local()

    def org() -> tuple[Salesforce, SFType]:
        if not hasattr(own, "org"):
            session = requests.Session()
            session.trust_env = False
            client = Salesforce(session_id="benchmark", instance="127.0.0.1", version="60.0", session=session)
            client.base_url = f"{url}/services/data/v60.0/"
            thing = SFType("Case", "benchmark", "127.0.0.1", sf_version="60.0", session=session)
            thing.base_url = f"{client.base_url}sobjects/Case/"
            own.org = client, thing
        found: tuple[Salesforce, SFType] = own.org
        return found

    def many(some: Bodies) -> int:
        rows = [{"attributes": {"type": "Case"}, **body} for body in some]
        told = org()[0].restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": rows})
        return sum(one["success"] for one in told)

    return Side(
        lambda cases: 0,
        lambda all_: beside(lambda body: bool(org()[1].create(body)["success"]), all_),
        lambda all_: beside(many, parts(all_)),
    )


def by_zeep(url: str) -> Side:
    """zeep, one client over all threads."""
    import requests
    import zeep
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.trust_env = False
    session.auth = ("casebridge", "benchmark-secret")
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    client = zeep.Client(str(CONTRACT), transport=zeep.Transport(session=session, operation_timeout=30))
    service = client.create_service(str(next(iter(client.wsdl.bindings))), f"{url}/soap")

    def pull(cases: int) -> int:
        read = 0
        while read < cases:
            read += len(service.listarCasos(desde=None, desplazamiento=read, limite=PAGE).casos.caso)
        return read

    def one(body: dict[str, Any]) -> int:
        return bool(service.crearCaso(caso=body).numero)

    return Side(pull, lambda all_: beside(one, all_))


if __name__ == "__main__":
    run({"requests": by_requests, "httpx": by_httpx, "aiohttp": by_aiohttp, "simple-salesforce": by_salesforce,
         "zeep": by_zeep})  # fmt: skip
