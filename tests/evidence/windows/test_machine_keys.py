"""Who a Windows machine is, as its hives state it."""

from __future__ import annotations

import struct

import pytest
from tests.evidence.artefact_kit import read_member, read_place
from tests.evidence.windows.hive_kit import hive, number, text

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import registry_of
from nachsorge.evidence.readers.registry_hives import RegistryHives
from nachsorge.evidence.windows.machine_keys import place_of
from nachsorge.model.evidence import Identity, Lease
from nachsorge.model.times import SECOND, Span, parse_instant
from nachsorge.model.words import Platform

GUID = "40443dd9-5b21-a345-8f89-aadde84c3719"
OBTAINED, UNTIL = 1_679_000_000, 1_679_086_400
INTERFACES = {
    "{1}": {
        "EnableDHCP": number(1),
        "DhcpIPAddress": text("10.0.0.5"),
        "LeaseObtainedTime": number(OBTAINED),
        "LeaseTerminatesTime": number(UNTIL),
    },
    "{2}": {"EnableDHCP": number(0), "IPAddress": (7, "192.0.2.7\0\0".encode("utf-16-le"))},
    "{3}": {"EnableDHCP": number(1), "DhcpIPAddress": text("0.0.0.0"), "LeaseObtainedTime": number(OBTAINED)},
    "{4}": {"DhcpIPAddress": text("no address"), "LeaseTerminatesTime": (4, struct.pack("<I", 7))},
}


def system(name="PC-42"):
    parameters = {"NV Hostname": text("pc-42"), "NV Domain": text("corp.example"), "Interfaces": INTERFACES}
    control = {"ComputerName": {"ComputerName": {"ComputerName": text(name)}}}
    current = {"Control": control, "Services": {"Tcpip": {"Parameters": parameters}}}
    return hive({"Select": {"Current": number(1)}, "ControlSet001": current})


def software(guid=GUID):
    return hive({"Classes": {}, "Microsoft": {"Cryptography": {"MachineGuid": text(guid)}}})


def test_names_and_addresses_of_the_system_hive():
    _, reading = read_member(RegistryHives(), system(), "SYSTEM")
    (identity,) = reading.identities
    assert identity == Identity(names=("PC-42", "pc-42", "pc-42.corp.example"), platform=Platform.WINDOWS)
    dynamic, static = reading.leases
    assert dynamic == Lease(address="10.0.0.5", host="PC-42", span=Span(OBTAINED * SECOND, UNTIL * SECOND))
    assert (static.address, static.span.start) == ("192.0.2.7", parse_instant("2023-03-29T08:00:00Z"))


def test_the_machine_guid_of_the_software_hive():
    _, reading = read_member(RegistryHives(), software(), "SOFTWARE")
    assert reading.identities[0].marks == (f"machine_guid:{GUID}",)
    _, reading = read_member(RegistryHives(), hive({"Classes": {}, "Microsoft": {}}), "SOFTWARE")
    assert reading.identities == ()


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("x/pc1/C/Windows/System32/config/SYSTEM", "x/pc1/C"),
        ("x/pc1.zip!windows/system32/config/SOFTWARE", "x/pc1.zip"),
        ("SYSTEM", ""),
        ("x/hives/SYSTEM", ""),
    ],
)
def test_where_the_machine_lies(path, place):
    assert place_of(path) == place


def test_two_machines_of_one_name_in_two_collections_stay_two(tmp_path):
    other, readings = "50443dd9-5b21-a345-8f89-aadde84c3719", []
    for folder, guid in (("a", GUID), ("b", other)):
        config = tmp_path / folder / "Windows" / "System32" / "config"
        config.mkdir(parents=True)
        for name, body in (("SYSTEM", system()), ("SOFTWARE", software(guid))):
            (config / name).write_bytes(body)
            _, reading = read_place(RegistryHives(), config / name, None)
            path = str(config / name)
            identities = tuple(Identity(names=i.names, marks=i.marks, place=place_of(path)) for i in reading.identities)
            readings.append(type(reading)(path=path, identities=identities))
    found = registry_of(Inventory(), readings)
    owners = {found.host("PC-42", path=str(tmp_path / folder / "x.evtx")) for folder in "ab"}
    assert owners == {f"PC-42 (machine GUID {guid})" for guid in (GUID, other)}
