"""Telvoz as its partners and its agents meet it: a SOAP service on a socket, and a desk beside it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from sandbox.companies.run import serving
from sandbox.companies.store import Store
from sandbox.companies.telvoz import VOCABULARY
from sandbox.companies.telvoz_soap import application
from sandbox.companies.telvoz_xml import CONTRACT
from sandbox.desks import ANY_MOVES, Desk, start, stop

US = ("casebridge", "bridge-secret")
SPACE = "urn:telvoz:casos:1"
WHOLE = {
    "asunto": "Sin línea",
    "descripcion": "Dos líneas\r\n<b>&amp; ]]> “fin” 🙂",
    "tipo": "Reclamación",
    "gravedad": "crítica",
    "prioridad": "1 - Crítica",
    "canal": "Teléfono",
    "referencia": "R-1",
    "prueba": "S",
    "estado": "En curso",
    "subestado": "revisión",
    "fechaEstado": "21/11/2026 10:00:05",
    "motivo": "motivo",
    "vence": "02/03/2026 09:00:00",
    "agente": "Ana",
    "equipo": "E",
    "nivel": "2",
    "division": "D",
    "clienteId": "C-1",
    "clienteNombre": "Íñigo",
    "clienteTelefono": "+57 1",
    "preferencia": "correo",
    "pais": "CO",
    "paisAgente": "CO",
    "productoCodigo": "P",
    "productoNombre": "Fibra",
    "servicio": "S-1",
    "empresaResponsable": "TELVOZ",
    "numeroResponsable": "NC-1",
    "empresaRespondiente": "NORTHCABLE",
    "empresaContacto": "BRIGHTNET",
    "casoHub": "hub-1",
    "satisfaccion": 4,
    "satisfaccionComentario": "bien",
    "satisfaccionFecha": "20/11/2026 23:59:59",
    "areaMejora": "Información",
    "minutos": 90,
    "costeImporte": Decimal("12.50"),
    "costeMoneda": "COP",
}


class Clock:
    """Bogota's wall clock in the test's hands."""

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
def url(store: Store) -> Iterator[str]:
    with serving(application(store, rate=0)) as address:
        yield address


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service's address, for calls that are all refused before they reach a case."""
    opened = Store(tmp_path_factory.mktemp("telvoz") / "telvoz.db", VOCABULARY)
    with serving(application(opened, rate=0)) as address:
        yield address
    opened.close()


@pytest.fixture
def service(url: str) -> Iterator[Any]:
    session = requests.Session()
    session.auth = US
    transport = zeep.Transport(session=session, operation_timeout=10)
    yield zeep.Client(f"{url}/soap?wsdl", transport=transport).service
    session.close()


def fallo(call: Any) -> dict[str, Any]:
    """The typed detail of the fault that a call ends in."""
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call()
    detail = caught.value.detail.find(f"{{{SPACE}}}fallo")
    said = {etree.QName(one).localname: one.text for one in detail}
    said["conocidos"] = [one.text for one in detail.find(f"{{{SPACE}}}conocidos")]
    return {**said, "texto": caught.value.message, "faultcode": caught.value.code}


def post(url: str, content: bytes, **more: Any) -> requests.Response:
    headers = {"Content-Type": "text/xml; charset=utf-8"} | more.pop("headers", {})
    return requests.post(f"{url}/soap", content, headers=headers, auth=more.pop("auth", US), timeout=10)


def envelope(inside: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{inside}</s:Body></s:Envelope>'
    ).encode()


def test_the_contract_it_serves_is_the_one_kept_with_the_partner_and_names_its_address(door: str) -> None:
    served = etree.fromstring(requests.get(f"{door}/soap?wsdl", timeout=10).content)
    kept = etree.parse(str(CONTRACT)).getroot()
    (address,) = served.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == f"{door}/soap"
    (kept_address,) = kept.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    kept_address.set("location", f"{door}/soap")
    assert etree.tostring(served, method="c14n") == etree.tostring(kept, method="c14n")
    assert requests.get(f"{door}/soap", timeout=10).status_code == 405


def test_every_field_goes_in_and_comes_out_as_it_was(service: Any, store: Store) -> None:
    assert set(WHOLE) == set(VOCABULARY.fields)
    made = service.crearCaso(caso=WHOLE)
    assert made.numero == "TV-000001"
    assert made.fechaAlta == made.fechaModificacion == "21/11/2026 10:00:00"
    assert {name: made[name] for name in WHOLE} == WHOLE
    assert store.get(1).fields["fechaEstado"] == datetime(2026, 11, 21, 15, 0, 5, tzinfo=UTC)


def test_a_new_case_has_its_state_its_company_and_the_time_of_its_state(service: Any) -> None:
    made = service.crearCaso(caso={"asunto": "Sin línea"})
    assert (made.estado, made.empresaResponsable, made.prueba) == ("Registrado", "TELVOZ", None)
    assert made.fechaEstado == "21/11/2026 10:00:00"


def test_a_change_writes_the_given_elements_only_and_nil_empties_one(service: Any, clock: Clock) -> None:
    service.crearCaso(caso=WHOLE)
    clock.on(61)
    changed = service.modificarCaso(numero="TV-000001", caso={"estado": "Solucionado", "motivo": zeep.xsd.Nil})
    assert (changed.estado, changed.motivo, changed.agente) == ("Solucionado", None, "Ana")
    assert changed.fechaModificacion == changed.fechaEstado == "21/11/2026 10:01:01"
    assert changed.fechaAlta == "21/11/2026 10:00:00"


def test_a_note_moves_the_case_and_can_be_found_by_its_text(service: Any, clock: Clock) -> None:
    service.crearCaso(caso={"asunto": "Sin línea"})
    clock.on(5)
    note = {"autor": "Ana", "texto": "Llamé — Ana [ref-1]", "visibilidad": "empresas", "idioma": "es"}
    added = service.anadirNota(numero="TV-000001", nota=note)
    assert added.caso.fechaModificacion == "21/11/2026 10:00:05"
    assert added.caso.notas.nota[0].texto == "Llamé — Ana [ref-1]"
    assert [one.id for one in service.buscarNota(numero="TV-000001", texto="[ref-1]")] == [added.nota.id]
    assert not service.buscarNota(numero="TV-000001", texto="[ref-2]")
    private = service.anadirNota(numero="TV-000001", nota={"texto": "sin decir para quién"})
    assert private.nota.visibilidad == "interna"


def test_the_list_is_ordered_by_stamp_and_number_and_starts_at_the_stamp_itself(service: Any, clock: Clock) -> None:
    for _ in range(3):
        service.crearCaso(caso={"asunto": "uno"})  # three in one second
    clock.on(1)
    service.modificarCaso(numero="TV-000001", caso={"agente": "Ana"})
    listed = service.listarCasos(desde="21/11/2026 10:00:00", desplazamiento=0, limite=10)
    assert [one.numero for one in listed.casos.caso] == ["TV-000002", "TV-000003", "TV-000001"]
    assert listed.total == 3
    second = service.listarCasos(desplazamiento=1, limite=1)
    assert ([one.numero for one in second.casos.caso], second.total) == (["TV-000003"], 3)
    late = service.listarCasos(desde="21/11/2026 10:00:01", desplazamiento=0, limite=10)
    assert [one.numero for one in late.casos.caso] == ["TV-000001"]


def test_a_deleted_case_is_not_listed_and_is_named_among_the_deleted(service: Any, store: Store, clock: Clock) -> None:
    service.crearCaso(caso={"asunto": "uno", "casoHub": "hub-1"})
    service.crearCaso(caso={"asunto": "dos"})
    clock.on(9)
    store.delete(1, by="agent")
    assert service.listarCasos(desplazamiento=0, limite=10).total == 1
    answer = service.obtenerCasos(numeros={"numero": ["TV-000001", "TV-000002", "TV-999999"]})
    assert [one.numero for one in answer.casos.caso] == ["TV-000002"]
    assert [(one._value_1, one.fecha) for one in answer.eliminados.numero] == [("TV-000001", "21/11/2026 10:00:09")]
    assert service.buscarPorHub(casoHub="hub-1") is None
    assert fallo(lambda: service.historialCaso(numero="TV-000001"))["codigo"] == "NoExiste"


def test_the_history_tells_who_changed_what(service: Any, clock: Clock) -> None:
    service.crearCaso(caso={"asunto": "uno", "minutos": 5})
    clock.on(2)
    service.modificarCaso(numero="TV-000001", caso={"minutos": 6, "asunto": "uno"})
    lines = service.historialCaso(numero="TV-000001")
    told = [(one.campo, one.anterior, one.nuevo, one.autor, one.fecha) for one in lines]
    assert told == [
        ("caso", None, "alta", "casebridge", "21/11/2026 10:00:00"),
        ("minutos", "5", "6", "casebridge", "21/11/2026 10:00:02"),
    ]


def test_the_catalogue_names_every_field_of_the_contract(service: Any) -> None:
    fields = {one.nombre: one for one in service.catalogo()}
    assert set(fields) == {"numero", "fechaAlta", "fechaModificacion", *WHOLE}
    assert fields["gravedad"].valores.valor == ["leve", "moderada", "grave", "crítica"]
    assert (fields["asunto"].obligatorio, fields["asunto"].longitud) == (True, 255)


def test_a_value_outside_the_list_is_a_fault_that_names_it_and_the_known_ones(service: Any) -> None:
    service.crearCaso(caso={"asunto": "uno"})
    said = fallo(lambda: service.modificarCaso(numero="TV-000001", caso={"gravedad": "critica"}))
    assert said["faultcode"] == "soap:Client"
    assert (said["codigo"], said["campo"], said["valor"]) == ("Cliente.Validacion", "gravedad", "critica")
    assert said["conocidos"] == ["leve", "moderada", "grave", "crítica"]
    assert said["texto"] == "gravedad: «critica» no es una de las opciones."


def test_a_state_moves_only_as_telvoz_allows_for_the_service_and_for_its_agents(service: Any, url: str) -> None:
    service.crearCaso(caso={"asunto": "uno"})
    said = fallo(lambda: service.modificarCaso(numero="TV-000001", caso={"estado": "Solucionado", "agente": "Ana"}))
    assert (said["codigo"], said["campo"], said["valor"]) == ("Cliente.Validacion", "estado", "Solucionado")
    assert said["conocidos"] == ["Asignado", "En curso", "Anulado", "Rechazado"]
    assert said["texto"].startswith("estado: desde aquí no puede pasar a «Solucionado».")
    act = {"op": "edit", "number": "TV-000001", "fields": {"estado": "Detenido"}}
    answer = requests.post(f"{url}/desk/api/actions", json={"actions": [act]}, auth=("agent", "agent"), timeout=10)
    assert answer.json()["results"][0]["code"] == "no_move"
    now = service.modificarCaso(numero="TV-000001", caso={"estado": "Asignado"})
    assert (now.estado, now.agente) == ("Asignado", None)


def test_an_agents_form_offers_the_moves_that_stand_open(service: Any, url: str) -> None:
    service.crearCaso(caso={"asunto": "uno", "estado": "Solucionado"})
    with requests.Session() as browser:
        token = {"name": "agent", "password": "agent", "onward": "/cases/TV-000001/edit"}
        page = browser.post(f"{url}/login", token, timeout=10).text
        offered = page.partition('<select id="estado"')[2].partition("</select>")[0]
        assert re.findall(r"<option[^>]*>([^<]+)", offered) == ["Solucionado", "En curso", "Cerrado"]
        fresh = browser.get(f"{url}/cases/new", timeout=10).text
        assert ">Anulado<" in fresh.partition('<select id="estado"')[2].partition("</select>")[0]


def test_with_moves_declared_free_a_state_goes_where_a_log_says(tmp_path: Path) -> None:
    company = start("telvoz", tmp_path, 0, ANY_MOVES["telvoz"])
    try:
        acts = [{"op": "create", "fields": {"asunto": "uno"}},
                {"op": "edit", "number": "TV-000001", "fields": {"estado": "Cerrado"}}]  # fmt: skip
        done = Desk(company)
        assert [one["number"] for one in done.act(acts)] == ["TV-000001", "TV-000001"]
        done.close()
    finally:
        stop([company])


def test_a_missing_a_too_long_and_an_impossible_value_are_refused_by_name(service: Any) -> None:
    assert fallo(lambda: service.crearCaso(caso={"agente": "Ana"}))["campo"] == "asunto"
    assert fallo(lambda: service.crearCaso(caso={"asunto": "x" * 256}))["conocidos"] == ["255"]
    wrong = fallo(lambda: service.crearCaso(caso={"asunto": "x", "fechaEstado": "31/02/2026 10:00:00"}))
    assert (wrong["codigo"], wrong["campo"]) == ("Cliente.Validacion", "fechaEstado")
    iso = fallo(lambda: service.crearCaso(caso={"asunto": "x", "fechaEstado": "2026-11-21T10:00:00"}))
    assert (iso["codigo"], iso["campo"]) == ("Cliente.Esquema", "fechaEstado")


def test_a_second_case_of_one_hub_id_is_a_fault_that_names_the_first(service: Any) -> None:
    service.crearCaso(caso={"asunto": "uno", "casoHub": "hub-1"})
    said = fallo(lambda: service.crearCaso(caso={"asunto": "dos", "casoHub": "hub-1"}))
    assert (said["codigo"], said["numero"]) == ("Duplicado", "TV-000001")
    assert (said["campo"], said["valor"]) == ("casoHub", "hub-1")


def test_fields_of_the_system_and_unknown_ones_cannot_be_written(door: str) -> None:
    for name, conocidos in (("numero", False), ("gravedadd", True)):
        inside = f'<t:crearCaso xmlns:t="{SPACE}"><t:caso><t:{name}>x</t:{name}></t:caso></t:crearCaso>'
        answer = post(door, envelope(inside))
        assert answer.status_code == 500
        root = etree.fromstring(answer.content)
        assert root.findtext(f".//{{{SPACE}}}codigo") == "Cliente.Validacion"
        assert root.findtext(f".//{{{SPACE}}}campo") == name
        assert bool(root.findall(f".//{{{SPACE}}}conocido")) is conocidos


def test_a_stranger_gets_401_and_an_agent_may_not_use_the_service(door: str) -> None:
    call = envelope(f'<quienSoy xmlns="{SPACE}"/>')
    assert post(door, call, auth=("casebridge", "wrong")).status_code == 401
    assert post(door, call, auth=None).headers["WWW-Authenticate"] == 'Basic realm="casos"'
    refused = post(door, call, auth=("agent", "agent"))
    assert refused.status_code == 500
    assert b"<tv:codigo>Acceso</tv:codigo>" in refused.content
    assert b"<tv:usuario>casebridge</tv:usuario>" in post(door, call).content


def test_too_many_calls_are_asked_to_wait(store: Store) -> None:
    call = envelope(f'<quienSoy xmlns="{SPACE}"/>')
    with serving(application(store, rate=1)) as url:
        answers = [post(url, call) for _ in range(3)]
    assert answers[0].status_code == 200
    assert b"<tv:codigo>Ocupado</tv:codigo>" in answers[-1].content
    assert b"<tv:espera>1</tv:espera>" in answers[-1].content


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "a bomb of entities": f'<!DOCTYPE x [<!ENTITY a0 "ha">{BOMB}]><x>&a11;</x>'.encode(),
    "a file of the machine": b'<!-- c --><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "an outside DTD": b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    "a DTD in UTF-16": '<!DOCTYPE x [<!ENTITY e "ha">]><x>&e;</x>'.encode("utf-16"),
    "a claimed other encoding": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-',
    "a deep nest": envelope("<a>" * 5000 + "</a>" * 5000),
    "a rather deep nest": envelope("<a>" * 40 + "</a>" * 40),
    "half an envelope": envelope("<a/>")[:-20],
    "no bytes": b"",
    "two bodies' worth": envelope("<a/><b/>"),
    "HTML": b"<html><body>hola</body></html>",
    "a NUL": envelope("<a>\0</a>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_requests_are_refused_at_once(door: str, name: str) -> None:
    started = time.monotonic()
    answer = post(door, HOSTILE[name])
    assert time.monotonic() - started < 5
    assert answer.status_code == 500
    assert b"<tv:codigo>Cliente.XML</tv:codigo>" in answer.content
    assert b"root:" not in answer.content


def test_too_large_or_wrongly_labelled_requests_are_refused(door: str) -> None:
    assert post(door, b" " * (6 << 20) + b"<x/>").status_code == 413
    assert post(door, b"<x/>", headers={"Content-Type": "application/json"}).status_code == 415


def test_an_unknown_operation_and_a_broken_contract_are_named(door: str) -> None:
    unknown = post(door, envelope(f'<borrarCaso xmlns="{SPACE}"/>')).content
    assert b"<tv:codigo>Cliente.Esquema</tv:codigo>" in unknown
    assert b"<tv:conocido>modificarCaso</tv:conocido>" in unknown
    wrong = f'<t:listarCasos xmlns:t="{SPACE}"><t:desplazamiento>x</t:desplazamiento></t:listarCasos>'
    assert b"<tv:campo>desplazamiento</tv:campo>" in post(door, envelope(wrong)).content


def test_what_agents_do_at_the_desk_is_what_the_service_tells(service: Any, url: str) -> None:
    actions = [
        {"op": "create", "fields": {"asunto": "Sin línea", "prueba": "S", "fechaEstado": "21/11/2026 09:00:00"}},
        {"op": "edit", "number": "TV-000001", "fields": {"empresaResponsable": "NORTHCABLE"}},
        {"op": "note", "number": "TV-000001", "text": "solo aquí", "audience": "interna"},
        {"op": "edit", "number": "TV-000001", "fields": {"casoHub": "mío"}},
    ]
    done = requests.post(f"{url}/desk/api/actions", json={"actions": actions}, auth=("agent", "agent"), timeout=10)
    assert [one.get("number", one.get("code")) for one in done.json()["results"]] == ["TV-000001"] * 3 + ["read_only"]
    asked = {"numbers": "TV-000001"}
    body = requests.get(f"{url}/desk/api/cases", asked, auth=("agent", "agent"), timeout=10).json()["cases"][0]
    told = zeep.helpers.serialize_object(service.obtenerCasos(numeros={"numero": ["TV-000001"]}).casos.caso[0], dict)
    assert body == {**told, "archivos": {"archivo": []}}  # which zeep reads as None
    assert (told["empresaResponsable"], told["prueba"]) == ("NORTHCABLE", "S")
    assert told["fechaEstado"] == "21/11/2026 09:00:00"
    assert [one["visibilidad"] for one in told["notas"]["nota"]] == ["interna"]


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.companies.telvoz", "--port", "0", "--state", str(tmp_path)]

    def started() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, process.stdout.readline().removeprefix("READY ").strip()

    def ended(process: subprocess.Popen[str], how: signal.Signals) -> int:
        process.send_signal(how)
        with process:
            return process.wait(20)

    create = f'<t:crearCaso xmlns:t="{SPACE}"><t:caso><t:asunto>uno</t:asunto></t:caso></t:crearCaso>'
    get = f'<t:obtenerCasos xmlns:t="{SPACE}"><t:numeros><t:numero>TV-000001</t:numero></t:numeros></t:obtenerCasos>'
    process, url = started()
    made = post(url, envelope(create))
    ended(process, signal.SIGKILL)
    process, url = started()
    found = post(url, envelope(get))
    assert ended(process, signal.SIGTERM) == 0
    assert made.status_code == found.status_code == 200
    assert b"<tv:asunto>uno</tv:asunto>" in found.content
