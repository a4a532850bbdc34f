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
YAML = f"""SPDXID: "SPDXRef-DOCUMENT"
spdxVersion: "SPDX-2.3"
creationInfo:
  created: 2025-09-12T00:00:00Z
documentDescribes:
- "SPDXRef-shop"
packages:
- SPDXID: "SPDXRef-shop"
  name: "shop"
- SPDXID: "SPDXRef-chalk"
  name: "chalk"
  versionInfo: 5.6.0
  checksums:
  - algorithm: "SHA256"
    checksumValue: "{PLANT.sha256}"
  externalRefs:
  - referenceType: "purl"
    referenceLocator: "pkg:npm/chalk@5.6.0"
files:
- fileName: "./x.js"
  checksums:
  - algorithm: "MD5"
    checksumValue: "{"0" * 31}1"
""".encode()
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID><spdxVersion>SPDX-2.3</spdxVersion>
<creationInfo><created>2025-09-12T00:00:00Z</created></creationInfo>
<documentDescribes>SPDXRef-shop</documentDescribes>
<packages><SPDXID>SPDXRef-shop</SPDXID><name>shop</name></packages>
<packages><SPDXID>SPDXRef-chalk</SPDXID><name>chalk</name><versionInfo>5.6.0</versionInfo>
<checksums><algorithm>SHA256</algorithm><checksumValue>{PLANT.sha256}</checksumValue></checksums>
<externalRefs><referenceType>purl</referenceType><referenceLocator>pkg:npm/chalk@5.6.0</referenceLocator></externalRefs>
</packages>
<files><fileName>./x.js</fileName><checksums><algorithm>MD5</algorithm><checksumValue>{"0" * 31}1</checksumValue>
</checksums></files></Document>
""".encode()
_TERMS = "http://spdx.org/rdf/terms#"
_HERE = "https://spdx.example/doc"
RDF = f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="{_TERMS}">
<spdx:SpdxDocument rdf:about="{_HERE}#SPDXRef-DOCUMENT"><spdx:specVersion>SPDX-2.3</spdx:specVersion>
<spdx:creationInfo><spdx:CreationInfo><spdx:created>2025-09-12T00:00:00Z</spdx:created></spdx:CreationInfo>
</spdx:creationInfo>
<spdx:relationship><spdx:Relationship><spdx:relationshipType rdf:resource="{_TERMS}relationshipType_describes"/>
<spdx:relatedSpdxElement><spdx:Package rdf:about="{_HERE}#SPDXRef-shop"><spdx:name>shop</spdx:name>
</spdx:Package></spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship>
</spdx:SpdxDocument>
<spdx:Package rdf:about="{_HERE}#SPDXRef-chalk"><spdx:name>chalk</spdx:name>
<spdx:versionInfo>5.6.0</spdx:versionInfo>
<spdx:checksum><spdx:Checksum><spdx:algorithm rdf:resource="{_TERMS}checksumAlgorithm_sha256"/>
<spdx:checksumValue>{PLANT.sha256}</spdx:checksumValue></spdx:Checksum></spdx:checksum>
<spdx:externalRef><spdx:ExternalRef><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/>
<spdx:referenceLocator>pkg:npm/chalk@5.6.0</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef></spdx:Package>
<spdx:File rdf:about="{_HERE}#SPDXRef-f"><spdx:fileName>./x.js</spdx:fileName><spdx:checksum><spdx:Checksum>
<spdx:algorithm rdf:resource="{_TERMS}checksumAlgorithm_md5"/><spdx:checksumValue>{"0" * 31}1</spdx:checksumValue>
</spdx:Checksum></spdx:checksum></spdx:File>
</rdf:RDF>
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
SAMPLES = {
    "json": json.dumps(V2, indent=1).encode(),
    "tags": TAGS,
    "3.0": json.dumps(V3, indent=1).encode(),
    "yaml": YAML,
    "xml": XML,
    "rdf": RDF,
}


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
    ("body", "reason"),
    [
        (b'<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"><spdx:name>chalk</spdx:name></rdf:RDF>\n', Reason.CORRUPT),
        (b"<Document><spdxVersion>SPDX-2.3</spdxVersion><name>chalk</name>", Reason.CORRUPT),
        (b"spdxVersion: SPDX-2.3\nname: [chalk\n", Reason.CORRUPT),
        (b"spdxVersion: SPDX-2.3\nname: chalk\n" + b"#\n" * 50_000, Reason.LIMIT),
        (b"spdxVersion: SPDX-2.3\npackages: &all\n- name: chalk\nfiles: *all\n", Reason.NOT_SUPPORTED),
    ],
)
def test_what_cannot_be_decoded_is_a_gap_and_searched_as_text(body, reason):
    assert reader_for(body, "sbom").name == "spdx"
    records, ledger = look(Spdx(), body, "sbom")
    assert ledger.gaps[-1].reason is reason
    assert any("chalk" in record.event["text"] for record in records) and not covers(ledger)


@pytest.mark.parametrize("form", SAMPLES)
def test_unknown_versions(form):
    body = SAMPLES[form].replace(b"SPDX-2.3", b"SPDX-2.9").replace(b"rdf/3.0.1/", b"rdf/3.7/")
    assert "not known" in lost(look(Spdx(), body, "x")[1])


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.3"])
@pytest.mark.parametrize("form", [form for form in SAMPLES if b"SPDX-2.3" in SAMPLES[form]])
def test_every_version_of_2_in_every_form(form, version):
    _, ledger = look(Spdx(), SAMPLES[form].replace(b"SPDX-2.3", b"SPDX-" + version.encode()), "x")
    assert covers(ledger)


def test_version_1_is_read_as_far_as_it_is_alike_and_covers_nothing():
    sample = TAGS.replace(b"SPDX-2.3", b"SPDX-1.2")
    assert reader_for(sample, "x").name == "spdx"
    records, ledger = look(Spdx(), sample, "x")
    assert any(record.event["name"] == "chalk" for record in records)
    assert "not known" in lost(ledger) and not covers(ledger)


@pytest.mark.parametrize("key", ["sbom", "predicate"])
def test_what_stands_around_a_document_is_opened(key):
    """GitHub's dependency graph exports `{"sbom": {...}}`, in-toto states `{"predicate": {...}}`."""
    sample = json.dumps({key: V2}).encode()
    assert reader_for(sample, "sbom.json").name == "spdx"
    records, ledger = look(Spdx(), sample, "sbom.json")
    assert records == look(Spdx(), json.dumps(V2).encode(), "sbom.json")[0]
    assert covers(ledger)


def test_a_range_of_versions_covers_nothing():
    """GitHub lists what a manifest asks for with its range as the version."""
    named = [{"referenceType": "purl", "referenceLocator": "pkg:npm/x"}]
    asked = {"SPDXID": "SPDXRef-x", "name": "x", "versionInfo": "^5.6.0", "externalRefs": named}
    _, ledger = look(Spdx(), json.dumps(V2 | {"packages": [*V2["packages"], asked]}).encode(), "sbom.json")
    assert "exact version" in lost(ledger) and not covers(ledger)


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
