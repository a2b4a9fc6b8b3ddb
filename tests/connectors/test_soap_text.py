"""Whatever people write goes through the contract and back unchanged, or is refused by name; half an answer is none."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.soap_envelope import body_of, reply_in
from connectors.soap_system import SoapSystem
from connectors.soap_wsdl import Contract
from connectors.soap_xml import BadXml
from hub.partners import load_system
from sandbox.companies.telvoz_xml import answer, opened, text

SYSTEM = load_system(Path(__file__).parents[2] / "mappings" / "partners" / "telvoz")
assert isinstance(SYSTEM, SoapSystem)
CONTRACT = Contract(SYSTEM)
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def told(**fields: Any) -> dict[str, Any]:
    """The case that Telvoz's own writer tells, as the contract reads it."""
    stamps = {"numero": "TV-1", "fechaAlta": "21/11/2026 10:00:00", "fechaModificacion": "21/11/2026 10:00:00"}
    raw = answer("modificarCaso", {"caso": {**stamps, **fields, "notas": {"nota": []}}})
    read: dict[str, Any] = CONTRACT.answer("update", reply_in(body_of(raw, "1.1"), None))["caso"]
    return read


@given(
    st.text(min_size=1, max_size=60) | st.sampled_from(["]]>", "<!-- -->", "&#0;", "\r\n", "\u202e\u0301", "🙂", " "])
)
def test_a_text_reaches_them_and_comes_back_as_it_was_or_is_refused(written: str) -> None:
    arguments = {"numero": "TV-1", "caso": {"asunto": written}}
    if found := NO_XML.search(written):
        with pytest.raises(Rejected, match=re.escape(f"C672 caso.asunto: the character U+{ord(found.group()):04X}")):
            CONTRACT.request("update", arguments, blank=True, where="telvoz modificarCaso")
        return
    sent = CONTRACT.request("update", arguments, blank=True, where="telvoz modificarCaso")
    (case,) = [one for one in opened(sent.raw()) if one.tag.endswith("caso")]
    assert text(case, "asunto") == written
    assert told(asunto=written)["asunto"] == written


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(-(2**31), 2**31 - 1))
def test_a_number_comes_back_as_the_same_number(cost: Decimal, minutes: int) -> None:
    read = told(minutos=minutes, costeImporte=format(cost, "f"))
    assert (read["costeImporte"], read["minutos"]) == (cost, minutes)


def test_an_answer_cut_at_any_place_is_no_answer() -> None:
    raw = answer("modificarCaso", {"caso": {"numero": "TV-1", "asunto": "Sin línea", "notas": {"nota": []}}})
    for length in range(len(raw.rstrip())):
        with pytest.raises(BadXml):
            CONTRACT.answer("update", reply_in(body_of(raw[:length], "1.1"), None))
