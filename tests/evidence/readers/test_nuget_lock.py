"""packages.lock.json and project.assets.json."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, purls, sieves, survives
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.nuget_lock import NugetLock

SUM = "A" * 86 + "=="
BODY = f"""{{
  "version": 1,
  "dependencies": {{
    "net6.0": {{
      "Newtonsoft.Json": {{
        "type": "Direct",
        "requested": "[13.0.1, )",
        "resolved": "13.0.1",
        "contentHash": "{SUM}"
      }},
      "System.Memory": {{"type": "Transitive", "resolved": "4.5.0", "dependencies": {{"Other": "9.9.9"}}}},
      "shop.core": {{"type": "Project", "dependencies": {{"Newtonsoft.Json": "13.0.1"}}}}
    }},
    "net48": {{
      "Newtonsoft.Json": {{"type": "Direct", "resolved": "12.0.3-beta1", "contentHash": "{SUM}"}}
    }}
  }}
}}
""".encode()
WANTED = {
    *("pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/Newtonsoft.Json@13.0.1.0"),
    *("pkg:nuget/System.Memory@4.5.0", "pkg:nuget/System.Memory@4.5.0.0", "pkg:nuget/System.Memory@4.5"),
    "pkg:nuget/Newtonsoft.Json@12.0.3-beta1",
}
ASSETS = f"""{{
  "version": 3,
  "targets": {{"net6.0": {{"Newtonsoft.Json/13.0.1": {{"type": "package", "dependencies": {{"Other": "9.9.9"}}}}}}}},
  "libraries": {{
    "Newtonsoft.Json/13.0.1": {{"sha512": "{SUM}", "type": "package", "path": "newtonsoft.json/13.0.1"}},
    "Serilog/2.10.0": {{"sha512": "{SUM}", "type": "package"}},
    "shop.core/1.0.0": {{"type": "project", "path": "../core/core.csproj"}}
  }},
  "project": {{"version": "1.0.0"}}
}}""".encode()


@pytest.mark.parametrize("version", [1, 2])
def test_a_lock_file_of_every_version(version: int) -> None:
    body = BODY.replace(b'"version": 1', b'"version": %d' % version)
    records = names_exactly(NugetLock(), body, "repo/packages.lock.json", WANTED)
    assert {record.event.get("framework") for record in records} == {"net6.0", "net48"}
    _, ledger = look(NugetLock(), body, "repo/packages.lock.json")
    assert covers(ledger) and ledger.host == "repo/"


@pytest.mark.parametrize("version", [2, 3, 4])
def test_what_a_restore_leaves_is_of_the_project_above_obj(version: int) -> None:
    body = ASSETS.replace(b'"version": 3', b'"version": %d' % version)
    wanted = {f"pkg:nuget/Newtonsoft.Json@13.0.1{end}" for end in ("", ".0")}
    wanted |= {f"pkg:nuget/Serilog@{version}" for version in ("2.10.0", "2.10.0.0", "2.10")}
    names_exactly(NugetLock(), body, "repo/shop/obj/project.assets.json", wanted)
    for place, host in (
        ("repo/shop/obj/", "repo/shop/"),
        ("obj/", "./"),
        ("a.zip!obj/", "a.zip!/"),
        ("blobj/", "blobj/"),
    ):
        _, ledger = look(NugetLock(), body, f"{place}project.assets.json")
        assert covers(ledger) and ledger.host == host


def test_it_is_sieved_and_survives_damage() -> None:
    sieves(NugetLock(), BODY, "packages.lock.json", b"System.Memory")
    survives(NugetLock(), BODY, "packages.lock.json", by_lines=False)
    survives(NugetLock(), ASSETS, "project.assets.json", by_lines=False)


def test_no_value_can_be_planted() -> None:
    assert NugetLock().plant(BODY, PLANT) is None


def test_another_version_is_read_and_covers_nothing() -> None:
    records, ledger = look(NugetLock(), BODY.replace(b'"version": 1', b'"version": 9'), "packages.lock.json")
    assert purls(records) == WANTED
    assert not covers(ledger) and "version 9 is not known" in lost(ledger)


def test_what_names_no_version_is_told() -> None:
    _, ledger = look(NugetLock(), BODY.replace(b'"resolved": "4.5.0", ', b""), "packages.lock.json")
    assert not covers(ledger) and "System.Memory names no version" in lost(ledger)
    _, ledger = look(NugetLock(), ASSETS.replace(b"Serilog/2.10.0", b"Serilog"), "project.assets.json")
    assert not covers(ledger) and "/libraries/Serilog names no package and version" in lost(ledger)


def test_it_is_none_of_npm() -> None:
    npm = b'{"name": "x", "version": "1.0.0", "lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0"}}}'
    assert NugetLock().accepts(npm, "package-lock.json") == 0
    assert NugetLock().accepts(b'{"version": "1.0.0", "dependencies": {"a": "^1"}}', "package.json") == 0
