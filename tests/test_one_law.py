"""The one law from end to end: what was not looked at is a value in the result, never silence.

Each test is a short story of an incident in which something stayed unread, and of what the result has to say then.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.errors import UsageError
from nachsorge.model.times import parse_end, parse_instant
from nachsorge.model.words import Reason, Status, Verdict
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

BEGIN = 1_680_000_000
"""2023-03-28T10:40:00Z"""
DOMAIN = "type,value\ndomain,evil.example\n"
HASH = "type,value\nsha256," + "ab" * 32 + "\n"
PC1 = "asset,addresses\npc1,10.0.0.1\n"


def zeek(
    path: str = "dns",
    names: str = "ts id.orig_h query",
    cells: str = "10.0.0.1 a.example",
    hours: range = range(24),
) -> str:
    """Make a Zeek log with one row an hour."""
    header = f"#separator \\x09\n#path\t{path}\n#fields\t" + names.replace(" ", "\t") + "\n"
    return header + "".join(f"{BEGIN + hour * 3600}.0\t" + cells.replace(" ", "\t") + "\n" for hour in hours)


class Desk:
    """One analyst's folder: evidence is laid down by name, then looked at."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.evidence = home / "evidence"
        self.evidence.mkdir()

    def lay(self, name: str, body: str | bytes) -> Path:
        path = self.evidence / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return path

    def look(
        self, listed: str = DOMAIN, *paths: Path | str, inventory: str = "", until: str = "", **more: object
    ) -> Assessment:
        (self.home / "list.csv").write_text(listed, encoding="utf-8")
        (self.home / "hosts.csv").write_text(inventory, encoding="utf-8")
        hosts = load_inventory(self.home / "hosts.csv") if inventory else Inventory()
        if until:
            more |= {"start": parse_instant("2023-03-28T11:00:00Z"), "end": parse_end(until)}
        where = [str(path) for path in paths or (self.evidence,)]
        return sweep([resolve(str(self.home / "list.csv"))], where, hosts, Options(jobs=1, **more))  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def verdicts(assessment: Assessment) -> dict[str, Verdict]:
    return {row.asset.id: row.verdict for row in assessment.assets}


def test_the_baseline_a_whole_log_without_a_hit_rules_out(desk: Desk) -> None:
    desk.lay("dns.log", zeek())
    assessment = desk.look(inventory=PC1)
    assert verdicts(assessment) == {"pc1": Verdict.RULED_OUT} and assessment.summary.exit == 0


@pytest.mark.parametrize("row", ["ja3,0123456789", "domain,not a domain", "sha256,zz", "domain,b.example,c.example"])
def test_an_indicator_that_was_not_understood_was_not_looked_for(desk: Desk, row: str) -> None:
    desk.lay("dns.log", zeek())
    assessment = desk.look(DOMAIN + row + "\n", inventory=PC1)
    assert verdicts(assessment) == {"pc1": Verdict.OPEN} and assessment.summary.exit == 3
    (missing,) = assessment.assets[0].cells[0].unmet
    assert missing.note.startswith("1 rows of the indicator file were not understood")


def test_a_remark_about_a_list_keeps_nothing_open(desk: Desk) -> None:
    desk.lay("dns.log", zeek())
    assessment = desk.look("type,value,colour\ndomain,evil.example,red\ndomain,evil.example,\n", inventory=PC1)
    assert assessment.packs[0].not_understood and assessment.summary.exit == 0


def test_an_archive_without_any_file_in_it_is_evidence_that_was_not_there(desk: Desk) -> None:
    desk.lay("dns.log", zeek())
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("logs/", "")
    desk.lay("collection.zip", held.getvalue())
    assessment = desk.look(inventory=PC1)
    (empty,) = [s.reading for s in assessment.sources if s.reading.path.endswith(".zip")]
    assert (empty.status, empty.reason, assessment.summary.exit) == (Status.UNREAD, Reason.EMPTY, 3)


TRIAGE = ("Windows/System32/config/SYSTEM", "Windows/System32/winevt/Logs/a.txt", "Users/a/NTUSER.DAT")


def test_a_triage_collection_does_not_show_that_a_file_was_absent(desk: Desk) -> None:
    for name in TRIAGE:
        desk.lay(f"PC1/C/{name}", "regf")
    assessment = desk.look(HASH, assets={str(desk.evidence): "pc1"})
    assert verdicts(assessment) == {"pc1": Verdict.OPEN} and assessment.summary.exit == 3
    assert any("a selection of files" in source.reading.note for source in assessment.sources)


def test_a_whole_file_system_does(desk: Desk) -> None:
    for number, name in enumerate((*TRIAGE, *(f"Windows/System32/{number}.dll" for number in range(500)))):
        os.utime(desk.lay(f"PC1/C/{name}", "MZ"), (BEGIN - aged(number),) * 2)
    assessment = desk.look(HASH, assets={str(desk.evidence): "pc1"})
    assert verdicts(assessment) == {"pc1": Verdict.RULED_OUT} and assessment.summary.exit == 0


def aged(number: int) -> int:
    """Give seconds before BEGIN: twenty-five files of one time, the others older, as a host in use has them."""
    return max(number - 25, 0) * 3600


def linux(name: str, *, cut: int = 0) -> bytes:
    """Make a Linux root as tar; `cut` bytes are missing at its end."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        names = [*(f"usr/bin/{number}" for number in range(150)), "etc/hostname", "var/log/x", "opt/last"]
        for number, each in enumerate(names):
            body = f"{name}\n".encode() * 400
            told = tarfile.TarInfo(each)
            told.size, told.mtime = len(body), BEGIN - aged(number)
            archive.addfile(told, io.BytesIO(body))
    return out.getvalue()[: len(out.getvalue()) - cut]


def test_an_archive_cut_short_does_not_show_what_stood_behind_the_cut(desk: Desk) -> None:
    whole = desk.lay("whole.tar", linux("srv1"))
    torn = desk.lay("torn.tar", linux("srv2", cut=9_000))
    assessment = desk.look(HASH, whole, torn)
    assert verdicts(assessment) == {"srv1": Verdict.RULED_OUT, "srv2": Verdict.OPEN}


def test_two_hosts_in_one_collection_are_not_both_the_asset_that_it_was_said_to_be_of(desk: Desk) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for host in ("alpha", "beta"):
            for name in (*(f"usr/bin/{number}" for number in range(150)), "etc/hostname", "var/log/x"):
                archive.writestr(f"{host}/{name}", f"{host}\n")
    collection = desk.lay("two.zip", held.getvalue())
    assessment = desk.look(HASH, collection, inventory="asset\npc1\n", assets={str(collection): "pc1"})
    assert verdicts(assessment)["pc1"] is Verdict.OPEN and {"alpha", "beta"} <= set(verdicts(assessment))


@pytest.mark.parametrize(
    ("path", "names", "cells"),
    [
        ("dns", "ts id.orig_h rcode", "10.0.0.1 0"),
        ("ssl", "ts id.orig_h version", "10.0.0.1 TLSv12"),
        ("http", "ts id.orig_h uri", "10.0.0.1 /x"),
        ("x509", "ts certificate.serial host", "01 10.0.0.1"),
    ],
)
def test_a_log_that_does_not_say_with_whom_covers_no_contact(desk: Desk, path: str, names: str, cells: str) -> None:
    desk.lay(f"{path}.log", zeek(path, names, cells))
    assert desk.look(inventory=PC1).summary.exit == 3
    assert desk.look().summary.exit == 3


@pytest.mark.parametrize(
    "row",
    ["url,https://a.example/evil/path", "user_agent,Evil/1.0", "url_pattern,*/evil/path", "named_object,EvilEvent"],
)
def test_a_log_of_connections_by_name_does_not_show_the_address_behind_the_name(desk: Desk, row: str) -> None:
    line = "{}.000     45 10.0.0.1 TCP_TUNNEL/200 512 CONNECT a.example:443 - HIER_DIRECT/192.0.2.1 -\n"
    desk.lay("access.log", "".join(line.format(BEGIN + hour * 3600) for hour in range(24)))
    assert desk.look(f"type,value\n{row}\n", inventory=PC1).summary.exit == 3


def test_events_without_hashes_do_not_rule_out_a_hash(desk: Desk) -> None:
    pack = desk.home / "list.csv"
    pack.write_text(HASH, encoding="utf-8")
    (need,) = resolve(str(pack)).stages[0].needs
    assert [[each.value for each in option.telemetry] for option in need.any_of] == [["filesystem"]]


def test_two_sensors_in_one_folder_are_two_and_the_one_that_stopped_counts(desk: Desk) -> None:
    desk.lay("all/dns-site-a.log", zeek(cells="10.1.1.1 a.example", hours=range(240)))
    desk.lay("all/dns-site-b.log", zeek(cells="10.9.9.9 a.example"))
    assessment = desk.look(inventory="asset,watched\npc1,dns_query\npc2,dns_query@site-a\n", until="2023-04-05")
    assert verdicts(assessment) == {"pc1": Verdict.OPEN, "pc2": Verdict.RULED_OUT}


@pytest.mark.parametrize(
    "value", ["ev<![CDATA[il.exam]]>ple", "evil<!-- x -->.exam<!-- y -->ple", "ev<?x y?>il.exam<?x y?>ple"]
)
def test_a_value_in_pieces_is_still_the_value(desk: Desk, value: str) -> None:
    desk.lay(
        "events.xml",
        "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Sysmon'/><EventID>22</EventID><TimeCreated"
        " SystemTime='2023-03-29T10:00:00Z'/><Channel>"
        "Microsoft-Windows-Sysmon/Operational</Channel><Computer>pc1</Computer></System>"
        f"<EventData><Data Name='QueryName'>{value}</Data></EventData></Event></Events>",
    )
    assert [(s.asset, s.indicator) for s in desk.look().sightings] == [("pc1", "evil.example")]


def test_a_table_whose_lines_end_in_carriage_returns_is_read_to_its_end(desk: Desk) -> None:
    rows = [
        "time,client_ip,query",
        "2023-03-29T10:00:00Z,10.0.0.1,a.example",
        "2023-03-29T10:01:00Z,10.0.0.1,evil.example",
    ]
    desk.lay("dns.csv", "\r".join(rows) + "\r")
    assessment = desk.look(inventory=PC1)
    assert assessment.sources[0].reading.records == 2
    assert [(s.asset, s.locator) for s in assessment.sightings] == [("pc1", "line 3")]


def test_whose_a_path_is_does_not_hang_on_its_spelling(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lay("dns.log", zeek(cells="10.5.5.5 evil.example"))
    monkeypatch.chdir(desk.evidence)
    once = desk.look(DOMAIN, "dns.log", "./dns.log", str(desk.evidence / "dns.log"), assets={"./dns.log": "pc1"})
    assert len(once.sources) == 1 and {s.asset for s in once.sightings} == {"pc1"} and len(once.sightings) == 24


def test_a_link_to_itself_is_a_missing_file_and_no_crash(desk: Desk) -> None:
    (desk.evidence / "loop").symlink_to("loop")
    assessment = desk.look(DOMAIN, desk.evidence / "loop")
    assert [s.reading.reason for s in assessment.sources] == [Reason.MISSING] and assessment.summary.exit == 3


def test_a_path_is_of_one_asset_only() -> None:
    from nachsorge.cli.check import assets_of

    with pytest.raises(UsageError, match="choose one"):
        assets_of(["pc1=a.log", "pc2=a.log"])


def test_a_stage_for_a_role_that_nobody_was_given_is_told(desk: Desk) -> None:
    log = desk.lay("dns.log", zeek())
    for role, told in (("telephone server", True), ("pbx", False)):
        (desk.home / "hosts.csv").write_text(f"asset,addresses,role,platform\npbx1,10.0.0.1,{role},linux\n")
        hosts = load_inventory(desk.home / "hosts.csv")
        notes = sweep([resolve("3cx-2023")], [str(log)], hosts, Options(jobs=1)).summary.notes
        assert any("no asset has the role pbx: stage served" in note for note in notes) == told


PACK = """id: one
version: 1.0.0
title: {en: x, de: x}
tlp: CLEAR
licence: x
sources:
  - {id: s1, publisher: p, title: t}
stages:
  - id: contacted
    rung: contacted
    title: {en: c, de: c}
    windows:
      - {from: 2023-03-28T12:00:00Z, to: 2023-03-29T00:00:00Z}
    needs:
      - any_of:
          - telemetry: [dns_query]
        settle: {en: x, de: x}
    traces:
      - {id: t, title: t, weight: strong, sources: [s1]}
"""
RULE = """title: a rule
id: 11111111-1111-4111-8111-111111111111
author: me
license: DRL 1.1
logsource: {category: dns_query}
detection:
  s:
    QueryName|WORD: '%evil%'
  condition: s
nachsorge: {trace: t}
"""


@pytest.mark.parametrize(("word", "exit"), [("contains", 0), ("expand", 3)])
def test_a_rule_that_is_not_supported_looked_for_nothing(desk: Desk, word: str, exit: int) -> None:
    pack = desk.home / "one"
    (pack / "rules" / "sigma").mkdir(parents=True)
    (pack / "pack.yaml").write_text(PACK)
    (pack / "README.md").write_text("made up")
    (pack / "indicators.csv").write_text("type,value,trace,first_source\ndomain,evil.example,t,s1\n")
    (pack / "rules" / "sigma" / "a.yml").write_text(RULE.replace("WORD", word))
    log = desk.lay("dns.log", zeek())
    (desk.home / "hosts.csv").write_text(PC1)
    assessment = sweep([resolve(str(pack))], [str(log)], load_inventory(desk.home / "hosts.csv"), Options(jobs=1))
    assert assessment.summary.exit == exit
    notes = [missing.note for missing in assessment.assets[0].cells[0].unmet]
    assert ["is not supported, so nobody looked for it" in note for note in notes] == [True] * (exit == 3)


def test_a_log_that_was_cut_short_does_not_rule_out_by_its_own_span(desk: Desk) -> None:
    whole = gzip.compress(zeek(hours=range(24)).encode() * 1 + "".join(f"#{n}\n" for n in range(20_000)).encode())
    desk.lay("dns.log.gz", whole[: len(whole) - 40])
    assessment = desk.look(inventory=PC1)
    assert verdicts(assessment) == {"pc1": Verdict.OPEN} and assessment.summary.exit == 3


def test_a_silence_that_begins_with_a_loss_is_not_bridged(desk: Desk) -> None:
    """Four hours would be bridged; but the first file is known to have gone on."""
    first, second = zeek(hours=range(8)), zeek(hours=range(12, 24))
    packed = gzip.compress(first.encode() + "".join(f"#{n}\n" for n in range(20_000)).encode())
    desk.lay("dns.2023-03-28.log.gz", packed[: len(packed) - 40])
    desk.lay("dns.2023-03-29.log", second)
    assert verdicts(desk.look(inventory=PC1)) == {"pc1": Verdict.OPEN}


def test_a_log_of_garbage_covers_nothing(desk: Desk) -> None:
    lines = zeek().splitlines(keepends=True)
    header, rows = lines[:3], lines[3:]
    desk.lay("dns.log", "".join([*header, *(row + "garbage\n" * 9 for row in rows)]))
    assessment = desk.look(inventory=PC1, until="2023-03-29T08:00:00Z")
    assert verdicts(assessment) == {"pc1": Verdict.OPEN} and assessment.summary.exit == 3
