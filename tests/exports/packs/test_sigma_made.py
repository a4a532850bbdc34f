"""Sigma: pySigma reads the rules, SQLite runs them over planted rows, and each back end says what it refuses."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sigma.collection import SigmaCollection
from tests.exports.packs.kit import AT, VALUES, body, door, everything, exported, known, row

from nachsorge.exports.packs import siem
from nachsorge.exports.packs.release import Terms, select
from nachsorge.exports.packs.seams import Unavailable
from nachsorge.exports.packs.sigma_made import MOST_VALUES, made, values_in
from nachsorge.model.words import IndicatorType, Platform, Tlp

if TYPE_CHECKING:
    from pathlib import Path
from typing import Any

SIEMS = ["splunk", "esql", "lucene", "kql", "sqlite"]


def queries(name: str, incident: object) -> list[str]:
    text = body(exported(name, incident))  # type: ignore[arg-type]
    return [block.split("\n", 1)[1].strip() for block in re.split(r"\n\n(?=(?:#|//|--) )", text)[1:]]


def meets(kind: IndicatorType, value: str, event: dict[str, str], **more: Any) -> bool:
    """Run the SQL of a pack with one row over one event."""
    base = sqlite3.connect(":memory:")
    asked = queries("sqlite", known(row(kind, value, **more)))
    columns = sorted({*event, *re.findall(r"\b(?:QueryName|query|DestinationHostname|DestinationIp|dst_ip|Hashes|"
                                         r"TargetFilename|Image|ImageLoaded|TargetObject)\b|\"[^\"]+\"|`[^`]+`|\[[^\]]+\]",
                                         " ".join(asked))})  # fmt: skip
    names = sorted({column.strip('"`[]') for column in columns})
    base.execute(f"CREATE TABLE logs ({', '.join(f'{chr(34)}{name}{chr(34)} TEXT' for name in names)})")
    marks = ", ".join("?" for _ in event)
    listed = ", ".join(f'"{name}"' for name in event)
    base.execute(f"INSERT INTO logs ({listed}) VALUES ({marks})", list(event.values()))
    found = 0
    for query in asked:
        found += len(base.execute(query.replace("<TABLE_NAME>", "logs")).fetchall())
    return bool(found)


def test_pysigma_reads_every_rule_without_a_flaw() -> None:
    rules = SigmaCollection.from_yaml(body(exported("sigma", everything()))).rules
    assert len(rules) > 10
    assert [rule.errors for rule in rules if rule.errors] == []
    assert rules[0].title == "Own rule"
    assert all(any(tag.namespace == "tlp" for tag in rule.tags) for rule in rules[1:])
    assert len({str(rule.id) for rule in rules}) == len(rules)


@pytest.mark.parametrize(
    ("kind", "value", "hit", "miss"),
    [
        (IndicatorType.DOMAIN, "c2.example", {"QueryName": "a.c2.example"}, {"QueryName": "notc2.example"}),
        (IndicatorType.DOMAIN, "c2.example", {"query": "c2.example"}, {"query": "c2.example.org"}),
        (IndicatorType.IP, "192.0.2.5", {"DestinationIp": "192.0.2.5"}, {"DestinationIp": "192.0.2.55"}),
        (IndicatorType.CIDR, "198.51.100.0/24", {"DestinationIp": "198.51.100.9"}, {"DestinationIp": "198.51.101.9"}),
        (IndicatorType.SHA256, "ab" * 32, {"Hashes": f"MD5=1,SHA256={'AB' * 32}"}, {"Hashes": "SHA256=ab"}),
        (IndicatorType.PATH, r"C:\Users\<user>\x\evil.dll", {"ImageLoaded": r"C:\Users\eve\x\evil.dll"},
         {"ImageLoaded": r"C:\Users\eve\x\evil.dll.bak"}),
        (IndicatorType.PATH, r"C:\dir\*\evil.exe", {"Image": r"C:\dir\a\evil.exe"}, {"Image": r"C:\dir*evil.exe"}),
        (IndicatorType.FILE_NAME, "evil.exe", {"Image": r"D:\evil.exe"}, {"Image": r"D:\notevil.exe"}),
        (IndicatorType.REGISTRY, r"HKCU\Software\Evil", {"TargetObject": r"HKU\S-1-5\Software\Evil"},
         {"TargetObject": r"HKU\S-1-5\Software\Other"}),
    ],
)  # fmt: skip
def test_sqlite_finds_what_the_rule_means(
    kind: IndicatorType, value: str, hit: dict[str, str], miss: dict[str, str]
) -> None:
    assert meets(kind, value, hit)
    assert not meets(kind, value, miss)


@pytest.mark.parametrize("name", SIEMS)
def test_every_rule_becomes_a_query_or_is_named(name: str) -> None:
    incident = everything()
    written = exported(name, incident)
    rules = SigmaCollection.from_yaml(body(exported("sigma", incident))).rules
    refused = [loss for loss in written.losses if "refuses" in loss.why]
    for rule in rules:
        assert str(rule.id) in body(written) or any(str(rule.id) in loss.what for loss in refused)
    assert len(rules) > len(refused)
    assert "author: somebody" in body(written)


def test_a_rule_whose_fields_are_not_mapped_is_named() -> None:
    losses = exported("splunk", known(row(IndicatorType.URL, "https://host.example/a"))).losses
    assert any("field names are Sigma's own" in loss.why for loss in losses)


def test_a_missing_back_end_is_said_with_the_line_that_installs_it() -> None:
    lost = siem.SiemExporter(
        name="x", backend="sigma.backends.nothing:X", pipelines=(), mark="#", ending=".x", says=siem.SPLUNK.says
    )
    with pytest.raises(Unavailable, match=r"pip install 'nachsorge\[siem\]'"):
        lost.write(select(everything(), Terms(decide=door(Tlp.RED), at=AT), blocks=False))


def test_long_lists_are_split() -> None:
    incident = known(*(row(IndicatorType.IP, f"10.{n >> 8}.{n & 255}.1") for n in range(MOST_VALUES + 1)))
    selection = select(incident, Terms(decide=door(Tlp.RED), at=AT), blocks=False)
    assert len(made(selection)) == 4
    assert len({each.id for each in made(selection)}) == 4


def test_the_product_follows_the_platform() -> None:
    text = body(exported("sigma", known(row(IndicatorType.PATH, "~/Library/.e", platform=Platform.MACOS))))
    assert "product: macos" in text
    assert "product" not in body(exported("sigma", known(row(IndicatorType.PATH, "/opt/evil"))))


def test_what_no_log_records_has_no_test() -> None:
    for kind, values in VALUES.items():
        none = kind in (
            IndicatorType.PACKAGE, IndicatorType.EMAIL, IndicatorType.CERTIFICATE, IndicatorType.NAMED_OBJECT,
            IndicatorType.STRING,
        )  # fmt: skip
        assert all(bool(values_in(row(kind, value))) != none for value in values), kind


def test_files_are_called_after_the_language(tmp_path: Path) -> None:
    assert [exported(name, everything()).files[0].name.rpartition(".")[2] for name in SIEMS] == [
        "spl", "esql", "lucene", "kql", "sql",
    ]  # fmt: skip
