"""SPDX documents."""

from __future__ import annotations

import json

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, shows_plant, sieves, survives
from tests.evidence_kit import PLANT

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.spdx import Spdx
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Telemetry

V2 = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "creationInfo": {"created": "2025-09-12T00:00:00Z"},
    "documentDescribes": ["SPDXRef-shop"],
    "packages": [
        {"SPDXID": "SPDXRef-shop", "name": "shop", "primaryPackagePurpose": "APPLICATION", "versionInfo": "9"},
        {
            "SPDXID": "SPDXRef-chalk",
            "name": "chalk",
            "versionInfo": "5.6.0",
            "downloadLocation": "https://mirror.example/chalk.tgz",
            "checksums": [{"algorithm": "SHA256", "checksumValue": PLANT.sha256}],
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/chalk@5.6.0"}],
        },
    ],
    "files": [{"fileName": "./x.js", "checksums": [{"algorithm": "MD5", "checksumValue": "0" * 31 + "1"}]}],
}
TAGS = f"""SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>PackageName: evil
PackageVersion: 1</text>
Created: 2025-09-12T00:00:00Z
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-shop
## chalk
PackageName: shop
SPDXID: SPDXRef-shop

PackageName: chalk
SPDXID: SPDXRef-chalk
PackageVersion: 5.6.0
PackageChecksum: SHA256: {PLANT.sha256}
ExternalRef: PACKAGE-MANAGER purl pkg:npm/chalk@5.6.0

FileName: ./x.js
FileChecksum: MD5: {"0" * 31}1
""".encode()
V3 = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "created": "2025-09-12T00:00:00Z", "specVersion": "3.0.1"},
        {"type": "software_Sbom", "rootElement": ["urn:shop"]},
        {"type": "software_Package", "spdxId": "urn:shop", "name": "shop", "software_primaryPurpose": "application"},
        {
            "type": "software_Package",
            "name": "chalk",
            "software_packageVersion": "5.6.0",
            "software_packageUrl": "pkg:npm/chalk@5.6.0",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": PLANT.sha256}],
        },
        {"type": "software_File", "name": "./x.js"},
    ],
}
SAMPLES = {"json": json.dumps(V2, indent=1).encode(), "tags": TAGS, "3.0": json.dumps(V3, indent=1).encode()}


@pytest.mark.parametrize("form", SAMPLES)
def test_every_form(form):
    records = names_exactly(Spdx(), SAMPLES[form], "sboms/shop", {"pkg:npm/chalk@5.6.0"})
    assert [record.event["name"] for record in records] == ["shop", "chalk", "./x.js"]
    assert (Kind.HASH, PLANT.sha256) in {(value.kind, value.text) for value in records[1].values}
    assert (Kind.PATH, "./x.js") in {(value.kind, value.text) for value in records[2].values}
    _, ledger = look(Spdx(), SAMPLES[form], "sboms/shop")
    assert (ledger.host, covers(ledger), ledger.first) == ("sboms/shop", True, parse_instant("2025-09-12"))


@pytest.mark.parametrize("form", SAMPLES)
def test_the_contract(form):
    sieves(Spdx(), SAMPLES[form], "sbom", b"chalk@5.6.0")
    shows_plant(Spdx(), SAMPLES[form])
    survives(Spdx(), SAMPLES[form], "sbom", by_lines=True)


def test_an_application_is_installed_software():
    records, _ = look(Spdx(), SAMPLES["json"], "x")
    assert records[0].telemetry is Telemetry.INSTALLED_SOFTWARE
    assert (records[0].software.name, records[0].software.version) == ("shop", "9")


def test_what_it_says_it_does_not_know_is_a_gap():
    relation = {"spdxElementId": "x", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NOASSERTION"}
    _, ledger = look(Spdx(), json.dumps(V2 | {"relationships": [relation]}).encode(), "x")
    assert "DEPENDS_ON" in lost(ledger) and not covers(ledger)
    _, ledger = look(Spdx(), TAGS + b"Relationship: SPDXRef-chalk DEPENDS_ON NOASSERTION\n", "x")
    assert "DEPENDS_ON" in lost(ledger)
    graph = [*V3["@graph"], {"type": "Relationship", "completeness": "incomplete"}]
    assert "incomplete" in lost(look(Spdx(), json.dumps(V3 | {"@graph": graph}).encode(), "x")[1])


@pytest.mark.parametrize(
    "body",
    [
        b'<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"><spdx:name>chalk</spdx:name></rdf:RDF>\n',
        b"spdxVersion: SPDX-2.3\npackages:\n- name: chalk\n",
    ],
)
def test_other_forms_are_not_supported_and_searched_as_text(body):
    assert reader_for(body, "sbom").name == "spdx"
    records, ledger = look(Spdx(), body, "sbom")
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_SUPPORTED]
    assert any("chalk" in record.event["text"] for record in records) and not covers(ledger)
    assert Spdx().plant(body, PLANT) is None


@pytest.mark.parametrize("form", SAMPLES)
def test_unknown_versions(form):
    body = SAMPLES[form].replace(b"SPDX-2.3", b"SPDX-2.9").replace(b"rdf/3.0.1/", b"rdf/3.7/")
    assert "not known" in lost(look(Spdx(), body, "x")[1])


def test_real_ones_are_read_and_none_of_them_rules_a_package_out(shared_data):
    paths = [p for p in (shared_data / "sbom-spdx").rglob("*") if p.suffix in (".json", ".spdx")]
    assert len(paths) == 46
    for path in paths:
        body = path.read_bytes()
        assert reader_for(body[:65536], str(path)).name == "spdx"
        records, ledger = look(Spdx(), body, path.name)
        assert records and ledger.unreadable == 0
        # None of these examples gives every component a package URL.
        assert lost(ledger) and not covers(ledger)
