"""What an installed package of Python says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.packages_contract import covers, look, lost, purls, shows_plant, survives
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.python_metadata import PythonMetadata
from nachsorge.model.words import Kind, Telemetry

BODY = b"""Metadata-Version: 2.1
Name: Evil_Package
Version: 1.0.0
Summary: does
  this and that
Home-page: https://evil.example/
Project-URL: Source, https://code.example/x
Requires-Dist: other (==2.0.0)

Name: not-this
Version: 9
"""


@pytest.mark.parametrize(
    ("path", "project"),
    [
        ("repo/.venv/lib/python3.11/site-packages/evil-1.0.0.dist-info/METADATA", "repo/"),
        ("repo/venv-3.11/Lib/site-packages/evil-1.0.0.dist-info/METADATA", "repo/"),
        ("repo/.venv/lib64/python3/site-packages/evil.egg-info/PKG-INFO", "repo/"),
        ("opt/tool/lib/python3/dist-packages/evil-1.0.0.egg-info/PKG-INFO", "opt/tool/"),
        ("a.zip!.venv/lib/python3.11/site-packages/evil-1.0.0.dist-info/METADATA", "a.zip!/"),
        ("repo/src/evil.egg-info/PKG-INFO", "repo/src/"),
        ("METADATA", "./"),
    ],
)
def test_a_package_lay_there_and_proves_no_absence(path: str, project: str) -> None:
    found = reader_for(BODY, path)
    assert found is not None and found.name == "python_metadata"
    (record,), ledger = look(PythonMetadata(), BODY, path)
    assert purls([record]) == {"pkg:pypi/evil-package@1.0.0"}
    assert (record.telemetry, ledger.host) == (Telemetry.PACKAGE_LOCK, project)
    assert not covers(ledger) and ledger.gaps and not lost(ledger)


def test_addresses_are_typed_and_the_sieve_is_exact() -> None:
    (record,), _ = look(PythonMetadata(), BODY, "METADATA")
    urls = {value.text for value in record.values if value.kind is Kind.URL}
    assert urls == {"https://evil.example/", "https://code.example/x"}
    assert len(look(PythonMetadata(), BODY, "METADATA", b"code.example")[0]) == 1
    assert not look(PythonMetadata(), BODY, "METADATA", b"not-this")[0]


def test_one_without_a_version_is_searched_as_text_and_a_loss() -> None:
    records, ledger = look(PythonMetadata(), BODY.replace(b"Version: 1.0.0\n", b"Version:\n"), "METADATA")
    assert lost(ledger) and ledger.unreadable == 1
    assert any("evil.example" in record.event["text"] for record in records)


def test_the_contract() -> None:
    shows_plant(PythonMetadata(), BODY)
    survives(PythonMetadata(), BODY, "METADATA", by_lines=True)
    assert PythonMetadata().accepts(b"Name: x\nVersion: 1\n", "METADATA") == 0


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_first_header_never_raise(junk: bytes) -> None:
    records, ledger = read_bytes(PythonMetadata(), b"Metadata-Version: 2.1\nName: x\n" + junk)
    assert records or ledger.gaps
