"""The SOAP kind against Telvoz's own server, and against servers that answer what none should."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Change, Connector, Credentials, Receipt
from connectors.errors import ConnectorError, Refused, Rejected, Stale, Throttled, Unknown, Unreachable
from connectors.soap import Soap
from connectors.soap_system import SoapSystem
from hub.partners import load_system
from sandbox.companies.run import serving
from sandbox.companies.store import Store
from sandbox.companies.telvoz import VOCABULARY
from sandbox.companies.telvoz_soap import application

FOLDER = Path(__file__).parents[2] / "mappings" / "partners" / "telvoz"
TELVOZ = 'xmlns="urn:telvoz:casos:1"'


def telvoz(**update: Any) -> SoapSystem:
    system = load_system(FOLDER)
    assert isinstance(system, SoapSystem)
    return system.model_copy(update=update)


class Clock:
    """Telvoz's wall clock in the test's hands."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 15, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = Store(tmp_path / "telvoz.db", VOCABULARY, clock)
    yield opened
    opened.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Soap]]:
    """A connector to a URL: connect(url, password=..., **of the system)."""
    made: list[Soap] = []

    def make(url: str, password: str = "bridge-secret", **update: Any) -> Soap:
        credentials = Credentials(url, "casebridge", password)
        made.append(Soap(telvoz(**update), credentials, sleep=lambda _: None))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def url(store: Store) -> Iterator[str]:
    with serving(application(store, rate=0)) as address:
        yield address


@pytest.fixture
def soap(url: str, connect: Callable[..., Soap]) -> Soap:
    return connect(url)


def create(n: int = 1, **body: Any) -> Change:
    return Change(f"create-{n}", "create", f"lane-{n}", {"asunto": f"caso {n}", **body}, f"hub-{n}")


def update(native_id: str | None, n: int = 1, key: str = "update", **body: Any) -> Change:
    return Change(key, "update", f"lane-{n}", body, f"hub-{n}", native_id)


def only(receipts: Iterator[Receipt]) -> Receipt:
    (receipt,) = receipts
    return receipt


def failure(receipt: Receipt) -> ConnectorError:
    assert receipt.error is not None
    return receipt.error


def test_it_says_who_we_are_and_what_their_fields_are(soap: Soap) -> None:
    connector: Connector = soap
    assert connector.check() == "casebridge at Telvoz"
    described = connector.describe()
    assert described.fields["gravedad"].values == ("leve", "moderada", "grave", "crítica")
    assert (described.fields["asunto"].required, described.fields["asunto"].length) == (True, 255)
    assert described.fingerprint == connector.describe().fingerprint


def test_a_create_carries_our_id_and_its_answer_is_the_read_back(soap: Soap) -> None:
    text = "Dos líneas\r\n<b>&amp; ]]> 🙂"
    receipt = only(soap.push([create(descripcion=text, costeImporte=Decimal("12.50"), prueba="S", minutos=5)]))
    assert (receipt.native_id, receipt.found, receipt.error) == ("TV-000001", False, None)
    assert receipt.record is not None
    body = receipt.record.body
    assert (body["casoHub"], body["descripcion"], body["costeImporte"]) == ("hub-1", text, Decimal("12.50"))
    assert (body["prueba"], body["minutos"], body["motivo"], body["notas"]) == ("S", 5, None, {"nota": []})
    assert receipt.record.version == "2026-11-21T15:00:00+00:00"
    assert receipt.record.changed_at == datetime(2026, 11, 21, 15, 0, 0, tzinfo=UTC)
    assert soap.fetch(["TV-000001"]) == [receipt.record]


def test_a_create_that_was_done_before_is_found_and_overwrites_nothing(soap: Soap, store: Store) -> None:
    only(soap.push([create()]))
    store.edit(1, {"asunto": "lo que escribió Ana"}, by="agent")
    again = only(soap.push([create()]))
    assert (again.native_id, again.found, again.error) == ("TV-000001", True, None)
    assert again.record is not None
    assert again.record.body["asunto"] == "lo que escribió Ana"
    assert store.get(1).version == 2


def test_an_update_writes_what_differs_and_none_empties(soap: Soap, clock: Clock) -> None:
    only(soap.push([create(motivo="avería", agente="Ana")]))
    clock.on(70)
    receipt = only(soap.push([update("TV-000001", estado="En curso", motivo=None)]))
    assert receipt.record is not None
    body = receipt.record.body
    assert (body["estado"], body["motivo"], body["agente"]) == ("En curso", None, "Ana")
    assert receipt.record.version == "2026-11-21T15:01:10+00:00"


def test_a_note_is_written_once_and_found_by_its_ref(soap: Soap) -> None:
    only(soap.push([create()]))
    body = {"autor": "Ana", "texto": "Llamé\n— Ana, Northcable [ref-1]", "visibilidad": "empresas", "idioma": None}
    note = Change("n1", "add_note", "lane-1", body, "hub-1", "TV-000001", ref="ref-1")
    receipt = only(soap.push([note]))
    assert receipt.note_id == soap.find_note("TV-000001", "ref-1") == "1"
    assert receipt.record is not None
    assert [one["texto"] for one in receipt.record.body["notas"]["nota"]] == [body["texto"]]
    assert soap.find_note("TV-000001", "ref-2") is None
    assert soap.find_note("TV-000404", "ref-1") is None


def test_find_gives_the_record_of_our_id_and_nothing_else(soap: Soap) -> None:
    for n in (1, 2):
        only(soap.push([create(n)]))
    assert [one.native_id for one in soap.find("hub-2")] == ["TV-000002"]
    assert soap.find("hub-3") == []


def test_a_deleted_record_comes_back_as_gone_with_the_time_of_it(soap: Soap, store: Store, clock: Clock) -> None:
    for n in (1, 2):
        only(soap.push([create(n)]))
    clock.on(3)
    store.delete(1, by="agent")
    found = {one.native_id: one for one in soap.fetch(["TV-000001", "TV-000002", "TV-999999"])}
    assert set(found) == {"TV-000001", "TV-000002"}
    assert (found["TV-000001"].gone, found["TV-000001"].version) == (True, "2026-11-21T15:00:03+00:00")
    assert soap.find("hub-1") == []
    error = failure(only(soap.push([update("TV-000001", estado="Cerrado")])))
    assert str(error) == (
        "telvoz modificarCaso: C675 they have no such record. They said: NoExiste: Este caso fue eliminado.\n"
        "  Fix: it was deleted there or never existed; decide what becomes of the case."
    )
    assert list(soap.history("TV-000001")) == []


def test_the_history_is_told_line_by_line(soap: Soap, clock: Clock) -> None:
    only(soap.push([create()]))
    clock.on(2)
    only(soap.push([update("TV-000001", estado="En curso")]))
    lines = [(one.field, one.old, one.new, one.author) for one in soap.history("TV-000001")]
    assert lines[:2] == [("caso", None, "alta", "casebridge"), ("estado", "Registrado", "En curso", "casebridge")]
    assert [line[0] for line in lines[2:]] == ["fechaEstado"]
    assert soap.history("TV-000001")[1].changed_at == datetime(2026, 11, 21, 15, 0, 2, tzinfo=UTC)


def test_a_pull_reads_all_then_only_what_changed(soap: Soap, store: Store, clock: Clock) -> None:
    with store.together():
        for n in range(450):  # more than two pages in one second
            store.create({"asunto": f"caso {n}"}, by="agent")
    pages = list(soap.pull(None))
    assert [len(page.records) for page in pages] == [200, 199, 51]
    assert len({one.native_id for page in pages for one in page.records}) == 450
    clock.on(60)
    store.note(7, "nota", "interna", author="Ana")
    later = [one for page in soap.pull(pages[-1].cursor) for one in page.records]
    assert later[-1].native_id == "TV-000007"
    assert later[-1].body["notas"]["nota"][0]["texto"] == "nota"
    clock.on(60)
    quiet = [one.native_id for page in soap.pull(soap_cursor(soap, pages[-1].cursor)) for one in page.records]
    assert quiet == ["TV-000007"]


def soap_cursor(soap: Soap, cursor: Any) -> Any:
    return list(soap.pull(cursor))[-1].cursor


def test_changes_of_a_lane_keep_their_order_and_lanes_run_side_by_side(soap: Soap, store: Store) -> None:
    list(soap.push([create(n) for n in range(1, 13)]))
    numbers = {one.fields["casoHub"]: one.number for one in store.select("deleted = 0")}
    changes = [
        update(numbers[f"hub-{n}"], n, f"{n}-{step}", subestado=str(step)) for step in range(4) for n in range(1, 13)
    ]
    receipts = list(soap.push(changes))
    assert {one.key for one in receipts} == {one.key for one in changes}
    assert not [one for one in receipts if one.error]
    for one in store.select("deleted = 0"):
        told = [line.new for line in store.history([one.id]) if line.field == "subestado"]
        assert told == ["0", "1", "2", "3"]


def test_a_word_outside_their_list_is_rejected_with_the_known_ones_and_the_others_go_on(soap: Soap) -> None:
    receipts = {one.key: one for one in soap.push([create(1, gravedad="critica"), create(2)])}
    error = failure(receipts["create-1"])
    assert isinstance(error, Rejected)
    assert str(error) == (
        "telvoz crearCaso gravedad: C674 they refuse this record. "
        "They said: Cliente.Validacion: gravedad: «critica» no es una de las opciones.\n"
        "  Known: leve, moderada, grave, crítica. Did you mean 'crítica'?\n"
        "  Fix: correct the value in the case or its word in mapping.yaml."
    )
    assert receipts["create-2"].error is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"gravedadd": "leve"},
            r"C671 caso\.gravedadd is no field of the contract\.\n  Known: .*gravedad.*Did you mean 'gravedad'",
        ),
        ({"agente": "a\x0bb"}, r"C672 caso\.agente: the character U\+000B at 1 cannot stand in XML\."),
        ({"agente": "\ud800"}, r"C672 caso\.agente: the character U\+D800 at 0"),
        ({"agente": {"nombre": "Ana"}}, r"C671 .*nombre is no field of the contract"),
        ({"agente": ["Ana", "Luis"]}, "C67"),
    ],
)
def test_what_the_contract_cannot_carry_is_rejected_before_anything_is_sent(
    soap: Soap, store: Store, body: dict[str, Any], text: str
) -> None:
    with pytest.raises(Rejected, match=text):
        raise failure(only(soap.push([create(**body)])))
    assert store.count() == 0


def test_a_wrong_password_stops_the_partner_and_shows_no_secret(url: str, connect: Callable[..., Soap]) -> None:
    stranger = connect(url, "another-secret")
    with pytest.raises(Refused, match=r"telvoz quienSoy: C301 they do not know who we are \(401\)") as caught:
        stranger.check()
    receipts = list(stranger.push([create(n) for n in range(1, 40)]))
    assert {type(one.error) for one in receipts} == {Refused}
    assert len(receipts) == 39
    assert "another-secret" not in str(caught.value) + repr(receipts)


def test_a_user_without_permission_is_refused(url: str) -> None:
    agent = Soap(telvoz(), Credentials(url, "agent", "agent"))
    with pytest.raises(Refused, match=r"C377 they refuse us\. They said: Acceso: La cuenta"):
        agent.check()
    agent.close()


def test_too_many_calls_are_throttled_with_their_seconds(store: Store, connect: Callable[..., Soap]) -> None:
    with serving(application(store, rate=1)) as url:
        soap = connect(url)
        soap.check()
        with pytest.raises(Throttled, match="they ask to wait 1 s") as caught:
            soap.check()
    assert caught.value.after == 1
    with pytest.raises(Unreachable, match="C102 no connection"):
        soap.check()
    assert isinstance(failure(only(soap.push([create()]))), Unreachable)


def fault(code: str, inside: str = "", text: str = "no") -> bytes:
    detail = f"<detail>{inside}</detail>" if inside else ""
    return envelope(f"<s:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{detail}</s:Fault>")


def envelope(inside: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{inside}</s:Body></s:Envelope>'
    ).encode()


def case(more: str = "", stamp: str = "21/11/2026 10:00:00") -> str:
    return (
        f"<caso><numero>TV-1</numero><fechaAlta>{stamp}</fechaAlta><fechaModificacion>{stamp}</fechaModificacion>"
        f"<asunto>uno</asunto>{more}<notas/></caso>"
    )


def changed(inside: str) -> bytes:
    return envelope(f"<modificarCasoRespuesta {TELVOZ}>{inside}</modificarCasoRespuesta>")


def got(inside: str) -> bytes:
    return envelope(f"<obtenerCasosRespuesta {TELVOZ}><casos>{inside}</casos><eliminados/></obtenerCasosRespuesta>")


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
UNREADABLE = {
    "HTML": b"<html><body>login<br></body></html>",
    "nothing": b"",
    "half an answer": changed(case())[:-30],
    "a bomb of entities": f'<!DOCTYPE x [<!ENTITY a0 "ha">{BOMB}]>'.encode() + changed(case()),
    "a file of ours": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + changed(case()),
    "UTF-16": changed(case()).decode().encode("utf-16"),
    "a deep nest": envelope("<a>" * 3000 + "</a>" * 3000),
    "another answer": envelope(f"<catalogoRespuesta {TELVOZ}><campos/></catalogoRespuesta>"),
    "two answers": envelope("<a/><b/>"),
    "an undeclared element": changed(case("<sorpresa>x</sorpresa>")),
    "an undeclared attribute": changed(case().replace("<asunto>", '<asunto marca="x">')),
    "a number that is none": changed(case("<minutos>muchos</minutos>")),
    "a decimal that is no number": changed(case("<costeImporte>NaN</costeImporte>")),
    "an element inside a text": changed(case("<agente>Ana<b/>Luis</agente>")),
    "text between elements": changed(case("Ana")),
    "two of one": changed(case("<agente>Ana</agente><agente>Luis</agente>")),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_write_whose_answer_cannot_be_read_is_unknown_and_a_read_is_refused(
    name: str, serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    server = serve(lambda asked: (200, {"Content-Type": "text/xml"}, UNREADABLE[name]))
    soap = connect(server.url)
    started = time.monotonic()
    error = failure(only(soap.push([update("TV-1", estado="Cerrado")])))
    assert isinstance(error, Unknown), error
    assert "C404 answered 200 with no SOAP that we accept" in str(error)
    with pytest.raises(Refused, match="C304 answered 200 with no SOAP that we accept"):
        soap.fetch(["TV-1"])
    assert time.monotonic() - started < 5
    assert "root:" not in str(error)
    assert len(server.asked) == 2


def test_a_lost_value_is_counted_and_named_as_lost(serve: Callable[..., Any], connect: Callable[..., Soap]) -> None:
    answer = got(case("<minutos>muchos</minutos>"))
    soap = connect(serve(lambda asked: (200, {}, answer)).url)
    with pytest.raises(Refused, match="of 5 values in it 4 fit the contract"):
        soap.fetch(["TV-1"])


def test_an_answer_that_was_applied_and_has_a_stamp_of_another_kind_is_no_failure(
    serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    body = case(stamp="2026-11-21")
    soap = connect(serve(lambda asked: (200, {}, got(body) if b"obtener" in asked.body else changed(body))).url)
    receipt = only(soap.push([update("TV-1", estado="Cerrado")]))
    assert (receipt.error, receipt.record) == (None, None)
    with pytest.raises(Refused, match=r"C378 answered a time that stamps\.format does not fit"):
        soap.fetch(["TV-1"])


@pytest.mark.parametrize(
    ("status", "answer", "write", "read"),
    [
        (500, fault("s:Server", text="ORA-600"), Unknown, Unreachable),
        (200, fault("s:Server", text="ORA-600"), Unknown, Unreachable),
        (500, fault("s:Client", text="mal"), Rejected, Rejected),
        (500, b"<html>oops</html>", Unknown, Unreachable),
        (500, b"", Unknown, Unreachable),
        (502, b"<html>gateway</html>", Unknown, Unreachable),
        (503, b"", Unknown, Unreachable),
        (202, b"", Unknown, Refused),
        (500, changed(case()), Unknown, Unreachable),
        (404, b"<html>nada</html>", Refused, Refused),
        (403, b"", Refused, Refused),
        (429, b"", Throttled, Throttled),
        (302, b"", Refused, Refused),
    ],
)
def test_each_status_and_fault_is_named_by_what_happens_next(
    status: int, answer: bytes, write: type, read: type, serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    server = serve(lambda asked: (status, {"Content-Type": "text/xml", "Location": "http://127.0.0.1:9/"}, answer))
    soap = connect(server.url)
    error = failure(only(soap.push([update("TV-1", estado="Cerrado")])))
    assert type(error) is write, error
    assert "uno" not in str(error)
    assert len(server.asked) == 1  # a write is never sent twice
    with pytest.raises(read):
        soap.fetch(["TV-1"])


def test_a_write_without_an_answer_is_unknown_and_holds_its_lane_back(
    serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    def slow(asked: Any) -> tuple[int, dict[str, str], bytes]:
        time.sleep(1.6)
        return 200, {}, changed(case())

    server = serve(slow)
    soap = connect(server.url, deadline=1.0)
    receipts = list(soap.push([update("TV-1", 1, "a", estado="Cerrado"), update("TV-1", 1, "b", agente="Ana")]))
    assert [type(one.error) for one in receipts] == [Unknown, Stale]
    assert len(server.asked) == 1
    with pytest.raises(Unreachable, match="C104 no whole answer before the deadline"):
        soap.fetch(["TV-1"])


def test_a_fault_quotes_no_secret_and_forges_no_line(serve: Callable[..., Any], connect: Callable[..., Soap]) -> None:
    answer = fault("s:Client", text="clave bridge-secret\n2026-11-21 INFO forged")
    soap = connect(serve(lambda asked: (500, {}, answer)).url)
    said = str(failure(only(soap.push([update("TV-1", estado="Cerrado")]))))
    assert "bridge-secret" not in said
    assert "\n2026" not in said


def test_a_filter_that_is_ignored_gives_no_foreign_record(
    serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    everything = case("<casoHub>hub-9</casoHub>")

    def ignores(asked: Any) -> tuple[int, dict[str, str], bytes]:
        if b"obtenerCasos" in asked.body:
            return 200, {}, got(everything)
        inside = f"<casos>{everything}</casos>"
        return 200, {}, envelope(f"<buscarPorHubRespuesta {TELVOZ}>{inside}</buscarPorHubRespuesta>")

    soap = connect(serve(ignores).url)
    assert soap.find("hub-1") == []
    assert [one.native_id for one in soap.find("hub-9")] == ["TV-1"]
    assert soap.fetch(["TV-2"]) == []


def test_a_duplicate_that_bears_another_id_is_no_find(serve: Callable[..., Any], connect: Callable[..., Soap]) -> None:
    twin = f"<fallo {TELVOZ}><codigo>Duplicado</codigo><conocidos/><numero>TV-1</numero></fallo>"

    def answer(asked: Any) -> tuple[int, dict[str, str], bytes]:
        if b"crearCaso" in asked.body:
            return 500, {}, fault("s:Client", twin)
        if b"obtenerCasos" in asked.body:
            return 200, {}, got(case("<casoHub>hub-9</casoHub>"))
        return 200, {}, envelope(f"<buscarPorHubRespuesta {TELVOZ}><casos/></buscarPorHubRespuesta>")

    error = failure(only(connect(serve(answer).url).push([create()])))
    assert isinstance(error, Rejected)
    assert "C676 they have it already, and show no record that bears our id" in str(error)


def test_a_create_that_does_not_say_as_what_is_unknown(serve: Callable[..., Any], connect: Callable[..., Soap]) -> None:
    answer = envelope(f"<crearCasoRespuesta {TELVOZ}><caso/></crearCasoRespuesta>")
    error = failure(only(connect(serve(lambda asked: (200, {}, answer)).url).push([create()])))
    assert isinstance(error, Unknown)
    assert str(error) == "telvoz crearCaso: C471 created, and the answer does not say as what."


def test_an_update_without_a_read_back_leaves_it_to_a_fetch(
    serve: Callable[..., Any], connect: Callable[..., Soap]
) -> None:
    receipt = only(connect(serve(lambda asked: (200, {}, changed(""))).url).push([update("TV-1", estado="Cerrado")]))
    assert (receipt.native_id, receipt.record, receipt.error) == ("TV-1", None, None)
