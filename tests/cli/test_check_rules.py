"""`check --rules FOLDER`: generic rules beside a pack, from the command to the result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
from typer.testing import CliRunner

from nachsorge.cli import app

SIGMA = """\
title: {title}
id: 00000000-0000-4000-8000-{number:012}
author: A. Nyone
references: [https://rules.example/{number}]
logsource: {source}
detection: {{sel: {detection}, condition: sel}}
"""
YARA = 'rule marker { meta: author = "A. Nyone" reference = "a book" strings: $a = "harmless marker" condition: $a }'
CORRELATION = "title: Many\nid: 00000000-0000-4000-8000-000000000009\ncorrelation: {type: event_count, rules: [a]}\n"


def event(number: int, image: str) -> bytes:
    system = {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
        "EventID": 1,
        "TimeCreated": {"#attributes": {"SystemTime": f"2023-03-2{number}T00:00:00.000000Z"}},
        "EventRecordID": number,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": "pc17",
    }
    return orjson.dumps({"Event": {"System": system, "EventData": {"Image": image}}}) + b"\n"


def rule(number: int, detection: str, source: str = "{category: process_creation, product: windows}") -> str:
    return SIGMA.format(title=f"Rule {number}", number=number, source=source, detection=detection)


def run(folder: Path, **rules: str) -> tuple[int, dict[str, Any]]:
    (folder / "rules").mkdir()
    for name, text in rules.items():
        (folder / "rules" / name.replace("__", ".")).write_text(text)
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / "events.jsonl").write_bytes(event(1, "C:\\evil.exe") + event(2, "C:\\good.exe"))
    (folder / "list.csv").write_text("type,value\ndomain,c2.invalid.example\n")
    words = ["check", str(folder / "list.csv"), str(folder / "evidence"), "--rules", str(folder / "rules")]
    found = CliRunner().invoke(app, [*words, "--json", str(folder / "out.json"), "-q", "--jobs", "1"])
    return found.exit_code, json.loads((folder / "out.json").read_bytes())


def test_a_match_is_a_hint_with_author_and_reference(tmp_path: Path) -> None:
    code, result = run(tmp_path, a__yml=rule(1, "{Image|endswith: evil.exe}"))
    [sighting] = result["sightings"]
    assert (code, sighting["weight"], sighting["asset"]) == (1, "hint", "pc17")
    assert sighting["author"] == "A. Nyone; https://rules.example/1"
    [cell] = [c for asset in result["assets"] for c in asset["cells"] if c["stage"] == "generic-rule"]
    assert cell["standing"] == "suspected"


def test_every_rule_has_an_account(tmp_path: Path) -> None:
    _, result = run(
        tmp_path,
        a__yml=rule(1, "{Image|endswith: evil.exe}"),
        b__yml=rule(2, "{QueryName: x}", "{category: dns_query, product: windows}"),
        c__yml=rule(3, "{A|expand: '%b%'}"),
        d__yml=CORRELATION,
        e__yml="a: [broken",
    )
    accounts = {int(r["id"][-3:]): (r["applicable"], r["matches"], r["note"]) for r in result["rules"]}
    assert accounts[1] == (2, 1, "")
    assert accounts[2] == (0, 0, "not applicable: no record of windows/dns_query")
    assert accounts[3][:2] == (0, 0)
    assert "not supported" in accounts[3][2]
    assert "c.yml:1" in accounts[3][2]
    assert "correlation" in accounts[9][2]
    [pack] = [p for p in result["packs"] if p["id"].startswith("rules:")]
    told = " ".join(pack["not_understood"])
    assert all(place in told for place in ("c.yml:1", "d.yml:1", "e.yml:2"))


def test_quiet_rules_clear_nothing_that_was_not_looked_at(tmp_path: Path) -> None:
    code, result = run(tmp_path, a__yml=rule(1, "{Image|endswith: absent.exe}"), e__yml="a: [broken")
    assert code == 3
    standings = {c["standing"] for asset in result["assets"] for c in asset["cells"] if c["stage"] == "generic-rule"}
    assert standings == {"open"}


def test_yara_looks_into_files_but_not_into_our_own_nor_into_event_logs(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "tool.bin").write_bytes(b"\0\1\2 harmless marker")
    (evidence / "script.txt").write_text("a harmless marker\n")
    (evidence / "copy.yar").write_text(YARA)
    (evidence / "old.json").write_text('{"schema_version": "nachsorge.assessment/1", "x": "harmless marker"}')
    (evidence / "hive").write_bytes(b"regf" + b"\0" * 600 + b"harmless marker")
    code, result = run(tmp_path, a__yar=YARA)
    assert code == 1
    paths = {source["id"]: Path(source["path"]).name for source in result["sources"]}
    assert sorted(paths[s["source"]] for s in result["sightings"]) == ["script.txt", "tool.bin"]
    assert {s["author"] for s in result["sightings"]} == {"A. Nyone; a book"}
    [account] = result["rules"]
    assert (account["applicable"], account["matches"]) == (2, 2)
