"""osquery, Velociraptor, Loki and the VEX-like note: each held against as much of its consumer as can be had here."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from ruamel.yaml import YAML
from tests.exports.packs.kit import VALUES, body, everything, exported, known, packs, row

from nachsorge.model.pack import Exposure, Pack
from nachsorge.model.words import IndicatorType, Platform, Tlp

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Written

TABLES = {
    # Columns as in osquery's schema; only those that our queries name.
    "processes": "pid name path",
    "hash": "path md5 sha1 sha256",
    "file": "path size mtime",
    "registry": "key path name data mtime",
    "process_open_sockets": "pid remote_address remote_port",
    "dns_cache": "name type",
    "npm_packages": "name version path",
    "python_packages": "name version path",
    "deb_packages": "name version arch",
    "rpm_packages": "name version arch",
    "certificates": "common_name path sha1",
    "programs": "name version",
    "apps": "name bundle_short_version",
}


def osquery(**planted: dict[str, str]) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    for table, columns in TABLES.items():
        base.execute(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in columns.split())})")
    for table, values in planted.items():
        marks = ", ".join("?" for _ in values)
        base.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
    return base


def asked(incident: Pack) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(body(exported("osquery", incident)))["queries"]
    return found


def finds(incident: Pack, **planted: dict[str, str]) -> bool:
    base = osquery(**planted)
    return any(base.execute(each["query"]).fetchall() for each in asked(incident).values())


@given(packs())
@settings(max_examples=50)
def test_sqlite_understands_every_query(incident: Pack) -> None:
    base = osquery()
    for name, each in asked(incident).items():
        base.execute(each["query"])
        assert re.fullmatch(r"\w+", name)
        assert each["interval"] == 86_400
        assert each.get("platform", "windows") in ("windows", "darwin", "linux")


@pytest.mark.parametrize(
    ("kind", "value", "table", "hit", "miss"),
    [
        (IndicatorType.DOMAIN, "c2.example", "dns_cache", {"name": "a.C2.example"}, {"name": "notc2.example"}),
        (IndicatorType.DOMAIN, "a_b.example", "dns_cache", {"name": "x.a_b.example"}, {"name": "x.acb.example"}),
        (IndicatorType.PATH, r"C:\Users\<user>\evil.dll", "file", {"path": r"C:\Users\eve\evil.dll"}, {"path": "x"}),
        (IndicatorType.FILE_NAME, "it's; here.exe", "processes", {"name": "It's; here.exe"}, {"name": "here.exe"}),
        (IndicatorType.PACKAGE, "pkg:npm/%40scope/evil@1.2.3", "npm_packages",
         {"name": "@scope/evil", "version": "1.2.3"},
         {"name": "@scope/evil", "version": "1.2.30"}),
        (IndicatorType.PACKAGE, "pkg:pypi/evil@0.1", "python_packages", {"name": "evil", "version": "0.1"},
         {"name": "evil", "version": "0.2"}),
        (IndicatorType.REGISTRY, r"HKCU\Software\Evil\Run", "registry",
         {"path": r"HKEY_USERS\S-1-5-21\Software\Evil\Run"}, {"path": r"HKEY_USERS\S-1-5-21\Software\Evil"}),
        (IndicatorType.CERTIFICATE, "AABBCCDDEEFF00112233445566778899AABBCCDD", "certificates",
         {"sha1": "aabbccddeeff00112233445566778899aabbccdd"}, {"sha1": "aa"}),
    ],
)  # fmt: skip
def test_a_planted_row_is_found(
    kind: IndicatorType, value: str, table: str, hit: dict[str, str], miss: dict[str, str]
) -> None:
    incident = known(row(kind, value), exposures=())
    assert finds(incident, **{table: hit})
    assert not finds(incident, **{table: miss})


def test_joined_tables_meet() -> None:
    hashed = known(row(IndicatorType.SHA1, "cd" * 20), exposures=())
    assert finds(hashed, processes={"pid": "1", "path": "/x"}, hash={"path": "/x", "sha1": "cd" * 20})
    contact = known(row(IndicatorType.IP, "192.0.2.5"), exposures=())
    sockets = {"pid": "1", "remote_address": "192.0.2.5"}
    assert finds(contact, processes={"pid": "1"}, process_open_sockets=sockets)


def test_affected_versions_are_asked_for_where_the_platform_lists_them() -> None:
    assert finds(known(), programs={"name": "EVIL App", "version": "1.2.3"})
    assert not finds(known(), programs={"name": "EVIL App", "version": "1.2.4"})
    assert not finds(known(), apps={"name": "EVIL App", "bundle_short_version": "1.2.3"})
    any_of = Exposure(id="x", names=("Evil App",), any_version=True, stage="installed")
    assert finds(known(exposures=(any_of,)), apps={"name": "Evil App", "bundle_short_version": "9"})


def test_velociraptors_artifact_has_the_documented_keys_and_all_values() -> None:
    artifact = YAML(typ="safe", pure=True).load(body(exported("velociraptor", everything())))
    assert re.fullmatch(r"Custom(\.[A-Z][A-Za-z0-9]*)+", artifact["name"])
    assert artifact["type"] == "CLIENT"
    tables = {each["name"]: list(csv.reader(io.StringIO(each["default"]))) for each in artifact["parameters"]}
    assert all(each["type"] == "csv" for each in artifact["parameters"])
    assert ["C:\\Users\\*\\AppData\\evil.dll"] in tables["paths"]
    assert ["192.0.2.5/32"] in tables["networks"]
    assert ["2001:db8:7::/48"] in tables["networks"]
    for source in artifact["sources"]:
        assert source["query"].startswith("SELECT ")
        assert any(f"{name}.{table[0][0]}" in source["query"] for name, table in tables.items())


def test_an_artifact_has_no_source_for_what_there_is_not() -> None:
    artifact = YAML(typ="safe", pure=True).load(
        body(exported("velociraptor", known(row(IndicatorType.IP, "192.0.2.5"))))
    )
    assert [each["name"] for each in artifact["sources"]] == ["connections"]


def lists(written: Written) -> dict[str, list[str]]:
    return {
        file.name.rpartition("-")[0].rpartition("-")[2]: [
            line for line in file.content.decode().splitlines() if line and not line.startswith("#")
        ]
        for file in written.files
    }


@given(packs())
@settings(max_examples=50)
def test_lokis_lists_have_lokis_columns(incident: Pack) -> None:
    found = lists(exported("loki", incident, most=Tlp.RED))
    assert all(
        re.fullmatch(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64});[^;]*", line) for line in found.get("hash", [])
    )
    for line in found.get("filename", []):
        expression, score = line.split(";")
        re.compile(expression)
        assert 0 < int(score) <= 100
    assert all(re.fullmatch(r"[0-9a-f:.]+|[a-z0-9.-]+", line) for line in found.get("c2", []))


@pytest.mark.parametrize(
    ("value", "hit", "miss"),
    [
        (r"C:\Users\<user>\AppData\evil.dll", r"c:\users\eve\appdata\EVIL.dll", r"C:\Users\eve\AppData\x\evil.dll"),
        (r"%APPDATA%\x\y.exe", r"C:\Users\eve\AppData\Roaming\x\y.exe", r"C:\x\y.exe.txt"),
        ("~/Library/.e", "/Users/eve/Library/.e", "/Users/eve/Library/xe"),
        ("/opt/evil/*.so", "/opt/evil/a.so", "/opt/evil/b/a.so"),
    ],
)
def test_lokis_expressions_mean_the_path(value: str, hit: str, miss: str) -> None:
    [line] = lists(exported("loki", known(row(IndicatorType.PATH, value))))["filename"]
    expression = line.rpartition(";")[0]
    assert re.search(expression, hit)
    assert not re.search(expression, miss)


def test_the_note_is_valid_cyclonedx_and_names_products_and_packages() -> None:
    text = body(exported("vex", everything()))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.replace('"state"', '"stat"')) is not None
    document = json.loads(text)
    [statement] = document["vulnerabilities"]
    refs = {each["bom-ref"] for each in document["components"]}
    assert {each["ref"] for each in statement["affects"]} == refs
    assert set(VALUES[IndicatorType.PACKAGE]) <= refs
    product = next(each for each in statement["affects"] if each["ref"] == "product-app")
    assert product["versions"] == [
        {"version": "1.2.3", "status": "affected"},
        {"version": "1.2.4", "status": "unaffected"},
    ]


def test_a_scoped_package_keeps_name_and_version() -> None:
    document = json.loads(body(exported("vex", known(row(IndicatorType.PACKAGE, "pkg:npm/%40scope/evil@1.2.3?x=y")))))
    package = next(each for each in document["components"] if each["type"] == "library")
    assert (package["name"], package["version"]) == ("%40scope/evil", "1.2.3")


def test_any_version_and_platform_are_said() -> None:
    exposure = Exposure(id="x", names=("App",), any_version=True, stage="installed", platform=Platform.MACOS)
    text = body(exported("vex", known(exposures=(exposure,))))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert '"range": "vers:generic/*"' in text
    assert '"value": "macos"' in text
