"""Winlogbeat calls data without names `param1`, `param2` ...; those of Windows Installer are of that kind."""

import json

import pytest
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson


def installed(number, **data):
    winlog = {"channel": "Application", "provider_name": "MsiInstaller", "event_id": str(number), "record_id": "7"}
    tree = {"@timestamp": "2023-03-09T07:30:12Z", "winlog": {**winlog, "computer_name": "pc-1", "event_data": data}}
    ((record,), _) = read_bytes(WindowsNdjson(), json.dumps(tree).encode() + b"\n")
    return record.software


@pytest.mark.parametrize("number", [1033, 1034, 1035])
def test_numbered_data_are_name_and_version(number):
    found = installed(
        number, param1="3CX Desktop App", param2="18.12.407", param3="1033", param4="0", param5="3CX Ltd."
    )
    assert (found.name, found.version, found.publisher) == ("3CX Desktop App", "18.12.407", "3CX Ltd.")


def test_their_order_is_that_of_the_numbers():
    found = installed(1033, param5="Maker", param4="0", param2="1.2", param1="App", param3="1031")
    assert (found.name, found.version, found.publisher) == ("App", "1.2", "Maker")


def test_a_failed_installation_states_nothing():
    assert installed(1033, param1="App", param2="1.2", param3="1031", param4="1603", param5="Maker") is None


def test_a_sentence_is_read_as_before():
    found = installed(11707, param1="Product: App -- Installation completed successfully.")
    assert (found.name, found.version) == ("App", "")
