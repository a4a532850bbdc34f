"""Who asked, read off a stretch of lines, is who asked in each of its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.test_survey import LINES as SHAPED
from tests.evidence.test_survey import PIECES
from tests.evidence_kit import read_bytes

from nachsorge.evidence import lines as engine
from nachsorge.evidence.clients import clients
from nachsorge.evidence.presence import Everyone, scanner
from nachsorge.evidence.readers import READERS

if TYPE_CHECKING:
    from nachsorge.evidence.line_format import LineFormat

EVE = (
    b'{"timestamp":"2023-03-28T10:40:00.0+0000","flow_id":1,"event_type":"%b","src_ip":"%b","src_port":%d,'
    b'"dest_ip":"%b"%b}'
)
LINES = {
    name: (header, lines)
    for name, (header, lines) in SHAPED.items()
    if name in {"squid", "access_log", "w3c", "zeek_tsv", "zeek_json", "dnsmasq", "windns"}
}
LINES["suricata_eve"] = (
    b"",
    [
        EVE % (b"dns", b"10.0.0.7", 4000, b"10.0.0.53", b',"dns":{"type":"query"}'),
        EVE % (b"dns", b"10.0.0.53", 53, b"10.0.0.7", b',"dns":{"type":"answer"}'),
        EVE % (b"tls", b"10.0.0.8", 4000, b"192.0.2.1", b',"flow":{"src_ip":"10.0.0.8"}'),
        EVE % (b"http", b"192.0.2.1", 80, b"10.0.0.9", b',"flow":{"src_ip":"10.0.0.9"}'),
    ],
)
LINES["zeek_json"] = (b"", [LINES["zeek_json"][1][0], LINES["zeek_json"][1][2]])
BY_NAME = {reader.name: reader for reader in READERS}


FORMS: dict[str, LineFormat] = {}
"""A form of each format, as its reader made it."""


@pytest.fixture(autouse=True, scope="module")
def _forms():
    patcher = pytest.MonkeyPatch()
    for name, (header, lines) in LINES.items():
        forms: list[LineFormat] = []
        real = engine.read_lines

        def spy(source, form, sieve, ledger, forms=forms, real=real):
            forms.append(form)
            return real(source, form, sieve, ledger)

        module = __import__(type(BY_NAME[name]).__module__, fromlist=["x"])
        drives = {"read_lines": module.__name__, "read_telling": "nachsorge.evidence.telling"}
        where = next((drives[one] for one in drives if hasattr(module, one)), "nachsorge.evidence.telling")
        with patcher.context() as patched:
            patched.setattr(f"{where}.read_lines", spy)
            read_bytes(BY_NAME[name], header + b"".join(line + b"\n" for line in lines))
        FORMS[name] = forms[0]
    yield
    patcher.undo()


def dotted(name: str, body: bytes) -> bytes:
    return body.replace(b"(3)bad(7)example(0)", b"bad.example").replace(b"(1)x(0)", b"x") if name == "windns" else body


def decoded(form: LineFormat, segment: bytes) -> set[tuple[bytes, str]]:
    records = [form.parse(line.rstrip(b"\r"), "") for line in segment.split(b"\n")]
    return {(r.addresses[0].lower().encode(), r.telemetry) for r in records if r is not None and r.addresses}


@pytest.mark.parametrize("name", sorted(LINES))
def test_a_stretch_of_usual_lines_is_read_off(name):
    usual = [line for line in LINES[name][1] if not line.startswith(b"#") and line.strip() and b"kernel" not in line]
    usual = [line for line in usual if b"EVENT" not in line]
    segment = dotted(name, b"".join(line + b"\n" for line in usual))
    form = FORMS[name]
    assert form.asks
    found = form.askers(segment)
    assert found and found == decoded(form, segment)


@pytest.mark.parametrize("name", sorted(LINES))
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_what_is_read_off_is_what_is_decoded(name, data):
    body = bytearray(b"".join(data.draw(st.sampled_from(LINES[name][1])) + b"\n" for _ in range(6)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(PIECES)
    segment = dotted(name, bytes(body))
    form = FORMS[name]
    found = form.askers(segment)
    if found is not None:
        assert found == decoded(form, segment)


@pytest.mark.parametrize("name", ["suricata_eve", "zeek_json"])
def test_a_record_that_was_torn_across_two_lines_is_nobodys(name):
    whole = LINES[name][1][-1]
    comma = whole.rindex(b',"') + 1
    torn = whole[:comma] + b"\n" + whole[comma:]
    form = FORMS[name]
    for segment in (torn, torn + b"\n" + whole + whole + b"\n", whole + b"\n" + torn + b"\n"):
        assert form.askers(segment) is None
    for segment in (whole + b"\n", whole + b"\r\n" + whole + b"\r\n", whole + b"\n" + whole):
        assert form.askers(segment) == decoded(form, segment) != set()


@pytest.mark.parametrize("name", sorted(LINES))
def test_of_all_addresses_only_those_asked_for_are_given(name):
    segment = dotted(name, b"".join(line + b"\n" for line in LINES[name][1]))
    every = clients(segment, FORMS[name], scanner(Everyone()))
    for address, telemetry in every:
        assert clients(segment, FORMS[name], scanner(frozenset({address, "203.0.113.99"}))) == {
            pair for pair in every if pair[0] == address
        }, (address, telemetry)
