"""The plainest indicator file, as spreadsheets and people really write it."""

from __future__ import annotations

import pytest

from nachsorge.model.times import parse_end, parse_instant
from nachsorge.model.words import IndicatorType, Platform, Role, Tlp, Weight
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.csv import CsvImporter
from nachsorge.packs.importers.listing import listing_of

PLAIN = "type,value\ndomain,c2.example\nip,192.0.2.1\n"


def values(content: bytes) -> list[tuple[str, str]]:
    return [(item.type.value, item.value) for item in listing_of(CsvImporter(), content).items]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.rstrip("\n").encode(),
        ("# from a colleague\n\n" + PLAIN).encode(),
        b'"Type","Value"\n"domain","c2.example"\n"IP","192.0.2.1"\n',
        b"value,type\nc2.example,domain\n192.0.2.1,ip\n",
        b"type,value\ndomain, C2.Example. \n\n  ,\nip,192.0.2.1\n",
    ],
)
def test_every_spelling_of_the_same_list_gives_the_same_values(content: bytes) -> None:
    assert values(content) == [("domain", "c2.example"), ("ip", "192.0.2.1")]
    assert isinstance(choose(content, "list.csv"), CsvImporter)


def test_defanged_values_are_written_back() -> None:
    rows = [
        "domain,c2[.]example[.]org",
        "url,hxxps://c2[.]example/a",
        "url,hXXp[://]c2(dot)example/b",
        "ip,192[.]0[.]2[.]1",
        "email,evil[@]c2[.]example",
    ]
    assert values(("type,value\n" + "\n".join(rows)).encode()) == [
        ("domain", "c2.example.org"),
        ("url", "https://c2.example/a"),
        ("url", "http://c2.example/b"),
        ("ip", "192.0.2.1"),
        ("email", "evil@c2.example"),
    ]


def test_the_further_columns_are_kept() -> None:
    header = "type,value,stage,weight,role,platform,source,sources,tlp,valid_from,valid_until,note\n"
    row = "domain,c2.example,contacted,proof,abused-legitimate,macos,a,b; c,clear,2023-03-01,2023-03-31,why\n"
    [item] = listing_of(CsvImporter(), (header + row).encode()).items
    assert (item.type, item.stage, item.weight) == (IndicatorType.DOMAIN, "contacted", Weight.PROOF)
    fields = item.fields
    assert fields["role"] is Role.ABUSED_LEGITIMATE
    assert fields["platform"] is Platform.MACOS
    assert (fields["first_source"], fields["sources"]) == ("a", ("b", "c"))
    assert fields["tlp"] is Tlp.CLEAR
    assert fields["valid_from"] == parse_instant("2023-03-01")
    assert fields["valid_until"] == parse_end("2023-03-31")
    assert fields["note"] == "why"


def test_what_is_not_understood_is_listed_with_its_line() -> None:
    content = "type,value,colour\ndomain,c2.example,red\nflavour,abc,\nsha1,zz,\ndomain,a.example,b,c,d\n"
    listing = listing_of(CsvImporter(), content.encode())
    assert [item.value for item in listing.items] == ["c2.example"]
    lines = [each.split(":")[0] for each in listing.not_understood]
    assert lines == ["line 1", "line 3", "line 4", "line 5"]
    assert "'colour'" in listing.not_understood[0]
    assert "unknown type 'flavour'" in listing.not_understood[1]


def test_a_line_number_counts_lines_within_quoted_fields() -> None:
    content = 'type,value,note\ndomain,c2.example,"two\nlines"\nsha1,zz,\n'
    listing = listing_of(CsvImporter(), content.encode())
    assert listing.items[0].place == "line 2"
    assert listing.not_understood[0].startswith("line 4:")


def test_another_encoding_is_read_and_told() -> None:
    listing = listing_of(CsvImporter(), "type,value,note\ndomain,c2.example,für\n".encode("cp1252"))
    assert listing.items[0].fields["note"] == "für"
    assert listing.not_understood == ("line 2: not UTF-8; read as Windows-1252",)
