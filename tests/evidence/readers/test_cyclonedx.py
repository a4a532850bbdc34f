"""CycloneDX bills of materials."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, purls, shows_plant, sieves, survives
from tests.evidence_kit import PLANT

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.cyclonedx import CycloneDx
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry

TREE = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {
        "timestamp": "2025-09-12T00:00:00Z",
        "component": {"type": "application", "name": "shop", "version": "9"},
    },
    "components": [
        {
            "type": "library",
            "name": "chalk",
            "version": "5.6.0",
            "purl": "pkg:npm/chalk@5.6.0?vcs_url=x",
            "hashes": [{"alg": "SHA-256", "content": PLANT.sha256}],
            "components": [
                {"type": "library", "group": "@ctrl", "name": "tinycolor", "purl": "pkg:npm/%40ctrl/tinycolor@4.1.2"}
            ],
        },
        {"type": "operating-system", "name": "Windows", "version": "10.0"},
        {
            "type": "application",
            "name": "3CX Desktop App",
            "version": "18.12.416",
            "publisher": "3CX",
            "purl": "pkg:generic/3cx@18.12.416",
        },
    ],
    "services": [{"name": "pay", "endpoints": ["https://pay.example/"]}],
    "vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "pkg:npm/debug@4.4.2"}]}],
}
XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
  <metadata><timestamp>2025-09-12T00:00:00Z</timestamp></metadata>
  <components>
    <component type="library">
      <name>chalk</name><version>5.6.0</version>
      <hashes><hash alg="SHA-256">{PLANT.sha256}</hash></hashes>
      <purl>pkg:npm/chalk@5.6.0</purl>
      <components><component type="library"><name>x</name><purl>pkg:npm/x@1.0.0</purl></component></components>
    </component>
  </components>
</bom>
""".encode()


def body(tree: object) -> bytes:
    return json.dumps(tree, indent=1).encode()


def test_json():
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:generic/3cx@18.12.416"}
    records = names_exactly(CycloneDx(), body(TREE), "sboms/shop.json", wanted)
    kinds = {record.locator: record.telemetry for record in records}
    assert kinds["/components/0/components/0"] is Telemetry.PACKAGE_LOCK
    assert kinds["/components/1"] is kinds["/metadata/component"] is Telemetry.INSTALLED_SOFTWARE
    program = next(record for record in records if record.locator == "/components/2")
    assert program.software == Software(name="3CX Desktop App", version="18.12.416", publisher="3CX")
    assert next(r for r in records if r.locator == "/components/1").software.platform is Platform.WINDOWS
    assert "https://pay.example/" in {value.text for value in records[-2].values}
    _, ledger = look(CycloneDx(), body(TREE), "sboms/shop.json")
    assert (ledger.host, covers(ledger)) == ("sboms/shop.json", True)
    assert ledger.first == ledger.last == parse_instant("2025-09-12")
    assert [seen.telemetry for seen in ledger.seen() if seen.spans] == [Telemetry.PACKAGE_LOCK]


def test_xml():
    records = names_exactly(CycloneDx(), XML, "bom.xml", {"pkg:npm/chalk@5.6.0", "pkg:npm/x@1.0.0"})
    assert (Kind.HASH, PLANT.sha256) in {(value.kind, value.text) for value in records[0].values}
    assert covers(look(CycloneDx(), XML, "bom.xml")[1])


@pytest.mark.parametrize("sample", [body(TREE), XML], ids=["json", "xml"])
def test_the_contract(sample):
    sieves(CycloneDx(), sample, "bom", b"chalk")
    shows_plant(CycloneDx(), sample)
    survives(CycloneDx(), sample, "bom", by_lines=False)


@pytest.mark.parametrize("aggregate", ["incomplete", "incomplete_first_party_only", "unknown"])
def test_what_says_that_it_is_incomplete_is_a_gap(aggregate):
    tree = TREE | {"compositions": [{"aggregate": "complete"}, {"aggregate": aggregate, "assemblies": ["x"]}]}
    _, ledger = look(CycloneDx(), body(tree), "bom.json")
    assert aggregate in lost(ledger) and not covers(ledger)
    said = f"<compositions><composition><aggregate>{aggregate}</aggregate></composition></compositions></bom>"
    xml = XML.replace(b"</bom>", said.encode())
    assert aggregate in lost(look(CycloneDx(), xml, "bom.xml")[1])


def test_what_cannot_be_compared_covers_nothing():
    library = {"type": "library", "name": "x", "version": "1"}
    wrong = library | {"purl": "npm x 1"}
    for components in ([], [library], [*TREE["components"], library], [*TREE["components"], wrong]):
        _, ledger = look(CycloneDx(), body(TREE | {"components": components}), "bom.json")
        assert lost(ledger) and not covers(ledger)
    _, ledger = look(CycloneDx(), body(TREE | {"metadata": {}}), "bom.json")
    assert ledger.gaps and not covers(ledger)


@pytest.mark.parametrize("version", ["", "^5.6.0", "~5.6", ">=5", "5.x", "*", "[1.0,2.0)", "1 || 2", "${v}", "latest"])
def test_a_component_without_an_exact_version_covers_nothing(version):
    """It could be any version, the compromised one among them: GitHub's exports are full of such ranges."""
    open_ended = {"type": "library", "name": "x", "version": version, "purl": "pkg:npm/x"}
    _, ledger = look(CycloneDx(), body(TREE | {"components": [*TREE["components"], open_ended]}), "bom.json")
    assert "exact version" in lost(ledger) and not covers(ledger)


@pytest.mark.parametrize("version", ["1.0.0-beta.1+x", "2:1.18~rc1-3", "1.0.0.Final", "v1.2.3", "0.0.0-2023x", "5"])
def test_a_component_with_one_version_covers(version):
    library = {"type": "library", "name": "x", "version": version, "purl": "pkg:deb/debian/x"}
    assert covers(look(CycloneDx(), body(TREE | {"components": [library]}), "bom.json")[1])


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_every_version_of_the_format(version):
    _, ledger = look(CycloneDx(), body(TREE | {"specVersion": version}), "bom.json")
    assert covers(ledger)
    _, ledger = look(CycloneDx(), XML.replace(b"bom/1.4", b"bom/" + version.encode()), "bom.xml")
    assert covers(ledger)


def test_a_version_that_nobody_knows_yet_covers_nothing():
    for sample in (body(TREE | {"specVersion": "2.0"}), XML.replace(b"bom/1.4", b"bom/2.0")):
        records, ledger = look(CycloneDx(), sample, "bom")
        assert "pkg:npm/chalk@5.6.0" in purls(records)
        assert "not known" in lost(ledger) and not covers(ledger)


@pytest.mark.parametrize("around", [("predicate",), ("predicate", "Data"), ("sbom",)])
def test_what_stands_around_a_bill_is_opened(around):
    tree = TREE
    for key in reversed(around):
        tree = {"_type": "https://in-toto.example/Statement/v1", key: tree}
    records, ledger = look(CycloneDx(), body(tree), "att.json")
    assert records == look(CycloneDx(), body(TREE), "att.json")[0]
    assert covers(ledger)


def test_protocol_buffers_are_nobodys():
    """Nobody reads them: the file is then of an unknown format, which is a gap."""
    sample = (
        b"\x0a\x031.4\x10\x01\x1a\x2durn:uuid:3e671687-395b-41f5-a30f-a58921a69b79\x2a\x20\x08\x02\x22\x05chalk\0\1"
    )
    assert reader_for(sample, "bom.cdx") is None


def test_entities_are_refused():
    hostile = XML.replace(b"<bom", b'<!DOCTYPE bom [<!ENTITY a "b">]><bom')
    _, ledger = look(CycloneDx(), hostile, "bom.xml")
    assert ledger.unreadable == 1 and not covers(ledger)


COUNTS = {
    "SBOM/juice-shop/v11.1.2/bom.json": (840, "npm"),
    "SBOM/dropwizard-1.3.15/bom.json": (167, "maven"),
    "SBOM/laravel-7.12.0/bom.1.1.xml": (62, "composer"),
    "SBOM/laravel-7.12.0/bom.1.4.xml": (62, "composer"),
    "SBOM/laravel-7.12.0/bom.1.4.json": (62, "composer"),
    "SBOM/cern-lhc-vdm-editor-e564943/bom.json": (43, "npm"),
}


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_real_ones_have_the_components_that_their_source_states(shared_data, name):
    sample = (shared_data / "sbom-cyclonedx" / name).read_bytes()
    records, ledger = look(CycloneDx(), sample, name)
    listed = [record for record in records if record.locator.startswith("/components/")]
    count, ecosystem = COUNTS[name]
    assert len(listed) == count and ledger.unreadable == 0
    assert Counter(purl.partition("/")[0] for purl in purls(listed)).most_common(1)[0][0] == f"pkg:{ecosystem}"
    assert covers(ledger) == (b"<timestamp>" in sample or b'"timestamp"' in sample)


def test_all_twelve_real_ones_are_recognised_and_read_whole(shared_data):
    paths = [p for p in (shared_data / "sbom-cyclonedx").rglob("*") if p.suffix in (".json", ".xml")]
    assert len(paths) == 12
    for path in paths:
        sample = path.read_bytes()
        assert reader_for(sample[:65536], str(path)).name == "cyclonedx", path
        records, ledger = look(CycloneDx(), sample, path.name)
        assert records and not ledger.unreadable
        assert "not known" not in lost(ledger)


def test_real_ones_without_packages_cover_none(shared_data):
    for name in ("HBOM", "OBOM", "CBOM", "SaaSBOM"):
        for path in (shared_data / "sbom-cyclonedx" / name).rglob("*.json"):
            records, ledger = look(CycloneDx(), path.read_bytes(), path.name)
            assert records and ledger.unreadable == 0 and not covers(ledger) and lost(ledger)
