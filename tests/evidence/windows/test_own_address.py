"""Which address of its own an event states, and what is none of it."""

from __future__ import annotations

import io
import json

import pytest
from tests.builders import t
from tests.evidence.artefact_kit import read_member

from nachsorge.evidence import fast
from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.evtx_records import Rendered
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.evidence.readers.windows_xml import WindowsXml
from nachsorge.evidence.windows.event import Head
from nachsorge.evidence.windows.own_address import own_address, own_address_of, states_address, usable
from nachsorge.model.evidence import Lease
from nachsorge.model.times import MINUTE, Span

SYSMON, SECURITY, DHCP = (
    "Microsoft-Windows-Sysmon",
    "Microsoft-Windows-Security-Auditing",
    "Microsoft-Windows-Dhcp-Client",
)
OUT = {
    **{"Protocol": "tcp", "Initiated": True, "SourceIp": "10.20.0.17", "SourcePort": 50001},
    **{"DestinationIp": "10.20.0.1", "DestinationPort": 445},
}
WENT = {"Protocol": "6", "Direction": "%%14593", "SourceAddress": "10.20.0.17", "SourcePort": "50001"}
MORNING = t("2023-03-29T08:00")


def head(provider, number):
    return Head(channel="x", provider=provider, event_id=number, computer="pc1")


def said(provider, number, data):
    return own_address(head(provider, number), json.dumps({"Event": {"System": {}, "EventData": data}}))


@pytest.mark.parametrize(
    ("provider", "number", "data", "own"),
    [
        (SYSMON, 3, OUT, "10.20.0.17"),
        (SYSMON, 3, OUT | {"Initiated": "true"}, "10.20.0.17"),
        (SYSMON, 3, OUT | {"SourcePort": "50001"}, "10.20.0.17"),
        # What others began: on a file server Sysmon gave the client as destination, from the server's port 445.
        (SYSMON, 3, OUT | {"Initiated": False}, ""),
        (SYSMON, 3, OUT | {"Initiated": False, "SourcePort": 445, "DestinationPort": 49304}, ""),
        (SYSMON, 3, OUT | {"SourcePort": 445, "DestinationPort": 49304}, ""),
        (SYSMON, 3, OUT | {"SourcePort": None}, ""),
        (SYSMON, 3, OUT | {"Protocol": "udp"}, ""),
        (SYSMON, 3, OUT | {"Initiated": None}, ""),
        (SYSMON, 3, OUT | {"SourceIp": "0:0:0:0:0:0:0:1"}, ""),
        (SYSMON, 3, OUT | {"SourceIp": "fe80:0:0:0:797c:af4c:4407:b0cc"}, ""),
        (SYSMON, 3, OUT | {"SourceIp": "2001:db8:0:0:0:0:0:17"}, "2001:db8::17"),
        (SECURITY, 5156, WENT, "10.20.0.17"),
        (SECURITY, 5156, WENT | {"Protocol": 6}, "10.20.0.17"),
        (SECURITY, 5156, WENT | {"Direction": "%%14592"}, ""),
        (SECURITY, 5156, WENT | {"Protocol": "17"}, ""),
        (DHCP, 60000, {"Address1": 285217802, "Address2": 16782346}, "10.20.0.17"),
        (DHCP, 60001, {"Address1": "285217802"}, "10.20.0.17"),
        (DHCP, 60001, {"Address1": 2**32}, ""),
        (DHCP, 60001, {"Address1": 0}, ""),
        (DHCP, 60001, {}, ""),
        (SYSMON, 3, OUT | {"SourceIp": ["10.20.0.17"]}, ""),
        (SYSMON, 3, None, ""),
    ],
)
def test_what_an_event_states_of_its_own_machine(provider, number, data, own):
    assert said(provider, number, data) == own
    if data and not any(isinstance(value, list) for value in data.values()):
        assert own_address_of(head(provider, number), data) == own


def test_only_these_kinds_are_asked():
    assert states_address("Microsoft-Windows-Sysmon", 3)
    assert not states_address(SYSMON, 22)
    assert not states_address("Other", 3)
    # A logon names the other end, and a bind to a port names no address.
    assert not states_address(SECURITY, 4624)
    assert not states_address(SECURITY, 5158)
    # Hints of networks: an address of theirs may be one that was offered, or looked for.
    assert not any(states_address(DHCP, number) for number in (50065, 50066, 50067, 1002))


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "169.254.9.9", "224.0.0.251", "255.255.255.255", "0.0.0.0", "::", "::1", "fe80::1%4", "ff02::1"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "name", "", "1" * 200, "None"),
    ],
)
def test_what_tells_no_machines_apart_is_no_address(text):
    assert usable(text) == ""


def test_an_address_is_spelled_as_sensors_do():
    assert usable("::ffff:10.20.0.17") == "10.20.0.17"
    assert usable("2001:DB8:0:0::17") == "2001:db8::17"


# --- the readers ------------------------------------------------------------------------------------------------------


def event(number, minute, data, *, provider=SYSMON, channel="Microsoft-Windows-Sysmon/Operational", event_id=3):
    time = f"2023-03-29T{8 + minute // 60:02}:{minute % 60:02}:00.000000Z"
    system = {
        "Provider": {"#attributes": {"Name": provider, "Guid": "0"}},
        "EventID": event_id,
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "EventRecordID": number,
        "Correlation": None,
        "Channel": channel,
        "Computer": "PC1.corp.example",
        "Security": None,
    }
    return {"Event": {"#attributes": {"xmlns": "x"}, "System": system, "EventData": data}}


EVENTS = [
    event(1, 0, OUT),
    event(2, 10, {"QueryName": "a.example"}, event_id=22),
    event(3, 40, OUT),
    event(4, 200, OUT),
    event(5, 210, OUT | {"SourceIp": "192.168.178.20"}),
]
HOST = "PC1.corp.example"


def own(address, first, last):
    return Lease(address=address, host=HOST, span=Span(MORNING + first * MINUTE, MORNING + last * MINUTE), own=True)


STAYS = (own("10.20.0.17", 0, 40), own("10.20.0.17", 200, 200), own("192.168.178.20", 210, 210))


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("step", [1, 2, 5])
def test_an_event_log_states_stays_with_and_without_the_loops(compiled, step):
    fast.forget_events()
    if compiled:
        pytest.importorskip("numba")
        assert fast.prepare_events()
    texts = [json.dumps(one, separators=(",", ":")) for one in EVENTS]
    ledger = Ledger()
    run = Rendered(ledger, None, Continuity(ledger), None)
    for at in range(0, len(texts), step):
        list(run.take(list(range(at + 1, at + step + 1))[: len(texts) - at], texts[at : at + step]))
    fast.forget_events()
    assert ledger.own_leases() == STAYS


def test_one_by_one_where_an_event_is_not_written_as_usual():
    texts = [json.dumps(one).replace("SystemTime", "Time") for one in EVENTS[:1]] + [json.dumps(EVENTS[0], indent=1)]
    ledger = Ledger()
    list(Rendered(ledger, None, Continuity(ledger), None).take([1, 1], texts))
    assert ledger.own_leases() == (own("10.20.0.17", 0, 0),)


def test_lines_of_json_state_the_same_in_all_spellings():
    def winlog(one):
        system, data = one["Event"]["System"], one["Event"]["EventData"]
        return {
            "@timestamp": system["TimeCreated"]["#attributes"]["SystemTime"],
            "winlog": {
                "channel": system["Channel"],
                "provider_name": system["Provider"]["#attributes"]["Name"],
                "event_id": system["EventID"],
                "computer_name": HOST,
                "record_id": system["EventRecordID"],
                "event_data": {name: str(value).lower() for name, value in data.items()},
            },
        }

    def flat(one):
        system, data = one["Event"]["System"], one["Event"]["EventData"]
        named = {"Channel": system["Channel"], "EventID": system["EventID"], "SourceName": SYSMON, "Hostname": HOST}
        return named | {"@timestamp": system["TimeCreated"]["#attributes"]["SystemTime"]} | data

    for spelled in (lambda one: one, winlog, flat):
        body = "".join(json.dumps(spelled(one)) + "\n" for one in EVENTS).encode()
        _, reading = read_member(WindowsNdjson(), body)
        assert reading.leases == STAYS


def test_exported_xml_states_the_same():
    out = io.StringIO()
    for one in EVENTS:
        system, data = one["Event"]["System"], one["Event"]["EventData"]
        named = "".join(f'<Data Name="{name}">{str(value).lower()}</Data>' for name, value in data.items())
        out.write(
            '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
            f'<Provider Name="{SYSMON}"/><EventID>{system["EventID"]}</EventID>'
            f'<TimeCreated SystemTime="{system["TimeCreated"]["#attributes"]["SystemTime"]}"/>'
            f"<EventRecordID>{system['EventRecordID']}</EventRecordID><Channel>{system['Channel']}</Channel>"
            f"<Computer>{HOST}</Computer></System><EventData>{named}</EventData></Event>\n"
        )
    _, reading = read_member(WindowsXml(), f"<Events>{out.getvalue()}</Events>".encode())
    assert reading.leases == STAYS
