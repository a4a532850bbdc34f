"""Tables with guessed headers, OSV, CHIRP, Zeek intel, Suricata rules, reports: each sample value by value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.packs.importers.samples import CHIRP, HTML, MD5, OSV, REPORT, RULES, SAMPLES, SHA1, SHA256, TABLE, ZEEK

from nachsorge.model.words import Verification, Weight
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.chirp import ChirpImporter
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.osv import OsvImporter
from nachsorge.packs.importers.report import ReportImporter
from nachsorge.packs.importers.spreadsheet import SpreadsheetImporter
from nachsorge.packs.importers.suricata import SuricataRulesImporter
from nachsorge.packs.importers.text import TextImporter
from nachsorge.packs.importers.zeek_intel import ZeekIntelImporter
from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    from nachsorge.packs.importers.seams import Importer, Listing


def pairs(listing: Listing) -> list[tuple[str, str]]:
    return [(item.type.value, item.value) for item in listing.items]


def table(text: str, **columns: str) -> Listing:
    return listing_of(SpreadsheetImporter(columns), text.encode())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_known_by_its_content(name: str) -> None:
    kinds = {"json": ("stix", "misp", "osv"), "ioc": ("openioc",), "yaml": ("chirp",), "dat": ("zeek-intel",)}
    kinds |= {"rules": ("suricata-rules",), "csv": ("csv-table", "csv"), "md": ("report",), "html": ("report",)}
    kinds |= {"txt": ("text",)}
    importer = choose(SAMPLES[name], name)
    assert importer is not None
    assert importer.name in kinds[name.rpartition(".")[2]]


def test_a_table_with_several_hashes_in_a_cell_and_defanged_values() -> None:
    listing = listing_of(SpreadsheetImporter(), TABLE)
    assert pairs(listing) == [
        ("domain", "c2.example"),
        ("sha256", SHA256),
        ("sha1", SHA1),
        ("md5", MD5),
        ("email", "someone@mail.example"),
        ("package", "pkg:npm/made@1.2.3"),
    ]
    assert listing.items[4].fields["verification"] is Verification.UNVERIFIED
    assert listing.lost == 1
    assert "line 6: unknown type 'docker image'" in listing.not_understood[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Domain,Registrar\na.example,x\n", [("domain", "a.example")]),
        ("ip;asn\n192.0.2.1;7\n", [("ip", "192.0.2.1")]),
        (f"filename,md5,sha1\na.exe,{MD5},{SHA1}\n", [("md5", MD5), ("sha1", SHA1)]),
        ("filename\na.exe\n", [("file_name", "a.exe")]),
        (f"File,Domain\nREADME.md,a.example\n{MD5},\n", [("domain", "a.example"), ("md5", MD5)]),
        ('ips\n"192.0.2.1, 192.0.2.2"\n', [("ip", "192.0.2.1"), ("ip", "192.0.2.2")]),
        ("ioc\n192.0.2.1:443\na.example\n", [("ip", "192.0.2.1"), ("domain", "a.example")]),
        (
            'package_name,package_versions\n@a/b,"1.0.0, 1.0.1"\n',
            [("package", "pkg:npm/%40a/b@1.0.0"), ("package", "pkg:npm/%40a/b@1.0.1")],
        ),
        (
            "artifact_type,name,affected_versions\npypi package,made,1.0\ngithub action,a/b,v1\n",
            [("package", "pkg:pypi/made@1.0")],
        ),
        ("ecosystem,package,version\nnpm,made,1.0\n", [("package", "pkg:npm/made@1.0")]),
    ],
)
def test_headers_are_guessed(text: str, expected: list[tuple[str, str]]) -> None:
    assert isinstance(choose(text.encode(), "x.csv"), SpreadsheetImporter)
    assert [(kind, value.replace("@a", "%40a")) for kind, value in pairs(table(text))] == expected


def test_the_author_says_what_columns_are() -> None:
    text = "Thing,What\na.example,junk\n"
    with pytest.raises(RowProblem, match="no column of values"):
        table(text)
    assert pairs(table(text, Thing="domain", What="note")) == [("domain", "a.example")]
    made = listing_of(SpreadsheetImporter({}, "pypi"), b"package,version\nmade,1\n")
    assert pairs(made) == [("package", "pkg:pypi/made@1")]
    with pytest.raises(RowProblem, match="no ecosystem"):
        table("package,version\nmade,1\n")


@pytest.mark.parametrize(
    "row", ["path,/tmp/.<random 6 chars>", "npm package,a", "domain,no name", "martian,x", 'domain,"a,b",c,d']
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(row: str) -> None:
    listing = table(f"type,indicator\n{row}\n")
    assert (len(listing.items), listing.lost) == (0, 1)
    assert listing.not_understood[-1].startswith("line 2:")


def test_osv() -> None:
    listing = listing_of(OsvImporter(), OSV)
    assert [(kind, value.replace("@made", "%40made", 1)) for kind, value in pairs(listing)][:2] == [
        ("package", "pkg:npm/%40made/name@1.0.1"),
        ("package", "pkg:npm/%40made/name@1.0.2"),
    ]
    assert pairs(listing)[2:] == [("domain", "c2.example"), ("ip", "192.0.2.1")]
    assert listing.lost == 2  # a range without versions; an ecosystem without lock files


def test_osv_one_a_line_names_the_broken_line() -> None:
    one = json.dumps(json.loads(OSV))
    listing = listing_of(OsvImporter(), f"{one}\n{one}\n{{broken}}\n".encode())
    assert len(listing.items) == 8
    assert any(each.startswith("line 3: not JSON") for each in listing.not_understood)


def test_chirp() -> None:
    listing = listing_of(ChirpImporter(), CHIRP)
    assert [(item.type.value, item.value, item.place, item.weight) for item in listing.items] == [
        ("ip", "192.0.2.1", "line 7", Weight.STRONG),
        ("domain", "c2.example", "line 8", Weight.STRONG),
        ("registry", r"HKLM\Software\Made", "line 11", Weight.HINT),
    ]
    assert [each.partition(":")[0] for each in listing.not_understood] == ["line 9", "line 17"]
    assert listing.lost == 2


def test_zeek_intel() -> None:
    listing = listing_of(ZeekIntelImporter(), ZEEK)
    assert pairs(listing) == [
        ("domain", "c2.example"),
        ("cidr", "192.0.2.0/24"),
        ("sha1", SHA1),
        ("url_pattern", "c2.example/gate"),
    ]
    assert listing.items[0].fields["first_source"] == "made feed"
    assert listing.lost == 1
    assert "USER_NAME" in listing.not_understood[0]


def test_suricata_rules() -> None:
    listing = listing_of(SuricataRulesImporter(), RULES)
    assert [(item.type.value, item.value, item.place, item.weight) for item in listing.items] == [
        ("domain", "c2.example", "line 1", Weight.STRONG),
        ("domain", "b.example", "line 2", Weight.HINT),
        ("ip", "192.0.2.7", "line 3", Weight.STRONG),
    ]
    assert listing.lost == 1
    assert any("made bytes (sid 4)" in each for each in listing.not_understood)
    assert any("switched off" in each for each in listing.not_understood)


def test_a_report_in_markdown() -> None:
    listing = listing_of(ReportImporter(), REPORT)
    found = {(item.type.value, item.value): item for item in listing.items}
    assert set(found) == {
        ("domain", "c2.example"),
        ("url", "https://blog.example.org/post"),
        ("sha256", SHA256),
        ("file_name", "made.dll"),
        ("url", "https://files.c2.example:8443/get"),
        ("email", "someone.else@mail.example"),
        ("path", r"C:\ProgramData\Made\made.exe"),
    }
    c2 = found["domain", "c2.example"]
    assert (c2.weight, c2.place) == (Weight.STRONG, "line 3")
    assert "then slept" in c2.fields["note"]
    reference = found["url", "https://blog.example.org/post"]
    assert reference.fields["verification"] is Verification.UNVERIFIED
    assert found["file_name", "made.dll"].weight is Weight.HINT
    assert any("1 names and links are written plainly" in each for each in listing.not_understood)


def test_a_report_that_defangs_nothing_gives_hints() -> None:
    [item] = listing_of(ReportImporter(), b"# x\nThe malware talked to c2.example.org for a while.\n").items
    assert (item.value, item.weight) == ("c2.example.org", Weight.HINT)
    assert "verification" not in item.fields


@pytest.mark.parametrize(
    "wrapping", ["{}", "({})", "[{}]", "`{}`", '"{}"', "<{}>", "| {} |", "{},", "{}.", "*{}*", "at {}:443"]
)
@pytest.mark.parametrize("value", ["updates.made.net", "made.org", "c2.made.co.uk", "192.0.2.7", "ab" * 32])
def test_a_value_is_found_whatever_stands_around_it(wrapping: str, value: str) -> None:
    line = f"The server {wrapping.format(value)} shipped it"
    found = {item.value for item in listing_of(ReportImporter(), f"# x\n{line}\n".encode()).items}
    assert found == {value} or (value in found and ":443" in line)


def test_a_report_in_html() -> None:
    listing = listing_of(ReportImporter(), HTML)
    assert {(item.type.value, item.value, item.place) for item in listing.items} == {
        ("domain", "c2.example", "line 2"),
        ("file_name", "made.dll", "line 4"),
        ("sha256", SHA256, "line 4"),
    }
    assert listing.statements[0].says == "Made report"


def pdf(*pages: str) -> bytes:
    """Make a PDF of pages of text by the bytes that the format asks for (ISO 32000-1, 7.5)."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        shown = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {len(objects) + 2} 0 R>>"
        )
        objects.append(f"<</Length {len(shown)}>>stream\n{shown}\nendstream")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(pages)}>>"
    out, offsets = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj{each}endobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\n"
    return (out + f"startxref\n{start}\n%%EOF\n").encode()


def test_a_report_in_pdf_names_page_and_the_page_without_text() -> None:
    listing = listing_of(ReportImporter(), pdf("The app called c2[.]example at noon", ""))
    assert [(item.value, item.place) for item in listing.items] == [("c2.example", "page 1, line 1")]
    assert listing.lost == 1
    assert listing.not_understood[0].startswith("page 2:")


@pytest.mark.parametrize(
    ("importer", "library", "content"),
    [(ReportImporter(), "ioc_finder", b"# x\na.example.org is it\n"), (ReportImporter(), "pypdf", pdf("a.example"))],
)
def test_a_missing_extra_is_told_with_the_install_line(
    importer: Importer, library: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from nachsorge.packs.importers import extract

    extract._finder.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(RowProblem) as caught:
        listing_of(importer, content)
    assert "pip install 'nachsorge[reports]'" in caught.value.remedy
    extract._finder.cache_clear()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{MD5};made comment", [("md5", MD5, "strong")]),
        ("192.0.2.1:443", [("ip", "192.0.2.1", "strong")]),
        ("c2.example:8080/gate.php", [("url_pattern", "c2.example/gate.php", "strong")]),
        (r"\\made-18\.12\.407\.msi;80", [("file_name", "made-18.12.407.msi", "strong")]),
        (r"\\made\.exe;50", [("file_name", "made.exe", "hint")]),
        (r"\\paexec;80;(?i)tools", [("file_name", "paexec*", "hint")]),
        (r"ProgramData\\Made\\a\.dll;80", [("path", r"*ProgramData\Made\a.dll", "strong")]),
        (r"(TEMP|Temp)\\dl_[0-9]{2}\.exe;80", []),
    ],
)
def test_lines_of_lists_with_comments_ports_and_expressions(line: str, expected: list[tuple[str, str, str]]) -> None:
    listing = listing_of(TextImporter(), f"{line}\n".encode())
    assert [(item.type.value, item.value, item.weight.value) for item in listing.items] == expected
    assert listing.lost == (not expected)


def test_a_yara_rule_in_a_chirp_document_is_carried() -> None:
    text = "ioc_type: yara\nname: made\nindicator:\n  rule: |\n    rule made { condition: true }\n"
    listing = listing_of(ChirpImporter(), text.encode())
    assert [(rule.engine, rule.id) for _, rule in listing.rules] == [("yara", "made")]
    assert listing.lost == 0
